"""The signs of a build, wherever they come from → Reading."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct
from msgspec.structs import replace

from parity_tui.drift.values import printable, short_revision
from parity_tui.model import Entry, Fact, Ledger, Reading, Target
from parity_tui.services.app.normalize import LONGEST, is_hash, moment, repository, revision, version

_DERIVED = ("release", "built", "image")
"""facts that follow from the revision: folded under it, which takes values that no one configured"""


_NAMED = ("revision", *_DERIVED, "source")
"""facts that every app has, whether its source names them or not"""


class Signs(Struct, frozen=True):
    """The texts by which a source names a build, as they were found; "" for none."""

    revision: str = ""
    version: str = ""
    built: str = ""
    committed: str = ""
    source: str = ""
    image: str = ""
    started: str = ""
    """since when it runs"""
    deployed: str = ""
    deployed_by: str = ""
    deployers: tuple[tuple[str, str], ...] = ()
    """(revision, user) of each deploy that a log records, the newest last"""
    dirty: str = ""
    """"true" for a build with changes that no commit has"""
    where: str = ""
    """where the signs were found, in words"""
    notes: tuple[str, ...] = ()

    @property
    def known(self) -> bool:
        """Whether they name the build at all."""
        named = (version(self.version), version(self.revision), moment(self.built), is_hash(self.version))
        return bool(revision(self.revision)[0] or any(named))


def parse(signs: Signs, target: Target, *, keep_built: bool = True) -> Reading:
    """Return the reading of a build; without its time, if that changes from request to request.

    >>> reading = parse(Signs("3f786850e387550f", "v1.4.2", "2026-11-23T07:00:00+01:00"), Target("dev", "app", "app"))
    >>> reading.version, reading.facts["revision"].raw, reading.facts["built"].raw
    ('1.4.2', '3f786850e387550f', '2026-11-23T06:00:00Z')
    >>> parse(Signs(version="3f786850e387550f"), Target("dev", "app", "app")).version
    '3f786850e3'
    """
    found, dirty = _revision(signs)
    release = version(signs.version) or ("" if found else version(signs.revision))
    values = {
        "revision": f"{found}-dirty" if dirty else found,
        "release": release,
        "built": moment(signs.built) if keep_built else "",
        "uncommitted changes": "yes" if dirty else "",
        "source": repository(signs.source),
        "image": signs.image[:LONGEST],
        "committed": moment(signs.committed),
        "running since": moment(signs.started),
        "deployed": moment(signs.deployed),
        "deployed by": printable(signs.deployed_by)[:LONGEST],
    }
    notes = signs.notes if keep_built else (*signs.notes, "the build time changes with each request: it is left out")
    hidden = tuple((name, f"{signs.where or 'the source'} does not name it") for name in _NAMED if not values[name])
    facts = _facts(values, signs.where)
    if "deployed by" in facts and signs.deployers:
        facts["deployed by"] = replace(facts["deployed by"], ledger=_record(signs.deployers))
    return Reading("App", release or short_revision(found), facts, hidden, notes, target.address)


def _record(deployers: Iterable[tuple[str, str]]) -> Ledger:
    return Ledger(tuple(Entry(sha, by=printable(user)[:LONGEST]) for sha, user in deployers))


def _revision(signs: Signs) -> tuple[str, bool]:
    """Return the hash that the signs name, by the version where no other names one, and whether it is not clean."""
    found, dirty = revision(signs.revision)
    if not found and is_hash(signs.version):
        found, dirty = revision(signs.version)
    return found, bool(found) and (dirty or signs.dirty.lower() == "true")


def _facts(values: Mapping[str, str], where: str) -> dict[str, Fact]:
    return {
        name: Fact(value, default=True if name in _DERIVED else None, source=where)
        for name, value in values.items()
        if value
    }

"""One reading, or the outcome of one server, as plain JSON data and back; snapshots and the history keep this shape.

The keys are those of `check --format json`, and beside them `facts`: by the name of a setting, the fields of its
:class:`~parity_tui.model.Fact` that are not the default. A decoded reading gives the rows that the original gives.

Readings are redacted before they come here: secrets are fingerprints under the key that
:func:`parity_tui.secrets.key_id` names. A target's password, files and options are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from parity_tui.drift.values import printable
from parity_tui.model import Fact, Failure, Outcome, Reading, Reason, State, Target
from parity_tui.secrets import fingerprint

OTHER_KEY = "hashed with another key"
"""note of a secret whose fingerprint cannot be compared"""
MOST_FACTS = 20_000
"""of one reading; a live one has no more either"""

_MOST_HIDDEN = 5_000
"""globs of one reading"""

_KIND = re.compile(r"[a-z0-9][a-z0-9_-]{0,40}|")
_FINGERPRINT = re.compile(r"[0-9a-f]{16}")
_LAST_PORT = 65_535
_YEARS = (1970, 9999)
"""from, before: timestamps that exist in every time zone"""

_LATEST = datetime(_YEARS[1], 1, 1, tzinfo=UTC).timestamp()

T = TypeVar("T")


class DamagedError(ValueError):
    """Data that is no reading; the message is a phrase for a person, printable."""


class _ReadingData(Struct, frozen=True, omit_defaults=True):
    product: str
    version: str
    package: str = ""
    address: str = ""
    instance: str = ""
    notes: tuple[str, ...] = ()
    hidden: tuple[tuple[str, str], ...] = ()
    facts: dict[str, Fact] = {}


class _TargetData(Struct, frozen=True, omit_defaults=True):
    scheme: str = ""
    host: str = ""
    port: int = 0
    path: str = ""
    user: str = ""
    ssh: str = ""
    options: str = ""
    """fingerprint of the options that are not the default: they are part of a server's identity"""


class _OutcomeData(Struct, frozen=True, omit_defaults=True):
    kind: str
    state: str
    reason: Reason | None = None
    message: str = ""
    since: str = ""
    at: str = ""
    target: _TargetData = _TargetData()


def encode_reading(reading: Reading) -> dict[str, Any]:
    """Return a redacted reading as data for `json.dumps`; facts are sorted by name."""
    facts = dict(sorted(reading.facts.items()))
    data = _ReadingData(
        reading.product, reading.version, reading.package, reading.address, reading.instance,
        reading.notes, reading.hidden, facts,
    )  # fmt: skip
    built: dict[str, Any] = msgspec.to_builtins(data)
    return {**built, "facts": built.get("facts", {})}


def decode_reading(data: Mapping[str, Any]) -> Reading:
    """Return the reading of JSON data. Raises DamagedError.

    >>> reading = Reading("PostgreSQL", "16.14", {"TimeZone": Fact("UTC", source="default")})
    >>> encode_reading(reading)["facts"]
    {'TimeZone': {'raw': 'UTC', 'source': 'default'}}
    >>> decode_reading(encode_reading(reading)) == reading
    True
    """
    found = converted(data, _ReadingData)
    if len(found.facts) > MOST_FACTS:
        raise DamagedError(f"it has more than {MOST_FACTS:,} settings")
    if len(found.hidden) > _MOST_HIDDEN:
        raise DamagedError("it hides more than any server does")
    for name, fact in found.facts.items():
        _check_fact(name, fact)
    return Reading(
        found.product,
        found.version,
        found.facts,
        tuple((glob, printable(why)) for glob, why in found.hidden),
        tuple(map(printable, found.notes)),
        printable(found.address),
        found.instance,
        found.package,
    )


def encode_outcome(outcome: Outcome) -> dict[str, Any]:
    """Return the outcome of one server that has answered or failed as JSON data; times are in UTC.

    Each of several nodes has an outcome of its own.
    """
    target, failure = outcome.target, outcome.failure
    address = {key: value for key, value in _target_data(target).items() if value}
    data: dict[str, Any] = {"state": "failed" if failure else "ok", "kind": target.kind}
    if failure is not None:
        data |= {"reason": failure.reason.value, "message": failure.message}
        data |= {"since": to_text(outcome.failed_since)} if outcome.failed_since else {}
    if outcome.at:
        data["at"] = to_text(outcome.at)
    if address:
        data["target"] = address
    return data | (encode_reading(outcome.reading) if outcome.reading is not None else {})


def decode_outcome(
    data: Mapping[str, Any], environment: str, service: str, node: str = "", *, snapshot: str = "", at: float = 0.0
) -> Outcome:
    """Return the outcome of one server of a target, from the data that :func:`encode_outcome` returned.

    Args:
        data: the keys of the outcome.
        environment: of the target, likewise `service` and `node`.
        service: name of the role.
        node: address of one of several servers, "" for a single one.
        snapshot: the file that the data is from, "" for none.
        at: when the reading was confirmed, where the data does not say so, in seconds since the epoch.

    Raises:
        DamagedError: the data is no outcome.
    """
    found = converted(data, _OutcomeData)
    if not _KIND.fullmatch(found.kind):
        raise DamagedError("its kind is no name of a kind")
    if found.state not in ("ok", "failed") or (found.state == "failed") != (found.reason is not None):
        raise DamagedError("its state is neither ok nor failed with a reason")
    reading = decode_reading(data) if "facts" in data else None
    if found.state == "ok" and reading is None:
        raise DamagedError("it has no facts")
    address = found.target
    if not 0 <= address.port <= _LAST_PORT:
        raise DamagedError("its port is none")
    target = Target(
        environment,
        service,
        found.kind,
        printable(address.scheme),
        printable(address.host),
        address.port,
        printable(address.path),
        printable(address.user),
        options={"": address.options} if address.options else {},
        ssh=printable(address.ssh),
        snapshot=snapshot,
        node=printable(node),
    )
    failure = Failure(found.reason, printable(found.message) or found.reason) if found.reason else None
    confirmed = (to_seconds(found.at) if found.at else at) if reading is not None else 0.0
    return Outcome(target, reading, failure, at=confirmed, failed_since=to_seconds(found.since) if found.since else 0.0)


def _target_data(target: Target) -> dict[str, Any]:
    """Return what identifies a target, without secrets."""
    from parity_tui.secrets.detect import is_secret  # here: its patterns take 6 ms to compile

    options = "\0".join(f"{name}={value}" for name, value in sorted(target.options.items()))
    path = fingerprint(target.path) if is_secret("", target.path) else target.path
    return {
        "scheme": target.scheme,
        "host": target.host,
        "port": target.port,
        "path": path,
        "user": target.user,
        "ssh": target.ssh,
        "options": fingerprint(options) if options else "",
    }


def _check_fact(name: str, fact: Fact) -> None:
    """Raise DamagedError for a fact that no kind makes."""
    if fact.state is State.SECRET and not _FINGERPRINT.fullmatch(fact.raw or ""):
        raise DamagedError(f"{printable(name)[:80]} is a secret without a fingerprint")
    if fact.ledger is not None and not all(0 <= entry.at < _LATEST for entry in fact.ledger.entries):
        raise DamagedError(f"{printable(name)[:80]} has an entry of no known time")
    for part in fact.parts:
        _check_fact(name, part)


def converted(data: object, kind: type[T]) -> T:
    """Return data as a Struct. Raises DamagedError, whose message names the key."""
    try:
        return msgspec.convert(data, kind)
    except RecursionError:
        raise DamagedError("it is nested too deeply") from None
    except UnicodeEncodeError:  # a lone surrogate in a key or an enumeration
        raise DamagedError("a name in it is no text") from None
    except msgspec.ValidationError as error:
        words = printable(str(error))
        raise DamagedError(words.replace("`$.", "`").replace(" - at ", ", at ")[:300]) from None


def with_other_key(outcome: Outcome) -> Outcome:
    """Return an outcome whose secrets are unknown: their fingerprints are of another key than those beside them."""
    if outcome.reading is None:
        return outcome
    facts = {name: _unknown(fact) for name, fact in outcome.reading.facts.items()}
    return replace(outcome, reading=replace(outcome.reading, facts=facts))


def has_secrets(outcomes: Iterable[Outcome]) -> bool:
    """Return whether any of the readings holds a fingerprint."""
    facts = (fact for one in outcomes if one.reading for fact in one.reading.facts.values())
    return any(_is_secret(fact) for fact in facts)


def _is_secret(fact: Fact) -> bool:
    return fact.state is State.SECRET or any(map(_is_secret, fact.parts))


def _unknown(fact: Fact) -> Fact:
    if not _is_secret(fact):
        return fact
    return Fact(state=State.UNKNOWN, source=fact.source, description=fact.description, note=OTHER_KEY)


def to_text(at: float) -> str:
    """Return seconds since the epoch as a time in UTC, to the millisecond.

    >>> to_text(1764297600.25)
    '2025-11-28T02:40:00.250Z'
    """
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def to_seconds(text: str) -> float:
    """Return a time as seconds since the epoch. Raises DamagedError.

    >>> to_seconds("2025-11-28T02:40:00.250Z")
    1764297600.25
    """
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None or not _YEARS[0] <= at.year < _YEARS[1]:
        raise DamagedError(f'"{printable(text)[:40]}" is no time in UTC')
    return at.timestamp()

"""The kinds of service: one file each, found by its name; a plug-in by an entry point of the same shape."""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections.abc import Sequence
from functools import cache, lru_cache
from pathlib import Path

from msgspec.structs import replace

from parity_tui.drift.row import Row
from parity_tui.drift.table import EVERYWHERE
from parity_tui.model import Fact, Reading, Service, Setting, State, ValueType
from parity_tui.reach.command import WAYS
from parity_tui.secret import fingerprint, is_secret

GROUP = "parity_tui.services"


@cache
def kinds() -> dict[str, Service]:
    """Return every kind by its name. Imports no driver: those are imported where a kind connects."""
    found = {
        module.name: importlib.import_module(f"{__name__}.{module.name}").SERVICE
        for module in pkgutil.iter_modules(__path__)
    }
    if _plugins_may_be_there():
        from importlib.metadata import entry_points

        for plugin in entry_points(group=GROUP):
            found.setdefault(plugin.name, plugin.load())
    return dict(sorted(found.items()))


def _plugins_may_be_there() -> bool:
    """Tell whether an installed package names our group: importlib.metadata takes 13 ms, and few have a plug-in."""
    folders = [Path(entry) for entry in sys.path]
    if any(folder.is_file() for folder in folders):  # an archive: its packages are not to be seen from here
        return True
    files = (file for folder in folders for file in folder.glob("*-info/entry_points.txt"))
    return any(GROUP in file.read_text("utf-8", "replace") for file in files)


@cache
def schemes() -> dict[str, str]:
    """Return the kind of every URL scheme."""
    return {scheme: kind for kind, service in kinds().items() for scheme in schemes_of(kind, service)}


def schemes_of(kind: str, service: Service) -> tuple[str, ...]:
    """Return the schemes of one kind, those that are read with commands too."""
    return (*service.schemes, *(f"{kind}+{way}" for way in WAYS if service.commands))


def tables() -> dict[str, tuple[Setting, ...]]:
    """Return the table of settings of every kind."""
    return {kind: service.settings for kind, service in kinds().items()}


def alignment(row: Row, environments: Sequence[str], index: int) -> str:
    """Return the text that would bring an odd environment's value to that of the others, "" where there is none.

    It is for a person to read and copy; nobody here runs it.
    """
    align = kinds()[row.kind].align
    if align is None or environments[index] not in row.odd or row.setting in EVERYWHERE:
        return ""
    wanted = _wanted(row, environments)
    return align(row.setting, wanted.raw or "", row.cells[index]) if wanted else ""


def _wanted(row: Row, environments: Sequence[str]) -> Fact | None:
    """Return the value of those that are not odd, None where it is not known or must not be written down."""
    for environment, fact in zip(environments, row.cells, strict=True):
        if environment not in row.odd and (fact.state is State.VALUE or (fact.state is State.ABSENT and not fact.note)):
            return fact
    return None


def conceal(reading: Reading, service: Service) -> Reading:
    """Replace every secret among the facts by its fingerprint, before anything else sees the reading."""
    marked = {row.name for row in service.settings if row.type is ValueType.SECRET}
    secrets = {
        name: _concealed(fact)
        for name, fact in reading.facts.items()
        if fact.raw and fact.state is State.VALUE and (name in marked or _is_secret(name, fact.raw))
    }
    return replace(reading, facts={**reading.facts, **secrets}) if secrets else reading


def _is_secret(name: str, text: str) -> bool:
    """Tell what is_secret tells; a name is looked at once, as every refresh brings the same ones."""
    return _is_secret_name(name) or ("://" in text and is_secret(name, text))


@lru_cache(maxsize=20_000)
def _is_secret_name(name: str) -> bool:
    """Tell whether a setting of this name holds a secret whatever its value."""
    return is_secret(name, "any")


def _concealed(fact: Fact) -> Fact:
    """Return the fact with a fingerprint for its value."""
    return Fact(
        raw=fingerprint(fact.raw or ""),
        state=State.SECRET,
        default=fact.default,
        source=fact.source,
        description=fact.description,
    )

"""The kinds of service: one file each, found by its name; a plug-in by an entry point of the same shape."""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from parity_tui.drift.row import Row
from parity_tui.drift.rules import COMMON_RULES, NO_KIND
from parity_tui.model import Fact, Reading, Service, State, ValueType
from parity_tui.secrets import fingerprint, is_secret, redact
from parity_tui.transport.command import WAYS

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "parity_tui.services"


class Kinds(Mapping[str, Service]):
    """Every kind by its name; each is imported when it is first asked for, and no driver with it."""

    def __init__(self) -> None:
        self._here = {
            module.name: module for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_")
        }
        self._brought = {name: plugin for name, plugin in _plugins().items() if name not in self._here}
        self._names = sorted((*self._here, *self._brought))
        self._found: dict[str, Service] = {}

    def __getitem__(self, kind: str) -> Service:
        """Return a kind."""
        if kind not in self._found:
            self._found[kind] = self._load(kind)
        return self._found[kind]

    def __iter__(self) -> Iterator[str]:
        """Return the names in their order."""
        return iter(self._names)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._names)

    def _load(self, kind: str) -> Service:
        """Import a kind."""
        service: Service
        if kind in self._here:
            service = importlib.import_module(f"{__name__}.{kind}").SERVICE
            return service
        try:
            service = self._brought[kind].load()
        except Exception as error:  # a plug-in may do anything; what it brings is not there then, and all else is
            return replace(NO_KIND, title=f"cannot be loaded: {type(error).__name__}: {redact(str(error))}")
        return service

    def for_scheme(self, scheme: str) -> Iterator[str]:
        """Yield all of them, those first that are named like a scheme; plug-ins last."""
        return iter(sorted(self._names, key=lambda kind: (kind in self._brought, not scheme.startswith(kind))))


class Schemes(Mapping[str, str]):
    """The kind of every URL scheme; kinds are imported until the one that has it is found."""

    def __init__(self, kinds: Kinds) -> None:
        self._kinds = kinds
        self._found: dict[str, str] = {}

    def __getitem__(self, scheme: str) -> str:
        """Return the kind of a scheme."""
        if scheme not in self._found:
            for kind in self._kinds.for_scheme(scheme):
                if scheme in schemes_of(kind, self._kinds[kind]):
                    self._found[scheme] = kind
                    break
        return self._found[scheme]

    def __iter__(self) -> Iterator[str]:
        """Return all of them, by their kinds."""
        return (scheme for kind, service in self._kinds.items() for scheme in schemes_of(kind, service))

    def __len__(self) -> int:
        """Return how many there are."""
        return sum(1 for _ in self)


@cache
def kinds() -> Kinds:
    """Return every kind by its name."""
    return Kinds()


@cache
def schemes() -> Schemes:
    """Return the kind of every URL scheme."""
    return Schemes(kinds())


def _plugins() -> dict[str, EntryPoint]:
    """Return the kinds that other packages bring."""
    if not _plugins_may_be_there():
        return {}
    from importlib.metadata import entry_points

    return {plugin.name: plugin for plugin in reversed(entry_points(group=GROUP))}  # the first of a name counts


def _plugins_may_be_there() -> bool:
    """Tell whether an installed package names our group: importlib.metadata takes 13 ms, and few have a plug-in."""
    folders = [Path(entry) for entry in sys.path]
    if any(folder.is_file() for folder in folders):  # an archive: its packages are not to be seen from here
        return True
    files = (file for folder in folders for file in folder.glob("*-info/entry_points.txt"))
    return any(GROUP in _text(file) for file in files)


def _text(file: Path) -> str:
    """Return what is in a file, nothing where we may not read it: then nobody else here may load it either."""
    try:
        return file.read_text("utf-8", "replace")
    except OSError:
        return ""


def schemes_of(kind: str, service: Service) -> tuple[str, ...]:
    """Return the schemes of one kind, those that are read with commands too."""
    return (*service.schemes, *(f"{kind}+{way}" for way in WAYS if service.commands))


def remediation(row: Row, environments: Sequence[str], index: int) -> str:
    """Return the text that would bring an odd environment's value to that of the others, "" where there is none.

    It is for a person to read and copy; nobody here runs it.
    """
    align = kinds()[row.kind].remediate
    if align is None or environments[index] not in row.odd or row.setting in COMMON_RULES:
        return ""
    wanted = _wanted(row, environments)
    return align(row.setting, wanted.raw or "", row.cells[index]) if wanted else ""


def _wanted(row: Row, environments: Sequence[str]) -> Fact | None:
    """Return the value of those that are not odd, None where it is not known or must not be written down."""
    for environment, fact in zip(environments, row.cells, strict=True):
        if environment not in row.odd and (fact.state is State.VALUE or (fact.state is State.ABSENT and not fact.note)):
            return fact
    return None


def redact_reading(reading: Reading, service: Service) -> Reading:
    """Replace every secret among the facts by its fingerprint, before anything else sees the reading."""
    marked = {row.name for row in service.rules if row.type is ValueType.SECRET}
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

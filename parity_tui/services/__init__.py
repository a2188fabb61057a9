"""The registry of the kinds of service: a module of this package each, or a plug-in's entry point.

The module's name is the kind. A plug-in exports a :class:`~parity_tui.model.Service` as an entry point of the group
``parity_tui.services``; the entry point's name is the kind.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from parity_tui.model import Fact, Reading, Service, State
from parity_tui.transport.command import WAYS
from parity_tui.transport.foreign import foreign
from parity_tui.transport.sniff import identify_protocol
from parity_tui.transport.user_files import read_file

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from parity_tui.drift.row import Row

_LARGEST_METADATA = 1024 * 1024
"""bytes of the entry points of a package"""
GROUP = "parity_tui.services"
_CLAIMABLE = ("http", "https")
"""schemes of URLs that another kind may claim; only for them every kind is imported"""


class Kinds(Mapping[str, Service]):
    """Every kind by name; each is imported at its first lookup, without its driver."""

    def __init__(self) -> None:
        self._built_in = frozenset(name for name in _modules() if not name.startswith("_"))
        self._plugins = {name: plugin for name, plugin in _plugins().items() if name not in self._built_in}
        self._names = sorted((*self._built_in, *self._plugins))
        self._services: dict[str, Service] = {}

    def __getitem__(self, kind: str) -> Service:
        if kind not in self._services:
            self._services[kind] = self._load(kind)
        return self._services[kind]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def _load(self, kind: str) -> Service:
        service: Service
        if kind in self._built_in:
            service = importlib.import_module(f"{__name__}.{kind}").SERVICE
            return service
        plugin = self._plugins[kind]
        try:
            service = plugin.load()
            if not isinstance(service, Service):
                raise TypeError(f"the entry point is {type(service).__name__}, not a Service")
        except Exception as error:  # a plug-in may raise anything; only its own kind is lost
            from parity_tui.drift.rules import NO_KIND

            return replace(NO_KIND, title=f"cannot be loaded: {type(error).__name__}: {foreign(error)}")
        return service

    def search_order(self, scheme: str = "") -> Iterator[str]:
        """Yield all names: those that begin the scheme, those whose source names it, the others, plug-ins last."""
        built_in = sorted(self._built_in)
        named = [kind for kind in built_in if scheme.startswith(kind)]
        yield from named
        likely = [kind for kind in built_in if scheme and kind not in named and f'"{scheme}"' in _source(kind)]
        yield from likely
        yield from (kind for kind in built_in if kind not in named and kind not in likely)
        yield from sorted(self._plugins)


def _modules() -> Iterator[str]:
    """Yield the names of the modules of this package; pkgutil would import 5 ms of inspect for them."""
    for file in os.listdir(__path__[0]):
        if file.endswith(".py") or "." not in file:
            yield file.removesuffix(".py")


@cache
def _source(kind: str) -> str:
    """Return the source of a built-in kind: importing it takes much longer than reading it."""
    folder = Path(__path__[0])
    file = folder / f"{kind}.py"
    return _readable_text(file if file.is_file() else folder / kind / "__init__.py")


class Schemes(Mapping[str, str]):
    """URL scheme or alias of one -> kind; kinds are imported until the scheme is found."""

    def __init__(self, kinds: Kinds) -> None:
        self._kinds = kinds
        self._found: dict[str, str] = {}

    def __getitem__(self, scheme: str) -> str:
        if scheme not in self._found:
            for kind in self._kinds.search_order(scheme):
                if scheme in schemes_of(kind, self._kinds[kind]):
                    self._found[scheme] = kind
                    break
        return self._found[scheme]

    def __iter__(self) -> Iterator[str]:
        return (scheme for kind, service in self._kinds.items() for scheme in schemes_of(kind, service))

    def __len__(self) -> int:
        return sum(1 for _ in self)


@cache
def kinds() -> Kinds:
    """Return every kind by name."""
    return Kinds()


@cache
def schemes() -> Schemes:
    """Return the kind of every URL scheme."""
    return Schemes(kinds())


def schemes_of(kind: str, service: Service) -> tuple[str, ...]:
    """Return the schemes of one kind: its own, their aliases, and those that run commands (KIND+ssh)."""
    return (*service.schemes, *service.scheme_aliases, *(f"{kind}+{way}" for way in WAYS if service.commands))


def canonical_scheme(scheme: str) -> str:
    """Return the scheme that an alias stands for; any other scheme unchanged. Raises KeyError if no kind has it."""
    return kinds()[schemes()[scheme]].scheme_aliases.get(scheme, scheme)


def claimed_scheme(scheme: str, service: str, path: str) -> str:
    """Return the scheme that a URL of parity.toml means: that of the kind which claims it, else its own.

    >>> claimed_scheme("https", "web", "/__version__"), claimed_scheme("https", "web", "/")
    ('app+https', 'https')
    """
    if scheme not in _CLAIMABLE:
        return scheme
    claims = (kinds()[kind].claims for kind in kinds())
    return next(filter(None, (claim(scheme, service, path) for claim in claims if claim)), scheme)


def identify(first: bytes) -> str:
    r"""Return the protocol that a peer's first bytes belong to ("TLS", "Redis"), "" if no kind recognizes them.

    >>> identify(b"\x15\x03\x03\0\x02"), identify(b"?!")
    ('TLS', '')
    """
    if protocol := identify_protocol(first):
        return protocol
    services = (kinds()[kind] for kind in kinds().search_order())
    return next(filter(None, (service.identify(first) for service in services if service.identify)), "")


def _plugins() -> dict[str, EntryPoint]:
    if not _plugins_installed():
        return {}
    from importlib.metadata import entry_points

    return {plugin.name: plugin for plugin in reversed(tuple(entry_points(group=GROUP)))}  # the first of a name counts


def _plugins_installed() -> bool:
    """Return whether an installed package names our group; without one, the 13 ms of importlib.metadata are saved."""
    folders = [entry or os.curdir for entry in sys.path]
    if any(
        os.path.isfile(folder) for folder in folders
    ):  # packages within an archive are invisible to the search below
        return True
    return any(GROUP in _readable_text(file) for folder in folders for file in _entry_points_files(folder))


def _entry_points_files(folder: str) -> list[str]:
    """Return the paths at which the installed packages of a folder would list their entry points."""
    try:
        names = os.listdir(folder)
    except OSError:
        return []
    return [os.path.join(folder, name, "entry_points.txt") for name in names if name.endswith("-info")]


def _readable_text(file: str | Path) -> str:
    try:
        return read_file(file, _LARGEST_METADATA).decode("utf-8", "replace")
    except OSError:  # a package that this user may not read cannot be loaded either
        return ""


def remediation(row: Row, environments: Sequence[str], index: int) -> str:
    """Return the command that would align an outlying environment's value with the others, "" if none is known.

    It is for a person to read and copy; the program never runs it.
    """
    from parity_tui.drift.rules import COMMON_RULES  # here: to begin to connect takes no rules

    service = kinds().get(row.kind)  # a snapshot may be of a plug-in's kind
    remediate = service.remediate if service else None
    # Only the app's own tool migrates a database.
    made = row.summarizes or row.setting in COMMON_RULES or row.rule.compare is not None
    if remediate is None or made or environments[index] not in row.odd:
        return ""
    wanted = _wanted(row, environments)
    try:
        return remediate(row.setting, wanted.raw or "", row.cells[index]) if wanted else ""
    except UnicodeEncodeError:  # text of a snapshot that no server could have sent
        return ""


def _wanted(row: Row, environments: Sequence[str]) -> Fact | None:
    """Return the value of the other environments, None if it is unknown or secret."""
    for environment, fact in zip(environments, row.cells, strict=True):
        if environment not in row.odd and (fact.state is State.VALUE or (fact.state is State.ABSENT and not fact.note)):
            return fact
    return None


def redact_reading(reading: Reading, service: Service) -> Reading:
    """Return the reading with a fingerprint in place of every secret, and ••• for one within the name of a fact."""
    from parity_tui.services import _redaction  # here: no start waits for the 6 ms that its patterns take to compile

    return _redaction.redact_reading(reading, service)

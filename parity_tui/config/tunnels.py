"""The tunnel programs of one environment: its own, and those of its services, which take precedence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from parity_tui.config.errors import InvalidValue, UnsetVariable, similar
from parity_tui.config.targets.this_machine import misplaced_kind, with_file_note
from parity_tui.config.toml_document import KeyPath, TomlDocument, dotted
from parity_tui.config.trust import consent
from parity_tui.config.variables import expand
from parity_tui.model import Failure, Reason, Target, Tunnel
from parity_tui.secrets import register_secret, secrets_of
from parity_tui.secrets.detect import is_secret_name
from parity_tui.transport.command import way_of
from parity_tui.transport.tunnel.placeholders import LOCAL, TARGET, doubled, leads_to, names

_REACHABLE = "other users of this machine can reach the tunnel's port; {socket} in place of {port} would be private"


class _Doubled(Mapping[str, str]):
    """The variables, their braces doubled, so that no value holds a placeholder; remembers those in use."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def __getitem__(self, name: str) -> str:
        value = self._environ[name]
        if is_secret_name(name):  # the program may print its words
            register_secret(value)
        return doubled(value)

    def __iter__(self) -> Iterator[str]:
        return iter(self._environ)

    def __len__(self) -> int:
        return len(self._environ)


def parse(argv: Sequence[str], environ: Mapping[str, str], folder: Path) -> Tunnel:
    """Return the program of a list of words. Raises InvalidValue, UnsetVariable.

    >>> parse(["socat", "UNIX-LISTEN:{socket}", "TCP:${BACK:-{host}}:5432"], {}, Path("/shop")).argv
    ('socat', 'UNIX-LISTEN:{socket}', 'TCP:{host}:5432')
    """
    words = tuple(expand(word, _Doubled(environ)) for word in argv)
    used = [name for word in words for name in names(word)]
    for name in used:
        if name not in (*LOCAL, *TARGET):
            raise InvalidValue(_unknown(name))
    if not words[0]:
        raise InvalidValue("names no program")
    if any("\0" in word for word in words):
        raise InvalidValue("holds a null character")
    if any(names(words[0])):
        raise InvalidValue("names its program by a placeholder")
    if len(found := set(LOCAL).intersection(used)) != 1:
        raise InvalidValue(
            "must have either {port} or {socket} in its words"
            + (", not both" if found else "; the program listens there")
        )
    return Tunnel(words, str(folder))


def _unknown(name: str) -> str:
    if name in ("{", "}"):
        return f'has a single "{name}": write {name * 2} for the sign itself'
    known = ", ".join(f"{{{each}}}" for each in (*LOCAL, *TARGET))
    if not name.isidentifier():  # perhaps JSON, and perhaps with a secret in it
        return f"has an unknown placeholder; known: {known}; a brace itself is written {{{{ or }}}}"
    close = similar(name, (*LOCAL, *TARGET))
    return f"has an unknown placeholder {{{name}}}; " + (f"did you mean {{{close}}}?" if close else f"known: {known}")


class Tunnels:
    """Leads the targets of one environment through its tunnels; reports problems to the document."""

    def __init__(
        self,
        document: TomlDocument,
        environment: str,
        argv: Sequence[str],
        entries: Mapping[str, Any],
        environ: Mapping[str, str],
        folder: Path,
    ) -> None:
        self._document = document
        self._path: KeyPath = ("environments", environment)
        self._environment = environment
        self._argv = argv
        self._entries = entries
        self._environ, self._folder = environ, folder
        self._parsed: dict[KeyPath, Tunnel | Failure | None] = {}
        self._noted: set[Tunnel] = set()

    def applied(self, targets: Iterable[Target]) -> tuple[Target, ...]:
        """Return the targets, each with the tunnel that leads to it."""
        result = tuple(self._applied(target) for target in targets)
        self._check_ends(result)
        return result

    def _applied(self, target: Target) -> Target:
        entry = self._entries.get(target.service)
        own = entry.get("tunnel") if isinstance(entry, dict) else None
        argv: Sequence[str] = self._argv if own is None else own
        if not argv or not target.kind:
            return target
        role: KeyPath = (*self._path, "services", target.service)
        path = (*role, "tunnel") if own is not None else (*self._path, "tunnel")
        if kind := misplaced_kind(target):
            self._report_misplaced(role, path, target, kind, own is not None)
            return target
        if not target.host or way_of(target):
            if own is not None and not target.problem:
                self._document.report(path, f"{dotted(path)} has no effect: {_why_none(target)}")
            return with_file_note(target, "the far end of its tunnel")
        return self._led(target, self._parse(path, argv), argv if own is None else ())

    def _report_misplaced(self, role: KeyPath, path: KeyPath, target: Target, kind: str, own: bool) -> None:
        means = f"{target.scheme}:// means {kind} of this machine, where no tunnel leads"
        if own:
            self._document.report(path, f"{dotted(path)} has no effect: {means}")
        else:
            self._document.report(role, f"{dotted(role)}: {means}; if it is meant, write tunnel = [] beside the URL")

    def _parse(self, path: KeyPath, argv: Sequence[str]) -> Tunnel | Failure | None:
        """Return the program, the failure of an unset variable, or None after a reported problem."""
        if path not in self._parsed:
            self._parsed[path] = None
            try:
                with secrets_of(self._environment):
                    self._parsed[path] = parse(argv, self._environ, self._folder)
            except UnsetVariable as unset:
                self._parsed[path] = Failure(Reason.CONFIG, str(unset))
            except InvalidValue as invalid:
                self._document.report(path, f"{dotted(path)} {invalid.message}")
        return self._parsed[path]

    def _led(self, target: Target, tunnel: Tunnel | Failure | None, shared: Sequence[str]) -> Target:
        """Return a target led through a tunnel; ``shared`` are its words where the environment has it."""
        if not isinstance(tunnel, Tunnel):
            return replace(target, problem=target.problem or tunnel)
        needed = (consent.of_tunnel(shared),) if shared else ()
        notes = (_REACHABLE,) if _has_port(tunnel) and tunnel not in self._noted else ()
        self._noted.add(tunnel)
        return replace(target, tunnel=tunnel, consent=(*target.consent, *needed), notes=(*target.notes, *notes))

    def _check_ends(self, targets: Sequence[Target]) -> None:
        """Report a program that would lead targets at different addresses to one server."""
        ends: dict[tuple[str, ...], Target] = {}
        for target in targets:
            if target.tunnel is None:
                continue
            first = ends.setdefault(leads_to(target.tunnel, target.host, target.port), target)
            if (first.host, first.port) != (target.host, target.port):
                path = (*self._path, "services", target.service)
                both = f"its tunnel leads to one server, but {first.address} and {target.address} are two"
                remedy = "write {host} and {target_port} in it, or give each service its own"
                self._document.report(path, f"{dotted(path)}: {both}: {remedy}")


def _has_port(tunnel: Tunnel) -> bool:
    return any("port" in names(word) for word in tunnel.argv)


def _why_none(target: Target) -> str:
    if way_of(target) == "ssh":
        return "+ssh logs in by itself"
    return f"{target.scheme}:// connects to no host"

"""parity.toml: its tables one after the other, each problem kept until all are known."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from parity_tui import services
from parity_tui.config.address import has_password, scheme_of
from parity_tui.config.config import INTERVAL, TIMEOUT, Config, coloured, in_order
from parity_tui.config.decode import decode_table
from parity_tui.config.duration import duration
from parity_tui.config.errors import InvalidValue, UnsetVariable, nearest
from parity_tui.config.password import PasswordSource
from parity_tui.config.targets import EntryContext, ServiceEntry, as_nodes, build
from parity_tui.config.toml_document import KeyPath, TomlDocument, dotted
from parity_tui.config.variables import expand, expand_all, outline
from parity_tui.drift.policy import Expectation, matches
from parity_tui.model import Failure, Reason, Severity, Target

NAME = re.compile(r"\w(?:[\w .-]{0,60}\w)?")
NAMING = "a name is letters and digits, with - . _ and blanks within"
_ALIAS = re.compile(r"(?!-)(ssh://[\w.@%-]*(\[[\w.:%]+\])?(:\d+)?|[\w.@%-]+)")


class _File(Struct):
    """The whole file."""

    baseline: str = ""
    interval: float | str = INTERVAL
    timeout: float | str = TIMEOUT
    environments: dict[str, Any] = field(default_factory=dict)
    expect: list[Any] = field(default_factory=list)
    severity: dict[str, Any] = field(default_factory=dict)


class _Environment(Struct):
    """One [environments.NAME]."""

    services: dict[str, Any] = field(default_factory=dict)
    color: str = ""
    ssh: str = ""


class _Expect(Struct):
    """One [[expect]]."""

    service: str
    setting: str
    reason: str
    environments: list[str] = field(default_factory=list)
    values: dict[str, str] = field(default_factory=dict)
    owner: str = ""
    until: date | None = None


def read(text: str, name: str, environ: Mapping[str, str], folder: Path) -> tuple[Config, bool]:
    """Return what a file says, and whether it holds a password itself. Raises ConfigError."""
    reader = _Reader(TomlDocument(name, text), environ, folder)
    config = reader.config()
    reader.source.check()
    assert config is not None  # noqa: S101 - where it is None there was something to complain of
    return config, reader.holds_password


class _Reader:
    """Reads one file; what is wrong goes to the source, so that all of it is said at once."""

    def __init__(self, source: TomlDocument, environ: Mapping[str, str], folder: Path) -> None:
        self.source = source
        self.environ = environ
        self.folder = folder
        self.commands: dict[tuple[str, ...], PasswordSource] = {}
        self.holds_password = False

    def config(self) -> Config | None:
        """Return everything; None where something is wrong."""
        file = decode_table(self.source, (), self.source.data, _File)
        if file is None:
            return None
        written = [(name, self._environment(name, table)) for name, table in file.environments.items()]
        if not written:
            self.source.complain((), "there is no [environments.NAME] with services: nothing to look at")
        targets = tuple(
            target
            for name, (_, ssh, roles) in written
            for target in self._reached(name, ssh, self._targets(name, roles))
        )
        names = [name for name, _ in written]
        roles = tuple(dict.fromkeys(role for _, (*_, entries) in written for role in entries))
        baseline = self._text(("baseline",), file.baseline)
        if baseline and baseline not in names:
            self.source.complain(("baseline",), f"baseline: no environment has this name{nearest(baseline, names)}")
        return Config(
            name=self.source.name,
            environments=coloured([(name, colour) for name, (colour, *_) in written]),
            services=in_order(targets),
            targets=targets,
            baseline=baseline,
            interval=self._duration("interval", file.interval),
            timeout=self._duration("timeout", file.timeout),
            expectations=tuple(self._expectations(file.expect, names, roles)),
            severities=tuple(self._severities(file.severity)),
        )

    def _environment(self, name: str, table: Any) -> tuple[str, str, dict[str, Any]]:
        """Return the colour, the host by way of which it is reached, and the services of an environment."""
        path = ("environments", name)
        self._check_name(path, name)
        deploy = decode_table(self.source, path, table, _Environment)
        if deploy is None:  # said already; what its services say is looked at all the same
            entries = table.get("services") if isinstance(table, dict) else None
            return "", "", entries if isinstance(entries, dict) else {}
        if not deploy.services:
            self.source.complain(path, f"{dotted(path)} has no services")
        return self._text((*path, "color"), deploy.color), deploy.ssh, deploy.services

    def _reached(self, environment: str, ssh: str, targets: Iterable[Target]) -> Iterator[Target]:
        """Return the targets of an environment as reached by way of a host; where that is a variable which is not
        set they fail alone.
        """
        path, problem = ("environments", environment, "ssh"), None
        try:
            ssh = expand(ssh, self.environ)
        except UnsetVariable as missing:
            problem = Failure(Reason.CONFIG, str(missing))
        except InvalidValue as wrong:
            self.source.complain(path, f"{dotted(path)} {wrong.message}")
        else:
            if ssh and not _ALIAS.fullmatch(ssh):
                self.source.complain(
                    path, f"{dotted(path)} must be a host as ssh takes it: bastion, ann@bastion, ssh://bastion:2222"
                )
        for target in targets:
            yield replace(target, ssh=ssh, problem=target.problem or problem) if target.host and ssh else target

    def _targets(self, environment: str, entries: Mapping[str, Any]) -> Iterator[Target]:
        """Return the targets of an environment."""
        for role, value in entries.items():
            path = ("environments", environment, "services", role)
            self._check_name(path, role)
            table = {"url": value} if isinstance(value, str) else value
            place = EntryContext(environment, role, self.folder, self.environ, self.commands)
            if isinstance(table, dict) and "urls" in table:
                yield from self._nodes(place, path, table)
            elif target := self._target(place, path, table):
                yield target

    def _nodes(self, place: EntryContext, path: KeyPath, table: dict[str, Any]) -> tuple[Target, ...]:
        """Return a target for each node of a service that several servers fill together."""
        urls, at = table["urls"], (*path, "urls")
        if "url" in table:
            self.source.complain(at, f'{dotted(path)} has "url" and "urls": keep one of them')
        elif not isinstance(urls, list) or not urls or not all(isinstance(url, str) for url in urls):
            self.source.complain(at, f"{dotted(at)} must be a list of URLs in quotes, one for each node")
        else:
            rest = {key: value for key, value in table.items() if key != "urls"}
            found = [self._target(place, path, {**rest, "url": url}, (*at, i)) for i, url in enumerate(urls)]
            try:
                return as_nodes([target for target in found if target])
            except InvalidValue as wrong:
                self.source.complain(at, f"{dotted(at)}: {wrong.message}")
        return ()

    def _target(self, place: EntryContext, path: KeyPath, table: Any, where: KeyPath = ()) -> Target | None:
        """Return one target, with what is missing as its problem; None where it cannot be understood.

        ``where`` are the keys of its URL, if not those of "url".
        """
        url = table.get("url") if isinstance(table, dict) else None
        scheme = scheme_of(outline(url, self.environ)) if isinstance(url, str) else ""
        kind = services.schemes().get(scheme, "")
        known = [services.kinds()[kind]] if kind else services.kinds().values()
        own = {name for service in known for name in service.options} - set(ServiceEntry.__struct_fields__)
        entry = decode_table(self.source, path, table, ServiceEntry, also=[*sorted(own), "urls"])
        if entry is None:
            return None
        self._notice_password(table)
        try:
            filled = expand_all(table, self.environ)
            entry = ServiceEntry(**{key: value for key, value in filled.items() if key not in own})
            return build(place, entry, self._options(path, filled, own))
        except UnsetVariable as missing:
            return Target(place.environment, place.service, kind, scheme, problem=Failure(Reason.CONFIG, str(missing)))
        except InvalidValue as wrong:
            at = (*path, wrong.key) if wrong.key else where or (*path, "url")
            self.source.complain(at, f"{dotted(path if wrong.key else where or path)}: {wrong.message}")
            return None

    def _options(self, path: KeyPath, table: Mapping[str, Any], own: Iterable[str]) -> dict[str, str]:
        """Return the keys that belong to the kind alone."""
        options = {name: table[name] for name in own if name in table}
        for name, value in options.items():
            if not isinstance(value, str):
                raise InvalidValue(f'"{name}" must be a text in quotes', name)
        return options

    def _notice_password(self, table: Mapping[str, Any]) -> None:
        """Notice a password that stands in the file itself."""
        texts = {key: outline(value, {}) for key, value in table.items() if isinstance(value, str)}
        self.holds_password |= bool(texts.get("password")) or any(map(has_password, texts.values()))

    def _expectations(self, entries: list[Any], names: list[str], roles: Iterable[str]) -> Iterator[Expectation]:
        """Return the drift that is meant to be."""
        for at, table in enumerate(entries):
            path = ("expect", at)
            filled = self._expanded(path, table) if decode_table(self.source, path, table, _Expect) else None
            if filled:
                self._check_expectation(path, filled, names, roles)
                yield Expectation(**{**filled, "environments": tuple(filled.get("environments", ()))})

    def _check_expectation(
        self, path: KeyPath, expect: Mapping[str, Any], names: list[str], roles: Iterable[str]
    ) -> None:
        """Complain of what is empty and of what there is not."""
        for key in ("service", "setting", "reason"):
            if not expect[key].strip():
                self.source.complain((*path, key), f"{dotted((*path, key))} is empty")
        if not any(matches(expect["service"], role) for role in roles):
            self._no_such(path, "service", "service", expect["service"], roles)
        for key in ("environments", "values"):
            for name in expect.get(key, ()):
                if name not in names:
                    self._no_such(path, key, "environment", name, names)

    def _no_such(self, path: KeyPath, key: str, what: str, name: str, known: Iterable[str]) -> None:
        """Complain of a name that there is not."""
        self.source.complain((*path, key), f'{dotted((*path, key))}: no {what} "{name}"{nearest(name, known)}')

    def _severities(self, table: Mapping[str, Any]) -> Iterator[tuple[str, Severity]]:
        """Return the user's own severities; postgres.jit without quotes is a table in TOML and means the same."""
        words = [severity.value for severity in Severity]
        for keys, word in _leaves(table):
            path, name = ("severity", *keys), ".".join(keys)
            kind, dot, setting = name.partition(".")
            if not dot or not setting:
                self.source.complain(path, f'severity: "{name}" must be "kind.setting"')
            elif not any(matches(kind, known) for known in services.kinds()):
                self.source.complain(path, f'severity: no kind "{kind}"{nearest(kind, services.kinds())}')
            elif not isinstance(word, str) or word not in words:
                hint = nearest(word, words) if isinstance(word, str) else f"; known: {', '.join(words)}"
                self.source.complain(path, f'severity: "{name}" has no known severity{hint}')
            else:
                yield name, Severity(word)

    def _check_name(self, path: KeyPath, name: str) -> None:
        """Refuse a name that could not be typed or shown."""
        if not NAME.fullmatch(name):
            self.source.complain(path, f"{dotted(path[:-1])}: {NAMING}")

    def _duration(self, key: str, written: str | float) -> float:
        """Return a duration in seconds."""
        return self._checked((key,), lambda: duration(expand_all(written, self.environ))) or 1.0

    def _text(self, path: KeyPath, written: str) -> str:
        """Return a text with its variables filled in."""
        return self._checked(path, lambda: str(expand_all(written, self.environ))) or ""

    def _expanded(self, path: KeyPath, table: Any) -> dict[str, Any]:
        """Return a table with its variables filled in."""
        return self._checked(path, lambda: dict(expand_all(table, self.environ))) or {}

    def _checked(self, path: KeyPath, value: Callable[[], Any]) -> Any:
        """Return what ``value`` gives, None where it is wrong."""
        try:
            return value()
        except UnsetVariable as missing:
            self.source.complain(path, f"{dotted(path)}: {missing}")
        except InvalidValue as wrong:
            self.source.complain(path, f"{dotted(path)} {wrong.message}")
        return None


def _leaves(table: Mapping[str, Any], keys: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Return the values of a table and of the tables in it, with the keys that lead to them."""
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _leaves(value, (*keys, key))
        else:
            yield (*keys, key), value

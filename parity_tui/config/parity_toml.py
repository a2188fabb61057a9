"""parity.toml -> Config: decodes table after table, and raises all problems together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from parity_tui import services
from parity_tui.config.address import has_password, path_of, scheme_of
from parity_tui.config.config import (
    HISTORY_KEEP,
    HUB_KIND,
    INTERVAL,
    MIGRATIONS_AGE,
    TIMEOUT,
    Notify,
    coloured,
    service_names,
)
from parity_tui.config.config import Config as Config
from parity_tui.config.decisions import expectations, severities
from parity_tui.config.duration import duration
from parity_tui.config.eol_data import newer
from parity_tui.config.errors import InvalidValue, UnsetVariable, nearest
from parity_tui.config.notify import notify_of
from parity_tui.config.password import PasswordSource
from parity_tui.config.route_keys import RouteKeys
from parity_tui.config.targets import EntryContext, ServiceEntry, as_nodes, build
from parity_tui.config.toml_decode import checked, decode_table
from parity_tui.config.toml_document import KeyPath, TomlDocument, dotted
from parity_tui.config.trust import consent
from parity_tui.config.tunnels import Tunnels
from parity_tui.config.variables import expand, expand_all, expand_or_blank
from parity_tui.model import NAME, Failure, Outcome, Reason, Target
from parity_tui.transport.child_environ import withhold

NAMING = "a name is letters and digits, with - . _ and blanks within"


class FileTable(Struct):
    """The whole file."""

    baseline: str = ""
    interval: float | str = INTERVAL
    timeout: float | str = TIMEOUT
    repository: str = ""
    migrations_age: float | str = MIGRATIONS_AGE
    history: str | dict[str, Any] = ""
    history_keep: float | str = HISTORY_KEEP
    eol_data: str = ""
    environments: dict[str, Any] = field(default_factory=dict)
    expect: list[Any] = field(default_factory=list)
    severity: dict[str, Any] = field(default_factory=dict)
    notify: dict[str, Any] = field(default_factory=dict)


class EnvironmentTable(Struct):
    """The table [environments.NAME]."""

    services: dict[str, Any] = field(default_factory=dict)
    color: str = ""
    ssh: str = ""
    kube: str = ""
    tunnel: list[str] = field(default_factory=list)
    snapshot: str = ""
    environment: str = ""


def read(text: str, name: str, environ: Mapping[str, str], folder: Path) -> tuple[Config, bool]:
    """Return the configuration, and whether the file itself holds a password. Raises ConfigError."""
    document = TomlDocument(name, text)
    builder = _ConfigBuilder(document, environ, folder)
    config = builder.build()
    document.raise_problems()
    assert config is not None  # noqa: S101 - None comes with a reported problem
    return config, builder.holds_password


def hub_at(url: str, environ: Mapping[str, str], folder: Path) -> Target:
    """Return the database of a shared history at a URL, in which variables may stand. Raises ConfigError."""
    document = TomlDocument("the URL", "")
    hub = _ConfigBuilder(document, environ, folder).hub(url)
    document.raise_problems()
    assert hub is not None  # noqa: S101 - None comes with a reported problem
    return hub


class _ConfigBuilder:
    """Builds the configuration of one document; reports problems to it instead of raising the first."""

    def __init__(self, document: TomlDocument, environ: Mapping[str, str], folder: Path) -> None:
        self.holds_password = False
        self._document = document
        self._environ = environ
        self._folder = folder
        self._commands: dict[tuple[str, ...], PasswordSource] = {}

    def build(self) -> Config | None:
        """Return the configuration; None after a problem of the top level."""
        file = decode_table(self._document, (), self._document.data, FileTable)
        if file is None:
            return None
        if not file.environments:
            self._document.report((), "there is no [environments.NAME] with services: nothing to compare")
        names = list(file.environments)
        tables = {name: self._environment(name, table) for name, table in file.environments.items()}
        targets = tuple(target for name in names for target in self._routed(name, tables[name]))
        kept = self._kept(tables, live=bool(targets))
        roles = tuple(dict.fromkeys(role for table in tables.values() for role in table.services))
        roles = (*roles, *service_names(outcome.target for outcome in kept))
        baseline = self._text(("baseline",), file.baseline)
        if baseline and baseline not in names:
            self._document.report(("baseline",), f"baseline: no environment has this name{nearest(baseline, names)}")
        return Config(
            name=self._document.name,
            environments=coloured([(name, tables[name].color) for name in names]),
            services=service_names((*targets, *(outcome.target for outcome in kept))),
            targets=targets,
            kept=kept,
            baseline=baseline,
            interval=self._duration("interval", file.interval),
            timeout=self._duration("timeout", file.timeout),
            repository=self._file("repository", file.repository),
            migrations_age=self._duration("migrations_age", file.migrations_age, most_days=3650),
            hub=self.hub(file.history),
            history_keep=self._duration("history_keep", file.history_keep, most_days=3650),
            expectations=tuple(expectations(self._document, file.expect, names, roles, self._environ)),
            severities=tuple(severities(self._document, file.severity)),
            notify=self._notify(file.notify),
            lifecycle=checked(self._document, ("eol_data",), lambda: newer(file.eol_data, self._environ, self._folder)),
        )

    def _environment(self, name: str, table: Any) -> EnvironmentTable:
        path = ("environments", name)
        self._check_name(path, name)
        environment = decode_table(self._document, path, table, EnvironmentTable)
        if environment is None:  # reported already; the problems of its services are reported all the same
            entries = table.get("services") if isinstance(table, dict) else None
            return EnvironmentTable(entries if isinstance(entries, dict) else {})
        if not environment.services and not environment.snapshot:
            self._document.report(path, f"{dotted(path)} has no services")
        return replace(environment, color=self._text((*path, "color"), environment.color))

    def _kept(self, tables: Mapping[str, EnvironmentTable], *, live: bool) -> tuple[Outcome, ...]:
        """Return the outcomes of the environments that snapshots fill, beside ``live`` ones."""
        of_snapshots = {name: table for name, table in tables.items() if table.snapshot or table.environment}
        if not of_snapshots:
            return ()
        from parity_tui.config import snapshots  # here: most configurations have none

        def taken(name: str, table: EnvironmentTable) -> snapshots.Taken:
            if not table.snapshot:
                raise InvalidValue('is missing: "environment" names one of a snapshot')
            if table.services:
                raise InvalidValue("fills the whole environment: leave out its services, or the snapshot")
            file, wanted = expand(table.snapshot, self._environ), expand(table.environment, self._environ)
            return snapshots.environment_of(file, self._folder, wanted, name)

        every = (
            checked(self._document, ("environments", name, "snapshot"), partial(taken, name, table))
            for name, table in of_snapshots.items()
        )
        return snapshots.comparable(filter(None, every), live=live)

    def _routed(self, environment: str, table: EnvironmentTable) -> Iterator[Target]:
        """Yield the targets of an environment, with the route that leads to each."""
        path = ("environments", environment)
        keys = RouteKeys(self._document, self._environ, path, table.ssh, table.kube)
        tunnels = Tunnels(self._document, environment, table.tunnel, table.services, self._environ, self._folder)
        for key in ("ssh", "kube"):
            if table.tunnel and getattr(table, key):
                words = f"{dotted((*path, key))} and tunnel exclude each other: keep one"
                self._document.report((*path, "tunnel"), words)
        return map(keys.routed, tunnels.applied(self._targets(environment, table.services)))

    def _targets(self, environment: str, entries: Mapping[str, Any]) -> Iterator[Target]:
        for role, entry in entries.items():
            path = ("environments", environment, "services", role)
            self._check_name(path, role)
            table = {"url": entry} if isinstance(entry, str) else entry
            context = EntryContext(environment, role, self._folder, self._environ, self._commands)
            if isinstance(table, dict) and "urls" in table:
                yield from self._nodes(context, path, table)
            elif target := self._target(context, path, table):
                yield target

    def _nodes(self, context: EntryContext, path: KeyPath, table: dict[str, Any]) -> tuple[Target, ...]:
        """Return a target for each node of a service of several servers."""
        urls, urls_path = table["urls"], (*path, "urls")
        if "url" in table:
            self._document.report(urls_path, f'{dotted(path)} has "url" and "urls": keep one of them')
        elif not isinstance(urls, list) or not urls or not all(isinstance(url, str) for url in urls):
            self._document.report(urls_path, f"{dotted(urls_path)} must be a list of URLs in quotes, one for each node")
        else:
            shared = {key: value for key, value in table.items() if key != "urls"}
            nodes = [
                self._target(context, path, {**shared, "url": url}, (*urls_path, index))
                for index, url in enumerate(urls)
            ]
            try:
                return as_nodes([node for node in nodes if node])
            except InvalidValue as invalid:
                self._document.report(urls_path, f"{dotted(urls_path)}: {invalid.message}")
        return ()

    def _target(self, context: EntryContext, path: KeyPath, table: Any, url_path: KeyPath = ()) -> Target | None:
        """Return one target, with an unset variable as its problem; None after a problem of the entry.

        ``url_path`` leads to its URL, if that is not the value of "url".
        """
        url = table.get("url") if isinstance(table, dict) else None
        scheme = scheme_of(expand_or_blank(url, self._environ)) if isinstance(url, str) else ""
        kind = services.schemes().get(scheme, "")
        if kind and isinstance(url, str):
            text = path_of(expand_or_blank(url, self._environ))
            scheme = services.claimed_scheme(services.canonical_scheme(scheme), context.service, text)
            kind = services.schemes()[scheme]
        candidates = [services.kinds()[kind]] if kind else services.kinds().values()
        options = {name for service in candidates for name in service.options} - set(ServiceEntry.__struct_fields__)
        entry = decode_table(self._document, path, table, ServiceEntry, further_keys=[*sorted(options), "urls"])
        if entry is None:
            return None
        self._note_password(table)
        withhold(consent.password_variables(context, table, url or ""))
        try:
            expanded = expand_all(table, self._environ)
            entry = ServiceEntry(**{key: value for key, value in expanded.items() if key not in options})
            target = build(context, entry, _options(expanded, options))
            needed = consent.of_entry(context, table, url or "", target, services.kinds()[target.kind])
            return replace(target, consent=needed)
        except UnsetVariable as unset:
            problem = Failure(Reason.CONFIG, str(unset))
            scheme = services.canonical_scheme(scheme) if kind else scheme
            return Target(context.environment, context.service, kind, scheme, problem=problem)
        except InvalidValue as invalid:
            key_path = (*path, invalid.key) if invalid.key else url_path or (*path, "url")
            message = consent.without_values(invalid.message, table, self._environ)
            self._document.report(key_path, f"{dotted(path if invalid.key else url_path or path)}: {message}")
            return None

    def hub(self, history: str | dict[str, Any]) -> Target | None:
        """Return the database of a shared history: a target like those of services."""
        if not history:
            return None
        path, table = ("history",), {"url": history} if isinstance(history, str) else history
        for key in ("urls", "tunnel", "tls_name", "container", "sudo"):
            if key in table:
                self._document.report((*path, key), f'"{key}" has no effect for a history: it is reached directly')
        hub = self._target(EntryContext("", "history", self._folder, self._environ, self._commands), path, table)
        if hub is not None and hub.problem is None and hub.kind != HUB_KIND:
            self._document.report(path, f"history must be a postgresql:// URL; {hub.scheme}:// keeps no history")
        return hub and replace(hub, consent=(*hub.consent, consent.of_hub(hub)))

    def _note_password(self, table: Mapping[str, Any]) -> None:
        """Remember whether the file itself holds a password, as opposed to a reference to one."""
        texts = {key: expand_or_blank(value, {}) for key, value in table.items() if isinstance(value, str)}
        self.holds_password |= bool(texts.get("password")) or any(map(has_password, texts.values()))

    def _notify(self, table: Mapping[str, Any]) -> Notify | None:
        self.holds_password |= has_password(expand_or_blank(str(table.get("webhook", "")), {}))
        return notify_of(self._document, table, self._environ, self._folder)

    def _check_name(self, path: KeyPath, name: str) -> None:
        if not NAME.fullmatch(name):
            self._document.report(path, f"{dotted(path[:-1])}: {NAMING}")

    def _duration(self, key: str, value: str | float, most_days: int = 1) -> float:
        return checked(self._document, (key,), lambda: duration(expand_all(value, self._environ), most_days)) or 1.0

    def _file(self, key: str, value: str) -> str:
        name = self._text((key,), value)
        return str(self._folder / Path(name).expanduser()) if name else ""

    def _text(self, path: KeyPath, value: str) -> str:
        return checked(self._document, path, lambda: expand(value, self._environ)) or ""


def _options(table: Mapping[str, Any], names: Iterable[str]) -> dict[str, str]:
    """Return the keys that belong to the kind alone. Raises InvalidValue."""
    options = {name: table[name] for name in names if name in table}
    for name, value in options.items():
        if not isinstance(value, str):
            raise InvalidValue(f'"{name}" must be a text in quotes', name)
    return options

"""The configuration as the rest of the program uses it: environments, targets, expectations, severities."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from parity_tui.config.duration import duration
from parity_tui.config.errors import ConfigError, InvalidValue, nearest
from parity_tui.drift.lifecycle import Lifecycle
from parity_tui.drift.policy import Expectation
from parity_tui.model import Outcome, Severity, Target
from parity_tui.secrets import Secret

INTERVAL = 5.0
TIMEOUT = 3.0
MIGRATIONS_AGE = 14 * 86400.0
HISTORY_KEEP = 365 * 86400.0
HUB_KIND = "postgres"
"""the kind of database that can keep a shared history"""

_COLOURS = {"production": "red", "prod": "red"}
_PALETTE = ("green", "cyan", "blue", "magenta")


class Environment(Struct, frozen=True):
    """A deploy of the app."""

    name: str
    colour: str = ""
    """as configured and unchecked: an unknown colour is painted as none"""


class LeftOut(Struct, frozen=True):
    """A variable of a dotenv file that holds the URL of a service which cannot be compared."""

    environment: str
    name: str
    """of the variable"""
    reason: str


class Notify(Struct, frozen=True):
    """Where a watcher sends its events."""

    command: tuple[str, ...] = ()
    """program and arguments, () for none; a path is absolute"""
    webhook: Secret | None = None
    """a URL, of which any part may be secret"""
    host: str = ""
    """of the URL, for a person"""
    min_severity: Severity = Severity.WARNING
    consent: tuple[str, ...] = ()
    """what it starts and sends, a phrase each"""
    problem: str = ""
    """why nothing can be sent here: a variable that is not set"""


class Origin(Struct, frozen=True):
    """How several variables of a dotenv file describe a service."""

    environment: str
    service: str
    sentence: str
    """"DB_HOST, DB_PORT, …: postgres at db:5432" """
    password: str = ""
    """where its password is found: "DB_PASSWORD in .env" """


class Config(Struct, frozen=True):
    """A valid configuration."""

    name: str
    """of the file, as shown to a person"""
    environments: tuple[Environment, ...]
    services: tuple[str, ...]
    """in the order of their first occurrence"""
    targets: tuple[Target, ...]
    baseline: str = ""
    interval: float = INTERVAL
    """seconds"""
    timeout: float = TIMEOUT
    """seconds"""
    repository: str = ""
    """folder of the app's git repository, "" for none"""
    migrations_age: float = MIGRATIONS_AGE
    """seconds; being behind by older migrations is a warning"""
    hub: Target | None = None
    """the database of the shared history; None: a file of the user's own"""
    history_keep: float = HISTORY_KEEP
    """seconds; older events are removed from the history"""
    notify: Notify | None = None
    """where a watcher sends its events, None: nowhere"""
    expectations: tuple[Expectation, ...] = ()
    severities: tuple[tuple[str, Severity], ...] = ()
    """("kind.setting" or glob, severity), in the order of the file"""
    files: tuple[Path, ...] = ()
    """the files that it was read from"""
    warnings: tuple[str, ...] = ()
    """for a person, one sentence each"""
    left_out: tuple[LeftOut, ...] = ()
    """what the dotenv files hold beside the targets: never compared, so never equal"""
    origins: tuple[Origin, ...] = ()
    """of the services that several variables of a dotenv file describe"""
    kept: tuple[Outcome, ...] = ()
    """the outcomes of the environments that snapshots fill"""
    lifecycle: Lifecycle | None = None
    """facts on release lines: the shipped ones, or newer ones of `eol_data`; None: the shipped ones, not yet loaded"""

    def only(self, environments: Sequence[str] = (), services: Sequence[str] = ()) -> Config:
        """Return the configuration of the named environments and services; an empty sequence selects all.

        A baseline that is not selected is dropped, with a warning.

        Raises ConfigError for an unknown name, or if no target is left.
        """
        every = [environment.name for environment in self.environments]
        _check_names("environment", environments, every)
        _check_names("service", services, self.services)
        names, roles = environments or every, services or self.services
        targets = tuple(t for t in self.targets if t.environment in names and t.service in roles)
        kept = tuple(o for o in self.kept if o.target.environment in names and o.target.service in roles)
        if not targets and not kept:
            raise ConfigError(f"{', '.join(names)} has no {', '.join(roles)}: nothing is left to compare")
        dropped = bool(self.baseline) and self.baseline not in names
        majority = ": compared with the majority" if len(set(names)) > 2 else ""
        warnings = [f"{self.baseline} is the baseline and left out{majority}"] if dropped else []
        return replace(
            self,
            environments=tuple(environment for environment in self.environments if environment.name in names),
            services=tuple(service for service in self.services if service in roles),
            targets=targets,
            kept=kept,
            left_out=tuple(item for item in self.left_out if item.environment in names),
            baseline="" if dropped else self.baseline,
        ).with_warnings(*warnings)

    def override(
        self, *, baseline: str | None = None, interval: str | float | None = None, timeout: str | float | None = None
    ) -> Config:
        """Return the configuration with the values of the command line's options; None leaves a value unchanged.

        Args:
            baseline: name of an environment, "" for none.
            interval: seconds, or a text such as "5s".
            timeout: likewise.

        Raises:
            ConfigError: an unknown environment or an invalid duration.
        """
        _check_names("environment", [baseline] if baseline else [], [e.name for e in self.environments])
        return replace(
            self,
            baseline=self.baseline if baseline is None else baseline,
            interval=self.interval if interval is None else _seconds("interval", interval),
            timeout=self.timeout if timeout is None else _seconds("timeout", timeout),
        )

    def with_warnings(self, *warnings: str) -> Config:
        """Return the configuration with further warnings."""
        return replace(self, warnings=(*self.warnings, *warnings))


def service_names(targets: Iterable[Target]) -> tuple[str, ...]:
    """Return the services of the targets in the order of their first occurrence."""
    return tuple(dict.fromkeys(target.service for target in targets))


def coloured(environments: Sequence[tuple[str, str]]) -> tuple[Environment, ...]:
    """Return environments of (name, colour); for "" production is red and the others take the palette in turn.

    >>> [e.colour for e in coloured([("dev", ""), ("staging", "yellow"), ("production", "")])]
    ['green', 'yellow', 'red']
    """
    return tuple(
        Environment(name, colour or _COLOURS.get(name.lower()) or _PALETTE[index % len(_PALETTE)])
        for index, (name, colour) in enumerate(environments)
    )


def _check_names(noun: str, names: Iterable[str], known: Sequence[str]) -> None:
    problems = [f'no {noun} "{name}"{nearest(name, known)}' for name in names if name not in known]
    if problems:
        raise ConfigError(*problems)


def _seconds(option: str, value: str | float) -> float:
    try:
        return duration(value)
    except InvalidValue as invalid:
        raise ConfigError(f"--{option} {value}: {invalid.message}") from None

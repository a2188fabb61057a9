"""The configuration as the rest of the program sees it: environments, targets, and what is expected."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from parity_tui.config.duration import duration
from parity_tui.config.errors import ConfigError, InvalidValue, nearest
from parity_tui.drift.policy import Expectation
from parity_tui.model import Severity, Target

INTERVAL = 5.0
TIMEOUT = 3.0

_COLOURS = {"production": "red", "prod": "red"}
_PALETTE = ("green", "cyan", "blue", "magenta")


class Environment(Struct, frozen=True):
    """A deploy of the app."""

    name: str
    colour: str = ""
    """as written, and nobody here knows which there are: whoever paints falls back to none"""


class Config(Struct, frozen=True):
    """Everything that the configuration says, checked."""

    name: str
    """of the file, as it is shown"""
    environments: tuple[Environment, ...]
    services: tuple[str, ...]
    """in the order in which they first appear"""
    targets: tuple[Target, ...]
    baseline: str = ""
    interval: float = INTERVAL
    """seconds"""
    timeout: float = TIMEOUT
    """seconds"""
    expectations: tuple[Expectation, ...] = ()
    severities: tuple[tuple[str, Severity], ...] = ()
    """("kind.setting" or glob, severity), in the order of the file"""
    files: tuple[Path, ...] = ()
    """that it was read from"""
    warnings: tuple[str, ...] = ()
    """what a person should know, one sentence each"""

    def only(self, environments: Sequence[str] = (), services: Sequence[str] = ()) -> Config:
        """Return the configuration of the named environments and services; none named: all.

        A baseline that is not among them is none, and a warning says so.

        Raises ConfigError for an unknown name, or where nothing is left.
        """
        every = [environment.name for environment in self.environments]
        _known("environment", environments, every)
        _known("service", services, self.services)
        names, roles = environments or every, services or self.services
        targets = tuple(t for t in self.targets if t.environment in names and t.service in roles)
        if not targets:
            raise ConfigError(f"{', '.join(names)} has no {', '.join(roles)}: nothing is left to look at")
        lost = bool(self.baseline) and self.baseline not in names
        decided = ": the majority decides" if len(set(names)) > 2 else ""
        warnings = [f"{self.baseline} is the baseline and left out{decided}"] if lost else []
        return replace(
            self,
            environments=tuple(environment for environment in self.environments if environment.name in names),
            services=tuple(service for service in self.services if service in roles),
            targets=targets,
            baseline="" if lost else self.baseline,
        ).noting(*warnings)

    def with_(
        self, *, baseline: str | None = None, interval: str | float | None = None, timeout: str | float | None = None
    ) -> Config:
        """Return the configuration with another baseline ("" for none), interval or timeout
        (seconds, or a text such as "5s"), as the options of these names give them.

        Raises ConfigError for an unknown environment, and for a duration that is none with its option.
        """
        _known("environment", [baseline] if baseline else [], [e.name for e in self.environments])
        return replace(
            self,
            baseline=self.baseline if baseline is None else baseline,
            interval=self.interval if interval is None else _seconds("interval", interval),
            timeout=self.timeout if timeout is None else _seconds("timeout", timeout),
        )

    def noting(self, *warnings: str) -> Config:
        """Return the configuration with more warnings."""
        return replace(self, warnings=(*self.warnings, *warnings))


def in_order(targets: Iterable[Target]) -> tuple[str, ...]:
    """Return the services of the targets, each once, in the order in which they first appear."""
    return tuple(dict.fromkeys(target.service for target in targets))


def coloured(written: Sequence[tuple[str, str]]) -> tuple[Environment, ...]:
    """Return environments of (name, colour or ""): production is red, the others have calm colours of their own.

    >>> [e.colour for e in coloured([("dev", ""), ("staging", "yellow"), ("production", "")])]
    ['green', 'yellow', 'red']
    """
    return tuple(
        Environment(name, colour or _COLOURS.get(name.lower()) or _PALETTE[at % len(_PALETTE)])
        for at, (name, colour) in enumerate(written)
    )


def _known(what: str, names: Iterable[str], known: Sequence[str]) -> None:
    """Refuse names that there are not."""
    problems = [f'no {what} "{name}"{nearest(name, known)}' for name in names if name not in known]
    if problems:
        raise ConfigError(*problems)


def _seconds(what: str, written: str | float) -> float:
    """Return the duration that an option gives."""
    try:
        return duration(written)
    except InvalidValue as wrong:
        raise ConfigError(f"--{what} {written}: it {wrong.message}") from None

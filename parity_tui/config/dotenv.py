"""The dotenv files of an app as environments: every variable that holds the URL of a service is one."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from parity_tui import services
from parity_tui.config.address import has_password, scheme_of
from parity_tui.config.errors import ConfigError, InvalidValue, UnsetVariable
from parity_tui.config.targets import EntryContext, ServiceEntry, build
from parity_tui.model import Failure, Reason, Target
from parity_tui.secrets import REDACTED

_ENDINGS = ("_URL", "_URI", "_DSN")
_ANYTHING = ("http", "https")
"""schemes of what is most often no backing service of ours: a webhook, somebody's API, a Sentry DSN with its key"""


class DotenvResult(Struct, frozen=True):
    """What a dotenv file says."""

    targets: tuple[Target, ...]
    warnings: tuple[str, ...]
    """of lines that cannot be understood"""
    holds_password: bool


class _Line(Struct, frozen=True):
    """One variable of the file."""

    number: int
    name: str
    written: str
    value: str
    """with the variables in it filled in"""
    missing: str
    """the first variable in it that is not set, "" where all are"""

    def __repr__(self) -> str:
        return f"_Line({self.name!r})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return [("name", self.name)]


def service_name(variable: str) -> str:
    """Return the service that a variable is named after.

    >>> service_name("DATABASE_URL"), service_name("CELERY_BROKER_URL"), service_name("REDIS")
    ('database', 'celery_broker', 'redis')
    """
    ending = next((ending for ending in _ENDINGS if variable.upper().endswith(ending)), "")
    return (variable[: -len(ending)] if ending and len(variable) > len(ending) else variable).lower()


def read(text: str, name: str, environment: str, environ: Mapping[str, str], folder: Path) -> DotenvResult:
    """Return the services of one environment. Raises ConfigError, with the lines."""
    lines, warnings = _lines(text, name, environ)
    targets: dict[str, Target] = {}
    origin: dict[str, _Line] = {}
    problems: list[str] = []
    for line in lines:
        url, role = url_of(line.value), service_name(line.name)
        if not url or (role in origin and origin[role].value == line.value):
            continue
        try:
            if role in origin:
                raise InvalidValue(f'a second service "{role}": line {origin[role].number} has one')
            targets[role] = _target(EntryContext(environment, role, folder, environ, {}), line, url)
            origin[role] = line
        except InvalidValue as wrong:
            problems.append(f"{name}:{line.number}: {line.name}: {wrong.message}\n    {line.name}={REDACTED}")
    if problems:
        raise ConfigError(*problems)
    if not targets:
        known = ", ".join(services.schemes())
        raise ConfigError(f"{name}: no variable holds the URL of a service; known schemes: {known}")
    held = any(has_password(_without_references(line.written)) for line in origin.values())
    return DotenvResult(tuple(targets.values()), tuple(warnings), held)


def _lines(text: str, name: str, environ: Mapping[str, str]) -> tuple[list[_Line], list[str]]:
    """Return the variables of a file, each once: the last line counts; and what cannot be understood."""
    from dotenv.parser import parse_stream  # here: most starts read no such file

    seen: dict[str, str] = {}
    lines: dict[str, _Line] = {}
    warnings = []
    for binding in parse_stream(io.StringIO(text)):
        written = binding.original.string
        number = binding.original.line + written[: len(written) - len(written.lstrip())].count("\n")
        if binding.error:
            warnings.append(f"{name}:{number} cannot be understood and is left out")
        elif binding.key is not None and binding.value is not None:
            value, missing = _filled(binding.value, {**environ, **seen})
            seen[binding.key] = value
            lines[binding.key] = _Line(number, binding.key, binding.value, value, missing)
    return list(lines.values()), warnings


def _filled(written: str, known: Mapping[str, str]) -> tuple[str, str]:
    """Return a value with its variables filled in, as dotenv does, and the first that is not set."""
    from dotenv.variables import Variable, parse_variables

    atoms = list(parse_variables(written))
    missing = (a.name for a in atoms if isinstance(a, Variable) and a.default is None and a.name not in known)
    return "".join(atom.resolve(known) for atom in atoms), next(missing, "")


def _without_references(written: str) -> str:
    """Return a value as it stands in the file: with the defaults of its variables, and nothing for the others."""
    return _filled(written, {})[0]


def url_of(value: str) -> str:
    """Return the URL of a service that we know, without the driver of SQLAlchemy's manner; "" for anything else."""
    scheme = scheme_of(value)
    base = scheme if scheme in services.schemes() else scheme.partition("+")[0]
    return base + value[len(scheme) :] if base in services.schemes() and base not in _ANYTHING else ""


def _target(place: EntryContext, line: _Line, url: str) -> Target:
    """Return the target of a line; one that names a variable that is not set fails alone."""
    if line.missing:
        scheme = scheme_of(url)
        problem = Failure(Reason.CONFIG, str(UnsetVariable(line.missing)))
        return Target(place.environment, place.service, services.schemes()[scheme], scheme, problem=problem)
    return build(place, ServiceEntry(url=url), {})

"""An app's dotenv file as an environment: every variable that holds the URL of a known service is a service."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from parity_tui import services
from parity_tui.config.address import has_password, scheme_of
from parity_tui.config.errors import ConfigError, InvalidValue, UnsetVariable
from parity_tui.config.targets import EntryContext, ServiceEntry, build
from parity_tui.config.variables import MALFORMED, interpolate
from parity_tui.model import Failure, Reason, Target
from parity_tui.secrets import REDACTED

_SUFFIXES = ("_URL", "_URI", "_DSN")
_UNSPECIFIC_SCHEMES = ("http", "https")
"""usually a webhook, a foreign API or a Sentry DSN rather than a backing service"""

_TLS = frozenset(("tls", "ssl"))
_DRIVERS = frozenset(
    {
        "aiomysql", "aiosqlite", "asyncmy", "asyncpg", "cymysql", "mariadbconnector", "mysqlclient", "mysqlconnector",
        "mysqldb", "pg8000", "psycopg", "psycopg2", "psycopg2cffi", "psycopg_async", "pygresql", "pymysql", "pysqlite",
        "pyodbc", "pyamqp", "aioredis", "hiredis",
    }
)  # fmt: skip
"""drivers of SQLAlchemy and its like behind the + of a scheme"""


class DotenvResult(Struct, frozen=True):
    """The services of a dotenv file."""

    targets: tuple[Target, ...]
    warnings: tuple[str, ...]
    """one for each malformed line"""
    holds_password: bool


class _Variable(Struct, frozen=True):
    """One variable of the file."""

    line: int
    name: str
    raw: str
    value: str
    """with references filled in"""
    problem: str
    """why a reference in it cannot be filled in, or "" """

    def __repr__(self) -> str:
        return f"_Variable({self.name!r})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return [("name", self.name)]


def service_name(variable: str) -> str:
    """Return the name of the service whose URL a variable holds.

    >>> service_name("DATABASE_URL"), service_name("CELERY_BROKER_URL"), service_name("REDIS")
    ('database', 'celery_broker', 'redis')
    """
    suffix = next((suffix for suffix in _SUFFIXES if variable.upper().endswith(suffix)), "")
    return (variable[: -len(suffix)] if suffix and len(variable) > len(suffix) else variable).lower()


def url_of(value: str) -> str:
    """Return the URL of a known service as parity.toml writes it; "" for other values, and for unknown schemes.

    >>> url_of("postgresql+asyncpg://h/app"), url_of("redis+tls://h"), url_of("redis+udp://h"), url_of("https://h")
    ('postgresql://h/app', 'rediss://h', '', '')
    """
    scheme = scheme_of(value)
    known = services.schemes()
    base, *parts = [scheme] if scheme in known else scheme.split("+")
    if base not in known or base in _UNSPECIFIC_SCHEMES or not {*parts} <= {*_DRIVERS, *_TLS}:
        return ""
    rest, tls_schemes = value[len(scheme) :], services.kinds()[known[base]].tls_schemes
    if _TLS.isdisjoint(parts) or base in tls_schemes:
        return base + rest
    return tls_schemes[0] + rest if tls_schemes else f"{base}{rest}{'&' if '?' in rest else '?'}tls=verify-full"


def read(text: str, name: str, environment: str, environ: Mapping[str, str], folder: Path) -> DotenvResult:
    """Return the services of one environment. Raises ConfigError, with the lines.

    Args:
        text: content of the file.
        name: name of the file, for messages.
        environment: name of the environment.
        environ: variables that the file may refer to.
        folder: relative paths begin here.
    """
    variables, warnings = _variables(text, name, environ)
    targets: dict[str, Target] = {}
    origins: dict[str, _Variable] = {}
    problems: list[str] = []
    for variable in variables:
        url, service = url_of(variable.value), service_name(variable.name)
        if not url or (service in origins and origins[service].value == variable.value):
            continue
        try:
            if service in origins:
                raise InvalidValue(f'a second service "{service}": line {origins[service].line} has one')
            targets[service] = _target(EntryContext(environment, service, folder, environ, {}), variable, url)
            origins[service] = variable
        except InvalidValue as invalid:
            shown = f"{variable.name}={REDACTED}"
            problems.append(f"{name}:{variable.line}: {variable.name}: {invalid.message}\n    {shown}")
    if problems:
        raise ConfigError(*problems)
    if not targets:
        known = ", ".join(services.schemes())
        raise ConfigError(f"{name}: no variable holds the URL of a service; known schemes: {known}")
    return DotenvResult(tuple(targets.values()), tuple(warnings), _any_password(origins.values()))


def _variables(text: str, name: str, environ: Mapping[str, str]) -> tuple[list[_Variable], list[str]]:
    """Return the variables of a file, the last line of each, and a warning for each malformed line."""
    from dotenv.parser import parse_stream  # here: most starts read no such file

    values: dict[str, str] = {}
    variables: dict[str, _Variable] = {}
    warnings = []
    for binding in parse_stream(io.StringIO(text)):
        raw = binding.original.string
        line = binding.original.line + raw[: len(raw) - len(raw.lstrip())].count("\n")
        if binding.error:
            warnings.append(f"{name}:{line} cannot be understood and is left out")
        elif binding.key is not None and binding.value is not None:
            value, problem = _expanded(binding.value, {**environ, **values})
            values[binding.key] = value
            variables[binding.key] = _Variable(line, binding.key, binding.value, value, problem)
    return list(variables.values()), warnings


def _expanded(raw: str, known: Mapping[str, str]) -> tuple[str, str]:
    """Return a value with references filled in, and what is wrong with them, in words that show names only."""
    value = interpolate(raw, known, escape=False)
    if value.malformed:
        return value.text, f"its value {MALFORMED}"
    return value.text, str(UnsetVariable(value.unset[0])) if value.unset else ""


def _any_password(variables: Iterable[_Variable]) -> bool:
    """Return whether the file itself holds a password, as opposed to a reference to one."""
    return any(has_password(_expanded(variable.raw, {})[0]) for variable in variables)


def _target(context: EntryContext, variable: _Variable, url: str) -> Target:
    """Return the target of a URL; with a reference that cannot be filled in, one with a problem."""
    if variable.problem:
        scheme = services.canonical_scheme(scheme_of(url))
        problem = Failure(Reason.CONFIG, variable.problem)
        return Target(context.environment, context.service, services.schemes()[scheme], scheme, problem=problem)
    return build(context, ServiceEntry(url=url), {})

"""An app's dotenv file as an environment: a variable with the URL of a known service is a service, as are DB_HOST, ….

The file belongs to the app: a line that is not understood fails its own target, or is left out by name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from parity_tui import services
from parity_tui.config.address import has_password, scheme_of
from parity_tui.config.app_url import AppURL, NotUnderstoodError, looks_like_url, understand
from parity_tui.config.config import LeftOut, Origin
from parity_tui.config.dotenv_parts import Login, Parts, PartService, services_from
from parity_tui.config.dotenv_parts.names import part_of, with_scheme_of_product
from parity_tui.config.dotenv_targets import nodes_of
from parity_tui.config.dotenv_values import Variable, in_project, variables
from parity_tui.config.dsn import is_keyword_text
from parity_tui.config.errors import ConfigError, InvalidValue
from parity_tui.config.targets import EntryContext
from parity_tui.drift.values import printable
from parity_tui.model import Failure, Reason, Target
from parity_tui.transport.child_environ import withhold

_SUFFIXES = ("_URL", "_URI", "_URLS", "_URIS", "_DSN", ".URL", ".URI", ".DSN")


_PASSWORD_KEY = re.compile(r"[?&;,\s](?:password|passwd|pass|pwd)\s?=\s?[^&;,\s]", re.IGNORECASE)
"""a password in a query or among keywords"""


class DotenvResult(Struct, frozen=True):
    """The services of a dotenv file."""

    targets: tuple[Target, ...]
    warnings: tuple[str, ...]
    """one for each malformed line, each variable that is left out, and each URL with unknown options"""
    holds_password: bool
    left_out: tuple[LeftOut, ...] = ()
    """variables that hold the URL of something that cannot be compared"""
    urls: frozenset[str] = frozenset()
    """the variables that are services"""
    others: frozenset[str] = frozenset()
    """all further variables"""
    origins: tuple[Origin, ...] = ()
    """of the services that several variables describe"""


VARIABLES = "env"
"""the kind that compares the further variables, and the name of its service"""


def of_variables(files: Mapping[str, tuple[Path, DotenvResult]]) -> tuple[Target, ...]:
    """Return a target for the variables of each file that are no service; nothing where there is nothing to compare.

    A variable that is a service in one environment is left out of all: its service tells where it is missing.

    Args:
        files: environment -> file and its services.
    """
    results = [result for _, result in files.values()]
    without = frozenset[str]().union(*(result.urls for result in results))
    compared = any(result.others - without for result in results)
    if len(files) < 2 or not compared or VARIABLES not in services.kinds():
        return ()
    taken = {target.service for result in results for target in result.targets}
    service = next(name for name in (VARIABLES, "variables", "environment variables") if name not in taken)
    options = {"without": " ".join(sorted(without))}
    return tuple(
        Target(name, service, VARIABLES, VARIABLES, path=str(path.absolute()), options=options)
        for name, (path, _) in files.items()
    )


def service_name(variable: str) -> str:
    """Return the name of the service whose URL a variable holds.

    >>> service_name("DATABASE_URL"), service_name("CELERY_BROKER_URL"), service_name("REDIS"), service_name("PGHOST")
    ('database', 'celery_broker', 'redis', 'database')
    """
    part = part_of(variable)
    if part and part.field == "host":
        return part.group.name
    suffix = next((suffix for suffix in _SUFFIXES if variable.upper().endswith(suffix)), "")
    return (variable[: -len(suffix)] if suffix and len(variable) > len(suffix) else variable).lower()


def url_of(value: str) -> str:
    """Return the URL of a known service as parity.toml writes it, the first of several; "" for other values."""
    try:
        understood = understand(value)
    except InvalidValue:
        return ""
    return understood.urls[0] if understood else ""


def read(text: str, name: str, environment: str, environ: Mapping[str, str], folder: Path) -> DotenvResult:
    """Return the services of one environment. Raises ConfigError if there are none.

    Args:
        text: content of the file.
        name: name of the file, for messages.
        environment: name of the environment.
        environ: variables that the file may refer to.
        folder: relative paths begin here.
    """
    written, warnings = variables(text, name, environ)
    found = [replace(each, value=with_scheme_of_product(each.name, each.value)) for each in written]
    withhold(name for variable in found for name in _password_variables(variable, environ))
    reader = _Reader(name, environment, environ, folder, found)
    for variable in found:
        reader.add(variable)
    reader.add_parts()
    if not reader.targets:
        known = ", ".join(services.schemes())
        reasons = "".join(f"\n    {item.name}: {item.reason}" for item in reader.left_out)
        raise ConfigError(f"{name}: no variable holds the URL of a service; known schemes: {known}{reasons}")
    targets = tuple(target for nodes in reader.targets.values() for target in nodes)
    holds_password = any(_holds_password(variable.holds) for variable in reader.origins.values())
    others = frozenset(variable.name for variable in found) - reader.urls
    return DotenvResult(
        targets,
        (*warnings, *reader.warnings),
        holds_password or reader.holds_password,
        tuple(reader.left_out),
        frozenset(reader.urls),
        others,
        tuple(reader.described),
    )


def _password_variables(variable: Variable, environ: Mapping[str, str]) -> list[str]:
    """Return the variables that hold the password of a URL: this one, and those in the place of its password."""
    if not _holds_password(variable.value):
        return []
    login = variable.value.partition("://")[2].rpartition("@")[0]
    by_key = _PASSWORD_KEY.search(variable.value)
    password = variable.value[by_key.start() :] if by_key else login.partition(":")[2] or login
    return [variable.name, *(name for name in variable.refers_to if environ.get(name, "\0") in password)]


class _Reader:
    """Collects the targets of one file, and its variables that are left out."""

    def __init__(
        self, name: str, environment: str, environ: Mapping[str, str], folder: Path, variables: Sequence[Variable]
    ) -> None:
        self.targets: dict[str, tuple[Target, ...]] = {}
        self.origins: dict[str, Variable] = {}
        self.left_out: list[LeftOut] = []
        self.warnings: list[str] = []
        self.urls: set[str] = set()
        self.described: list[Origin] = []
        self.holds_password = False
        self._variables = {variable.name: variable for variable in variables}
        self._parts = _parts(variables)
        self._described_in_parts = {name for each in self._parts.services for name in each.variables}
        self._name = name
        self._environment = environment
        self._environ = environ
        self._folder = folder

    def add(self, variable: Variable) -> None:
        """Take one variable: a service, something that is left out, or nothing that matters here."""
        value = in_project(variable.value, self._folder)
        try:
            understood = understand(value)
        except NotUnderstoodError as error:
            self.urls.add(variable.name)
            if service := self._service_name(variable):
                self._add(service, variable, (self._failed(service, error.kind, error.scheme, error.message),))
            return
        if understood is not None:
            self.urls.add(variable.name)
            if service := self._service_name(variable):
                self._add(service, variable, self._nodes(service, variable, understood))
        elif looks_like_url(value) and variable.name not in self._described_in_parts:
            self._leave_out(variable, f"{_shown_scheme(value)} is the URL of no kind of service that is known here")
        elif is_keyword_text(value):
            self._leave_out(variable, "its keywords do not name the kind of service: write its URL in parity.toml")

    def _service_name(self, variable: Variable) -> str:
        """Return the name of the service of a variable, "" for one that another variable repeats."""
        service = service_name(variable.name)
        origin = self.origins.get(service)
        if origin is None:
            return service
        if origin.value == variable.value:
            return ""
        service = variable.name.lower()
        if service not in self.origins:
            return service
        self._leave_out(variable, f'a second service "{printable(service)}": line {self.origins[service].line} has one')
        return ""

    def _add(self, service: str, variable: Variable, targets: tuple[Target, ...]) -> None:
        self.targets[service] = targets
        self.origins[service] = variable

    def _leave_out(self, variable: Variable, reason: str) -> None:
        name = printable(variable.name)
        self.left_out.append(LeftOut(self._environment, name, reason))
        self.warnings.append(f"{self._name}:{variable.line}: {name} is left out: {reason}")

    def add_parts(self) -> None:
        """Take the services that several variables describe, and name those that are left out."""
        for found in self._parts.services:
            service = found.name if found.name not in self.targets else found.own_name
            if service in self.targets:
                self._leave_out(self._variables[found.variables[0]], f'a second service "{printable(service)}"')
                continue
            self.urls |= set(found.variables)
            self.targets[service] = self._nodes_of_parts(service, found)
            self._use_password(found.password_variable)
            origin = f"{found.password_variable} in {Path(self._name).name}" if found.password_variable else ""
            self.described.append(Origin(self._environment, service, printable(found.explanation), printable(origin)))
        for item in (*self._parts.left_out, *(() if self.targets else self._parts.hostless)):
            self._leave_out(self._variables[item.variables[0]], item.reason)
        remarks = self._parts.remarks
        if self.targets:
            remarks += tuple(f"{item.variables[0]}: no service, because {item.reason}" for item in self._parts.hostless)
        self.warnings += [f"{self._name}: {printable(remark)}" for remark in remarks]

    def _nodes_of_parts(self, service: str, found: PartService) -> tuple[Target, ...]:
        scheme = services.kinds()[found.kind].schemes[0]
        names = (*found.variables, found.password_variable)
        unset = next((self._variables[name].problem for name in names if name and self._variables[name].problem), "")
        if problem := unset or found.problem:
            return (self._failed(service, found.kind, scheme, problem),)
        origin = ", ".join(map(printable, found.variables))
        nodes = self._built(service, found.urls, found.kind, scheme, Login("", found.password), origin)
        failure = nodes[0].problem
        return (self._failed(service, found.kind, scheme, f"{origin}: {failure.message}"),) if failure else nodes

    def _use_password(self, variable: str) -> None:
        """Keep the password of a variable from programs, and remember whether the file itself holds it."""
        if variable:
            withhold((variable, *self._variables[variable].refers_to))
            self.holds_password = self.holds_password or bool(self._variables[variable].holds)

    def _nodes(self, service: str, variable: Variable, understood: AppURL) -> tuple[Target, ...]:
        """Return the targets of a variable; what is not understood is a target with a problem."""
        login = self._parts.logins.get(variable.name)
        names = (variable.name, *((login.user_variable, login.password_variable) if login else ()))
        for name in names:
            if name and (problem := self._variables[name].problem):
                return (self._failed(service, understood.kind, understood.scheme, problem),)
        where = f"{variable.line}: {printable(variable.name)}"
        if problem := self._parts.problems.get(variable.name, ""):
            return (self._failed(service, understood.kind, understood.scheme, problem),)
        urls = self._parts.encrypted.get(variable.name, understood.urls)
        nodes = self._built(service, urls, understood.kind, understood.scheme, login, where)
        if login and nodes[0].user == login.user:
            self.urls |= {login.user_variable} - {""}
            self._use_password(login.password_variable)
        return nodes

    def _built(
        self, service: str, urls: Sequence[str], kind: str, scheme: str, login: Login | None, origin: str
    ) -> tuple[Target, ...]:
        """Return a target for each URL, with the login where the URL has none."""
        context = EntryContext(self._environment, service, self._folder, self._environ, {}, app=True)
        try:
            nodes = nodes_of(context, urls, login)
        except InvalidValue as invalid:
            return (self._failed(service, kind, scheme, invalid.message),)
        self.warnings += dict.fromkeys(f"{self._name}:{origin}: {remark}" for remark in context.remarks)
        return nodes

    def _failed(self, service: str, kind: str, scheme: str, message: str) -> Target:
        problem = Failure(Reason.CONFIG, message)
        return Target(self._environment, service, kind, scheme, problem=problem)


def _parts(variables: Sequence[Variable]) -> Parts:
    """Return the services that several variables describe; a value that is not known counts as set."""
    return services_from({each.name: each.value or ("unset" if each.problem else "") for each in variables})


def _holds_password(value: str) -> bool:
    if _PASSWORD_KEY.search(value):
        return True
    if "@" not in value:
        return False
    try:
        understood = understand(value)
    except InvalidValue:  # what stands before the @ is not known to be a user
        return True
    return any(map(has_password, understood.urls if understood else (value,)))


def _shown_scheme(value: str) -> str:
    """Return the beginning of a URL that holds no secret."""
    scheme = scheme_of(value)
    return f"{scheme}://" if scheme else ":".join(value.split(":", 2)[:2])[:40] + ":"

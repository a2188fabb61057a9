"""An app's dotenv file as an environment: every variable that holds the URL of a known service is a service.

The file belongs to the app: a line that is not understood fails its own target, or is left out by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from parity_tui import services
from parity_tui.config.address import has_password, scheme_of
from parity_tui.config.app_url import AppURL, NotUnderstoodError, looks_like_url, understand
from parity_tui.config.config import LeftOut
from parity_tui.config.dotenv_values import Variable, variables
from parity_tui.config.dsn import as_url, is_keyword_text
from parity_tui.config.errors import ConfigError, InvalidValue
from parity_tui.config.targets import EntryContext, ServiceEntry, as_nodes, build
from parity_tui.drift.values import printable
from parity_tui.model import Failure, Reason, Target
from parity_tui.transport.child_environ import withhold

_SUFFIXES = ("_URL", "_URI", "_DSN")
_PROJECT_FOLDER = "%kernel.project_dir%/"
"""Symfony's project folder, where its dotenv files are"""
_ONE_OF_SEVERAL = "target_session_attrs"
"""the option by which an app takes one of several hosts"""


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

    >>> service_name("DATABASE_URL"), service_name("CELERY_BROKER_URL"), service_name("REDIS")
    ('database', 'celery_broker', 'redis')
    """
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
    found, warnings = variables(text, name, environ)
    withhold(name for variable in found for name in _password_variables(variable, environ))
    reader = _Reader(name, environment, environ, folder)
    for variable in found:
        reader.add(variable)
    if not reader.targets:
        known = ", ".join(services.schemes())
        reasons = "".join(f"\n    {item.name}: {item.reason}" for item in reader.left_out)
        raise ConfigError(f"{name}: no variable holds the URL of a service; known schemes: {known}{reasons}")
    targets = tuple(target for nodes in reader.targets.values() for target in nodes)
    holds_password = any(_holds_password(variable.holds) for variable in reader.origins.values())
    others = frozenset(variable.name for variable in found) - reader.urls
    return DotenvResult(
        targets, (*warnings, *reader.warnings), holds_password, tuple(reader.left_out), frozenset(reader.urls), others
    )


def _password_variables(variable: Variable, environ: Mapping[str, str]) -> list[str]:
    """Return the variables that hold the password of a URL: this one, and those in the place of its password."""
    if not has_password(variable.value):
        return []
    password = variable.value.partition("://")[2].rpartition("@")[0].partition(":")[2]
    return [variable.name, *(name for name in variable.refers_to if environ.get(name, "\0") in password)]


class _Reader:
    """Collects the targets of one file, and its variables that are left out."""

    def __init__(self, name: str, environment: str, environ: Mapping[str, str], folder: Path) -> None:
        self.targets: dict[str, tuple[Target, ...]] = {}
        self.origins: dict[str, Variable] = {}
        self.left_out: list[LeftOut] = []
        self.warnings: list[str] = []
        self.urls: set[str] = set()
        self._name = name
        self._environment = environment
        self._environ = environ
        self._folder = folder

    def add(self, variable: Variable) -> None:
        """Take one variable: a service, something that is left out, or nothing that matters here."""
        value = variable.value.replace(_PROJECT_FOLDER, "")
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
        elif looks_like_url(value):
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

    def _nodes(self, service: str, variable: Variable, understood: AppURL) -> tuple[Target, ...]:
        """Return the targets of a variable; what is not understood is a target with a problem."""
        if variable.problem:
            return (self._failed(service, understood.kind, understood.scheme, variable.problem),)
        context = EntryContext(self._environment, service, self._folder, self._environ, {}, app=True)
        try:
            targets = [build(context, ServiceEntry(url=url), {}) for url in understood.urls]
            nodes = as_nodes([_any_of_several(target) for target in targets]) if len(targets) > 1 else tuple(targets)
        except InvalidValue as invalid:
            return (self._failed(service, understood.kind, understood.scheme, invalid.message),)
        where = f"{self._name}:{variable.line}: {printable(variable.name)}"
        self.warnings += dict.fromkeys(f"{where}: {remark}" for remark in context.remarks)
        return nodes

    def _failed(self, service: str, kind: str, scheme: str, message: str) -> Target:
        problem = Failure(Reason.CONFIG, message)
        return Target(self._environment, service, kind, scheme, problem=problem)


def _holds_password(value: str) -> bool:
    try:
        return has_password(as_url(value))
    except InvalidValue:  # a text of Go's library
        return True


def _any_of_several(target: Target) -> Target:
    """Return one of several hosts without the option that lets the app take only one of them."""
    wanted = target.options.get(_ONE_OF_SEVERAL, "any")
    if wanted == "any":
        return target
    options = {name: value for name, value in target.options.items() if name != _ONE_OF_SEVERAL}
    note = f"every host is read; the app takes one that fits {_ONE_OF_SEVERAL} = {wanted}"
    return replace(target, options=options, notes=(*target.notes, note))


def _shown_scheme(value: str) -> str:
    """Return the beginning of a URL that holds no secret."""
    scheme = scheme_of(value)
    return f"{scheme}://" if scheme else ":".join(value.split(":", 2)[:2])[:40] + ":"

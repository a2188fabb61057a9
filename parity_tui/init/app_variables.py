"""The variables of an app's container -> the services that they name, by URL or in parts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from parity_tui.config.address import scheme_of
from parity_tui.config.app_url import looks_like_url
from parity_tui.config.dotenv import service_name, url_of
from parity_tui.config.dotenv_parts import Parts, services_from
from parity_tui.config.dotenv_parts.names import with_scheme_of_product


class AppService(Struct, frozen=True):
    """A service as an app names it."""

    name: str
    """its role"""
    url: str
    origin: str
    """the variables, in words without their values: "DATABASE_URL of web" """
    user: str = ""
    """user of variables beside the URL, which has none"""
    has_password: bool = False
    """whether variables beside the URL hold a password"""
    in_parts: bool = False
    """whether several variables give the address"""

    @property
    def has_own_name(self) -> bool:
        """Whether its name says more than that of the server would: not that of a long group of parts."""
        return not self.in_parts or "_" not in self.name

    def __repr__(self) -> str:
        return f"AppService({self.name!r})"


class LeftOutVariable(Struct, frozen=True):
    """A variable that names a server of no known kind."""

    variable: str
    reason: str


class AppVariables(Struct, frozen=True):
    """What the variables of a container say."""

    services: Sequence[AppService]
    left_out: Sequence[LeftOutVariable]


def services_of(variables: Mapping[str, str], app: str) -> AppVariables:
    """Return the services that the variables of a container name.

    >>> found = services_of({"DB_HOST": "db", "DB_PORT": "3306", "CACHE_URL": "redis://c"}, "web").services
    >>> [(service.name, service.url, service.origin) for service in found]
    [('cache', 'redis://c', 'CACHE_URL of web'), ('database', 'mysql://db:3306', 'DB_HOST, DB_PORT of web')]
    """
    variables = {name: with_scheme_of_product(name, value) for name, value in variables.items()}
    parts = services_from(variables)
    urls = {variable: url for variable, value in variables.items() if (url := url_of(value))}
    found = [*_by_url(urls, parts, app), *_in_parts(parts, app)]
    in_parts = {name for each in parts.services for name in each.variables}
    left_out = [
        LeftOutVariable(variable, f"{scheme_of(value)}:// is the URL of no kind that is known here")
        for variable, value in variables.items()
        if variable not in urls and variable not in in_parts and looks_like_url(value) and scheme_of(value)
    ]
    named = {each.variable for each in left_out}
    left_out += [
        LeftOutVariable(each.variables[0], each.reason) for each in parts.left_out if each.variables[0] not in named
    ]
    return AppVariables(found, left_out)


def _by_url(urls: Mapping[str, str], parts: Parts, app: str) -> Iterator[AppService]:
    for variable, url in urls.items():
        login = parts.logins.get(variable)
        origin = f"{variable} of {app}"
        if login and login.password_variable:
            origin = f"{login.password_variable} of {app}"
        yield AppService(
            service_name(variable), url, origin, login.user if login else "", bool(login and login.password)
        )


def _in_parts(parts: Parts, app: str) -> Iterator[AppService]:
    for part in parts.services:
        if part.urls:
            names = part.password_variable or ", ".join(part.variables[:2])
            yield AppService(part.name, part.urls[0], f"{names} of {app}", "", part.password is not None, True)

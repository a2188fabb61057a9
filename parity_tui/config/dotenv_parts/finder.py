"""Groups of variables -> the services that they describe."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from parity_tui import services
from parity_tui.config.dotenv_parts.address import Bundle, number, server, sqlite_url, urls, with_security
from parity_tui.config.dotenv_parts.found import Login, PartLeftOut, Parts, PartService
from parity_tui.config.dotenv_parts.kinds import DATABASES, kind_of_driver, kind_of_host, kind_of_port
from parity_tui.config.dotenv_parts.names import PRODUCTS, Group, part_of
from parity_tui.config.dotenv_parts.url_variables import (
    URLVariable,
    address_of,
    names_tls,
    server_of,
    shown,
    understood,
)
from parity_tui.config.errors import InvalidValue
from parity_tui.secrets import Secret

_ROOT = "root"
_TITLES = {"smtp": "mail over SMTP", "mongodb": "MongoDB", "elasticsearch": "Elasticsearch", "nats": "NATS"}
_STORES = re.compile(r"(CACHE|SESSION|QUEUE|BROADCAST)_(STORE|DRIVER|CONNECTION)")
"""variables by which Laravel chooses among the addresses of its template"""
_MOST = 2000
"""variables of a file that are looked at"""


class Finder:
    """Groups variables, and makes services of the groups that name a server."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._bundles: dict[tuple[str, ...], Bundle] = {}
        self._urls: list[URLVariable] = []
        self._products: set[str] = set()
        self._problems: dict[str, str] = {}
        self._stores = {name: value for name, value in variables.items() if _STORES.fullmatch(name) and value}
        self._too_many = len(variables) > _MOST
        for variable, value in list(variables.items())[:_MOST]:
            self._add(variable, value)

    def _add(self, variable: str, value: str) -> None:
        part = part_of(variable)
        if found := understood(value):
            self._urls.append(URLVariable(variable, found, address_of(found.urls[0]), part.group if part else None))
            return
        if part is None or (part.field == "url" and ("://" in value or ";" in value or "=" in value)):
            return
        field = "host" if part.field == "url" else part.field
        self._products.add(part.group.product)
        if field == "kind" and part.group.role == "mail":
            field = "" if "smtp" in value.lower() else "other mailer"
        elif field == "kind" and not kind_of_driver(value):
            return
        bundle = self._bundles.setdefault(part.group.words, Bundle(part.group))
        bundle.add(field, part.rank + 50 * part.group.shortened + 100 * (part.field == "url"), variable, value)

    def result(self) -> Parts:
        """Return everything that the variables describe."""
        for bundle in self._bundles.values():
            self._inherit(bundle)
        for bundle in self._bundles.values():
            bundle.kind = _kind(bundle)
        self._adopt()
        found: dict[str, PartService] = {}
        left_out, remarks = [], []
        for bundle in self._bundles.values():
            if not _names_server(bundle) or bundle.get("other mailer"):
                continue
            if (service := self._service(bundle)) is None:
                if not self._has_url_of_role(bundle):
                    left_out.append(self._left_out(bundle))
            elif remark := self._covered(service, bundle):
                remarks.append(remark)
            elif not _is_repeated(service, found.values()):
                name = service.own_name if service.name in found else service.name
                found.setdefault(name, service)
        remarks = [remark for remark in remarks if remark != _SAME]
        if self._too_many:
            remarks.append(f"addresses in parts are found in the first {_MOST:,} variables only")
        services_found = tuple(replace(service, others=self._others(service.kind)) for service in found.values())
        return Parts(
            services_found,
            tuple(left_out),
            tuple(self._hostless(services_found)),
            self._logins(),
            self._encrypted(),
            tuple(remarks),
            self._problems,
        )

    def _others(self, kind: str) -> tuple[str, ...]:
        """Return the variables that choose the app's stores, if none of them chooses this kind of store."""
        chosen = {variable: kind_of_driver(value) for variable, value in self._stores.items()}
        return tuple(chosen) if kind in ("redis", "memcached") and kind not in chosen.values() else ()

    def _inherit(self, bundle: Bundle) -> None:
        """Complete a group from the one that its words begin with: DB_READ from DB."""
        words = bundle.group.words
        for length in range(len(words) - 1, 0, -1):
            parent = self._bundles.get(words[:length])
            if parent is not None and bundle.has_host:
                parts = [part for part in parent.values if part not in ("host", "socket", "url", "file")]
                own_product = bundle.group.product and not parent.group.product
                bundle.adopt(parent, *(["kind"] if own_product else parts))

    def _adopt(self) -> None:
        """Give the parts of a group without a host to the only group of its kind with one: POSTGRES_USER, DB_HOST."""
        hosted = [bundle for bundle in self._bundles.values() if bundle.has_host]
        known = {bundle.kind for bundle in hosted} | {url.understood.kind for url in self._urls}
        for bundle in hosted:
            if not bundle.kind:
                bundle.kind = self._neighbour(bundle, known)
        for orphan in [bundle for bundle in self._bundles.values() if bundle.values and not _names_server(bundle)]:
            group = orphan.group
            if not _is_product(group) and len(group.words) != 1:
                continue
            if group.product or not group.role:
                hosts = [bundle for bundle in hosted if bundle.kind == orphan.kind]
            else:
                hosts = [bundle for bundle in hosted if bundle.group.role == group.role]
            root = group.words[-1].lower() == _ROOT
            if len(hosts) == 1 and (not root or hosts[0].get("user") in ("", _ROOT)):
                hosts[0].adopt(orphan, *(("password",) if root else ()))

    def _neighbour(self, bundle: Bundle, known: Iterable[str]) -> str:
        """Return the only kind of the same role that other variables of the file name, "" for none or several."""
        possible = {
            "database": (*DATABASES, "mongodb"),
            "cache": ("redis", "memcached"),
            "queue": ("rabbitmq", "redis"),
        }
        kinds = [kind for kind in possible.get(bundle.group.role, ()) if kind in {*known, *self._products}]
        return kinds[0] if len(kinds) == 1 else ""

    def _service(self, bundle: Bundle) -> PartService | None:
        """Return the service of a group, None where its kind is not known."""
        if bundle.kind not in services.kinds() or "SENTINEL" in bundle.group.words:
            return None
        if bundle.kind == "sqlite":
            file = bundle.get("file") or bundle.get("name")
            used = [part for part in ("file", "name") if bundle.get(part) == file][:1]
            return _made(bundle, (sqlite_url(file),), file, (*used, "kind"))
        try:
            found = urls(bundle)
            return _made(bundle, found, shown(found[0]) or _shown(bundle), tuple(bundle.values))
        except InvalidValue as invalid:
            return _made(bundle, (), _shown(bundle), tuple(bundle.values), invalid.message)

    def _has_url_of_role(self, bundle: Bundle) -> bool:
        """Return whether a URL fills the role of a group of unknown kind."""
        return not bundle.kind and any(url.group and url.group.name == bundle.group.name for url in self._urls)

    def _left_out(self, bundle: Bundle) -> PartLeftOut:
        variables = tuple(bundle.variable(part) for part in ("host", "socket", "port") if part in bundle.values)
        if "SENTINEL" in bundle.group.words:
            reason = "a Sentinel names the servers of Redis: write the URL of each in parity.toml"
        elif bundle.kind:
            reason = f"{_TITLES.get(bundle.kind, bundle.kind)} is no kind of service that is known here"
        else:
            begin = "_".join(bundle.group.words)
            example = f"{begin}_CONNECTION=pgsql" if bundle.group.role in ("database", "") else f"{begin}_DRIVER=redis"
            reason = (
                f"the kind of its server is not known: add {begin}_PORT, or {example}, or describe it in parity.toml"
            )
        return PartLeftOut(variables, reason)

    def _covered(self, service: PartService, bundle: Bundle) -> str:
        """Return a remark where a URL is the same service; `_SAME` where its address is the same too; "" for none."""
        at = server_of(address_of(service.urls[0])) if service.urls else None
        for url in self._urls:
            if url.understood.kind != service.kind:
                continue
            same = at is not None and server_of(url.address) == at
            role = url.group is not None and (url.group.words == bundle.group.words or url.group.name == service.name)
            if same and (role or _is_product(bundle.group)):
                return _SAME
            if role:
                return f"{', '.join(service.variables[:2])}: not used, because {url.variable} names the server"
        return ""

    def _hostless(self, found: Iterable[PartService]) -> list[PartLeftOut]:
        """Return the groups that name no host, of kinds that no service of the file has."""
        kinds = {*(service.kind for service in found), *(url.understood.kind for url in self._urls)}
        roles = {bundle.group.role for bundle in self._bundles.values() if _names_server(bundle)}
        roles |= {url.group.role for url in self._urls if url.group}
        roles |= {"database"} if kinds & {*DATABASES, "sqlite"} else set()
        result = []
        for bundle in self._bundles.values():
            counted = ("kind",) if bundle.kind == "sqlite" else ("port", "user", "password", "name")
            parts = [part for part in bundle.values if part in counted]
            parts = [] if parts == ["port"] or bundle.group.role == "mail" else parts
            covered = bundle.kind in kinds or (bundle.group.role and bundle.group.role in roles)
            if not parts or _names_server(bundle) or covered:
                continue
            variables = tuple(bundle.variable(part) for part in parts)
            begin = "_".join(bundle.group.words)
            missing = (
                f"the file of its database: add {begin}_DATABASE"
                if bundle.kind == "sqlite"
                else f"its host: add {begin}_HOST"
            )
            result.append(PartLeftOut(variables, f"no variable names {missing}"))
        return result

    def _encrypted(self) -> dict[str, tuple[str, ...]]:
        """Return the URLs that get TLS from a variable beside them: REDIS_URL, REDIS_TLS."""
        encrypted = {}
        for url in self._urls:
            beside = self._bundles.get(url.group.words) if url.group else None
            if beside is None or url.address is None or names_tls(url.address, url.understood.kind):
                continue
            bundle = Bundle(beside.group, beside.values, url.understood.kind)
            try:
                urls = tuple(with_security(bundle, each) for each in url.understood.urls)
            except InvalidValue as invalid:
                self._problems[url.variable] = invalid.message
                continue
            if urls != url.understood.urls:
                encrypted[url.variable] = urls
        return encrypted

    def _logins(self) -> dict[str, Login]:
        """Return the login beside each URL that has none: SPRING_DATASOURCE_USERNAME, …_PASSWORD."""
        logins = {}
        for url in self._urls:
            bundle = self._bundles.get(url.group.words) if url.group else None
            if bundle is None or url.address is None or url.address.user or url.address.password:
                continue
            user, password = bundle.get("user"), bundle.get("password")
            if user or password:
                secret = Secret(password) if password else None
                logins[url.variable] = Login(user, secret, bundle.variable("user"), bundle.variable("password"))
        return logins


_SAME = "\0"


def _kind(bundle: Bundle) -> str:
    """Return the kind of a group by its own variables, "" where it stays unknown."""
    group = bundle.group
    at = server(bundle.hosts[0], bundle.get("port")) if bundle.has_host else server("", bundle.get("port"))
    return (
        group.product
        or kind_of_driver(bundle.get("kind"))
        or kind_of_driver(bundle.get("scheme"))
        or kind_of_port(number(at.port))
        or kind_of_host(at.host)
        or group.usual
    )


def _names_server(bundle: Bundle) -> bool:
    if bundle.kind == "sqlite":
        return bool(bundle.get("file") or bundle.get("name"))
    return bundle.has_host


def _is_product(group: Group) -> bool:
    """Return whether a group is named after a product alone: MYSQL, MYSQL_ROOT."""
    words = [word for word in group.words if word.lower() != _ROOT]
    return len(words) == 1 and words[0] in PRODUCTS


def _is_repeated(service: PartService, found: Iterable[PartService]) -> bool:
    return any(other.name == service.name and other.urls[:1] == service.urls[:1] for other in found)


def _shown(bundle: Bundle) -> str:
    """Return the address of the first host as it is written."""
    at = server(bundle.hosts[0], bundle.get("port"))
    address = at.host if at.host.startswith("/") or not at.port else f"{at.host}:{at.port}"
    return address.rpartition("@")[2]  # without a login in the wrong place


def _made(bundle: Bundle, found: tuple[str, ...], address: str, parts: Iterable[str], problem: str = "") -> PartService:
    order = ("host", "socket", "file", "port", "name", "user", "kind")
    shown = sorted(parts, key=lambda part: order.index(part) if part in order else len(order))
    password = bundle.get("password") if bundle.kind != "sqlite" else ""
    return PartService(
        name=bundle.group.name,
        own_name=bundle.group.own_name,
        kind=bundle.kind,
        urls=found,
        variables=tuple(dict.fromkeys(bundle.variable(part) for part in shown if part != "password")),
        password=Secret(password) if password else None,
        password_variable=bundle.variable("password") if password else "",
        problem=problem,
        address=address,
    )

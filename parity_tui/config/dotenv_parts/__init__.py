"""Variables that give an address in parts (DB_HOST, DB_PORT, …) -> services.

- `names.py`: the name of a variable -> its part and its group
- `kinds.py`: the kind where no name tells it
- `address.py`: the variables of a group -> a URL
- `found.py`: the services, and what is left out

A group is what names begin with: DB, ORDERS_DB, SPRING_DATA_REDIS. A group without a host is no client: it configures
the image of a server, or completes another group.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct

from parity_tui import services
from parity_tui.config.address import Address, parse_url
from parity_tui.config.app_url import AppURL, understand
from parity_tui.config.dotenv_parts.address import Bundle, number, server, sqlite_url, urls
from parity_tui.config.dotenv_parts.found import Login, PartLeftOut, Parts, PartService
from parity_tui.config.dotenv_parts.kinds import DATABASES, kind_of_driver, kind_of_host, kind_of_port
from parity_tui.config.dotenv_parts.names import PRODUCTS, Group, part_of
from parity_tui.config.errors import InvalidValue
from parity_tui.secrets import Secret

_ROOT = "root"
_TITLES = {"smtp": "mail over SMTP", "mongodb": "MongoDB", "elasticsearch": "Elasticsearch", "nats": "NATS"}
_MOST = 2000
"""variables of a file that are looked at"""


def services_from(variables: Mapping[str, str]) -> Parts:
    """Return the services that variables describe in parts; those of a URL variable are left to the URL.

    >>> [service.explanation for service in services_from({"DB_CONNECTION": "pgsql", "DB_HOST": "db"}).services]
    ['DB_HOST, DB_CONNECTION: postgres at db:5432']
    """
    return _Finder(variables).result()


class _URL(Struct, frozen=True):
    """A variable that holds the URL of a known kind."""

    variable: str
    understood: AppURL
    address: Address | None
    group: Group | None


class _Finder:
    def __init__(self, variables: Mapping[str, str]) -> None:
        self._bundles: dict[tuple[str, ...], Bundle] = {}
        self._urls: list[_URL] = []
        self._products: set[str] = set()
        for variable, value in list(variables.items())[:_MOST]:
            self._add(variable, value)

    def _add(self, variable: str, value: str) -> None:
        part = part_of(variable)
        if understood := _understood(value):
            self._urls.append(_URL(variable, understood, _address(understood.urls[0]), part.group if part else None))
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
                left_out.append(self._left_out(bundle))
            elif remark := self._covered(service, bundle):
                remarks.append(remark)
            elif not _is_repeated(service, found.values()):
                name = service.own_name if service.name in found else service.name
                found.setdefault(name, service)
        remarks = [remark for remark in remarks if remark != _SAME]
        services_found = tuple(found.values())
        return Parts(
            services_found, tuple(left_out), tuple(self._hostless(services_found)), self._logins(), tuple(remarks)
        )

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
        kinds = {url.understood.kind for url in self._urls}
        known = {bundle.kind for bundle in self._bundles.values() if bundle.has_host} | kinds
        for bundle in self._bundles.values():
            if not bundle.kind and bundle.has_host:
                bundle.kind = self._neighbour(bundle, known)
        for orphan in [bundle for bundle in self._bundles.values() if bundle.values and not _names_server(bundle)]:
            hosts = [bundle for bundle in self._bundles.values() if bundle.has_host and bundle.kind == orphan.kind]
            if not orphan.group.product and orphan.group.role:
                hosts = [
                    each for each in self._bundles.values() if each.has_host and each.group.role == orphan.group.role
                ]
            if len(hosts) == 1 and (_is_product(orphan.group) or len(orphan.group.words) == 1):
                root = orphan.group.words[-1].lower() == _ROOT
                if not root or hosts[0].get("user") in ("", _ROOT):
                    hosts[0].adopt(orphan, *(("password",) if root else ()))

    def _neighbour(self, bundle: Bundle, known: Iterable[str]) -> str:
        """Return the only kind of the same role that other variables of the file name, "" for none or several."""
        possible = {"database": DATABASES, "cache": ("redis", "memcached"), "queue": ("rabbitmq", "redis")}
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
            return _made(bundle, found, _shown_url(found[0]) or _shown(bundle), tuple(bundle.values))
        except InvalidValue as invalid:
            return _made(bundle, (), _shown(bundle), tuple(bundle.values), invalid.message)

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
                f"nothing tells the kind of its server: add {begin}_PORT, or {example}, or describe it in parity.toml"
            )
        return PartLeftOut(variables, reason)

    def _covered(self, service: PartService, bundle: Bundle) -> str:
        """Return a remark where a URL is the same service; `_SAME` where its address is the same too; "" for none."""
        at = _server(_address(service.urls[0])) if service.urls else None
        for url in self._urls:
            if url.understood.kind != service.kind:
                continue
            same = at is not None and _server(url.address) == at
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


def _understood(value: str) -> AppURL | None:
    try:
        return understand(value)
    except InvalidValue:
        return None


def _address(url: str) -> Address | None:
    try:
        return parse_url(url, services.schemes(), lenient=True)
    except InvalidValue:
        return None


def _server(address: Address | None) -> tuple[str, int] | None:
    if address is None:
        return None
    service = services.kinds()[services.schemes()[address.scheme]]
    return address.host, address.port or (
        service.tls_port if address.scheme in service.tls_schemes else 0
    ) or service.port


def _kind(bundle: Bundle) -> str:
    """Return the kind of a group by its own variables, "" where they do not tell it."""
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


def _shown_url(url: str) -> str:
    """Return the address of a URL as a person reads it, "" where it cannot be taken apart."""
    at = _server(_address(url))
    if at is None or at[0].startswith("/"):
        return at[0] if at else ""
    return f"[{at[0]}]:{at[1]}" if ":" in at[0] else f"{at[0]}:{at[1]}"


def _shown(bundle: Bundle) -> str:
    """Return the address of the first host as it is written."""
    at = server(bundle.hosts[0], bundle.get("port"))
    return at.host if at.host.startswith("/") or not at.port else f"{at.host}:{at.port}"


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


__all__ = ["Login", "PartLeftOut", "PartService", "Parts", "services_from"]

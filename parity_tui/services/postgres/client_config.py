"""libpq's own configuration, read only if the configuration says auth = "native".

A service of ~/.pg_service.conf (or PGSERVICEFILE, or the system's file) completes the URL. The password is the
service's, else PGPASSWORD, else that of the first matching line of ~/.pgpass (or PGPASSFILE). PGHOST, PGUSER and the
like are ignored: they would turn one environment into another.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from msgspec.structs import replace

from parity_tui.model import Reason, ServiceError, Target, TlsMode
from parity_tui.secrets import Secret
from parity_tui.transport.credential_files import as_secret, home, port_of, read_private

SYSTEM = "/etc/postgresql-common"
"""folder of the system's services, unless PGSYSCONFDIR names another"""

SCHEME_ALIASES = dict.fromkeys(("pgsql", "psql", "pg", "postgis", "ecto", "cockroachdb"), "postgresql")
"""spellings of Django, Doctrine, Laravel, Ecto and others"""
DRIVERS = (
    "asyncpg", "psycopg", "psycopg_async", "psycopg2", "psycopg2cffi", "psycopg3", "pg8000", "aiopg", "pygresql",
    "pypostgresql", "async", "postgres",
)  # fmt: skip
TLS_OPTIONS: dict[str, str | dict[str, str]] = {
    "sslaccept": {"strict": "verify-full", "accept_invalid_certs": "unverified"},  # Prisma
    "ssl_require": {"true": "require", "1": "require"},
    "ssl-mode": "tls", "sslMode": "tls", "ssl_mode": "tls",
    "sslca": "ca", "ssl_ca": "ca", "ssl-root-cert": "ca", "ssl-cert": "cert", "ssl-key": "key",
}  # fmt: skip

_MODES = {"disable": TlsMode.OFF, "allow": TlsMode.PREFER}
_PRIVATE = 0o077
"""bits of a file mode that libpq rejects"""
_FIELD = re.compile(r"([^\\:]*+(?:\\.[^\\:]*+)*+(?:\\$)?)(?::|$)", re.DOTALL)


def from_client_config(target: Target, environ: Mapping[str, str]) -> Target:
    """Return the target completed from its service; its password is looked up at each login.

    Raises:
        ServiceError: Reason.CONFIG, if the service is missing or wrong; Reason.SECRET, if its password is no text.
    """
    service = _service(target.options.get("service", ""), environ)
    text = service.pop("password", "")
    secret = as_secret(text, "pg_service.conf") if text else None
    passfile = service.get("passfile", "")
    completed = _completed(target, service)

    def password() -> Secret | None:
        variable = environ.get("PGPASSWORD", "")
        if secret or not variable:
            return secret or _passfile_password(completed, passfile, environ)
        return as_secret(variable, "the variable PGPASSWORD")

    return replace(completed, password=password)


def _completed(target: Target, service: Mapping[str, str]) -> Target:
    port = port_of(service.get("port", ""), "the service in pg_service.conf")
    tls = target.tls or _tls_mode(service.get("sslmode", ""))
    verified = tls.startswith("verify")
    options = {name: value for name, value in target.options.items() if name != "service"}
    if "target_session_attrs" in service:
        options.setdefault("target_session_attrs", service["target_session_attrs"])
    return replace(
        target,
        host=target.host or service.get("host", ""),
        port=target.port or port,
        path=target.path or service.get("dbname", ""),
        user=target.user or service.get("user", ""),
        tls=tls,
        ca=target.ca or (service.get("sslrootcert", "") if verified else ""),
        cert=target.cert or (service.get("sslcert", "") if tls is not TlsMode.OFF else ""),
        key=target.key or (service.get("sslkey", "") if tls is not TlsMode.OFF and not target.cert else ""),
        options=options,
    )


def _tls_mode(sslmode: str) -> TlsMode:
    try:
        return _MODES[sslmode] if sslmode in _MODES else TlsMode(sslmode)
    except ValueError:
        modes = ", ".join(mode for mode in TlsMode if mode)
        raise ServiceError(
            Reason.CONFIG, f"of the files of its own clients: the mode of TLS must be one of {modes}"
        ) from None


def _service(name: str, environ: Mapping[str, str]) -> dict[str, str]:
    if not name:
        return {}
    files = _service_files(environ)
    for path, required in files:
        try:
            text = read_private(path, 0, must=required)
        except ServiceError as error:
            raise ServiceError(Reason.CONFIG, error.message.removeprefix("password: ")) from None
        entries = entries_of(text or "", name)
        if entries is not None:
            return entries
    paths = " or ".join(str(path) for path, _ in files)
    raise ServiceError(Reason.CONFIG, f'there is no service "{name}" in {paths}')


def _service_files(environ: Mapping[str, str]) -> list[tuple[Path, bool]]:
    """Return (path, whether it must exist)."""
    folder, named = home(environ), environ.get("PGSERVICEFILE", "")
    users = [(Path(named), True)] if named else [(folder / ".pg_service.conf", False)] if folder else []
    return [*users, (Path(environ.get("PGSYSCONFDIR") or SYSTEM) / "pg_service.conf", False)]


def entries_of(text: str, name: str) -> dict[str, str] | None:
    r"""Return the entries of the first section of this name, None if it is missing.

    >>> entries_of("# prod\n[prod]\nhost=db\npassword=a=b\n[dev]\nhost=x", "prod")
    {'host': 'db', 'password': 'a=b'}
    """
    entries: dict[str, str] | None = None
    for line in (line.strip() for line in text.split("\n")):
        if line.startswith("[") and entries is not None:
            break
        if line == f"[{name}]":
            entries = {}
        elif entries is not None and line and not line.startswith("#"):
            key, equals, value = line.partition("=")
            if equals:
                entries.setdefault(key.strip(), value.strip())
    return entries


def _passfile_password(target: Target, named: str, environ: Mapping[str, str]) -> Secret | None:
    folder, named = home(environ), named or environ.get("PGPASSFILE", "")
    if not named and folder is None:
        return None
    path = Path(named or f"{folder}/.pgpass")
    text = read_private(path, _PRIVATE, must=bool(named))
    login = (target.host, str(target.port or 5432), target.path or "postgres", target.user)
    password = password_of(text or "", login)
    return as_secret(password, str(path)) if password else None


def password_of(text: str, login: tuple[str, ...]) -> str:
    r"""Return the password of the first line that matches (host, port, database, user), "" if none does.

    >>> password_of("# a\nother:*:*:*:c\n*:5432:*:ann:a\\:b\n", ("db", "5432", "app", "ann"))
    'a:b'
    """
    for line in text.split("\n"):
        fields = [match[1] for match in _FIELD.finditer(line.removesuffix("\r"))]
        if line.startswith("#") or len(fields) < 5:
            continue
        if all(field == "*" or _unescaped(field) == value for field, value in zip(fields, login, strict=False)):
            return _unescaped(fields[4])
    return ""


def _unescaped(field: str) -> str:
    return re.sub(r"\\(.)", r"\1", field)

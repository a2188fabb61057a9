"""What libpq would find by itself, read by us and only where auth = "native" asks for it.

A service of ~/.pg_service.conf (or PGSERVICEFILE, or the system's) gives what the URL leaves out. The password is the
service's, else PGPASSWORD, else that of the first line of ~/.pgpass (or PGPASSFILE) that fits. PGHOST, PGUSER and the
like never count: they would turn one environment into another.
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
"""where the system's services are, unless PGSYSCONFDIR says another folder"""

_MODES = {"disable": TlsMode.OFF, "allow": TlsMode.PREFER}
_PRIVATE = 0o077
_FIELD = re.compile(r"((?:\\.|[^\\:]|\\$)*)(?::|$)", re.DOTALL)


def from_client_config(target: Target, environ: Mapping[str, str]) -> Target:
    """Return the target with what its service says, and with a password that is looked for at each login."""
    service = _service(target.options.get("service", ""), environ)
    words = service.pop("password", "")
    secret = as_secret(words, "pg_service.conf") if words else None
    passfile = service.get("passfile", "")
    found = _completed(target, service)

    def password() -> Secret | None:
        """Return the password as it is now."""
        given = environ.get("PGPASSWORD", "")
        if secret or not given:
            return secret or _of_passfile(found, passfile, environ)
        return as_secret(given, "the variable PGPASSWORD")

    return replace(found, password=password)


def _completed(target: Target, service: Mapping[str, str]) -> Target:
    """Return the target with what its URL leaves out."""
    port = port_of(service.get("port", ""), "the service in pg_service.conf")
    mode = service.get("sslmode", "")
    tls = target.tls or _tls_mode(mode)
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


def _tls_mode(word: str) -> TlsMode:
    """Return the mode that an sslmode of libpq names. Raises ServiceError."""
    try:
        return _MODES[word] if word in _MODES else TlsMode(word)
    except ValueError:
        modes = ", ".join(mode for mode in TlsMode if mode)
        raise ServiceError(
            Reason.CONFIG, f"of the files of its own clients: the mode of TLS must be one of {modes}"
        ) from None


def _service(name: str, environ: Mapping[str, str]) -> dict[str, str]:
    """Return what the service of this name says; nothing where none is named."""
    if not name:
        return {}
    for path, must in _service_files(environ):
        try:
            text = read_private(path, 0, must=must)
        except ServiceError as error:
            raise ServiceError(Reason.CONFIG, error.message.removeprefix("password: ")) from None
        entries = entries_of(text or "", name)
        if entries is not None:
            return entries
    places = " or ".join(str(path) for path, _ in _service_files(environ))
    raise ServiceError(Reason.CONFIG, f'there is no service "{name}" in {places}')


def _service_files(environ: Mapping[str, str]) -> list[tuple[Path, bool]]:
    """Return the files of services, and whether each must be there."""
    folder, named = home(environ), environ.get("PGSERVICEFILE", "")
    own = [(Path(named), True)] if named else [(folder / ".pg_service.conf", False)] if folder else []
    return [*own, (Path(environ.get("PGSYSCONFDIR") or SYSTEM) / "pg_service.conf", False)]


def entries_of(text: str, name: str) -> dict[str, str] | None:
    r"""Return what the first section of this name says, None where there is none.

    >>> entries_of("# prod\n[prod]\nhost=db\npassword=a=b\n[dev]\nhost=x", "prod")
    {'host': 'db', 'password': 'a=b'}
    """
    found: dict[str, str] | None = None
    for line in (line.strip() for line in text.split("\n")):
        if line.startswith("[") and found is not None:
            break
        if line == f"[{name}]":
            found = {}
        elif found is not None and line and not line.startswith("#"):
            key, equals, value = line.partition("=")
            if equals:
                found.setdefault(key.strip(), value.strip())
    return found


def _of_passfile(target: Target, named: str, environ: Mapping[str, str]) -> Secret | None:
    """Return the password of the first line that fits, None where there is none."""
    folder, named = home(environ), named or environ.get("PGPASSFILE", "")
    if not named and folder is None:
        return None
    path = Path(named or f"{folder}/.pgpass")
    text = read_private(path, _PRIVATE, must=bool(named))
    wanted = (target.host, str(target.port or 5432), target.path or "postgres", target.user)
    password = password_of(text or "", wanted)
    return as_secret(password, str(path)) if password else None


def password_of(text: str, wanted: tuple[str, ...]) -> str:
    r"""Return the password of the first line that fits (host, port, database, user), "" where there is none.

    >>> password_of("# a\nother:*:*:*:c\n*:5432:*:ann:a\\:b\n", ("db", "5432", "app", "ann"))
    'a:b'
    """
    for line in text.split("\n"):
        fields = [match[1] for match in _FIELD.finditer(line.removesuffix("\r"))]
        if line.startswith("#") or len(fields) < 5:
            continue
        if all(field == "*" or _plain(field) == word for field, word in zip(fields, wanted, strict=False)):
            return _plain(fields[4])
    return ""


def _plain(field: str) -> str:
    """Return a field without its backslashes."""
    return re.sub(r"\\(.)", r"\1", field)

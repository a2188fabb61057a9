"""The MySQL clients' own configuration, read only if the configuration says auth = "native".

The section [client] of ~/.my.cnf completes the URL and holds the password, else MYSQL_PWD does. Included files,
~/.mylogin.cnf and the system's files are not read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from msgspec.structs import replace

from parity_tui.model import Reason, ServiceError, Target, TlsMode
from parity_tui.secrets import Secret
from parity_tui.transport.credential_files import as_secret, home, port_of, read_private

_WORLD_WRITABLE = 0o002
"""bit of a file mode that the clients reject"""

SCHEME_ALIASES = {"mysql2": "mysql", "mysqli": "mysql", "mysqlgis": "mysql", "trilogy": "mysql", "percona": "mysql"}
"""spellings of Rails, Doctrine, Django and others"""
DRIVERS = (
    "pymysql", "aiomysql", "asyncmy", "mysqldb", "mysqlconnector", "mariadbconnector", "cymysql", "oursql", "pyodbc",
    "mysqlclient", "gaerdbms", "async",
)  # fmt: skip
_WORDS = {"required": "require", "verify_ca": "verify-ca", "verify_identity": "verify-full"}
TLS_OPTIONS: dict[str, str | dict[str, str]] = {
    **dict.fromkeys(("ssl-mode", "ssl_mode", "sslMode", "sslmode"), _WORDS),
    **dict.fromkeys(("ssl_ca", "ssl-ca", "sslca", "sslCa", "serverSslCert"), "ca"),
    **dict.fromkeys(("ssl_cert", "ssl-cert", "sslcert"), "cert"),
    **dict.fromkeys(("ssl_key", "ssl-key", "sslkey"), "key"),
    "sslaccept": {"strict": "verify-full", "accept_invalid_certs": "unverified"},
    "useSSL": {"true": "require", "false": "off"},
    "requireSSL": {"true": "require", "false": ""},
    "verifyServerCertificate": {"true": "verify-ca", "false": ""},
    "trustServerCertificate": {"true": "unverified", "false": ""},
    "ssl_verify_cert": {"true": "verify-ca", "1": "verify-ca", "false": "unverified", "0": "unverified"},
    "ssl_verify_identity": {"true": "verify-full", "1": "verify-full", "false": ""},
    "ssl_check_hostname": {"true": "verify-full", "1": "verify-full", "false": "unnamed", "0": "unnamed"},
}

_MODES = {
    "disabled": TlsMode.OFF, "preferred": TlsMode.PREFER, "required": TlsMode.REQUIRE, "verify_ca": TlsMode.VERIFY_CA,
    "verify_identity": TlsMode.VERIFY_FULL,
}  # fmt: skip
_ESCAPED = {"b": "\b", "t": "\t", "n": "\n", "r": "\r", "s": " "}


def from_client_config(target: Target, environ: Mapping[str, str]) -> Target:
    """Return the target completed from the client's file; its password is looked up at each login.

    Raises:
        ServiceError: Reason.CONFIG, if the file cannot be read or is wrong.
    """
    try:
        completed = _completed(target, _client_section(environ))
    except ServiceError as error:
        raise ServiceError(Reason.CONFIG, error.message.removeprefix("password: ")) from None

    def password() -> Secret | None:
        if text := _client_section(environ).get("password", ""):
            return as_secret(text, "~/.my.cnf")
        variable = environ.get("MYSQL_PWD", "")
        return as_secret(variable, "the variable MYSQL_PWD") if variable else None

    return replace(completed, password=password)


def _completed(target: Target, client: Mapping[str, str]) -> Target:
    port = port_of(client.get("port", ""), "[client] in ~/.my.cnf")
    tls = target.tls or _MODES.get(client.get("ssl-mode", "").lower(), TlsMode.UNSET)
    return replace(
        target,
        host=target.host or client.get("host", ""),
        port=target.port or port,
        path=target.path or client.get("database", ""),
        user=target.user or client.get("user", ""),
        tls=tls,
        ca=target.ca or (client.get("ssl-ca", "") if tls.startswith("verify") else ""),
    )


def _client_section(environ: Mapping[str, str]) -> dict[str, str]:
    folder = home(environ)
    return entries_of(read_private(folder / ".my.cnf", _WORLD_WRITABLE) or "", "client") if folder else {}


def entries_of(text: str, name: str) -> dict[str, str]:
    r"""Return the entries of all sections of this name; of two entries with one key the last counts.

    >>> entries_of("[mysqld]\nport=1\n[client]\nUser_x = a # b\npassword = 'a#b\\s' # mine\n", "client")
    {'User-x': 'a', 'password': 'a#b '}
    """
    entries, within = {}, False
    for line in (line.strip() for line in text.split("\n")):
        if line.startswith("["):
            within = line.partition("]")[0] == f"[{name}"
        elif within and line and line[0] not in "#;!":
            key, _, value = line.partition("=")
            entries[key.strip().replace("_", "-")] = _unquoted(value.strip())
    return entries


def _unquoted(value: str) -> str:
    """Return a value without quotes, the text after them, and backslashes."""
    quoted = re.match(r"""(?:'([^'\\]*+(?:\\.[^'\\]*+)*+)'|"([^"\\]*+(?:\\.[^"\\]*+)*+)")""", value, re.DOTALL)
    text = (quoted[1] or quoted[2] or "") if quoted else value.partition("#")[0].rstrip()
    return re.sub(r"\\(.)", lambda match: _ESCAPED.get(match[1], match[1] if match[1] in "\\\"'" else match[0]), text)

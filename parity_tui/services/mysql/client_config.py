"""What the MySQL clients would find by themselves, read by us and only where auth = "native" asks for it.

[client] of ~/.my.cnf gives the password and what the URL leaves out; without a password there, MYSQL_PWD has it.
Files that it includes, ~/.mylogin.cnf and the system's own files are not looked at.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from msgspec.structs import replace

from parity_tui.model import Reason, ServiceError, Target, TlsMode
from parity_tui.secrets import Secret
from parity_tui.transport.credential_files import as_secret, home, port_of, read_private

_OTHERS_WRITE = 0o002
"""a file that everybody can write into is one that the clients ignore"""

_MODES = {
    "disabled": TlsMode.OFF, "preferred": TlsMode.PREFER, "required": TlsMode.REQUIRE, "verify_ca": TlsMode.VERIFY_CA,
    "verify_identity": TlsMode.VERIFY_FULL,
}  # fmt: skip
_ESCAPED = {"b": "\b", "t": "\t", "n": "\n", "r": "\r", "s": " "}


def from_client_config(target: Target, environ: Mapping[str, str]) -> Target:
    """Return the target with what its client's file says, and with a password that is looked for at each login."""
    try:
        found = _completed(target, _client(environ))
    except ServiceError as error:
        raise ServiceError(Reason.CONFIG, error.message.removeprefix("password: ")) from None

    def password() -> Secret | None:
        """Return the password as it is now."""
        words, given = _client(environ).get("password", ""), environ.get("MYSQL_PWD", "")
        if not words and not given:
            return None
        return as_secret(words or given, "~/.my.cnf" if words else "the variable MYSQL_PWD")

    return replace(found, password=password)


def _completed(target: Target, client: Mapping[str, str]) -> Target:
    """Return the target with what its URL leaves out."""
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


def _client(environ: Mapping[str, str]) -> dict[str, str]:
    """Return what [client] of the file in the home folder says."""
    folder = home(environ)
    return client_of(read_private(folder / ".my.cnf", _OTHERS_WRITE) or "") if folder else {}


def client_of(text: str) -> dict[str, str]:
    r"""Return what [client] says; of two lines with one name the last counts.

    >>> client_of("[mysqld]\nport=1\n[client]\nUser_x = a # b\npassword = 'a#b\\s' # mine\n")
    {'User-x': 'a', 'password': 'a#b '}
    """
    found, within = {}, False
    for line in (line.strip() for line in text.split("\n")):
        if line.startswith("["):
            within = line.partition("]")[0] == "[client"
        elif within and line and line[0] not in "#;!":
            key, _, value = line.partition("=")
            found[key.strip().replace("_", "-")] = _plain(value.strip())
    return found


def _plain(value: str) -> str:
    """Return a value without its quotes, what follows them, and its backslashes."""
    quoted = re.match(r"""(['"])((?:\\.|(?!\1)[^\\])*)\1""", value, re.DOTALL)
    text = quoted[2] if quoted else value.partition("#")[0].rstrip()
    return re.sub(r"\\(.)", lambda match: _ESCAPED.get(match[1], match[1] if match[1] in "\\\"'" else match[0]), text)

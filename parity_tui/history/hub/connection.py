"""A connection to the hub, and its errors in words."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

from parity_tui.history.faults import Fault, StoreError
from parity_tui.model import Target, TlsMode
from parity_tui.secrets import secrets_of
from parity_tui.transport.errors import describe
from parity_tui.transport.foreign import foreign
from parity_tui.transport.password import password_of
from parity_tui.transport.tls import context

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping

    from asyncpg import Connection

SCHEMA_NAME = "parity_tui"
"""of the schema that has the tables, in the database of the hub"""
CHANNEL = "parity_tui"
"""of notifications"""
CONNECT_TIMEOUT = 3.0
"""seconds"""
CREATE = "parity-tui history --create"

_APPLICATION = "parity-tui history"
_SETTINGS = {
    "application_name": _APPLICATION,
    "search_path": SCHEMA_NAME,
    "tcp_keepalives_idle": "5",
    "tcp_keepalives_interval": "2",
    "tcp_keepalives_count": "3",
}
_LOOPBACK = re.compile(r"127\.|::1$|localhost$")
_SOCKET = ".s.PGSQL."
_MISSING = ("3F000", "42P01")
"""SQLSTATEs of a missing schema or table"""
_OTHER_SHAPE = ("42703", "42804", "42883", "23502", "23503", "23505", "23514", "22P02", "42P10", "42809")
"""SQLSTATEs of tables that are not as they were created"""
_REFUSED = {"28P01": "rejects the password of {}", "28000": "refuses the login of {}: {}"}
_READ_ONLY = "25006"


LOGIN_PAUSE = 60.0
"""seconds after a refused login: servers that count these may lock out the account"""


class LoginError(StoreError):
    """The hub refuses the login; only a person can mend that."""


async def connect(target: Target, settings: Mapping[str, str] | None = None) -> Connection[Any]:
    """Log in to the hub. Raises StoreError.

    Args:
        target: its address, user, password and TLS.
        settings: of the session, beside those that each has.
    """
    if target.problem is not None:
        raise StoreError(Fault.UNAVAILABLE, f"the hub: {target.problem.message}")
    if not target.host or not target.user:
        lacking = "host" if not target.host else "user"
        raise StoreError(Fault.UNAVAILABLE, f"the hub has no {lacking}: postgresql://USER@HOST/DATABASE")
    try:
        import asyncpg  # noqa: F401 - here: it is large

        arguments = await _login(target, {**_SETTINGS, **(settings or {})})
        tls = context(target.tls, target.ca, target.cert, target.key)
        return await _open(arguments, tls, target)
    except Exception as error:
        raise described(error, target) from None


async def _login(target: Target, settings: Mapping[str, str]) -> dict[str, Any]:
    """Return the driver's arguments: all that it would otherwise take from PG… variables and files."""
    secret = await password_of(target)
    host, port = target.host, target.port or 5432
    if target.is_unix_socket:
        host, _, number = target.host.rpartition(f"/{_SOCKET}")
        port = int(number)
    return {
        "host": host,
        "port": port,
        "user": target.user,
        "password": secret.reveal if secret else "",
        "database": target.path or target.user,
        "direct_tls": False,
        "target_session_attrs": "any",
        "krbsrvname": "postgres",
        "gsslib": "gssapi",
        "passfile": os.devnull,
        "server_settings": dict(settings),
        "timeout": CONNECT_TIMEOUT,
    }


async def _open(arguments: dict[str, Any], tls: ssl.SSLContext | None, target: Target) -> Connection[Any]:
    import asyncpg

    try:
        connection: Connection[Any] = await asyncpg.connect(**arguments, ssl=tls or False)
    except ConnectionError as error:
        if target.tls is not TlsMode.PREFER or "SSL upgrade" not in str(error):
            raise
        if target.password and not _LOOPBACK.match(target.host):  # a machine between could ask for clear text
            words = 'offers no TLS, and the password is sent over TLS only, unless tls = "off" is set'
            raise StoreError(Fault.UNAVAILABLE, f"{_name(target)} {words}") from None
        connection = await asyncpg.connect(**arguments, ssl=False)
    return connection


def described(error: Exception, target: Target) -> StoreError:
    """Return an error of the driver or of the network in words."""
    import asyncpg

    if isinstance(error, StoreError):
        return error
    with secrets_of(target.environment):
        if isinstance(error, asyncpg.DataError | UnicodeError | OverflowError):
            return StoreError(Fault.DAMAGED, f"{_name(target)} has other tables than parity-tui makes")
        if isinstance(error, asyncpg.PostgresError):
            return _server_error(error.sqlstate or "", str(error), target)
        if isinstance(error, asyncpg.InterfaceError | asyncpg.InternalClientError):
            return StoreError(Fault.UNAVAILABLE, f"{_name(target)} closed the connection")
    return StoreError(Fault.UNAVAILABLE, f"the hub: {describe(error, target, CONNECT_TIMEOUT).message}")


def _server_error(sqlstate: str, message: str, target: Target) -> StoreError:
    name = _name(target)
    if sqlstate in _MISSING:
        return StoreError(Fault.UNAVAILABLE, f"{name} has no history yet: {CREATE} makes it")
    if sqlstate in _OTHER_SHAPE:
        return StoreError(Fault.DAMAGED, f"{name} has other tables than parity-tui makes: {foreign(message)}")
    if sqlstate in _REFUSED:
        return LoginError(Fault.UNAVAILABLE, f"{name} {_REFUSED[sqlstate].format(target.user, foreign(message))}")
    words = {
        "3D000": f'has no database "{target.path or target.user}"',
        "42501": f"denies {target.user} permission: {foreign(message)}; {CREATE} prints the GRANTs",
        _READ_ONLY: "is read-only: a standby, or a role that may not write",
        "53100": f"has no space left: {foreign(message)}",
        "55P03": "is locked by another program",
        "57014": f"is too slow: {foreign(message)}",
    }
    if sqlstate.startswith("57P") or sqlstate.startswith("08"):
        return StoreError(Fault.UNAVAILABLE, f"{name} is down: {foreign(message)}")
    return StoreError(Fault.UNAVAILABLE, f"{name} {words.get(sqlstate, f'returned an error: {foreign(message)}')}")


def _name(target: Target) -> str:
    return f"the hub {target.address}"

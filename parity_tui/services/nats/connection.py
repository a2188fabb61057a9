"""The greeting of a server, TLS where it requires it, and a login where a user is configured."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from msgspec import Struct

from parity_tui import __version__
from parity_tui.model import Dialer, FirstBytesCheck, Reason, ServiceError, Target, TlsMode
from parity_tui.secrets import Secret
from parity_tui.transport.errors import clear_password, no_password
from parity_tui.transport.foreign import foreign
from parity_tui.transport.guard import leave, more_than_asked, unread, wrong_service
from parity_tui.transport.password import password_of
from parity_tui.transport.starttls import start_tls, verified

BUDGET = 256 * 1024
"""bytes of a greeting; a server needs about 500, and more for the addresses of a large cluster"""
MOST = "any NATS server greets with"
SILENCE = "closes the connection without a greeting: perhaps it starts with TLS (handshake_first)"
PING = b"PING\r\n"
_UNASKED = 4
"""lines that may come before the reply to our ping"""


class Greeting(Struct, frozen=True):
    """A server's INFO, and how far the connection got."""

    info: dict[str, Any]
    encrypted: bool = False
    logged_in: bool = False


async def greeting(target: Target, dialer: Dialer) -> Greeting:
    """Connect, take the greeting, start TLS and log in where that is due, and leave. Raises ServiceError."""
    reader, writer = await dialer.open(
        target.host, target.port, None, BUDGET, check=_check(dialer), most=MOST, silence=SILENCE, plain=True
    )
    try:
        info = parse_info(await reader.readline(), target.address)
        encrypted = wants_tls(info, target)
        if encrypted:
            await start_tls(dialer, reader, writer, verified(dialer))
        logged_in = await _log_in(target, info, reader, writer, encrypted)
        if unread(reader) and await reader.readline() != PING:  # sent to clients that are silent for two seconds
            raise more_than_asked(target.address)
        return Greeting(info, encrypted, logged_in)
    finally:
        leave(writer.transport)


def _check(dialer: Dialer) -> FirstBytesCheck:
    def check(first: bytes) -> ServiceError | None:
        known = b"INFO {".startswith(first[:6]) or first.startswith(b"-ERR")
        return None if known else wrong_service(dialer, first, "NATS")

    return check


def parse_info(line: bytes, address: str) -> dict[str, Any]:
    r"""Return the object of a greeting. Raises ServiceError for a refusal, or where it is malformed.

    >>> parse_info(b'INFO {"server_id":"N","version":"2.10.27","max_payload":1048576} \r\n', "nats:4222")["version"]
    '2.10.27'
    >>> parse_info(b"-ERR 'maximum connections exceeded'\r\n", "nats:4222")
    Traceback (most recent call last):
        ...
    parity_tui.model.failure.ServiceError: nats:4222 refuses: maximum connections exceeded
    """
    if line.startswith(b"-ERR"):
        raise ServiceError(Reason.SERVER, f"{address} refuses: {_error(line)}")
    invalid = ServiceError(Reason.PROTOCOL, f"{address} sent an invalid answer: the greeting is malformed")
    if not line.startswith(b"INFO ") or not line.endswith(b"\r\n"):
        raise invalid
    try:
        info = json.loads(line[5:])
    except (ValueError, RecursionError):
        raise invalid from None
    complete = isinstance(info, dict) and isinstance(info.get("max_payload"), int)
    if not complete or not all(isinstance(info.get(name), str) and info[name] for name in ("server_id", "version")):
        raise invalid
    return dict(info)


def wants_tls(info: dict[str, Any], target: Target) -> bool:
    """Return whether TLS is to be started. Raises ServiceError where the target requires it and there is none.

    >>> wants_tls({"tls_required": True}, Target("", "", "")), wants_tls({"tls_available": True}, Target("", "", ""))
    (True, False)
    """
    required, offered = info.get("tls_required") is True, info.get("tls_available") is True
    if target.tls in (TlsMode.OFF, TlsMode.PREFER):
        return required or (offered and target.tls is TlsMode.PREFER)
    if not (required or offered):
        raise ServiceError(Reason.TLS, f"{target.address} offers no TLS")
    return True


async def _log_in(
    target: Target, info: dict[str, Any], reader: asyncio.StreamReader, writer: asyncio.StreamWriter, encrypted: bool
) -> bool:
    """Log in if a user is configured, and return whether; a user without a password is a token, as in NATS' URLs."""
    if not target.user and target.password is None:
        return False
    if target.password is not None and (problem := clear_password(target, encrypted=encrypted)):
        raise problem
    secret = await password_of(target)
    if not target.user and secret is None:
        raise no_password(target.address, target.user)
    writer.write(_login(target.user, secret))
    line = await reader.readline()
    for _ in range(_UNASKED):
        if line == PING or line.startswith(b"INFO "):  # the account has limits of its own
            line = await reader.readline()
    if line == b"PONG\r\n":
        return True
    if not line.startswith(b"-ERR"):
        raise ServiceError(Reason.PROTOCOL, f"{target.address} sent an invalid answer to the login")
    error = _error(line)
    user = target.user if target.user and secret is not None else "the token"
    reason = Reason.AUTH if "Authori" in error or "Authent" in error else Reason.SERVER
    raise ServiceError(reason, f"{target.address} refuses the login of {user}: {error}")


def _login(user: str, secret: Secret | None) -> bytes:
    """Return the login and a ping: the reply to it ends the reply to the login."""
    options: dict[str, Any] = {
        "verbose": False,
        "pedantic": False,
        "name": "parity-tui",
        "lang": "python",
        "version": __version__,
        "protocol": 1,
    }
    if user and secret is not None:
        options |= {"user": user, "pass": secret.reveal()}
    else:
        options["auth_token"] = user or (secret.reveal() if secret is not None else "")
    return b"CONNECT " + json.dumps(options).encode() + b"\r\nPING\r\n"


def _error(line: bytes) -> str:
    r"""Return the text of an error.

    >>> _error(b"-ERR 'Authorization Violation'\r\n")
    'Authorization Violation'
    """
    return foreign(line[4:].decode("utf-8", "replace").strip().strip("'"), 200)

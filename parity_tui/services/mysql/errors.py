"""Errors of MySQL, MariaDB and asyncmy -> ServiceError with a sentence for a person."""

from __future__ import annotations

import errno

from parity_tui.model import Reason, ServiceError, Target
from parity_tui.transport.errors import no_password
from parity_tui.transport.foreign import foreign

LOST = frozenset({2006, 2013, 2055, 1053, 1152, 1158, 1159, 1160, 1161, 1184, 1927, 4031})
"""numbers of the driver and the server for a connection that has ended"""

FULL = frozenset({1040, 1041, 1129, 1203, 1226, 1135})
"""too many connections, or too many failed ones"""

TOO_SHORT = {1969: "max_statement_time", 3024: "max_execution_time"}
"""the setting by which the server has ended a statement"""

ENDED = frozenset({1205, 1317, 3058, *TOO_SHORT})
"""the server has ended a statement"""

WRONG_PASSWORD = 1045

INSECURE = 3159
"""the server refuses connections without TLS"""

EXPIRED = frozenset({1820, 1862})
"""the password has expired; reported by the first statement, or at the login"""

LOCKED = frozenset({3118, 4151})
"""the account is locked"""

_MEANINGS = (
    ({INSECURE}, Reason.TLS, "{address} accepts TLS connections only"),
    (FULL, Reason.SERVER, "{address}: {message}"),
    ({2059}, Reason.DRIVER, "{address} requires an authentication plugin for {user} that the driver lacks: {message}"),
    (EXPIRED, Reason.AUTH, "{address} the password of {user} has expired: renew it with ALTER USER"),
    (LOCKED | {1130, 1251, 1698, 1524}, Reason.AUTH, "{address} refuses the login of {user}: {message}"),
    (ENDED, Reason.SERVER, "{address} aborted our statement: {message}"),
    ({1044, 1142, 1143, 1227}, Reason.FORBIDDEN, "{address} denies {user} permission: {message}"),
)
_MEANING = {number: (reason, template) for numbers, reason, template in _MEANINGS for number in numbers}


def is_query_error(error: BaseException) -> bool:
    """Return whether a statement failed for its content (a missing name or right), not the connection or the login.

    A simpler statement may then succeed.
    """
    number = _number(error)
    other = LOST | FULL | ENDED | EXPIRED | LOCKED | {INSECURE}
    return number >= 1000 and not _is_client_error(number) and number not in other


def describe_error(error: Exception, target: Target, encrypted: bool) -> Exception:
    """Return the ServiceError for an error of asyncmy; a network error, or one of another origin, itself.

    Args:
        error: any exception of the driver.
        target: the target that was connected to.
        encrypted: whether the connection uses TLS.
    """
    if isinstance(error.__cause__, OSError):
        closed = error.__cause__.errno in (errno.EBADF, errno.EINVAL)  # it ended before the driver looked at it
        return _lost(target) if closed else error.__cause__
    number, message = _number(error), foreign(error.args[1] if len(error.args) > 1 else error)
    if not number:
        return _driver_error(error, target, message)
    return _server_error(number, message, target, encrypted)


def _number(error: BaseException) -> int:
    """Return the number of an error of the server or the driver, 0 if it has none."""
    first = error.args[0] if error.args else 0
    return first if isinstance(first, int) and type(error).__module__.startswith("asyncmy") else 0


def _is_client_error(number: int) -> bool:
    return 2000 <= number < 2100


def _lost(target: Target) -> ServiceError:
    return ServiceError(Reason.CLOSED, f"{target.address} closed the connection")


def _server_error(number: int, message: str, target: Target, encrypted: bool) -> ServiceError:
    """Return the meaning of an error by its number.

    >>> print(_server_error(1226, "User 'app' has exceeded", Target("dev", "database", "mysql", host="db"), True))
    db: User 'app' has exceeded
    """
    address = target.address
    if number in LOST or "Lost connection" in message:
        return _lost(target)
    if number == WRONG_PASSWORD:
        if target.password is None:
            return no_password(address, target.user)
        hint = "" if encrypted else " (connected without TLS, which it may require)"
        hint = " (or wants a client certificate: cert, key)" if encrypted and not target.cert else hint
        text = f"{address} refuses {target.user} with this password, or from this host{hint}"
        return ServiceError(Reason.AUTH, text)
    if number in TOO_SHORT:
        words = f"{TOO_SHORT[number]} is too short, perhaps that of the user {target.user} (SHOW GRANTS)"
        return ServiceError(Reason.SERVER, f"{address} aborted our statement: {words}")
    if number in _MEANING:
        reason, template = _MEANING[number]
        return ServiceError(reason, template.format(address=address, user=target.user, message=message))
    if number < 1000 or _is_client_error(number):
        return ServiceError(Reason.PROTOCOL, f"{address} sent an invalid answer: {message}")
    return ServiceError(Reason.SERVER, f"{address} returned an error: {message}")


def _driver_error(error: Exception, target: Target, message: str) -> Exception:
    """Return the meaning of an error without a number."""
    address = target.address
    if "package is required" in message:
        install = "; install it: pip install 'parity-tui[mysql]'" if "pynacl" in message else ""
        text = f"{address} requires an authentication plugin for {target.user} that needs more: {message}{install}"
        return ServiceError(Reason.DRIVER, text)
    if type(error).__module__.startswith("asyncmy") and ("connected" in message or "Cancelled" in message):
        return _lost(target)
    if isinstance(error, OSError):
        return error
    text = f"{address} sent an invalid answer: {message or type(error).__name__}"
    return ServiceError(Reason.PROTOCOL, text)

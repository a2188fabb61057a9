"""What the errors of the server and of the driver mean, in words for a person."""

from __future__ import annotations

import errno

from parity_tui.model import Reason, ServiceError, Target

LOST = frozenset({2006, 2013, 2055, 1053, 1152, 1158, 1159, 1160, 1161, 1184, 1927, 4031})
"""the driver's and the server's numbers for a connection that has ended"""

FULL = frozenset({1040, 1041, 1129, 1203, 1226, 1135})
"""too many connections, or connections that failed"""

ENDED = frozenset({1205, 1317, 1969, 3024, 3058})
"""a statement that the server has ended"""

INSECURE = 3159
"""connections without TLS are refused"""

EXPIRED = frozenset({1820, 1862})
"""the password has expired: noticed at the first statement, or at the login"""

LOCKED = frozenset({3118, 4151})
"""the account is locked"""


def number(error: BaseException) -> int:
    """Return the number of an error of the server or the driver, 0 where it has none."""
    first = error.args[0] if error.args else 0
    return first if isinstance(first, int) and type(error).__module__.startswith("asyncmy") else 0


def is_about_the_question(error: BaseException) -> bool:
    """Tell whether a statement failed for what it asks: a name or a right that is not there."""
    code = number(error)
    return code >= 1000 and not 2000 <= code < 2100 and code not in LOST | FULL | ENDED | EXPIRED | LOCKED | {INSECURE}


def refusal(error: Exception, target: Target, encrypted: bool) -> Exception:
    """Return what an error means; one that is of the network, or of no kind that is known, as it is."""
    where, code = target.address, number(error)
    if isinstance(error.__cause__, OSError):
        over = error.__cause__.errno in (errno.EBADF, errno.EINVAL)  # it has ended before the driver had a look at it
        return ServiceError(Reason.CLOSED, f"{where} closed the connection") if over else error.__cause__
    message = str(error.args[1]) if len(error.args) > 1 else str(error)
    if not code:
        return _driver(error, target, message)
    if code in LOST or "Lost connection" in message:
        return ServiceError(Reason.CLOSED, f"{where} closed the connection")
    if code == 1045:
        without = "" if encrypted else " (we are here without TLS, which it may insist on)"
        return ServiceError(
            Reason.AUTH, f"{where} does not take {target.user} with this password, or not from here{without}"
        )
    if code == INSECURE:
        return ServiceError(Reason.TLS, f"{where} takes connections with TLS only")
    if code in FULL:
        return ServiceError(Reason.SERVER, f"{where}: {message}")
    if code == 2059:
        return ServiceError(
            Reason.DRIVER, f"{where} wants {target.user} to log in by a way that the driver lacks: {message}"
        )
    if code in EXPIRED:
        return ServiceError(
            Reason.AUTH, f"{where} says that the password of {target.user} has expired: ALTER USER renews it"
        )
    if code in LOCKED or code in (1130, 1251, 1698, 1524):
        return ServiceError(Reason.AUTH, f"{where} does not let {target.user} in: {message}")
    if code in ENDED:
        return ServiceError(Reason.SERVER, f"{where} has ended our statement: {message}")
    if code in (1044, 1142, 1143, 1227):
        return ServiceError(Reason.FORBIDDEN, f"{where} forbids it to {target.user}: {message}")
    if code < 1000 or 2000 <= code < 2100:
        return ServiceError(Reason.PROTOCOL, f"{where} answers in a way that is not understood: {message}")
    return ServiceError(Reason.SERVER, f"{where} answers with an error: {message}")


def _driver(error: Exception, target: Target, message: str) -> Exception:
    """Return what an error without a number means."""
    where = target.address
    if "package is required" in message:
        return ServiceError(Reason.DRIVER, f"{where} wants {target.user} to log in by a way that needs more: {message}")
    if type(error).__module__.startswith("asyncmy") and ("connected" in message or "Cancelled" in message):
        return ServiceError(Reason.CLOSED, f"{where} closed the connection")
    if isinstance(error, OSError):
        return error
    return ServiceError(
        Reason.PROTOCOL, f"{where} answers in a way that is not understood: {message or type(error).__name__}"
    )

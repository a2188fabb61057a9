"""Failures in words."""

from __future__ import annotations

from typing import Any

from parity_tui.model import Reason, ServiceError, Target
from parity_tui.transport.errors import no_password
from parity_tui.transport.foreign import foreign

NOT_INSTALLED = "the driver for MongoDB is not installed: pip install 'parity-tui[mongodb]'"
FORBIDDEN = "needs the role clusterMonitor"

UNAUTHORIZED, AUTHENTICATION_FAILED, USER_NOT_FOUND = 13, 18, 11
MECHANISM_UNAVAILABLE = 334

MECHANISMS = ("DEFAULT", "SCRAM-SHA-1", "SCRAM-SHA-256", "PLAIN", "MONGODB-X509")
"""of a login; all others ask further servers or programs"""


def check_login(target: Target) -> None:
    """Check what needs no server: the mechanism, and that a user has a password. Raises ServiceError."""
    mechanism = target.options.get("authMechanism", "DEFAULT").upper()
    if mechanism not in MECHANISMS:
        listed = ", ".join(MECHANISMS[1:])
        raise ServiceError(Reason.CONFIG, f"authMechanism must be one of {listed}, not {foreign(mechanism, 40)}")
    if target.user and target.password is None and mechanism != "MONGODB-X509":
        raise no_password(target.address, target.user)


def login_failed(code: int, words: str, target: Target) -> ServiceError:
    """Return the failure that an error of the login means.

    >>> target = Target("dev", "db", "mongodb", host="db", port=27017, user="ann")
    >>> login_failed(18, "Authentication failed.", target).message
    'db:27017 requires a password for ann, and none is configured: set password_env'
    """
    if target.password is None and target.user and code in (AUTHENTICATION_FAILED, USER_NOT_FOUND):
        return no_password(target.address, target.user)
    if code in (AUTHENTICATION_FAILED, USER_NOT_FOUND):
        source = target.options.get("authSource") or target.path or "admin"
        where = f"of the database {source} (authSource)"
        return ServiceError(Reason.AUTH, f"{target.address} rejects the password of the user {target.user} {where}")
    return ServiceError(Reason.AUTH, f"{target.address} refuses the login: {foreign(words)}")


def why_hidden(error: Any) -> str:
    """Return the reason why a command shows nothing; ``error`` is a document with `code` and `errmsg`.

    >>> why_hidden({"code": 13, "errmsg": "not authorized on admin"}), why_hidden({"code": 8000, "errmsg": "no"})
    ('needs the role clusterMonitor', 'the server refuses: no')
    """
    if error.get("code") == UNAUTHORIZED:
        return FORBIDDEN
    return f"the server refuses: {foreign(' '.join(str(error.get('errmsg', '')).split()), 200)}"


def login_wanted(target: Target) -> ServiceError:
    """Return the failure of a server that answers nothing without a login."""
    if target.user:
        return no_password(target.address, target.user)
    return ServiceError(Reason.AUTH, f"{target.address} requires a login, and the URL has no user")

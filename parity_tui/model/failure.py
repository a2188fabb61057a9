"""Why a target could not be read."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

RETRY_HINT = "; r tries again"
"""ends the message of a failure after which no attempt follows by itself"""


class Reason(StrEnum):
    """The fixed vocabulary of failures; each is one word of the JSON report."""

    REFUSED = "refused"
    """nothing listens there, or there is no route"""
    TIMEOUT = "timeout"
    CLOSED = "closed"
    DNS = "dns"
    TLS = "tls"
    AUTH = "auth"
    """the login was rejected"""
    FORBIDDEN = "forbidden"
    """logged in, but without the right to read"""
    PROTOCOL = "protocol"
    """the right service, but its reply cannot be understood"""
    WRONG_SERVICE = "wrong-service"
    CONFIG = "config"
    """the configuration must be corrected"""
    SECRET = "secret"
    """the password cannot be obtained"""
    DRIVER = "driver"
    """a library is missing or fails"""
    SERVER = "server"
    """the server itself reports an error"""
    TUNNEL = "tunnel"
    """the host that leads to the target cannot be used"""


class Failure(Struct, frozen=True):
    """Why a target could not be read."""

    reason: Reason
    message: str
    """one sentence for a person; never empty, contains no secret"""


class ServiceError(Exception):
    """Raised by a kind that knows why its target cannot be read.

    Args:
        reason: one member of :class:`Reason`; its text is accepted too.
        message: one sentence for a person; it must not contain a secret.
        at_the_door: whether the server refuses before any login.

    Raises:
        ValueError: ``reason`` is not a member of the vocabulary.

    >>> ServiceError("auth", "db:5432 rejects the password of app").reason
    <Reason.AUTH: 'auth'>
    >>> ServiceError("forbiden", "no")
    Traceback (most recent call last):
        ...
    ValueError: 'forbiden' is not a valid Reason
    """

    def __init__(self, reason: Reason | str, message: str, *, at_the_door: bool = False) -> None:
        super().__init__(message)
        self.at_the_door = at_the_door
        self.reason = Reason(reason)
        self.message = message

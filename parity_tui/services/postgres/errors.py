"""Errors of PostgreSQL, of poolers and of asyncpg -> ServiceError with a sentence for a person."""

from __future__ import annotations

import re

from parity_tui.model import Reason, ServiceError, Target
from parity_tui.transport.foreign import foreign

DATABASE = "postgres"
"""database that is read if the target names none"""

_BY_SQLSTATE = {
    "28P01": (Reason.AUTH, "{address} rejects the password of {user}: it is wrong or has expired"),
    "28000": (Reason.AUTH, "{address} refuses the login of {user}: {message}{certificate}"),
    "3D000": (Reason.CONFIG, '{address} has no database "{database}"'),
    "42501": (Reason.FORBIDDEN, "{address} denies {user} permission: {message}"),
    "53300": (Reason.SERVER, "{address}: {message}"),
    "57P01": (Reason.CLOSED, "{address} is shutting down"),
    "57P02": (Reason.CLOSED, "{address} is shutting down"),
}
_POOLER = "08P01"
"""the only SQLSTATE that PgBouncer reports"""
_TOO_SHORT = re.compile("due to (statement|lock|transaction) timeout")
_UNAVAILABLE = "57P03"

NO_SUCH_DATABASE = ("28000", "3D000", "42501", _POOLER)
"""SQLSTATEs of a login that another database may accept: it is missing, or not permitted to the role"""

_POOLER_REASONS = {
    "database": Reason.CONFIG,
    "auth": Reason.AUTH,
    "no such user": Reason.AUTH,
    "connections": Reason.SERVER,
}
"""text in a pooler's message -> reason; the first match counts"""


def is_query_error(error: Exception) -> bool:
    """Return whether a statement failed for its content (a missing name or right, a broken file), not the connection.

    A simpler statement may then succeed.
    """
    return getattr(error, "sqlstate", "")[:2] in ("0A", "22", "42", "58", "F0", "XX")


def describe_error(error: Exception, target: Target) -> Exception:
    """Return the ServiceError for an error of asyncpg; an error of another origin unchanged."""
    import asyncpg

    if isinstance(error, asyncpg.PostgresError):
        return server_error(error.sqlstate or "", str(error), error.detail or "", target)
    if isinstance(error, asyncpg.InterfaceError | asyncpg.InternalClientError):
        return _driver_error(error, target)
    return error


def server_error(sqlstate: str, message: str, detail: str, target: Target) -> ServiceError:
    r"""Return the meaning of an error that the server reports.

    >>> print(server_error("3D000", "", "", Target("dev", "database", "postgres", host="db", port=5432, path="shop")))
    db:5432 has no database "shop"
    >>> print(server_error("08P01", "bouncer config error", "", Target("dev", "database", "postgres", host="db")))
    db: pgbouncer.ini has no database "postgres"
    """
    address = target.address
    if sqlstate in _BY_SQLSTATE:
        reason, template = _BY_SQLSTATE[sqlstate]
        database = target.path or DATABASE
        certificate = " (cert and key name it)" if "client certificate" in message else ""
        text = template.format(
            address=address, user=target.user, database=database, message=foreign(message), certificate=certificate
        )
        return ServiceError(reason, text)
    if match := _TOO_SHORT.search(message):
        setting = f"{match[1]}_timeout"
        text = (
            f"{address} aborted our statement: {setting} is too short, perhaps by a setting of the role {target.user}"
        )
        return ServiceError(Reason.SERVER, text)
    if sqlstate == _POOLER and ("bouncer config error" in message or "no such database" in message):
        return ServiceError(Reason.CONFIG, f'{address}: pgbouncer.ini has no database "{target.path or DATABASE}"')
    if sqlstate == _POOLER:
        return ServiceError(_pooler_reason(message), f"{address} refuses: {foreign(message)}")
    if sqlstate == _UNAVAILABLE:
        return ServiceError(Reason.SERVER, f"{address} {_availability(message, detail)}")
    if sqlstate.startswith("08"):
        return ServiceError(Reason.CLOSED, f"{address} closed the connection")
    return ServiceError(Reason.SERVER, f"{address} returned an error: {foreign(message)}")


def _availability(message: str, detail: str) -> str:
    """Return why a server accepts no connections now.

    >>> _availability("the database system is starting up", "")
    'is starting: the database system is starting up'
    >>> _availability("the database system is not accepting connections", "Hot standby mode is disabled.")
    'accepts no connections: the database system is not accepting connections (Hot standby mode is disabled)'
    """
    closed = "shutting down" in message or "not accepting" in message
    state = "accepts no connections" if closed else "is starting"
    return f"{state}: {foreign(message)} ({foreign(detail).rstrip('.')})" if detail else f"{state}: {foreign(message)}"


def _pooler_reason(message: str) -> Reason:
    """Return the reason that a pooler's message implies.

    >>> str(_pooler_reason("no such database: shop")), str(_pooler_reason("no more connections allowed"))
    ('config', 'server')
    """
    return next((reason for text, reason in _POOLER_REASONS.items() if text in message), Reason.SERVER)


def _driver_error(error: Exception, target: Target) -> ServiceError:
    if "is closed" in str(error):
        return ServiceError(Reason.CLOSED, f"{target.address} closed the connection")
    if type(error).__name__ == "TargetServerAttributeNotMatched":
        wanted = target.options.get("target_session_attrs")
        return ServiceError(Reason.SERVER, f"{target.address} is not {wanted}, which target_session_attrs requires")
    return ServiceError(Reason.PROTOCOL, f"{target.address} sent an invalid answer: {foreign(error)}")

"""Errors of the console and of asyncpg -> ServiceError with a sentence for a person."""

from __future__ import annotations

from parity_tui.model import Reason, ServiceError, Target
from parity_tui.services.pgbouncer.connection import CONSOLE
from parity_tui.services.postgres.errors import describe_error

_NOT_ALLOWED = "not allowed"
_DISALLOWED = "PQexec disallowed"
_NO_SUCH_DATABASE = "3D000"


def described(error: Exception, target: Target) -> Exception:
    """Return an error of the console or of asyncpg as a ServiceError; any other one unchanged."""
    return _of_console(error, target) or describe_error(error, target)


def _of_console(error: Exception, target: Target) -> ServiceError | None:
    """Return the meaning of an error that the console alone gives; None for all others.

    >>> target = Target("dev", "pool", "pgbouncer", host="pool", user="app")
    >>> print(_of_console(Exception("not allowed"), target))
    pool refuses app: it is neither in stats_users nor in admin_users
    """
    if str(error).strip().endswith(_NOT_ALLOWED):
        words = f"{target.address} refuses {target.user}: it is neither in stats_users nor in admin_users"
        return ServiceError(Reason.FORBIDDEN, words)
    if _DISALLOWED in str(error):
        words = f"{target.address} refuses the commands of its console: disable_pqexec is on in pgbouncer.ini"
        return ServiceError(Reason.SERVER, words)
    if getattr(error, "sqlstate", "") == _NO_SUCH_DATABASE:  # PgBouncer always has it
        words = f"{target.address} is a PostgreSQL server: it has no database {CONSOLE}"
        return ServiceError(Reason.WRONG_SERVICE, words)
    return None

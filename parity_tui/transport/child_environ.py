"""The environment of every child of this process: ssh, docker, shells, password commands."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping

_LOGINS = frozenset((
    "PGPASSWORD", "MYSQL_PWD", "REDISCLI_AUTH", "VALKEYCLI_AUTH", "POSTGRES_PASSWORD", "MYSQL_PASSWORD",
    "MYSQL_ROOT_PASSWORD", "MARIADB_PASSWORD", "MARIADB_ROOT_PASSWORD", "RABBITMQ_DEFAULT_PASS", "RABBITMQ_PASSWORD",
    "REDIS_PASSWORD",
))  # fmt: skip
"""variables in which clients and images of backing services expect a password"""
_NEEDED = frozenset(("PATH", "HOME", "USER", "LOGNAME", "SHELL", "TMPDIR", "SSH_AUTH_SOCK"))
_withheld: set[str] = set()


def withhold(names: Iterable[str]) -> None:
    """Keep these variables from every child from now on: they hold passwords of ours."""
    _withheld.update(names)


def child_environ(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the environment variables of a child, whatever it is: all of ours but those with a password.

    >>> withhold(["PROD_DB_PASSWORD"])
    >>> child_environ({"HOME": "/home/ann", "PGPASSWORD": "x", "PROD_DB_PASSWORD": "y"})
    {'HOME': '/home/ann'}
    """
    without = (_LOGINS | _withheld) - _NEEDED
    return {name: value for name, value in environ.items() if name not in without}

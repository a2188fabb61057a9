"""Which product answers, and who runs it, by their own signs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

_RELATIVES = (
    ("TiDB", re.compile(r"-TiDB-v?([\d.]+)")),
    ("Vitess", re.compile(r"([\d.]+)-Vitess")),
    ("OceanBase", re.compile(r"OceanBase\S*[ -]v?([\d.]+)")),
    ("SingleStore", re.compile(r"(?:SingleStore|MemSQL)\S* ?v?([\d.]*)")),
    ("Apache Doris", re.compile(r"\bdoris-([\d.]+)", re.IGNORECASE)),
    ("StarRocks", re.compile(r"StarRocks\S* ?v?([\d.]*)")),
    ("Dolt", re.compile(r"\bDolt\b()")),
)
"""products that speak MySQL's protocol and are neither MySQL nor MariaDB, by their version or its comment"""

_BUILDS = (
    ("MariaDB", re.compile("MariaDB")),
    ("Percona XtraDB Cluster", re.compile("Percona XtraDB Cluster")),
    ("Percona Server", re.compile("Percona")),
)
"""products whose version is in the usual place"""

_PROVIDED = (
    ("Amazon RDS", re.compile("^/rdsdbbin/"), "basedir"),
    ("Google Cloud SQL", re.compile("-google|Google"), "version"),
    ("Google Cloud SQL", re.compile("Google"), "version_comment"),
    ("Azure Database for MySQL", re.compile("azure", re.IGNORECASE), "version"),
    ("via ProxySQL", re.compile("ProxySQL"), "version_comment"),
    ("via MaxScale", re.compile("maxscale", re.IGNORECASE), "version"),
)
"""who runs the server or stands before it, by a variable"""


def identify(variables: Mapping[str, str]) -> tuple[str, str]:
    """Return product and version: of a relative its own, since what it says of MySQL is a claim.

    >>> identify({"version": "5.5.5-10.11.19-MariaDB-0+deb12u1", "version_comment": "Debian 12"})
    ('MariaDB', '10.11.19')
    >>> identify({"version": "8.0.36-28", "version_comment": "Percona Server (GPL), Release 28"})
    ('Percona Server', '8.0.36')
    >>> identify({"version": "8.0.32", "aurora_version": "3.07.1"})
    ('Aurora MySQL', '3.07.1')
    >>> identify({"version": "8.0.11-TiDB-v7.5.0"}), identify({"version": "9.1.0"})
    (('TiDB', '7.5.0'), ('MySQL', '9.1.0'))
    """
    version = variables.get("version", "").removeprefix("5.5.5-")
    words = f"{version} {variables.get('version_comment', '')}"
    for product, pattern in _RELATIVES:
        if found := pattern.search(words):
            return product, found[1] or _number(version)
    if aurora := variables.get("aurora_version") or _aurora(version):
        return "Aurora MySQL", aurora
    return next((product for product, pattern in _BUILDS if pattern.search(words)), "MySQL"), _number(version)


def compatibility(variables: Mapping[str, str]) -> str:
    """Return the version of MySQL that a relative claims to be like, "" for those that are themselves.

    >>> compatibility({"version": "8.0.11-TiDB-v7.5.0"}), compatibility({"version": "8.0.36"})
    ('8.0.11', '')
    """
    version = variables.get("version", "")
    number = _number(version)
    return number if identify(variables)[1] != number and "MariaDB" not in version else ""


def _aurora(version: str) -> str:
    """Return Aurora's own version in a version of MySQL's.

    >>> _aurora("5.7.mysql_aurora.2.11.2"), _aurora("8.0.36")
    ('2.11.2', '')
    """
    found = re.search(r"aurora\.([\d.]+)", version)
    return found[1] if found else ""


def _number(version: str) -> str:
    """Return the numbers that a version begins with."""
    found = re.match(r"\d+(\.\d+)*", version)
    return found[0] if found else version


def providers(variables: Mapping[str, str]) -> Iterator[str]:
    """Give who runs the server and what stands before it, where variables say so.

    >>> list(providers({"basedir": "/rdsdbbin/mysql-8.0.36.R1/"})), list(providers({"version": "8.0.31-google"}))
    (['Amazon RDS'], ['Google Cloud SQL'])
    """
    return iter(dict.fromkeys(who for who, sign, name in _PROVIDED if sign.search(variables.get(name, ""))))

"""Product, version, hosting provider and proxies of a server, and the signature of its first bytes."""

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
"""products that speak MySQL's protocol and are neither MySQL nor MariaDB -> pattern in version or version_comment"""

_BUILDS = (
    ("MariaDB", re.compile("MariaDB")),
    ("Percona XtraDB Cluster", re.compile("Percona XtraDB Cluster")),
    ("Percona Server", re.compile("Percona")),
)
"""products whose own version is in the variable `version`"""

_PROVIDERS = (
    ("Amazon RDS", re.compile("^/rdsdbbin/"), "basedir"),
    ("Google Cloud SQL", re.compile("-google|Google"), "version"),
    ("Google Cloud SQL", re.compile("Google"), "version_comment"),
    ("Azure Database for MySQL", re.compile("azure", re.IGNORECASE), "version"),
    ("via ProxySQL", re.compile("ProxySQL"), "version_comment"),
    ("via MaxScale", re.compile("maxscale", re.IGNORECASE), "version"),
)
"""(provider or proxy, pattern, variable)"""


def identify_product(variables: Mapping[str, str]) -> tuple[str, str]:
    """Return product and version; of a relative its own version, because its MySQL version is a claim.

    >>> identify_product({"version": "5.5.5-10.11.19-MariaDB-0+deb12u1", "version_comment": "Debian 12"})
    ('MariaDB', '10.11.19')
    >>> identify_product({"version": "8.0.36-28", "version_comment": "Percona Server (GPL), Release 28"})
    ('Percona Server', '8.0.36')
    >>> identify_product({"version": "8.0.32", "aurora_version": "3.07.1"})
    ('Aurora MySQL', '3.07.1')
    >>> identify_product({"version": "8.0.11-TiDB-v7.5.0"}), identify_product({"version": "9.1.0"})
    (('TiDB', '7.5.0'), ('MySQL', '9.1.0'))
    """
    version = variables.get("version", "").removeprefix("5.5.5-")
    banner = f"{version} {variables.get('version_comment', '')}"
    for product, pattern in _RELATIVES:
        if match := pattern.search(banner):
            return product, match[1] or _number(version)
    if aurora := variables.get("aurora_version") or _aurora_version(version):
        return "Aurora MySQL", aurora
    return next((product for product, pattern in _BUILDS if pattern.search(banner)), "MySQL"), _number(version)


def identify(first: bytes) -> str:
    r"""Return the protocol of a peer's first bytes: a packet with number 0 that is a greeting or an error; else "".

    >>> identify(b"J\0\0\0\n8.0.36"), identify(b"\5\0\0\0\x0b"), identify(b"HTTP/1.1")
    ('MySQL', "MySQL's X protocol", '')
    """
    if first[1:4] == b"\0\0\0" and first[4:5] in (b"\n", b"\xff", b""):
        return "MySQL"
    return "MySQL's X protocol" if first[1:5] == b"\0\0\0\x0b" else ""


def compatibility(variables: Mapping[str, str]) -> str:
    """Return the version of MySQL that a relative claims, "" for MySQL, MariaDB and their builds.

    >>> compatibility({"version": "8.0.11-TiDB-v7.5.0"}), compatibility({"version": "8.0.36"})
    ('8.0.11', '')
    """
    version = variables.get("version", "")
    number = _number(version)
    return number if identify_product(variables)[1] != number and "MariaDB" not in version else ""


def _aurora_version(version: str) -> str:
    """Return Aurora's own version, "" if there is none.

    >>> _aurora_version("5.7.mysql_aurora.2.11.2"), _aurora_version("8.0.36")
    ('2.11.2', '')
    """
    match = re.search(r"aurora\.([\d.]+)", version)
    return match[1] if match else ""


def _number(version: str) -> str:
    match = re.match(r"\d++(?:\.\d++)*+", version)
    return match[0] if match else version


def providers(variables: Mapping[str, str]) -> Iterator[str]:
    """Yield the hosting provider and proxies that variables reveal.

    >>> list(providers({"basedir": "/rdsdbbin/mysql-8.0.36.R1/"})), list(providers({"version": "8.0.31-google"}))
    (['Amazon RDS'], ['Google Cloud SQL'])
    """
    matches = (name for name, pattern, variable in _PROVIDERS if pattern.search(variables.get(variable, "")))
    return iter(dict.fromkeys(matches))

"""Which product answers, and who runs it, by their own signs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

_RELATIVES = (
    ("CockroachDB", re.compile(r"CockroachDB \S+ v(\S+)")),
    ("CrateDB", re.compile(r"CrateDB ([\d.]+)")),
    ("YugabyteDB", re.compile(r"-YB-([\d.]+)")),
    ("Amazon Redshift", re.compile(r"Redshift ([\d.]+)")),
    ("Greenplum", re.compile(r"Greenplum Database ([\d.]+)")),
    ("EDB Postgres Advanced Server", re.compile(r"EnterpriseDB Advanced Server ([\d.]+)")),
    ("RisingWave", re.compile(r"RisingWave-v?([\d.]+)")),
    ("openGauss", re.compile(r"openGauss[^\d]{0,20}([\d.]+)")),
)
"""products that speak PostgreSQL's protocol, by what version() says"""

_PROVIDED = {
    "rds.": "Amazon RDS",
    "cloudsql.": "Google Cloud SQL",
    "alloydb.": "AlloyDB",
    "azure.": "Azure Database for PostgreSQL",
    "neon.": "Neon",
}
"""who runs the server, by the prefix of settings"""


def identify(words: str, number: str | None, aurora: bool | None = False) -> tuple[str, str]:
    """Return product and version: of a relative its own, since what it says of PostgreSQL is a claim.

    ``words`` is what version() says, ``number`` the setting server_version_num.

    >>> identify("PostgreSQL 15.12-YB-2025.2.3.2-b0 on x86_64", "150012")
    ('YugabyteDB', '2025.2.3.2')
    >>> identify("PostgreSQL 15.18 (Debian 15.18-0+deb12u1)", "150018"), identify("PostgreSQL 9.6.24", "90624")
    (('PostgreSQL', '15.18'), ('PostgreSQL', '9.6.24'))
    """
    for product, pattern in _RELATIVES:
        if found := pattern.search(words):
            return product, found[1]
    product = "Aurora PostgreSQL" if aurora else "PostgreSQL"
    if number and number.isascii() and number.isdecimal() and len(number) in (5, 6):
        release, rest = divmod(int(number), 10000)
        return product, f"{release}.{rest}" if release >= 10 else f"{release}.{rest // 100}.{rest % 100}"
    found = re.search(r"\d+(\.\d+)*", words)
    return product, found[0] if found else words


def providers(settings: Iterable[str]) -> Iterator[str]:
    """Give who runs the server, where settings of theirs say so.

    >>> list(providers(["rds.extensions", "jit"]))
    ['Amazon RDS']
    """
    prefixes = {name.partition(".")[0] + "." for name in settings if "." in name}
    return (who for prefix, who in _PROVIDED.items() if prefix in prefixes)

"""Product, version and hosting provider of a server, and the signature of its first bytes."""

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
"""products that speak PostgreSQL's protocol -> pattern in the result of version()"""

_PROVIDERS = {
    "rds.": "Amazon RDS",
    "cloudsql.": "Google Cloud SQL",
    "alloydb.": "AlloyDB",
    "azure.": "Azure Database for PostgreSQL",
    "neon.": "Neon",
}
"""prefix of settings -> hosting provider"""

_ERROR_RESPONSE = re.compile(rb"E\0\0..S[A-Z]", re.DOTALL)
"""type, length of at most 64 KiB, field "severity": the only message that another protocol's client can provoke"""


def identify_product(banner: str, number: str | None, aurora: bool | None = False) -> tuple[str, str]:
    """Return product and version; of a relative its own version, because its PostgreSQL version is a claim.

    Args:
        banner: result of version().
        number: the setting server_version_num.
        aurora: whether the function aurora_version() exists.

    >>> identify_product("PostgreSQL 15.12-YB-2025.2.3.2-b0 on x86_64", "150012")
    ('YugabyteDB', '2025.2.3.2')
    >>> identify_product("PostgreSQL 15.18 (Debian 15.18-0+deb12u1)", "150018")
    ('PostgreSQL', '15.18')
    >>> identify_product("PostgreSQL 9.6.24", "90624")
    ('PostgreSQL', '9.6.24')
    """
    for product, pattern in _RELATIVES:
        if match := pattern.search(banner):
            return product, match[1]
    product = "Aurora PostgreSQL" if aurora else "PostgreSQL"
    if number and number.isascii() and number.isdecimal() and len(number) in (5, 6):
        release, rest = divmod(int(number), 10000)
        return product, f"{release}.{rest}" if release >= 10 else f"{release}.{rest // 100}.{rest % 100}"
    match = re.search(r"\d++(?:\.\d++)*+", banner)
    return product, match[0] if match else banner


def identify(first: bytes) -> str:
    r"""Return "PostgreSQL" if a peer's first bytes are an error in PostgreSQL's protocol, else "".

    >>> identify(b"E\0\0\0\x8bSFATAL\0VFATAL\0C0A000\0"), identify(b"ERROR\r\n")
    ('PostgreSQL', '')
    """
    return "PostgreSQL" if _ERROR_RESPONSE.match(first) else ""


def providers(settings: Iterable[str]) -> Iterator[str]:
    """Yield the hosting providers that add settings of their own.

    >>> list(providers(["rds.extensions", "jit"]))
    ['Amazon RDS']
    """
    prefixes = {name.partition(".")[0] + "." for name in settings if "." in name}
    return (provider for prefix, provider in _PROVIDERS.items() if prefix in prefixes)

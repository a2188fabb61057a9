"""Facts on release lines: when each ends, and its latest patch; pure look-ups in a table with a date."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta

from msgspec import Struct

TRUSTED = timedelta(days=365)
"""age of the facts from which they no longer prove that a release line lives"""

PRODUCTS = {
    "PostgreSQL": "postgresql", "MySQL": "mysql", "MariaDB": "mariadb", "Redis": "redis", "Valkey": "valkey",
    "RabbitMQ": "rabbitmq", "Memcached": "memcached", "nginx": "nginx", "Apache httpd": "apache-http-server",
    "SQLite": "sqlite", "Debian GNU/Linux": "debian", "Ubuntu": "ubuntu", "Alpine Linux": "alpine-linux",
    "Red Hat Enterprise Linux": "rhel", "Red Hat Enterprise Linux Server": "rhel", "Rocky Linux": "rocky-linux",
    "AlmaLinux": "almalinux", "Amazon Linux": "amazon-linux", "Fedora Linux": "fedora", "Fedora": "fedora",
    "macOS": "macos", "CPython": "python", "Node.js": "nodejs", "Ruby": "ruby", "PHP": "php", "Go": "go",
    "Java": "eclipse-temurin", "Erlang/OTP": "erlang",
}  # fmt: skip
"""product as its kind names it -> its name in the facts"""

_OLD_JAVA = re.compile(r"1\.8\.0(?:_(\d+))?|8u(\d+)")
_DISTRIBUTION = re.compile(r"(?:deb|ubuntu|alpine|-r)\d|\.(?:el|fc|amzn)\d|ubuntu")
_UPSTREAM = re.compile(r"pgdg|maria~|sury")
"""marks of packages that the product's own project, or one that follows it, builds for a distribution"""


class ReleaseLine(Struct, frozen=True):
    """One release line of a product: PostgreSQL 16."""

    name: str
    ends: date | None
    """the day from which it gets no more fixes; None where no date is known"""
    ended: bool
    """whether it had ended without a known date"""
    latest: str
    """its newest patch, "" if unknown"""
    latest_at: date | None = None


class Lines(Struct, frozen=True):
    """The release lines of one product."""

    as_of: date
    lines: tuple[ReleaseLine, ...]

    def trusted(self, today: date) -> bool:
        """Return whether the facts are young enough to prove that a line lives."""
        return today - self.as_of <= TRUSTED


class Lifecycle(Struct, frozen=True, eq=False):
    """All facts, by the name of the product in them. Compared by identity: it is large and made once."""

    products: Mapping[str, Lines]

    def of(self, product: str, version: str) -> tuple[Lines, ReleaseLine] | None:
        """Return the facts on a version, None for a product or a version that is not in them."""
        lines = self.products.get(PRODUCTS.get(product, ""))
        numbers = version_numbers(version)
        if lines is None or not numbers:
            return None
        matching = [line for line in lines.lines if _begins(numbers, version_numbers(line.name))]
        best = max(matching, key=lambda line: len(version_numbers(line.name)), default=None)
        return (lines, best) if best else None


def _begins(numbers: tuple[int, ...], start: tuple[int, ...]) -> bool:
    return bool(start) and numbers[: len(start)] == start


def version_numbers(version: str) -> tuple[int, ...]:
    """Return the numbers that a version begins with, () without any.

    >>> [version_numbers(text) for text in ("16.14", "v20.1.0-rc1", "1.8.0_392", "bookworm")]
    [(16, 14), (20, 1, 0), (8, 392), ()]
    """
    if java := _OLD_JAVA.match(version):
        return (8, int(java[1] or java[2])) if java[1] or java[2] else (8,)
    match = re.match(r"(?:v|go)?(\d{1,9}(?:\.\d{1,9}){0,9})", version, re.ASCII)
    return tuple(map(int, match[1].split("."))) if match else ()


def patches_behind(version: str, line: ReleaseLine) -> str:
    """Return by how much a version is behind the latest patch of its line, in words; "" if it is not.

    >>> line = ReleaseLine("16", None, False, "16.15")
    >>> patches_behind("16.3", line), patches_behind("16.15", line), patches_behind("16", line)
    ('12 behind 16.15', '', '')
    >>> patches_behind("20.1.0", ReleaseLine("20", None, False, "20.20.2"))
    'behind 20.20.2'
    """
    own, latest = version_numbers(version), version_numbers(line.latest)
    size = len(version_numbers(line.name))
    if len(own) <= size or own >= latest:  # of a version without a patch nothing is known
        return ""
    countable = len(own) == len(latest) and own[:-1] == latest[:-1]
    return f"{latest[-1] - own[-1]} behind {line.latest}" if countable else f"behind {line.latest}"


def is_backported(package: str) -> bool:
    """Return whether a package's version is one of a distribution, which backports fixes into an older version.

    >>> is_backported("15.18-0+deb12u1"), is_backported("2.4.6-97.el7"), is_backported("16.14-1.pgdg120+1")
    (True, True, False)
    """
    return bool(_DISTRIBUTION.search(package)) and not _UPSTREAM.search(package)

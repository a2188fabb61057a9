"""Addresses that a server listens on: they belong to the host, but whether they are all of the host's does not."""

from __future__ import annotations

import re

ANYWHERE = frozenset({"*", "0.0.0.0", "::", "::*"})  # noqa: S104 - read from a server
"""addresses that stand for all interfaces, in IPv4, IPv6 or both"""

EVERYWHERE = "all interfaces"
WHY = "On all interfaces everyone who reaches the host can try to connect; chosen addresses belong to the host."


def listening(addresses: str) -> str:
    """Return whether a server listens on all interfaces or on chosen addresses; "" where it names none.

    >>> listening("* -::*"), listening("10.1.2.3,[::]"), listening("127.0.0.1 -::1"), listening("")
    ('all interfaces', 'all interfaces', 'chosen addresses', '')
    """
    words = re.split(r"[\s,]+", addresses.strip())
    named = {word.removeprefix("-").strip("[]") for word in words if word}
    return EVERYWHERE if named & ANYWHERE else "chosen addresses" if named else ""

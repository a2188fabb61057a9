"""Hosts that need no name server."""

from __future__ import annotations

import ipaddress


def is_numeric(host: str) -> bool:
    """Return whether a host is an address rather than a name.

    >>> is_numeric("10.0.0.7"), is_numeric("fe80::1%eth0"), is_numeric("db.prod")
    (True, True, False)
    """
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True

"""The ports that a container publishes: short and long form, ranges, random ports."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from msgspec import Struct

_RANGE = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?", re.ASCII)
_ALL_INTERFACES = ("", "0.0.0.0", "[::]", "::")  # noqa: S104 - compared with, not listened on
_WIDEST = 1000
"""ports of a range; those beyond do not count"""


class Published(Struct, frozen=True):
    """Where a port of a container is published."""

    inside: int
    host: str
    port: int
    """0 for one that is chosen at each start"""


def published_ports(entries: Any) -> Iterator[Published]:
    """Yield the TCP ports of the list `ports` of a service.

    >>> [(port.inside, port.host, port.port) for port in published_ports(["5433:5432", "::1:80-81:80-81", "6379"])]
    [(5432, 'localhost', 5433), (80, '::1', 80), (81, '::1', 81), (6379, 'localhost', 0)]
    """
    for entry in entries if isinstance(entries, list) else ():
        parts = _long(entry) if isinstance(entry, dict) else _short(entry) if isinstance(entry, str) else None
        if parts is None:
            continue
        address, published, inside = parts
        host = "localhost" if address in _ALL_INTERFACES else address.strip("[]")
        if len(published) not in (0, len(inside)):
            published = range(0)  # one of a range, chosen at each start
        for index, port in enumerate(inside):
            yield Published(port, host, published[index] if published else 0)


def exposed_ports(entries: Any) -> Iterator[int]:
    """Yield the ports of the list `expose` of a service."""
    for entry in entries if isinstance(entries, list) else ():
        yield from _range(entry.partition("/")[0] if isinstance(entry, str) else "")


def _short(entry: str) -> tuple[str, range, range] | None:
    numbers, _, protocol = entry.partition("/")
    if (protocol or "tcp").lower() != "tcp":
        return None
    *front, inside = numbers.rsplit(":", 2)
    published = front.pop() if front else ""
    return (front or [""])[0], _range(published), _range(inside)


def _long(entry: dict[Any, Any]) -> tuple[str, range, range] | None:
    values = {key: str(entry.get(key) or "") for key in ("host_ip", "published", "target", "protocol")}
    if (values["protocol"] or "tcp").lower() != "tcp":
        return None
    return values["host_ip"], _range(values["published"]), _range(values["target"])


def _range(text: str) -> range:
    """Return the ports of a number or a range, none for any other text."""
    match = _RANGE.fullmatch(text)
    if match is None:
        return range(0)
    first = int(match[1])
    last = int(match[2] or first)
    return range(first, min(last, first + _WIDEST, 65535) + 1) if first else range(0)

"""Readings of servers with default settings, one of every kind and version that the tests start."""

from __future__ import annotations

from pathlib import Path

from parity_tui.config import target
from parity_tui.demo.rabbitmq import ADMINISTRATOR
from parity_tui.demo.servers import Servers
from parity_tui.model import Reading
from parity_tui.services import kinds
from parity_tui.transport.dialer import NetworkDialer

PRODUCTS = {
    "postgres": ("15", "16", "18"), "mariadb": ("10.11", "11.8"), "redis": ("7.0", "8.0"), "valkey": ("8", "9"),
    "rabbitmq": ("3.10", "4.0"), "memcached": ("1.6.18", "1.6.38"), "haproxy": ("2.6", "3.0"),
    "nginx": ("",), "apache": ("",), "host": ("",),
}  # fmt: skip
"""product -> versions"""


def url_of(product: str, version: str, servers: Servers) -> str:
    """Start a server; return its URL for its administrator."""
    match product:
        case "host":
            return "host+local://"
        case "rabbitmq":
            node = servers.rabbitmq(version)
            node.settle()
            name, password = ADMINISTRATOR
            return f"{node.url(name, password)}?management={node.management}"
        case "postgres":
            return servers.postgres(version).url("postgres", path="postgres")
        case "mariadb":
            return servers.mariadb(version).url("root")
        case "nginx" | "apache":  # its files are read, once it has ended
            web = getattr(servers, product)()
            web.kill()
            return str(web.url())
        case _:
            return str(getattr(servers, product)(version).url())


async def read_default(product: str, version: str, servers: Servers) -> tuple[str, Reading]:
    """Return the kind of a server with default settings and what it reports, before redaction."""
    where = target("dev", "it", url_of(product, version, servers), Path("/"), {})
    async with kinds()[where.kind].connect(where, NetworkDialer(where, 60)) as read:
        return where.kind, await read()

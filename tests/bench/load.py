"""Chapter five: the load on servers: RabbitMQ's requests, and the lines in PostgreSQL's log."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from parity_tui.demo.programs import MissingError
from parity_tui.demo.servers import Servers
from parity_tui.transport.event_loop import run
from tests.bench.delay import DelayedPorts
from tests.bench.fleet import PASSWORD, ServerAddress, write_config
from tests.bench.paint import board
from tests.bench.refresh import open_connections
from tests.bench.rest import CYCLE, MINUTE
from tests.bench.table import Figure
from tests.bench.terminal import opened

_DAY = 24 * 60
"""minutes"""


def measure(addresses: Sequence[ServerAddress], folder: Path, times: int) -> list[Figure]:
    """Return the figures."""
    brokers = [address for address in addresses if address.management]
    return [*(_requests(brokers, folder) if brokers else []), *_logged(folder, times)]


def _requests(brokers: Sequence[ServerAddress], folder: Path) -> list[Figure]:
    """Return the HTTP requests that a board at rest sends to one broker, counted for a minute."""
    with DelayedPorts() as ports:
        counted = [ports.to(address.management) for address in brokers]
        ours = [
            msgspec.structs.replace(address, management=port.port)
            for address, port in zip(brokers, counted, strict=True)
        ]
        with opened(board(write_config(ours, folder, "load", interval="5s"))) as terminal:
            terminal.settle(2.0)
            terminal.listen(2 * CYCLE)
            for port in counted:
                port.reset()
            terminal.listen(MINUTE)
        requests = sum(port.requests for port in counted) / len(counted)
        connections = sum(port.connections for port in counted) / len(counted)
    return [
        Figure("RabbitMQ: HTTP requests an hour, one broker", f"{requests * 60:,.0f}"),
        Figure("RabbitMQ: HTTP requests a day, one broker", f"{requests * _DAY:,.0f}"),
        Figure("RabbitMQ: HTTP connections a day, one broker", f"{connections * _DAY:,.0f}"),
    ]


def _logged(folder: Path, times: int) -> list[Figure]:
    """Return the bytes that a refresh leaves in the log of a PostgreSQL server that logs every statement."""
    with Servers() as servers:
        try:
            server = servers.postgres("", password=PASSWORD, settings={"log_min_duration_statement": "0"})
        except MissingError:
            return []
        address = ServerAddress("dev", "database", "postgres", server.port, server.user, PASSWORD)

        async def count() -> float:
            async with open_connections([address], folder) as ((_, read),):
                await read()
                before = len(server.words())
                for _ in range(times):
                    await read()
                return (len(server.words()) - before) / times

        size = run(count())
    return [Figure("PostgreSQL: bytes in the log of a refresh, every statement logged", f"{size:,.0f} B")]

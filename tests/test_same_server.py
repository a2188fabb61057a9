"""J10: one real server behind two addresses, as through two tunnels, is recognized by its own signs."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

import pytest
from msgspec.structs import replace

from parity_tui.config import target
from parity_tui.demo.rabbitmq import RabbitMQ
from parity_tui.demo.server import Server
from parity_tui.demo.servers import Servers
from parity_tui.drift.board import Board
from parity_tui.drift.policy import Policy
from parity_tui.model import Outcome, Target
from parity_tui.services import kinds, redact_reading
from parity_tui.transport.dialer import NetworkDialer
from tests.builders import row

USERS = {"postgres": "postgres", "mariadb": "root", "rabbitmq": "guest"}
VERSIONS = {
    "postgres": "16",
    "mariadb": "10.11",
    "redis": "7.0",
    "valkey": "9",
    "memcached": "1.6.18",
    "rabbitmq": "3.10",
}


def to(server: Server, name: str) -> Target:
    """Return the target of a server, in an environment called like the server."""
    password = "guest" if name == "rabbitmq" else ""
    made = target("dev", "it", server.url(USERS.get(name, ""), password), Path("/"), {})
    if isinstance(server, RabbitMQ):
        return replace(made, options={"management": f"http://{server.host}:{server.management_port}"})
    return made


async def seen(where: Target, environment: str) -> Outcome:
    """Return the outcome of one reading, as of a server that this environment calls by another address."""
    service = kinds()[where.kind]
    async with asyncio.timeout(60), service.connect(where, NetworkDialer(where, 20)) as read:
        reading = redact_reading(await read(), service)
    elsewhere = replace(where, environment=environment, host=f"{environment}.example", port=1)
    return Outcome(elsewhere, replace(reading, address=elsewhere.address), connection=1)


def same(*outcomes: Outcome) -> str:
    """Return what a board says about servers that are the same."""
    targets = [outcome.target for outcome in outcomes]
    names = [target.environment for target in targets]
    board = Board.of(names, targets, kinds(), Policy()).with_outcomes(outcomes)
    made = [one for section in board.sections for one in section.rows if one.setting == "same server"]
    return row(board, "same server").note if made else ""


@pytest.mark.parametrize("name", VERSIONS)
async def test_server_behind_two_addresses_is_one(name: str, request: pytest.FixtureRequest) -> None:
    shared: Mapping[str, Server] = request.getfixturevalue(f"{name}_servers")
    where = to(shared[VERSIONS[name]], name)
    one, again = await seen(where, "dev"), await seen(where, "production")
    assert same(one, again) == "dev and production are the same server: nothing compared"


async def test_two_servers_of_one_version_are_two(servers: Servers, memcached_servers: Mapping[str, Server]) -> None:
    version = VERSIONS["memcached"]
    one, other = memcached_servers[version], servers.memcached(version)
    assert same(await seen(to(one, "memcached"), "dev"), await seen(to(other, "memcached"), "production")) == ""

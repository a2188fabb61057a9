"""A hub for the tests of this folder."""

import asyncio
from collections.abc import Callable, Iterator

import pytest

from parity_tui.demo.postgres import Postgres
from parity_tui.demo.servers import Servers
from parity_tui.model import Target


@pytest.fixture(scope="session")
def hub_server(servers: Servers) -> Postgres:
    """Return a server that these tests share."""
    return servers.postgres("16")


def target_of(server: Postgres, user: str = "postgres", database: str = "postgres") -> Target:
    """Return the hub of a server, as a configuration names it."""
    return Target("", "history", "postgres", "postgresql", server.host, server.port, database, user)


@pytest.fixture
def database(hub_server: Postgres, request: pytest.FixtureRequest) -> Iterator[str]:
    """Return the name of an empty database of one test."""
    name = f"hub_{abs(hash(request.node.nodeid)) % 10**8}"
    hub_server.sql(f"CREATE DATABASE {name}")
    yield name
    hub_server.sql(f"DROP DATABASE {name} WITH (FORCE)")


async def until(condition: Callable[[], object], seconds: float = 30.0) -> None:
    """Wait until a condition is met, which nothing announces."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - see above
            await asyncio.sleep(0.02)

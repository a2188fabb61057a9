"""A hub for the tests of this folder."""

import asyncio
import zlib
from collections.abc import Callable, Iterator

import pytest
from msgspec.structs import replace

from parity_tui.demo.postgres import Postgres
from parity_tui.demo.servers import Servers
from parity_tui.history.hub import create
from parity_tui.model import Target


@pytest.fixture(scope="session")
def hub_server(servers: Servers) -> Postgres:
    """Return a server that these tests share."""
    return servers.postgres("16")


def target_of(server: Postgres, user: str = "postgres", database: str = "postgres") -> Target:
    """Return the hub of a server, as a configuration names it."""
    return Target("", "history", "postgres", "postgresql", server.host, server.port, database, user)


@pytest.fixture
def empty_hub(hub_server: Postgres, request: pytest.FixtureRequest) -> Iterator[Target]:
    """Return the superuser's login to an empty database of one test."""
    name = f"hub_{zlib.crc32(request.node.nodeid.encode()):x}"
    hub_server.sql(f"CREATE DATABASE {name}")
    yield target_of(hub_server, database=name)
    hub_server.sql(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def hub(empty_hub: Target, hub_server: Postgres) -> Target:
    """Return a writer's login to a hub."""
    create.create(empty_hub)
    grant(hub_server, empty_hub.path)
    return replace(empty_hub, user="ann")


def grant(server: Postgres, database: str) -> None:
    """Give the documented rights to a writer, ann, and to a reader, rob."""
    grants = create.GRANTS.split(";\n")
    statements = [each for each in grants if "GRANT" in each]
    if not server.sql("SELECT 1 FROM pg_roles WHERE rolname = 'ann'"):
        roles = [each for each in grants if "CREATE" in each and "ann" not in each]
        users = [f"CREATE ROLE ann LOGIN IN ROLE {create.WRITER}", f"CREATE ROLE rob LOGIN IN ROLE {create.READER}"]
        statements = [*roles, *statements, *users]
    server.sql(*statements, database=database)


async def until(condition: Callable[[], object], seconds: float = 30.0) -> None:
    """Wait until a condition is met, which nothing announces."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - see above
            await asyncio.sleep(0.02)

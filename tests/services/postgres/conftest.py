"""Servers and connections that the tests of PostgreSQL share."""

from __future__ import annotations

from collections.abc import AsyncIterator

import asyncpg
import pytest

from parity_tui.demo.postgres import Postgres
from parity_tui.demo.servers import Servers


async def connect(server: Postgres) -> asyncpg.Connection[asyncpg.Record]:
    """Connect as the superuser, without the code under test."""
    return await asyncpg.connect(
        host=server.host, port=server.port, user="postgres", password="", database="postgres", ssl=False
    )


@pytest.fixture
async def superuser(each_postgres: Postgres) -> AsyncIterator[asyncpg.Connection[asyncpg.Record]]:
    """Connect to every version in turn."""
    connection = await connect(each_postgres)
    try:
        yield connection
    finally:
        connection.terminate()


@pytest.fixture(scope="package")
def playground(servers: Servers) -> Postgres:
    """Start a server for tests that make databases and roles of their own; it logs every statement."""
    return servers.postgres("16", settings={"log_statement": "all", "log_line_prefix": "%a|"})


@pytest.fixture(scope="package")
def debian(servers: Servers) -> Postgres:
    """Start a server with contributed extensions, which the wheels lack."""
    return servers.postgres("15")

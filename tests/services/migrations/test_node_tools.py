"""Databases migrated by real tools of Node.js; skipped where it is not installed."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from parity_tui.demo.postgres import Postgres
from parity_tui.demo.servers import Servers
from parity_tui.model import Verdict
from tests.services.migrations.tools import run
from tests.services.postgres.builders import reading, rows

SOURCES = Path(__file__).with_name("node")
MISSING = {
    "knex": "0003_prices.js",
    "typeorm": "Step1700000000003",
    "sequelize": "0003_prices.js",
    "drizzle": "2023-11-16 22:13:20.000",
}
"""tool -> its name of the newest migration"""


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the tools in a folder of their own."""
    folder = tmp_path_factory.mktemp("node")
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("Node.js is not installed")
    for name in ("package.json", "migrate.js"):
        shutil.copy(SOURCES / name, folder)
    quiet = ("--no-audit", "--no-fund", "--omit=optional", "--omit=peer", "--loglevel=error")
    try:
        run("npm", "install", *quiet, folder=folder)
    except (AssertionError, subprocess.TimeoutExpired) as error:
        pytest.skip(f"npm cannot install the tools: {error}")
    return folder


@pytest.fixture(scope="module")
def server(servers: Servers) -> Postgres:
    return servers.postgres("16")


async def test_databases_migrated_by_node_tools(node: Path, server: Postgres) -> None:
    """One test, so that parallel workers install the tools once."""
    for tool, missing in MISSING.items():
        server.sql(f"CREATE DATABASE {tool}_new", f"CREATE DATABASE {tool}_old")
        for age, head in (("new", 3), ("old", 2)):
            url = server.url("postgres", path=f"{tool}_{age}")
            run("node", "migrate.js", tool, url, str(head), f"{tool}_{age}", folder=node)
        newer, older = await reading(server, f"{tool}_new"), await reading(server, f"{tool}_old")
        label = f"migrations ({tool})"
        row = rows(newer, older, names=["dev", "production"])[label]
        assert (row.text(0), row.text(1).split(",")[0]) == ("3", "2 · 1 behind")
        assert row.cells[1].note == f"compared with dev: lacks {missing}"
        url = server.url("postgres", path=f"{tool}_old")
        run("node", "migrate.js", tool, url, "3", f"{tool}_old", folder=node)
        assert rows(newer, await reading(server, f"{tool}_old"))[label].verdict is Verdict.SAME

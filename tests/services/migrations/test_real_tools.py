"""Databases migrated by real tools to different heads, then to the same."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from parity_tui.config import target
from parity_tui.demo.mysql import MariaDB
from parity_tui.demo.postgres import Postgres
from parity_tui.demo.servers import Servers
from parity_tui.drift.row import Row
from parity_tui.model import Reading, Severity, Verdict
from parity_tui.services import kinds
from parity_tui.transport.dialer import NetworkDialer
from tests import builders
from tests.services.migrations import tools

Migrate = Callable[[str, Path, int], None]

BEHIND = {
    "alembic": ("rev0003", "rev0002 · another head", "another head"),
    "django": ("3", "2 · 1 behind", "lacks shop.0003_prices"),
    "yoyo": ("3", "2 · 1 behind", "lacks 0003_prices"),
    "dbmate": ("3", "2 · 1 behind", "lacks 0003"),
}
"""tool -> text of the newer database, text and detail of the older one"""


@pytest.fixture(scope="module")
def postgres(servers: Servers) -> Postgres:
    return servers.postgres("16")


@pytest.fixture(scope="module")
def mariadb(servers: Servers) -> MariaDB:
    names = [f"{tool}_{age}" for tool in ("alembic", "dbmate") for age in ("new", "old")]
    return servers.mariadb("11.8", sql=[f"CREATE DATABASE {name}" for name in names])


async def reading(url: str) -> Reading:
    where = target("dev", "it", url, Path("/"), {})
    async with asyncio.timeout(20), kinds()[where.kind].connect(where, NetworkDialer(where, 20)) as read:
        return await read()


def rows_of(kind: str, *readings: Reading) -> dict[str, Row]:
    rows = builders.rows(*readings, kind=kind, names=["dev", "production"])
    return {name: row for name, row in rows.items() if row.listed and row.setting.startswith("migrations")}


async def assert_compared(kind: str, tool: str, folder: Path, newer: str, older: str) -> None:
    """Migrate one database further than the other, compare, migrate the other as well, compare again."""
    migrate: Migrate = getattr(tools, tool)
    for name, url, head in (("newer", newer, 3), ("older", older, 2)):
        (folder / name).mkdir()
        await asyncio.to_thread(migrate, url, folder / name, head)
    before, after = BEHIND[tool][:2]
    newest = await reading(newer)
    (row,) = rows_of(kind, newest, await reading(older)).values()
    assert row.setting == f"migrations ({tool})"
    text = row.text(1).removesuffix(", all of today")
    assert (row.text(0), text, row.odd, row.verdict) == (before, after, ("production",), Verdict.DRIFT)
    assert row.severity in (Severity.INFO, Severity.WARNING)
    assert (row.cells[0].note, row.cells[1].note) == ("", f"compared with dev: {BEHIND[tool][2]}")
    await asyncio.to_thread(migrate, older, folder / "older", 3)
    assert rows_of(kind, newest, await reading(older)) == {}


@pytest.mark.parametrize("tool", ["alembic", "django", "yoyo", "dbmate"])
async def test_postgres_databases_migrated_differently(postgres: Postgres, tmp_path: Path, tool: str) -> None:
    postgres.sql(f"CREATE DATABASE {tool}_new", f"CREATE DATABASE {tool}_old")
    urls = [postgres.url("postgres", path=f"{tool}_{age}") for age in ("new", "old")]
    await assert_compared("postgres", tool, tmp_path, *urls)


@pytest.mark.parametrize("tool", ["alembic", "dbmate"])
async def test_mariadb_databases_migrated_differently(mariadb: MariaDB, tmp_path: Path, tool: str) -> None:
    urls = [mariadb.url("root", path=f"{tool}_{age}") for age in ("new", "old")]
    await assert_compared("mysql", tool, tmp_path, *urls)


@pytest.mark.parametrize("tool", ["django", "yoyo"])
async def test_sqlite_files_migrated_differently(tmp_path: Path, tool: str) -> None:
    urls = [f"sqlite:///{tmp_path}/{age}.db" for age in ("new", "old")]
    await assert_compared("sqlite", tool, tmp_path, *urls)

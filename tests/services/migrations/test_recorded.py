"""Ledgers by the documented tables of tools that do not run here, in SQLite."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from parity_tui.drift.row import Row
from parity_tui.model import Fact, Reading, Severity, Target, Verdict
from parity_tui.services._migrations.tools import TOOLS
from parity_tui.services.sqlite import SERVICE
from parity_tui.transport.dialer import NetworkDialer
from tests import builders

DAY = "2026-01-0{0} 12:00:00"
RECORDED = {
    "alembic": ("alembic_version (version_num VARCHAR(32) PRIMARY KEY)", "'rev{0}'"),
    "django": (
        "django_migrations (id integer PRIMARY KEY, app varchar(255), name varchar(255), applied datetime)",
        f"{{0}}, 'shop', '000{{0}}_x', '{DAY}'",
    ),
    "ecto": ("schema_migrations (version INTEGER PRIMARY KEY, inserted_at TEXT)", f"2026010{{0}}120000, '{DAY}'"),
    "golang-migrate": ("schema_migrations (version uint64, dirty bool)", "{0}, 0"),
    "dbmate": ("schema_migrations (version varchar(128) primary key)", "'2026010{0}120000'"),
    "flyway": (
        "flyway_schema_history (installed_rank INT PRIMARY KEY, version VARCHAR(50), description VARCHAR(200),"
        " type VARCHAR(20), script VARCHAR(1000), checksum INT, installed_by VARCHAR(100), installed_on TEXT,"
        " execution_time INT, success BOOLEAN)",
        f"{{0}}, '{{0}}', 'x', 'SQL', 'V{{0}}__x.sql', 7, 'ann', '{DAY}', 1, 1",
    ),
    "liquibase": (
        "DATABASECHANGELOG (ID VARCHAR(255), AUTHOR VARCHAR(255), FILENAME VARCHAR(255), DATEEXECUTED TEXT,"
        " ORDEREXECUTED INT, EXECTYPE VARCHAR(10), MD5SUM VARCHAR(35), DESCRIPTION VARCHAR(255))",
        f"'{{0}}', 'ann', 'log.xml', '{DAY}', {{0}}, 'EXECUTED', '9:ab', 'x'",
    ),
    "prisma": (
        "_prisma_migrations (id TEXT PRIMARY KEY, checksum TEXT, finished_at DATETIME, migration_name TEXT, logs TEXT,"
        " rolled_back_at DATETIME, started_at DATETIME, applied_steps_count INTEGER)",
        "'u{0}', 'ab', 176700000000{0}, '2026010{0}120000_x', NULL, NULL, 176700000000{0}, 1",
    ),
    "drizzle": (
        "__drizzle_migrations (id INTEGER PRIMARY KEY, hash text, created_at numeric)",
        "{0}, 'ab', 176700000000{0}",
    ),
    "knex": (
        "knex_migrations (id integer PRIMARY KEY, name varchar(255), batch integer, migration_time datetime)",
        "{0}, '2026010{0}120000_x.js', 1, 176700000000{0}",
    ),
    "typeorm": (
        'migrations (id integer PRIMARY KEY, "timestamp" bigint, name varchar)',
        "{0}, 176700000000{0}, 'Step176700000000{0}'",
    ),
    "laravel": ("migrations (id integer PRIMARY KEY, migration varchar, batch integer)", "{0}, '2026_01_0{0}_x', 1"),
    "sequelize": ("SequelizeMeta (name VARCHAR(255) PRIMARY KEY)", "'2026010{0}120000-x.js'"),
    "ef core": (
        "__EFMigrationsHistory (MigrationId TEXT PRIMARY KEY, ProductVersion TEXT)",
        "'2026010{0}120000_X', '9.0.0'",
    ),
    "doctrine": (
        "doctrine_migration_versions (version VARCHAR(191) PRIMARY KEY, executed_at DATETIME, execution_time INTEGER)",
        f"'Migrations\\Version2026010{{0}}', '{DAY}', 1",
    ),
    "phinx": (
        "phinxlog (version BIGINT PRIMARY KEY, migration_name VARCHAR(100), start_time TIMESTAMP, end_time TIMESTAMP,"
        " breakpoint BOOLEAN)",
        f"2026010{{0}}120000, 'X', '{DAY}', '{DAY}', 0",
    ),
    "goose": (
        "goose_db_version (id INTEGER PRIMARY KEY, version_id INTEGER, is_applied INTEGER, tstamp TIMESTAMP)",
        f"{{0}}, {{0}}, 1, '{DAY}'",
    ),
    "sqlx": (
        "_sqlx_migrations (version BIGINT PRIMARY KEY, description TEXT, installed_on TIMESTAMP, success BOOLEAN,"
        " checksum BLOB, execution_time BIGINT)",
        f"{{0}}, 'x', '{DAY}', 1, x'00ff', 1",
    ),
    "diesel": (
        "__diesel_schema_migrations (version VARCHAR(50) PRIMARY KEY, run_on TIMESTAMP)",
        f"'2026010{{0}}120000', '{DAY}'",
    ),
    "aerich": (
        "aerich (id INTEGER PRIMARY KEY, version VARCHAR(255), app VARCHAR(100), content JSON)",
        "{0}, '{0}_2026010{0}120000_x.py', 'models', '{{}}'",
    ),
    "mikro-orm": (
        "mikro_orm_migrations (id integer PRIMARY KEY, name text, executed_at datetime)",
        "{0}, 'Migration2026010{0}120000', 176700000000{0}",
    ),
    "sqitch": (
        "changes (change_id TEXT PRIMARY KEY, script_hash TEXT, change TEXT, project TEXT, note TEXT,"
        " committed_at DATETIME, committer_name TEXT, committer_email TEXT, planned_at DATETIME, planner_name TEXT,"
        " planner_email TEXT)",
        f"'c{{0}}', 'h', 'step{{0}}', 'shop', '', '{DAY}', 'Ann', 'a@x', '{DAY}', 'Ann', 'a@x'",
    ),
    "yoyo": (
        "_yoyo_migration (migration_hash VARCHAR(64) PRIMARY KEY, migration_id VARCHAR(255), applied_at_utc TIMESTAMP)",
        f"'h{{0}}', '000{{0}}_x', '{DAY}'",
    ),
}
"""tool -> its documented table, and the values of row {0}"""
HEADS = ("alembic", "golang-migrate")


async def read(path: Path) -> Reading:
    where = Target("dev", "database", "sqlite", "sqlite", path=str(path))
    async with asyncio.timeout(20), SERVICE.connect(where, NetworkDialer(where, 3)) as reads:
        return await reads()


def database(path: Path, *statements: str) -> Path:
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()
    return path


def recorded(tool: str, *numbers: int) -> list[str]:
    table, values = RECORDED[tool]
    inserts = [f'INSERT INTO "{table.split()[0]}" VALUES ({values.format(number)})' for number in numbers]
    return [f"CREATE TABLE {table}", *inserts]


async def compared(folder: Path, dev: list[str], production: list[str], label: str) -> Row:
    one = await read(database(folder / "dev.db", *dev))
    other = await read(database(folder / "production.db", *production))
    return builders.rows(one, other, kind="sqlite", names=["dev", "production"])[label]


def test_every_tool_but_rails_is_recorded() -> None:
    assert {tool.name for tool in TOOLS} == {*RECORDED, "rails"}


@pytest.mark.parametrize("tool", [tool for tool in RECORDED if tool not in HEADS])
async def test_missing_entry_is_named_on_its_side(tmp_path: Path, tool: str) -> None:
    row = await compared(tmp_path, recorded(tool, 1, 2, 3), recorded(tool, 1, 2), f"migrations ({tool})")
    assert (row.text(0), row.text(1), row.odd) == ("3", "2 · 1 behind", ("production",))
    assert row.cells[1].note.startswith("compared with dev: lacks ")
    assert "," not in row.cells[1].note


@pytest.mark.parametrize("tool", RECORDED)
async def test_equal_ledgers_give_no_row(tmp_path: Path, tool: str) -> None:
    numbers = (1,) if tool in HEADS else (1, 2)
    row = await compared(tmp_path, recorded(tool, *numbers), recorded(tool, *numbers), f"migrations ({tool})")
    assert (row.verdict, row.listed) == (Verdict.SAME, False)


CRITICAL, WARNING, INFO = Severity.CRITICAL, Severity.WARNING, Severity.INFO


@pytest.mark.parametrize(
    ("tool", "change", "text", "severity"),
    [
        ("golang-migrate", "UPDATE schema_migrations SET dirty = 1", "1 · dirty: 1", CRITICAL),
        ("golang-migrate", "UPDATE schema_migrations SET version = 3", "3 · ahead", CRITICAL),
        ("golang-migrate", "UPDATE schema_migrations SET version = 0", "0 · behind", INFO),
        ("alembic", "UPDATE alembic_version SET version_num = 'x'", "x · another head", WARNING),
        ("alembic", "INSERT INTO alembic_version VALUES ('rev2')", "rev1, rev2 · another head · 2 heads", WARNING),
        ("flyway", "UPDATE flyway_schema_history SET success = 0", "1 · failed: V1__x.sql", CRITICAL),
        ("flyway", "UPDATE flyway_schema_history SET checksum = 8", "1 · 1 with another checksum", CRITICAL),
        ("prisma", "UPDATE _prisma_migrations SET finished_at = NULL", "1 · not finished: 20260101120000_x", CRITICAL),
        ("prisma", "UPDATE _prisma_migrations SET rolled_back_at = 1", "0 · 1 behind", INFO),
        ("sqlx", "UPDATE _sqlx_migrations SET success = 0", "1 · failed: 1_x", CRITICAL),
        ("sqlx", "UPDATE _sqlx_migrations SET checksum = x'01'", "1 · 1 with another checksum", CRITICAL),
        ("goose", "INSERT INTO goose_db_version VALUES (9, 1, 0, '')", "0 · 1 behind", INFO),
        ("django", "INSERT INTO django_migrations VALUES (2, 'shop', '0002', '')", "2 · 1 ahead", CRITICAL),
        ("django", "UPDATE django_migrations SET name = 'y'", "1 · diverged: 1 only here, 1 missing", CRITICAL),
    ],
)  # fmt: skip
async def test_states_of_ledgers(tmp_path: Path, tool: str, change: str, text: str, severity: Severity) -> None:
    row = await compared(tmp_path, recorded(tool, 1), [*recorded(tool, 1), change], f"migrations ({tool})")
    assert (row.text(1), row.severity, row.odd) == (text, severity, ("production",))


async def test_held_lock_is_a_warning(tmp_path: Path) -> None:
    lock = "CREATE TABLE DATABASECHANGELOGLOCK (ID INT, LOCKED BOOLEAN, LOCKGRANTED DATETIME, LOCKEDBY VARCHAR(255))"
    held = "INSERT INTO DATABASECHANGELOGLOCK VALUES (1, 1, '', 'web1 (10.0.0.7)')"
    ledger = recorded("liquibase", 1)
    row = await compared(tmp_path, [*ledger, lock], [*ledger, lock, held], "migrations (liquibase)")
    assert (row.text(1), row.severity) == ("1 · locked by web1 (10.0.0.7)", Severity.WARNING)


async def test_ledger_is_read_again_after_a_change(tmp_path: Path) -> None:
    path = database(tmp_path / "a.db", *recorded("django", 1))
    where = Target("dev", "database", "sqlite", "sqlite", path=str(path))
    async with SERVICE.connect(where, NetworkDialer(where, 3)) as reads:
        assert (await reads()).facts["migrations (django)"].raw == "1"
        database(path, recorded("django", 2)[1])
        assert (await reads()).facts["migrations (django)"].raw == "2"


async def test_damaged_tables_are_hidden_not_absent(tmp_path: Path) -> None:
    path = database(tmp_path / "a.db", *recorded("django", 1))
    content = path.read_bytes()
    path.write_bytes(content[:100] + b"\xff" * (len(content) - 100))
    damaged = await read(path)
    assert [glob for glob, _ in damaged.hidden] == ["migrations*"]
    whole = await read(database(tmp_path / "b.db", *recorded("django", 1)))
    row = builders.rows(whole, damaged, kind="sqlite")["migrations (django)"]
    assert (row.verdict, row.text(1)) == (Verdict.UNKNOWN, "hidden")


async def test_virtual_table_is_no_ledger(tmp_path: Path) -> None:
    made = "CREATE VIRTUAL TABLE SequelizeMeta USING fts5(name)"
    facts: dict[str, Fact] = (await read(database(tmp_path / "a.db", made))).facts
    assert "migrations (sequelize)" not in facts

"""The migration tools and the tables they keep, told apart by columns: a row for each tool.

A table may be that of several tools: the first whose columns are all there, and none of `lacks`, is the one.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

_YES = ("1", "t", "true", "\x01")

Judge = Callable[[tuple[str, ...]], str | None]
"""texts of the state columns -> "" for a good row, a word such as "failed", None for a row that does not count"""


def _succeeded(values: tuple[str, ...]) -> str:
    return "" if values[0].lower() in _YES else "failed"


def _clean(values: tuple[str, ...]) -> str:
    return "dirty" if values[0].lower() in _YES else ""


def _applied(values: tuple[str, ...]) -> str | None:
    """Judge goose, whose row 0 is made by itself."""
    return "" if values[0].lower() in _YES and values[1] != "0" else None


def _executed(values: tuple[str, ...]) -> str:
    return "failed" if values[0].upper() == "FAILED" else ""


def _flyway(values: tuple[str, ...]) -> str | None:
    if values[1].upper() in ("SCHEMA", "DELETE", "UNDO_SQL"):
        return None
    return _succeeded(values)


def _prisma(values: tuple[str, ...]) -> str | None:
    finished, rolled_back = values
    return None if rolled_back else "" if finished else "not finished"


class Tool(Struct, frozen=True):
    """One tool: its table, and which columns say what."""

    name: str
    tables: tuple[str, ...]
    id: tuple[str, ...]
    """columns that identify an entry, joined by `joined`"""
    columns: tuple[str, ...] = ()
    """further columns that the table must have, beside `id` and `order`"""
    lacks: tuple[str, ...] = ()
    """columns that it must not have"""
    order: tuple[str, ...] = ()
    """columns that grow with each entry; the id by default"""
    at: str = ""
    """when it was applied; ISO text, or seconds or milliseconds since the epoch; may be missing"""
    by: str = ""
    checksum: str = ""
    state: tuple[str, ...] = ()
    judge: Judge | None = None
    joined: str = "."
    grouped: bool = False
    """the first column of the id is a group with an order of its own"""
    heads: bool = False
    """the table has the latest entries only"""
    dated_id: bool = False
    """the id is the time of writing in milliseconds"""
    companion: str = ""
    """a table that must stand beside it"""


TOOLS = (
    Tool("alembic", ("alembic_version",), ("version_num",), heads=True),
    Tool("django", ("django_migrations",), ("app", "name"), order=("id",), at="applied", grouped=True),
    Tool("ecto", ("schema_migrations",), ("version",), ("inserted_at",), at="inserted_at"),
    Tool(
        "golang-migrate", ("schema_migrations",), ("version",), ("dirty",), state=("dirty",), judge=_clean, heads=True
    ),
    Tool(
        "rails",
        ("schema_migrations",),
        ("version",),
        lacks=("inserted_at", "dirty", "name"),
        companion="ar_internal_metadata",
    ),
    Tool("dbmate", ("schema_migrations",), ("version",), lacks=("inserted_at", "dirty", "name")),
    Tool(
        "flyway",
        ("flyway_schema_history", "schema_version"),
        ("script",),
        ("version", "success"),
        order=("installed_rank",),
        at="installed_on",
        by="installed_by",
        checksum="checksum",
        state=("success", "type"),
        judge=_flyway,
    ),
    Tool(
        "liquibase",
        ("databasechangelog", "DATABASECHANGELOG"),
        ("filename", "id", "author"),
        ("exectype",),
        order=("orderexecuted",),
        at="dateexecuted",
        by="author",
        checksum="md5sum",
        state=("exectype",),
        judge=_executed,
        joined="::",
    ),
    Tool(
        "prisma",
        ("_prisma_migrations",),
        ("migration_name",),
        ("applied_steps_count",),
        order=("started_at",),
        at="finished_at",
        checksum="checksum",
        state=("finished_at", "rolled_back_at"),
        judge=_prisma,
    ),
    Tool(
        "drizzle",
        ("__drizzle_migrations",),
        ("created_at",),
        order=("created_at",),
        at="created_at",
        checksum="hash",
        dated_id=True,
    ),
    Tool("knex", ("knex_migrations",), ("name",), ("batch",), order=("id",), at="migration_time"),
    Tool("typeorm", ("migrations",), ("name",), ("timestamp",), order=("id",), at="timestamp"),
    Tool("laravel", ("migrations",), ("migration",), ("batch",), order=("id",)),
    Tool("sequelize", ("SequelizeMeta",), ("name",)),
    Tool("ef core", ("__EFMigrationsHistory",), ("MigrationId",), ("ProductVersion",)),
    Tool(
        "doctrine", ("doctrine_migration_versions",), ("version",), ("execution_time",), at="executed_at",
    ),
    Tool(
        "phinx", ("phinxlog",), ("version", "migration_name"), ("breakpoint",), order=("version",), at="end_time",
        joined="_",
    ),
    Tool(
        "goose", ("goose_db_version",), ("version_id",), order=("id",), at="tstamp", state=("is_applied", "version_id"),
        judge=_applied,
    ),
    Tool(
        "sqlx", ("_sqlx_migrations",), ("version", "description"), order=("version",), at="installed_on",
        checksum="checksum", state=("success",), judge=_succeeded, joined="_",
    ),
    Tool("diesel", ("__diesel_schema_migrations",), ("version",), ("run_on",), at="run_on"),
    Tool("aerich", ("aerich",), ("app", "version"), ("content",), order=("id",), grouped=True),
    Tool("mikro-orm", ("mikro_orm_migrations",), ("name",), order=("id",), at="executed_at"),
    Tool(
        "sqitch", ("changes",), ("project", "change"), ("change_id", "planner_email"), order=("committed_at",),
        at="committed_at", by="committer_name", checksum="script_hash", grouped=True,
    ),
    Tool(
        "yoyo", ("_yoyo_migration",), ("migration_id",), ("migration_hash",), order=("applied_at_utc", "migration_id"),
        at="applied_at_utc",
    ),
)  # fmt: skip

COMPANIONS = {
    "ar_internal_metadata": ("key", "value"),
    "knex_migrations_lock": ("is_locked",),
    "databasechangeloglock": ("locked", "lockedby"),
    "DATABASECHANGELOGLOCK": ("LOCKED", "LOCKEDBY"),
}
"""tables beside a ledger: their columns that are read"""

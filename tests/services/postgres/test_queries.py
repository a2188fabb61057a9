"""The statement sent to PostgreSQL: one round trip, read-only, safe from objects of users, silent while unchanged."""

from __future__ import annotations

import asyncpg
import pytest
from msgspec.structs import replace

from parity_tui.demo.postgres import Postgres
from parity_tui.model import State, TlsMode
from parity_tui.services.postgres import SERVICE
from parity_tui.services.postgres.connection.copy import copied
from parity_tui.services.postgres.queries import PLAIN, SETTINGS_ONLY, statement
from parity_tui.transport.dialer import NetworkDialer
from parity_tui.transport.head_start import HeadStart
from tests.conftest import Shared
from tests.services.postgres.builders import reading, target
from tests.services.postgres.conftest import connect


async def test_server_logs_only_our_statement(playground: Postgres) -> None:
    before = len(playground.words())
    where = target(playground)
    async with SERVICE.connect(where, NetworkDialer(where, 20)) as read:
        for _ in range(3):
            await read()
    logged = [line for line in playground.words()[before:].splitlines() if line.startswith("parity-tui|")]
    assert [line.partition(": ")[0] for line in logged if "DETAIL" not in line] == ["parity-tui|LOG"] * 3
    assert sum("statement: COPY (WITH belt" in line for line in logged) == 3


async def test_server_does_not_log_a_head_start_that_is_given_up(playground: Postgres) -> None:
    where = replace(target(playground), tls=TlsMode.PREFER)
    before = len(playground.words())
    head_start = HeadStart([where], {"postgres": SERVICE})
    async with SERVICE.connect(where, NetworkDialer(where, 20)) as read:  # the server has accepted the first one before
        head_start.send()
        await read()
        head_start.close()
        await read()
    logged = playground.words()[before:].splitlines()
    assert [line for line in logged if not line.startswith("parity-tui|")] == []


async def test_statement_cannot_write(superuser: asyncpg.Connection[asyncpg.Record]) -> None:
    """It makes its transaction read-only before anything else is evaluated."""
    await superuser.execute("CREATE SEQUENCE IF NOT EXISTS tally")
    writing = statement().replace("pg_catalog.version()", "pg_catalog.nextval('tally')")
    try:
        with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
            await copied(superuser, writing)
    finally:
        await superuser.execute("DROP SEQUENCE tally")


async def test_functions_and_operators_of_users_never_run(playground: Postgres) -> None:
    """Objects that shadow the catalog's, first on the search path of the database, have no effect."""
    traps = [
        "CREATE SCHEMA trap",
        "CREATE FUNCTION trap.trap(name, name) RETURNS bool LANGUAGE sql AS 'SELECT 1/0 = 1'",
        "CREATE FUNCTION trap.trap(text, text) RETURNS bool LANGUAGE sql AS 'SELECT 1/0 = 1'",
        "CREATE OPERATOR trap.= (LEFTARG = name, RIGHTARG = name, FUNCTION = trap.trap)",
        "CREATE OPERATOR trap.= (LEFTARG = text, RIGHTARG = text, FUNCTION = trap.trap)",
        "CREATE FUNCTION trap.version() RETURNS text LANGUAGE sql AS 'SELECT (1/0)::text'",
        "CREATE FUNCTION trap.current_database() RETURNS name LANGUAGE sql AS 'SELECT (1/0)::text::name'",
        "CREATE VIEW trap.pg_settings AS SELECT 1/0 AS name",
        "CREATE TYPE trap.text AS ENUM ('trap')",
        "ALTER DATABASE trapped SET search_path = trap, pg_catalog",
    ]
    playground.sql("CREATE DATABASE trapped")
    playground.sql(*traps, database="trapped")
    result = await reading(playground, "trapped")
    assert result.facts["search_path"].state is State.UNKNOWN
    assert result.facts["database.encoding"].raw == "UTF8"


async def test_unchanged_answer_returns_the_same_object(each_postgres: Postgres) -> None:
    """The server sends a hash alone."""
    where = target(each_postgres)
    async with SERVICE.connect(where, NetworkDialer(where, 20)) as read:
        first = await read()
        assert await read() is first
        assert await read() is first


async def test_kept_connection_sees_changes(debian: Postgres) -> None:
    debian.sql("CREATE DATABASE changing")
    where = target(debian, "changing")
    async with SERVICE.connect(where, NetworkDialer(where, 20)) as read:
        first = await read()
        debian.sql("CREATE EXTENSION pg_trgm", "CREATE ROLE web", "ALTER ROLE web SET jit = off", database="changing")
        second = await read()
        new = {"extension.pg_trgm", "extension_schema.pg_trgm", "override.role.web.jit"}
        assert second.facts.keys() - first.facts.keys() == new


async def test_statement_needs_no_function_of_a_later_version(debian: Postgres) -> None:
    """PostgreSQL 14 does not know the version of a database's collation."""
    debian.sql("CREATE DATABASE older TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en'")
    renamed = "ALTER FUNCTION pg_catalog.pg_database_collation_actual_version(oid) RENAME TO of_a_later_version"
    recorded = "UPDATE pg_catalog.pg_database SET datcollversion = '1' WHERE datname = 'older'"
    debian.sql(recorded)
    assert (await reading(debian, "older")).facts["database.collation_mismatch"].raw == "on"
    debian.sql("SET allow_system_table_mods = on", renamed, database="older")
    facts = (await reading(debian, "older")).facts
    assert facts["database.collation_mismatch"].raw == "off"
    assert facts["database.locale_provider"].raw == "icu"


async def test_fallbacks_read_all_settings(postgres_servers: Shared[Postgres]) -> None:
    connection = await connect(postgres_servers["15"])
    try:
        assert len(await connection.fetch(PLAIN)) == len(await connection.fetch(SETTINGS_ONLY)) > 300
    finally:
        connection.terminate()

"""Ledgers of migrations in PostgreSQL: rights, round trips, names, bad tables."""

from __future__ import annotations

import asyncio
from itertools import count

import pytest
from msgspec.structs import replace

from parity_tui.demo.postgres import Postgres
from parity_tui.demo.servers import Servers
from parity_tui.doctor.hidden import remedy
from parity_tui.model import Reading, ServiceError, Severity, State, Target, Verdict
from parity_tui.services.postgres import SERVICE
from parity_tui.services.postgres.connection.conversation import PostgresConversation
from parity_tui.transport.dialer import NetworkDialer
from tests.proxy import proxy
from tests.services.postgres import conversations
from tests.services.postgres.builders import reading, rows, target

DJANGO = "CREATE TABLE django_migrations (id bigserial PRIMARY KEY, app text, name text, applied timestamptz)"
LABEL = "migrations (django)"
_NUMBERS = count()
TARGET = Target("dev", "it", "postgres", host="db", port=1, user="app")
COPY = ((b"H", b"\0\0\1\0\0"), (b"d", b"[]\n"), (b"c", b""), (b"C", b"COPY 1\0"), (b"Z", b"I"))


@pytest.fixture(scope="module")
def server(servers: Servers) -> Postgres:
    return servers.postgres("16", sql=["CREATE ROLE parity LOGIN", "GRANT pg_read_all_settings TO parity"])


def database(server: Postgres, *statements: str) -> str:
    """Make a database with these statements; return its name."""
    name = f"made{next(_NUMBERS)}"
    server.sql(f"CREATE DATABASE {name}")
    server.sql(*statements, database=name)
    return name


def filled(number: int, first: int = 1) -> str:
    return f"""INSERT INTO django_migrations (app, name, applied)
        SELECT 'shop', to_char(i, 'FM0000000') || '_x', '2026-01-01' FROM generate_series({first}, {number}) i"""


def ledger_rows(*readings: Reading) -> dict[str, Verdict]:
    found = rows(*readings)
    return {name: row.verdict for name, row in found.items() if name.startswith("migrations") and row.listed}


async def test_unreadable_ledger_is_hidden_with_its_grant(server: Postgres) -> None:
    """The statement shows the ledger; nothing else is granted."""
    name = database(server, DJANGO, filled(3), 'CREATE SCHEMA "odd one"', 'CREATE TABLE "odd one".aerich (x int)')
    hidden = (await reading(server, name, "parity")).facts[LABEL]
    grant = "GRANT SELECT ON public.django_migrations TO parity"
    assert (hidden.state, hidden.note) == (State.HIDDEN, f"needs {grant}")
    everything = await reading(server, name)
    assert ledger_rows(everything, await reading(server, name, "parity")) == {LABEL: Verdict.UNKNOWN}
    server.sql(grant, database=name)
    assert (await reading(server, name, "parity")).facts[LABEL].raw == "3"


async def test_ledger_in_closed_schema_names_both_grants(server: Postgres) -> None:
    drizzle = "CREATE TABLE drizzle.__drizzle_migrations (id serial, hash text, created_at bigint)"
    name = database(server, "CREATE SCHEMA drizzle", drizzle)
    note = (await reading(server, name, "parity")).facts["migrations (drizzle)"].note
    server.sql(note.removeprefix("needs "), database=name)
    assert (await reading(server, name, "parity")).facts["migrations (drizzle)"].raw == "0"


async def test_ledger_costs_one_round_trip_at_first(server: Postgres) -> None:
    name = database(server, DJANGO, filled(3))
    async with proxy(server.host, server.port) as between:
        where = replace(target(server, name), port=between.port)
        async with SERVICE.connect(where, NetworkDialer(where, 20)) as read, asyncio.timeout(60):
            login = between.bursts
            first = await read()
            assert between.bursts - login == 2  # the statement, and the ledger
            assert await read() is first
            assert between.bursts - login == 3
            server.sql(filled(4, 4), database=name)
            while True:  # the server counts writes with a delay
                if (latest := await read()) is not first:
                    break
                await asyncio.sleep(0.05)
            assert latest.facts[LABEL].raw == "4"


async def test_million_rows_are_read_in_time(server: Postgres) -> None:
    """Two ledgers whose newest 5,000 rows are compared."""
    dev = database(server, DJANGO, filled(1_000_000))
    production = database(server, DJANGO, filled(999_998, 990_000))
    one, other = await reading(server, dev), await reading(server, production)
    row = rows(one, other, names=["dev", "production"])[LABEL]
    assert (row.text(0), row.text(1)) == ("5000+", "5000+ · 2 behind")
    assert "shop.1000000_x, shop.0999999_x" in row.cells[1].note


async def test_escapes_in_names_are_printed_safely(server: Postgres) -> None:
    insert = "INSERT INTO django_migrations (app, name) VALUES ('shop', E'a\\x1b[2J\\\\ \"b\"\\nc\\tü')"
    dev, production = database(server, DJANGO, filled(1), insert), database(server, DJANGO, filled(1))
    one, other = await reading(server, dev), await reading(server, production)
    row = rows(one, other, names=["dev", "production"])[LABEL]
    assert row.cells[1].note == r'compared with dev: lacks shop.a\x1b[2J\ "b"\nc\tü'


@pytest.mark.parametrize(
    "table",
    [
        "CREATE TABLE migrations (bird text, south date, name text)",
        "CREATE TABLE changes (project text, change text)",
        "CREATE VIEW django_migrations AS SELECT 1 AS id, 'a' AS app, 'b' AS name",
        "CREATE DOMAIN version AS text; CREATE TABLE alembic_version (version_num version)",
        "CREATE TABLE schema_version ()",
    ],
)
async def test_other_tables_of_that_name_are_no_ledgers(server: Postgres, table: str) -> None:
    result = await reading(server, database(server, table))
    assert [name for name in result.facts if name.startswith("migrations")] == []


async def test_ledger_of_unknown_tool_is_counted(server: Postgres) -> None:
    table = "CREATE TABLE schema_migrations (name text, applied_at timestamp)"
    result = await reading(server, database(server, table, "INSERT INTO schema_migrations VALUES ('a', now())"))
    assert result.facts["migrations (schema_migrations)"].raw == "1"


async def test_dump_of_another_environment_is_named(server: Postgres) -> None:
    """Rails notes the environment; staging that runs as production gives the same warning."""
    statements = (
        "CREATE TABLE schema_migrations (version varchar PRIMARY KEY)",
        "CREATE TABLE ar_internal_metadata (key varchar PRIMARY KEY, value varchar)",
        "INSERT INTO schema_migrations VALUES ('20260101120000')",
    )
    named = "INSERT INTO ar_internal_metadata VALUES ('environment', '{}')"
    dump = await reading(server, database(server, *statements, named.format("production")))
    development = await reading(server, database(server, *statements, named.format("development")))
    row = rows(dump, dump, names=["dev", "production"])["migrations (rails)"]
    assert (row.severity, row.odd) == (Severity.WARNING, ("dev",))
    assert "names the environment production: a restored dump" in row.note
    assert ledger_rows(development, dump) == {}


async def test_ledgers_of_schemas_have_names_of_their_own(server: Postgres) -> None:
    other = DJANGO.replace("django_migrations", "tenant.django_migrations")
    result = await reading(server, database(server, DJANGO, "CREATE SCHEMA tenant", other))
    assert [name for name in result.facts if name.startswith("migrations")] == [LABEL, "migrations (django in tenant)"]


async def test_doctor_prints_the_grant(server: Postgres) -> None:
    hidden = (await reading(server, database(server, DJANGO), "parity")).facts[LABEL]
    assert remedy(hidden.note, SERVICE.hidden) == "GRANT SELECT ON public.django_migrations TO parity;"


def test_copy_is_accepted_in_order_only() -> None:
    """The driver's C code gets no data of a copy that it has not asked for."""
    copy = [conversations.message(kind, body) for kind, body in COPY]
    for asked, parts, accepted in (
        (b"COPY (SELECT 1) TO STDOUT\0", copy, True),
        (b"COPY (SELECT 1) TO STDOUT\0", copy[1:], False),
        (b"SELECT 1\0", copy, False),
    ):
        conversation = PostgresConversation(TARGET, lambda method: None)
        conversation.received(conversations.LOGIN)
        conversation.sent(conversations.message(b"Q", asked))
        if accepted:
            assert conversation.received(b"".join(parts)) == b"".join(parts)
            assert conversation.idle
        else:
            with pytest.raises(ServiceError, match="when none is due"):
                conversation.received(parts[0])

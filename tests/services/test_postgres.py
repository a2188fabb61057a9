"""PostgreSQL: everything in one statement, with its source; what rights and sessions hide is unknown, not equal."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

import asyncpg
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace

from parity_tui.demo.postgres import Postgres
from parity_tui.demo.servers import Servers
from parity_tui.drift.compare import compare
from parity_tui.drift.policy import Policy
from parity_tui.drift.row import Row
from parity_tui.drift.rules import RuleTable
from parity_tui.model import Fact, Outcome, Reading, ServiceError, Severity, State, Target, TlsMode, ValueType, Verdict
from parity_tui.secrets import Secret
from parity_tui.services import redact_reading
from parity_tui.services.postgres import SERVICE
from parity_tui.services.postgres.parse import parse
from parity_tui.services.postgres.queries import LIMITS, PLAIN, SETTINGS_ONLY, WIDTH, statement
from parity_tui.services.postgres.remediation import LISTS_OF_NAMES, RESTART, remediate
from parity_tui.transport.dialer import NetworkDialer
from tests.conftest import Shared

PASSWORD = "p/a%@s:s&=# w"


def target(server: Postgres, database: str = "", user: str = "postgres") -> Target:
    """Return what is connected to."""
    return Target(
        "dev", "database", "postgres", "postgresql", server.host, server.port, database, user, tls=TlsMode.PREFER
    )


async def reading(server: Postgres, database: str = "", user: str = "postgres") -> Reading:
    """Connect, read once and leave."""
    where = target(server, database, user)
    async with asyncio.timeout(20), SERVICE.connect(where, NetworkDialer(where, 20)) as read:
        return await read()


def rows(*readings: Reading) -> dict[str, Row]:
    """Return the rows of these readings side by side, by name."""
    names = [f"env{number}" for number, _ in enumerate(readings)]
    outcomes = [Outcome(Target(name, "database", "postgres"), each) for name, each in zip(names, readings, strict=True)]
    found = compare("database", names, outcomes, {"postgres": RuleTable(SERVICE, "postgres")}, Policy())
    return {row.setting: row for row in found}


def drift(*readings: Reading) -> set[str]:
    """Return the names of the settings that drift."""
    return {name for name, row in rows(*readings).items() if row.verdict is Verdict.DRIFT}


@pytest.fixture
async def superuser(each_postgres: Postgres) -> AsyncIterator[asyncpg.Connection[asyncpg.Record]]:
    """Give a connection of the test's own to every version in turn."""
    connection = await asyncpg.connect(
        host=each_postgres.host, port=each_postgres.port, user="postgres", password="", database="postgres", ssl=False
    )
    try:
        yield connection
    finally:
        connection.terminate()


@pytest.fixture(scope="module")
def playground(servers: Servers) -> Postgres:
    """Give a server on which each test makes databases and roles of its own."""
    return servers.postgres("16", settings={"log_statement": "all", "log_line_prefix": "%a|"})


@pytest.fixture(scope="module")
def debian(servers: Servers) -> Postgres:
    """Give another one that has contributed extensions, as the wheels have not."""
    return servers.postgres("15")


# What is read


async def test_product_and_version_are_named(each_postgres: Postgres) -> None:
    """The number alone, without what a packager adds."""
    got = await reading(each_postgres)
    assert (got.product, got.version) == ("PostgreSQL", each_postgres.version)
    assert got.address == f"127.0.0.1:{each_postgres.port}"
    assert got.notes == ("no TLS",)
    assert got.hidden == ()


async def test_every_setting_is_read_as_the_server_writes_it(
    each_postgres: Postgres, superuser: asyncpg.Connection[asyncpg.Record]
) -> None:
    """All rows of pg_settings but three that are told as facts on the database, with value, unit and words."""
    got = await reading(each_postgres)
    theirs = {row["name"]: row for row in await superuser.fetch("SELECT * FROM pg_settings")}
    ours = {"application_name", "transaction_read_only"}
    folded = {"lc_collate", "lc_ctype", "server_encoding"}
    assert theirs.keys() - got.facts.keys() <= folded
    for name in theirs.keys() - ours - folded:
        fact, row = got.facts[name], theirs[name]
        assert (fact.raw, fact.unit, fact.description) == (row["setting"], row["unit"] or "", row["short_desc"]), name
        assert fact.default is (row["source"] in ("default", "override")), name


async def test_a_planted_setting_is_seen_with_its_place(servers: Servers, postgres_servers: Shared[Postgres]) -> None:
    """Exactly what was written into the file is drift, and its file and line are told."""
    plain, other = postgres_servers["16"], servers.postgres("16", settings={"work_mem": "8MB", "jit": "off"})
    both = await reading(plain), await reading(other)
    assert drift(*both) == {"work_mem", "jit"}
    assert rows(*both)["work_mem"].text(1) == "8 MB"
    assert both[0].facts["work_mem"].source == "default"
    planted = "work_mem = '8MB'"
    lines = (other.folder / "data" / "postgresql.conf").read_text().splitlines()
    assert both[1].facts["work_mem"].source == f"postgresql.conf:{lines.index(planted) + 1}"


async def test_equal_servers_give_no_drift(servers: Servers, each_postgres: Postgres) -> None:
    """Another port, folder, password and run: nothing of that is drift."""
    other = servers.postgres(each_postgres.version, password=PASSWORD)
    where = replace(target(other), password=lambda: Secret(PASSWORD))
    async with SERVICE.connect(where, NetworkDialer(where, 20)) as read:
        both = await reading(each_postgres), await read()
    assert drift(*both) == set()
    assert both[0].instance != both[1].instance
    unknown = {name for name, row in rows(*both).items() if row.verdict is Verdict.UNKNOWN}
    assert unknown == set()


async def test_what_only_one_version_has_is_explained_by_it(postgres_servers: Shared[Postgres]) -> None:
    """Between defaults of different versions, what drifts is the version and defaults that changed with it."""
    found = rows(*[await reading(server) for server in postgres_servers.values()])
    drifting = {name: row for name, row in found.items() if row.verdict is Verdict.DRIFT}
    changed = {name for name, row in drifting.items() if "default changed" in row.note}
    assert found["version"].severity is Severity.CRITICAL
    assert drifting.keys() - changed <= {"version", "data_checksums", "database.collate", "database.ctype"}
    assert "effective_io_concurrency" in changed
    assert found["idle_session_timeout"].verdict is Verdict.SAME
    assert found["transaction_timeout"].explained_by == "version"


async def test_alter_system_and_a_pending_restart_are_told(servers: Servers) -> None:
    """The value is the one in force; that another waits is a note."""
    server = servers.postgres("18", sql=["ALTER SYSTEM SET max_connections = 50", "ALTER SYSTEM SET jit = off"])
    server.sql("SELECT pg_reload_conf()")
    facts = (await _until(server, lambda got: got.facts["jit"].raw == "off")).facts
    assert facts["jit"].source.startswith("postgresql.auto.conf:")
    assert (facts["max_connections"].raw, facts["max_connections"].note) == ("100", "restart pending")


async def test_the_connected_database_and_the_others_are_facts(servers: Servers) -> None:
    """Names of facts do not hold the name of the connected database: it is another in each environment."""
    new = servers.postgres(
        "18",
        sql=[
            "CREATE DATABASE app TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C' "
            "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'",
            "CREATE DATABASE old TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'",
        ],
    )
    facts = (await reading(new, "app")).facts
    assert {name: fact.raw for name, fact in facts.items() if name.startswith("database")} == {
        "database.encoding": "UTF8",
        "database.collate": "C",
        "database.ctype": "C",
        "database.locale_provider": "builtin",
        "database.locale": "C.UTF-8",
        "database.collation_mismatch": "off",
        "database[old]": "encoding=LATIN1, collate=C, ctype=C, locale_provider=libc",
    }
    both = rows(await reading(new, "app"), await reading(new, "old"))
    assert both["database.encoding"].verdict is Verdict.DRIFT
    assert both["database.encoding"].severity is Severity.CRITICAL


async def test_a_collation_that_has_moved_beneath_its_indexes_is_told(servers: Servers) -> None:
    """The version that the database was made with is not the one that sorts now."""
    server = servers.postgres(
        "15",
        initdb=["--locale-provider=icu", "--icu-locale=en-US"],
        sql=["UPDATE pg_database SET datcollversion = '1.2.3' WHERE datname = 'postgres'"],
    )
    facts = (await reading(server)).facts
    assert facts["database.collation_version"].raw == "1.2.3"
    assert facts["database.collation_mismatch"].raw == "on"
    assert "made with 1.2.3, the server now has" in facts["database.collation_mismatch"].note
    assert (facts["database.locale_provider"].raw, facts["database.locale"].raw) == ("icu", "en-US")


async def test_extensions_are_facts_with_their_versions(debian: Postgres) -> None:
    """One that is missing is drift by itself; an update that is installed is a note."""
    debian.sql("CREATE DATABASE bare", "CREATE DATABASE filled")
    debian.sql("CREATE EXTENSION pg_trgm VERSION '1.5'", database="filled")
    got, bare = await reading(debian, "filled"), await reading(debian, "bare")
    fact = got.facts["extension.pg_trgm"]
    assert (fact.raw, fact.note) == ("1.5", "1.6 is installed on the server: ALTER EXTENSION pg_trgm UPDATE")
    assert got.facts["extension.plpgsql"] == Fact("1.0")
    missing = rows(got, bare)["extension.pg_trgm"]
    assert (missing.verdict, missing.severity, missing.explained_by) == (Verdict.DRIFT, Severity.CRITICAL, "")


async def test_settings_of_a_library_are_explained_by_its_not_being_loaded(
    servers: Servers, postgres_servers: Shared[Postgres]
) -> None:
    """One row says that the library is missing; those of its settings are folded under it."""
    loaded = servers.postgres("15", settings={"shared_preload_libraries": "pg_stat_statements"})
    found = rows(await reading(loaded), await reading(postgres_servers["15"]))
    assert found["shared_preload_libraries"].verdict is Verdict.DRIFT
    assert found["pg_stat_statements.max"].explained_by == "shared_preload_libraries"
    assert {name for name, row in found.items() if row.listed} == {"shared_preload_libraries"}


async def test_what_is_set_for_roles_and_databases_is_read(servers: Servers) -> None:
    """An app gets these, whatever the file says; each is typed like the setting itself."""
    server = servers.postgres(
        "16",
        sql=[
            "CREATE DATABASE app",
            "CREATE DATABASE other",
            'CREATE ROLE "Web.app" LOGIN',
            "CREATE ROLE batch LOGIN",
            "ALTER DATABASE app SET statement_timeout = '5s'",
            "ALTER DATABASE other SET search_path = shop, public",
            "ALTER ROLE batch SET work_mem = '64MB'",
            'ALTER ROLE "Web.app" IN DATABASE app SET jit = off',
            "ALTER ROLE batch IN DATABASE other SET jit = off",
            "ALTER ROLE ALL SET lock_timeout = '1min'",
        ],
    )
    facts = (await reading(server, "app")).facts
    found = {name: (fact.raw, fact.type, fact.source) for name, fact in facts.items() if name.startswith("override")}
    assert found == {
        "override.database.statement_timeout": ("5s", ValueType.NUMBER, "ALTER DATABASE app"),
        "override.database[other].search_path": ("shop, public", ValueType.LIST, "ALTER DATABASE other"),
        "override.role.batch.work_mem": ("64MB", ValueType.NUMBER, "ALTER ROLE batch"),
        'override.role."Web.app".database.jit': ("off", ValueType.BOOL, 'ALTER ROLE "Web.app" IN DATABASE app'),
        "override.role.batch.database[other].jit": ("off", ValueType.BOOL, "ALTER ROLE batch IN DATABASE other"),
        "override.all.lock_timeout": ("1min", ValueType.NUMBER, "ALTER ROLE ALL"),
    }
    assert facts["override.role.batch.work_mem"].unit == "kB"


@pytest.mark.parametrize(
    ("whose", "setting", "who"),
    [
        ("ROLE watcher", "statement_timeout", "for the role that we log in as"),
        ("DATABASE watched", "lock_timeout", "for this database"),
        ("ROLE watcher IN DATABASE watched", "work_mem", "for the role that we log in as in this database"),
        ("ROLE ALL", "idle_session_timeout", "for all roles"),
    ],
)
async def test_what_our_own_session_was_given_is_not_taken_for_the_servers(
    playground: Postgres, postgres_servers: Shared[Postgres], whose: str, setting: str, who: str
) -> None:
    """Neither same nor drift: the server's own value cannot be seen through it."""
    playground.sql("CREATE ROLE watcher LOGIN", "CREATE DATABASE watched", f"ALTER {whose} SET {setting} = 7000")
    try:
        got = await reading(playground, "watched", "watcher")
    finally:
        playground.sql(f"ALTER {whose} RESET {setting}", "DROP DATABASE watched WITH (FORCE)", "DROP ROLE watcher")
    fact = got.facts[setting]
    assert fact.state is State.UNKNOWN
    assert fact.note == f"set {who}: the server's own value cannot be seen from here"
    assert rows(got, await reading(postgres_servers["16"]))[setting].verdict is Verdict.UNKNOWN


async def test_a_plain_role_is_told_exactly_what_it_does_not_see(
    each_postgres: Postgres, superuser: asyncpg.Connection[asyncpg.Record]
) -> None:
    """Hidden is what the superuser sees and the role does not: no name more, no name less, and what would show it."""
    await superuser.execute('CREATE ROLE "Plain" LOGIN')
    try:
        all_of_it, part = await reading(each_postgres), await reading(each_postgres, user="Plain")
    finally:
        await superuser.execute('DROP ROLE "Plain"')
    assert {name for name, _ in part.hidden} == all_of_it.facts.keys() - part.facts.keys()
    assert {why for _, why in part.hidden} == {'needs GRANT pg_read_all_settings TO "Plain"'}
    assert drift(all_of_it, part) == set()
    blind = rows(all_of_it, part)["shared_preload_libraries"]
    assert (blind.verdict, blind.listed) == (Verdict.UNKNOWN, True)
    assert part.notes[-1] == f'{len(part.hidden)} settings hidden: needs GRANT pg_read_all_settings TO "Plain"'


async def test_the_documented_privilege_shows_everything(
    each_postgres: Postgres, superuser: asyncpg.Connection[asyncpg.Record]
) -> None:
    """The text to copy, as it stands, makes a role that sees what a superuser sees."""
    await superuser.execute(SERVICE.privilege)
    try:
        seen = await reading(each_postgres, user="parity")
    finally:
        await superuser.execute("DROP ROLE parity")
    everything = await reading(each_postgres)
    assert seen.hidden == ()
    assert seen.facts == everything.facts


async def test_a_standby_says_so(servers: Servers, postgres_servers: Shared[Postgres]) -> None:
    """Its role is a note and no drift."""
    primary = postgres_servers["16"]
    standby = servers.postgres("16")
    standby.stop()
    (standby.folder / "data" / "standby.signal").touch()
    standby.start()
    both = await reading(primary), await reading(standby)
    assert both[1].notes == ("no TLS", "standby")
    assert drift(*both) == set()


async def test_secrets_among_settings_are_fingerprints_only(servers: Servers) -> None:
    """Compared, never shown: commands and connection strings may hold passwords."""
    server = servers.postgres(
        "16",
        settings={"archive_command": "push --key s3cr3t %p", "primary_conninfo": "host=x password=s3cr3t"},
        sql=["CREATE ROLE web", "ALTER ROLE web SET app.jwt_secret = 's3cr3t'"],
    )
    got = redact_reading(await reading(server), SERVICE)
    for name in ("archive_command", "primary_conninfo", "override.role.web.app.jwt_secret"):
        assert got.facts[name].state is State.SECRET
    assert "s3cr3t" not in repr(got)


async def test_text_in_any_encoding_is_read(servers: Servers) -> None:
    """Fault 27: A file in Latin-1, names in an encoding that the server does not know: written out, never an error."""
    server = servers.postgres(
        "18",
        sql=[
            "CREATE DATABASE bytes TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C'",
            "CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'",
            "ALTER DATABASE latin SET search_path = 'café'",
        ],
    )
    with (server.folder / "data" / "postgresql.auto.conf").open("ab") as file:
        file.write(b"log_line_prefix = 'caf\xe9 \x1b[2J [b] \xe9'\n")
    server.sql("SELECT pg_reload_conf()")
    got = await _until(server, lambda got: got.facts["log_line_prefix"].source.startswith("postgresql.auto.conf"))
    assert got.facts["log_line_prefix"].raw == "caf\udce9 \x1b[2J [b] \udce9"
    assert (await reading(server, "bytes")).facts["log_line_prefix"].raw == "caf\udce9 \x1b[2J [b] \udce9"
    assert (await reading(server, "bytes")).facts["override.database[latin].search_path"].raw == '"café"'
    assert (await reading(server, "latin")).facts["log_line_prefix"].raw == "café \x1b[2J [b] é"


async def test_a_long_value_and_many_rows_are_cut(servers: Servers) -> None:
    """Fault 26: A value of megabytes and thousands of overrides come in part, and the part is called one."""
    numbers = range(LIMITS["overrides"] + 1)
    many = [f"CREATE ROLE r{number}; ALTER ROLE r{number} SET app.x = '{number}'" for number in numbers]
    server = servers.postgres("18", settings={"log_line_prefix": "é" * 5000}, sql=["BEGIN", *many, "COMMIT"])
    server.sql(f"ALTER DATABASE postgres SET app.long = '{'é' * 1_000_000}'")
    got = await reading(server)
    assert len(got.facts["log_line_prefix"].raw or "") == WIDTH
    assert len(got.facts["override.database.app.long"].raw or "") == WIDTH - len("app.long=")
    assert got.notes == ("no TLS", f"only the first {LIMITS['overrides']} overrides")


# How it is asked


async def test_the_statement_is_all_that_the_server_is_asked(playground: Postgres) -> None:
    """The server's own log of statements holds ours and nothing else; it writes nothing."""
    before = len(playground.words())
    where = target(playground)
    async with SERVICE.connect(where, NetworkDialer(where, 20)) as read:
        for _ in range(3):
            await read()
    said = [line for line in playground.words()[before:].splitlines() if line.startswith("parity-tui|")]
    assert [line.partition(": ")[0] for line in said if "DETAIL" not in line] == ["parity-tui|LOG"] * 3
    assert sum("execute <unnamed>: " in line for line in said) == 3


async def test_it_cannot_write(superuser: asyncpg.Connection[asyncpg.Record]) -> None:
    """The belt within the statement turns its transaction read-only before anything else is done."""
    await superuser.execute("CREATE SEQUENCE IF NOT EXISTS tally")
    major = superuser.get_server_version().major
    writes = statement(major).replace("pg_catalog.version()", "pg_catalog.nextval('tally')")
    try:
        with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
            await superuser.fetch(writes, None)
    finally:
        await superuser.execute("DROP SEQUENCE tally")


async def test_functions_and_operators_of_users_are_not_run(playground: Postgres) -> None:
    """Names that shadow the catalog's, first on the search path of the database, change nothing."""
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
    got = await reading(playground, "trapped")
    assert got.facts["search_path"].state is State.UNKNOWN
    assert got.facts["database.encoding"].raw == "UTF8"


async def test_the_same_answer_is_the_same_reading(each_postgres: Postgres) -> None:
    """While nothing moves the server sends a hash, and what was read is given again as it was."""
    where = target(each_postgres)
    async with SERVICE.connect(where, NetworkDialer(where, 20)) as read:
        first = await read()
        assert await read() is first
        assert await read() is first


async def test_a_change_is_seen_on_the_connection_that_is_kept(debian: Postgres) -> None:
    """A new extension, a new override: each is in the next reading."""
    debian.sql("CREATE DATABASE changing")
    where = target(debian, "changing")
    async with SERVICE.connect(where, NetworkDialer(where, 20)) as read:
        first = await read()
        debian.sql("CREATE EXTENSION pg_trgm", "CREATE ROLE web", "ALTER ROLE web SET jit = off", database="changing")
        second = await read()
    assert second.facts.keys() - first.facts.keys() == {"extension.pg_trgm", "override.role.web.jit"}


async def test_a_part_that_cannot_be_answered_does_not_break_the_rest(
    servers: Servers, postgres_servers: Shared[Postgres]
) -> None:
    """One that asks for less is sent instead; what is not known then is unknown, neither same nor drift."""
    server = servers.postgres("16", sql=["REVOKE EXECUTE ON FUNCTION pg_available_extensions() FROM PUBLIC"])
    server.sql("CREATE ROLE watcher LOGIN IN ROLE pg_read_all_settings")
    got = await reading(server, user="watcher")
    assert got.facts["extension.plpgsql"].raw == "1.0"
    server.sql("REVOKE SELECT ON pg_db_role_setting FROM PUBLIC")
    where = target(server, user="watcher")
    async with SERVICE.connect(where, NetworkDialer(where, 20)) as read:
        least = await read()
        assert await read() == least
    assert least.version == "16.14"
    assert least.notes == ("no TLS", "this server tells its settings only")
    found = rows(least, await reading(postgres_servers["16"]))
    assert {name for name, row in found.items() if row.verdict is Verdict.DRIFT} == set()
    assert found["work_mem"].verdict is Verdict.SAME
    assert found["extension.plpgsql"].verdict is Verdict.UNKNOWN
    assert found["database.collate"].verdict is Verdict.UNKNOWN


async def test_the_text_for_older_versions_is_understood(postgres_servers: Shared[Postgres]) -> None:
    """That for 12 to 14 asks for less, and nothing that a later version lacks."""
    server = postgres_servers["15"]
    connection = await asyncpg.connect(
        host=server.host, port=server.port, user="postgres", password="", database="postgres", ssl=False
    )
    try:
        row = await connection.fetchrow(statement(12), None)
        assert len(await connection.fetch(PLAIN)) == len(await connection.fetch(SETTINGS_ONLY)) > 300
    finally:
        connection.terminate()
    assert row is not None
    facts = parse(row["body"], "postgres").facts
    assert facts["database.locale_provider"].raw == "libc"
    assert "database.collation_mismatch" not in facts


# Parsing what anybody may have sent


@given(st.binary())
@example(b'{"version": "", "settings": []}')
@example(b'{"version": "PostgreSQL", "settings": [["a", null], ["a", "2"]], "databases": [["\\u001b[2J"]]}')
@example(b'{"version": 1}')
@example(b"[" * 100_000)
def test_any_answer_is_a_reading_or_an_error_in_words(body: bytes) -> None:
    """Fault 28: Nothing but a ServiceError comes out, whatever goes in."""
    with contextlib.suppress(ServiceError):
        assert isinstance(parse(body, "parity"), Reading)


def test_duplicate_rows_and_markup_are_taken_as_they_are() -> None:
    """Fault 29, 31: The last of two counts; nothing in a value is obeyed."""
    body = (
        b'{"version": "PostgreSQL 16.1", "settings": [["a", "1"], ["a", "[b]\\u001b[2J"], ["server_version_num", "x"]]}'
    )
    got = parse(body, "parity")
    assert got.facts["a"].raw == "[b]\x1b[2J"
    assert got.version == "16.1"


@pytest.mark.parametrize(
    ("words", "product", "version"),
    [
        ("PostgreSQL 15.12-YB-2025.2.3.2-b0 on x86_64", "YugabyteDB", "2025.2.3.2"),
        ("CockroachDB CCL v25.2.22 (x86_64-pc-linux-gnu)", "CockroachDB", "25.2.22"),
        ("PostgreSQL 8.0.2 on i686-pc-linux-gnu, Redshift 1.0.77467", "Amazon Redshift", "1.0.77467"),
        ("PostgreSQL 12.12 (Greenplum Database 7.1.0 build x)", "Greenplum", "7.1.0"),
        (
            "PostgreSQL 16.1 (EnterpriseDB Advanced Server 16.1.0) on x86_64",
            "EDB Postgres Advanced Server",
            "16.1.0",
        ),
    ],
)
def test_relatives_are_named_by_their_own_sign(words: str, product: str, version: str) -> None:
    """Fault 25: What they say of PostgreSQL is a claim of compatibility."""
    got = parse(f'{{"version": "{words}", "settings": [["server_version_num", "150012"]]}}'.encode(), "parity")
    assert (got.product, got.version) == (product, version)


def test_aurora_and_who_runs_it_are_named() -> None:
    """A function that no other has, and settings that only the provider makes."""
    body = (
        b'{"version": "PostgreSQL 16", "aurora": true, "settings": [["server_version_num", "160006"], ["rds.x", ""]]}'
    )
    got = parse(body, "parity")
    assert (got.product, got.version) == ("Aurora PostgreSQL", "16.6")
    assert "Amazon RDS" in got.notes


# What would align it


async def test_what_aligns_a_setting_does_so(servers: Servers) -> None:
    """The text, run as it stands, gives the other server's values; what takes a restart says that it does."""
    settings = {
        "TimeZone": "Asia/Tokyo",
        "search_path": '"$user", "Odd ""name", public',
        "work_mem": "8MB",
        "log_line_prefix": "it's \\\\d ",  # the file has escapes of its own
        "max_connections": "50",
        "shared_preload_libraries": "pg_stat_statements, auto_explain",
        "pg_stat_statements.max": "5000",
        "DateStyle": "German",
    }
    good, odd = servers.postgres("15", settings=settings), servers.postgres("15")
    wanted, got = await reading(good), await reading(odd)
    names = drift(wanted, got) | {"pg_stat_statements.max"}
    assert names >= settings.keys() - {"pg_stat_statements.max"}
    texts = {name: remediate(name, wanted.facts[name].raw or "", got.facts.get(name, Fact("x"))) for name in names}
    assert {name for name, text in texts.items() if "restart the server" in text} == {
        "max_connections",
        "shared_preload_libraries",
    }
    assert texts["TimeZone"] == """ALTER SYSTEM SET "TimeZone" = 'Asia/Tokyo';  -- then SELECT pg_reload_conf();"""
    odd.sql(*(text.partition(";  --")[0] for name, text in texts.items() if "." not in name))
    odd.restart()
    odd.sql(texts["pg_stat_statements.max"].partition(";")[0])
    odd.restart()
    assert drift(wanted, await reading(odd)) == set()


async def test_what_aligns_an_extension_or_an_override_does_so(servers: Servers) -> None:
    """Made, updated, set and reset; psql puts the connected database's name in."""
    server = servers.postgres("15", sql=["CREATE EXTENSION pg_trgm VERSION '1.5'", 'CREATE ROLE "Web.app"'])
    got = await reading(server)
    absent = Fact(state=State.ABSENT)
    server.sql(remediate("extension.pg_trgm", "1.6", got.facts["extension.pg_trgm"]))
    server.sql(remediate("extension.hstore", "1.8", absent))
    server.sql(remediate('override.role."Web.app".database.work_mem', "9MB", absent).partition(";")[0])
    server.sql(remediate("override.database.jit", "off", absent).partition(";")[0])
    server.sql(remediate("override.all.search_path", "a, b", absent).partition(";")[0])
    facts = (await reading(server)).facts
    assert facts["extension.pg_trgm"].raw == "1.6"
    assert facts["extension.hstore"].raw == "1.8"
    assert facts['override.role."Web.app".database.work_mem'].raw == "9MB"
    assert facts["override.database.jit"].raw == "off"
    assert facts["override.all.search_path"].raw == "a, b"
    for name in ('override.role."Web.app".database.work_mem', "override.database.jit", "override.all.search_path"):
        server.sql(remediate(name, "", facts[name]).partition(";")[0])
    assert not any(name.startswith("override") for name in (await reading(server)).facts)


async def test_what_takes_a_restart_is_known_by_name(superuser: asyncpg.Connection[asyncpg.Record]) -> None:
    """The list is that of the servers, but for settings that are never compared or changed their context."""
    rows = await superuser.fetch("SELECT name, context FROM pg_settings WHERE name NOT LIKE '%.%'")
    postmaster = {row["name"] for row in rows if row["context"] == "postmaster"}
    compared = {name for name in postmaster if RuleTable(SERVICE).rule(name).severity is not Severity.IGNORED}
    assert compared - RESTART <= {"autovacuum_max_workers"}  # a reload is enough from 18 on
    assert {row["name"] for row in rows} & RESTART <= postmaster
    assert {row["name"] for row in rows} >= LISTS_OF_NAMES


def test_nothing_is_proposed_that_would_do_nothing_or_harm() -> None:
    """Fixed when the cluster was made, set elsewhere, not known, or a matter of dropping something."""
    assert remediate("block_size", "16384", Fact("8192")) == ""
    assert remediate("database.collate", "C", Fact("en_US")) == ""
    assert remediate("extension.hstore", "", Fact("1.8")) == ""
    assert remediate("jit", "on", Fact("off", state=State.UNKNOWN)) == ""
    assert remediate("jit", "on", Fact("off", source="command line")).startswith("-- set by the server's command line")


def test_every_row_of_the_table_says_why() -> None:
    """A critical or warning row without a reason, and an ignored one, would be an assertion without proof."""
    assert [row.name for row in SERVICE.rules if row.severity is not Severity.INFO and not row.why] == []
    assert [row.name for row in SERVICE.rules if "  " in row.why] == []


async def _until(server: Postgres, true: Callable[[Reading], bool]) -> Reading:
    """Return the first reading for which something is true: a reload takes its time."""
    where = target(server)
    async with asyncio.timeout(20), SERVICE.connect(where, NetworkDialer(where, 20)) as read:
        while True:
            if true(got := await read()):
                return got
            await asyncio.sleep(0.05)

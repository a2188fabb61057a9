"""Settings of PostgreSQL: values, sources, drift between servers and versions, text in any encoding."""

from __future__ import annotations

import asyncpg
from msgspec.structs import replace

from parity_tui.demo.postgres import Postgres
from parity_tui.demo.servers import Servers
from parity_tui.model import Fact, Severity, State, Verdict
from parity_tui.secrets import Secret
from parity_tui.services import redact_reading
from parity_tui.services.postgres import SERVICE
from parity_tui.services.postgres.queries import LIMITS, WIDTH
from parity_tui.services.postgres.remediation import remediate
from tests.conftest import Shared
from tests.services.postgres.builders import PASSWORD, drift, read_once, reading, reading_when, rows, target


async def test_product_and_version_are_named(each_postgres: Postgres) -> None:
    """The version is the number alone, without the packager's suffix."""
    result = await reading(each_postgres)
    assert (result.product, result.version) == ("PostgreSQL", each_postgres.version)
    assert result.address == f"127.0.0.1:{each_postgres.port}"
    assert result.notes == ("no TLS",)
    assert result.hidden == ()


async def test_every_setting_is_read_unchanged(
    each_postgres: Postgres, superuser: asyncpg.Connection[asyncpg.Record]
) -> None:
    """The facts hold all rows of pg_settings but three, which are facts on the database."""
    facts = (await reading(each_postgres)).facts
    settings = {row["name"]: row for row in await superuser.fetch("SELECT * FROM pg_settings")}
    of_session = {"application_name", "transaction_read_only"}
    folded = {"lc_collate", "lc_ctype", "server_encoding"}
    assert settings.keys() - facts.keys() <= folded
    for name in settings.keys() - of_session - folded:
        fact, row = facts[name], settings[name]
        assert (fact.raw, fact.unit, fact.description) == (row["setting"], row["unit"] or "", row["short_desc"]), name
        assert fact.default is (row["source"] in ("default", "override")), name


async def test_planted_setting_drifts_with_file_and_line(servers: Servers, postgres_servers: Shared[Postgres]) -> None:
    plain, planted = postgres_servers["16"], servers.postgres("16", settings={"work_mem": "8MB", "jit": "off"})
    readings = await reading(plain), await reading(planted)
    assert drift(*readings) == {"work_mem", "jit"}
    assert rows(*readings)["work_mem"].text(1) == "8 MB"
    assert readings[0].facts["work_mem"].source == "default"
    lines = (planted.folder / "data" / "postgresql.conf").read_text().splitlines()
    line = lines.index("work_mem = '8MB'") + 1
    assert readings[1].facts["work_mem"].source == f"postgresql.conf:{line}"


async def test_equal_servers_give_no_drift(servers: Servers, each_postgres: Postgres) -> None:
    """Their ports, folders, passwords and runs differ."""
    other = servers.postgres(each_postgres.version, password=PASSWORD)
    login = replace(target(other), password=lambda: Secret(PASSWORD))
    readings = await reading(each_postgres), await read_once(login)
    assert drift(*readings) == set()
    assert readings[0].instance != readings[1].instance
    assert {name for name, row in rows(*readings).items() if row.verdict is Verdict.UNKNOWN} == set()


async def test_version_explains_settings_of_one_version(postgres_servers: Shared[Postgres]) -> None:
    """Between unconfigured versions only the version, changed defaults and four traits of the cluster drift."""
    compared = rows(*[await reading(server) for server in postgres_servers.values()])
    drifting = {name: row for name, row in compared.items() if row.verdict is Verdict.DRIFT}
    changed = {name for name, row in drifting.items() if "default changed" in row.note}
    assert compared["version"].severity is Severity.CRITICAL
    assert drifting.keys() - changed <= {"version", "data_checksums", "database.collate", "database.ctype"}
    assert "effective_io_concurrency" in changed
    assert compared["idle_session_timeout"].verdict is Verdict.SAME
    assert compared["transaction_timeout"].explained_by == "version"


async def test_pending_restart_is_a_note(servers: Servers) -> None:
    """The value is the one in force."""
    server = servers.postgres("18", sql=["ALTER SYSTEM SET max_connections = 50", "ALTER SYSTEM SET jit = off"])
    server.sql("SELECT pg_reload_conf()")
    facts = (await reading_when(server, lambda latest: latest.facts["jit"].raw == "off")).facts
    assert facts["jit"].source.startswith("postgresql.auto.conf:")
    assert (facts["max_connections"].raw, facts["max_connections"].note) == ("100", "restart pending")


async def test_missing_library_explains_its_settings(servers: Servers, postgres_servers: Shared[Postgres]) -> None:
    loaded = servers.postgres("15", settings={"shared_preload_libraries": "pg_stat_statements"})
    compared = rows(await reading(loaded), await reading(postgres_servers["15"]))
    assert compared["shared_preload_libraries"].verdict is Verdict.DRIFT
    assert compared["pg_stat_statements.max"].explained_by == "shared_preload_libraries"
    assert {name for name, row in compared.items() if row.listed} == {"shared_preload_libraries"}


async def test_standby_is_a_note_and_no_drift(servers: Servers, postgres_servers: Shared[Postgres]) -> None:
    standby = servers.postgres("16")
    standby.stop()
    (standby.folder / "data" / "standby.signal").touch()
    standby.start()
    readings = await reading(postgres_servers["16"]), await reading(standby)
    assert readings[1].notes == ("no TLS", "standby")
    assert drift(*readings) == set()


async def test_secrets_in_settings_become_fingerprints(servers: Servers) -> None:
    """Commands and connection strings may contain passwords."""
    server = servers.postgres(
        "16",
        settings={"archive_command": "push --key s3cr3t %p", "primary_conninfo": "host=x password=s3cr3t"},
        sql=["CREATE ROLE web", "ALTER ROLE web SET app.jwt_secret = 's3cr3t'"],
    )
    result = redact_reading(await reading(server), SERVICE)
    for name in ("archive_command", "primary_conninfo", "override.role.web.app.jwt_secret"):
        assert result.facts[name].state is State.SECRET
    assert "s3cr3t" not in repr(result)


async def test_text_in_any_encoding_is_read(servers: Servers) -> None:
    """Fault 27: A file in Latin-1 and names in an encoding that the server does not know are no errors."""
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
    result = await reading_when(
        server, lambda latest: latest.facts["log_line_prefix"].source.startswith("postgresql.auto.conf")
    )
    assert result.facts["log_line_prefix"].raw == "caf\udce9 \x1b[2J [b] \udce9"
    assert (await reading(server, "bytes")).facts["log_line_prefix"].raw == "caf\udce9 \x1b[2J [b] \udce9"
    assert (await reading(server, "bytes")).facts["override.database[latin].search_path"].raw == '"café"'
    assert (await reading(server, "latin")).facts["log_line_prefix"].raw == "café \x1b[2J [b] é"


async def test_long_values_and_many_rows_are_cut(servers: Servers) -> None:
    """Fault 26, J12: A value of megabytes ends with its hash, and the 1,001st override is unknown."""
    numbers = range(LIMITS["overrides"] - 1)
    many = [f"CREATE ROLE r{number}; ALTER ROLE r{number} SET app.x = '{number}'" for number in numbers]
    server = servers.postgres("18", settings={"log_line_prefix": "é" * 5000}, sql=["BEGIN", *many, "COMMIT"])

    async def facts(end: str) -> dict[str, Fact]:
        server.sql(f"ALTER DATABASE postgres SET app.long = '{'é' * 1_000_000}{end}'")
        return (await reading(server)).facts

    one, same, other = [await facts(end) for end in ("a", "a", "b")]
    name = "override.database.app.long"
    assert one["log_line_prefix"].raw is not None
    assert one["log_line_prefix"].raw.startswith("é" * WIDTH + "... (10000 bytes, hash ")
    assert (one[name].raw or "").startswith("é" * (WIDTH - len("app.long=")) + "... (2000010 bytes, hash ")
    assert one[name] == same[name]
    assert one[name].raw != other[name].raw
    assert remediate(name, one[name].raw or "", other[name]) == ""
    assert (await reading(server)).hidden == ()
    server.sql("ALTER ROLE r0 SET app.one_more = '1'")
    result = await reading(server)
    cut = f"only the first {LIMITS['overrides']} overrides"
    assert (result.notes, result.hidden) == (("no TLS", cut), (("override.*", cut),))
    assert sum(fact.startswith("override.") for fact in result.facts) == LIMITS["overrides"]

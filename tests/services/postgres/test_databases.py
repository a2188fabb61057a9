"""Databases of PostgreSQL, their extensions, and the settings of roles and databases."""

from __future__ import annotations

import pytest

from parity_tui.demo.postgres import Postgres
from parity_tui.demo.servers import Servers
from parity_tui.model import Fact, Reading, Severity, State, ValueType, Verdict
from parity_tui.services.postgres.remediation import remediate
from tests.conftest import Shared
from tests.services.postgres.builders import drift, reading, rows


def own_drift(*readings: Reading) -> set[str]:
    """Return what drifts between databases of one server, without the other databases that each sees."""
    return {name for name in drift(*readings) if not name.startswith("database[")}


async def test_connected_and_other_databases_are_facts(servers: Servers) -> None:
    """Names of facts omit the connected database, because its name differs by environment."""
    server = servers.postgres(
        "18",
        sql=[
            "CREATE DATABASE app TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C' "
            "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'",
            "CREATE DATABASE old TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'",
        ],
    )
    app = await reading(server, "app")
    assert {name: fact.raw for name, fact in app.facts.items() if name.startswith("database")} == {
        "database.encoding": "UTF8",
        "database.collate": "C",
        "database.ctype": "C",
        "database.locale_provider": "builtin",
        "database.locale": "C.UTF-8",
        "database.collation_mismatch": "off",
        "database[old]": "encoding=LATIN1, collate=C, ctype=C, locale_provider=libc",
    }
    compared = rows(app, await reading(server, "old"))
    assert compared["database.encoding"].verdict is Verdict.DRIFT
    assert compared["database.encoding"].severity is Severity.CRITICAL


async def test_changed_collation_library_is_a_mismatch(servers: Servers) -> None:
    """The recorded version is not the one that sorts now, so indexes on text may be wrong."""
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


async def test_extensions_are_facts_with_versions(debian: Postgres) -> None:
    """A missing extension is drift of its own; an available update is a note."""
    debian.sql("CREATE DATABASE bare", "CREATE DATABASE filled")
    debian.sql("CREATE EXTENSION pg_trgm VERSION '1.5'", database="filled")
    filled, bare = await reading(debian, "filled"), await reading(debian, "bare")
    fact = filled.facts["extension.pg_trgm"]
    assert (fact.raw, fact.note) == ("1.5", "1.6 is available on the server: ALTER EXTENSION pg_trgm UPDATE")
    assert filled.facts["extension.plpgsql"] == Fact("1.0")
    row = rows(filled, bare)["extension.pg_trgm"]
    assert (row.verdict, row.severity, row.explained_by) == (Verdict.DRIFT, Severity.CRITICAL, "")


async def test_schema_of_an_extension_is_a_row(debian: Postgres) -> None:
    """Unqualified names find its functions on one side only."""
    debian.sql("CREATE DATABASE in_public", "CREATE DATABASE in_own", "CREATE DATABASE none")
    debian.sql("CREATE EXTENSION hstore", database="in_public")
    debian.sql("CREATE SCHEMA ext", "CREATE EXTENSION hstore SCHEMA ext", database="in_own")
    plain, other = await reading(debian, "in_public"), await reading(debian, "in_own")
    assert own_drift(plain, other) == {"extension_schema.hstore"}
    row = rows(plain, other)["extension_schema.hstore"]
    assert (row.severity, row.text(1)) == (Severity.CRITICAL, "ext")
    none = await reading(debian, "none")
    assert own_drift(plain, none) == {"extension.hstore"}
    fix = remediate("extension_schema.hstore", "Ext", other.facts["extension_schema.hstore"])
    assert fix == 'ALTER EXTENSION hstore SET SCHEMA "Ext";'


async def test_rules_of_icu_are_a_row(servers: Servers) -> None:
    """They are written into the catalog, because no wheel has ICU."""
    server = servers.postgres("16", sql=["CREATE DATABASE plain", "CREATE DATABASE tailored"])
    server.sql("UPDATE pg_database SET daticurules = '&a < g' WHERE datname = 'tailored'")
    plain, tailored = await reading(server, "plain"), await reading(server, "tailored")
    assert tailored.facts["database.icu_rules"].raw == "&a < g"
    assert own_drift(plain, tailored) == {"database.icu_rules"}
    assert rows(plain, tailored)["database.icu_rules"].severity is Severity.CRITICAL


async def test_settings_of_roles_and_databases_are_read(servers: Servers) -> None:
    """The app gets these, whatever the file contains; each has the type of the setting."""
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
    overrides = {
        name: (fact.raw, fact.type, fact.source) for name, fact in facts.items() if name.startswith("override")
    }
    assert overrides == {
        "override.database.statement_timeout": ("5s", ValueType.NUMBER, "ALTER DATABASE app"),
        "override.database[other].search_path": ("shop, public", ValueType.LIST, "ALTER DATABASE other"),
        "override.role.batch.work_mem": ("64MB", ValueType.NUMBER, "ALTER ROLE batch"),
        'override.role."Web.app".database.jit': ("off", ValueType.BOOL, 'ALTER ROLE "Web.app" IN DATABASE app'),
        "override.role.batch.database[other].jit": ("off", ValueType.BOOL, "ALTER ROLE batch IN DATABASE other"),
        "override.all.lock_timeout": ("1min", ValueType.NUMBER, "ALTER ROLE ALL"),
    }
    assert facts["override.role.batch.work_mem"].unit == "kB"


@pytest.mark.parametrize(
    ("scope", "setting", "owner"),
    [
        ("ROLE watcher", "statement_timeout", "for our own role"),
        ("DATABASE watched", "lock_timeout", "for this database"),
        ("ROLE watcher IN DATABASE watched", "work_mem", "for our own role in this database"),
        ("ROLE ALL", "idle_session_timeout", "for all roles"),
    ],
)
async def test_override_of_our_session_hides_servers_value(
    playground: Postgres, postgres_servers: Shared[Postgres], scope: str, setting: str, owner: str
) -> None:
    """The row is unknown: neither same nor drift."""
    playground.sql("CREATE ROLE watcher LOGIN", "CREATE DATABASE watched", f"ALTER {scope} SET {setting} = 7000")
    try:
        result = await reading(playground, "watched", "watcher")
    finally:
        playground.sql(f"ALTER {scope} RESET {setting}", "DROP DATABASE watched WITH (FORCE)", "DROP ROLE watcher")
    fact = result.facts[setting]
    assert fact.state is State.UNKNOWN
    assert fact.note == f"set {owner}: the server's own value is hidden"
    assert rows(result, await reading(postgres_servers["16"]))[setting].verdict is Verdict.UNKNOWN

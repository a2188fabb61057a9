"""SQL that aligns PostgreSQL: run unchanged, it removes the drift."""

from __future__ import annotations

import asyncpg

from parity_tui.demo.servers import Servers
from parity_tui.drift.rules import RuleTable
from parity_tui.model import Fact, Severity, State
from parity_tui.services.postgres import SERVICE
from parity_tui.services.postgres.remediation import LISTS_OF_NAMES, RESTART, remediate
from tests.services.postgres.builders import drift, reading


async def test_remediation_of_settings_removes_their_drift(servers: Servers) -> None:
    """Settings that take a restart have a comment on it."""
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
    configured, outlier = servers.postgres("15", settings=settings), servers.postgres("15")
    wanted, actual = await reading(configured), await reading(outlier)
    names = drift(wanted, actual) | {"pg_stat_statements.max"}
    assert names >= settings.keys() - {"pg_stat_statements.max"}
    texts = {name: remediate(name, wanted.facts[name].raw or "", actual.facts.get(name, Fact("x"))) for name in names}
    assert {name for name, text in texts.items() if "restart the server" in text} == {
        "max_connections",
        "shared_preload_libraries",
    }
    assert texts["TimeZone"] == """ALTER SYSTEM SET "TimeZone" = 'Asia/Tokyo';  -- then SELECT pg_reload_conf();"""
    outlier.sql(*(text.partition(";  --")[0] for name, text in texts.items() if "." not in name))
    outlier.restart()
    outlier.sql(texts["pg_stat_statements.max"].partition(";")[0])
    outlier.restart()
    assert drift(wanted, await reading(outlier)) == set()


async def test_remediation_of_extensions_and_overrides_works(servers: Servers) -> None:
    """They are created, updated, set and reset; psql inserts the name of the connected database."""
    server = servers.postgres("15", sql=["CREATE EXTENSION pg_trgm VERSION '1.5'", 'CREATE ROLE "Web.app"'])
    before = await reading(server)
    absent = Fact(state=State.ABSENT)
    server.sql(remediate("extension.pg_trgm", "1.6", before.facts["extension.pg_trgm"]))
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


async def test_settings_that_need_restart_match_server(superuser: asyncpg.Connection[asyncpg.Record]) -> None:
    """But for settings that are never compared, or whose context changed between versions."""
    rows = await superuser.fetch("SELECT name, context FROM pg_settings WHERE name NOT LIKE '%.%'")
    postmaster = {row["name"] for row in rows if row["context"] == "postmaster"}
    compared = {name for name in postmaster if RuleTable(SERVICE).rule(name).severity is not Severity.IGNORED}
    assert compared - RESTART <= {"autovacuum_max_workers"}  # a reload is enough from 18 on
    assert {row["name"] for row in rows} & RESTART <= postmaster
    assert {row["name"] for row in rows} >= LISTS_OF_NAMES


def test_useless_or_harmful_remediation_is_never_proposed() -> None:
    """For facts that are fixed, set elsewhere or unknown, and where it would drop something."""
    assert remediate("block_size", "16384", Fact("8192")) == ""
    assert remediate("database.collate", "C", Fact("en_US")) == ""
    assert remediate("extension.hstore", "", Fact("1.8")) == ""
    assert remediate("jit", "on", Fact("off", state=State.UNKNOWN)) == ""
    assert remediate("jit", "on", Fact("off", source="command line")).startswith("-- set by the server's command line")

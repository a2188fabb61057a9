"""Rules of PostgreSQL: a reason for every setting, severities by direction and by role."""

from __future__ import annotations

import subprocess
import sys

import pytest
from msgspec.structs import replace

from parity_tui.demo.postgres import Postgres
from parity_tui.demo.servers import Servers
from parity_tui.drift.rules import RuleTable
from parity_tui.model import Fact, Severity, Verdict
from parity_tui.services.postgres import SERVICE
from tests.conftest import Shared
from tests.services.postgres.builders import drift, reading, rows


async def test_nearly_every_setting_has_a_reason(each_postgres: Postgres) -> None:
    """At least 95 % of what each version names; a plain sentence, of a line at most."""
    facts = (await reading(each_postgres)).facts
    table = RuleTable(SERVICE, "postgres")
    assert SERVICE.explain is not None
    reasons = {name: table.rule(name).why or SERVICE.explain(name) for name in facts}
    lacking = sorted(name for name, why in reasons.items() if not why)
    assert len(lacking) <= len(facts) * 0.05, lacking
    assert [why for why in reasons.values() if why and not (why.endswith(".") and len(why) < 120)] == []


def test_reasons_are_not_loaded_to_compare() -> None:
    code = "import sys, parity_tui.services.postgres; sys.exit('parity_tui.services.postgres.whys' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_reasons_are_given_once() -> None:
    from parity_tui.services.postgres.whys import WHYS

    table = RuleTable(SERVICE, "postgres")
    assert [name for name in WHYS if table.rule(name).why] == []


@pytest.mark.parametrize(
    ("setting", "weak"),
    [("fsync", "off"), ("full_page_writes", "off"), ("synchronous_commit", "local"), ("wal_level", "minimal")],
)
async def test_durability_counts_where_production_is_weaker(
    servers: Servers, postgres_servers: Shared[Postgres], setting: str, weak: str
) -> None:
    settings = {setting: weak, **({"max_wal_senders": "0"} if setting == "wal_level" else {})}
    weaker, default = await reading(servers.postgres("16", settings=settings)), await reading(postgres_servers["16"])
    assert rows(default, weaker, names=("dev", "production"))[setting].severity is Severity.CRITICAL
    assert rows(weaker, default, names=("dev", "production"))[setting].severity is Severity.WARNING


async def test_overrides_count_like_their_settings(servers: Servers, postgres_servers: Shared[Postgres]) -> None:
    """Critical only for the role of the URL; roles of a hosting provider are left out."""
    changed = servers.postgres(
        "16",
        sql=[
            *(f"CREATE ROLE {role}" for role in ("app", "batch", "rdsadmin", "cloudsqladmin", "azuresu")),
            "ALTER ROLE app LOGIN",
            *(f"ALTER ROLE {role} SET search_path = shop" for role in ("app", "batch", "rdsadmin", "azuresu")),
            "ALTER ROLE cloudsqladmin SET log_statement = none",
            "ALTER ROLE app SET work_mem = '64MB'",
            "ALTER ROLE app SET app.tenant = '7'",
            "CREATE DATABASE rdsadmin",
            "ALTER DATABASE rdsadmin SET jit = off",
        ],
    )
    plain = servers.postgres("16", sql=["CREATE ROLE app LOGIN"])
    compared = rows(await reading(plain, "postgres", "app"), await reading(changed, "postgres", "app"), user="app")
    severities = {name: row.severity for name, row in compared.items() if row.verdict is Verdict.DRIFT}
    assert severities == {
        "override.role.app.search_path": Severity.CRITICAL,
        "override.role.app.work_mem": Severity.WARNING,
        "override.role.app.app.tenant": Severity.WARNING,
        "override.role.batch.search_path": Severity.WARNING,
    }


@pytest.mark.parametrize("scope", ["DATABASE shop", "ROLE app", "ROLE app IN DATABASE shop", "ROLE ALL"])
async def test_same_value_in_file_and_by_override_is_no_drift(servers: Servers, scope: str) -> None:
    """A session of the app gets 30 s on both sides, whatever is written where."""
    base = ["CREATE ROLE app LOGIN IN ROLE pg_read_all_settings", "CREATE DATABASE shop"]
    in_file = servers.postgres("16", settings={"statement_timeout": "30s"}, sql=base)
    by_sql = servers.postgres("16", sql=[*base, f"ALTER {scope} SET statement_timeout = 30000"])
    other = servers.postgres("16", sql=[*base, f"ALTER {scope} SET statement_timeout = '31s'"])
    readings = [await reading(server, "shop", "app") for server in (in_file, by_sql, other)]
    assert {name for name, row in rows(*readings[:2], user="app").items() if row.listed} == set()
    assert len([row for row in rows(readings[0], readings[2], user="app").values() if row.listed]) == 1


async def test_database_of_one_side_is_information(servers: Servers, postgres_servers: Shared[Postgres]) -> None:
    more = servers.postgres("16", sql=["CREATE DATABASE shop_test TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'"])
    compared = rows(await reading(more), await reading(postgres_servers["16"]))
    listed = {name: row.severity for name, row in compared.items() if row.listed}
    assert listed == {"database[shop_test]": Severity.INFO}


async def test_extension_version_of_the_release_is_folded(debian: Postgres) -> None:
    """An update that was forgotten has its own row; another version of PostgreSQL with extensions cannot be had."""
    debian.sql("CREATE DATABASE trgm", "CREATE DATABASE forgotten")
    debian.sql("CREATE EXTENSION pg_trgm", database="trgm")
    debian.sql("CREATE EXTENSION pg_trgm VERSION '1.5'", database="forgotten")
    old = await reading(debian, "trgm")
    newer = replace(old, version="18.4", facts={**old.facts, "extension.pg_trgm": Fact("1.7", default=True)})
    folded = rows(old, newer)["extension.pg_trgm"]
    assert (folded.verdict, folded.explained_by) == (Verdict.IGNORED, "version")
    assert rows(await reading(debian, "forgotten"), newer)["extension.pg_trgm"].verdict is Verdict.DRIFT


async def test_computed_concurrency_is_folded(servers: Servers, postgres_servers: Shared[Postgres]) -> None:
    """PostgreSQL 18 computes io_max_concurrency from shared_buffers and max_connections."""
    fewer = servers.postgres("18", settings={"max_connections": "1000"})
    readings = await reading(fewer), await reading(postgres_servers["18"])
    assert readings[0].facts["io_max_concurrency"].raw != readings[1].facts["io_max_concurrency"].raw
    assert drift(*readings) == {"max_connections"}

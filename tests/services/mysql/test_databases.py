"""Databases and the time zone of MariaDB."""

from __future__ import annotations

import pytest

from parity_tui.demo.mysql import MariaDB
from parity_tui.demo.servers import Servers
from parity_tui.model import ServiceError, Severity
from tests.conftest import Shared
from tests.services.mysql.builders import Superuser, drift, reading, rows


async def test_time_zones_are_compared_by_meaning(servers: Servers, mariadb_servers: Shared[MariaDB]) -> None:
    """SYSTEM on a host in UTC equals +00:00; another zone is one critical row."""
    plain = await reading(mariadb_servers["10.11"])
    utc = await reading(servers.mariadb("10.11", settings={"default_time_zone": "+00:00"}))
    east = await reading(servers.mariadb("10.11", settings={"default_time_zone": "+02:00"}))
    assert drift(plain, utc) == set()
    assert drift(plain, east) == {"effective_time_zone"}
    row = rows(plain, east)["effective_time_zone"]
    assert (row.severity, row.text(0), row.text(1)) == (Severity.CRITICAL, "UTC", "+02:00")


async def test_missing_time_zone_tables_drift(servers: Servers, mariadb_servers: Shared[MariaDB]) -> None:
    """Without them, CONVERT_TZ() by name gives NULL."""
    zones = [
        "INSERT INTO mysql.time_zone VALUES (1, 'N')",
        "INSERT INTO mysql.time_zone_name VALUES ('UTC', 1), ('Europe/Paris', 1)",
        "INSERT INTO mysql.time_zone_transition_type VALUES (1, 0, 0, 0, 'UTC')",
    ]
    readings = await reading(mariadb_servers["11.8"]), await reading(servers.mariadb("11.8", sql=zones))
    assert [each.facts["time_zone_tables"].raw for each in readings] == ["empty", "loaded"]
    assert drift(*readings) == {"time_zone_tables"}


async def test_app_and_other_databases_are_facts(each_mariadb: MariaDB, superuser: Superuser) -> None:
    """Names of facts omit the app's database, because its name differs by environment."""
    databases = {"app": "utf8mb4 COLLATE utf8mb4_bin", "old": "latin1 COLLATE latin1_german1_ci"}
    await superuser.run(*[f"CREATE DATABASE `{name}` CHARACTER SET {traits}" for name, traits in databases.items()])
    try:
        app, old = await reading(each_mariadb, "app"), await reading(each_mariadb, "old")
    finally:
        await superuser.run(*[f"DROP DATABASE `{name}`" for name in databases])
    assert {name: fact.raw for name, fact in app.facts.items() if name.startswith("database")} == {
        "database.character_set": "utf8mb4",
        "database.collation": "utf8mb4_bin",
        "database[old]": "character_set=latin1, collation=latin1_german1_ci",
    }
    assert drift(app, old) >= {"database.character_set", "database.collation"}
    assert rows(app, old)["database.collation"].severity is Severity.CRITICAL


async def test_missing_database_is_a_configuration_error(each_mariadb: MariaDB) -> None:
    """For a user who sees all databases."""
    with pytest.raises(ServiceError, match='has no database "nowhere"') as caught:
        await reading(each_mariadb, "nowhere")
    assert caught.value.reason == "config"

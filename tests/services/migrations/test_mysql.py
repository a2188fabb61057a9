"""Ledgers of migrations in MariaDB."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from parity_tui.demo.mysql import MariaDB
from parity_tui.demo.servers import Servers
from parity_tui.model import Severity, State
from parity_tui.services import remediation
from parity_tui.services.mysql import SERVICE
from parity_tui.transport.dialer import NetworkDialer
from tests.proxy import proxy
from tests.services.mysql.builders import reading, rows, superuser_of, target

FLYWAY = """CREATE TABLE {}.flyway_schema_history (installed_rank INT NOT NULL PRIMARY KEY, version VARCHAR(50),
 description VARCHAR(200) NOT NULL, type VARCHAR(20) NOT NULL, script VARCHAR(1000) NOT NULL, checksum INT,
 installed_by VARCHAR(100) NOT NULL, installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
 execution_time INT NOT NULL, success BOOL NOT NULL)"""
ROW = """INSERT INTO {}.flyway_schema_history VALUES ({rank}, '{rank}', 'x', 'SQL', 'V{rank}__x.sql', {checksum}, 'ann',
 '2026-01-0{rank} 10:00:00', 1, {success})"""
LABEL = "migrations (flyway)"


@pytest.fixture(scope="module")
def server(servers: Servers) -> MariaDB:
    return servers.mariadb("11.8")


def flyway(database: str, *checksums: int, success: int = 1) -> list[str]:
    rows = [
        ROW.format(database, rank=rank, checksum=checksum, success=success)
        for rank, checksum in enumerate(checksums, 1)
    ]
    return [f"CREATE DATABASE {database}", FLYWAY.format(database), *rows]


async def test_other_checksum_is_critical(server: MariaDB) -> None:
    async with superuser_of(server) as superuser:
        await superuser.run(*flyway("dev", 7, 8, 9), *flyway("production", 7, 5))
    row = rows(await reading(server, "dev"), await reading(server, "production"), names=["dev", "production"])[LABEL]
    assert (row.text(0), row.text(1)) == ("3", "2 · 1 behind · 1 with another checksum")
    assert row.cells[1].note == "compared with dev: lacks V3__x.sql, altered V2__x.sql"
    assert (row.severity, row.odd) == (Severity.CRITICAL, ("production",))
    assert remediation(row, ("dev", "production"), 1) == ""


async def test_failed_migration_is_critical_where_all_agree(server: MariaDB) -> None:
    async with superuser_of(server) as superuser:
        await superuser.run(*flyway("broken", 7, success=0))
    broken = await reading(server, "broken")
    row = rows(broken, broken)[LABEL]
    assert (row.text(0), row.severity) == ("1 · failed: V1__x.sql", Severity.CRITICAL)


async def test_ledger_without_select_is_hidden_with_grant(server: MariaDB) -> None:
    async with superuser_of(server) as superuser:
        await superuser.run(*flyway("guarded", 7), "CREATE USER writer", "GRANT INSERT ON guarded.* TO writer")
        hidden = (await reading(server, "guarded", "writer")).facts[LABEL]
        grant = "GRANT SELECT ON `guarded`.`flyway_schema_history` TO 'writer'@'%'"
        assert (hidden.state, hidden.note) == (State.HIDDEN, f"needs {grant}")
        await superuser.run(grant)
    assert (await reading(server, "guarded", "writer")).facts[LABEL].raw == "1"


async def test_ledger_costs_one_round_trip_at_first(server: MariaDB) -> None:
    async with superuser_of(server) as superuser:
        await superuser.run(*flyway("trips", 7))
        async with proxy(server.host, server.port) as between:
            where = replace(target(server, "trips"), port=between.port)
            async with SERVICE.connect(where, NetworkDialer(where, 20)) as read:
                login = between.bursts
                first = await read()
                assert between.bursts - login == 2
                assert await read() is first
                assert between.bursts - login == 3
                await superuser.run(ROW.format("trips", rank=2, checksum=8, success=1))
                assert (await read()).facts[LABEL].raw == "2"
                assert between.bursts - login == 5
                await superuser.run("DROP TABLE trips.flyway_schema_history")
                assert LABEL not in (await read()).facts

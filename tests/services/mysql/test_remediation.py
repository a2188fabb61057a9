"""SQL that aligns MariaDB: run unchanged, it removes the drift."""

from __future__ import annotations

import pytest

from parity_tui.demo.mysql import MariaDB
from parity_tui.demo.servers import Servers
from parity_tui.model import Fact, State, ValueType
from parity_tui.services.mysql.remediation import remediate
from tests.conftest import Shared
from tests.services.mysql.builders import drift, reading, rows, superuser_of


async def test_remediation_removes_the_drift(servers: Servers, mariadb_servers: Shared[MariaDB]) -> None:
    planted = {
        "sql_mode": "ANSI_QUOTES",
        "transaction_isolation": "READ-COMMITTED",
        "slave_net_timeout": "30",
        "max_connections": "50",
        "long_query_time": "0.5",
        "event_scheduler": "ON",
        "optimizer_switch": "mrr=on,index_merge=off",
        "init_connect": r"SET @a = 'it\'s'",
        "default_time_zone": "+02:00",
        "collation_server": "latin1_german1_ci",
    }
    plain = await reading(mariadb_servers["10.11"])
    server = servers.mariadb("10.11", settings=planted)
    outlier = await reading(server)
    compared = rows(plain, outlier)
    names = drift(plain, outlier)
    assert len(names) >= len(planted)
    async with superuser_of(server) as connection:
        for name in names:
            wanted = plain.facts.get(name, compared[name].cells[0]).raw or ""
            await connection.run(remediate(name, wanted, compared[name].cells[1]).partition(";")[0])
    # Variables that the server computes when it starts follow after a restart.
    computed = {"back_log", "host_cache_size", "thread_cache_size", "collation_connection", "collation_database"}
    assert drift(plain, await reading(server)) <= computed


@pytest.mark.parametrize(
    ("setting", "wanted", "fact", "start"),
    [
        ("lower_case_table_names", "1", Fact("0", ValueType.NUMBER), ""),
        ("skip_name_resolve", "ON", Fact("OFF"), "skip_name_resolve = ON  # under [mysqld]"),
        ("database.character_set", "utf8mb4", Fact("latin1"), "ALTER DATABASE CHARACTER SET = utf8mb4;"),
        ("database[old]", "x", Fact("y"), ""),
        ("effective_time_zone", "CET", Fact("UTC"), ""),
        ("effective_time_zone", "Europe/Paris", Fact("UTC"), "SET GLOBAL time_zone = 'Europe/Paris';"),
        ("sql_mode", "ANSI", Fact("", source="command line"), "-- set by the server's command line: change sql_mode"),
        ("wait_timeout", "5", Fact(state=State.ABSENT), ""),
        (
            "init_connect",
            "x'; DROP DATABASE app; --",
            Fact(""),
            "SET GLOBAL init_connect = 'x''; DROP DATABASE app; --'",
        ),
        ("init_connect", "a\nb", Fact(""), ""),
        ("mysql compatibility", "8.0", Fact("5.7"), ""),
    ],
)
def test_remediation_is_quoted_and_limited_to_settings(setting: str, wanted: str, fact: Fact, start: str) -> None:
    """Facts that are fixed, hidden or set elsewhere have none."""
    assert remediate(setting, wanted, fact).startswith(start)
    assert bool(remediate(setting, wanted, fact)) is bool(start)

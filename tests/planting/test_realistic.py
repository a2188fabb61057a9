"""A realistic pair: the same version, five settings changed; exactly five rows, each as severe as it should be."""

from __future__ import annotations

from parity_tui.demo.servers import Servers
from parity_tui.model import Severity
from tests import builders
from tests.services.mysql.builders import reading as read_mariadb
from tests.services.postgres.builders import reading as read_postgres

CRITICAL, WARNING, INFO = Severity.CRITICAL, Severity.WARNING, Severity.INFO


async def test_five_settings_of_postgresql_are_five_rows(servers: Servers) -> None:
    """Staging is weaker in durability, which is no risk to production; its role has an override of its own."""
    base = ["CREATE ROLE app LOGIN IN ROLE pg_read_all_settings", "CREATE DATABASE shop OWNER app"]
    settings = {"synchronous_commit": "off", "work_mem": "8MB", "log_min_duration_statement": "1s"}
    sql = [*base, "ALTER ROLE app SET search_path = shop, public", "ALTER DATABASE shop SET lock_timeout = '5s'"]
    staging = servers.postgres("18", settings=settings, sql=sql)
    production = servers.postgres("18", sql=base)
    readings = [await read_postgres(server, "shop", "app") for server in (staging, production)]
    rows = builders.rows(*readings, kind="postgres", names=("staging", "production"), user="app")
    assert {name: row.severity for name, row in rows.items() if row.listed} == {
        "synchronous_commit": WARNING,
        "work_mem": WARNING,
        "log_min_duration_statement": INFO,
        "override.role.app.search_path": CRITICAL,
        "override.database.lock_timeout": WARNING,
    }


async def test_five_settings_of_mariadb_are_five_rows(servers: Servers) -> None:
    settings = {
        "innodb_flush_log_at_trx_commit": "2", "sync_binlog": "0", "max_connections": "200", "long_query_time": "2",
        "sql_mode": "ANSI_QUOTES",
    }  # fmt: skip
    production, staging = (
        # Off on both: the kernel's requests are shared by all servers of this machine, and MariaDB goes without.
        servers.mariadb("11.8", settings={**settings, "innodb_use_native_aio": "0"}),
        servers.mariadb("11.8", settings={"sync_binlog": "1", "innodb_use_native_aio": "0"}),
    )
    readings = [await read_mariadb(server) for server in (staging, production)]
    rows = builders.rows(*readings, kind="mysql", names=("staging", "production"))
    assert {name: row.severity for name, row in rows.items() if row.listed} == {
        "innodb_flush_log_at_trx_commit": CRITICAL,
        "sync_binlog": CRITICAL,
        "max_connections": WARNING,
        "long_query_time": INFO,
        "sql_mode": CRITICAL,
    }

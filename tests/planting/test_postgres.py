"""PostgreSQL: all settings that ALTER SYSTEM takes are changed, and found."""

from __future__ import annotations

import asyncio

import asyncpg

from parity_tui.demo.postgres import Postgres
from parity_tui.demo.servers import Servers
from parity_tui.services.postgres import SERVICE
from tests.planting.builders import Setting, assert_found, compared, other_values
from tests.services.postgres.builders import reading
from tests.services.postgres.conftest import connect

TYPES = {"bool": "bool", "integer": "number", "real": "number", "enum": "enum", "string": "text"}
VALUES = {
    "DateStyle": "SQL, DMY",
    "TimeZone": "Asia/Tokyo",
    "backtrace_functions": "planted",
    "cluster_name": "planted",
    "createrole_self_grant": "set",
    "default_text_search_config": "pg_catalog.german",
    "lc_messages": "C.UTF-8",
    "lc_monetary": "C.UTF-8",
    "lc_numeric": "C.UTF-8",
    "lc_time": "C.UTF-8",
    "log_line_prefix": "planted",
    "log_min_error_statement": "warning",
    "log_min_messages": "notice",
    "client_min_messages": "warning",
    "trace_recovery_messages": "notice",
    "log_timezone": "Asia/Tokyo",
    "search_path": "planted",
    "ssl_ciphers": "HIGH",
    "timezone_abbreviations": "India",
    "wal_consistency_checking": "heap",
    "wal_level": "logical",
    "archive_cleanup_command": "true",
    "archive_command": "true",
    "restore_command": "true",
    "recovery_end_command": "true",
    "log_connections": "authentication",
    "log_destination": "stderr, jsonlog",
}
DANGEROUS = """
allow_alter_system debug_discard_caches huge_pages io_method shared_memory_type ssl port listen_addresses
logging_collector post_auth_delay pre_auth_delay data_sync_retry debug_io_direct bonjour
autovacuum_worker_slots max_notify_queue_pages min_dynamic_shared_memory shared_buffers db_user_namespace
log_statement_stats tcp_user_timeout default_table_access_method jit_provider recovery_target_action
huge_page_size
"""
"""the server of a test would not start, not listen here, or be slow; the timeout is that of each connection"""


async def test_all_changed_settings_are_found(servers: Servers, each_postgres: Postgres) -> None:
    """More than 250 of each version: planted, of the right side, with a reason; and nothing else."""
    planted = servers.postgres(each_postgres.version)
    before = await settings_of(planted)
    async with asyncio.timeout(180):
        await plant(planted, before)
        await asyncio.to_thread(planted.restart)
        after = await settings_of(planted)
    changed = {name for name, setting in before.items() if after[name].value != setting.value}
    rows = compared(SERVICE, "postgres", await reading(each_postgres), await reading(planted))
    assert_found(SERVICE, rows, changed, least=250)


async def settings_of(server: Postgres) -> dict[str, Setting]:
    """Return the server's own list of what can be changed."""
    connection = await connect(server)
    try:
        rows = await connection.fetch("SELECT * FROM pg_settings WHERE context <> 'internal'")
    finally:
        connection.terminate()
    return {
        row["name"]: Setting(
            row["name"],
            row["setting"],
            TYPES[row["vartype"]],
            row["unit"] or "",
            row["min_val"],
            row["max_val"],
            row["enumvals"] or (),
        )
        for row in rows
    }


async def plant(server: Postgres, settings: dict[str, Setting]) -> None:
    """Give each setting the first other value that the server takes."""
    connection = await connect(server)
    try:
        for name, setting in settings.items():
            values = [VALUES[name]] if name in VALUES else list(other_values(setting))
            for value in values if name not in DANGEROUS.split() else ():
                try:
                    await connection.execute(f"""ALTER SYSTEM SET "{name}" = '{value}'""")
                    break
                except asyncpg.PostgresError:
                    continue
    finally:
        connection.terminate()

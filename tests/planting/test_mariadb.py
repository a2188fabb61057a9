"""MariaDB: all variables that SET GLOBAL takes are changed, and found."""

from __future__ import annotations

import asyncio

from asyncmy.errors import MySQLError

from parity_tui.demo.mysql import MariaDB
from parity_tui.demo.servers import Servers
from parity_tui.services.mysql import SERVICE
from tests.planting.builders import Setting, assert_found, compared, other_values
from tests.services.mysql.builders import Superuser, reading, superuser_of

VALUES = {
    "character_set_client": "latin1",
    "character_set_connection": "latin1",
    "character_set_results": "latin1",
    "character_set_server": "latin1",
    "collation_server": "utf8mb3_bin",
    "collation_connection": "utf8mb3_bin",
    "ft_boolean_syntax": '+ -><()~*:""&!',
    "init_connect": "SET @planted = 1",
    "init_slave": "SET @planted = 1",
    "lc_messages": "de_DE",
    "lc_time_names": "de_DE",
    "time_zone": "+09:00",
    "sql_mode": "ANSI_QUOTES",
    "optimizer_switch": "mrr=on",
    "default_regex_flags": "DOTALL",
    "log_output": "TABLE",
    "old_mode": "",
    "note_verbosity": "basic",
    "default_storage_engine": "Aria",
}
DANGEROUS = """
default_password_lifetime read_only innodb_force_recovery innodb_max_purge_lag_wait debug_no_thread_alarm
max_statement_time innodb_buffer_pool_size innodb_log_file_size require_secure_transport
"""
"""the server of a test would refuse us or wait"""
TYPES = {"BOOLEAN": "bool", "ENUM": "enum", "SET": "text", "FLAGSET": "text", "VARCHAR": "text", "VARCHAR2": "text"}


async def test_all_changed_variables_are_found(servers: Servers, each_mariadb: MariaDB) -> None:
    """More than 250 of each version: planted, of the right side, with a reason; and nothing else."""
    planted = servers.mariadb(each_mariadb.version)
    async with asyncio.timeout(180), superuser_of(planted) as connection:
        before = await connection.pairs("SHOW GLOBAL VARIABLES")
        for setting in await changeable(connection):
            await plant(connection, setting)
        after = await connection.pairs("SHOW GLOBAL VARIABLES")
        rows = compared(SERVICE, "mysql", await reading(each_mariadb), await reading(planted))
    changed = {name for name, value in before.items() if after[name] != value}
    changed = changed - {"optimizer_switch"} | {"optimizer_switch.mrr", "effective_time_zone"}
    assert_found(SERVICE, rows, changed, least=250)


async def changeable(connection: Superuser) -> list[Setting]:
    """Return the server's own list of what can be changed."""
    rows = await connection.run(
        "SELECT LOWER(VARIABLE_NAME), GLOBAL_VALUE, VARIABLE_TYPE, NUMERIC_MIN_VALUE, NUMERIC_MAX_VALUE,"
        " ENUM_VALUE_LIST"
        " FROM information_schema.SYSTEM_VARIABLES"
        " WHERE READ_ONLY = 'NO' AND GLOBAL_VALUE IS NOT NULL AND VARIABLE_SCOPE <> 'SESSION ONLY'"
    )
    return [
        Setting(name, value, TYPES.get(kind, "number"), "", least, most, (choices or "").split(","))
        for name, value, kind, least, most, choices in rows
    ]


async def plant(connection: Superuser, setting: Setting) -> None:
    """Give a variable the first other value that the server takes."""
    if setting.name in DANGEROUS.split():
        return
    values = [VALUES[setting.name]] if setting.name in VALUES else list(other_values(setting))
    for value in values:
        text = value if setting.type == "number" else "'" + value.replace("'", "''") + "'"
        try:
            await connection.run(f"SET GLOBAL {setting.name} = {text}")
        except MySQLError:
            continue
        shown = await connection.pairs(f"SHOW GLOBAL VARIABLES LIKE '{setting.name}'")
        if shown.get(setting.name) != setting.value:
            return

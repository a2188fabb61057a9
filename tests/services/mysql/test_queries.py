"""The statements sent to MariaDB and MySQL, and the simpler ones for servers that refuse them."""

from __future__ import annotations

import re

import pytest
from msgspec.structs import replace

from parity_tui.demo.mysql import MariaDB
from parity_tui.demo.process import wait_until
from parity_tui.demo.servers import Servers
from parity_tui.model import Reading, ValueType
from parity_tui.services.mysql import SERVICE
from parity_tui.services.mysql.connection import session
from parity_tui.services.mysql.parse import decode
from parity_tui.services.mysql.queries import OTHERS, Dialect, dialects, show_only
from parity_tui.transport.dialer import NetworkDialer
from tests.conftest import Shared
from tests.proxy import listening
from tests.services import scripted_mysql as scripted
from tests.services.mysql.builders import LOCAL, drift, read_once, reading, superuser_of, target

MYSQL_8 = [
    ("version", "8.0.36", "COMPILED", None, None, None),
    ("version_comment", "MySQL Community Server - GPL", "COMPILED", None, None, None),
    ("sql_mode", "NO_ZERO_DATE,STRICT_TRANS_TABLES", "GLOBAL", "/etc/mysql/my.cnf", None, None),
    ("character_set_server", "utf8", "EXPLICIT", "/etc/mysql/conf.d/x.cnf", None, None),
    ("optimizer_switch", "index_merge=on,mrr=on", "COMPILED", "", None, None),
    ("local_infile", "OFF", "DYNAMIC", "", None, None),
    ("max_connections", "500", "PERSISTED", "/var/lib/mysql/mysqld-auto.cnf", None, None),
    ("port", "3306", "COMMAND_LINE", "", None, None),
    ("secure_file_priv", None, "COMPILED", "", None, None),
    ("time_zone", "SYSTEM", "COMPILED", "", None, None),
    ("system_time_zone", "CEST", "COMPILED", "", None, None),
    (" database", "app", "utf8mb4", "utf8mb4_0900_ai_ci", None, None),
    (" database", "mysql", "utf8mb4", "utf8mb4_0900_ai_ci", None, None),
    (" server", "parity@%", "01:00:00", "1", None, None),
    (" started", "1700000000", None, None, None, None),
    (" persisted", "max_connections", "900", None, None, None),
    (" plugin", "InnoDB", "STORAGE ENGINE", None, None, None),
]


async def scripted_reading(answers: scripted.Answers, version: str = "8.0.36", database: str = "") -> Reading:
    async with listening(scripted.mysql(answers, version)) as port:
        return await read_once(replace(LOCAL, port=port, path=database))


async def test_server_logs_only_our_statements(servers: Servers) -> None:
    """One login, the statement of the first reading, and the shorter one of the others."""
    server = servers.mariadb("10.11", settings={"general_log": "1", "general_log_file": "general.log"})
    where = target(server)
    async with SERVICE.connect(where, NetworkDialer(where, 20)) as read:
        for _ in range(3):
            await read()
    path = server.folder / "data" / "general.log"
    assert wait_until(lambda: "Quit" in path.read_text(), 10)
    log = path.read_text()
    commands = re.findall(r"\d (Connect|Query|Init DB|Quit|Prepare|Execute|\w+)\t(.*)", log)
    assert [command for command, _ in commands] == ["Connect", "Query", "Query", "Query", "Quit"]
    dialect = dialects("MariaDB")[0]
    for info in (True, False):
        assert " ".join(dialect(info, ()).split()) in " ".join(log.split())
    assert re.findall(r"\b(SET|INSERT|UPDATE|DELETE|CALL|LOCK|FLUSH)\b", log) == []


async def test_mysql_8_is_read_with_sources() -> None:
    """With pending values, current names of character sets, the time zone and databases."""
    result = await scripted_reading(lambda statement: MYSQL_8, database="app")
    assert (result.product, result.version, result.notes, result.hidden) == ("MySQL", "8.0.36", ("no TLS",), ())
    assert result.instance == "8.0.36 since 1700000000"
    assert {name: fact.source for name, fact in result.facts.items() if fact.default is False} == {
        "sql_mode": "my.cnf",
        "character_set_server": "x.cnf",
        "local_infile": "SET GLOBAL",
        "max_connections": "SET PERSIST",
        "port": "command line",
    }
    assert result.facts["max_connections"].note == "900 after a restart"
    assert result.facts["character_set_server"].canonical == "utf8mb3"
    assert result.facts["secure_file_priv"].canonical == "nowhere"
    assert result.facts["effective_time_zone"].canonical == "CET (now +01:00)"
    assert result.facts["database.collation"].raw == "utf8mb4_0900_ai_ci"
    assert (result.facts["local_infile"].type, result.facts["optimizer_switch.mrr"].raw) == (ValueType.BOOL, "on")


async def test_mysql_9_declares_types_and_descriptions() -> None:
    def answers(statement: str) -> scripted.Rows:
        assert "performance_schema.variables_metadata" in statement
        return [
            ("version", "9.1.0", "COMPILED", None, "STRING", "The version"),
            ("wait_timeout", "28800", "COMPILED", None, "INTEGER", "Idle seconds"),
        ]

    fact = (await scripted_reading(answers, "9.1.0")).facts["wait_timeout"]
    assert (fact.type, fact.description) == (ValueType.DURATION, "Idle seconds")


@pytest.mark.parametrize(
    ("version", "schema"), [("5.5.62", "information_schema"), ("5.7.44-log", "performance_schema")]
)
async def test_mysql_5_is_read_by_one_statement(version: str, schema: str) -> None:
    statements = []

    def answers(statement: str) -> scripted.Rows:
        statements.append(statement)
        names = {"VERSION": version, "MAX_CONNECTIONS": "100"}
        return [*((name, value, *[None] * 4) for name, value in names.items()), (" started", "17", *[None] * 4)]

    result = await scripted_reading(answers, version)
    assert (result.facts["max_connections"].raw, result.facts["max_connections"].default) == ("100", None)
    assert result.instance == f"{version} since 17"
    assert len(statements) == 1
    assert f"FROM {schema}.global_variables" in statements[0]
    assert f"FROM {schema}.global_status" in statements[0]


def test_no_select_without_parentheses_follows_one_within() -> None:
    """MySQL 5.6.24 calls that an error of syntax."""
    first, *others = OTHERS.split("UNION ALL ")
    assert [part[:8] for part in (first, *others)] == ["(SELECT "] * 2


@pytest.mark.parametrize("error", [(1142, "SELECT command denied"), (1146, "no such table"), (1271, "Illegal mix")])
async def test_refused_tables_fall_back_to_show(error: tuple[int, str]) -> None:
    """The values are the same; a note mentions the missing sources."""
    statements = []

    def answers(statement: str) -> scripted.Rows | scripted.Error:
        statements.append(statement)
        if "performance_schema" in statement:
            return error
        if statement == "SHOW GLOBAL VARIABLES":
            return [("version", "8.0.36"), ("sql_mode", "ANSI"), ("long", "y" * 1024)]
        if "@@GLOBAL" in statement:
            return [(" whole", "long", "y" * 1024 + "!", None, None, None)]
        if "information_schema.PLUGINS" in statement:
            return [(" plugin", "ARCHIVE", "STORAGE ENGINE", None, None, None)]
        return [(" database", "mysql", "utf8mb4", "x", None, None), (" server", "a@b", "00:00:00", "0", None, None)]

    result = await scripted_reading(answers)
    assert (result.facts["sql_mode"].raw, result.facts["sql_mode"].default) == ("ANSI", None)
    assert result.facts["long"].raw == "y" * 1024 + "!"
    assert (result.hidden, result.facts["time_zone_tables"].raw) == ((), "empty")
    assert result.notes == ("no TLS", "values only: this server does not report their source")
    assert result.facts["engine.archive"].source == "built in"
    assert len(statements) == 5


async def values_read(answers: scripted.Answers, times: int, name: str) -> list[str | None]:
    """Return the value of a variable in some readings by one connection."""
    async with listening(scripted.mysql(answers, "8.0.36")) as port:
        where = replace(LOCAL, port=port, path="")
        async with SERVICE.connect(where, NetworkDialer(where, 20)) as read:
            return [(await read()).facts[name].raw for _ in range(times)]


async def test_value_that_changes_while_new_variables_are_read_is_seen() -> None:
    """The rows before the change come again after it."""
    asked = 0

    def answers(statement: str) -> scripted.Rows:
        nonlocal asked
        asked += 1
        newer = [("newer", "1", "COMPILED", None, None, None)] if asked > 2 else []
        port = "3307" if asked == 4 else "3306"
        return [
            ("version", "8.0.36", "COMPILED", None, None, None),
            ("port", port, "COMPILED", None, None, None),
            *newer,
        ]

    assert await values_read(answers, 5, "port") == ["3306", "3306", "3307", "3306", "3306"]


async def test_whole_value_is_asked_for_until_it_can_be_read() -> None:
    asked = 0

    def answers(statement: str) -> scripted.Rows | scripted.Error:
        nonlocal asked
        rows: scripted.Rows = [("version", "8.0.36", *[None] * 4), ("long", "y" * 1024, *[None] * 4)]
        if "' whole'" not in statement:
            return rows
        asked += 1
        whole: scripted.Rows = [(" whole", "long", "y" * 1025, None, None, None)]
        return (1227, "Access denied") if asked < 3 else [*rows, *whole]

    assert [len(value or "") for value in await values_read(answers, 4, "long")] == [1024, 1024, 1025, 1025]


async def test_server_with_variables_alone_is_read() -> None:
    """A proxy or a relative may refuse everything else."""

    def answers(statement: str) -> scripted.Rows | scripted.Error:
        shown = [("version", "8.0.11-TiDB-v7.5.0"), ("version_comment", "TiDB Server"), ("max_connections", "0")]
        return shown if statement == "SHOW GLOBAL VARIABLES" else (1105, "unknown")

    result = await scripted_reading(answers, "8.0.11-TiDB-v7.5.0", "app")
    assert (result.product, result.version) == ("TiDB", "7.5.0")
    assert result.facts["mysql compatibility"].raw == "8.0.11"
    hidden = dict(result.hidden)
    assert hidden["database.collation"] == "this server does not show its databases"
    assert hidden["engine.*"] == hidden["plugin.*"] == "this server does not list its plug-ins"


@pytest.mark.parametrize("dialect", [show_only, dialects("5.6.24")[0]], ids=["SHOW", "MySQL 5.6"])
async def test_simpler_statement_reads_the_same_values(
    dialect: Dialect, mariadb_servers: Shared[MariaDB], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A real server gives every value and database; only types and sources are missing."""
    full = await reading(mariadb_servers["10.11"])
    monkeypatch.setattr(session, "dialects", lambda greeting: [dialect])
    plain = await reading(mariadb_servers["10.11"])
    assert {name: fact.raw for name, fact in plain.facts.items()} == {
        name: fact.raw for name, fact in full.facts.items()
    }
    assert (drift(full, plain), plain.hidden) == (set(), ())


def mysql_tables() -> list[str]:
    """Return the SQL that makes MySQL's tables in MariaDB, in the schema `ps`, with the collation of MySQL's."""
    name, value = "VARIABLE_NAME VARCHAR(64) NOT NULL", "VARIABLE_VALUE VARCHAR(1024)"
    sources = "ENUM('COMPILED', 'GLOBAL', 'DYNAMIC') DEFAULT 'COMPILED'"
    memory, default = "ENGINE=MEMORY", ""
    tables = [
        ("global_variables", f"{name}, {value}", memory, "('version', '9.1.0'), ('sql_mode', 'ANSI')"),
        (
            "variables_info",
            f"{name}, VARIABLE_SOURCE {sources}, VARIABLE_PATH VARCHAR(1024)",
            memory,
            "('sql_mode', 'DYNAMIC', '')",
        ),
        (
            "variables_metadata",
            f"{name}, DATA_TYPE ENUM('Integer', 'Set') NOT NULL, DOCUMENTATION MEDIUMTEXT NOT NULL",
            default,
            "('sql_mode', 'Set', 'The mode')",
        ),
        ("persisted_variables", f"{name}, {value}", memory, "('sql_mode', '')"),
        ("global_status", f"{name}, {value}", memory, "('Uptime', '60')"),
    ]
    statements = ["CREATE DATABASE ps CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci"]
    for table, columns, engine, rows in tables:
        statements += [f"CREATE TABLE ps.{table} ({columns}) {engine}", f"INSERT INTO ps.{table} VALUES {rows}"]
    return statements


async def test_mysqls_statements_run_on_its_tables(servers: Servers) -> None:
    """MariaDB runs them on copies of the tables, because no MySQL server is available."""
    server = servers.mariadb("11.8", sql=mysql_tables())
    async with superuser_of(server) as connection:
        for dialect in dialects("9.1.0")[:2]:
            statement = dialect(True, ["sql_mode"]).replace("performance_schema.", "ps.")
            result = await connection.run(statement)
            answer, infos = decode([tuple(encoded(column) for column in row) for row in result])
            assert [(each.name, each.origin) for each in answer.variables] == [("sql_mode", "DYNAMIC"), ("version", "")]
            assert answer.variables[0].value != "ANSI"  # the whole value is read from the server itself
            assert answer.persisted == (("sql_mode", ""),)
            assert answer.started > 0
            assert any(database == "ps" for database, *_ in answer.databases or ())
    assert infos["sql_mode"].type == ""


def encoded(column: object) -> bytes | None:
    return column if column is None or isinstance(column, bytes) else str(column).encode()

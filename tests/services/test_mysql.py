"""MySQL and MariaDB: every variable with its source in one statement; the time zone in force; what rights hide."""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
from collections.abc import AsyncIterator

import pytest
from asyncmy.connection import Connection
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from parity_tui.demo.mysql import MariaDB
from parity_tui.demo.servers import Servers
from parity_tui.drift.compare import compare
from parity_tui.drift.policy import Policy
from parity_tui.drift.row import Row
from parity_tui.drift.rules import RuleTable
from parity_tui.model import Fact, Outcome, Reading, ServiceError, Severity, State, Target, TlsMode, ValueType, Verdict
from parity_tui.secrets import Secret
from parity_tui.services import mysql, redact_reading
from parity_tui.services.mysql import SERVICE
from parity_tui.services.mysql.parse import parse
from parity_tui.services.mysql.queries import SHOWN, Answer, Variable, answer, dialects
from parity_tui.services.mysql.remediation import remediate
from parity_tui.transport.dialer import NetworkDialer
from tests.conftest import Shared, missing
from tests.proxy import listening
from tests.services import scripted_mysql as scripted

PASSWORD = "p/a%@s:s&=# w'ö漢"
HERE = Target("dev", "database", "mysql", "mysql", "127.0.0.1", 3306, "", "root", tls=TlsMode.PREFER)


def target(server: MariaDB, database: str = "", user: str = "root") -> Target:
    """Return what is connected to."""
    return replace(HERE, port=server.port, path=database, user=user)


async def read(where: Target) -> Reading:
    """Connect, read once and leave."""
    async with asyncio.timeout(20), SERVICE.connect(where, NetworkDialer(where, 20)) as ask:
        return await ask()


async def reading(server: MariaDB, database: str = "", user: str = "root") -> Reading:
    """Read a server."""
    return await read(target(server, database, user))


def rows(*readings: Reading) -> dict[str, Row]:
    """Return the rows of these readings side by side, by name."""
    table = RuleTable(SERVICE, "mysql")
    names = [f"env{number}" for number, _ in enumerate(readings)]
    outcomes = [
        Outcome(Target(name, "database", "mysql"), table.resolve(each))
        for name, each in zip(names, readings, strict=True)
    ]
    found = compare("database", names, outcomes, {"mysql": table}, Policy())
    return {row.setting: row for row in found}


def drift(*readings: Reading) -> set[str]:
    """Return the names of the settings that drift."""
    return {name for name, row in rows(*readings).items() if row.verdict is Verdict.DRIFT}


def blind(*readings: Reading) -> set[str]:
    """Return the names of the settings that are not known everywhere."""
    return {name for name, row in rows(*readings).items() if row.verdict is Verdict.UNKNOWN}


class Superuser:
    """A connection of the test's own."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def do(self, *statements: str) -> list[tuple[str, ...]]:
        """Run statements and return the rows of the last."""
        for statement in statements:
            await self._connection.query(statement)  # type: ignore[no-untyped-call]
        result = self._connection._result  # type: ignore[attr-defined]
        return list(result.rows or ())

    async def pairs(self, statement: str) -> dict[str, str]:
        """Return the rows of a statement with two columns."""
        return {row[0]: row[1] for row in await self.do(statement)}


async def superuser_of(server: MariaDB) -> AsyncIterator[Superuser]:
    """Give a connection of the test's own."""
    connection = Connection(host=server.host, port=server.port, user="root", autocommit=True)  # type: ignore[no-untyped-call]
    await connection.connect()
    try:
        yield Superuser(connection)
    finally:
        await connection.ensure_closed()


@pytest.fixture
async def superuser(each_mariadb: MariaDB) -> AsyncIterator[Superuser]:
    """Give a connection to every version in turn."""
    async for connection in superuser_of(each_mariadb):
        yield connection


# What is read


async def test_product_and_version_are_named(each_mariadb: MariaDB) -> None:
    """The number alone: neither what a packager adds nor the prefix that MariaDB greets with."""
    got = await reading(each_mariadb)
    assert (got.product, got.version) == ("MariaDB", each_mariadb.version)
    assert got.address == f"127.0.0.1:{each_mariadb.port}"
    assert got.notes == ({"10.11": "no TLS", "11.8": "TLS 1.3, not verified"}[got.version.rpartition(".")[0]],)
    assert got.hidden == ()


async def test_every_variable_is_read_as_the_server_writes_it(each_mariadb: MariaDB, superuser: Superuser) -> None:
    """All of SHOW GLOBAL VARIABLES, but for the version and for optimizer_switch, which is told key by key."""
    facts = (await reading(each_mariadb)).facts
    shown = await superuser.pairs("SHOW GLOBAL VARIABLES")
    switches = dict(pair.split("=") for pair in shown.pop("optimizer_switch").split(","))
    del shown["version"]
    assert {name: facts[name].raw for name in shown} == shown
    assert {name[17:]: fact.raw for name, fact in facts.items() if name.startswith("optimizer_switch.")} == switches
    told = {"effective_time_zone", "time_zone_tables"}
    assert {name for name in facts if "." not in name} - shown.keys() <= told
    assert (facts["max_connections"].type, facts["max_connections"].default) == (ValueType.NUMBER, True)
    assert facts["max_connections"].description == "The number of simultaneous clients allowed"


async def test_equal_servers_give_no_drift_and_nothing_unknown(servers: Servers, each_mariadb: MariaDB) -> None:
    """Another port, folder, password, id and run: nothing of that is drift."""
    make = f"CREATE USER reader@'%' IDENTIFIED BY '{PASSWORD.replace(chr(39), chr(39) * 2)}'"
    other = servers.mariadb(each_mariadb.version, sql=[make, "GRANT SHOW DATABASES ON *.* TO reader@'%'"])
    where = replace(target(other, user="reader"), password=lambda: Secret(PASSWORD))
    both = await reading(each_mariadb), await read(where)
    assert (drift(*both), blind(*both)) == (set(), set())
    assert all(one.instance for one in both)


async def test_where_pt_config_diff_reports_ten_differences_there_are_none(
    servers: Servers, each_mariadb: MariaDB
) -> None:
    """Two servers as they come: ports, folders, ids and names of files are no drift."""
    if shutil.which("pt-config-diff") is None:
        missing("no percona-toolkit here")
    other = servers.mariadb(each_mariadb.version)
    words = [f"h=127.0.0.1,P={server.port},u=root" for server in (each_mariadb, other)]
    theirs = await asyncio.to_thread(
        subprocess.run, ["pt-config-diff", "--no-version-check", *words], capture_output=True, text=True, check=False
    )
    reported = {line.split()[0] for line in theirs.stdout.splitlines()[3:] if line.strip()}
    # Our servers are given a folder each for temporary tables, since they run side by side.
    reported -= {"tmpdir", "slave_load_tmpdir"}
    assert len(reported) == 10, theirs.stdout + theirs.stderr
    both = await reading(each_mariadb), await reading(other)
    assert drift(*both) == set()
    assert {rows(*both)[name].verdict for name in reported} <= {Verdict.IGNORED, Verdict.SAME}


async def test_planted_settings_are_seen_with_their_place(servers: Servers, each_mariadb: MariaDB) -> None:
    """Exactly what was written into the file is drift; those who may read files are told which it was."""
    planted = {
        "sql_mode": "ANSI_QUOTES,PIPES_AS_CONCAT",
        "max_allowed_packet": "64M",
        "optimizer_switch": "mrr=on",
        "event_scheduler": "ON",
        "wait_timeout": "600",
    }
    both = await reading(each_mariadb), await reading(servers.mariadb(each_mariadb.version, settings=planted))
    found = rows(*both)
    assert drift(*both) == {*planted, "optimizer_switch.mrr"} - {"optimizer_switch"}
    assert found["sql_mode"].severity is found["event_scheduler"].severity is Severity.CRITICAL
    assert found["max_allowed_packet"].text(1) == "64 MB"
    assert found["wait_timeout"].text(1) == "10 min"
    assert both[0].facts["sql_mode"].source == "default"
    assert both[1].facts["sql_mode"].source == "server.cnf"
    assert both[1].facts["optimizer_switch.mrr"].default is False


async def test_what_is_set_at_run_time_is_seen_by_the_next_reading(each_mariadb: MariaDB, superuser: Superuser) -> None:
    """And while nothing changes, it is the very same reading."""
    where = target(each_mariadb)
    async with SERVICE.connect(where, NetworkDialer(where, 20)) as ask:
        first = await ask()
        assert await ask() is first
        await superuser.do("SET GLOBAL group_concat_max_len = 2048")
        try:
            second = await ask()
        finally:
            await superuser.do("SET GLOBAL group_concat_max_len = DEFAULT")
        assert drift(first, second) == {"group_concat_max_len"}
        fact = second.facts["group_concat_max_len"]
        assert (fact.raw, fact.source, fact.default) == ("2048", "SET GLOBAL", False)
        assert fact.description == first.facts["group_concat_max_len"].description != ""


async def test_between_versions_only_the_version_and_its_defaults_drift(mariadb_servers: Shared[MariaDB]) -> None:
    """Nobody has configured anything: each row says so. What has another name by now is the same."""
    found = rows(*[await reading(server) for server in mariadb_servers.values()])
    drifting = {name for name, row in found.items() if row.verdict is Verdict.DRIFT}
    assert drifting - {name for name in drifting if "default changed" in found[name].note} == {"version"}
    assert found["version"].severity is Severity.CRITICAL
    assert found["transaction_isolation"].verdict is found["replica_net_timeout"].verdict is Verdict.SAME
    assert found["tx_isolation"].verdict is Verdict.IGNORED if "tx_isolation" in found else True
    assert found["log_slow_query"].verdict is Verdict.SAME if "log_slow_query" in found else True
    assert found["optimizer_switch.sargable_casefold"].explained_by == "version"


async def test_a_value_that_the_server_cuts_is_read_whole(servers: Servers) -> None:
    """The difference is at the end, where neither of the server's own tables reaches."""
    texts = [f"SET @a = '{'x' * 5000}{end}'" for end in "ab"]
    made = [servers.mariadb("10.11", sql=[f'SET GLOBAL init_connect = "{text}"']) for text in texts]
    both = [await reading(server) for server in made]
    assert [each.facts["init_connect"].raw for each in both] == texts
    assert drift(*both) == {"init_connect"}
    where = target(made[0])
    async with SERVICE.connect(where, NetworkDialer(where, 20)) as ask:
        first = await ask()
        assert await ask() is first


async def test_no_setting_of_the_server_gets_in_the_way_of_reading(
    servers: Servers, mariadb_servers: Shared[MariaDB]
) -> None:
    """A limit on rows, other meanings of quotes and signs, no autocommit, another time zone, latin1 for all."""
    odd = {
        "sql_mode": "ORACLE,ANSI,NO_BACKSLASH_ESCAPES,EMPTY_STRING_IS_NULL,PAD_CHAR_TO_FULL_LENGTH",
        "autocommit": "0",
        "default_time_zone": "+05:30",
        "character_set_server": "latin1",
        "skip_character_set_client_handshake": "1",
        "init_connect": "SET sql_mode = 'ANSI_QUOTES', group_concat_max_len = 4",
        "max_join_size": "1000000",
        "completion_type": "CHAIN",
    }
    limits = ["CREATE USER reader@'%'", "SET GLOBAL sql_select_limit = 3", "SET GLOBAL tx_read_only = 1"]
    server = servers.mariadb("10.11", settings=odd, sql=limits)
    plain = await reading(mariadb_servers["10.11"])
    for user in ("root", "reader"):
        got = await reading(server, user=user)
        assert got.facts.keys() == plain.facts.keys()
        assert got.facts["effective_time_zone"].canonical == "+05:30"
        assert drift(plain, got) >= {
            "sql_select_limit",
            "sql_mode",
            "autocommit",
            "effective_time_zone",
            "max_join_size",
        }


# The time zone and the databases


async def test_zones_are_compared_by_what_they_mean(servers: Servers, mariadb_servers: Shared[MariaDB]) -> None:
    """SYSTEM on a host in UTC is +00:00; what is not is critical, and told once."""
    plain = await reading(mariadb_servers["10.11"])
    utc = await reading(servers.mariadb("10.11", settings={"default_time_zone": "+00:00"}))
    east = await reading(servers.mariadb("10.11", settings={"default_time_zone": "+02:00"}))
    assert drift(plain, utc) == set()
    assert drift(plain, east) == {"effective_time_zone"}
    row = rows(plain, east)["effective_time_zone"]
    assert (row.severity, row.text(0), row.text(1)) == (Severity.CRITICAL, "UTC", "+02:00")


async def test_whether_zones_are_known_by_name_is_a_fact(servers: Servers, mariadb_servers: Shared[MariaDB]) -> None:
    """Without the tables of zones, CONVERT_TZ() by name gives NULL."""
    zones = [
        "INSERT INTO mysql.time_zone VALUES (1, 'N')",
        "INSERT INTO mysql.time_zone_name VALUES ('UTC', 1), ('Europe/Paris', 1)",
        "INSERT INTO mysql.time_zone_transition_type VALUES (1, 0, 0, 0, 'UTC')",
    ]
    both = await reading(mariadb_servers["11.8"]), await reading(servers.mariadb("11.8", sql=zones))
    assert [each.facts["time_zone_tables"].raw for each in both] == ["empty", "loaded"]
    assert drift(*both) == {"time_zone_tables"}


async def test_the_apps_database_and_the_others_are_facts(each_mariadb: MariaDB, superuser: Superuser) -> None:
    """Names of facts do not hold the name of the app's database: it is another in each environment."""
    made = {"app": "utf8mb4 COLLATE utf8mb4_bin", "old": "latin1 COLLATE latin1_german1_ci"}
    await superuser.do(*[f"CREATE DATABASE `{name}` CHARACTER SET {traits}" for name, traits in made.items()])
    try:
        app, old = await reading(each_mariadb, "app"), await reading(each_mariadb, "old")
    finally:
        await superuser.do(*[f"DROP DATABASE `{name}`" for name in made])
    assert {name: fact.raw for name, fact in app.facts.items() if name.startswith("database")} == {
        "database.character_set": "utf8mb4",
        "database.collation": "utf8mb4_bin",
        "database[old]": "character_set=latin1, collation=latin1_german1_ci",
    }
    assert drift(app, old) >= {"database.character_set", "database.collation"}
    assert rows(app, old)["database.collation"].severity is Severity.CRITICAL


async def test_a_database_that_is_not_there_is_said(each_mariadb: MariaDB) -> None:
    """To whoever is shown them all."""
    with pytest.raises(ServiceError, match='has no database "nowhere"') as caught:
        await reading(each_mariadb, "nowhere")
    assert caught.value.reason == "config"


# Rights


async def test_the_documented_privilege_suffices(servers: Servers) -> None:
    """The text to copy, as it stands, makes a user that sees every variable; only over TLS, as it says."""
    server = servers.mariadb("11.8", sql=[SERVICE.privilege.rstrip(";")])
    where = replace(target(server, user="parity"), password=lambda: Secret("…"))
    seen, everything = await read(where), await reading(server)
    assert drift(seen, everything) == set()
    assert seen.facts.keys() == everything.facts.keys()
    with pytest.raises(ServiceError, match="which it may insist on"):
        await read(replace(where, tls=TlsMode.OFF))


async def test_what_rights_hide_is_told_with_the_grant_that_shows_it(
    each_mariadb: MariaDB, superuser: Superuser
) -> None:
    """Never the same, never drift; and the grant, as it stands, does what it says."""
    await superuser.do("CREATE USER `it's`@'%'", "CREATE DATABASE app", "CREATE DATABASE shop")
    try:
        part, everything = await reading(each_mariadb, "app", "it's"), await reading(each_mariadb, "app")
        hidden = dict(part.hidden)
        assert hidden.keys() == {"database.character_set", "database.collation", "database[*]"}
        assert set(hidden.values()) == {"needs GRANT SHOW DATABASES ON *.* TO 'it''s'@'%'"}
        assert drift(part, everything) == set()
        assert blind(part, everything) == {"database.character_set", "database.collation", "database[shop]"}
        await superuser.do(hidden["database[*]"].removeprefix("needs "))
        whole = await reading(each_mariadb, "app", "it's")
        assert (whole.hidden, whole.facts.keys()) == ((), everything.facts.keys())
    finally:
        await superuser.do("DROP USER `it's`@'%'", "DROP DATABASE app", "DROP DATABASE shop")


async def test_nothing_but_our_own_statements_reaches_the_server(servers: Servers) -> None:
    """The server's own log: who logs in, the statement of the first reading, and that of the others."""
    server = servers.mariadb("10.11", settings={"general_log": "1", "general_log_file": "general.log"})
    where = target(server)
    async with SERVICE.connect(where, NetworkDialer(where, 20)) as ask:
        for _ in range(3):
            await ask()
    log = (server.folder / "data" / "general.log").read_text()
    said = re.findall(r"\d (Connect|Query|Init DB|Quit|Prepare|Execute|\w+)\t(.*)", log)
    assert [command for command, _ in said] == ["Connect", "Query", "Query", "Query"]
    dialect = dialects("MariaDB")[0]
    for known in (True, False):
        assert " ".join(dialect(known, ()).split()) in " ".join(log.split())
    assert re.findall(r"\b(SET|INSERT|UPDATE|DELETE|CALL|LOCK|FLUSH)\b", log) == []


async def test_secrets_are_compared_and_never_shown(servers: Servers, mariadb_servers: Shared[MariaDB]) -> None:
    """A password for replicas is each environment's own."""
    server = servers.mariadb("10.11", settings={"report_password": PASSWORD})
    both = [redact_reading(await reading(each), SERVICE) for each in (server, mariadb_servers["10.11"])]
    assert both[0].facts["report_password"].state is State.SECRET
    assert PASSWORD not in repr(both[0])
    assert drift(*both) == set()


# What would align it


async def test_what_is_offered_to_align_does_align(servers: Servers, mariadb_servers: Shared[MariaDB]) -> None:
    """Each statement is run as it stands, and the drift is gone."""
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
    odd = await reading(server)
    found = rows(plain, odd)
    names = drift(plain, odd)
    assert len(names) >= len(planted)
    async for connection in superuser_of(server):
        for name in names:
            text = remediate(name, plain.facts.get(name, found[name].cells[0]).raw or "", found[name].cells[1])
            await connection.do(text.partition(";")[0])
    # What was computed when the server started follows when it starts again.
    at_the_start = {"back_log", "host_cache_size", "thread_cache_size", "collation_connection", "collation_database"}
    assert drift(plain, await reading(server)) <= at_the_start


@pytest.mark.parametrize(
    ("setting", "wanted", "fact", "offered"),
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
def test_what_cannot_be_set_is_not_offered_and_text_stays_text(
    setting: str, wanted: str, fact: Fact, offered: str
) -> None:
    """What is fixed, hidden, or set elsewhere."""
    assert remediate(setting, wanted, fact).startswith(offered)
    assert bool(remediate(setting, wanted, fact)) is bool(offered)


# MySQL and relatives: no server of theirs can be had here, so one is made up; the answers have the shape of theirs

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
]


async def scripted_reading(answers: scripted.Answers, version: str = "8.0.36", database: str = "") -> Reading:
    """Read a made-up server."""
    async with listening(scripted.mysql(answers, version)) as port:
        return await read(replace(HERE, port=port, path=database))


async def test_mysql_is_read_with_sources_and_what_waits_for_a_restart() -> None:
    """Product, sources in words, old names of character sets, time zone and databases."""
    got = await scripted_reading(lambda statement: MYSQL_8, database="app")
    assert (got.product, got.version, got.notes, got.hidden) == ("MySQL", "8.0.36", ("no TLS",), ())
    assert got.instance == "8.0.36 since 1700000000"
    sources = {name: fact.source for name, fact in got.facts.items() if fact.default is False}
    assert sources == {
        "sql_mode": "my.cnf",
        "character_set_server": "x.cnf",
        "local_infile": "SET GLOBAL",
        "max_connections": "SET PERSIST",
        "port": "command line",
    }
    assert got.facts["max_connections"].note == "900 after a restart"
    assert got.facts["character_set_server"].canonical == "utf8mb3"
    assert got.facts["secure_file_priv"].canonical == "nowhere"
    assert got.facts["effective_time_zone"].canonical == "CET (now +01:00)"
    assert got.facts["database.collation"].raw == "utf8mb4_0900_ai_ci"
    assert (got.facts["local_infile"].type, got.facts["optimizer_switch.mrr"].raw) == (ValueType.BOOL, "on")


async def test_mysql_9_declares_types_and_describes() -> None:
    """From a table that older ones do not have."""

    def answers(statement: str) -> scripted.Rows:
        assert "performance_schema.variables_metadata" in statement
        told = [("version", "9.1.0", "COMPILED", None, "STRING", "The version")]
        return [*told, ("wait_timeout", "28800", "COMPILED", None, "INTEGER", "Idle seconds")]

    fact = (await scripted_reading(answers, "9.1.0")).facts["wait_timeout"]
    assert (fact.type, fact.description) == (ValueType.DURATION, "Idle seconds")


@pytest.mark.parametrize("error", [(1142, "SELECT command denied"), (1146, "no such table"), (1271, "Illegal mix")])
async def test_where_the_tables_are_refused_variables_are_shown(error: tuple[int, str]) -> None:
    """The values are there all the same, and that their sources are not is said."""
    asked = []

    def answers(statement: str) -> scripted.Rows | scripted.Error:
        asked.append(statement)
        if "performance_schema" in statement:
            return error
        if statement == "SHOW GLOBAL VARIABLES":
            return [("version", "8.0.36"), ("sql_mode", "ANSI"), ("long", "y" * 1024)]
        if "@@GLOBAL" in statement:
            return [(" whole", "long", "y" * 1024 + "!", None, None, None)]
        return [(" database", "mysql", "utf8mb4", "x", None, None), (" server", "a@b", "00:00:00", "0", None, None)]

    got = await scripted_reading(answers)
    assert (got.facts["sql_mode"].raw, got.facts["sql_mode"].default) == ("ANSI", None)
    assert got.facts["long"].raw == "y" * 1024 + "!"
    assert (got.hidden, got.facts["time_zone_tables"].raw) == ((), "empty")
    assert got.notes == ("no TLS", "values only: this server does not tell where they come from")
    assert len(asked) == 4


async def test_a_server_that_tells_variables_only_is_read_as_far_as_it_goes() -> None:
    """As a proxy or a relative may."""

    def answers(statement: str) -> scripted.Rows | scripted.Error:
        shown = [("version", "8.0.11-TiDB-v7.5.0"), ("version_comment", "TiDB Server"), ("max_connections", "0")]
        return shown if statement == "SHOW GLOBAL VARIABLES" else (1105, "unknown")

    got = await scripted_reading(answers, "8.0.11-TiDB-v7.5.0", "app")
    assert (got.product, got.version) == ("TiDB", "7.5.0")
    assert got.facts["mysql compatibility"].raw == "8.0.11"
    assert dict(got.hidden)["database.collation"] == "this server does not tell its databases"


async def test_the_way_that_all_understand_gives_the_same_values(
    mariadb_servers: Shared[MariaDB], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked so, a real server gives every value and every database; only types and sources are lacking."""
    full = await reading(mariadb_servers["10.11"])
    monkeypatch.setattr(mysql, "dialects", lambda greeting: [SHOWN])
    plain = await reading(mariadb_servers["10.11"])
    assert {name: fact.raw for name, fact in plain.facts.items()} == {
        name: fact.raw for name, fact in full.facts.items()
    }
    assert (drift(full, plain), plain.hidden) == (set(), ())


async def test_mysqls_statements_run_on_tables_of_the_shape_of_its_own(servers: Servers) -> None:
    """In MariaDB, under another name of the schema, with the collations that MySQL's tables have."""
    name, value = "VARIABLE_NAME VARCHAR(64) NOT NULL", "VARIABLE_VALUE VARCHAR(1024)"
    sources = "ENUM('COMPILED', 'GLOBAL', 'DYNAMIC') DEFAULT 'COMPILED'"
    tables = {
        "global_variables": f"{name}, {value}",
        "variables_info": f"{name}, VARIABLE_SOURCE {sources}, VARIABLE_PATH VARCHAR(1024)",
        "variables_metadata": f"{name}, DATA_TYPE ENUM('Integer', 'Set') NOT NULL, DOCUMENTATION MEDIUMTEXT NOT NULL",
        "persisted_variables": f"{name}, {value}",
        "global_status": f"{name}, {value}",
    }
    rows = {
        "global_variables": "('version', '9.1.0'), ('sql_mode', 'ANSI')",
        "variables_info": "('sql_mode', 'DYNAMIC', '')",
        "variables_metadata": "('sql_mode', 'Set', 'The mode')",
        "persisted_variables": "('sql_mode', '')",
        "global_status": "('Uptime', '60')",
    }
    server = servers.mariadb(
        "11.8",
        sql=[
            "CREATE DATABASE ps CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci",
            *[
                f"CREATE TABLE ps.{table} ({columns}) ENGINE=MEMORY"
                for table, columns in tables.items()
                if "TEXT" not in columns
            ],
            *[f"CREATE TABLE ps.{table} ({columns})" for table, columns in tables.items() if "TEXT" in columns],
            *[f"INSERT INTO ps.{table} VALUES {values}" for table, values in rows.items()],
        ],
    )
    async for connection in superuser_of(server):
        for dialect in dialects("9.1.0")[:2]:
            statement = dialect(True, ["sql_mode"]).replace("performance_schema.", "ps.")
            found = await connection.do(statement)
            told, words = answer([tuple(_raw(column) for column in row) for row in found])
            assert [(each.name, each.origin) for each in told.variables] == [("sql_mode", "DYNAMIC"), ("version", "")]
            assert told.variables[0].value != "ANSI"  # the whole one is the server's own
            assert told.persisted == (("sql_mode", ""),)
            assert told.started > 0
            assert any(database == "ps" for database, *_ in told.databases or ())
    assert words["sql_mode"].type == ""


def _raw(column: object) -> bytes | None:
    """Return a column as the server sent it."""
    return column if column is None or isinstance(column, bytes) else str(column).encode()


# What makes no sense


@given(st.lists(st.lists(st.none() | st.binary(max_size=40), max_size=8).map(tuple), max_size=12))
def test_rows_of_any_shape_are_a_reading_or_an_error_in_words(rows: list[tuple[bytes | None, ...]]) -> None:
    """Nothing else is raised, whatever a server answers."""
    told, words = answer([*rows, (b" server", *[b"\xff\x1b[2J"] * 5), (b" started", b"9" * 400), (b" persisted",)])
    with pytest.raises(ServiceError) if "version" not in words or not _version(told) else _nothing():
        parse(told, words, HERE)
    assert parse(answer([*rows, (b"VERSION", b"8.0.36")])[0], {}, HERE).product


def _version(told: Answer) -> str:
    """Return the version among the variables."""
    return next((each.value or "" for each in told.variables if each.name == "version"), "")


class _nothing:  # noqa: N801 - stands where pytest.raises may stand
    """Expects nothing."""

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, *error: object) -> None:
        """Let everything through."""


def test_sets_are_compared_as_sets() -> None:
    """In whatever order their members come."""
    values = "ANSI_QUOTES,STRICT_ALL_TABLES", "STRICT_ALL_TABLES,ANSI_QUOTES"
    both = [
        parse(
            Answer((Variable("version", "8.0.36"), Variable("sql_mode", value), Variable("tls_version", value))),
            {},
            HERE,
        )
        for value in values
    ]
    assert drift(*both) == set()


def test_names_of_mysql_and_mariadb_for_the_same_are_one_row() -> None:
    """And what it is called on each side is told."""
    mine = Answer((Variable("version", "10.6.1-MariaDB"), Variable("tx_isolation", "SERIALIZABLE")))
    theirs = Answer((Variable("version", "8.0.36"), Variable("transaction_isolation", "READ-COMMITTED")))
    found = rows(parse(mine, {}, HERE), parse(theirs, {}, HERE))
    assert found["transaction_isolation"].severity is Severity.CRITICAL
    assert found["transaction_isolation"].cells[0].note == "called tx_isolation here"
    assert found["product"].verdict is Verdict.DRIFT

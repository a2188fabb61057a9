"""Variables of MariaDB: values, sources, drift between servers and versions."""

from __future__ import annotations

import asyncio
import shutil
import subprocess

from msgspec.structs import replace

from parity_tui.demo.mysql import MariaDB
from parity_tui.demo.servers import Servers
from parity_tui.model import Severity, State, ValueType, Verdict
from parity_tui.secrets import Secret
from parity_tui.services import redact_reading
from parity_tui.services.mysql import SERVICE
from parity_tui.transport.dialer import NetworkDialer
from tests.conftest import Shared, missing
from tests.services.mysql.builders import PASSWORD, Superuser, drift, read_once, reading, rows, target, unknown


async def test_product_and_version_are_named(each_mariadb: MariaDB) -> None:
    """The version is the number alone, without the packager's suffix and the prefix of MariaDB's greeting."""
    result = await reading(each_mariadb)
    assert (result.product, result.version) == ("MariaDB", each_mariadb.version)
    assert result.address == f"127.0.0.1:{each_mariadb.port}"
    tls = {"10.11": "no TLS", "11.8": "TLS 1.3, not verified"}[result.version.rpartition(".")[0]]
    assert result.notes == (tls,)
    assert result.hidden == ()


async def test_every_variable_is_read_unchanged(each_mariadb: MariaDB, superuser: Superuser) -> None:
    """The facts hold all of SHOW GLOBAL VARIABLES but the version, and one fact per key of optimizer_switch."""
    facts = (await reading(each_mariadb)).facts
    shown = await superuser.pairs("SHOW GLOBAL VARIABLES")
    switches = dict(pair.split("=") for pair in shown.pop("optimizer_switch").split(","))
    del shown["version"]
    assert {name: facts[name].raw for name in shown} == shown
    assert {name[17:]: fact.raw for name, fact in facts.items() if name.startswith("optimizer_switch.")} == switches
    computed = {"effective_time_zone", "time_zone_tables"}
    assert {name for name in facts if "." not in name} - shown.keys() <= computed
    assert (facts["max_connections"].type, facts["max_connections"].default) == (ValueType.NUMBER, True)
    assert facts["max_connections"].description == "The number of simultaneous clients allowed"


async def test_equal_servers_give_no_drift(servers: Servers, each_mariadb: MariaDB) -> None:
    """Their ports, folders, passwords, ids and runs differ; no row is unknown."""
    password = PASSWORD.replace("'", "''")
    sql = [f"CREATE USER reader@'%' IDENTIFIED BY '{password}'", "GRANT SHOW DATABASES ON *.* TO reader@'%'"]
    other = servers.mariadb(each_mariadb.version, sql=sql)
    login = replace(target(other, user="reader"), password=lambda: Secret(PASSWORD))
    readings = await reading(each_mariadb), await read_once(login)
    assert (drift(*readings), unknown(*readings)) == (set(), set())
    assert all(each.instance for each in readings)


async def test_differences_of_pt_config_diff_are_no_drift(servers: Servers, each_mariadb: MariaDB) -> None:
    """It reports ten for two unconfigured servers: ports, folders, ids and names of files."""
    if shutil.which("pt-config-diff") is None:
        missing("no percona-toolkit here")
    other = servers.mariadb(each_mariadb.version)
    addresses = [f"h=127.0.0.1,P={server.port},u=root" for server in (each_mariadb, other)]
    command = ["pt-config-diff", "--no-version-check", *addresses]
    tool = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=False)
    reported = {line.split()[0] for line in tool.stdout.splitlines()[3:] if line.strip()}
    # Servers that run side by side get a folder each for temporary tables.
    reported -= {"tmpdir", "slave_load_tmpdir"}
    assert len(reported) == 10, tool.stdout + tool.stderr
    readings = await reading(each_mariadb), await reading(other)
    assert drift(*readings) == set()
    assert {rows(*readings)[name].verdict for name in reported} <= {Verdict.IGNORED, Verdict.SAME}


async def test_planted_settings_drift_with_their_file(servers: Servers, each_mariadb: MariaDB) -> None:
    """The file is visible to users who may read files."""
    planted = {
        "sql_mode": "ANSI_QUOTES,PIPES_AS_CONCAT",
        "max_allowed_packet": "64M",
        "optimizer_switch": "mrr=on",
        "event_scheduler": "ON",
        "wait_timeout": "600",
    }
    readings = await reading(each_mariadb), await reading(servers.mariadb(each_mariadb.version, settings=planted))
    compared = rows(*readings)
    assert drift(*readings) == {*planted, "optimizer_switch.mrr"} - {"optimizer_switch"}
    assert compared["sql_mode"].severity is compared["event_scheduler"].severity is Severity.CRITICAL
    assert compared["max_allowed_packet"].text(1) == "64 MB"
    assert compared["wait_timeout"].text(1) == "10 min"
    assert readings[0].facts["sql_mode"].source == "default"
    assert readings[1].facts["sql_mode"].source == "server.cnf"
    assert readings[1].facts["optimizer_switch.mrr"].default is False


async def test_next_reading_shows_changes_at_runtime(each_mariadb: MariaDB, superuser: Superuser) -> None:
    """While nothing changes, a reading returns the same object."""
    where = target(each_mariadb)
    async with SERVICE.connect(where, NetworkDialer(where, 20)) as read:
        first = await read()
        assert await read() is first
        await superuser.run("SET GLOBAL group_concat_max_len = 2048")
        try:
            second = await read()
        finally:
            await superuser.run("SET GLOBAL group_concat_max_len = DEFAULT")
        assert drift(first, second) == {"group_concat_max_len"}
        fact = second.facts["group_concat_max_len"]
        assert (fact.raw, fact.source, fact.default) == ("2048", "SET GLOBAL", False)
        assert fact.description == first.facts["group_concat_max_len"].description != ""


async def test_values_that_differ_at_their_end_drift(each_mariadb: MariaDB, superuser: Superuser) -> None:
    """J12: the server's table of variables cuts values; long ones are read whole."""
    readings = []
    try:
        for end in ("a", "a", "b"):
            await superuser.run(f"SET GLOBAL init_connect = CONCAT('SET @a = 1', REPEAT(' ', 3900), '-- {end}')")
            readings.append(await read_once(target(each_mariadb)))
    finally:
        await superuser.run("SET GLOBAL init_connect = DEFAULT")
    assert drift(*readings[:2]) == set()
    assert drift(*readings[1:]) == {"init_connect"}


async def test_between_versions_only_version_and_defaults_drift(mariadb_servers: Shared[MariaDB]) -> None:
    """Rows of changed defaults have a note on that; renamed variables are the same."""
    compared = rows(*[await reading(server) for server in mariadb_servers.values()])
    drifting = {name for name, row in compared.items() if row.verdict is Verdict.DRIFT}
    assert drifting - {name for name in drifting if "default changed" in compared[name].note} == {"version"}
    assert compared["version"].severity is Severity.CRITICAL
    assert compared["transaction_isolation"].verdict is compared["replica_net_timeout"].verdict is Verdict.SAME
    assert compared["tx_isolation"].verdict is Verdict.IGNORED if "tx_isolation" in compared else True
    assert compared["log_slow_query"].verdict is Verdict.SAME if "log_slow_query" in compared else True
    assert compared["optimizer_switch.sargable_casefold"].explained_by == "version"


async def test_value_that_server_cuts_is_read_whole(servers: Servers) -> None:
    """The difference is at the end, beyond the width of the server's own tables."""
    texts = [f"SET @a = '{'x' * 5000}{end}'" for end in "ab"]
    pair = [servers.mariadb("10.11", sql=[f'SET GLOBAL init_connect = "{text}"']) for text in texts]
    readings = [await reading(server) for server in pair]
    assert [each.facts["init_connect"].raw for each in readings] == texts
    assert drift(*readings) == {"init_connect"}
    where = target(pair[0])
    async with SERVICE.connect(where, NetworkDialer(where, 20)) as read:
        first = await read()
        assert await read() is first


async def test_unusual_settings_do_not_disturb_reading(servers: Servers, mariadb_servers: Shared[MariaDB]) -> None:
    """A row limit, other meanings of quotes and signs, no autocommit, another time zone, latin1 everywhere."""
    settings = {
        "sql_mode": "ORACLE,ANSI,NO_BACKSLASH_ESCAPES,EMPTY_STRING_IS_NULL,PAD_CHAR_TO_FULL_LENGTH",
        "autocommit": "0",
        "default_time_zone": "+05:30",
        "character_set_server": "latin1",
        "skip_character_set_client_handshake": "1",
        "init_connect": "SET sql_mode = 'ANSI_QUOTES', group_concat_max_len = 4",
        "max_join_size": "1000000",
        "completion_type": "CHAIN",
    }
    sql = ["CREATE USER reader@'%'", "SET GLOBAL sql_select_limit = 3", "SET GLOBAL tx_read_only = 1"]
    server = servers.mariadb("10.11", settings=settings, sql=sql)
    plain = await reading(mariadb_servers["10.11"])
    for user in ("root", "reader"):
        result = await reading(server, user=user)
        assert result.facts.keys() == plain.facts.keys()
        assert result.facts["effective_time_zone"].canonical == "+05:30"
        planted = {"sql_select_limit", "sql_mode", "autocommit", "effective_time_zone", "max_join_size"}
        assert drift(plain, result) >= planted


async def test_secrets_are_compared_and_never_shown(servers: Servers, mariadb_servers: Shared[MariaDB]) -> None:
    """The password for replicas differs by nature."""
    server = servers.mariadb("10.11", settings={"report_password": PASSWORD})
    readings = [redact_reading(await reading(each), SERVICE) for each in (server, mariadb_servers["10.11"])]
    assert readings[0].facts["report_password"].state is State.SECRET
    assert PASSWORD not in repr(readings[0])
    assert drift(*readings) == set()

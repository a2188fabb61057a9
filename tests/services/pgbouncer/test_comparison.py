"""Readings of real servers, compared."""

from __future__ import annotations

import pytest

from parity_tui.demo.servers import Servers
from parity_tui.drift.rules import RuleTable
from parity_tui.model import ServiceError, State
from parity_tui.services.pgbouncer import SERVICE
from parity_tui.services.pgbouncer.connection import Table
from parity_tui.services.pgbouncer.parse import CORE, parse
from parity_tui.services.pgbouncer.remediation import remediate
from tests.planting.builders import assert_found, compared
from tests.services.pgbouncer.builders import VERSIONS, drift, pgbouncer, reading, rows

SHOP = "shop = host=127.0.0.1 port=5432 dbname=shop user=app password=s3cr3tpw"

PLANTED = {
    "application_name_add_host": "1", "auth_query": "SELECT usename, passwd FROM lookup($1)",
    "auth_type": "scram-sha-256",
    "auth_user": "lookup", "autodb_idle_timeout": "60", "client_idle_timeout": "9", "client_login_timeout": "7",
    "default_pool_size": "5", "dns_max_ttl": "5", "dns_nxdomain_ttl": "4",
    "dns_zone_check_period": "3", "idle_transaction_timeout": "30", "ignore_startup_parameters": "extra_float_digits",
    "listen_backlog": "64", "log_connections": "0", "log_disconnections": "0", "log_pooler_errors": "0",
    "log_stats": "0", "max_client_conn": "50", "max_db_connections": "40", "max_packet_size": "1000000",
    "max_user_connections": "30", "min_pool_size": "2", "pkt_buf": "8192", "pool_mode": "transaction",
    "query_timeout": "20", "query_wait_timeout": "10", "reserve_pool_size": "3", "reserve_pool_timeout": "1",
    "sbuf_loopcnt": "2", "server_check_delay": "10", "server_check_query": "select 2", "server_connect_timeout": "5",
    "server_fast_close": "1", "server_idle_timeout": "60", "server_lifetime": "120", "server_login_retry": "2",
    "server_reset_query": "DISCARD TEMP", "server_reset_query_always": "1", "server_round_robin": "1",
    "server_tls_sslmode": "require", "so_reuseport": "1", "stats_period": "30", "suspend_timeout": "4",
    "tcp_keepalive": "0", "tcp_keepcnt": "3", "tcp_keepidle": "60", "tcp_keepintvl": "20",
    "tcp_socket_buffer": "65536", "tcp_user_timeout": "9000", "tcp_defer_accept": "0", "verbose": "1",
    "server_tls_protocols": "all", "server_tls_ciphers": "HIGH", "stats_users": "parity, ops",
    "admin_users": "boss, root",
}  # fmt: skip
NEWER = {
    "auth_dbname": "postgres", "cancel_wait_timeout": "5", "max_db_client_connections": "20",
    "max_prepared_statements": "0", "max_user_client_connections": "10",
    "track_extra_parameters": "IntervalStyle, role",
}  # fmt: skip


@pytest.mark.parametrize("version", VERSIONS)
async def test_equal_servers_do_not_drift(servers: Servers, version: str) -> None:
    both = [await reading(pgbouncer(servers, version)) for _ in range(2)]
    assert drift(*both) == set()
    assert [seen.product for seen in both] == ["PgBouncer"] * 2
    assert both[0].version.startswith(version)
    listed = [row for row in rows(*both).values() if row.listed]
    assert listed == []


@pytest.mark.parametrize("version", VERSIONS)
async def test_planted_settings_are_found(servers: Servers, version: str) -> None:
    """All of them."""
    planted = PLANTED | (NEWER if version != VERSIONS[0] else {})
    plain = await reading(pgbouncer(servers, version))
    other = await reading(pgbouncer(servers, version, planted))
    assert {fact.state for fact in other.facts.values()} == {State.VALUE}  # none passes for a secret
    found = compared(SERVICE, "pgbouncer", plain, other)
    assert_found(SERVICE, found, set(planted), len(planted))


async def test_versions_differ_in_the_version_alone(servers: Servers) -> None:
    """Other defaults and new settings are folded under it."""
    found = rows(*[await reading(pgbouncer(servers, version)) for version in VERSIONS])
    assert {name for name, row in found.items() if row.verdict == "drift" and not row.explained_by} == {"version"}


async def test_pools_of_databases_are_compared(servers: Servers) -> None:
    """What a database has not set itself follows the setting of all databases."""
    same = pgbouncer(servers, databases=[SHOP, "blog = host=db1 pool_size=9"])
    other = pgbouncer(
        servers,
        settings={"pool_mode": "transaction"},
        databases=[f"{SHOP} pool_size=4 max_db_connections=7".replace("5432", "5433"), "wiki = host=db1"],
    )
    both = [await reading(same), await reading(other)]
    found = rows(*both)
    drifting = {name for name, row in found.items() if row.verdict == "drift" and not row.explained_by}
    assert drifting == {
        "pool_mode", "database.blog", "database.wiki", "database.shop.pool_size", "database.shop.max_connections",
    }  # fmt: skip
    assert found["database.shop.pool_mode"].explained_by == "pool_mode"
    assert found["database.blog.pool_size"].explained_by == "database.blog"
    assert "s3cr3tpw" not in repr(both)


@pytest.mark.parametrize("version", VERSIONS)
async def test_settings_of_users_are_compared(servers: Servers, version: str) -> None:
    """A user's own pool mode comes before that of its database; one that repeats the common mode changes nothing."""
    plain = pgbouncer(servers, version, databases=[SHOP], users=["app = pool_mode=session"])
    other = pgbouncer(servers, version, databases=[SHOP], users=["web = pool_mode=transaction"])
    both = [await reading(plain), await reading(other)]
    assert drift(*both) == {"user.web.pool_mode"}
    row = rows(*both)["user.web.pool_mode"]
    assert (row.severity, row.explained_by) == ("critical", "")


async def test_limits_of_users_are_compared(servers: Servers) -> None:
    settings = {"max_user_connections": "9"}
    users = ["app = max_user_connections=9 pool_size=2", "web = max_user_connections=3"]
    plain = pgbouncer(servers, VERSIONS[1], settings, [SHOP])
    other = pgbouncer(servers, VERSIONS[1], settings, [SHOP], users=users)
    found = drift(await reading(plain), await reading(other))
    assert found == {"user.app.pool_size", "user.web.max_user_connections"}


async def test_mode_of_user_counts_beside_databases_own(servers: Servers) -> None:
    """It is the common one, and the database has another."""
    databases = [f"{SHOP} pool_mode=transaction"]
    plain = pgbouncer(servers, databases=databases)
    other = pgbouncer(servers, databases=databases, users=["app = pool_mode=session"])
    assert drift(await reading(plain), await reading(other)) == {"user.app.pool_mode"}


@pytest.mark.parametrize("version", VERSIONS)
async def test_equal_spellings_do_not_drift(servers: Servers, version: str) -> None:
    one = {
        "server_reset_query": "DISCARD ALL;", "client_tls_protocols": "tlsv1.3,tlsv1.2",
        "server_check_query": "SELECT  1",
    }  # fmt: skip
    other = {
        "server_reset_query": "discard all", "client_tls_protocols": "secure",
        "server_check_query": "select 1",
    }  # fmt: skip
    both = [await reading(pgbouncer(servers, version, settings)) for settings in (one, other)]
    assert drift(*both) == set()


@pytest.mark.parametrize(("table", "column"), [(1, "value"), (2, "pool_mode"), (3, "pool_mode")])
def test_reply_without_a_column_is_invalid(table: int, column: str) -> None:
    """Its values would pass for empty ones."""
    settings = [{"key": name, "value": "1", "default": "1", "changeable": "yes"} for name in sorted(CORE)]
    names = ("shop", "pgbouncer")
    of_each: list[Table] = [[{"name": name, "pool_mode": None} for name in names] for _ in "12"]
    tables: list[Table] = [[{"version": "PgBouncer 1.24.1"}], [dict(row) for row in settings], *of_each]
    assert parse(tables[0], tables[1], tables[2], tables[3], "pool:6432").version == "1.24.1"
    for part in ([], tables[2][:1], [{**row, "name": None} for row in tables[2]]):
        with pytest.raises(ServiceError, match="databases are missing"):  # the console lists its own
            parse(tables[0], tables[1], part, tables[3], "pool:6432")
    with pytest.raises(ServiceError, match="invalid answer"):
        parse(tables[0], [{**row, "value": None} for row in settings], tables[2], tables[3], "pool:6432")
    for row in tables[table]:
        del row[column]
    with pytest.raises(ServiceError, match="invalid answer"):
        parse(tables[0], tables[1], tables[2], tables[3], "pool:6432")


@pytest.mark.parametrize("quote", ["'", "$$"])
@pytest.mark.parametrize("setting", ["auth_query", "server_check_query", "server_reset_query"])
async def test_literals_of_statements_are_hidden(servers: Servers, setting: str, quote: str) -> None:
    queries = [f"SELECT a, b FROM users WHERE k = {quote}{literal}{quote}" for literal in ("tokenone", "tokentwo")]
    both = [await reading(pgbouncer(servers, settings={setting: query})) for query in queries]
    assert [seen.facts[setting].state for seen in both] == [State.SECRET] * 2
    assert "tokenone" not in repr(both)
    assert drift(*both) == {setting}


@pytest.mark.parametrize("version", VERSIONS)
async def test_settings_have_a_reason(servers: Servers, version: str) -> None:
    table = RuleTable(SERVICE, "pgbouncer")
    names = (await reading(pgbouncer(servers, version, databases=[SHOP]))).facts.keys()
    assert len(names) > 90
    assert [name for name in names if not table.rule(name).why] == []


async def test_listening_on_all_interfaces_is_a_row(servers: Servers) -> None:
    plain, other = pgbouncer(servers), pgbouncer(servers, settings={"listen_addr": "127.0.0.1,127.0.0.2"})
    anywhere = pgbouncer(servers, settings={"listen_addr": "*"})
    first = await reading(plain)
    assert drift(first, await reading(other)) == set()
    assert drift(first, await reading(anywhere)) == {"listen_addr"}
    assert remediate("listen_addr", "*", first.facts["listen_addr"]) == ""


async def test_common_user_of_a_database_is_a_row(servers: Servers) -> None:
    """Its name belongs to the environment, not whether all clients share one user of the server."""
    entries = ("shop = host=db1", "shop = host=db1 user=app", "shop = host=db1 user=web")
    own, app, web = [await reading(pgbouncer(servers, databases=[entry])) for entry in entries]
    assert drift(app, web) == set()
    assert drift(own, app) == {"database.shop.force_user"}

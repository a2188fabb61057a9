"""No server is changed: tests/allowed.toml lists every request, and the servers' own counters confirm it.

The tests of each kind show as well that the documented rights suffice, and, for PostgreSQL and MariaDB, that the
statement log has only our statements.
"""

from __future__ import annotations

import re
import socket
import tomllib
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from pamqp import commands
from pamqp.frame import marshal

from parity_tui.config import target
from parity_tui.demo.mysql import MariaDB
from parity_tui.demo.postgres import Postgres
from parity_tui.demo.rabbitmq import RabbitMQ
from parity_tui.demo.redis import Redis, packed
from parity_tui.demo.servers import Servers
from parity_tui.model import Target
from parity_tui.services import kinds
from parity_tui.services.mysql.queries import LOADED, OTHERS, dialects, whole_values
from parity_tui.services.postgres.queries import PLAIN, SETTINGS_ONLY, statement, with_known
from parity_tui.transport.dialer import NetworkDialer
from tests import client_requests
from tests.proxy import Proxy, proxy
from tests.services.app.builders import app
from tests.services.mongodb.stand_in import message

PASSWORD = "sw0rd/%@fish"
READINGS = 4


def target_of(url: str) -> Target:
    return target("dev", "it", url, Path("/"), {})


async def read(target: Target, *proxies: Proxy) -> list[list[int]]:
    """Read several times on one connection; return each proxy's round trips so far after each reading."""
    trips = []
    async with kinds()[target.kind].connect(target, NetworkDialer(target, 20)) as read_once:
        for _ in range(READINGS):
            await read_once()
            trips.append([each.bursts for each in proxies])
    return [list(column) for column in zip(*trips, strict=True)]


def assert_allowed(protocol: str, proxy: Proxy, trips: list[int]) -> None:
    """Check the requests, the number of connections and the round trips."""
    assert proxy.sent
    assert client_requests.forbidden(protocol, proxy.sent) == []
    assert proxy.connections == 1
    first, each = client_requests.trips(protocol)
    assert trips[0] <= first
    # AMQP sends heartbeats by the clock.
    beats = list(client_requests.DECODERS[protocol](proxy.sent)).count("Heartbeat")
    assert trips[-1] - trips[0] <= each * (READINGS - 1) + beats


async def assert_reads_allowed(protocol: str, target: Target) -> None:
    """Read through a proxy and check the recorded traffic."""
    async with proxy(target.host, target.port) as recorder:
        trips = await read(replace(target, port=recorder.port), recorder)
    assert_allowed(protocol, recorder, trips[0])


async def test_postgresql_gets_allowed_requests_and_assigns_no_transaction(servers: Servers) -> None:
    """With the documented rights."""
    grants = [f"CREATE ROLE parity LOGIN PASSWORD '{PASSWORD}'", "GRANT pg_read_all_settings TO parity"]
    server = servers.postgres("16", settings={"autovacuum": "off"}, password="boss", sql=grants)
    evidence = [
        "SELECT pg_snapshot_xmax(pg_current_snapshot())",
        "SELECT sum(tup_inserted + tup_updated + tup_deleted + temp_files) FROM pg_stat_database",
    ]
    before = server.sql(*evidence)
    await assert_reads_allowed("postgres", target_of(server.url("parity", PASSWORD, "postgres")))
    assert server.sql(*evidence) == before


@pytest.mark.parametrize("version", ["15", "18"])
async def test_other_versions_of_postgresql_get_allowed_requests(
    postgres_servers: Mapping[str, Postgres], version: str
) -> None:
    """Each version has its own statement."""
    await assert_reads_allowed("postgres", target_of(postgres_servers[version].url("postgres", path="postgres")))


@pytest.mark.parametrize("product", ["redis", "valkey"])
async def test_redis_gets_allowed_requests_and_counts_no_others(servers: Servers, product: str) -> None:
    """With the documented rights; the server counts commands and changes."""
    rights = ["resetkeys", "resetchannels", "-@all", "+info", "+config|get", "+ping"]
    server = servers.redis(product=product, acl=[["parity", "on", f">{PASSWORD}", *rights]])
    server.do("CONFIG", "RESETSTAT")
    await assert_reads_allowed("redis", target_of(server.url("parity", PASSWORD)))
    info = everything(server)
    counted = {name.removeprefix("cmdstat_") for name in info if name.startswith("cmdstat_")}
    assert counted - {"config|resetstat", "command"} == {"auth", "info", "config|get"}
    assert info["rdb_changes_since_last_save"] == "0"


def everything(server: Redis) -> dict[str, str]:
    """Return the reply to INFO everything."""
    with socket.create_connection((server.host, server.port), timeout=10) as connection:
        connection.sendall(packed("INFO", "everything"))
        replies = connection.makefile("rb")
        text = replies.read(int(replies.readline()[1:])).decode()
    return dict(line.split(":", 1) for line in text.splitlines() if ":" in line)


async def test_memcached_gets_allowed_requests_and_counts_nothing(servers: Servers) -> None:
    """No item was requested, stored or dropped."""
    server = servers.memcached()
    await assert_reads_allowed("memcached", target_of(server.url()))
    with socket.create_connection((server.host, server.port), timeout=10) as connection:
        connection.sendall(b"stats\r\n")
        lines = iter(connection.makefile("rb").readline, b"END\r\n")
        counted = {name.decode(): value for _, name, value in (line.split(None, 2) for line in lines)}
    touched = {name for name in counted if name.startswith(("cmd_", "get_", "delete_", "incr_", "touch_", "cas_"))}
    assert {"cmd_get", "cmd_set", "cmd_flush", "cmd_touch"} <= touched
    assert {counted[name].strip() for name in touched | {"total_items"}} == {b"0"}


@pytest.mark.parametrize("version", ["2.6", "3.0"])
async def test_haproxy_gets_allowed_requests(servers: Servers, version: str) -> None:
    """With the documented level, which may change nothing; a connection for each reading."""
    server = servers.haproxy(version)
    async with proxy(server.host, server.port) as recorder:
        (trips,) = await read(replace(target_of(server.url()), port=recorder.port), recorder)
    assert client_requests.forbidden("haproxy", recorder.sent) == []
    assert trips == [1, 2, 3, 4]
    assert recorder.connections == READINGS


async def test_rabbitmq_gets_allowed_requests_and_keeps_its_definitions(
    rabbitmq_servers: Mapping[str, RabbitMQ],
) -> None:
    """No channel over AMQP, only GET over HTTP; users, virtual hosts, queues and policies are unchanged."""
    server = rabbitmq_servers["3.10"]
    before = server.api("GET", "/api/definitions")
    async with AsyncExitStack() as stack:
        amqp_proxy = await stack.enter_async_context(proxy(server.host, server.port))
        http_proxy = await stack.enter_async_context(proxy(server.host, server.management_port))
        target = replace(
            target_of(server.url("guest", "guest")),
            port=amqp_proxy.port,
            options={"management": f"http://127.0.0.1:{http_proxy.port}"},
        )
        trips = await read(target, amqp_proxy, http_proxy)
    assert_allowed("amqp", amqp_proxy, trips[0])
    assert_allowed("management", http_proxy, trips[1])
    assert server.api("GET", "/api/definitions") == before


@pytest.mark.parametrize("version", ["10.11", "11.8"])
async def test_mariadb_gets_allowed_requests(mariadb_servers: Mapping[str, MariaDB], version: str) -> None:
    await assert_reads_allowed("mysql", target_of(f"{mariadb_servers[version].url('root')}?tls=off"))


LEDGERS = (
    "CREATE TABLE {0}alembic_version (version_num varchar(32) PRIMARY KEY)",
    "CREATE TABLE {0}django_migrations (id int PRIMARY KEY, app varchar(255), name varchar(255), applied timestamp)",
)


async def test_ledgers_of_postgresql_get_allowed_requests(servers: Servers) -> None:
    """One round trip more before the first reading, none for the others."""
    server = servers.postgres("16", sql=[table.format("") for table in LEDGERS])
    where = target_of(server.url("postgres", path="postgres"))
    async with proxy(where.host, where.port) as recorder:
        (trips,) = await read(replace(where, port=recorder.port), recorder)
    assert client_requests.forbidden("postgres", recorder.sent) == []
    first, each = client_requests.trips("postgres")
    assert (trips[0] <= first + 1, trips[-1] - trips[0]) == (True, each * (READINGS - 1))
    assert recorder.sent.count(b"COPY") == READINGS + 1


async def test_ledgers_of_mariadb_get_allowed_requests(servers: Servers) -> None:
    made = ["CREATE DATABASE shop", *(table.format("shop.") for table in LEDGERS)]
    server = servers.mariadb("10.11", sql=made)
    where = target_of(f"{server.url('root', path='shop')}?tls=off")
    async with proxy(where.host, where.port) as recorder:
        (trips,) = await read(replace(where, port=recorder.port), recorder)
    assert client_requests.forbidden("mysql", recorder.sent) == []
    first, each = client_requests.trips("mysql")
    assert (trips[0] <= first + 1, trips[-1] - trips[0]) == (True, each * (READINGS - 1))


async def test_web_server_gets_allowed_requests(servers: Servers) -> None:
    server = servers.nginx("1.22")
    await assert_reads_allowed("http", target_of(f"http://ann:{'p%40ss'}@{server.address()}/index.html"))


@pytest.mark.parametrize("path", ["/version", ""])
async def test_app_gets_allowed_requests(path: str) -> None:
    with app() as served:
        served.show(path or "/healthz", '{"commit": "3f786850e387"}')
        url = f"app+http://ann:{'p%40ss'}@127.0.0.1:{served.port}{path}"
        async with proxy("127.0.0.1", served.port) as recorder:
            trips = await read(replace(target_of(url), port=recorder.port), recorder)
        assert client_requests.forbidden("app", recorder.sent) == []
        assert trips[0] == ([1, 2, 3, 4] if path else [7, 8, 9, 10])
        assert recorder.connections == 1


def test_every_statement_for_databases_is_listed() -> None:
    """Also those for other versions and products, and those with fewer rights."""
    for text in (statement(), statement(updates=False)):
        for known in (None, 0, -(2**63)):
            sent = f"COPY ({with_known(text, known)}) TO STDOUT (FORMAT 'binary')".encode()
            assert client_requests.forbidden("postgres", START + postgres_message(b"Q", sent + b"\0")) == []
    fallbacks = {f"Parse {client_requests.one_line(text)}" for text in (SETTINGS_ONLY, PLAIN)}
    assert fallbacks <= client_requests.allowed("postgres")
    greetings = ("5.5.5-10.11.19-MariaDB", "8.0.36", "9.1.0", "5.7.44", "5.6.51", "8.0.11-TiDB-v7.5.0")
    ways = [way for greeting in greetings for way in dialects(greeting)]
    statements = {way(words, names) for way in ways for words in (True, False) for names in ((), ("a", "b"))}
    for text in statements | {OTHERS, LOADED, whole_values(["a"]), whole_values(["a", "b"])}:
        assert client_requests.forbidden("mysql", mysql_query(text)) == []


def test_no_listed_request_writes() -> None:
    verbs = {
        "INSERT", "UPDATE", "DELETE", "DROP", "CREATE", "ALTER", "SET", "GRANT",
        "TRUNCATE", "COPY", "CALL", "LOCK",
    }  # fmt: skip
    for protocol in tomllib.loads(client_requests.LIST.read_text("utf-8")):
        for request in client_requests.allowed(protocol):
            copy = re.fullmatch(r"Query COPY \((.*)\) TO STDOUT(?: \(FORMAT 'binary'\))?", request)
            if copy:  # from the server; a query within parentheses
                request = copy[1]
            assert not verbs & set(request.replace("(", " ").split()), request
            assert not request.startswith(("POST", "PUT", "PATCH", "DELETE", "Channel", "Basic", "Queue")), request


def postgres_message(kind: bytes, body: bytes) -> bytes:
    return kind + (len(body) + 4).to_bytes(4, "big") + body


def mysql_query(text: str) -> bytes:
    body = b"\x03" + text.encode()
    return len(body).to_bytes(3, "little") + b"\0" + body


def mongodb_message(document: Mapping[str, Any]) -> bytes:
    return message(document, 1)


START = postgres_message(
    b"", (196608).to_bytes(4, "big") + b"user\0a\0database\0b\0application_name\0c\0client_encoding\0d\0\0"
)
GET = b"GET /index.html HTTP/1.1\r\nHost: a\r\n\r\n"


@pytest.mark.parametrize(
    ("protocol", "sent", "named"),
    [
        ("redis", packed("INFO") + packed("SET", "a", "b"), "SET a b"),
        ("redis", packed("CONFIG", "SET", "a", "b"), "CONFIG SET a b"),
        ("redis", packed("CONFIG", "GET", "*", "appendonly"), "CONFIG GET * appendonly"),
        ("memcached", b"stats\r\nset a 0 0 1\r\nx\r\nstats\r\n", "set a"),
        ("memcached", b"flush_all\r\n", "flush_all"),
        ("elasticsearch", b"PUT /_cluster/settings HTTP/1.1\r\n\r\n", "PUT /_cluster/settings"),
        ("elasticsearch", b"GET /_nodes HTTP/1.1\r\n\r\n", "GET /_nodes HTTP/1.1"),
        ("mongodb", mongodb_message({"getParameter": "*"}) + mongodb_message({"shutdown": 1}), "shutdown 1"),
        ("mongodb", mongodb_message({"find": "users"}), "find 'users'"),
        ("haproxy", b"show info typed;show env\n", "show env"),
        ("haproxy", b"show cli level\nset maxconn global 1\n", "set maxconn global 1"),
        ("amqp", b"AMQP\0\0\x09\x01" + marshal(commands.Channel.Open(), 1), "Channel.Open on channel 1"),
        ("management", b"PUT /api/users/a HTTP/1.1\r\nHost: a\r\n\r\n", "PUT /api/users/a HTTP/1.1"),
        ("management", b"GET /api/reset HTTP/1.1\r\nHost: a\r\n\r\n", "GET /api/reset HTTP/1.1"),
        ("http", b"POST /index.html HTTP/1.1\r\nHost: a\r\n\r\n", "POST /index.html HTTP/1.1"),
        ("http", GET + b"DELETE /x HTTP/1.1\r\n\r\n", "DELETE /x HTTP/1.1"),
        ("postgres", START + postgres_message(b"Q", b"DROP TABLE a\0"), "Query DROP TABLE a"),
        ("postgres", START + postgres_message(b"P", b"\0SET work_mem = 1\0\0\0"), "Parse SET work_mem = 1"),
        ("postgres", START + postgres_message(b"F", b"\0\0\0\1"), "message b'F'"),
        ("postgres", START.replace(b"client_encoding", b"default_tx_okay"), "Startup application_name"),
        ("mysql", mysql_query("SET GLOBAL a = 1"), "Query SET GLOBAL a = 1"),
        (
            "mysql",
            mysql_query("SELECT ' whole', 'a', CAST(@@GLOBAL.b AS BINARY), NULL, NULL, NULL LIMIT 20000"),
            "Query SEL",
        ),
        ("mysql", b"\x02\0\0\0\x02a", "InitDB"),
    ],
)
def test_unlisted_request_is_found(protocol: str, sent: bytes, named: str) -> None:
    assert [request[: len(named)] for request in client_requests.forbidden(protocol, sent)] == [named]

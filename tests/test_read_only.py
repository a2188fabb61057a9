"""Nothing is ever written: what goes over the wire is on a list, and the servers' own evidence says the same.

The list is tests/allowed.toml. Beside this: the statement log of PostgreSQL and the general log of MariaDB hold nothing
but our statements (tests/services/postgres, tests/services/mysql), and with the rights that are documented everything
is read (`test_the_documented_rights_suffice` and its like beside each kind).
"""

from __future__ import annotations

import socket
import tomllib
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path

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
from parity_tui.services.mysql.queries import OTHERS, dialects, whole_values
from parity_tui.services.postgres.queries import PLAIN, SETTINGS_ONLY, statement
from parity_tui.transport.dialer import NetworkDialer
from tests import client_requests
from tests.proxy import Proxy, proxy

PASSWORD = "sw0rd/%@fish"
READINGS = 4


def at(url: str) -> Target:
    """Return the target of a URL."""
    return target("dev", "it", url, Path("/"), {})


async def read(where: Target, *between: Proxy) -> list[list[int]]:
    """Read several times on one connection; return how often each proxy was spoken through after each reading."""
    spoken = []
    async with kinds()[where.kind].connect(where, NetworkDialer(where, 20)) as once:
        for _ in range(READINGS):
            await once()
            spoken.append([each.bursts for each in between])
    return [list(column) for column in zip(*spoken, strict=True)]


def hold(protocol: str, between: Proxy, spoken: list[int]) -> None:
    """See that all that was sent is allowed, on one connection, and in no more round trips than are allowed."""
    assert between.sent
    assert client_requests.forbidden(protocol, between.sent) == []
    assert between.connections == 1
    first, each = client_requests.trips(protocol)
    assert spoken[0] <= first
    # A heartbeat of AMQP is sent by the clock and answers nothing.
    beats = list(client_requests.DECODERS[protocol](between.sent)).count("Heartbeat")
    assert spoken[-1] - spoken[0] <= each * (READINGS - 1) + beats


async def through(protocol: str, where: Target) -> None:
    """Read by way of a proxy, and hold what it has seen to the list."""
    async with proxy(where.host, where.port) as between:
        spoken = await read(replace(where, port=between.port), between)
    hold(protocol, between, spoken[0])


async def test_postgresql_is_sent_what_is_allowed_and_takes_no_transaction_number(servers: Servers) -> None:
    """Least privilege, every message on the list; not one transaction was given a number, nothing was written."""
    grants = [f"CREATE ROLE parity LOGIN PASSWORD '{PASSWORD}'", "GRANT pg_read_all_settings TO parity"]
    server = servers.postgres("16", settings={"autovacuum": "off"}, password="boss", sql=grants)
    evidence = [
        "SELECT pg_snapshot_xmax(pg_current_snapshot())",
        "SELECT sum(tup_inserted + tup_updated + tup_deleted + temp_files) FROM pg_stat_database",
    ]
    before = server.sql(*evidence)
    await through("postgres", at(server.url("parity", PASSWORD, "postgres")))
    assert server.sql(*evidence) == before


@pytest.mark.parametrize("version", ["15", "18"])
async def test_other_versions_of_postgresql_are_sent_what_is_allowed(
    postgres_servers: Mapping[str, Postgres], version: str
) -> None:
    """Each has a statement of its own."""
    await through("postgres", at(postgres_servers[version].url("postgres", path="postgres")))


@pytest.mark.parametrize("product", ["redis", "valkey"])
async def test_redis_is_sent_what_is_allowed_and_counts_nothing_else(servers: Servers, product: str) -> None:
    """With the documented rights; by the server's own count of commands, and of what has changed in it."""
    rights = ["resetkeys", "resetchannels", "-@all", "+info", "+config|get", "+ping"]
    server = servers.redis(product=product, acl=[["parity", "on", f">{PASSWORD}", *rights]])
    server.do("CONFIG", "RESETSTAT")
    await through("redis", at(server.url("parity", PASSWORD)))
    info = _info(server)
    counted = {name.removeprefix("cmdstat_") for name in info if name.startswith("cmdstat_")}
    assert counted - {"config|resetstat", "command"} == {"auth", "info", "config|get"}
    assert info["rdb_changes_since_last_save"] == "0"


def _info(server: Redis) -> dict[str, str]:
    """Return everything that a server counts."""
    with socket.create_connection((server.host, server.port), timeout=10) as connection:
        connection.sendall(packed("INFO", "everything"))
        replies = connection.makefile("rb")
        text = replies.read(int(replies.readline()[1:])).decode()
    return dict(line.split(":", 1) for line in text.splitlines() if ":" in line)


async def test_memcached_is_sent_what_is_allowed_and_counts_nothing(servers: Servers) -> None:
    """Not one item was looked for, stored or dropped."""
    server = servers.memcached()
    await through("memcached", at(server.url()))
    with socket.create_connection((server.host, server.port), timeout=10) as connection:
        connection.sendall(b"stats\r\n")
        lines = iter(connection.makefile("rb").readline, b"END\r\n")
        counted = {name.decode(): value for _, name, value in (line.split(None, 2) for line in lines)}
    touched = {name for name in counted if name.startswith(("cmd_", "get_", "delete_", "incr_", "touch_", "cas_"))}
    assert {"cmd_get", "cmd_set", "cmd_flush", "cmd_touch"} <= touched
    assert {counted[name].strip() for name in touched | {"total_items"}} == {b"0"}


async def test_rabbitmq_is_sent_what_is_allowed_and_keeps_its_definitions(
    rabbitmq_servers: Mapping[str, RabbitMQ],
) -> None:
    """No channel over AMQP, nothing but GET over HTTP; users, virtual hosts, queues and policies are as they were."""
    server = rabbitmq_servers["3.10"]
    before = server.api("GET", "/api/definitions")
    async with AsyncExitStack() as stack:
        over_amqp = await stack.enter_async_context(proxy(server.host, server.port))
        over_http = await stack.enter_async_context(proxy(server.host, server.management_port))
        where = replace(
            at(server.url("guest", "guest")),
            port=over_amqp.port,
            options={"management": f"http://127.0.0.1:{over_http.port}"},
        )
        spoken = await read(where, over_amqp, over_http)
    hold("amqp", over_amqp, spoken[0])
    hold("management", over_http, spoken[1])
    assert server.api("GET", "/api/definitions") == before


@pytest.mark.parametrize("version", ["10.11", "11.8"])
async def test_mariadb_is_sent_what_is_allowed(mariadb_servers: Mapping[str, MariaDB], version: str) -> None:
    """What MySQL and their relatives would be sent is on the list too: see below."""
    await through("mysql", at(f"{mariadb_servers[version].url('root')}?tls=off"))


async def test_a_web_server_is_sent_what_is_allowed(servers: Servers) -> None:
    """The one page, and headers that ask for nothing to be kept."""
    server = servers.nginx("1.22")
    await through("http", at(f"http://ann:{'p%40ss'}@{server.address()}/index.html"))


def test_whatever_could_be_asked_of_a_database_is_on_the_list() -> None:
    """Of versions too that are not here, and where what tells most is refused: a new statement is a new line."""
    major = range(12, 21)
    asked = {statement(number, updates) for number in major for updates in (True, False)} | {SETTINGS_ONLY, PLAIN}
    assert {f"Parse {client_requests.one_line(text)}" for text in asked} <= client_requests.allowed("postgres")
    greetings = ("5.5.5-10.11.19-MariaDB", "8.0.36", "9.1.0", "5.7.44", "8.0.11-TiDB-v7.5.0")
    ways = [way for greeting in greetings for way in dialects(greeting)]
    statements = {way(words, names) for way in ways for words in (True, False) for names in ((), ("a", "b"))}
    for text in statements | {OTHERS, whole_values(["a"]), whole_values(["a", "b"])}:
        assert client_requests.forbidden("mysql", _query(text)) == []


def test_nothing_on_the_list_writes() -> None:
    """Whoever lengthens the list does not lengthen it by this."""
    verbs = {
        "INSERT",
        "UPDATE",
        "DELETE",
        "DROP",
        "CREATE",
        "ALTER",
        "SET",
        "GRANT",
        "TRUNCATE",
        "COPY",
        "CALL",
        "LOCK",
    }
    for protocol in tomllib.loads(client_requests.LIST.read_text("utf-8")):
        for request in client_requests.allowed(protocol):
            assert not verbs & set(request.replace("(", " ").split()), request
            assert not request.startswith(("POST", "PUT", "PATCH", "DELETE", "Channel", "Basic", "Queue")), request


def _message(kind: bytes, body: bytes) -> bytes:
    """Return a message of PostgreSQL's protocol."""
    return kind + (len(body) + 4).to_bytes(4, "big") + body


def _query(text: str) -> bytes:
    """Return a command of MySQL's protocol."""
    body = b"\x03" + text.encode()
    return len(body).to_bytes(3, "little") + b"\0" + body


START = _message(
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
        ("amqp", b"AMQP\0\0\x09\x01" + marshal(commands.Channel.Open(), 1), "Channel.Open on channel 1"),
        ("management", b"PUT /api/users/a HTTP/1.1\r\nHost: a\r\n\r\n", "PUT /api/users/a HTTP/1.1"),
        ("management", b"GET /api/reset HTTP/1.1\r\nHost: a\r\n\r\n", "GET /api/reset HTTP/1.1"),
        ("http", b"POST /index.html HTTP/1.1\r\nHost: a\r\n\r\n", "POST /index.html HTTP/1.1"),
        ("http", GET + b"DELETE /x HTTP/1.1\r\n\r\n", "DELETE /x HTTP/1.1"),
        ("postgres", START + _message(b"Q", b"DROP TABLE a\0"), "Query DROP TABLE a"),
        ("postgres", START + _message(b"P", b"\0SET work_mem = 1\0\0\0"), "Parse SET work_mem = 1"),
        ("postgres", START + _message(b"F", b"\0\0\0\1"), "message b'F'"),
        ("postgres", START.replace(b"client_encoding", b"default_tx_okay"), "Startup application_name"),
        ("mysql", _query("SET GLOBAL a = 1"), "Query SET GLOBAL a = 1"),
        (
            "mysql",
            _query("SELECT ' whole', 'a', CAST(@@GLOBAL.b AS BINARY), NULL, NULL, NULL LIMIT 20000"),
            "Query SEL",
        ),
        ("mysql", b"\x02\0\0\0\x02a", "InitDB"),
    ],
)
def test_what_is_not_on_the_list_is_named(protocol: str, sent: bytes, named: str) -> None:
    """A list that could not refuse anything would prove nothing."""
    assert [request[: len(named)] for request in client_requests.forbidden(protocol, sent)] == [named]

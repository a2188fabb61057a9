"""The connection: one round trip a reading, immediate end, and peers that misbehave."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from redis.asyncio.connection import Connection

from parity_tui.demo.redis import Redis
from parity_tui.demo.servers import Servers
from parity_tui.model import ServiceError
from parity_tui.services.redis import SERVICE
from parity_tui.services.redis.queries import CONFIG, INFO, encoded
from parity_tui.transport.dialer import NetworkDialer
from tests.proxy import listening, proxy, says
from tests.services.redis.builders import PASSWORD, another, bulk, failure, reading, target

REQUEST = b"*1\r\n$4\r\nINFO\r\n*3\r\n$6\r\nCONFIG\r\n$3\r\nGET\r\n$1\r\n*\r\n"


async def test_reading_costs_one_round_trip(servers: Servers, each: Redis) -> None:
    """Three readings send three bursts on one connection, the first with the login, and no other byte."""
    server = another(servers, each, password=PASSWORD)
    async with proxy(server.host, server.port) as between:
        where = target(between.port, password=PASSWORD)
        async with SERVICE.connect(where, NetworkDialer(where, 10)) as read:
            readings = [await read() for _ in range(3)]
    word = PASSWORD.encode()
    assert between.sent == b"*2\r\n$4\r\nAUTH\r\n$%d\r\n%s\r\n" % (len(word), word) + REQUEST * 3
    assert (between.connections, between.bursts) == (1, 3)
    assert readings[0] == readings[1] == readings[2]


@pytest.mark.parametrize("words", [(b"AUTH", b"p\xffw\r\n"), (b"AUTH", b"ann", b"x" * 10_000), (b"AUTH", b"")])
def test_bytes_sent_ahead_are_those_of_the_driver(words: tuple[bytes, ...]) -> None:
    commands = [words, INFO, CONFIG]
    driver: Any = Connection(protocol=2, driver_info=None)
    assert encoded(*commands) == b"".join(driver.pack_commands(commands))


async def test_full_server_is_quoted(servers: Servers, each: Redis) -> None:
    server = another(servers, each, settings={"maxclients": "1"})
    where = target(server.port)
    async with SERVICE.connect(where, NetworkDialer(where, 10)) as read:
        await read()
        with pytest.raises(ServiceError, match="says: ERR max number of clients reached") as caught:
            await reading(server.port)
    assert caught.value.reason == "server"


async def test_frozen_server_does_not_delay_the_end(servers: Servers, each: Redis) -> None:
    server = another(servers, each)
    where = target(server.port)
    server.pause()
    try:
        begun = asyncio.get_running_loop().time()
        with pytest.raises(TimeoutError):
            async with SERVICE.connect(where, NetworkDialer(where, 10)) as read, asyncio.timeout(0.2):
                await read()
        assert asyncio.get_running_loop().time() - begun < 5
    finally:
        server.resume()


async def test_failed_connection_is_not_reopened(servers: Servers, each: Redis) -> None:
    """The caller reconnects."""
    server = another(servers, each)
    where = target(server.port)
    async with SERVICE.connect(where, NetworkDialer(where, 10)) as read:
        await read()
        server.kill()
        for _ in range(2):
            with pytest.raises(ConnectionError):
                await read()


@pytest.mark.parametrize(
    ("answer", "protocol"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n", "like HTTP"),
        (b"SSH-2.0-OpenSSH_9.2p1\r\n", "like SSH"),
        (b"ERROR\r\nERROR\r\n", "like Memcached"),
        (b"AMQP\x00\x00\x09\x01", "like AMQP (RabbitMQ)"),
        (b"J\x00\x00\x00\n8.0.36\x00", "like MySQL"),
        (b"\x15\x03\x03\x00\x02\x02\n", "like TLS"),
        (b"hm\x1b[2J\n", "'hm\\x1b[2J'"),
    ],
)
async def test_other_protocol_is_named(answer: bytes, protocol: str) -> None:
    assert await failure(says(answer)) == ("wrong-service", f"127.0.0.1:PORT answers {protocol}, not like Redis")


@pytest.mark.parametrize(
    ("answer", "reason", "words"),
    [
        (b"-LOADING Redis is loading the dataset in memory\r\n" * 2, "server", "is starting: Redis is loading"),
        (b"-MASTERDOWN Link with MASTER is down\r\n" * 2, "server", "MASTERDOWN Link with MASTER"),
        (b"-BUSY a \x1b[2J script\r\n" * 2, "server", "BUSY a ·[2J script"),
        (b"-DENIED Redis is running in protected mode because ...\r\n", "forbidden", "protected mode"),
        (b"-ERR max number of clients reached\r\n", "server", "max number of clients"),
        (b"+OK\r\n+OK\r\n", "wrong-service", "without a version"),
        (b"$2\r\n:)\r\n*0\r\n", "wrong-service", "without a version"),
        (b":1\r\n*0\r\n", "protocol", "sent an invalid answer to INFO"),
        (bulk("redis_version:1") + b"*1\r\n$1\r\na\r\n", "protocol", "sent an invalid answer to CONFIG GET"),
        (bulk("redis_version:1") + b"*2\r\n$1\r\na\r\n*0\r\n", "protocol", "sent an invalid answer to CONFIG GET"),
        (b"$abc\r\n", "protocol", "sent an invalid answer"),
        (b"*999999999\r\n$-7\r\n", "protocol", "sent an invalid answer"),
        (b"+OK\r\nHTTP/1.1\r\n", "protocol", "sent an invalid answer"),
        (b"$536870912\r\n", "protocol", "536,870,914 bytes"),
        (b"*30000\r\n" + b":1\r\n" * 30000, "protocol", "sends more than any Redis has to say"),
        (b"*1\r\n" * 5000, "protocol", "sent an invalid answer"),
        (bulk("redis_version:1") + b"*0\r\n$1\r\na\r\n", "protocol", "more than it was asked for"),
        (
            b"",
            "closed",
            "closes the connection without an answer: perhaps it requires TLS (rediss://), or is a proxy such as "
            "twemproxy, which has no INFO",
        ),
        (b"$10\r\nabc", "closed", "closed the connection"),
    ],
)
async def test_unusable_answer_is_described(answer: bytes, reason: str, words: str) -> None:
    """States of the server are quoted; nonsense is called so."""
    described, message = await failure(says(answer))
    assert described == reason
    assert words in message


@pytest.mark.parametrize("begins", [b"", b"*1000000000\r\n"])
@pytest.mark.parametrize("goes_on", [b"x" * 65536, b":1\r\n" * 10000, b"$65536\r\n" + b"x" * 65536 + b"\r\n"])
async def test_endless_answer_is_cut_off(begins: bytes, goes_on: bytes) -> None:
    """Endless bytes, elements and replies, each as fast as possible."""
    sent = 0

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(begins)
        while True:
            writer.write(goes_on)
            await writer.drain()
            sent += len(goes_on)

    async with listening(script) as port:
        with pytest.raises(ServiceError) as caught:
            await reading(port)
    assert caught.value.reason in ("protocol", "wrong-service")
    assert sent < 30_000_000  # most of it in the buffers of the system


async def test_stream_is_not_reused_after_nonsense() -> None:
    """A valid reply that waits in the stream is not taken for the next one."""
    async with listening(says(b"$abc\r\n" + bulk("redis_version:6.0.1") + b"*0\r\n")) as port:
        where = target(port)
        async with SERVICE.connect(where, NetworkDialer(where, 10)) as read:
            with pytest.raises(ServiceError, match="sent an invalid answer"):
                await read()
            with pytest.raises(ConnectionError):
                await read()


async def test_transient_refusal_of_config_is_a_failure() -> None:
    """It is not taken for a missing right, which would hide the settings for the life of the connection."""
    answer = bulk("redis_version:6.0.1") + b"-LOADING soon\r\n"
    assert await failure(says(answer)) == ("server", "127.0.0.1:PORT is starting: soon")

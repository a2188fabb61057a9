"""The connection: one round trip a reading, the login, and peers that misbehave."""

from __future__ import annotations

import asyncio

import pytest

from parity_tui.demo.memcached import Memcached
from parity_tui.demo.servers import Servers
from parity_tui.model import ServiceError
from parity_tui.services.memcached import SERVICE
from parity_tui.services.memcached.connection import BOTH
from parity_tui.transport.dialer import NetworkDialer
from tests.proxy import floods, listening, proxy, says
from tests.services.memcached.builders import NAME, PASSWORD, failure, reading, target


async def test_reading_costs_one_round_trip(each_memcached: Memcached) -> None:
    """Fault 6: three readings send three bursts on one connection, and no other byte."""
    async with proxy(each_memcached.host, each_memcached.port) as between:
        where = target(between.port)
        async with SERVICE.connect(where, NetworkDialer(where, 10)) as read:
            readings = [await read() for _ in range(3)]
    assert between.sent == BOTH * 3
    assert (between.connections, between.bursts) == (1, 3)
    assert readings[0] == readings[1] == readings[2]


async def test_password_is_not_sent_unless_demanded(servers: Servers) -> None:
    """A server without a login would store it as an item that every client can read."""
    async with proxy("127.0.0.1", servers.memcached().port) as between:
        await reading(between.port, PASSWORD)
    assert between.sent == BOTH


async def test_right_password_logs_in(servers: Servers) -> None:
    """The first connection learns that a login is needed, the second sends it, and no other byte."""
    async with proxy("127.0.0.1", servers.memcached(login=(NAME, PASSWORD)).port) as between:
        seen = await reading(between.port, PASSWORD)
    words = f"{NAME} {PASSWORD}"
    assert seen.facts["maxconns"].raw == "1024"
    login = f"set auth 0 0 {len(words)}\r\n{words}\r\n".encode()
    assert between.sent.removesuffix(b"quit\r\n") == BOTH + b"quit\r\n" + login + BOTH


@pytest.mark.parametrize(
    ("password", "words"),
    [(None, "requires a password, and none is configured"), ("wrong/pass%word", "rejects the password of app")],
)
async def test_missing_or_wrong_password_is_described(servers: Servers, password: str | None, words: str) -> None:
    """Fault 21: with the address, without the password."""
    port = servers.memcached(login=(NAME, PASSWORD)).port
    with pytest.raises(ServiceError) as caught:
        await reading(port, password)
    assert caught.value.reason == "auth"
    assert words in caught.value.message
    assert str(port) in caught.value.message
    assert "wrong/pass" not in caught.value.message


@pytest.mark.parametrize(
    ("greeting", "protocol"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "HTTP"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "SSH"),
        (b"-ERR unknown command 'stats'\r\n", "Redis"),
        (b"AMQP\x00\x00\x09\x01", "AMQP"),
        (b"J\x00\x00\x00\n8.0.36\x00", "MySQL"),
    ],
)
async def test_other_protocol_is_named(greeting: bytes, protocol: str) -> None:
    """Fault 9."""
    error = await failure(says(greeting))
    assert isinstance(error, ServiceError)
    assert error.reason == "wrong-service"
    assert protocol in error.message


@pytest.mark.parametrize(
    ("replies", "words"),
    [
        (b"END\r\nEND\r\n", "without a version"),
        (b"STAT version \r\nEND\r\nEND\r\n", "without a version"),
        (b"STAT version 1.6.18\nEND\r\nEND\r\n", "sent an invalid answer"),
        (b"STAT version 1.6.18\r\nEND\r\nSTAT maxbytes 1\rSTAT maxconns 2\r\nEND\r\n", "sent an invalid answer"),
        (b"STAT version 1.6.18\r\nEND\r\nEND\r\nSTAT maxbytes 1\r\nEND\r\n", "more than it was asked for"),
    ],
)
async def test_empty_or_damaged_reply_is_a_failure(replies: bytes, words: str) -> None:
    error = await failure(says(replies))
    assert isinstance(error, ServiceError)
    assert words in error.message


async def test_closing_peer_does_not_block_the_loop() -> None:
    """Fault 4: aiomcache itself would read in a busy loop that no deadline can interrupt."""
    silent = await failure(says())
    assert isinstance(silent, ServiceError)
    assert (silent.reason, "without an answer" in silent.message) == ("closed", True)
    assert isinstance(await failure(says(b"STAT pid 1\r\nSTAT ver")), EOFError)


async def test_peer_closing_during_login_does_not_block() -> None:
    """Fault 4: the login reads in the same way."""
    answers = iter([says(b"CLIENT_ERROR unauthenticated\r\n"), says()])

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await next(answers)(reader, writer)

    async with listening(script) as port:
        with pytest.raises(EOFError):
            await reading(port, PASSWORD)


@pytest.mark.parametrize("chunk", [b"STAT a b\r\n" * 999, b"x" * 65536, b"\0" * 65536])
async def test_endless_answer_is_cut_off(chunk: bytes) -> None:
    """Fault 8: valid lines, or bytes without any line; the budget is half a megabyte."""
    error = await failure(floods(chunk))
    assert isinstance(error, ServiceError)
    assert error.reason == "protocol"

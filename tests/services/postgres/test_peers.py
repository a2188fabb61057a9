"""PostgreSQL's connection to peers that are no PostgreSQL, or not ready."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from parity_tui.demo.process import free_port
from parity_tui.model import Failure, Reason, Target
from parity_tui.services.postgres.connection import is_greeting
from parity_tui.transport.guard import CAP
from tests.proxy import Script, floods, listening, says
from tests.services.postgres.connections import ASKED_FOR_TLS, failure, target


@asynccontextmanager
async def made_up_server(script: Script, tls: str) -> AsyncIterator[Target]:
    """Yield the target of a made-up server."""
    async with listening(script) as port:
        yield target(port, tls=tls)


def after_login(chunk: bytes) -> Script:
    """Return a server that accepts every login and then sends twice the byte budget in chunks."""

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert await reader.readexactly(8) == ASKED_FOR_TLS
        writer.write(b"N")
        await reader.read(1000)
        writer.write(b"R\0\0\0\x08\0\0\0\0")
        for _ in range(2 * CAP // len(chunk)):
            writer.write(chunk)
            await writer.drain()
            await asyncio.sleep(0)
        await reader.read()

    return script


@pytest.mark.parametrize("tls", ["off", "prefer", "verify-full"])
@pytest.mark.parametrize(
    ("script", "who"),
    [
        (says(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "HTTP"),
        (floods(b"SSH-2.0-OpenSSH_9.2\r\n" * 1000), "SSH"),
        (says(b"ERROR\r\n", b"ERROR\r\n"), "Memcached"),
        (says(b"-ERR unknown command\r\n"), "Redis"),
        (floods(b"J\0\0\0\n8.0.36\0" * 1000), "MySQL"),
        (floods(b"\0" * 65536), "a different service"),
        (floods(b"hello\r\n" * 1000), "a different service"),
        (floods(b"R" * 65536), "a different service"),
        (says(b"\x15\x03\x01\0\x02\x02\x46"), "TLS"),
    ],
    ids=["http", "ssh", "memcached", "redis", "mysql", "zeros", "lines", "letters", "tls"],
)
async def test_another_service_is_identified_by_first_bytes(script: Script, who: str, tls: str) -> None:
    """Faults 8, 9, 10."""
    async with made_up_server(script, tls) as db:
        result = await failure(db)
    assert result == Failure(Reason.WRONG_SERVICE, f"{db.address} answers like {who}, not PostgreSQL")


@pytest.mark.parametrize(
    "chunk",
    [b"D\x7f\xff\xff\xff" + b"\0" * 65536, b"S\0\0\0\x0eabc\0defg\0\0" * 5000, b"N\0\0\0\x05\0" * 10000],
    ids=["one message", "parameters", "notices"],
)
async def test_endless_peer_is_cut_off(chunk: bytes) -> None:
    """Fault 8: after some megabytes, whatever it sends."""
    async with made_up_server(after_login(chunk), "prefer") as db:
        result = await failure(db, seconds=10)
    assert result == Failure(Reason.PROTOCOL, f"{db.address} sends more than any PostgreSQL would")


@pytest.mark.parametrize("tls", ["off", "prefer", "verify-full"])
async def test_peer_that_hangs_up_is_described(tls: str) -> None:
    """Fault 4: whatever it has sent before."""
    for script in (says(), says(b"N"), says(b"S")):
        async with made_up_server(script, tls) as db:
            result = await failure(db)
        assert result.reason in ("closed", "tls", "wrong-service")
        assert result.message


async def test_error_before_the_login_is_not_quoted() -> None:
    error = b"SFATAL\0C53300\0Mbuy this\0\0"
    async with made_up_server(says(b"E" + struct.pack("!I", len(error) + 4) + error), "prefer") as db:
        result = await failure(db)
    assert result == Failure(Reason.SERVER, f"{db.address} answers with an error before any request")


async def test_starting_server_is_quoted() -> None:
    """Fault 19."""
    error = b"SFATAL\0VFATAL\0C57P03\0Mthe database system is starting up\0\0"
    async with made_up_server(says(b"N", b"E" + struct.pack("!I", len(error) + 4) + error), "prefer") as db:
        result = await failure(db)
    assert result == Failure(Reason.SERVER, f"{db.address} is starting: the database system is starting up")


async def test_refused_port_is_described() -> None:
    """Fault 1."""
    assert (await failure(target(free_port()))).reason == "refused"


def test_greeting_may_arrive_in_pieces() -> None:
    assert is_greeting(b"R")
    assert is_greeting(b"E\0\0")
    assert not is_greeting(b"E\xff\xff\xff\xff")

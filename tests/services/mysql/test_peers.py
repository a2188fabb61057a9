"""MySQL's connection to peers that are no MySQL, ask for the password, or never end."""

from __future__ import annotations

import asyncio
import struct
from pathlib import Path

import pytest
from asyncmy.errors import OperationalError

from parity_tui.model import Failure, Reason, ServiceError, TlsMode
from parity_tui.secrets import Secret
from parity_tui.services.mysql.connection import MySQLConnection
from parity_tui.transport.dialer import NetworkDialer
from tests.proxy import Script, floods, listening, proxy
from tests.services import scripted_mysql as scripted
from tests.services.mysql.connections import PASSWORD, failure, target


def greets(*parts: bytes, pause: float = 0.0) -> Script:
    """Return a peer that sends the parts without being asked, and waits."""

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(pause)
        await reader.read()

    return script


@pytest.mark.parametrize(
    ("plugin", "then"),
    [
        (b"mysql_clear_password", b""),
        (b"dialog", b""),
        (b"sha256_password", b""),
        (b"caching_sha2_password", b"\x01\x04"),
    ],
    ids=["clear", "dialog", "sha256", "caching"],
)
async def test_plain_password_is_not_sent_without_tls(plugin: bytes, then: bytes) -> None:
    asked = b"\x04Password: " if plugin == b"dialog" else b"saltsaltsaltsaltsalt\0"
    script = scripted.asks(plugin, then, asked)
    async with listening(script) as port, proxy("127.0.0.1", port) as between:
        result = await failure(target(between.port, password=PASSWORD), 5)
    assert (
        'requests the password in clear text, which is sent over TLS only, unless tls = "off" is set' in result.message
    )
    assert result.reason == "tls"
    assert PASSWORD.encode() not in between.sent


async def test_clear_password_is_sent_where_tls_is_off() -> None:
    script = scripted.asks(b"mysql_clear_password", b"", b"saltsaltsaltsaltsalt\0")
    async with listening(script) as port, proxy("127.0.0.1", port) as between:
        await failure(target(between.port, tls="off", password=PASSWORD), 5)
    assert PASSWORD.encode() in between.sent


async def test_long_packets_are_not_sent_without_tls() -> None:
    db = target(1, password=PASSWORD)
    connection = MySQLConnection(db, Secret(PASSWORD), NetworkDialer(db, 5))
    with pytest.raises(OperationalError):  # the first packet is the login and may be long; nothing is connected
        connection.write_packet(b"x" * 256)
    with pytest.raises(ServiceError, match="sent over TLS only"):
        connection.write_packet(b"x" * 256)


async def test_file_requested_by_the_server_is_not_sent(tmp_path: Path) -> None:
    words = "not for anybody else"
    file = tmp_path / "file"
    file.write_text(words)
    request = scripted.packet(1, b"\xfb" + str(file).encode())

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(scripted.greeting())
        await scripted.received(reader)
        writer.write(scripted.packet(2, scripted.OK))
        await scripted.received(reader)
        writer.write(request)
        await reader.read()

    async with listening(script) as port, proxy("127.0.0.1", port) as between:
        result = await failure(target(between.port), 5)
    assert result.reason == "protocol"
    assert words.encode() not in between.sent


@pytest.mark.parametrize(
    ("first", "who"),
    [
        (b"SSH-2.0-OpenSSH_9.2\r\n", "SSH"),
        (b"220 mail.example ESMTP\r\n", "a mail or FTP server"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "HTTP"),
        (b"-ERR unknown\r\n", "Redis"),
        (b"\x05\0\0\0\x0b\x08\x05\x1a\0", "MySQL's X protocol"),
        (b"\x15\x03\x03\0\x02\x02\x0a", "TLS"),
        (b"\0" * 64, "a different service"),
        (bytes(range(7, 200)), "a different service"),
    ],
    ids=["ssh", "smtp", "http", "redis", "mysqlx", "tls", "zeros", "bytes"],
)
async def test_another_service_is_identified_by_first_bytes(first: bytes, who: str) -> None:
    """Fault 9: nothing is sent to it."""
    async with listening(greets(first)) as port, proxy("127.0.0.1", port) as between:
        result = await failure(target(between.port, password=PASSWORD), 5)
    assert result == Failure(Reason.WRONG_SERVICE, f"127.0.0.1:{between.port} answers like {who}, not MySQL")
    assert between.sent == b""


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (greets(scripted.failed(1040, "Too many connections", 0)), "server"),
        (greets(scripted.failed(1130, "Host is not allowed to connect", 0)), "auth"),
        (greets(scripted.packet(0, b"\x0a8.0")), "protocol"),
        (greets(scripted.packet(0, b"\x0a\xff\xff\0\0")), "protocol"),
        (greets(*[bytes([sign]) for sign in scripted.failed(1040, "Full", 0)], pause=0.001), "server"),
        (greets(scripted.greeting(), scripted.packet(9, scripted.OK)), "protocol"),
        (greets(scripted.greeting(), scripted.packet(2, b"\xfe\0")), "driver"),
    ],
    ids=["full", "host", "short", "garbled", "slow", "order", "ancient"],
)
async def test_malformed_greeting_is_described(script: Script, reason: str) -> None:
    async with listening(script) as port:
        result = await failure(target(port, password=PASSWORD), 5)
    assert (result.reason, len(result.message) > 20) == (reason, True)
    assert PASSWORD not in result.message


async def test_peer_that_hangs_up_is_described() -> None:
    """Fault 4: before the greeting and after it."""

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(scripted.greeting())
        await scripted.received(reader)

    async def nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Close."""

    for each in (script, nothing):
        async with listening(each) as port:
            assert await failure(target(port), 5) == Failure(Reason.CLOSED, f"127.0.0.1:{port} closed the connection")


async def test_refused_port_is_described() -> None:
    """Fault 1."""
    async with listening(greets()) as port:
        pass
    assert await failure(target(port), 5) == Failure(Reason.REFUSED, f"127.0.0.1:{port} refused the connection")


@pytest.mark.parametrize("when", ["before the greeting", "after the login", "within TLS"])
async def test_deadline_aborts_the_connection_to_a_silent_peer(when: str) -> None:
    """Fault 3: the caller's deadline aborts the connection."""
    gone = asyncio.Event()
    says = {"within TLS": scripted.greeting(capabilities=scripted.CAPABILITIES | scripted.SSL)}
    first = says.get(when, b"" if when.startswith("before") else scripted.greeting())

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            writer.write(first)
            while await reader.read(4096):
                pass
        finally:
            gone.set()

    async with listening(script) as port:
        assert (await failure(target(port), 0.3)).reason == "timeout"
        async with asyncio.timeout(5):
            await gone.wait()


async def test_endless_reply_is_cut_off() -> None:
    """Fault 8."""
    flood = floods(scripted.packet(1, b"x" * 1000) * 50)

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(scripted.greeting())
        await scripted.received(reader)
        await flood(reader, writer)

    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(scripted.greeting())
        await scripted.received(reader)
        writer.write(scripted.packet(2, scripted.OK))
        await scripted.received(reader)
        writer.write(scripted.table([])[:-9])
        number = 4
        while True:
            writer.write(
                b"".join(scripted.packet(number + n, b"\xfc" + struct.pack("<H", 900) + b"x" * 900) for n in range(256))
            )
            await writer.drain()

    for each in (script, endless):
        async with listening(each) as port:
            result = await failure(target(port), 20)
            assert result.reason == "protocol", result


async def test_failed_handshake_is_an_error_of_tls() -> None:
    first = scripted.greeting(capabilities=scripted.CAPABILITIES | scripted.SSL)

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(first)
        await scripted.received(reader)
        writer.write(b"no TLS at all" * 100)
        await reader.read()

    async with listening(script) as port:
        assert (await failure(target(port, tls=TlsMode.REQUIRE), 5)).reason == "tls"

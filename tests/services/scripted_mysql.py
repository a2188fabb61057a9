"""A scripted MySQL server: the packets of its protocol, and a script that answers statements with rows."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Callable, Sequence

from tests.proxy import Script

Rows = Sequence[Sequence[str | bytes | None]]
Error = tuple[int, str]
"""number and message"""
Answers = Callable[[str], Rows | Error]
"""statement -> rows or error"""

SSL, PROTOCOL_41, SECURE, PLUGIN_AUTH = 0x800, 0x200, 0x8000, 0x80000
CAPABILITIES = PROTOCOL_41 | SECURE | PLUGIN_AUTH | 0x8  # 0x8: CONNECT_WITH_DB
OK = b"\0\0\0\x02\0\0\0"
END = b"\xfe\0\0\x02\0"


def packet(number: int, payload: bytes) -> bytes:
    """Return a packet with its header."""
    return len(payload).to_bytes(3, "little") + bytes([number % 256]) + payload


def greeting(
    version: str = "8.4.3", plugin: bytes = b"mysql_native_password", capabilities: int = CAPABILITIES
) -> bytes:
    """Return the first packet of a server."""
    low, high = capabilities & 0xFFFF, capabilities >> 16
    head = b"\x0a" + version.encode() + b"\0" + struct.pack("<I", 7) + b"saltsalt" + b"\0"
    tail = struct.pack("<HBHHB", low, 45, 2, high, 21) + b"\0" * 10 + b"saltsaltsalt\0" + plugin + b"\0"
    return packet(0, head + tail)


def failed(number: int, text: str, sequence: int = 1) -> bytes:
    """Return the packet of an error."""
    return packet(sequence, b"\xff" + struct.pack("<H", number) + b"#HY000" + text.encode())


def table(rows: Rows) -> bytes:
    """Return the packets of a result set."""
    width = max((len(row) for row in rows), default=1)
    parts = [bytes([width]), *[_column() for _ in range(width)], END, *[_row(row) for row in rows], END]
    return b"".join(packet(number, part) for number, part in enumerate(parts, 1))


def _column() -> bytes:
    """Return the definition of a column of text in utf8mb4."""
    names = b"".join(_with_length(name) for name in (b"def", b"", b"", b"", b"x", b""))
    return names + b"\x0c" + struct.pack("<HIBHB", 45, 1024, 253, 0, 0) + b"\0\0"


def _row(row: Sequence[str | bytes | None]) -> bytes:
    return b"".join(
        b"\xfb" if value is None else _with_length(value.encode() if isinstance(value, str) else value) for value in row
    )


def _with_length(text: bytes) -> bytes:
    if len(text) < 251:
        return bytes([len(text)]) + text
    return b"\xfc" + struct.pack("<H", len(text)) + text


async def received(reader: asyncio.StreamReader) -> bytes:
    """Read one packet and return its payload."""
    head = await reader.readexactly(4)
    return await reader.readexactly(int.from_bytes(head[:3], "little"))


def _reply(answer: Rows | Error) -> bytes:
    match answer:
        case (int(number), str(text)):
            return failed(number, text)
        case _:
            return table(answer)


def mysql(answers: Answers, version: str = "8.4.3") -> Script:
    """Return a server that accepts every login and answers statements."""

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(greeting(version))
        await received(reader)
        writer.write(packet(2, OK))
        while (command := await received(reader))[:1] == b"\x03":
            writer.write(_reply(answers(command[1:].decode())))
            await writer.drain()

    return script


def asks(plugin: bytes, then: bytes, salt: bytes) -> Script:
    """Return a server that switches to another authentication plugin and then sends ``then``."""

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(greeting())
        await received(reader)
        writer.write(packet(2, b"\xfe" + plugin + b"\0" + salt))
        await received(reader)
        writer.write(packet(4, then))
        await reader.read()

    return script

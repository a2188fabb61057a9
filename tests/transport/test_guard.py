"""The guard: byte budget, first bytes and silent close, for streams and for protocols."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from parity_tui.model import Reason, ServiceError, Target
from parity_tui.transport import guard
from parity_tui.transport.dialer import NetworkDialer
from parity_tui.transport.guard import InspectingProtocol, LimitedReader, wrong_service
from tests.proxy import Script, floods, listening, says

SENT = bytes(range(256)) * 1000
BUDGET = 1000


class Whole(asyncio.Protocol):
    """A driver that takes received bytes."""

    def __init__(self) -> None:
        self.received = b""
        self.closed = asyncio.get_running_loop().create_future()

    def data_received(self, data: bytes) -> None:
        self.received += data

    def connection_lost(self, error: Exception | None) -> None:
        self.closed.set_result(error)


class Narrow(asyncio.BufferedProtocol):
    """A driver with a small buffer."""

    def __init__(self) -> None:
        self.received = b""
        self.closed = asyncio.get_running_loop().create_future()
        self.buffer = bytearray(1000)

    def get_buffer(self, sizehint: int) -> bytearray:
        return self.buffer

    def buffer_updated(self, nbytes: int) -> None:
        self.received += self.buffer[:nbytes]

    def connection_lost(self, error: Exception | None) -> None:
        self.closed.set_result(error)


# Protocols


@pytest.mark.parametrize("driver", [Whole, Narrow])
async def test_all_bytes_are_inspected_and_passed_on(driver: type[Whole] | type[Narrow]) -> None:
    inspected: list[bytes] = []
    protocol = driver()
    async with listening(says(SENT)) as port:
        guarded = InspectingProtocol(protocol, lambda data: not inspected.append(data))  # type: ignore[func-returns-value]
        transport, _ = await asyncio.get_running_loop().create_connection(lambda: guarded, "127.0.0.1", port)
        transport.write(b"go on")
        assert await protocol.closed is None
    assert b"".join(inspected) == SENT
    assert protocol.received == SENT


@pytest.mark.parametrize("driver", [Whole, Narrow])
async def test_failed_check_aborts_the_connection(driver: type[Whole] | type[Narrow]) -> None:
    """Fault 8."""
    protocol = driver()
    async with listening(floods(SENT)) as port, asyncio.timeout(30):
        guarded = InspectingProtocol(protocol, lambda data: False)
        await asyncio.get_running_loop().create_connection(lambda: guarded, "127.0.0.1", port)
        assert await protocol.closed is None
    assert protocol.received == b""


async def test_driver_without_buffer_is_an_error() -> None:
    protocol = Narrow()
    protocol.buffer = bytearray()
    with pytest.raises(RuntimeError, match="the driver's buffer is full"):
        InspectingProtocol(protocol, lambda data: True).data_received(b"x")


# Streams, as the author of a plug-in opens them


@asynccontextmanager
async def stream(script: Script, **checks: Any) -> AsyncIterator[tuple[LimitedReader, asyncio.StreamWriter, str]]:
    """Yield reader and writer of a connection to a made-up server, and its address."""
    async with listening(script) as port, asyncio.timeout(20):
        dialer = NetworkDialer(Target("dev", "it", "made-up", "made-up", "127.0.0.1", port), 20)

        def check(first: bytes) -> ServiceError | None:
            return None if first.startswith(b"OK"[: len(first)]) else wrong_service(dialer, first, "Made-up")

        reader, writer = await dialer.open("127.0.0.1", port, cap=BUDGET, check=check, **checks)
        try:
            yield reader, writer, dialer.target.address
        finally:
            writer.close()


async def read_lines(reader: asyncio.StreamReader) -> None:
    """Read until an error is raised."""
    while True:
        await reader.readline()


async def test_another_protocol_is_named() -> None:
    async with stream(says(b"SSH-2.0-OpenSSH_9.2\r\n")) as (reader, writer, address):
        writer.write(b"?")
        with pytest.raises(ServiceError) as caught:
            await reader.readline()
    assert (caught.value.reason, caught.value.message) == (
        Reason.WRONG_SERVICE,
        f"{address} answers like SSH, not Made-up",
    )


async def test_first_bytes_may_arrive_one_by_one() -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for byte in b"OK\n":
            writer.write(bytes([byte]))
            await writer.drain()
            await reader.readexactly(1)

    async with stream(script) as (reader, writer, _):
        received = b""
        while not received.endswith(b"\n"):
            received += await reader.read(1)
            writer.write(b".")
    assert received == b"OK\n"


async def test_reply_beyond_the_budget_is_an_error() -> None:
    """Fault 8."""

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            writer.write(b"OK" + b"." * 197 + b"\n")
            await writer.drain()
            await asyncio.sleep(0)

    async with stream(script, most="any Made-up would") as (reader, _, address):
        with pytest.raises(ServiceError) as caught:
            await read_lines(reader)
    assert caught.value.reason == Reason.PROTOCOL
    assert caught.value.message in (
        f"{address} sends more than any Made-up would",
        *(
            f"announces or sends {size:,} bytes at once, more than any server of its kind"
            for size in range(1001, 300000)
        ),
    )


async def test_write_renews_the_budget() -> None:
    replies = [b"OK" + b"." * 700 + b"\n"] * 5
    async with stream(says(*replies)) as (reader, writer, _):
        for reply in replies:
            writer.write(b"?")
            assert await reader.readline() == reply


async def test_reply_of_too_many_lines_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "_LINES", 10)
    async with stream(says(b"OK\n" * 11)) as (reader, writer, _):
        writer.write(b"?")
        with pytest.raises(ServiceError, match="sends more than any server of its kind"):
            await read_lines(reader)


async def test_announced_size_beyond_the_budget_is_an_error() -> None:
    async with stream(says(b"OK")) as (reader, _, _):
        with pytest.raises(ServiceError, match=r"announces or sends 1,000,000 bytes at once"):
            await reader.readexactly(1_000_000)


async def test_silent_close_is_explained() -> None:
    """Fault 4."""
    async with stream(says(), silence="hangs up: perhaps it wants TLS") as (reader, _, address):
        with pytest.raises(ServiceError) as caught:
            await reader.readline()
    assert (caught.value.reason, caught.value.message) == (Reason.CLOSED, f"{address} hangs up: perhaps it wants TLS")


async def test_line_cut_short_is_an_error() -> None:
    """Fault 4: b"" forever would block the event loop in a driver that repeats its reads."""
    async with stream(says(b"OK\nOK"), silence="unused") as (reader, writer, _):
        writer.write(b"?")
        assert await reader.readline() == b"OK\n"
        for _ in range(2):
            with pytest.raises(EOFError):
                await reader.readline()

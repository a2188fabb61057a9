"""The eye before a driver's protocol: everything is handed on as the driver takes it, until enough is seen."""

from __future__ import annotations

import asyncio

import pytest

from parity_tui.transport.guard import InspectingProtocol
from tests.proxy import floods, listening, says

SENT = bytes(range(256)) * 1000


class Whole(asyncio.Protocol):
    """A driver that takes what comes."""

    def __init__(self) -> None:
        self.taken = b""
        self.over = asyncio.get_running_loop().create_future()

    def data_received(self, data: bytes) -> None:
        """Take it."""
        self.taken += data

    def connection_lost(self, error: Exception | None) -> None:
        """Note the end."""
        self.over.set_result(error)


class Narrow(asyncio.BufferedProtocol):
    """A driver that has room for a little at a time."""

    def __init__(self) -> None:
        self.taken = b""
        self.over = asyncio.get_running_loop().create_future()
        self._room = bytearray(1000)

    def get_buffer(self, sizehint: int) -> bytearray:
        """Give the room there is."""
        return self._room

    def buffer_updated(self, nbytes: int) -> None:
        """Take what is in it."""
        self.taken += self._room[:nbytes]

    def connection_lost(self, error: Exception | None) -> None:
        """Note the end."""
        self.over.set_result(error)


@pytest.mark.parametrize("driver", [Whole, Narrow])
async def test_all_is_seen_and_handed_on(driver: type[Whole] | type[Narrow]) -> None:
    """Not a byte is lost or comes twice, whichever way the driver takes it."""
    seen: list[bytes] = []
    protocol = driver()
    async with listening(says(SENT)) as port:
        eye = InspectingProtocol(protocol, lambda data: not seen.append(data))  # type: ignore[func-returns-value]
        transport, _ = await asyncio.get_running_loop().create_connection(lambda: eye, "127.0.0.1", port)
        transport.write(b"go on")
        assert await protocol.over is None
    assert b"".join(seen) == SENT
    assert protocol.taken == SENT


@pytest.mark.parametrize("driver", [Whole, Narrow])
async def test_what_is_too_much_is_not_handed_on_and_ends_the_connection(driver: type[Whole] | type[Narrow]) -> None:
    """Fault 8: The driver never sees it, and hears of the end; the other side would have gone on for ever."""
    protocol = driver()
    async with listening(floods(SENT)) as port, asyncio.timeout(30):
        eye = InspectingProtocol(protocol, lambda data: False)
        await asyncio.get_running_loop().create_connection(lambda: eye, "127.0.0.1", port)
        assert await protocol.over is None
    assert protocol.taken == b""


async def test_a_driver_without_room_is_an_error_and_not_a_loop_without_end() -> None:
    """As asyncio has it for a transport."""
    protocol = Narrow()
    protocol._room = bytearray()
    eye = InspectingProtocol(protocol, lambda data: True)
    with pytest.raises(RuntimeError, match="no room"):
        eye.data_received(b"x")

"""Kinds whose protocol has no challenge: with any mode of TLS but off, the password never leaves in clear text."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from parity_tui.config import target
from parity_tui.services import kinds
from parity_tui.transport.dialer import NetworkDialer, describe
from tests.proxy import listening


@pytest.mark.parametrize("mode", ["prefer", "require", "verify-full"])
@pytest.mark.parametrize("scheme", ["redis", "amqp", "memcached", "http", "elasticsearch", "mongodb"])
async def test_password_is_not_sent_without_tls(scheme: str, mode: str) -> None:
    received = bytearray()

    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        received.extend(await reader.read(1000))
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    async with listening(plain) as port:
        where = target("dev", "it", f"{scheme}://app:s3cr@127.0.0.1:{port}?tls={mode}", Path("/"), {})
        with pytest.raises(Exception) as raised:  # noqa: PT011 - the reason is checked below
            async with kinds()[where.kind].connect(where, NetworkDialer(where, 20)) as read:
                await read()
    assert describe(raised.value, where, 20).reason == "tls"
    assert received[0] == 0x16  # a handshake of TLS
    assert b"s3cr" not in received

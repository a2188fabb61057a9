"""TLS that a protocol starts by itself on an open connection, as STARTTLS does."""

from __future__ import annotations

import asyncio
import ssl

from parity_tui.model import Dialer, Reason, TlsMode
from parity_tui.transport.errors import HangUpError
from parity_tui.transport.guard import more_than_asked, unread
from parity_tui.transport.tls import alerting, context


async def start_tls(
    dialer: Dialer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, settings: ssl.SSLContext
) -> None:
    """Continue a connection of the dialer within TLS, and record the facts of the session.

    Bytes that have arrived before TLS would pass for bytes within it, so they end the connection.

    Raises:
        ServiceError: the peer sends bytes before TLS, or does not answer the handshake.
        ssl.SSLError: the handshake fails.
    """
    address = dialer.target.address
    if unread(reader):
        raise more_than_asked(address)
    try:
        with alerting(writer.get_extra_info("socket")):
            await writer.start_tls(
                settings, server_hostname=dialer.target.host, ssl_handshake_timeout=dialer.timeout * 0.8
            )
    except ConnectionAbortedError:
        words = f"{address} offers TLS and does not answer its handshake"
        raise HangUpError(Reason.TLS, words) from None
    except ConnectionError:
        words = f"{address} offers TLS and closes the connection at its handshake"
        raise HangUpError(Reason.TLS, words) from None
    dialer.record_tls(writer.transport)


def verified(dialer: Dialer) -> ssl.SSLContext:
    """Return the TLS settings of the target; where its mode is OFF, those that verify the certificate and its name."""
    target, settings = dialer.target, dialer.context()
    if settings is None:
        settings = context(TlsMode.VERIFY_FULL, target.ca, target.cert, target.key)
    return settings  # type: ignore[return-value] # of a mode other than OFF

"""AMQP 0-9-1 up to the login and not a word further: no channel is ever opened.

Imported only where a broker is connected to. The library on it would take any number of bytes for one frame,
wait for a silent peer to say goodbye, write into the terminal and keep to itself what the broker said last;
:class:`AMQPStream`, which it is given as its reader and writer, is there for these four.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from typing import Any
from urllib.parse import quote, urlencode

import aio_pika
import pamqp.frame
from aiormq.connection import TransportFactory
from aiormq.exceptions import AMQPError
from pamqp import commands
from pamqp.exceptions import PAMQPException
from yarl import URL

from parity_tui.model import Dialer, Reason, ServiceError, Target
from parity_tui.secrets import Secret
from parity_tui.transport.dialer import drop
from parity_tui.transport.sniff import identify_protocol

for _name in ("aiormq", "aio_pika"):
    logging.getLogger(_name).propagate = False
    logging.getLogger(_name).addHandler(logging.NullHandler())

HEARTBEAT = 6
"""seconds; either side sends a sign of life twice in that time"""

ROOM = 64 * 1024
"""bytes between two readings: a broker needs about 700 for the login, and 8 for a sign of life"""

GOODBYE = pamqp.frame.marshal(commands.Connection.Close(200, "read", 0, 0), 0)
"""sent without waiting for the answer, so that the broker's log does not speak of a lost connection"""


class AMQPConnection(aio_pika.Connection):
    """One connection to a broker, logged in to one virtual host."""

    def __init__(self, target: Target, dialer: Dialer, user: str, password: Secret | None, vhost: str) -> None:
        """Take the login; without a password that of the client's certificate is meant (EXTERNAL)."""
        query = {"heartbeat": HEARTBEAT, "name": "parity-tui", "auth": "plain" if password else "external"}
        super().__init__(
            URL.build(
                scheme="amqp",
                host="broker",  # the library connects to nothing: the factory below does
                user=quote(user, safe=""),
                password=quote(password.reveal(), safe="") if password else None,
                path="/" + quote(vhost, safe=""),
                query_string=urlencode(query),
                encoded=True,
            )
        )
        self._login = (user, vhost)
        self._where = target.address
        self.wire = AMQPStream(target, dialer)
        self.kwargs["transport_factory"] = self.wire

    @property
    def properties(self) -> dict[str, Any]:
        """What the broker says of itself before the login."""
        return dict(self._connection.server_properties or {})

    @property
    def limits(self) -> dict[str, int]:
        """What the broker offers: the number of channels and the bytes of a frame, 0 for any."""
        tune = self._connection.connection_tune
        return {"channel_max": tune.channel_max, "frame_max": tune.frame_max}

    @property
    def _connection(self) -> Any:
        """The library's inner connection."""
        transport: Any = self.transport
        return transport.connection

    async def open(self) -> None:
        """Connect and log in.

        Raises ServiceError where the broker, or who is there instead, has said why not.
        """
        try:
            await self.connect()
        except (AMQPError, PAMQPException, ServiceError, OSError) as error:
            raise explained(error, self.wire, self._where, *self._login) or self.wire.problem or error from None

    async def alive(self) -> None:
        """Make sure that the broker still is there: wait for a sign of life where the last is too old.

        The signs come by themselves, so that this costs nothing. A broker that is gone without a word keeps
        the caller waiting until its deadline.
        """
        if self.wire.silence > 1.5 * HEARTBEAT and self._connection.is_opened:
            await self.wire.sign()
        if not self._connection.is_opened:
            why = last_words(self.wire)[1]
            raise ServiceError(Reason.CLOSED, f"{self._where} closed the connection{': ' if why else ''}{why}")
        self.wire.room = ROOM

    async def leave(self) -> None:
        """End the connection without waiting for the broker."""
        self.wire.end(GOODBYE if self.transport is not None else b"")
        await self.close()

    def __del__(self) -> None:
        """Leave nothing for the collector: the library would begin to close here, in whatever loop there is by then."""


class AMQPStream(TransportFactory):
    """Connects by the dialer, and is reader and writer for the library."""

    def __init__(self, target: Target, dialer: Dialer) -> None:
        self.first = b""
        """the first bytes that came"""
        self.frame = b""
        """the latest frame, or what there is of it"""
        self.room = ROOM
        self._target = target
        self._dialer = dialer
        self._heard = 0.0
        self._news = asyncio.Event()

    async def create(self, url: URL, **options: Any) -> Any:
        """Connect to the target and not to what the URL says."""
        target = self._target
        streams = await self._dialer.open(target.host, target.port, self._dialer.context(), cap=ROOM)
        self._reader, self._writer = streams
        self.transport = self._writer.transport
        return self, self

    @property
    def problem(self) -> Exception | None:
        """Why the connection ended, where the dialer or TLS knows: the library has other words for it."""
        error = self._reader.exception() if hasattr(self, "transport") else None
        return error if isinstance(error, ServiceError | ssl.SSLError) else None

    @property
    def silence(self) -> float:
        """Seconds since something came."""
        return asyncio.get_running_loop().time() - self._heard

    async def sign(self) -> None:
        """Wait until something comes, or the end."""
        self._news.clear()
        await self._news.wait()

    async def readexactly(self, count: int) -> bytes:
        """Return so many bytes: one, six, and as many as these announce are a frame."""
        self.room -= count
        if self.room < 0:
            self.end()
            raise ServiceError(Reason.PROTOCOL, f"{self._target.address} sends more than a broker has to say")
        try:
            data = await self._reader.readexactly(count)
        except asyncio.IncompleteReadError as error:
            self._keep(error.partial, count)
            raise
        finally:
            self._news.set()
        self._keep(data, count)
        return data

    def _keep(self, data: bytes, count: int) -> None:
        """Keep what came, for when it is asked what was said last."""
        self._heard = asyncio.get_running_loop().time()
        self.frame = data if count == 1 else self.frame + data
        if len(self.first) < 8:
            self.first += data[:64]

    async def read(self) -> bytes:
        """Return nothing more."""
        return b""

    def at_eof(self) -> bool:
        """Tell whether the broker has ended the connection."""
        return self._reader.at_eof()

    def write(self, data: bytes) -> None:
        """Send."""
        self._writer.write(data)

    async def drain(self) -> None:
        """Wait until what was sent has left."""
        await self._writer.drain()

    def can_write_eof(self) -> bool:
        """Say no: there is no half of an end here."""
        return False

    def is_closing(self) -> bool:
        """Tell whether the connection is ended."""
        return self._writer.is_closing()

    def close(self) -> None:
        """End the connection now."""
        self.end()

    async def wait_closed(self) -> None:
        """Wait for nobody."""

    def end(self, last: bytes = b"") -> None:
        """End the connection now, after some last bytes; nothing happens where there is none."""
        if hasattr(self, "transport") and not self.transport.is_closing():
            self._writer.write(last)
            drop(self.transport)


METHOD = b"\x01\0\0"
"""how everything begins that a broker of AMQP 0-9-1 has to say first"""


def last_words(wire: AMQPStream) -> tuple[int, str]:
    """Return the code and the text with which the broker closed the connection, (0, "") where it did not."""
    try:
        frame = pamqp.frame.unmarshal(wire.frame)[2]
    except Exception:  # the bytes are a stranger's, and the parser raises what it likes
        return 0, ""
    if not isinstance(frame, commands.Connection.Close):
        return 0, ""
    return frame.reply_code or 0, str(frame.reply_text or "")[:200]


def explained(error: Exception, wire: AMQPStream, where: str, user: str, vhost: str) -> ServiceError | None:
    """Return why there is no login, in words; None where the error says no less."""
    if wire.first and not wire.first.startswith(METHOD):
        who = identify_protocol(wire.first) or "nothing that is known here"
        reason = Reason.TLS if who == "TLS" else Reason.WRONG_SERVICE
        return ServiceError(reason, f"{where} answers like {who}, not AMQP 0-9-1")
    code, words = last_words(wire)
    match code:
        case 403:
            hint = ", who may log in from the broker's own host only" if user == "guest" else ""
            return ServiceError(Reason.AUTH, f"{where} rejects user or password of {user}{hint}: {words}")
        case 530 if "limit" in words:
            return ServiceError(Reason.SERVER, f"{where} takes no more connections: {words}")
        case 530:
            return ServiceError(Reason.FORBIDDEN, f"the virtual host {vhost} is not there, or not for {user}: {words}")
        case _ if code:
            return ServiceError(Reason.SERVER, f"{where} closed the connection: {words}")
    if type(error).__name__ == "AuthenticationError":
        return ServiceError(Reason.AUTH, f"{where} does not offer the way to log in that is configured")
    return None

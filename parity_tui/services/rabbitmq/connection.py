"""AMQP 0-9-1 up to the login; no channel is ever opened.

aio-pika and aiormq run on the dialer's streams. :class:`AMQPStream` keeps the latest frame: it holds the broker's
reason for closing the connection, which the libraries drop.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from typing import Any
from urllib.parse import quote, urlencode

from parity_tui.model import Dialer, Reason, ServiceError, Target
from parity_tui.secrets import Secret
from parity_tui.transport.foreign import foreign
from parity_tui.transport.guard import leave, over_budget, wrong_service
from parity_tui.transport.partial_import import partial_import

with partial_import("aio_pika"):
    import pamqp.frame
    from aio_pika.connection import Connection
    from aiormq.connection import TransportFactory
    from aiormq.exceptions import AMQPError
    from pamqp import commands
    from pamqp.exceptions import PAMQPException
    from yarl import URL

for _name in ("aiormq", "aio_pika"):  # they would write into the terminal
    logging.getLogger(_name).propagate = False
    logging.getLogger(_name).addHandler(logging.NullHandler())

HEARTBEAT = 6
"""seconds; either side sends a heartbeat twice in that time"""

BUDGET = 64 * 1024
"""bytes between two writes: a broker needs about 700 for the login, and 8 for a heartbeat"""

MOST = "a broker has to say"

GOODBYE = pamqp.frame.marshal(commands.Connection.Close(200, "read", 0, 0), 0)
"""sent without waiting for the reply, so that the broker does not log a lost connection"""

_TUNE = b"\0\x0a\0\x1e"
"""class and method of Connection.Tune"""

_METHOD = b"\x01\0\0"
"""begins the first frame of every broker of AMQP 0-9-1"""


class AMQPConnection(Connection):
    """One connection to a broker, logged in to one virtual host."""

    def __init__(self, target: Target, dialer: Dialer, user: str, password: Secret | None, vhost: str) -> None:
        """Create a connection; without a password the client certificate logs in (EXTERNAL)."""
        query = {"heartbeat": HEARTBEAT, "name": "parity-tui", "auth": "plain" if password else "external"}
        super().__init__(
            URL.build(
                scheme="amqp",
                host="broker",  # unused: AMQPStream connects
                user=quote(user, safe=""),
                password=quote(password.reveal(), safe="") if password else None,
                path="/" + quote(vhost, safe=""),
                query_string=urlencode(query),
                encoded=True,
            )
        )
        self._login = (user, vhost)
        self._address = target.address
        self._stream = AMQPStream(target, dialer)
        self.kwargs["transport_factory"] = self._stream

    @property
    def properties(self) -> dict[str, Any]:
        """Properties that the broker sends before the login."""
        return dict(self._inner.server_properties or {})

    @property
    def limits(self) -> dict[str, int]:
        """Limits that the broker offers: channels, bytes of a frame, seconds of the heartbeat; 0 means no limit."""
        tune = self._stream.tune or self._inner.connection_tune
        return {"channel_max": tune.channel_max, "frame_max": tune.frame_max, "heartbeat": tune.heartbeat}

    @property
    def _inner(self) -> Any:
        """The connection of aiormq."""
        transport: Any = self.transport
        return transport.connection

    async def open(self) -> None:
        """Connect and log in. Raises ServiceError for the broker's refusal or a failed check of the guard."""
        try:
            await self.connect()
        except (AMQPError, PAMQPException, ServiceError, OSError) as error:
            refusal = describe_refusal(error, *self._stream.close_reason(), self._address, *self._login)
            raise refusal or self._stream.problem or error from None

    async def alive(self) -> None:
        """Check that the broker is still there: wait for a heartbeat if the latest is too old.

        A broker that has gone without closing the connection keeps the caller waiting until its deadline.
        """
        if self._stream.silence > 1.5 * HEARTBEAT and self._inner.is_opened:
            await self._stream.wait_for_bytes()
        if not self._inner.is_opened:
            text = self._stream.close_reason()[1]
            raise ServiceError(
                Reason.CLOSED, f"{self._address} closed the connection{': ' if text else ''}{foreign(text)}"
            )

    async def leave(self) -> None:
        """Close the connection without waiting for the broker."""
        self._stream.end(GOODBYE if self.transport is not None else b"")
        await self.close()

    def __del__(self) -> None:
        """Do nothing: the library would close the connection here, in whatever event loop runs by then."""


class AMQPStream(TransportFactory):
    """Opens aiormq's streams by the dialer and reads for it."""

    def __init__(self, target: Target, dialer: Dialer) -> None:
        self._address = (target.host, target.port)
        self._dialer = dialer
        self._frame = b""
        """the latest frame, or the part of it that was read"""
        self.tune: commands.Connection.Tune | None = None
        """the broker's offer, in which aiormq replaces the heartbeat by ours"""
        self._read_at = 0.0
        self._read = asyncio.Event()

    async def create(self, url: URL, **options: Any) -> Any:
        """Connect to the target, whatever the URL."""
        tls = self._dialer.context()
        self._reader, self._writer = await self._dialer.open(*self._address, tls, BUDGET, check=self._check, most=MOST)
        return self, self._writer

    def _check(self, first: bytes) -> ServiceError | None:
        if first.startswith(_METHOD[: len(first)]):
            return None
        reason = Reason.TLS if self._dialer.identify(first) == "TLS" else Reason.WRONG_SERVICE
        return wrong_service(self._dialer, first, "AMQP 0-9-1", "an unknown protocol", reason)

    @property
    def problem(self) -> Exception | None:
        """The error of the guard or of TLS that ended the connection; aiormq's own error lacks it."""
        error = self._reader.exception() if hasattr(self, "_reader") else None
        return error if isinstance(error, ServiceError | ssl.SSLError) else None

    @property
    def silence(self) -> float:
        """Seconds since bytes were read."""
        return asyncio.get_running_loop().time() - self._read_at

    async def wait_for_bytes(self) -> None:
        """Wait until bytes are read, or the end."""
        self._read.clear()
        await self._read.wait()

    async def readexactly(self, count: int) -> bytes:
        """Return ``count`` bytes; aiormq reads a frame as 1, 6, and as many bytes as these announce."""
        try:
            if count > BUDGET:
                raise over_budget(self._dialer.target.address, MOST)
            data = await self._reader.readexactly(count)
        except asyncio.IncompleteReadError as error:
            self._frame += error.partial
            raise
        finally:
            self._read.set()
        self._read_at = asyncio.get_running_loop().time()
        self._frame = data if count == 1 else self._frame + data
        if self._frame[7:11] == _TUNE and isinstance(frame := self._parsed(), commands.Connection.Tune):
            self.tune = frame
        return data

    def at_eof(self) -> bool:
        """Return whether the broker has closed the connection."""
        return self._reader.at_eof()

    def end(self, last: bytes = b"") -> None:
        """Send the last bytes and close the connection, if it is open."""
        if hasattr(self, "_writer"):
            leave(self._writer.transport, last)

    def close_reason(self) -> tuple[int, str]:
        """Return the code and the text with which the broker closed the connection, (0, "") if it did not."""
        frame = self._parsed()
        if not isinstance(frame, commands.Connection.Close):
            return 0, ""
        return frame.reply_code or 0, foreign(" ".join(str(frame.reply_text or "").split()), 200)

    def _parsed(self) -> Any:
        """Return the latest frame, None if it is malformed or was not read whole."""
        try:
            return pamqp.frame.unmarshal(self._frame)[2]
        except Exception:  # the parser raises anything for malformed bytes
            return None


def describe_refusal(
    error: Exception, code: int, text: str, address: str, user: str, vhost: str
) -> ServiceError | None:
    """Return the broker's refusal of a login in words, None if it gave no reason."""
    match code:
        case 403:
            hint = ", which may log in from the broker's own host only" if user == "guest" else ""
            return ServiceError(Reason.AUTH, f"{address} rejects user or password of {user}{hint}: {foreign(text)}")
        case 530 if "limit" in text:
            return ServiceError(Reason.SERVER, f"{address} accepts no more connections: {foreign(text)}")
        case 530:
            return ServiceError(
                Reason.FORBIDDEN, f"the virtual host {vhost} does not exist, or {user} may not use it: {foreign(text)}"
            )
        case _ if code:
            return ServiceError(Reason.SERVER, f"{address} closed the connection: {foreign(text)}")
    if type(error).__name__ == "AuthenticationError":
        return ServiceError(Reason.AUTH, f"{address} does not offer the configured login mechanism")
    return None

"""HTTP as far as reading needs it: GET, JSON, one kept connection, no redirects, no cookies, no proxies.

All paths of a call are asked in one burst on one connection (pipelining), so that a reading costs one round
trip however many paths it takes. A server that ends the connection early is asked for the rest on a new one.
"""

from __future__ import annotations

import asyncio
import json
from base64 import b64encode
from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote, urlsplit

import h11
from msgspec import Struct
from msgspec.structs import replace

from parity_tui.model import Dialer, Reason, ServiceError, TlsMode
from parity_tui.secrets import Secret
from parity_tui.transport.errors import describe
from parity_tui.transport.guard import drop
from parity_tui.transport.tls import context

BODY = 4 * 1024 * 1024
"""bytes of one reply"""
_BUDGET = 16 * BODY
"""bytes of all replies to one burst"""


class Reply(Struct, frozen=True):
    """What a server answered to one GET."""

    status: int
    body: bytes

    def json(self) -> Any:
        """Return the body as JSON.

        Raises ServiceError(Reason.PROTOCOL, …) where it is none.
        """
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            raise ServiceError(Reason.PROTOCOL, "the answer is not the JSON that was asked for") from None


class Http:
    """One server that speaks HTTP, reached by the dialer of a target; ends with :meth:`end`."""

    def __init__(
        self, dialer: Dialer, url: str, user: str = "", password: Secret | None = None, name: str = "http.tls"
    ) -> None:
        """Take ``url`` as https://host:port/path; a user and a password in it go before those given.

        ``name`` is what the facts on its TLS begin with.

        Raises ServiceError(Reason.CONFIG, …) where it is no such URL. Nothing is connected to yet.
        """
        scheme, host, port, self._path, own = _split(url)
        self._login = own or (user, password)
        # The target as it would be if this were its only address: for TLS and for the words of an error.
        own_tls = dialer.target.tls if dialer.target.tls is not TlsMode.OFF else TlsMode.VERIFY_FULL
        tls = TlsMode.OFF if scheme == "http" else own_tls
        self._target = replace(dialer.target, scheme=scheme, host=host, port=port, tls=tls)
        self._dialer = dialer
        self._name = name
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    @property
    def address(self) -> str:
        """host:port."""
        return self._target.address

    @property
    def user(self) -> str:
        """Who logs in, "" for nobody."""
        return self._login[0]

    async def get(self, *paths: str) -> list[Reply]:
        """Return the answers to GET of each path, in their order.

        Raises ServiceError, with the words of reach.dial.explain where there is no connection to be had.
        """
        try:
            return await self._get(paths)
        except (OSError, EOFError) as error:
            self.end()
            failure = describe(error, self._target, self._dialer.timeout)
            raise ServiceError(failure.reason, failure.message) from None
        except BaseException:
            self.end()
            raise

    async def _get(self, paths: Sequence[str]) -> list[Reply]:
        """Ask until every path has its answer; each new connection must bring one at least."""
        replies: list[Reply] = []
        while len(replies) < len(paths):
            kept, known = self._streams is not None, len(replies)
            await self._burst(paths[known:], replies)
            if not kept and len(replies) == known:
                raise EOFError
        return replies

    async def _burst(self, paths: Sequence[str], replies: list[Reply]) -> None:
        """Ask all paths at once and add the answers as they come, as many as the connection lasts for."""
        reader, writer = self._streams or await self._connect()
        exchanges = [h11.Connection(h11.CLIENT) for _ in paths]
        writer.write(b"".join(map(self._request, exchanges, paths)))
        rest = b""
        for exchange in exchanges:
            reply = await self._reply(exchange, reader, rest)
            if reply is not None:
                replies.append(reply)
            rest = exchange.trailing_data[0]
            if exchange.their_state is not h11.DONE:
                return self.end()
        if rest:  # nobody asked for that
            self.end()
        return None

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Connect, with TLS where the scheme says so."""
        target = self._target
        tls = context(target.tls, target.ca, target.cert, target.key)
        self._streams = await self._dialer.open(target.host, target.port, tls, _BUDGET, self._name)
        return self._streams

    def _request(self, exchange: h11.Connection, path: str) -> bytes:
        """Return the bytes of one GET."""
        headers = [
            ("Host", self._target.address),
            ("Accept", "application/json"),
            ("User-Agent", "parity-tui"),
            *self._authorization(),
        ]
        request = h11.Request(method="GET", target=self._path + path, headers=headers)
        return (exchange.send(request) or b"") + (exchange.send(h11.EndOfMessage()) or b"")

    def _authorization(self) -> list[tuple[str, str]]:
        """Return the header that logs in, made for this request only."""
        user, password = self._login
        if not user:
            return []
        word = f"{user}:{password.reveal() if password else ''}".encode()
        return [("Authorization", f"Basic {b64encode(word).decode()}")]

    async def _reply(self, exchange: h11.Connection, reader: asyncio.StreamReader, rest: bytes) -> Reply | None:
        """Return the next answer; None where the connection ends before it begins."""
        status, body, data = 0, bytearray(), rest or None
        try:
            while True:
                if data is not None:
                    exchange.receive_data(data)
                match exchange.next_event():
                    case h11.NEED_DATA:
                        data = await _more(reader)
                        continue
                    case h11.Response(status_code=status):
                        pass
                    case h11.Data(data=part):
                        body += part
                        self._check(len(body))
                    case h11.EndOfMessage():
                        return Reply(status, bytes(body))
                    case h11.ConnectionClosed():
                        return None
                data = None
        except h11.RemoteProtocolError:
            left, ended = exchange.trailing_data
            if ended and b"HTTP/".startswith(left[:5]):  # cut short
                return None
            raise ServiceError(Reason.WRONG_SERVICE, f"{self.address} does not answer like HTTP") from None

    def _check(self, size: int) -> None:
        """Raise ServiceError where an answer has grown too large."""
        if size > BODY:
            raise ServiceError(Reason.PROTOCOL, f"{self.address} sends more than {BODY:,} bytes for one answer")

    def end(self) -> None:
        """End the connection now; the next call makes a new one."""
        if self._streams is not None:
            drop(self._streams[1].transport)
            self._streams = None


async def _more(reader: asyncio.StreamReader) -> bytes:
    """Return what has arrived, nothing at the end, in whatever way it came."""
    try:
        return await reader.read(65536)
    except ConnectionError:
        return b""


Login = tuple[str, Secret | None]
PORTS = {"http": 80, "https": 443}


def _split(url: str) -> tuple[str, str, int, str, Login | None]:
    """Return scheme, host, port, path and login of a URL; its text is in no error, as it may hold a password.

    >>> _split("https://mq.prod:15671/rabbit/")
    ('https', 'mq.prod', 15671, '/rabbit', None)
    >>> _split("http://a:b%2Fc@[::1]")
    ('http', '::1', 80, '', ('a', Secret(•••)))
    """
    try:
        parts = urlsplit(url)
        port = parts.port or PORTS[parts.scheme]
        parts.path.encode("ascii")
    except (ValueError, KeyError):
        port = 0
    if not port or parts.scheme not in PORTS or not parts.hostname or " " in parts.path:
        raise ServiceError(Reason.CONFIG, "the address of an HTTP API must be a URL like https://host:port")
    login = None
    if parts.username is not None:
        login = (unquote(parts.username), Secret(unquote(parts.password or "")))
    return parts.scheme, parts.hostname, port, parts.path.rstrip("/"), login

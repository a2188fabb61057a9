"""HTTP for reading JSON: GET only, one kept connection, no redirects, no cookies, no proxies.

All paths of a call are requested in one burst (pipelining), so that a reading costs one round trip however many paths
it takes. If the server closes the connection early, the rest is requested on a new one.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import unquote, urlsplit

import h11
from msgspec import Struct, field
from msgspec.structs import replace

from parity_tui.model import Dialer, Reason, ServiceError, TlsMode
from parity_tui.secrets import Secret, in_base64
from parity_tui.transport.cluster_host import with_cluster_host
from parity_tui.transport.errors import describe
from parity_tui.transport.guard import leave, more_than_asked, unread
from parity_tui.transport.tls import context

BODY = 4 * 1024 * 1024
"""bytes of one reply"""
_BURST = 3
"""largest replies that one burst may bring"""
_DEPTH = 50
"""levels of a JSON document; RabbitMQ sends about six"""
_PIECE = 8192
"""bytes that are taken apart before other targets have their turn"""
_SHORTEST = 64
"""bytes that a shorter chunk counts for: each takes time of its own"""


class Reply(Struct, frozen=True):
    """Reply to one GET."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    """by name in lower case"""

    def json(self) -> Any:
        """Return the body, parsed as JSON. Raises ServiceError(Reason.PROTOCOL, …) if it is malformed or too deep."""
        try:
            document = json.loads(self.body)
        except (ValueError, RecursionError):
            raise ServiceError(Reason.PROTOCOL, "the answer is not JSON") from None
        if _is_deep(document):
            raise ServiceError(Reason.PROTOCOL, f"the answer is JSON nested more than {_DEPTH} levels deep")
        return document


def _is_deep(document: Any) -> bool:
    """Return whether a document is nested deeper than any answer is.

    >>> _is_deep([{"a": [1]}]), _is_deep(json.loads("[" * 60 + "]" * 60))
    (False, True)
    """
    level = [document]
    for _ in range(_DEPTH):
        level = [
            each
            for node in level
            if isinstance(node, dict | list)
            for each in (node.values() if isinstance(node, dict) else node)
        ]
        if not level:
            return False
    return True


class Http:
    """An HTTP server, connected by the dialer of a target; close it with :meth:`end`."""

    def __init__(
        self,
        dialer: Dialer,
        url: str,
        user: str = "",
        password: Secret | None = None,
        name: str = "http.tls",
        *,
        accept: str = "application/json",
        most: int = BODY,
        api_key: bool = False,
    ) -> None:
        """Create a client; nothing is connected yet.

        Args:
            dialer: opens the connection.
            url: https://host:port/path; a user and a password in it take precedence.
            user: of basic authentication, "" for none.
            password: likewise.
            name: prefix of the facts about TLS.
            accept: types of the replies that are wanted.
            most: bytes of one reply.
            api_key: whether a password without a user is an API key.

        Raises:
            ServiceError: Reason.CONFIG; ``url`` is malformed.
        """
        scheme, host, port, self._path, login = _split(url)
        self._login = login or (user, password)
        # The address and mode of TLS are those of the URL, also in messages.
        target_tls = dialer.target.tls if dialer.target.tls is not TlsMode.OFF else TlsMode.VERIFY_FULL
        tls = TlsMode.OFF if scheme == "http" else target_tls
        self._target = replace(dialer.target, scheme=scheme, host=host, port=port, tls=tls)
        self._dialer = dialer
        self._name = name
        self._accept = accept
        self._most = most
        self._api_key = api_key
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    @property
    def address(self) -> str:
        """host:port."""
        return self._target.address

    @property
    def user(self) -> str:
        """User of basic authentication, "" for none."""
        return self._login[0]

    async def get(self, *paths: str) -> list[Reply]:
        """Return the replies to GET of each path, in their order. Raises ServiceError, also for failed connections."""
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
        """Request until every path has its reply; each new connection must yield at least one."""
        replies: list[Reply] = []
        while len(replies) < len(paths):
            reused, before = self._streams is not None, len(replies)
            await self._burst(paths[before:], replies)
            if not reused and len(replies) == before:
                raise EOFError
        return replies

    async def _burst(self, paths: Sequence[str], replies: list[Reply]) -> None:
        """Request all paths and append the replies that arrive before the connection closes."""
        if self._streams and unread(self._streams[0]):  # the server has taken its leave: 408 Request Timeout
            self.end()
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
        if rest or unread(reader):
            raise more_than_asked(self.address)
        return None

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        target = self._target
        tls = context(target.tls, target.ca, target.cert, target.key)
        self._streams = await self._dialer.open(
            target.host, target.port, tls, _BURST * self._most, self._name, plain=tls is None
        )
        return self._streams

    def _request(self, exchange: h11.Connection, path: str) -> bytes:
        headers = [
            ("Host", self._target.authority),
            ("Accept", self._accept),
            ("User-Agent", "parity-tui"),
            *self._authorization(),
        ]
        request = h11.Request(method="GET", target=self._path + path, headers=headers)
        return (exchange.send(request) or b"") + (exchange.send(h11.EndOfMessage()) or b"")

    def _authorization(self) -> list[tuple[str, str]]:
        """Return the header of basic authentication, or of an API key; not kept, as it holds the password."""
        user, password = self._login
        if self._api_key and not user and password:
            return [("Authorization", f"ApiKey {password.reveal()}")]
        if not user:
            return []
        credentials = f"{user}:{password.reveal() if password else ''}"
        return [("Authorization", f"Basic {in_base64(credentials)}")]

    async def _reply(self, exchange: h11.Connection, reader: asyncio.StreamReader, rest: bytes) -> Reply | None:
        """Return the next reply, None if the connection closes first."""
        status, headers, size, body, data = 0, dict[str, str](), 0, bytearray(), rest or None
        try:
            while True:
                if data is not None:
                    exchange.receive_data(data)
                match exchange.next_event():
                    case h11.NEED_DATA:
                        data = await _read(reader)
                        continue
                    case h11.Response(status_code=status) as response:
                        headers = {name.decode("ascii"): value.decode("latin-1") for name, value in response.headers}
                    case h11.Data(data=part):
                        body += part
                        size += max(len(part), _SHORTEST)
                        self._check_size(size)
                    case h11.EndOfMessage():
                        return Reply(status, bytes(body), headers)
                    case h11.ConnectionClosed():
                        return None
                data = None
        except h11.RemoteProtocolError:
            rest, ended = exchange.trailing_data
            if ended and b"HTTP/".startswith(rest[:5]):  # cut short
                return None
            raise ServiceError(Reason.WRONG_SERVICE, f"{self.address} does not speak HTTP") from None

    def _check_size(self, size: int) -> None:
        if size > self._most:
            raise ServiceError(Reason.PROTOCOL, f"{self.address} sends more than {self._most:,} bytes for one answer")

    def end(self) -> None:
        """Close the connection; the next call opens a new one."""
        if self._streams is not None:
            leave(self._streams[1].transport)
            self._streams = None


async def _read(reader: asyncio.StreamReader) -> bytes:
    """Return the next bytes, b"" at the end of the connection, however it ended."""
    await asyncio.sleep(0)  # bytes that have arrived already are returned without a pause
    try:
        return await reader.read(_PIECE)
    except ConnectionError:
        return b""


Login = tuple[str, Secret | None]
PORTS = {"http": 80, "https": 443}


def _split(url: str) -> tuple[str, str, int, str, Login | None]:
    """Return scheme, host, port, path and login of a URL; errors do not quote it, as it may hold a password.

    >>> _split("https://mq.prod:15671/rabbit/")
    ('https', 'mq.prod', 15671, '/rabbit', None)
    >>> _split("http://a:b%2Fc@[::1]")
    ('http', '::1', 80, '', ('a', Secret(•••)))
    >>> _split("http://svc/mq:15672/api")
    ('http', 'svc/mq', 15672, '/api', None)
    """
    try:
        parts = with_cluster_host(urlsplit(url))
        port = parts.port or PORTS[parts.scheme]
        parts.path.encode("ascii")
    except (ValueError, KeyError):
        port = 0
    if not port or parts.scheme not in PORTS or not parts.hostname or " " in parts.path:
        raise ServiceError(Reason.CONFIG, "the address of an HTTP API must be a URL like https://host:port")
    login = None
    if parts.username is not None:
        login = (unquote(parts.username), Secret(unquote(parts.password or "")))
    return parts.scheme, unquote(parts.hostname), port, parts.path.rstrip("/"), login

"""The connection: asyncmy speaks, over a way to the server that we watch.

asyncmy makes its connections through a loop. Given this one, it tries all addresses of a name (happy eyeballs),
is cut off from a peer that is no MySQL or sends more than any of them would, and can be dropped at once. What it
would send of a password to whoever asks is held back here unless the connection is encrypted.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from typing import Any

from asyncmy.connection import Connection
from asyncmy.constants.CLIENT import SSL

from parity_tui.model import Dialer, Reason, ServiceError, Target, TlsMode
from parity_tui.secrets import Secret
from parity_tui.services.mysql.queries import ResultRow
from parity_tui.transport.dialer import CAP, drop
from parity_tui.transport.inspecting import InspectingProtocol
from parity_tui.transport.sniff import identify_protocol

APPLICATION = "parity-tui"
PORT = 3306
_ENOUGH = 5
"""bytes that show whether a MySQL speaks"""
LONGEST_SCRAMBLE = 64
"""bytes of an answer that proves the knowledge of a password without giving it away; ed25519's is the longest"""


def is_greeting(head: bytes) -> bool:
    r"""Tell whether MySQL can begin so: a short first packet with its version of the protocol, or an error.

    >>> is_greeting(b"J\0\0\0\n8.0"), is_greeting(b"\x17\0\0\0\xff"), is_greeting(b"SSH-2.0"), is_greeting(b"220 a")
    (True, True, False, False)
    """
    return (
        len(head) >= _ENOUGH
        and 4 <= int.from_bytes(head[:3], "little") < 4096
        and head[3] == 0
        and head[4] in (10, 255)
    )


class MySQLConnection(Connection):
    """One connection, opened once."""

    # What the driver keeps and declares nowhere.
    server_version: str
    server_capabilities: int
    _client_flag: int
    _result: Any
    _secure: bool
    _ssl_context: ssl.SSLContext | None
    _transport: Any

    def __init__(self, target: Target, secret: Secret | None, dialer: Dialer) -> None:
        super().__init__(  # type: ignore[no-untyped-call]
            host=target.host,
            port=target.port or PORT,
            user=target.user,
            password=secret.reveal().encode() if secret else b"",
            database="",
            ssl=dialer.context(),
            connect_timeout=max(1, 2 * dialer.timeout),  # the caller has one for everything, and it comes first
            read_timeout=None,  # the driver's own would wait for the peer to take its leave
            autocommit=None,  # asks nothing at the start
            conv={},
            use_unicode=False,
            program_name=APPLICATION,
        )
        self.road = GuardedLoop(target.address, dialer)
        self._loop = self.road
        self._mode = target.tls
        self._where = target.address
        self._packets = 0

    @property
    def greeting(self) -> str:
        """Return the version that the server greets with, which may be a claim."""
        return self.server_version

    @property
    def secure(self) -> bool:
        """Tell whether the connection is, or was, encrypted."""
        return self._secure

    @property
    def encrypted(self) -> str:
        """Return the version of TLS in use, "TLSv1.3"; "" without."""
        found = self._transport.get_extra_info("ssl_object") if self._transport else None
        return (found.version() or "") if found else ""

    async def ask(self, statement: str) -> tuple[ResultRow, ...]:
        """Return the rows of a statement, in one round trip.

        Where transactions are not ended by themselves, this one is: it would hold back the server's cleaning.
        """
        self.road.received = 0
        await self.query(statement)  # type: ignore[no-untyped-call]
        rows: tuple[ResultRow, ...] | None = self._result.rows
        if self.get_transaction_status():
            await self.rollback()
        if rows is None:
            raise ServiceError(Reason.PROTOCOL, f"{self._where} answers a question without an answer")
        return rows

    def forget(self) -> None:
        """Keep the password no longer: there is one login."""
        self._password = b""

    def end(self) -> None:
        """Drop the connection now, without a word to the peer."""
        self.forget()
        self.road.end()
        self.close()

    async def _get_server_information(self) -> None:
        """Read the greeting; where TLS is wanted and not offered, go without it only if that is allowed."""
        await super()._get_server_information()  # type: ignore[misc]
        if self._ssl_context and not self.server_capabilities & SSL:
            if self._mode is not TlsMode.PREFER:
                raise ServiceError(Reason.TLS, f"{self._where} offers no TLS")
            self._ssl_context = None
            self._client_flag &= ~SSL

    def write_packet(self, payload: bytes) -> None:
        """Send a packet of the login, unless it would give the password away to whoever listens.

        A server may ask for it as it is, or encrypted by a key that nobody vouches for.
        """
        self._packets += 1
        plain = not self._secure and self._packets > 1 and bool(self._password)
        asked_for = payload in (b"\x01", b"\x02", self._password + b"\0")
        if plain and (asked_for or len(payload) > LONGEST_SCRAMBLE):
            raise ServiceError(Reason.TLS, f"{self._where} wants the password itself, which is only sent over TLS")
        super().write_packet(payload)


class GuardedLoop:
    """The running loop, with an eye on the connections that are made by it."""

    def __init__(self, where: str, dialer: Dialer, cap: int = CAP) -> None:
        self._dialer = dialer
        self._loop = asyncio.get_running_loop()
        self._where = where
        self._cap = cap
        self._head = b""
        self._transports: list[Any] = []
        self.received = 0
        """bytes since this was last set to 0"""
        self.problem: ServiceError | None = None
        """why the peer is none that can be talked to; found out here, since asyncmy has other words for it"""

    def __getattr__(self, name: str) -> Any:
        """Be the running loop in everything else."""
        return getattr(self._loop, name)

    async def create_connection(
        self, factory: Callable[[], Any], host: Any = None, port: Any = None, **words: Any
    ) -> tuple[Any, Any]:
        """Connect as the dialer does, to whichever address of the host answers first; or go over to TLS on a socket."""
        if host is not None:
            transport, eye = await self._dialer.connect(lambda: InspectingProtocol(factory(), self.heard), host, port)
        else:
            transport, eye = await self._loop.create_connection(
                lambda: InspectingProtocol(factory(), self.heard), **words
            )
        self._transports.append(transport)
        self._dialer.record_tls(transport)
        return transport, eye.protocol

    def heard(self, data: bytes) -> bool:
        """Look at the first that comes, and count all; tell whether to go on."""
        if len(self._head) < _ENOUGH:
            self._head += data[:8]
            if len(self._head) >= _ENOUGH and not is_greeting(self._head):
                who = identify_protocol(self._head) or "something else"
                self.problem = ServiceError(Reason.WRONG_SERVICE, f"{self._where} answers like {who}, not MySQL")
        self.received += len(data)
        if self.received > self._cap:
            self.problem = ServiceError(Reason.PROTOCOL, f"{self._where} sends more than any MySQL would")
        return self.problem is None

    def end(self) -> None:
        """Drop all connections."""
        for transport in self._transports:
            drop(transport)

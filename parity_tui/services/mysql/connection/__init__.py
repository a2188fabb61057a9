"""asyncmy's connection on a guarded event loop: through the dialer, and aborted where the peer is no MySQL.

asyncmy would send the password to any server that asks for it; here `clear_password` decides.
"""

from __future__ import annotations

import ssl
from contextlib import suppress
from typing import Any

from parity_tui.model import Dialer, FirstBytesCheck, Reason, ServiceError, Target, TlsMode
from parity_tui.secrets import Secret
from parity_tui.services.mysql.connection.conversation import MySQLConversation
from parity_tui.services.mysql.queries import ResultRow
from parity_tui.transport.errors import clear_password
from parity_tui.transport.guard import wrong_service
from parity_tui.transport.guarded_loop import GuardedLoop
from parity_tui.transport.partial_import import partial_import

_RSA = tuple(f"cryptography.hazmat.primitives.{name}" for name in ("hashes", "serialization", "asymmetric.padding"))
"""would encrypt a password without TLS, which :class:`MySQLConversation` refuses"""

with partial_import("asyncmy", *_RSA):
    from asyncmy.connection import Connection
    from asyncmy.constants.CLIENT import SSL

APPLICATION = "parity-tui"
PORT = 3306
LONGEST_SCRAMBLE = 64
"""bytes of a reply that proves knowledge of the password without revealing it; ed25519's is the longest"""
_HEADER = 5
"""bytes: length, sequence number, version of the protocol or mark of an error"""


def is_greeting(first: bytes) -> bool:
    r"""Return whether MySQL may begin like that: a short packet with the version of its protocol, or an error.

    >>> is_greeting(b"J\0\0\0\n8.0"), is_greeting(b"\x17\0\0\0\xff"), is_greeting(b"220 a"), is_greeting(b"J")
    (True, True, False, True)
    """
    if len(first) < _HEADER:
        return True
    return 4 <= int.from_bytes(first[:3], "little") < 4096 and first[3] == 0 and first[4] in (10, 255)


QUIT = b"\1\0\0\0\1"
"""the packet of COM_QUIT, to which a server does not reply"""


class MySQLLoop(GuardedLoop):
    """Event loop for asyncmy and the connection to one server."""

    def __init__(self, dialer: Dialer) -> None:
        super().__init__(dialer, "any MySQL would")
        self._conversation: MySQLConversation | None = None

    def conversation_for(self, protocol: Any) -> MySQLConversation:
        """Return the only conversation: the driver's second protocol goes on with it by TLS."""
        if self._conversation is None:
            self._conversation = MySQLConversation(self.dialer.target.address)
        else:
            self._conversation.start_tls()
        return self._conversation

    def check_for(self, protocol: Any) -> FirstBytesCheck:
        """Return the check of the greeting."""
        return lambda first: None if is_greeting(first) else wrong_service(self.dialer, first, "MySQL")


class MySQLConnection(Connection):
    """One connection, opened once."""

    # Attributes of asyncmy that its stubs lack.
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
            unix_socket=target.host if target.is_unix_socket else None,
            port=target.port or PORT,
            user=target.user,
            password=secret.reveal().encode() if secret else b"",
            database="",
            ssl=dialer.context(),
            connect_timeout=max(1, 2 * dialer.timeout),  # after the caller's deadline
            read_timeout=None,  # asyncmy's own waits for the peer to close
            autocommit=None,  # sends no statement after the login
            conv={},
            use_unicode=False,
            program_name=APPLICATION,
        )
        self._guarded_loop = MySQLLoop(dialer)
        self._loop = self._guarded_loop
        self._target = target
        self._address = target.address
        self._packets = 0
        self._logged_in = False

    @property
    def problem(self) -> ServiceError | None:
        """The check of the guard that failed; asyncmy's own error only says that the connection is gone."""
        return self._guarded_loop.problem

    @property
    def greeting(self) -> str:
        """Version in the server's greeting; forks and proxies claim another product's."""
        return self.server_version

    @property
    def secure(self) -> bool:
        """Whether the connection is, or was, encrypted."""
        return self._secure

    @property
    def encrypted(self) -> str:
        """Version of TLS in use, "TLSv1.3"; "" without."""
        return self._guarded_loop.tls

    async def ask(self, statement: str) -> tuple[ResultRow, ...]:
        """Return the rows of a statement, in one round trip.

        Without autocommit the transaction is rolled back: an open one would hold back the server's purge.
        """
        self._guarded_loop.received = 0
        await self.query(statement)  # type: ignore[no-untyped-call]
        rows: tuple[ResultRow, ...] | None = self._result.rows
        self._result = None  # it would keep the rows until the next statement
        if self.get_transaction_status():
            await self.rollback()
        if rows is None:
            raise ServiceError(Reason.PROTOCOL, f"{self._address} sent no result for a query")
        return rows

    def forget(self) -> None:
        """Forget the password after the login."""
        self._password = b""

    async def connect(self) -> Any:
        """Connect and log in."""
        result = await super().connect()
        self._logged_in = True
        return result

    def close(self) -> None:
        """Take leave, also where asyncmy gives up; before the login the server expects no command."""
        self._guarded_loop.leave(QUIT if self._logged_in else b"")
        self._logged_in = False
        super().close()

    def end(self) -> None:
        """Take leave and forget the password."""
        self.forget()
        self.close()

    async def _get_server_information(self) -> None:
        """Read the greeting; a server without TLS is accepted only where TLS is merely preferred."""
        await super()._get_server_information()  # type: ignore[misc]
        if self._ssl_context and not self.server_capabilities & SSL:
            if self._target.tls is not TlsMode.PREFER:
                raise ServiceError(Reason.TLS, f"{self._address} offers no TLS")
            self._ssl_context = None
            self._client_flag &= ~SSL

    async def _process_auth(self, plugin_name: bytes, auth_packet: Any) -> Any:
        """Log in by the method that the server asks for; decline one that fails here, for a silent end counts.

        After max_connect_errors logins that were left open the server blocks the whole host.
        """
        try:
            return await super()._process_auth(plugin_name, auth_packet)  # type: ignore[misc]
        except Exception:
            with suppress(Exception):  # the server may have ended the login itself
                super().write_packet(bytes(LONGEST_SCRAMBLE))
            raise

    def write_packet(self, payload: bytes) -> None:
        """Send a packet, unless it would reveal a password that must not be sent in clear text.

        A server may ask for the password in plain text, or encrypted with a key that is not verified.
        """
        self._packets += 1
        refusal = clear_password(self._target, encrypted=self._secure) if self._packets > 1 and self._password else None
        asked_for = payload in (b"\x01", b"\x02", self._password + b"\0")
        if refusal and (asked_for or len(payload) > LONGEST_SCRAMBLE):
            raise refusal
        super().write_packet(payload)

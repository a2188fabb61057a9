"""pymongo's connection on the dialer's: no pool, no monitor, no thread.

A client of pymongo opens sockets by itself and watches servers in the background. Its connection alone does neither:
here it gets a transport of the guarded loop, which shows it whole messages only.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping
from typing import Any

from bson.codec_options import CodecOptions, DatetimeConversion
from bson.errors import BSONError
from pymongo.asynchronous.pool import AsyncConnection, Pool
from pymongo.auth_shared import _build_credentials_tuple
from pymongo.errors import AutoReconnect, ConfigurationError, OperationFailure, PyMongoError
from pymongo.network_layer import AsyncNetworkingInterface, PyMongoProtocol
from pymongo.pool_options import PoolOptions

from parity_tui.model import Dialer, FirstBytesCheck, Reason, ServiceError, Target
from parity_tui.secrets import Secret
from parity_tui.services.mongodb.errors import UNAUTHORIZED, login_failed, login_wanted
from parity_tui.transport.conversation import Buffer, Conversation
from parity_tui.transport.errors import no_password
from parity_tui.transport.foreign import foreign
from parity_tui.transport.guard import wrong_service
from parity_tui.transport.guarded_loop import GuardedLoop

BUDGET = 4 * 1024 * 1024
"""bytes of one reply: about a thousand parameters with their details take 150,000"""
MOST = "any MongoDB has to say"

MOST_ITERATIONS = 1_000_000
"""of a password's hash; pymongo would compute any number, during which nothing else runs"""

_HEADER = struct.Struct("<iiii")
_OP_REPLY, _OP_MSG = 1, 2013
_ITERATIONS = re.compile(rb",i=(\d{1,30})")
_CODEC: CodecOptions[Mapping[str, Any]] = CodecOptions(
    document_class=dict, datetime_conversion=DatetimeConversion.DATETIME_MS, unicode_decode_error_handler="replace"
)

Document = Mapping[str, Any]


class MongoConversation(Conversation):
    """One message in reply to each; during the login its iterations are limited."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self._due = 0
        self.logged_in = False

    @property
    def idle(self) -> bool:
        """Whether no reply is due."""
        return self._due == 0

    @property
    def state(self) -> int:
        """Number of replies that are due."""
        return self._due

    @state.setter
    def state(self, state: int) -> None:
        self._due = state

    def note(self, data: bytes) -> None:
        """Expect one reply more: pymongo sends a message in one piece."""
        self._due += 1

    def check(self, data: Buffer) -> tuple[int, int]:
        """Check the header of each message, and the login's iterations."""
        at = 0
        while len(data) - at >= _HEADER.size:
            size, _, _, code = _HEADER.unpack_from(data, at)
            if code not in (_OP_MSG, _OP_REPLY):
                raise self.misunderstood(f"a message of the kind {code}")
            if not _HEADER.size < size <= BUDGET:
                raise self.misunderstood(f"a message of {size:,} bytes")
            if not self._due:
                raise self.misunderstood("a message without a request")
            if len(data) - at < size:
                return at, size
            if not self.logged_in and any(
                int(number) > MOST_ITERATIONS for number in _ITERATIONS.findall(bytes(data[at : at + size]))
            ):
                raise self.misunderstood("it demands too many iterations of the password's hash")
            self._due -= 1
            at += size
        return at, _HEADER.size


class MongoLoop(GuardedLoop):
    """Connects pymongo's protocol."""

    conversation: MongoConversation

    def check_for(self, protocol: Any) -> FirstBytesCheck | None:
        """Return the check of the first message's header."""

        def check(first: bytes) -> ServiceError | None:
            name = self.dialer.identify(first)
            whole = len(first) >= _HEADER.size
            known = name in ("", "MongoDB") and (not whole or _HEADER.unpack_from(first)[3] in (_OP_MSG, _OP_REPLY))
            return None if known else wrong_service(self.dialer, first, "MongoDB")

        return check

    def conversation_for(self, protocol: Any) -> Conversation | None:
        """Return the only conversation."""
        self.conversation = MongoConversation(self.dialer.target.address)
        return self.conversation


class MongoConnection:
    """One connection to one server."""

    def __init__(self, target: Target, loop: MongoLoop, connection: AsyncConnection) -> None:
        self._target = target
        self._loop = loop
        self._connection = connection
        self._everything: Any = {"showDetails": True, "allParameters": True}
        self.received = 0
        """bytes of the latest reply"""

    @classmethod
    async def open(cls, target: Target, dialer: Dialer, password: Secret | None) -> MongoConnection:
        """Connect and log in. Raises ServiceError."""
        options = PoolOptions(
            max_pool_size=1, appname="parity-tui", credentials=_credentials(target, password), is_sync=False
        )
        loop = MongoLoop(dialer, MOST, BUDGET)
        tls = dialer.context()
        transport, protocol = await loop.create_connection(PyMongoProtocol, target.host, target.port, ssl=tls)
        pool = Pool((target.host, target.port), options)
        interface = AsyncNetworkingInterface((transport, protocol))  # type: ignore[arg-type]
        connection = AsyncConnection(interface, pool, (target.host, target.port), 1, False)
        made = cls(target, loop, connection)
        await made._log_in(encrypted=tls is not None)
        return made

    async def _log_in(self, encrypted: bool) -> None:
        plain = self._target.options.get("authMechanism", "").upper() == "PLAIN"
        if plain and not encrypted and not self._target.is_unix_socket:
            self.end()
            words = "authMechanism PLAIN sends the password itself, and tls is off"
            raise ServiceError(Reason.TLS, f"{self._target.address} gets no login: {words}")
        greeted = False
        try:
            await self._connection.hello()
            greeted = True
            await self._connection.authenticate()
        except OperationFailure as error:
            self.end()
            raise login_failed(
                error.code or 0, str(error.details and error.details.get("errmsg")), self._target
            ) from None
        except BaseException as error:
            self.end()
            failure = self._described(error)
            if not greeted and not encrypted and isinstance(failure, ConnectionResetError):
                words = "closes the connection without an answer: perhaps it requires TLS (tls=true)"
                raise ServiceError(Reason.CLOSED, f"{self._target.address} {words}") from None
            raise failure from None
        self._loop.conversation.logged_in = True

    async def build(self) -> Document:
        """Return the reply to buildInfo."""
        return await self._ask({"buildInfo": 1})

    async def options(self) -> Document:
        """Return the reply to getCmdLineOpts, or the error document."""
        return await self._ask({"getCmdLineOpts": 1}, hidden=True)

    async def hello(self) -> Document:
        """Return the reply to hello."""
        return await self._ask({"hello" if self._connection.hello_ok else "isMaster": 1})

    async def parameters(self) -> Document:
        """Return the reply to getParameter, with details where the server has them, or the error document."""
        reply = await self._ask({"getParameter": self._everything}, hidden=True)
        if not reply.get("ok") and reply.get("code") != UNAUTHORIZED and self._everything != "*":
            self._everything = "*"
            return await self.parameters()
        return reply

    async def _ask(self, command: dict[str, Any], *, hidden: bool = False) -> Document:
        """Return the reply to a command; an error document only where it may be ``hidden``."""
        self._loop.received = 0
        try:
            reply = await self._connection.command("admin", command, codec_options=_CODEC, check=False)
        except BaseException as error:
            self.end()
            raise self._described(error) from None
        self.received = self._loop.received
        if reply.get("ok") or hidden:
            return reply
        self.end()
        if reply.get("code") == UNAUTHORIZED:
            raise login_wanted(self._target)
        raise ServiceError(Reason.SERVER, f"{self._target.address} says: {foreign(str(reply.get('errmsg')), 200)}")

    def _described(self, error: BaseException) -> BaseException:
        """Return the error of the guard, or of the peer, in place of pymongo's."""
        if self._loop.problem is not None:
            return self._loop.problem
        if isinstance(error, AutoReconnect | OSError):
            return ConnectionResetError()
        if isinstance(error, PyMongoError | BSONError | ValueError | TypeError | KeyError | RecursionError):
            text = f"{self._target.address} sent an invalid answer: {foreign(str(error), 200)}"
            return ServiceError(Reason.PROTOCOL, text)
        return error

    def end(self) -> None:
        """Close the connection without waiting for the server."""
        self._loop.leave()


def _credentials(target: Target, password: Secret | None) -> Any:
    """Return pymongo's credentials, None without a login. Raises ServiceError."""
    mechanism = target.options.get("authMechanism", "DEFAULT").upper()
    if not target.user and mechanism != "MONGODB-X509":
        return None
    secret = password.reveal() if password else ""
    if not secret and mechanism != "MONGODB-X509":
        raise no_password(target.address, target.user)
    source = target.options.get("authSource") or None
    try:
        return _build_credentials_tuple(mechanism, source, target.user or None, secret, {}, target.path or None)
    except (ConfigurationError, ValueError, TypeError) as error:
        raise ServiceError(Reason.CONFIG, f"the login cannot be used: {foreign(error)}") from None


async def srv_hosts(name: str) -> list[tuple[str, int]]:
    """Return the hosts of a name of mongodb+srv, which must be in its domain. Raises ServiceError(Reason.DNS, …)."""
    import dns.asyncresolver
    from dns.exception import DNSException

    try:
        answer = await dns.asyncresolver.resolve(f"_mongodb._tcp.{name}", "SRV")
    except DNSException as error:
        text = f"the name _mongodb._tcp.{name} has no record of the type SRV ({type(error).__name__})"
        raise ServiceError(Reason.DNS, text) from None
    records = sorted((record.priority, record.target.to_text(omit_final_dot=True), record.port) for record in answer)
    domain = name.partition(".")[2]
    if not domain or any(not host.lower().endswith(f".{domain.lower()}") for _, host, _ in records):
        raise ServiceError(Reason.DNS, f"the records of {name} lead to another domain")
    return [(host, port) for _, host, port in records]

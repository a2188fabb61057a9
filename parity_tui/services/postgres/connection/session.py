"""The login of asyncpg, and the readings by one connection."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

from msgspec.structs import replace

from parity_tui.model import Fact, Reading, Target
from parity_tui.secrets import Secret
from parity_tui.services._migrations import Candidate
from parity_tui.services.postgres.connection import TERMINATE, PostgresLoop
from parity_tui.services.postgres.connection.copy import copied, decode_row
from parity_tui.services.postgres.errors import DATABASE, NO_SUCH_DATABASE, describe_error, is_query_error
from parity_tui.services.postgres.parse import decode, parse
from parity_tui.services.postgres.queries import PLAIN, SETTINGS_ONLY, Answer, settings_only, statements, with_known
from parity_tui.services.postgres.remediation import literal
from parity_tui.transport.errors import described_errors
from parity_tui.transport.threads import in_thread_if_large

if TYPE_CHECKING:
    import ssl

    from asyncpg import Connection

APPLICATION = "parity-tui"


async def open_connection(target: Target, login: dict[str, Any], loop: Any) -> tuple[Connection[Any], tuple[str, ...]]:
    """Connect to the target's database, and return notes; without one to the user's own, as the app's client does."""
    import asyncpg

    if target.path or target.user == DATABASE:
        return await asyncpg.connect(**login, loop=loop), ()
    own = {**login, "database": target.user}
    try:
        connection = await asyncpg.connect(**login, loop=loop)
    except asyncpg.PostgresError as error:
        if error.sqlstate not in NO_SUCH_DATABASE:
            raise
        return await asyncpg.connect(**own, loop=loop), ()
    try:
        # By the simple protocol: a pooler may run each message of the extended one on another backend.
        found = await connection.execute(
            f"SELECT FROM pg_catalog.pg_database WHERE datname OPERATOR(pg_catalog.=) {literal(target.user)}"
        )
    except BaseException:
        connection.terminate()
        raise
    if found == "SELECT 0":
        note = f"the URL has no database, and {target.user} does not exist: reading {DATABASE}"
        return connection, (note,)
    loop.leave(TERMINATE)
    connection.terminate()
    return await asyncpg.connect(**own, loop=loop), ()


def login_of(target: Target, port: int, secret: Secret | None, context: ssl.SSLContext | None) -> dict[str, Any]:
    """Return the driver's arguments: all that it would otherwise take from PG… variables and files."""
    return {
        "host": target.host,
        "port": port,
        "user": target.user,
        "password": secret.reveal if secret else "",  # a function, so that the driver does not keep the text
        "database": target.path or DATABASE,
        "ssl": context or False,
        "direct_tls": False,
        "target_session_attrs": target.options.get("target_session_attrs", "any"),
        "krbsrvname": "postgres",
        "gsslib": "gssapi",
        "server_settings": {"application_name": APPLICATION},
        "statement_cache_size": 0,
        "timeout": None,  # the caller's deadline covers everything
    }


class Ledgers(Protocol):
    """The ledgers of migrations."""

    @property
    def always(self) -> bool:
        """Whether they are read even if the catalogue is unchanged."""

    async def read(self, candidates: Sequence[Candidate], standby: bool) -> dict[str, Fact]:
        """Return their facts."""


class Session:
    """One connection, its statement and the latest reading."""

    def __init__(
        self,
        connection: Connection[Any],
        target: Target,
        loop: PostgresLoop,
        ledgers: Ledgers,
        notes: tuple[str, ...] = (),
    ) -> None:
        self._notes = notes
        self._connection = connection
        self._target = target
        self._loop = loop
        major = connection.get_server_version().major
        self._statements = statements(connection.get_settings(), major, target.address)
        self._prepared: Any = None
        self._hash: int | None = None
        self._reading: Reading | None = None
        self._answer = Answer("", [])
        """the latest, without its settings"""
        self._without_ledgers = Reading("", "", {})
        self._ledgers = ledgers

    async def read(self) -> Reading:
        """Read once, in one round trip (two where ledgers are new); an equal answer returns the same object."""
        self._loop.received = 0
        with described_errors(self._loop, lambda error: describe_error(error, self._target)):
            while True:
                try:
                    return await self._read()
                except Exception as error:
                    if len(self._statements) == 1 or not is_query_error(error):
                        raise
                    del self._statements[0]
                    self._prepared = None

    async def _read(self) -> Reading:
        if self._statements[0] in (SETTINGS_ONLY, PLAIN):
            if self._prepared is None:
                self._prepared = await self._connection.prepare(self._statements[0])
            return self._parse(settings_only(await self._prepared.fetch()), pooled=False)
        received = await copied(self._connection, with_known(self._statements[0], self._hash), "binary")
        row = decode_row(received, self._target.address)
        if row.body is not None or self._reading is None:
            pooled = row.pid != self._connection.get_server_pid()
            body = row.body or b""
            self._answer, self._without_ledgers = await in_thread_if_large(len(body), self._decoded, body, pooled)
            self._hash = row.hash
        elif not (self._answer.standby and self._ledgers.always):
            return self._reading
        return await self._with_ledgers()

    async def _with_ledgers(self) -> Reading:
        """Return the reading with the ledgers of migrations, in one more round trip where they are new or changed."""
        self._loop.received = 0
        ledgers = await self._ledgers.read(self._answer.ledgers or (), bool(self._answer.standby))
        reading = self._without_ledgers
        reading = replace(reading, facts={**reading.facts, **ledgers}) if ledgers else reading
        if reading != self._reading or self._reading is None:
            self._reading = reading
        return self._reading

    def _decoded(self, body: bytes, pooled: bool) -> tuple[Answer, Reading]:
        answer = decode(body, self._target.address)
        return replace(answer, settings=[]), self._parse(answer, pooled)

    def _parse(self, answer: Answer, pooled: bool) -> Reading:
        notes = (self._target.tls.note(self._loop.tls), *(("via a pooler",) if pooled else ()), *self._notes)
        unix_socket = self._target.host.startswith("/")
        return parse(answer, self._target.user, self._target.address, notes, pooled=pooled, unix_socket=unix_socket)

"""MySQL and MariaDB, and what speaks their protocol: Percona Server, Aurora, TiDB.

Reached with asyncmy over one connection that is kept; each reading is one statement in one round trip, which reads
tables of the server's own: every global variable with where its value comes from, the databases' character sets,
the time zone in force. It names no database when it logs in, so that no right to any is needed. Nothing is ever
set, not even for our own session.

TLS is never given up silently: where it is only preferred, the reading says that there is none. A password goes
out as it is only over TLS.

Least privilege: a user without any; with SHOW DATABASES it sees the databases' character sets.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

from msgspec.structs import replace

from parity_tui.model import Dialer, Reading, ReadOnce, Reason, Service, ServiceError, Target, TlsMode
from parity_tui.services.mysql.client_config import from_client_config
from parity_tui.services.mysql.errors import is_about_the_question, refusal
from parity_tui.services.mysql.parse import parse
from parity_tui.services.mysql.queries import (
    OTHERS,
    SHOWN,
    Answer,
    ResultRow,
    VariableInfo,
    answer,
    cut,
    dialects,
    whole,
)
from parity_tui.services.mysql.remediation import remediate
from parity_tui.services.mysql.rules import RULES
from parity_tui.transport.event_loop import in_thread

if TYPE_CHECKING:
    from parity_tui.services.mysql.connection import MySQLConnection


@asynccontextmanager
async def connect(target: Target, dialer: Dialer) -> AsyncIterator[ReadOnce]:
    """Log in and give what reads; the connection is dropped at once on leaving."""
    from parity_tui.services.mysql.connection import MySQLConnection

    if not target.host or not target.user:
        lacking = "host" if not target.host else "user"
        raise ServiceError(Reason.CONFIG, f"no {lacking} is given: mysql://USER@HOST:PORT/DATABASE has one")
    wire = MySQLConnection(target, await in_thread(target.password) if target.password else None, dialer)
    try:
        with _in_words(target, wire):
            await wire.connect()
        wire.forget()
        yield Session(wire, target).read
    finally:
        wire.end()


class Session:
    """One connection, how it is asked, and what it last said."""

    def __init__(self, wire: MySQLConnection, target: Target) -> None:
        self._wire = wire
        self._target = target
        self._dialects = dialects(wire.greeting)
        self._words: dict[str, VariableInfo] = {}
        self._whole: list[str] = []
        self._told = Answer()
        self._reading: Reading | None = None

    async def read(self) -> Reading:
        """Ask once: one round trip, but where something is new. The same answer gives the very same reading."""
        with _in_words(self._target, self._wire):
            told = await self._ask()
        if self._reading is None or told != self._told:
            self._reading = parse(told, self._words, self._target, self._notes(), self._wire.greeting)
            self._told = told
        return self._reading

    async def _ask(self) -> Answer:
        """Ask in the dialect that is understood; for what never changes once, and again where a variable is new."""
        told, words = await self._ask_once(known=bool(self._words))
        if not self._words:
            self._words = words
        elif words.keys() - self._words.keys():
            told, self._words = await self._ask_once(known=False)
        return await self._uncut(told)

    async def _ask_once(self, known: bool) -> tuple[Answer, dict[str, VariableInfo]]:
        """Send the statement of the first dialect that is understood."""
        while True:
            try:
                return answer(await self._rows(known))
            except Exception as error:
                if len(self._dialects) == 1 or not is_about_the_question(error):
                    raise
                del self._dialects[0]

    async def _rows(self, known: bool) -> tuple[ResultRow, ...]:
        """Return the rows of one dialect; where variables are only shown, the rest is asked for by itself."""
        if self._dialects[0] is not SHOWN:
            return await self._wire.ask(self._dialects[0](not known, self._whole))
        rows = await self._wire.ask(SHOWN(False, ()))
        try:
            return (*rows, *await self._wire.ask(OTHERS))
        except Exception as error:
            if not is_about_the_question(error):
                raise
            return rows

    async def _uncut(self, told: Answer) -> Answer:
        """Return the answer with whole values: what may be cut is read by itself, from then on with all the rest."""
        lacking = [name for name in cut(told) if name not in self._whole or self._dialects[0] is SHOWN]
        if not lacking:
            return told
        try:
            rows = await self._wire.ask(whole(lacking))
        except Exception as error:
            if not is_about_the_question(error):
                raise
            return told
        self._whole = sorted({*self._whole, *lacking})
        values = {(row[1] or b"").decode(): row[2] for row in rows if len(row) > 2}
        return replace(
            told,
            variables=tuple(
                replace(each, value=(values[each.name] or b"").decode(errors="surrogateescape"))
                if each.name in values
                else each
                for each in told.variables
            ),
        )

    def _notes(self) -> tuple[str, ...]:
        """Return what a person should know of the connection."""
        checks = {TlsMode.VERIFY_FULL: "", TlsMode.VERIFY_CA: ", host name not verified"}.get(
            self._target.tls, ", not verified"
        )
        version = self._wire.encrypted
        return (version.replace("TLSv", "TLS ") + checks if version else "no TLS",)


@contextmanager
def _in_words(target: Target, wire: MySQLConnection) -> Iterator[None]:
    """Raise a ServiceError instead of what asyncmy raises, where there is more to say than that it failed."""
    try:
        yield
    except ServiceError:
        raise
    except Exception as error:
        raise wire.road.problem or refusal(error, target, wire.secure) from error


SERVICE = Service(
    title="MySQL / MariaDB",
    schemes=("mysql", "mariadb"),
    connect=connect,
    privilege="CREATE USER parity@'%' IDENTIFIED BY '…' REQUIRE SSL WITH MAX_USER_CONNECTIONS 5;",
    rules=RULES,
    client_config=from_client_config,
    port=3306,
    tls=TlsMode.PREFER,
    ignored_options=(
        "charset", "collation", "use_unicode", "unix_socket", "connect_timeout", "read_timeout", "write_timeout",
        "init_command", "sql_mode", "autocommit", "local_infile", "parseTime", "loc", "timeout", "readTimeout",
        "writeTimeout", "multiStatements", "allowNativePasswords", "interpolateParams", "useUnicode",
        "characterEncoding", "serverTimezone", "zeroDateTimeBehavior", "allowPublicKeyRetrieval",
        "useLegacyDatetimeCode", "pool", "pool_size", "max_overflow", "pool_timeout", "pool_recycle", "reconnect",
        "encoding", "connection_limit", "conn_max_age", "socket_timeout", "binary_prefix", "auth_plugin_map",
        "program_name",
    ),
    release=2,
    remediate=remediate,
)  # fmt: skip

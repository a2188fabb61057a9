"""Follows the readings of a hub: at first all, then those that notifications announce."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from parity_tui.history.faults import StoreError
from parity_tui.history.hub.connection import CHANNEL, LOGIN_PAUSE, LoginError, connect, described
from parity_tui.history.hub.readings import NOTE, Kept, decoded, header, under_one_key
from parity_tui.history.record import ServerKey
from parity_tui.history.store import schema
from parity_tui.model import Outcome, Target
from parity_tui.snapshot.codec import DamagedError
from parity_tui.snapshot.document import Snapshot

if TYPE_CHECKING:
    from asyncpg import Connection

POLL = 30.0
"""seconds after which the hub is asked without a notification"""
PAUSE = 0.5
"""seconds between two questions: notifications may be many"""
_FIRST_DELAY, _LONGEST_DELAY = 1.0, 10.0
_TIMEOUT = 10.0
_SETTINGS = {"statement_timeout": "8s", "default_transaction_read_only": "on"}

_NOTES = "SELECT name, value FROM meta WHERE name IN ('schema', $1)"
_CHANGED = """SELECT server.id, environment, service, node, at, pg_catalog.md5(contents) FROM reading
    JOIN server ON server.id = reading.server ORDER BY server.id"""
_CONTENTS = "SELECT schema_number, contents FROM reading WHERE server = $1"


class Follower:
    """Reads what others read, with the rights of a reader."""

    def __init__(self, target: Target) -> None:
        self.name = f"the hub {target.address}"
        self.problem = ""
        """why the readings are old, in words; "" while all is well"""
        self.board: Snapshot | None = None
        """environments and services of the first answer, without readings"""
        self.changed = False
        """whether they are others meanwhile"""
        self.paused = False
        self._target = target
        self._wake = asyncio.Event()
        self._known: dict[ServerKey, tuple[str, Kept]] = {}
        """the hash of its contents, and what they are"""
        self._shown: dict[ServerKey, Outcome] = {}
        self._note = ""
        self._damaged = ""

    def wake(self) -> None:
        """Ask the hub now."""
        self._wake.set()

    async def run(self, show: Callable[[Sequence[Outcome]], None]) -> None:
        """Show the outcomes that are new, again and again; goes on while the hub is away."""
        delay = _FIRST_DELAY
        while True:
            try:
                connection = await connect(self._target, _SETTINGS)
                try:
                    await self._follow(connection, show)
                finally:
                    connection.terminate()
            except StoreError as error:
                self.problem = str(error)
                delay = LOGIN_PAUSE if isinstance(error, LoginError) else delay
            except Exception as error:
                self.problem = str(described(error, self._target))
                delay = _FIRST_DELAY
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), delay)
            self._wake.clear()
            delay = min(2 * delay, _LONGEST_DELAY)

    async def load(self) -> Snapshot:
        """Return the board as it is now. Raises StoreError."""
        connection = await connect(self._target, _SETTINGS)
        try:
            outcomes = {_key(outcome): outcome for outcome in await self._fetch(connection)}
        except Exception as error:
            raise described(error, self._target) from None
        finally:
            connection.terminate()
        assert self.board is not None  # noqa: S101 - set by the answer
        kept = tuple(outcomes.get(_key(outcome), outcome) for outcome in self.board.outcomes)
        return replace(self.board, outcomes=kept, taken_at=time.time())

    async def _follow(self, connection: Connection[Any], show: Callable[[Sequence[Outcome]], None]) -> None:
        connection.add_termination_listener(lambda _: self.wake())
        await connection.add_listener(CHANNEL, lambda *_: self.wake())
        while True:
            if not self.paused:
                async with asyncio.timeout(_TIMEOUT):
                    outcomes = await self._fetch(connection)
                self.problem = self._damaged
                if outcomes:
                    show(outcomes)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), POLL)
            await asyncio.sleep(PAUSE)
            self._wake.clear()

    async def _fetch(self, connection: Connection[Any]) -> list[Outcome]:
        """Return the outcomes that differ from those of the last answer."""
        self._damaged = ""
        notes = {row["name"]: row["value"] for row in await connection.fetch(_NOTES, NOTE)}
        number = notes.get("schema", "")
        schema.check(int(number) if number.isdecimal() else 0, f"the history of {self.name}")
        self._take_note(notes.get(NOTE, ""))
        rows = await connection.fetch(_CHANGED)
        for server, environment, service, node, at, digest in rows:
            await self._take(connection, server, (environment, service, node), at, digest)
        present = {(row[1], row[2], row[3]) for row in rows}
        self._known = {key: value for key, value in self._known.items() if key in present}
        outcomes = {_key(outcome): outcome for outcome in under_one_key(kept for _, kept in self._known.values())}
        expected = {_key(outcome) for outcome in self.board.outcomes} if self.board else set()
        new = [one for key, one in outcomes.items() if key in expected and one != self._shown.get(key)]
        self._shown = outcomes
        return new

    async def _take(self, connection: Connection[Any], id_: int, key: ServerKey, at: float, digest: str) -> None:
        known = self._known.get(key)
        if known is None or known[0] != digest:
            row = await connection.fetchrow(_CONTENTS, id_)
            if row is None:
                return
            try:
                known = digest, decoded(key, at, row[0], row[1], self._target.address)
            except DamagedError as error:
                self._damaged = f"{self.name}: the reading of {' '.join(filter(None, key))} is damaged: {error}"
                return
        digest, kept = known
        self._known[key] = digest, replace(kept, outcome=replace(kept.outcome, at=at if kept.outcome.reading else 0.0))

    def _take_note(self, note: str) -> None:
        if self.board is None:
            self.board, self._note = header(note, self._target.address), note
        self.changed = note != self._note


def _key(outcome: Outcome) -> ServerKey:
    return outcome.target.environment, outcome.target.service, outcome.target.node

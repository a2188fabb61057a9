"""The latest readings in a hub: written by a watcher, or by boards where none runs; decoded for `parity-tui open`."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Set
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from parity_tui.drift.board import Board
from parity_tui.history.faults import Fault, StoreError
from parity_tui.history.record import ServerKey
from parity_tui.model import Failure, Outcome, Reading, Reason
from parity_tui.secrets import key_id
from parity_tui.snapshot.codec import DamagedError, decode_outcome, encode_outcome, has_secrets, with_other_key
from parity_tui.snapshot.document import Snapshot, of_data, snapshot_of, to_text
from parity_tui.snapshot.layout import NotJSONError, parsed

if TYPE_CHECKING:
    from parity_tui.history.store.store import Store

SCHEMA = 1
"""of the contents of a row"""
NOTE = "board"
"""name of the note with the environments, services and expectations, as a snapshot without readings"""

_UNREAD = Failure(Reason.CLOSED, "the hub has no reading of it")

Row = tuple[float, str | None]
"""when a server was last read or tried, and its contents; None: they are unchanged"""


class Publisher:
    """Finds the rows to write: events at once, values that change all the time with the next sign of life."""

    def __init__(self, *, whole: bool) -> None:
        """Create a publisher that has written nothing.

        ``whole``: whether it reads all targets of its configuration, so that its environments count.
        """
        self._whole = whole
        self._written: dict[ServerKey, tuple[Reading | None, Failure | None]] = {}
        self._note = ""
        self.mixed = False
        """whether a process of another configuration has written its board since"""

    def publish(self, store: Store, board: Board, now: float, moved: Set[ServerKey] | None = None) -> None:
        """Store what is due. Raises StoreError.

        Args:
            store: of the hub.
            board: the latest.
            now: the time, for servers without any reading, in seconds since the epoch.
            moved: servers with events; new ones, and those that fail or recover, are stored as well. None: a sign of
                life is due, so that all servers are stored.
        """
        outcomes = {_key(outcome): outcome for outcome in board.servers() if not outcome.pending}
        rows = {
            key: self._row(key, outcome, now) for key, outcome in outcomes.items() if self._is_due(key, outcome, moved)
        }
        self.mixed = moved is None and bool(self._note) and store.note(NOTE) != self._note
        note = _header(board) if self._whole and board.complete else self._note
        notes = {NOTE: note} if note != self._note else {}
        if rows or notes:
            store.publish(rows, notes, SCHEMA)
        self._written |= {key: (outcomes[key].reading, outcomes[key].failure) for key in rows}
        self._note = note

    def _is_due(self, key: ServerKey, outcome: Outcome, moved: Set[ServerKey] | None) -> bool:
        if moved is None or key not in self._written:
            return True
        reading, failure = self._written[key]
        return outcome.failure != failure or (key in moved and outcome.reading is not reading)

    def _row(self, key: ServerKey, outcome: Outcome, now: float) -> Row:
        reading, failure = self._written.get(key, (None, None))
        unchanged = outcome.reading is reading and outcome.failure == failure
        return outcome.at or now, None if unchanged else contents(outcome)

    def forget(self) -> None:
        """Write everything again: the hub is another one, or has the rows of others."""
        self._written.clear()
        self._note = ""


def contents(outcome: Outcome) -> str:
    """Return the text of a row; the time of the reading is beside it."""
    key = key_id() if has_secrets([outcome]) else ""
    return json.dumps({"key": key, **encode_outcome(replace(outcome, at=0.0))}, separators=(",", ":"))


def _header(board: Board) -> str:
    """Return the same text for all observers of one configuration."""
    snapshot = snapshot_of(board, 0.0, "", "")
    outcomes = (replace(each, reading=None, failure=_UNREAD, at=0.0, failed_since=0.0) for each in snapshot.outcomes)
    return to_text(replace(snapshot, outcomes=tuple(outcomes), program="", key=""))


def _key(outcome: Outcome) -> ServerKey:
    return outcome.target.environment, outcome.target.service, outcome.target.node


class Kept(Struct, frozen=True):
    """The outcome of one server, and the key of its fingerprints."""

    outcome: Outcome
    key: str


def decoded(server: ServerKey, at: float, schema: int, text: str, name: str) -> Kept:
    """Return the outcome of a row. Raises DamagedError."""
    environment, service, node = server
    if schema > SCHEMA:
        raise DamagedError("a newer parity-tui has written it")
    try:
        data = parsed(text.encode("utf-8", "replace"))
    except NotJSONError as error:
        raise DamagedError(str(error)) from None
    if not isinstance(data, dict) or not isinstance(data.get("key"), str):
        raise DamagedError("it is no reading")
    return Kept(decode_outcome(data, environment, service, node, snapshot=name, at=at), data["key"][:40])


def header(text: str, name: str) -> Snapshot:
    """Return the board of a note, without readings. Raises StoreError."""
    if not text:
        raise StoreError(Fault.UNAVAILABLE, f"{name} has no readings yet: a watcher or a board writes them")
    try:
        return of_data(parsed(text.encode("utf-8", "replace")), name)
    except (NotJSONError, DamagedError) as error:
        raise StoreError(Fault.DAMAGED, f"{name} has no board that can be shown: {error}") from None


def under_one_key(kept: Iterable[Kept]) -> Iterator[Outcome]:
    """Yield the outcomes; secrets with the fingerprints of another key than most are unknown."""
    every = list(kept)
    keys = Counter(each.key for each in every if each.key)
    main = keys.most_common(1)[0][0] if keys else ""
    for each in every:
        yield each.outcome if each.key in ("", main) else with_other_key(each.outcome)

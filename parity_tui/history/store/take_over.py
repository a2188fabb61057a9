"""Fills an empty store with a history that was kept elsewhere: in lines of JSON, or in the memory of a board."""

from __future__ import annotations

from collections.abc import Iterator

from parity_tui.drift.changes import ChangeKind, TimedChange
from parity_tui.history.record import ServerKey
from parity_tui.history.state import HistoryState
from parity_tui.history.store.database import Database, Value
from parity_tui.history.store.merge import EVENT, OPEN_OUTAGE, STATE, Servers
from parity_tui.history.store.schema import ADDRESS, INSTANCE, VALUE, WITHHELD, set_note

Movers = dict[tuple[ServerKey, str], tuple[int, TimedChange]]
"""server and setting -> the event that moved it last"""


def seed(database: Database, state: HistoryState) -> None:
    """Store the events and the state of a history; call it in a transaction, on empty tables."""
    ids = Servers(database)
    events = [(ids.id_of(timed.change.server), timed) for timed in state.changes]
    database.execute(EVENT, [_event_row(seq, *event) for seq, event in enumerate(events, 1)])
    movers: Movers = {}
    failed: dict[ServerKey, int] = {}
    for seq, timed in enumerate(state.changes, 1):
        if timed.change.kind is ChangeKind.FAILED:
            failed[timed.change.server] = seq
        elif _moves(timed):
            movers[timed.change.server, timed.change.setting] = seq, timed
    servers = {*state.values, *state.confirmed, *state.outages, *state.withheld}
    for server in sorted(servers):
        id_ = ids.id_of(server)
        row = (state.confirmed.get(server), state.programs.get(server, ""), id_)
        database.execute("UPDATE server SET seen = ?, program = ? WHERE id = ?", [row])
        database.execute(STATE, _state_rows(id_, server, state, movers))
        if outage := state.outages.get(server):
            failure = outage.failure
            values = (id_, outage.began, outage.seen, failure.reason.value, failure.message, failed.get(server, 0))
            database.execute(OPEN_OUTAGE, [values])
    if state.broken:
        set_note(database, "skipped lines", str(state.broken))


def _moves(timed: TimedChange) -> bool:
    change = timed.change
    return change.before != change.after and change.kind not in (ChangeKind.ADDRESS, ChangeKind.RECOVERED)


def _event_row(seq: int, server: int, timed: TimedChange) -> tuple[Value, ...]:
    change = timed.change
    return (
        seq, server, timed.at, change.kind.value, change.severity.value, change.setting, change.before, change.after,
        timed.since, change.instance, change.reason, change.message, change.seconds,
    )  # fmt: skip


def _state_rows(id_: int, server: ServerKey, state: HistoryState, movers: Movers) -> Iterator[tuple[Value, ...]]:
    at = state.confirmed.get(server, 0.0)
    values: dict[str, str | None] = {
        setting: None
        for (owner, setting), (_, timed) in movers.items()
        if owner == server and timed.change.kind is ChangeKind.VANISHED
    }
    values.update(state.values.get(server, {}))
    for setting, value in values.items():
        seq, timed = movers.get((server, setting), (None, None))
        yield id_, VALUE, setting, value, timed.at if timed else at, seq
    for name in state.withheld.get(server, ()):
        yield id_, WITHHELD, name, "", at, None
    for (owner, name), address in state.addresses.items():
        if owner == server:
            yield id_, ADDRESS, name, address, at, None
    if server in state.instances:
        yield id_, INSTANCE, "", state.instances[server], at, None

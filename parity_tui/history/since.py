"""Since when a setting differs: its latest recorded change, where the history is up to date."""

from __future__ import annotations

from msgspec.structs import replace

from parity_tui.drift.board import Board, Section
from parity_tui.drift.changes import VERSION, ChangeKind, TimedChange
from parity_tui.drift.changes.values import fact_of
from parity_tui.drift.row import Row
from parity_tui.drift.values import display_text, printable
from parity_tui.history.record import truncate
from parity_tui.history.server_values import is_recorded
from parity_tui.history.state import HistoryState
from parity_tui.model import Outcome, State

RowKey = tuple[str, str]
"""service and setting"""


def last_changes(state: HistoryState, board: Board) -> dict[RowKey, TimedChange]:
    """Return the latest change of each listed setting, unless its present values are not those of the history."""
    latest: dict[RowKey, TimedChange] = {}
    for timed in state.changes:
        change = timed.change
        moved = change.before != change.after and change.kind is not ChangeKind.ADDRESS and not change.kind.outage
        if moved and change.environment in board.environments:
            latest[change.service, VERSION if change.restarted else change.setting] = timed
    return {
        key: latest[key]
        for section in board.sections
        for row in section.rows
        if row.listed and (key := (section.service, printable(row.setting))) in latest
        if _is_current(state, section, row)
    }


def _is_current(state: HistoryState, section: Section, row: Row) -> bool:
    """Return whether the history has the present value of every server that answers."""
    servers = [server for outcome in section.outcomes if outcome for server in outcome.nodes or (outcome,)]
    return all(_is_recorded(state, server, row) for server in servers if server.reading and not server.failure)


def _is_recorded(state: HistoryState, server: Outcome, row: Row) -> bool:
    target = server.target
    if server.reading is None or (row.kind != target.kind and row.setting != "product"):
        return True
    fact = fact_of(server.reading, row.setting)
    if fact.state not in (State.VALUE, State.ABSENT):
        return True
    recorded = state.values.get((target.environment, target.service, target.node), {}).get(printable(row.setting))
    return is_recorded(
        row.rule, recorded, truncate(display_text(fact, row.rule)) if fact.state is State.VALUE else None
    )


def dated(state: HistoryState, board: Board) -> Board:
    """Return the board with the begins of the outages that the history knows."""
    return board.with_outcomes(
        replace(server, failed_since=outage.began)
        for server in board.servers()
        if server.failure is not None and server.target.problem is None
        if (outage := state.outages.get((server.target.environment, server.target.service, server.target.node)))
    )

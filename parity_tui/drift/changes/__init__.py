"""Events from one board to the next: changed values, deploys, restarts, outages, names that lead elsewhere.

:class:`Change` is one event, :class:`TimedChange` the event with its time; :func:`changes` finds those between two
boards, :func:`folded` makes one of a flapping server. `Change.subject` and `TimedChange.words` are its words.
"""

from __future__ import annotations

from collections.abc import Iterator

from parity_tui.drift.board import Board, Section
from parity_tui.drift.changes.change import VERSION, Change, ChangeKind, TimedChange
from parity_tui.drift.changes.flapping import folded
from parity_tui.drift.changes.servers import server_changes
from parity_tui.drift.changes.values import server_pairs, value_changes
from parity_tui.model import Outcome, TargetKey, target_key

__all__ = ["VERSION", "Change", "ChangeKind", "TimedChange", "changes", "folded", "of_servers"]


def changes(before: Board, after: Board) -> list[Change]:
    """Return the events between two boards: those of servers, and every known value that differs.

    Ignored settings are omitted unless their rule has `notify` (the role of a server). Boards of different servers
    have no changes. The first outcome of a target is no event.
    """
    found: list[Change] = []
    for old, new in _section_pairs(before, after):
        if old is new:
            continue
        events = list(_of_section(old, new))
        found += events
        if old.rows is not new.rows:
            restarted = {event.server for event in events if event.restarted}
            values = value_changes(old, new, after.policy.ancestry)
            found += (change for change in values if change.setting != VERSION or change.server not in restarted)
    return found


def of_servers(before: Board, after: Board) -> list[Change]:
    """Return only the restarts, outages and new addresses between two boards."""
    return [change for old, new in _section_pairs(before, after) for change in _of_section(old, new)]


def _of_section(before: Section, after: Section) -> Iterator[Change]:
    for old, new in server_pairs(before, after):
        yield from server_changes(old, new)


def _section_pairs(before: Board, after: Board) -> Iterator[tuple[Section, Section]]:
    """Return each section before and after, none if the boards are not of the same servers."""
    if before.environments != after.environments or len(before.sections) != len(after.sections):
        return iter(())
    pairs = list(zip(before.sections, after.sections, strict=True))
    return iter(pairs) if all(_same_servers(old, new) for old, new in pairs if old is not new) else iter(())


def _same_servers(before: Section, after: Section) -> bool:
    """Return whether sections have outcomes of the same servers; those that are the same objects need no look."""
    pairs = [pair for pair in zip(before.outcomes, after.outcomes, strict=True) if pair[0] is not pair[1]]
    return before.service == after.service and all(_server_keys(old) == _server_keys(new) for old, new in pairs)


def _server_keys(outcome: Outcome | None) -> list[TargetKey]:
    return [target_key(server.target) for server in outcome.nodes or (outcome,)] if outcome else []

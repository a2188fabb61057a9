"""When a comparison may be called parity: the one rule for exit codes, marks, reports and the board."""

from __future__ import annotations

from parity_tui.drift.board import Board, Section
from parity_tui.model import Outcome


def proved(board: Board) -> bool:
    """Return whether parity is proved but for drift that is listed: every section is proved, and nothing is left out.

    A board without drift is in parity only if this holds.
    """
    comparable = len(board.environments) > 1 and bool(board.sections) and not board.left_out
    return comparable and all(map(section_proved, board.sections))


def section_proved(section: Section) -> bool:
    """Return whether all servers of a service were read, and all settings that matter were compared or expected."""
    return (
        len(section.outcomes) > 1
        and all(map(_read, section.outcomes))
        and not section.rows.counts.unknown
        and section.rows.compared > 0
    )


def unread(section: Section) -> str:
    """Return how many servers could not be read, in words; "" if all were.

    An environment with several nodes counts each of them.
    """
    servers = [server for outcome in section.outcomes if outcome for server in outcome.nodes or (outcome,)]
    missing = sum(server.failure is not None for server in servers)
    what = "nodes" if any(outcome and outcome.nodes for outcome in section.outcomes) else "environments"
    return f"{missing} of {len(servers)} {what} failed" if missing else ""


def _read(outcome: Outcome | None) -> bool:
    """Return whether a target, with all its nodes, was read; an environment without the service has no target."""
    if outcome is None:
        return True
    return not outcome.pending and not any(server.failure for server in (outcome, *outcome.nodes))

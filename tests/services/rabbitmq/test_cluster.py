"""A node of a cluster that dies and returns, in recorded answers."""

from __future__ import annotations

from typing import Any

from parity_tui.drift.board import Board
from parity_tui.drift.changes import changes
from parity_tui.drift.policy import Policy
from parity_tui.model import Outcome, Verdict
from parity_tui.services import kinds
from tests.builders import target
from tests.services.rabbitmq.builders import parsed
from tests.services.rabbitmq.test_parse import NODE

CLUSTER = target("production", kind="rabbitmq")
NODES = [{**NODE, "name": f"rabbit@{name}", "os_pid": name, "mem_limit": 1000} for name in "abc"]
ODD = {**NODES[2], "mem_limit": 2000}
STOPPED = {"name": "rabbit@c", "running": False}


def after(board: Board, *nodes: dict[str, Any]) -> Board:
    return board.with_outcomes([Outcome(CLUSTER, parsed(*nodes), at=1.0)])


def test_node_that_dies_and_returns_is_two_events() -> None:
    """L3: no setting moves, and the difference of the odd node is not mended."""
    empty = Board.of(["production"], [CLUSTER], kinds(), Policy())
    whole = after(empty, *NODES[:2], ODD)
    dead = after(whole, *NODES[:2], STOPPED)
    again = after(dead, *NODES[:2], ODD)
    for before, later, event in ((whole, dead, "none → rabbit@c"), (dead, again, "rabbit@c → none")):
        (change,) = changes(before, later)
        assert (change.setting, change.transition) == ("stopped_nodes", event)
    (row,) = [row for row in dead.sections[0].rows if "mem_limit" in row.members]
    assert (row.verdict, row.listed) == (Verdict.UNKNOWN, True)

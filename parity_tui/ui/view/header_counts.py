"""The content of the header: how outliers are determined, how much differs, how the board is read and shown."""

from __future__ import annotations

from msgspec import Struct

from parity_tui.drift.board import Board
from parity_tui.drift.parity import proved
from parity_tui.drift.values import printable
from parity_tui.ui.view import labels
from parity_tui.ui.view.source_control import SourceControl
from parity_tui.ui.view.visible_lines import View


class HeaderCounts(Struct, frozen=True):
    """Everything that the header shows, as text and numbers."""

    comparison: str = ""
    """how outliers are determined, "" for one environment alone"""
    against: bool = False
    """whether a baseline is compared with, which is named at every width"""
    counts: tuple[tuple[str, int, str], ...] = ()
    """name of the symbol, count, the count in words; zeros are left out"""
    single: bool = False
    """one environment alone: nothing is compared"""
    equal: bool = False
    """everything was read and nothing differs"""
    limits: tuple[str, ...] = ()
    """what limits the view: "all rows", "filter: zone" """
    progress: str = ""
    """how many targets have been read once, "" if all have"""
    interval: float = 0.0
    """seconds between two readings"""
    watched: str = ""
    """whether a watcher keeps the history complete, "" without a history"""
    paused: bool = False
    offline: bool = False
    """no server is asked: the board is made of snapshots"""
    shared: bool = False
    """another process reads the servers"""
    stopped: bool = False
    """reading has ended with an error"""


def header_counts(
    board: Board, view: View, control: SourceControl, watched: str = "", *, shared: bool = False
) -> HeaderCounts:
    """Return the content of the header for a board under a view."""
    counts = tuple(labels.counts(board.summary))
    single = len(board.environments) < 2
    return HeaderCounts(
        comparison="" if single else printable(labels.comparison(board)),
        against=bool(board.policy.baseline),
        counts=counts,
        single=single,
        equal=not single and not counts and proved(board),
        limits=tuple(_limits(view)),
        progress=labels.progress(board),
        interval=control.source.interval,
        watched=watched,
        paused=control.paused,
        offline=labels.is_offline(board) and not shared,
        shared=shared,
        stopped=control.stopped,
    )


def _limits(view: View) -> list[str]:
    if view.text:
        return [f"filter: {printable(view.text)}"]
    return list(filter(None, ("all rows" if view.everything else "", labels.LEAST[view.least])))

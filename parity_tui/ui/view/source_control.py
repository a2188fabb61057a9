"""The user's control of the source of boards: pausing, and the chosen baseline."""

from __future__ import annotations

from parity_tui.drift.board import Board
from parity_tui.ui.protocols import BoardSource


class SourceControl:
    """A source of boards, how it is being read, and the baseline chosen by the user."""

    def __init__(self, source: BoardSource, board: Board) -> None:
        self.source = source
        self.paused = False
        self.stopped = False
        """reading has ended with an error"""
        self.baseline = self._configured = board.policy.baseline

    @property
    def reading(self) -> bool:
        """Whether servers are being read."""
        return not (self.paused or self.stopped)

    def replace(self, source: BoardSource, board: Board) -> None:
        """Control another source; a baseline chosen by the user stays if the board has it."""
        chosen = self.baseline != self._configured
        self.source = source
        self.paused = self.stopped = False
        self._configured = board.policy.baseline
        if chosen and self.baseline in (*board.environments, ""):
            source.set_baseline(self.baseline)
        else:
            self.baseline = board.policy.baseline

    def toggle_pause(self) -> None:
        """Stop or resume reading."""
        self.paused = not self.paused
        self.source.pause(self.paused)

    def next_baseline(self, environments: tuple[str, ...]) -> None:
        """Compare with the next environment, after the last one with none."""
        order = (*environments, "")
        index = order.index(self.baseline) if self.baseline in order else -1
        self.baseline = order[(index + 1) % len(order)]
        self.source.set_baseline(self.baseline)

"""Grades a board in parts: comparing many targets takes long, and keys come first."""

from __future__ import annotations

from collections.abc import Iterator

from parity_tui.drift.board import Board
from parity_tui.drift.grades import Grader, Grades

_PER_PART = 8
"""comparisons of one service of two environments"""


class Grading:
    """The grades of the latest board; those before stay until the new ones are complete."""

    def __init__(self) -> None:
        self.grades = Grades()
        self._grader = Grader()
        self._steps: Iterator[Grades] | None = None

    def begin(self, board: Board) -> None:
        """Grade a board; one that is not read yet has no letters."""
        if not board.complete:
            self.grades, self._steps = Grades(), None
        else:
            self._steps = self._grader.steps(board)

    def advance(self) -> bool:
        """Do a part of the work; return whether it is complete."""
        if self._steps is None:
            return True
        before = self._grader.comparisons
        for grades in self._steps:
            last = grades
            if self._grader.comparisons - before >= _PER_PART:
                return False
        self.grades, self._steps = last, None
        return True

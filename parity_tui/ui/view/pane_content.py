"""Facts about the content of panes: which ones equal the baseline, and how wide their texts are."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice, takewhile
from operator import attrgetter

from rich.cells import cell_len

from parity_tui.drift.board import Board
from parity_tui.drift.mark_counts import count_marks
from parity_tui.ui.view.visible_lines import has_failed

_COUNTS = 8
"""cells for the counts behind a release"""
_MEASURED = 50
"""rows of a service that are measured"""


def equal_environments(board: Board) -> frozenset[int]:
    """Return the indexes of the environments in which everything was read and nothing differs or is unknown."""
    different: set[str] = set()
    for section in board.sections:
        marks = count_marks(section.rows, board.environments)
        different.update(name for name, counts in marks.items() if counts)
        for name, outcome in zip(board.environments, section.outcomes, strict=True):
            if outcome and (outcome.pending or has_failed(outcome)):
                different.add(name)
    return frozenset(index for index, name in enumerate(board.environments) if name not in different)


def longest_texts(board: Board) -> Sequence[int]:
    """Return the cells of the longest text of each environment: releases, and the first listed rows of each service."""
    longest = [0] * len(board.environments)
    for section in board.sections:
        for index, outcome in enumerate(section.outcomes):
            if outcome and outcome.reading:
                release = f"{outcome.reading.product} {outcome.reading.version}"
                longest[index] = max(longest[index], cell_len(release) + _COUNTS)
        for row in islice(takewhile(attrgetter("listed"), section.rows), _MEASURED):
            for index in range(len(row.cells)):
                longest[index] = max(longest[index], cell_len(row.text(index)))
    return longest

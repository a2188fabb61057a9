"""Facts about the content of panes: which ones equal the baseline, and how wide their texts are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import islice, takewhile
from operator import attrgetter

from rich.cells import cell_len

from parity_tui.drift.board import Board
from parity_tui.drift.mark_counts import count_marks, marked
from parity_tui.drift.row import ALARMS, Row
from parity_tui.model import Verdict
from parity_tui.ui.view.visible_lines import has_failed

_COUNTS = 8
"""cells for the counts behind a release"""
_MEASURED = 50
"""rows of a service that are measured"""


def equal_environments(board: Board) -> frozenset[int]:
    """Return the indexes of the environments in which everything was read and nothing differs or is unknown.

    An alarm stands even where all environments agree: it makes no difference between those of one value.
    """
    different: set[str] = set()
    for section in board.sections:
        marks = count_marks(section.rows, board.environments)
        listed = takewhile(attrgetter("listed"), section.rows)
        alarms = [row for row in listed if row.setting in ALARMS and row.verdict is Verdict.DRIFT]
        common = Counter(name for row in alarms for name in _agreeing(row, board))
        different.update(name for name, counts in marks.items() if sum(counts.values()) > common[name])
        for name, outcome in zip(board.environments, section.outcomes, strict=True):
            if outcome and (outcome.pending or has_failed(outcome)):
                different.add(name)
    return frozenset(index for index, name in enumerate(board.environments) if name not in different)


def _agreeing(row: Row, board: Board) -> list[str]:
    """Return the environments that a row marks with the value of the baseline or, without one, of the majority."""
    names, texts = board.environments, [row.text(index) for index in range(len(row.cells))]
    baseline = board.policy.baseline
    (text, count), *_ = Counter(texts).most_common(1) or [("", 0)]
    if baseline in names:
        text = texts[names.index(baseline)]
    elif count * 2 <= len(texts):
        return []
    return [name for name in marked(row, names) if texts[names.index(name)] == text]


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

"""The exit codes of the program."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from parity_tui.config import Config
    from parity_tui.drift.board import Board
    from parity_tui.drift.golden import Comparison

FAIL_ON = "warning"
"""the least severity that counts as drift where nothing else is asked for"""


class Exit(IntEnum):
    """An exit code."""

    PARITY = 0
    DRIFT = 1
    """at or above --fail-on"""
    USAGE = 2
    """wrong usage or configuration"""
    UNKNOWN = 3
    """no such drift, but something could not be read, or there was nothing to compare"""
    FAULT = 70
    """an error in our own code; a log is written"""
    UNWRITTEN = 74
    """stdout cannot be written: a full disk, for example"""
    HUNG_UP = 129
    INTERRUPTED = 130
    BROKEN_PIPE = 141
    TERMINATED = 143


def exit_code(board: Board, fail_on: str | None, min_grade: str = "", compared: Comparison | None = None) -> Exit:
    """Return the exit code for a board.

    Args:
        board: the board.
        fail_on: the least severity that counts as drift; None: FAIL_ON, or with ``min_grade`` none.
        min_grade: the least grade of each environment, "" for any.
        compared: the board beside a golden file: drift counts where it is new; None: all drift counts.
    """
    from parity_tui.drift.grades import grades_of
    from parity_tui.drift.parity import proved
    from parity_tui.model import Severity

    grades = grades_of(board).environments.values() if min_grade else ()
    if not all(grade.reaches(min_grade) for grade in grades):
        return Exit.DRIFT
    if compared is not None:
        from parity_tui.drift.golden import Status

        if compared.fails(Severity(fail_on or FAIL_ON)):
            return Exit.DRIFT
        seen = not compared.of(Status.UNKNOWN) and not any(grade.unread for grade in grades)
        return Exit.PARITY if seen and proved(board) else Exit.UNKNOWN
    summary = board.summary
    drift = (summary.critical, summary.warning, summary.info)
    if (fail_on or not min_grade) and any(drift[: Severity(fail_on or FAIL_ON).rank + 1]):
        return Exit.DRIFT
    return Exit.PARITY if proved(board) and not any(grade.unread for grade in grades) else Exit.UNKNOWN


def check_reference(config: Config, min_grade: str) -> None:
    """Raise ConfigError where environments cannot be graded because none is known to be right."""
    if not min_grade:
        return
    from parity_tui.config import ConfigError
    from parity_tui.drift.grades import reference_of

    if not reference_of([environment.name for environment in config.environments], config.baseline):
        raise ConfigError("--min-grade needs an environment to grade against: --baseline NAME")

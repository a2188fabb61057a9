"""Prints a report to stdout, in the format of the options and as wide and coloured as the stream permits."""

from __future__ import annotations

import argparse
import os
import sys
from datetime import UTC, datetime
from types import ModuleType
from typing import TYPE_CHECKING, TextIO

from parity_tui.cli.exit import FAIL_ON

if TYPE_CHECKING:
    from parity_tui.drift.board import Board
    from parity_tui.drift.golden import Comparison
    from parity_tui.history import HistoryState
    from parity_tui.report import Changes
    from parity_tui.report.text import Style

_MAX_COLUMNS = 1000
"""of COLUMNS: text is padded to the width of the columns"""


def print_report(
    board: Board,
    options: argparse.Namespace,
    name: str,
    state: HistoryState | None = None,
    compared: Comparison | None = None,
) -> None:
    """Print a board in the format of the options.

    Args:
        board: the board.
        options: the format, and whether all rows are printed.
        name: of its configuration.
        state: of the history that has the times of its changes.
        compared: the board beside a golden file.
    """
    changes: Changes = {}
    if state is not None:
        from parity_tui.history.since import last_changes

        changes = last_changes(state, board)
    sys.stdout.write(_report(board, options, name, changes, compared) + "\n")
    sys.stdout.flush()


def _report(board: Board, options: argparse.Namespace, name: str, changes: Changes, compared: Comparison | None) -> str:
    from parity_tui.model import Severity
    from parity_tui.report import origin

    now, fail_on = datetime.now(UTC), Severity(options.fail_on or FAIL_ON)

    match options.format:
        case "json":
            from parity_tui.report.json_report import to_json

            further = {"against": _golden().to_data(compared)} if compared else None
            return to_json(board, now, everything=options.all, changes=changes, further=further)
        case "markdown":
            from parity_tui.report.markdown import to_markdown

            text = to_markdown(board, everything=options.all, changes=changes, origin=origin(now, name))
            return f"{text}\n{_golden().to_markdown(compared)}" if compared else text
        case "junit":
            from parity_tui.report.junit import to_junit

            return to_junit(board, fail_on, everything=options.all, changes=changes, compared=compared)
        case "github":
            from parity_tui.report.github import to_github

            return to_github(board, fail_on, compared=compared)
        case _:
            from parity_tui.report.text import Style, to_text

            style = style_of(sys.stdout, Style)
            text = to_text(board, style, everything=options.all, changes=changes, origin=origin(now, name))
            return f"{text}\n\n{_golden().to_text(compared, style)}" if compared else text


def _golden() -> ModuleType:
    """Return the reports on golden files, which most commands do not need."""
    from parity_tui.report import golden

    return golden


def style_of(stream: TextIO, style: type[Style]) -> Style:
    """Return the width, colours and characters that a stream supports, or that the environment demands."""
    import shutil

    from parity_tui.report.symbols import shows_unicode, wants_colour

    terminal = stream.isatty()
    unicode = (stream.encoding or "").lower().replace("-", "") == "utf8" and (not terminal or shows_unicode(os.environ))
    demanded = os.environ.get("COLUMNS", "")
    if demanded.isdecimal() and int(demanded):
        width = min(int(demanded), _MAX_COLUMNS)
    else:
        width = min(shutil.get_terminal_size((80, 24)).columns, 200) if terminal else 80
    return style(width=max(40, width), colour=wants_colour(os.environ, terminal), unicode=unicode)

"""The command `gaps`."""

from __future__ import annotations

import argparse
import sys
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from parity_tui.cli.commands import load_config, read_with_history
from parity_tui.cli.exit import Exit
from parity_tui.cli.output import style_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from parity_tui.drift.board import Board
    from parity_tui.report.gaps import Delivery


def gaps(options: argparse.Namespace) -> Exit:
    """Read every target once and print the three gaps."""
    from parity_tui.cli.delivery import delivery_of
    from parity_tui.transport.event_loop import run

    config = load_config(options)
    for warning in config.warnings:
        print(warning, file=sys.stderr)  # noqa: T201

    async def measured() -> tuple[Board, Mapping[str, Delivery]]:
        board, state = await read_with_history(config, events=True)
        return board, await delivery_of(board, state, config.repository, time.time())

    return print_gaps(*run(measured()), options.format)


def print_gaps(board: Board, delivery: Mapping[str, Delivery], format_: str) -> Exit:
    """Print the three gaps of a board; return UNKNOWN where a target was not read."""
    from parity_tui.drift.grades import grades_of
    from parity_tui.report import gaps as report
    from parity_tui.report.text import Style

    page = report.gaps_of(board, grades_of(board), delivery)
    match format_:
        case "json":
            text = report.to_json(page, datetime.now(UTC)) + "\n"
        case "markdown":
            text = report.to_markdown(page)
        case _:
            text = report.to_text(page, style_of(sys.stdout, Style)) + "\n"
    sys.stdout.write(text)
    sys.stdout.flush()
    return Exit.UNKNOWN if board.summary.failed else Exit.PARITY

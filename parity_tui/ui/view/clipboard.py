"""Texts for the clipboard: a row to paste into a chat, an [[expect]] to paste into the configuration."""

from __future__ import annotations

from parity_tui.config.toml_writer import toml_key, toml_string
from parity_tui.drift.board import Board
from parity_tui.drift.row import Row
from parity_tui.drift.values import is_text, printable
from parity_tui.model import State, Verdict
from parity_tui.ui.view.row_detail import RowDetail
from parity_tui.ui.view.visible_lines import VisibleLine


def of_line(board: Board, line: VisibleLine, detail: RowDetail) -> str:
    """Return a line of the board and its detail as plain text."""
    width = max(len(printable(name)) for name in board.environments)
    title = f"{line.section.service} {detail.title}" if line.row else detail.title
    lines = [f"{title}: {detail.status}" + (f", {detail.outliers}" if detail.outliers else "")]
    for value in detail.values:
        for index in value.environments:
            note = f"   ({value.note})" if value.note else ""
            outlier = "  <- odd one out" if value.outlier else ""
            lines.append(f"  {printable(board.environments[index]):<{width}}  {value.text}{outlier}{note}")
    if detail.why:
        lines.append(detail.why)
    environment, remediation = detail.remediation
    if remediation:
        lines.append(f"To fix {environment}: {remediation}")
    return "\n".join(lines) + "\n"


def expectation(board: Board, row: Row, reason: str) -> str:
    """Return the TOML that marks a drift or a blind spot as expected."""
    if row.verdict is Verdict.UNKNOWN:
        return _accepted_blind_spot(board, row, reason)
    names = list(row.odd) or list(board.environments)
    values = {name: value for name in names if (value := _expected(row, board.environments.index(name))) is not None}
    lines = [
        "[[expect]]",
        f"service = {toml_string(row.service)}",
        f"setting = {toml_string(row.setting)}",
        f"environments = [{', '.join(map(toml_string, names))}]",
    ]
    if values:
        pairs = ", ".join(f"{toml_key(name)} = {toml_string(value)}" for name, value in values.items())
        lines.append(f"values = {{ {pairs} }}")
    return "\n".join([*lines, f"reason = {toml_string(reason)}"]) + "\n"


def _accepted_blind_spot(board: Board, row: Row, reason: str) -> str:
    blind = [i for i, cell in enumerate(row.cells) if cell.state in (State.HIDDEN, State.UNKNOWN)]
    setting = row.setting if not row.members else row.members[0] if len(row.members) == 1 else "*"
    return "\n".join(
        (
            "[[expect]]",
            f"service = {toml_string(row.service)}",
            f"setting = {toml_string(setting)}",
            f"environments = [{', '.join(toml_string(board.environments[i]) for i in blind)}]",
            "hidden = true",
            f"reason = {toml_string(reason)}",
            "",
        )
    )


def _expected(row: Row, index: int) -> str | None:
    """Return a value as the configuration writes it: the raw value, or the shown one if that is no text."""
    fact = row.cells[index]
    if fact.state is not State.VALUE or fact.raw is None:
        return None
    return fact.raw if is_text(fact.raw) else row.text(index)

"""Texts that leave the board: a row to paste into a chat, an [[expect]] to paste into the configuration."""

from __future__ import annotations

import json
import re

from parity_tui.drift.board import Board
from parity_tui.drift.row import Row
from parity_tui.drift.values import is_text, printable
from parity_tui.model import State
from parity_tui.ui.view.row_detail import RowDetail
from parity_tui.ui.view.visible_rows import VisibleLine

_BARE = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)


def of_place(board: Board, place: VisibleLine, story: RowDetail) -> str:
    """Return a line of the board and its detail as plain text."""
    width = max(len(printable(name)) for name in board.environments)
    title = f"{place.section.service} {story.title}" if place.row else story.title
    lines = [f"{title}: {story.rank}" + (f", {story.who}" if story.who else "")]
    for said in story.said:
        for index in said.environments:
            more = f"   ({said.more})" if said.more else ""
            odd = "  <- odd" if said.odd else ""
            lines.append(f"  {printable(board.environments[index]):<{width}}  {said.value}{odd}{more}")
    lines.extend(filter(None, (story.why,)))
    if story.remediation[1]:
        lines.append(f"To align {story.remediation[0]}: {story.remediation[1]}")
    return "\n".join(lines) + "\n"


def expectation(board: Board, row: Row) -> str:
    """Return the text that says in the configuration that a drift is meant to be: only its reason is missing."""
    names = list(row.odd) or list(board.environments)
    values = {name: value for name in names if (value := _expected(row, board.environments.index(name))) is not None}
    lines = [
        "[[expect]]",
        f"service = {_toml(row.service)}",
        f"setting = {_toml(row.setting)}",
        f"environments = [{', '.join(map(_toml, names))}]",
    ]
    if values:
        pairs = ", ".join(f"{_key(name)} = {_toml(value)}" for name, value in values.items())
        lines.append(f"values = {{ {pairs} }}")
    return "\n".join([*lines, 'reason = ""  # why this is meant to be']) + "\n"


def _expected(row: Row, index: int) -> str | None:
    """Return a value as the configuration names it: as it is written, or as it is shown where that is no text."""
    fact = row.cells[index]
    if fact.state is not State.VALUE or fact.raw is None:
        return None
    return fact.raw if is_text(fact.raw) else row.text(index)


def _toml(text: str) -> str:
    r"""Return a text as TOML writes it.

    >>> print(_toml('say "hi"'))
    "say \"hi\""
    """
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _key(name: str) -> str:
    """Return a name as a key of TOML."""
    return name if _BARE.fullmatch(name) else _toml(name)

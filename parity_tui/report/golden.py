"""A board beside a golden file, in every format: the part that reports have beside the board itself."""

from __future__ import annotations

import shlex
import textwrap
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from parity_tui.drift.golden import STALE, Comparison, Judged, Status
from parity_tui.drift.values import printable
from parity_tui.report import name_of
from parity_tui.report.json_report import utc
from parity_tui.report.markdown import escaped, table_line
from parity_tui.report.symbols import UNICODE
from parity_tui.report.text import Style, plain


def headline(compared: Comparison) -> str:
    """Return which golden file a board was compared with, and the number of differences by status."""
    taken = datetime.fromtimestamp(compared.taken_at, UTC)
    return printable(f"against {compared.name}, taken {taken:%Y-%m-%d %H:%M} UTC: {compared.words}")


def advice(compared: Comparison) -> str:
    """Return how the golden file is renewed if it is stale, else ""."""
    if not compared.stale:
        return ""
    return printable(f"{STALE}: to renew it: parity-tui snapshot --approve -o {shlex.quote(compared.name)}")


def sentence(one: Judged) -> str:
    """Return one difference in words, printable."""
    return f"{one.row.service} {name_of(one.row)}" + (f": {printable(one.message)}" if one.message else "")


def to_text(compared: Comparison, style: Style) -> str:
    """Return the differences by status as text, the new ones first."""
    lines = [style.paint(line, "1") for line in textwrap.wrap(headline(compared), style.width)]
    unchanged = compared.of(Status.UNCHANGED)
    for one in compared.rows:
        if one.status is not Status.UNCHANGED:
            head = f"{one.status.value:<10}{UNICODE.row(one.row)} "
            lines += textwrap.wrap(f"{head}{sentence(one)}", style.width, subsequent_indent=" " * 12)
    if unchanged:  # the report lists them already
        text = f"{Status.UNCHANGED.value:<12}{', '.join(map(sentence, unchanged))}"
        lines += textwrap.wrap(text, style.width, subsequent_indent=" " * 12, break_on_hyphens=False)
    lines += textwrap.wrap(advice(compared), style.width, break_on_hyphens=False, break_long_words=False)
    return plain("\n".join(lines), style)


def to_markdown(compared: Comparison) -> str:
    """Return the differences by status as a section of a Markdown report."""
    lines = ["## Golden file", "", f"{escaped(headline(compared)).capitalize()}.", ""]
    if compared.rows:
        lines += [table_line(("", "", "service", "setting", "")), table_line(["---"] * 5)]
        lines += map(_line, compared.rows)
        lines.append("")
    return "\n".join([*lines, *_advice(compared)])


def _line(one: Judged) -> str:
    cells = (one.status.value, one.row.severity.value, one.row.service, name_of(one.row), printable(one.message))
    return table_line(map(escaped, cells))


def _advice(compared: Comparison) -> Iterator[str]:
    if text := advice(compared):
        yield from (f"{escaped(text[:1].upper() + text[1:])}", "")


def to_data(compared: Comparison) -> dict[str, Any]:
    """Return the comparison with a golden file as the value of `against` in a JSON report."""
    return {
        "file": compared.name,
        "taken_at": utc(datetime.fromtimestamp(compared.taken_at, UTC)),
        "stale": compared.stale,
        "summary": {status.value: len(compared.of(status)) for status in Status},
        "rows": [
            {
                "service": one.row.service,
                "setting": one.row.setting,
                "kind": one.row.kind,
                "severity": one.row.severity.value,
                "status": one.status.value,
                "stale": one.stale,
                "message": one.message,
            }
            for one in compared.rows
        ],
    }

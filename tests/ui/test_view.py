"""The pure half of the board: header, detail, panes, filter and control of the source. Needs no Textual."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import parity_tui.ui.view
from parity_tui.model import Severity
from parity_tui.ui.view import row_detail
from parity_tui.ui.view.header_counts import header_counts
from parity_tui.ui.view.panes import Panes
from parity_tui.ui.view.source_control import SourceControl
from parity_tui.ui.view.text_input import Input, paste, press
from parity_tui.ui.view.visible_lines import View, VisibleLine
from tests.ui import boards
from tests.ui.sources import FakeSource, remediate


def test_importing_the_view_imports_no_textual() -> None:
    names = [path.stem for path in Path(parity_tui.ui.view.__path__[0]).glob("[a-z]*.py")]
    script = "import importlib, sys\n" + "\n".join(
        f"importlib.import_module('parity_tui.ui.view.{name}')" for name in names
    )
    script += "\nsys.exit('textual' in sys.modules)"
    assert len(names) > 10
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_header_counts_and_limits() -> None:
    board = boards.full(now=0.0)
    counts = header_counts(board, View(everything=True, least=Severity.CRITICAL), SourceControl(FakeSource(), board))
    assert counts.comparison == "against the majority"
    assert counts.counts[0] == ("critical", 6, "6 critical")
    assert counts.limits == ("all rows", "critical only")
    assert counts.progress == "reading 16 of 17"
    assert not counts.equal


def test_header_of_one_environment_compares_nothing() -> None:
    board = boards.wide(1)
    counts = header_counts(board, View(), SourceControl(FakeSource(), board))
    assert (counts.single, counts.comparison, counts.equal) == (True, "", False)


def test_detail_names_outliers_source_and_remediation() -> None:
    board = boards.full(now=0.0)
    section = board.sections[0]
    row = next(row for row in section.rows if row.setting == "max_connections")
    detail = row_detail.of_line(board, VisibleLine(section, row), 2, remediate, None, now=0.0)
    assert (detail.title, detail.status, detail.severity) == ("max_connections", "warning", Severity.WARNING)
    assert ("500", "postgresql.conf:65") in [(value.text, value.note) for value in detail.values]
    assert detail.remediation[0] == "production"


def test_last_pane_is_never_hidden() -> None:
    panes = Panes(("dev", "staging"))
    assert panes.toggle(0)
    assert (panes.shown, panes.current) == ((1,), 1)
    assert not panes.toggle(1)
    assert not panes.toggle(2)


def test_panes_keep_their_names_under_other_environments() -> None:
    panes = Panes(("dev", "staging", "production"))
    panes.toggle(0)
    panes.move(1)
    other = panes.for_environments(("production", "dev"))
    assert (other.hidden, other.current) == (frozenset({1}), 0)


def test_filter_takes_keys_only_while_typing() -> None:
    assert press(Input(None, "zone"), "d", "d") is None
    opened = press(Input(None, ""), "slash", "/")
    assert opened == Input("", "")
    assert press(opened, "d", "d") == Input("d", "d")
    assert press(Input("d ", "d"), "enter", None) == Input(None, "d")
    assert paste(Input("a", "a"), "bc\nsecond line") == Input("abc", "abc")
    assert paste(Input(None, "a"), "bc") == Input(None, "a")


def test_chosen_baseline_survives_another_configuration() -> None:
    board, source, other = boards.full(now=0.0), FakeSource(), FakeSource()
    control = SourceControl(source, board)
    control.next_baseline(board.environments)
    control.toggle_pause()
    control.replace(other, board)
    assert (source.requests, other.requests) == (["baseline dev", "pause True"], ["baseline dev"])
    assert (control.baseline, control.paused) == ("dev", False)

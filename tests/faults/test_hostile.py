"""Faults 26 to 29, 31: what a server says is text, whatever is in it, on every way out of the program."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest

from parity_tui.drift.board import Board
from parity_tui.model import Severity
from parity_tui.report.json_report import to_json
from parity_tui.report.junit import to_junit
from parity_tui.report.markdown import to_markdown
from parity_tui.report.text import Style, to_text
from tests.faults import hostile
from tests.faults.hostile import EVIL, OBEYED, OURS, Lines, Resp, memcached_answers, redis_answers, serving
from tests.faults.program import configured, ended, started
from tests.ui.terminal import Terminal, opened

FORMATS: dict[str, Callable[[Board], str]] = {
    "text": lambda board: to_text(board, Style(), everything=True),
    "narrow": lambda board: to_text(board, Style(width=40), everything=True),
    "ascii": lambda board: to_text(board, Style(unicode=False), everything=True),
    "json": lambda board: to_json(board, datetime(2026, 1, 1, tzinfo=UTC), everything=True),
    "markdown": lambda board: to_markdown(board, everything=True),
    "junit": lambda board: to_junit(board, Severity.INFO, everything=True),
}


@pytest.fixture(scope="module")
def board() -> Board:
    """Give a board full of hostile text."""
    return hostile.board(20)


@pytest.mark.parametrize("form", FORMATS)
def test_a_report_of_hostile_text_is_text(board: Board, form: str) -> None:
    """Faults 28, 29: nothing in it that a terminal obeys; JSON and XML can be read again."""
    written = FORMATS[form](board)
    found = OBEYED.search(written.encode("utf-8", "surrogatepass"))
    assert found is None, (found, written[max(0, found.start() - 80) : found.end() + 20])
    if form == "json":
        assert json.loads(written)["summary"]["critical"] > len(EVIL)
    if form == "junit":
        assert ElementTree.fromstring(written).tag == "testsuites"


def test_what_is_compared_is_what_the_server_said(board: Board) -> None:
    """Fault 28: an escape character and its escape written out look the same, and are not."""
    (one, _) = board.sections
    rows = {row.setting: row for row in one.rows}
    facts = [cell.raw for cell in next(row for name, row in rows.items() if name.endswith("000000")).cells]
    assert facts == [EVIL[1], f"{EVIL[1]}staging", f"{EVIL[1]}production"]
    assert not set(facts) & {raw.encode("unicode_escape").decode() for raw in EVIL}


def raw(text: str) -> bytes:
    """Return the bytes that a server sends for a text."""
    return text.encode("utf-8", "surrogateescape" if text == "\udcff\udc80" else "surrogatepass")


@pytest.fixture(scope="module")
def ports() -> Iterator[tuple[int, int, int, int]]:
    """Give two hostile Redis and two hostile Memcached that differ in one value each."""
    every = {b"x%d%s" % (at, raw(text)): raw(text) for at, text in enumerate(EVIL)}
    lines = {name.translate(None, b" \r\n\t"): value.translate(None, b"\r\n") or b"-" for name, value in every.items()}
    info = (
        b"redis_version:7.2.\x1b[2J\r\nos:" + raw(EVIL[1]) + b"\r\nrun_id:\xff\xfe\r\nmodule:name=\x1b[2J,ver=\x07\r\n"
    )
    large = {b"large": b"\x1b]0;owned\x07" * 50_000, **{b"more-%d" % at: b"\x9b" for at in range(4000)}}
    small = {b"m%d" % at: b"\xff\x1b]0;owned\x07" for at in range(10_000)}
    with (
        serving(Resp, redis_answers(every | large | {b"planted": b"a\x1bb"}, info)) as one,
        serving(Resp, redis_answers(every | large | {b"planted": b"a\\x1bb"}, info)) as two,
        serving(Lines, memcached_answers(lines | small | {b"planted": b"a\xffb"}, b"1.6\x1b[2J")) as three,
        serving(Lines, memcached_answers(lines | small | {b"planted": b"a\\xffb"}, b"1.6\x1b[2J")) as four,
    ):
        yield one, two, three, four


def configuration(ports: tuple[int, int, int, int]) -> str:
    """Return a configuration with the four servers."""
    one, two, three, four = ports
    return (
        f"[environments.dev.services]\na = 'redis://127.0.0.1:{one}'\nb = 'memcached://127.0.0.1:{three}'\n"
        f"[environments.production.services]\na = 'redis://127.0.0.1:{two}'\nb = 'memcached://127.0.0.1:{four}'\n"
    )


@pytest.mark.parametrize("form", ["text", "json", "markdown", "junit"])
def test_a_server_that_speaks_evil_is_read_and_reported(
    tmp_path: Path, ports: tuple[int, int, int, int], form: str
) -> None:
    """Faults 26 to 31: half a megabyte, thousands of settings, invalid UTF-8: one difference, and it is found."""
    configured(tmp_path, configuration(ports))
    arguments = ("check", "--format", form, "--fail-on", "info", "--timeout", "30s")
    code, out, error = ended(started(*arguments, folder=tmp_path))
    assert (code, error) == (1, "")
    assert OBEYED.search(out.encode()) is None
    if form == "json":
        document = json.loads(out)
        assert [[row["setting"] for row in service["rows"]] for service in document["services"]] == [["planted"]] * 2


def test_more_than_a_server_has_to_say_is_a_failure_in_words(tmp_path: Path) -> None:
    """Fault 26: three megabytes are not kept, and not waited for."""
    with serving(Resp, redis_answers({b"large": b"\x1b" * 3_000_000}, b"redis_version:7\r\n")) as port:
        configured(tmp_path, f"[environments.dev.services]\na = 'redis://127.0.0.1:{port}'\n")
        code, out, error = ended(started("check", "--timeout", "30s", folder=tmp_path))
    assert (code, error) == (3, "")
    assert "more than" in out
    assert OBEYED.search(out.encode()) is None


KEYS = (
    "d",
    "v",
    "\t",
    "jjjjjjjjjj",
    "y",
    "a",
    "e",
    "t",
    "\x1b",
    "?",
    "\x1b",
    "/\x0boops\r",
    "\x1b",
    "G",
    "g",
    "b",
    "z",
    "z",
)
"""every view and every way out by key; what stands in a copy is encoded"""


def foreign(terminal: Terminal) -> list[bytes]:
    """Return what was written that is neither ours nor printable."""
    left = OURS.sub(b"", bytes(terminal.written))
    return [left[max(0, found.start() - 30) : found.end() + 30] for found in OBEYED.finditer(left)]


@pytest.mark.parametrize("variables", [{}, {"NO_COLOR": "1", "TERM": "xterm", "COLORTERM": ""}])
def test_the_board_writes_nothing_but_its_own_sequences(variables: dict[str, str], tmp_path: Path) -> None:
    """Faults 28, 29: in a terminal, byte by byte, through every view of a board on which everything is hostile."""
    environment = {**variables, "TMPDIR": str(tmp_path)}
    with opened(module="tests.faults.hostile", environment=environment) as terminal:
        terminal.see("It matters")
        for keys in KEYS:
            terminal.type(keys)
            terminal.quiet(0.15)
        terminal.type("q")
        assert terminal.end() == 0
        assert foreign(terminal) == []
        written = bytes(terminal.written)
        assert b"\x1b]0;" not in written
        assert b"\x1b[666" not in written
        assert b"52;c;b3duZWQ=" not in written.replace(b"\\x1b]52;c;b3duZWQ=", b"")
        assert b"[/oops]" in written


def test_ten_thousand_settings_with_escapes_are_shown() -> None:
    """Fault 26: of each target; the last line is reached by a key."""
    with opened("10000", module="tests.faults.hostile") as terminal:
        terminal.see("It matters")
        terminal.type("dG")
        terminal.see("of ")
        terminal.type("/009999\r")
        terminal.see("009999")
        terminal.type("q")
        assert terminal.end() == 0
        assert foreign(terminal) == []

"""Hostile text from servers stays text in every report."""

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
from tests.faults.hostile import (
    EVIL,
    OBEYED,
    MemcachedHandler,
    RedisHandler,
    hostile_board,
    memcached_answers,
    redis_answers,
    serving,
)
from tests.faults.program import finish, start, write_config

FORMATS: dict[str, Callable[[Board], str]] = {
    "text": lambda board: to_text(board, Style(), everything=True),
    "narrow": lambda board: to_text(board, Style(width=40), everything=True),
    "ascii": lambda board: to_text(board, Style(unicode=False), everything=True),
    "json": lambda board: to_json(board, datetime(2026, 1, 1, tzinfo=UTC), everything=True),
    "markdown": lambda board: to_markdown(board, everything=True),
    "junit": lambda board: to_junit(board, Severity.INFO, everything=True),
}
SLOW = {"text", "ascii"}


@pytest.fixture(scope="module")
def board() -> Board:
    return hostile_board(20)


@pytest.mark.parametrize(
    "form", [pytest.param(form, marks=pytest.mark.slow) if form in SLOW else form for form in FORMATS]
)
def test_report_of_hostile_text_is_harmless(board: Board, form: str) -> None:
    """Faults 28, 29: A terminal obeys nothing in it; JSON and XML can be parsed."""
    written = FORMATS[form](board)
    found = OBEYED.search(written.encode("utf-8", "surrogatepass"))
    assert found is None, (found, written[max(0, found.start() - 80) : found.end() + 20])
    if form == "json":
        assert json.loads(written)["summary"]["critical"] > len(EVIL)
    if form == "junit":
        assert ElementTree.fromstring(written).tag == "testsuites"


def test_comparison_uses_the_raw_text(board: Board) -> None:
    """Fault 28: An escape character and its escaped form look alike and differ."""
    (one, _) = board.sections
    rows = {row.setting: row for row in one.rows}
    facts = [cell.raw for cell in next(row for name, row in rows.items() if name.endswith("000000")).cells]
    assert facts == [EVIL[1], f"{EVIL[1]}staging", f"{EVIL[1]}production"]
    assert not set(facts) & {raw.encode("unicode_escape").decode() for raw in EVIL}


def raw(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape" if text == "\udcff\udc80" else "surrogatepass")


@pytest.fixture(scope="module")
def ports() -> Iterator[tuple[int, int, int, int]]:
    """Serve two hostile Redis and two hostile Memcached that differ in one value each."""
    every = {b"x%d%s" % (at, raw(text)): raw(text) for at, text in enumerate(EVIL)}
    lines = {name.translate(None, b" \r\n\t"): value.translate(None, b"\r\n") or b"-" for name, value in every.items()}
    info = (
        b"redis_version:7.2.\x1b[2J\r\nos:" + raw(EVIL[1]) + b"\r\nrun_id:\xff\xfe\r\nmodule:name=\x1b[2J,ver=\x07\r\n"
    )
    large = {b"large": b"\x1b]0;owned\x07" * 50_000, **{b"more-%d" % at: b"\x9b" for at in range(4000)}}
    small = {b"m%d" % at: b"\xff\x1b]0;owned\x07" for at in range(10_000)}
    with (
        serving(RedisHandler, redis_answers(every | large | {b"planted": b"a\x1bb"}, info)) as one,
        serving(RedisHandler, redis_answers(every | large | {b"planted": b"a\\x1bb"}, info)) as two,
        serving(MemcachedHandler, memcached_answers(lines | small | {b"planted": b"a\xffb"}, b"1.6\x1b[2J")) as three,
        serving(MemcachedHandler, memcached_answers(lines | small | {b"planted": b"a\\xffb"}, b"1.6\x1b[2J")) as four,
    ):
        yield one, two, three, four


def configuration(ports: tuple[int, int, int, int]) -> str:
    one, two, three, four = ports
    return (
        f"[environments.dev.services]\na = 'redis://127.0.0.1:{one}'\nb = 'memcached://127.0.0.1:{three}'\n"
        f"[environments.production.services]\na = 'redis://127.0.0.1:{two}'\nb = 'memcached://127.0.0.1:{four}'\n"
    )


@pytest.mark.parametrize("form", ["text", "json", "markdown", "junit"])
def test_hostile_servers_are_read_and_compared(tmp_path: Path, ports: tuple[int, int, int, int], form: str) -> None:
    """Faults 26 to 31: Half a megabyte, thousands of settings, invalid UTF-8, and one difference."""
    write_config(tmp_path, configuration(ports))
    arguments = ("check", "--format", form, "--fail-on", "info", "--timeout", "30s")
    code, out, error = finish(start(*arguments, folder=tmp_path))
    assert (code, error) == (1, "")
    assert OBEYED.search(out.encode()) is None
    if form == "json":
        document = json.loads(out)
        drifting = [
            [row["setting"] for row in service["rows"] if row["verdict"] == "drift"] for service in document["services"]
        ]
        assert drifting == [["planted"]] * 2


def test_too_large_answer_is_a_failure_in_words(tmp_path: Path) -> None:
    """Fault 26: Three megabytes are neither kept nor awaited."""
    with serving(RedisHandler, redis_answers({b"large": b"\x1b" * 3_000_000}, b"redis_version:7\r\n")) as port:
        write_config(tmp_path, f"[environments.dev.services]\na = 'redis://127.0.0.1:{port}'\n")
        code, out, error = finish(start("check", "--timeout", "30s", folder=tmp_path))
    assert (code, error) == (3, "")
    assert "more than" in out
    assert OBEYED.search(out.encode()) is None

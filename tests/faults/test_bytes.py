"""Fault 27: bytes that are not UTF-8 are compared as bytes, and every output writes them as text."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from textual.app import App

from parity_tui.drift.board import Board
from parity_tui.drift.policy import Expectation, Policy
from parity_tui.model import Fact, Reading, Severity, Target, Verdict
from parity_tui.report.json_report import to_json
from parity_tui.report.junit import to_junit
from parity_tui.report.markdown import to_markdown
from parity_tui.report.text import Style, to_text
from parity_tui.services.host.parse.output import ScriptOutput
from parity_tui.services.memcached.parse import parse as parse_memcached
from parity_tui.services.mysql.parse import decode as decode_mysql
from parity_tui.services.postgres.parse import decode as decode_postgres
from parity_tui.services.rabbitmq.normalize import text as text_of_rabbitmq
from parity_tui.services.redis.parse import parse as parse_redis
from parity_tui.services.redis.remediation import remediate as align_redis
from parity_tui.ui.terminal import clipboard as terminal_clipboard
from parity_tui.ui.view import clipboard
from tests import builders
from tests.builders import target
from tests.faults.hostile import KIND

TARGET = Target("dev", "it", "evil", host="h", port=1)

READ: dict[str, Callable[[bytes], str | None]] = {
    "host": lambda raw: ScriptOutput(b"@@7 now\n%s\n@@7 end\n" % raw, "@@7")["now"],
    "memcached": lambda raw: parse_memcached({b"version": b"1"}, {b"x": raw}, "h:1").facts["x"].raw,
    "mysql": lambda raw: decode_mysql([(b"version", b"10"), (b"x", raw)])[0].variables[1].value,
    "postgres": lambda raw: (
        decode_postgres(b'{"version": "P 16", "settings": [["x", %s, "s", "", "", "", "", 0]]}' % quoted(raw))
        .settings[0]
        .setting
    ),
    "rabbitmq": lambda raw: text_of_rabbitmq(raw),
    "redis": lambda raw: parse_redis(b"redis_version:7\r\n", [b"logfile", raw], TARGET).facts["logfile"].raw,
}
"""how each kind reads a value"""


def quoted(raw: bytes) -> bytes:
    """Return bytes as PostgreSQL writes them into JSON."""
    return b'"%s"' % raw.replace(b"\\", b"\\\\")


@pytest.mark.parametrize("kind", READ)
def test_byte_and_its_escape_are_different_values(kind: str) -> None:
    """Fault 27: The bytes can be restored from the value."""
    for raw in (b"a\xffb", b"a\\xffb", b"a\xfeb", "é".encode()):
        assert (READ[kind](raw) or "").encode("utf-8", "surrogateescape") == raw


@pytest.fixture
def board() -> Board:
    """Return a board where only a byte and its escape differ, and every other text holds invalid characters."""
    values = {"dev": "a\udcff", "staging": "a\\xff", "production": "a\\xff"}
    answers = [(target(name, kind="evil"), reading_with(value)) for name, value in values.items()]
    return builders.board(answers, {"evil": KIND})


def reading_with(raw: str) -> Reading:
    odd = "\udcfe\ud800"
    facts = {"x": Fact(raw, source=odd, note=odd, description=odd), f"same{odd}": Fact(odd)}
    return Reading(f"P{odd}", "1", facts, notes=(odd,), address=odd, instance=odd)


FORMATS: dict[str, Callable[[Board], str]] = {
    "text": lambda board: to_text(board, Style(), everything=True),
    "json": lambda board: to_json(board, datetime(2026, 1, 1, tzinfo=UTC), everything=True),
    "markdown": lambda board: to_markdown(board, everything=True),
    "junit": lambda board: to_junit(board, Severity.INFO, everything=True),
}


@pytest.mark.parametrize("form", FORMATS)
def test_reports_mark_the_byte_and_not_the_escape(board: Board, form: str) -> None:
    """Fault 27: The report itself is UTF-8."""
    written = FORMATS[form](board)
    assert written.encode()
    assert "xff (not UTF-8)" in written
    row = builders.row(board, "x")
    assert (row.verdict, row.odd) == (Verdict.DRIFT, ("dev",))
    if form == "json":
        strict = msgspec.json.decode(written)
        assert strict == json.loads(written)
        (values,) = (row["values"] for row in strict["services"][0]["rows"] if row["setting"] == "x")
        assert values["dev"]["text"] == r"a\xff (not UTF-8)"
        assert values["production"]["text"] == r"a\xff"


def test_copied_expectation_means_the_byte(board: Board) -> None:
    """Fault 27: The copied text is valid TOML, and does not match the escape."""
    row = builders.row(board, "x")
    copied = tomllib.loads(clipboard.expectation(board, row, "as it is").encode().decode())["expect"][0]
    expected = Expectation("it", "x", "as it is", tuple(copied["environments"]), values=copied["values"])
    other = Expectation("it", "x", "as it is", ("dev",), values={"dev": "a\\xff"})
    for expectation, verdict in ((expected, Verdict.EXPECTED), (other, Verdict.DRIFT)):
        ruled = board.with_policy(Policy(expectations=(expectation,)))
        assert {row.verdict for row in ruled.sections[0].rows if row.setting == "x"} == {verdict}


async def test_clipboard_gets_valid_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fault 27: A clipboard takes UTF-8 only."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    app = App[None]()
    copied: list[str] = []
    monkeypatch.setattr(app, "copy_to_clipboard", lambda text: copied.append(text.encode().decode()))
    assert "copied it" in await terminal_clipboard.copy(app, "a\udcff\ud800", "it")
    assert copied == ["a\\udcff\\ud800"]


def test_remediation_contains_the_byte() -> None:
    """Fault 27: In the notation of redis-cli."""
    assert align_redis("proc-title-template", "a\udcff", Fact("b", source="CONFIG GET")) == (
        'CONFIG SET proc-title-template "a\\xff"   # then CONFIG REWRITE, or it is lost at the next restart'
    )

"""`parity-tui history`: newest first, filters, formats."""

from __future__ import annotations

import json
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from parity_tui.cli import Exit, main
from parity_tui.drift.changes import Change, ChangeKind
from parity_tui.history import history_path
from parity_tui.history.location import open_store
from parity_tui.history.record import of_change
from parity_tui.history.store.watched import Observer
from parity_tui.model import Severity
from tests.history.stores import encode, write_lines

NOON = datetime(2026, 11, 23, 12).astimezone().timestamp()
DAY = 86_400.0
KNOWN = b'{"schema":1,"at":"2026-11-01T00:00:00Z","environment":"dev","service":"cache","values":{"acl.app":"on"}}\n'


def outage(kind: ChangeKind, environment: str = "prod", seconds: float = 0.0) -> Change:
    """Return the begin or the end of an outage of the queue."""
    return Change(
        environment, "queue", severity=Severity.CRITICAL if kind is ChangeKind.FAILED else Severity.INFO, kind=kind,
        reason="refused", message="refused the connection", seconds=seconds,
    )  # fmt: skip


@pytest.fixture(params=["store", "lines"])
def recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Path:
    """Return the configuration of two environments with an old change, an outage and a vanished setting.

    They are in the lines of an older version, which a store has taken over or not.
    """
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    config = tmp_path / "parity.toml"
    config.write_text(
        "".join(
            f"[environments.{name}.services]\ncache = 'memory://'\nqueue = 'memory://'\n" for name in ("dev", "prod")
        )
    )
    events = (
        (NOON - DAY, Change("dev", "cache", "maxmemory", "1 GB", "2 GB", Severity.WARNING)),
        (NOON, outage(ChangeKind.FAILED)),
        (NOON + 5, Change("dev", "cache", "acl.app", "on", "absent", kind=ChangeKind.VANISHED)),
        (NOON + 41, outage(ChangeKind.RECOVERED, seconds=41.0)),
        (NOON + 60, Change("staging", "cache", "maxmemory", "1 GB", "2 GB")),
    )
    write_lines(history_path([config]), [KNOWN, *(encode(of_change(change, at)) for at, change in events)])
    if request.param == "store":
        open_store(history_path([config]), Observer()).close()
    return config


def add(config: Path, change: Change, at: float) -> None:
    """Record one more event."""
    path = history_path([config])
    if not path.exists():
        write_lines(path, [encode(of_change(change, at))])
        return
    store = open_store(path, Observer())
    store.write([of_change(change, at)], store.load())
    store.close()


def output(config: Path, capsys: pytest.CaptureFixture[str], *options: str) -> str:
    assert main(["history", "--config", str(config), *options]) == Exit.PARITY
    return capsys.readouterr().out


def test_history_is_a_timeline_newest_first(recorded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert output(recorded, capsys).splitlines() == [
        "2026-11-23 12:00:41  ✓ prod  queue   answers again after 41 s",
        "2026-11-23 12:00:05  · dev   cache acl.app   on → absent",
        "2026-11-23 12:00:00  ✗ prod  queue   refused the connection, until 12:00:41",
        "2026-11-22 12:00:00  ! dev   cache maxmemory   1 GB → 2 GB",
    ]


@pytest.mark.parametrize(
    ("options", "services"),
    [
        (["--since", "2026-11-23"], ["queue", "cache", "queue"]),
        (["--since", "2026-11-23T12:00:20"], ["queue", "queue"]),
        (["--environment", "dev"], ["cache", "cache"]),
        (["--service", "queue"], ["queue", "queue"]),
        (["--since", "1m"], []),
    ],
    ids=["date", "within an outage", "environment", "service", "age"],
)
def test_history_can_be_limited(
    options: list[str], services: list[str], recorded: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found: list[dict[str, Any]] = json.loads(output(recorded, capsys, *options, "--format", "json"))["changes"]
    assert [change["service"] for change in found] == services


def test_json_has_begin_and_end_of_outages(recorded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    end, gone, begin, _ = json.loads(output(recorded, capsys, "--format", "json"))["changes"]
    for outage in (begin, end):
        assert (outage["reason"], outage["message"], outage["seconds"]) == ("refused", "refused the connection", 41)
        assert outage["began"] < outage["ended"]
        assert outage["setting"] is None
    assert (begin["kind"], end["kind"], begin["began"]) == ("failed", "recovered", end["began"])
    assert (gone["kind"], gone["before"]["text"], gone["after"]) == (
        "vanished", "on", {"state": "absent", "text": None},
    )  # fmt: skip


def test_markdown_is_a_table(recorded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = output(recorded, capsys, "--format", "markdown").splitlines()
    assert lines[0] == "| time | severity | environment | service | event |"
    assert lines[4] == ("| 2026-11-23 12:00:00 | critical | prod | queue | refused the connection, until 12:00:41 |")
    assert lines[5].endswith("| dev | cache | maxmemory — 1 GB → 2 GB |")


def test_lasting_outage_counts_as_recent(recorded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    failed = outage(ChangeKind.FAILED, "dev")
    add(recorded, failed, NOON)
    found = json.loads(output(recorded, capsys, "--since", "1m", "--format", "json"))["changes"]
    assert [(change["environment"], change["ended"]) for change in found] == [("dev", None)]
    assert time.time() > NOON


def test_wrong_time_is_explained(recorded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["history", "--config", str(recorded), "--since", "yesterday"])
    assert caught.value.code == Exit.USAGE
    assert "is not an age (24h, 90m, 7d) or a date" in capsys.readouterr().err


def test_empty_history_says_where_it_is(tmp_path: Path, recorded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = tmp_path / "other.toml"
    other.write_text(recorded.read_text())
    assert main(["history", "--config", str(other)]) == Exit.PARITY
    assert "no changes recorded yet (history: " in capsys.readouterr().err


def test_end_of_a_long_outage_brings_its_begin(recorded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It began long before the time that was asked for."""
    now = time.time()
    add(recorded, outage(ChangeKind.FAILED, "dev"), now - 60 * DAY)
    add(recorded, outage(ChangeKind.RECOVERED, "dev", seconds=60 * DAY - 30), now - 30)
    found = json.loads(output(recorded, capsys, "--since", "1h", "--format", "json"))["changes"]
    assert [change["kind"] for change in found] == ["recovered", "failed"]
    assert found[0]["began"] == found[1]["began"]

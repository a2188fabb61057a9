"""The file of a history: one for each configuration, private, begun with the lines of older versions."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from parity_tui.drift.changes import Change, ChangeKind
from parity_tui.history import Fault, HistoryState, StoreError, history_path, read_history
from parity_tui.history.location import open_store
from parity_tui.history.path import lines_path
from parity_tui.history.record import of_change
from parity_tui.history.store.store import Store
from parity_tui.history.store.watched import Observer
from tests.history.stores import encode, short, write_lines

LINE = b'{"schema":1,"at":"2026-11-23T06:00:00Z","environment":"dev","service":"db","values":{"%s":"%s"}}\n'
MOVED = encode(of_change(Change("dev", "db", "zone", "a", "b"), 1000.0))
GONE = encode(of_change(Change("dev", "db", "old", "1", "absent", kind=ChangeKind.VANISHED), 2000.0))
FAILED = encode(of_change(Change("dev", "mq", kind=ChangeKind.FAILED, reason="refused", message="refused"), 3000.0))
RESTART = encode(of_change(Change("dev", "db", "version", "1", "2", kind=ChangeKind.RESTART, instance="7"), 4000.0))
LINES = [LINE % (b"zone", b"a"), LINE % (b"old", b"1"), MOVED, GONE, FAILED, RESTART]


def begun(path: Path) -> Store:
    return open_store(path, Observer())


def known(state: HistoryState) -> tuple[object, ...]:
    withheld = {key: names for key, names in state.withheld.items() if names}
    return (
        short(state), state.values, state.outages, state.confirmed, withheld, state.instances, state.addresses,
        state.programs,
    )  # fmt: skip


def test_store_takes_over_lines_of_older_versions(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite3"
    write_lines(path, LINES)
    before = lines_path(path).read_bytes()
    store = begun(path)
    expected = HistoryState()
    for line in LINES:
        expected.read_line(line)
    state = store.load()
    assert short(state)[:2] == ["dev db zone a → b", "dev db old 1 → absent"]
    assert short(store.load_moves()) == ["dev db zone a → b", "dev db old 1 → absent", "dev db restarted 1 → 2"]
    assert known(state) == known(expected)
    assert lines_path(path).read_bytes() == before


def test_lines_are_taken_over_once(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite3"
    write_lines(path, [MOVED])
    begun(path).close()
    write_lines(path, [encode(of_change(Change("dev", "db", "zone", "b", "c"), 2000.0))])
    assert short(begun(path).load()) == ["dev db zone a → b"]


def test_unreadable_lines_are_counted_after_take_over(tmp_path: Path) -> None:
    """Fault 57."""
    path = tmp_path / "x.sqlite3"
    write_lines(path, [MOVED, MOVED[:40], b"\n\xff\n"])
    begun(path).close()
    assert begun(path).load_events().broken == 2


def test_lines_of_a_newer_version_begin_no_store(tmp_path: Path) -> None:
    """Fault 58."""
    path = tmp_path / "x.sqlite3"
    write_lines(path, [b'{"schema": 2, "when": 5}\n'])
    with pytest.raises(StoreError, match=r"x\.jsonl was written by a newer parity-tui") as caught:
        begun(path)
    assert caught.value.fault is Fault.NEWER


def test_reading_begins_no_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    files = [Path("/srv/shop/parity.toml")]
    assert short(read_history(files, lambda store: store.load_events())) == []
    write_lines(history_path(files), [MOVED])
    assert short(read_history(files, lambda store: store.load_events())) == ["dev db zone a → b"]
    assert not history_path(files).exists()


def test_only_the_owner_may_read_the_file(tmp_path: Path) -> None:
    path = tmp_path / "state" / "history" / "x.sqlite3"
    store = begun(path)
    store.write([of_change(Change("dev", "db", "zone", "a", "b"), 1.0)], store.load())
    modes = {entry.name: entry.stat().st_mode & 0o777 for entry in path.parent.iterdir()}
    assert modes == dict.fromkeys(("x.sqlite3", "x.sqlite3-wal", "x.sqlite3-shm"), 0o600)
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_links_pipes_and_folders_are_refused(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text("mine")
    link, pipe, folder = tmp_path / "link", tmp_path / "pipe", tmp_path / "folder"
    link.symlink_to(other)
    os.mkfifo(pipe)
    folder.mkdir()
    for path in (link, pipe, folder):
        with pytest.raises(StoreError, match="not a file"):
            begun(path)
    assert other.read_text() == "mine"


def test_each_configuration_has_its_own_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    one, other = Path("/srv/shop/parity.toml"), Path("/srv/other/parity.toml")
    assert history_path([one]) == history_path([Path("/srv/shop/../shop/parity.toml")])
    assert len({history_path([one]), history_path([other]), history_path([one, other])}) == 3
    assert history_path([one]).name.startswith("shop-")
    assert history_path([one]).parent == tmp_path / "parity-tui" / "history"


WITHOUT_SQLITE = """
import sys
sys.modules["sqlite3"] = None
from parity_tui.history import History
from pathlib import Path
import queue
updates = queue.Queue()
History([Path("/srv/shop/parity.toml")]).open(updates.put)
print(updates.get(timeout=30).problem)
from parity_tui.cli import main
sys.exit(main(["history", "--config", sys.argv[1]]))
"""


def test_python_without_sqlite_is_described(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    config = tmp_path / "parity.toml"
    config.write_text("".join(f"[environments.{name}.services]\ncache = 'memory://'\n" for name in ("dev", "prod")))
    begun(history_path([config])).close()
    result = subprocess.run([sys.executable, "-c", WITHOUT_SQLITE, str(config)], capture_output=True, text=True)
    assert result.stdout == "no history: this Python was built without SQLite\n"
    assert "cannot read the history: this Python was built without SQLite" in result.stderr
    assert result.returncode == 2

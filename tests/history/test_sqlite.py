"""The file of a history and its faults: each is one sentence, and stored events stay."""

from __future__ import annotations

import os
import random
import resource
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from parity_tui.drift.changes import Change
from parity_tui.history import Fault, StoreError, json_lines, open_for_reading
from parity_tui.history.location import open_store
from parity_tui.history.record import Record, of_change
from parity_tui.history.store import mounts, sqlite
from parity_tui.history.store.store import Store
from parity_tui.history.store.watched import Observer
from tests.history.stores import short

NOBODY = 65534
OPEN: list[Store] = []
"""stores of the test"""
KILLS = int(os.environ.get("KILLS", "5"))
WRITER = """
import sys
from pathlib import Path
from parity_tui.drift.changes import Change
from parity_tui.history.location import open_store
from parity_tui.history.record import of_change
from parity_tui.history.store.watched import Observer
store = open_store(Path(sys.argv[1]), Observer())
state = store.load()
count = int(state.values.get(("dev", "db", ""), {}).get("count", "0"))
while True:
    store.write([of_change(Change("dev", "db", "count", str(count), str(count + 1)), 1000.0 + count)], state)
    count += 1
    print(count, flush=True)
"""


def moved(before: int, at: float = 1000.0) -> Record:
    return of_change(Change("dev", "db", "count", str(before), str(before + 1)), at + before)


def begun(path: Path, count: int = 3) -> Store:
    """Return an open store with events."""
    store = open_store(path, Observer())
    OPEN.append(store)
    state = store.load()
    for number in range(count):
        store.write([moved(number)], state)
    return store


@pytest.fixture(autouse=True)
def _close_stores() -> Iterator[None]:
    yield
    while OPEN:
        OPEN.pop().close()


def events(path: Path) -> list[str]:
    """Read the events as a command does."""
    store = open_for_reading(path)
    assert store
    try:
        return short(store.load_events())
    finally:
        store.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return the path of a store."""
    return tmp_path / "history" / "x.sqlite3"


@contextmanager
def as_nobody() -> Iterator[None]:
    """Lose the rights of root, which no file refuses."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


def test_killed_writer_loses_nothing(path: Path) -> None:
    """At random moments; KILLS=100 was measured once."""
    chance, written = random.Random(7), 0
    for _ in range(KILLS):
        with subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE) as writer:
            assert writer.stdout
            for _ in range(chance.randrange(1, 60)):
                written = int(writer.stdout.readline())
            writer.send_signal(signal.SIGKILL)
            rest = writer.stdout.read().split()
            written = int(rest[-1]) if rest else written
        stored = events(path)
        assert len(stored) in (written, written + 1)
        assert stored == [f"dev db count {number} → {number + 1}" for number in range(len(stored))]
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_writers_wait_for_each_other(path: Path) -> None:
    """Fault 56."""
    script = WRITER.replace("while True:", "for count in range(40):").replace('"count"', "sys.argv[2]")
    command = [sys.executable, "-c", script, str(path)]
    writers = [subprocess.Popen([*command, name], stdout=subprocess.DEVNULL) for name in "abc"]
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    assert len(set(events(path))) == 120


def test_locked_file_is_described(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "BUSY", 0.01)
    store = begun(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreError, match="another program holds a lock on") as caught:
            store.write([moved(3)], store.load())
        other.execute("COMMIT")
    assert caught.value.fault is Fault.UNAVAILABLE
    store.write([moved(3)], store.load())
    assert len(events(path)) == 4


def test_full_disk_is_described_and_undone(path: Path) -> None:
    """Fault 55."""
    store = begun(path)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    state, size = store.load(), path.with_name("x.sqlite3-wal").stat().st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 5000, limits[1]))
    try:
        with pytest.raises(StoreError, match=r"file too large: .*x\.sqlite3") as caught:
            store.write([moved(number) for number in range(3, 2000)], state)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert caught.value.fault is Fault.UNAVAILABLE
    assert len(events(path)) == 3
    store.write([moved(3)], state)
    assert len(events(path)) == 4


def overwrite(path: Path) -> None:
    path.write_bytes(b"no history" * 1000)


def cut(path: Path) -> None:
    os.truncate(path, 4096 + 100)


def garble(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[4096:] = random.Random(1).randbytes(len(data) - 4096)
    path.write_bytes(data)


def other_program(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE cookies (name)")


@pytest.mark.parametrize("damage", [overwrite, cut, garble, other_program], ids=lambda damage: damage.__name__)
def test_damaged_file_is_recognized(path: Path, damage: Callable[[Path], None]) -> None:
    """Fault 57."""
    begun(path, 300).close()
    damage(path)
    with pytest.raises(StoreError) as caught:
        begun(path)
    assert caught.value.fault is Fault.DAMAGED
    with pytest.raises(StoreError):
        events(path)
    aside = sqlite.set_aside(path)
    assert aside.exists()
    assert len(events_of_new(path)) == 3


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE event SET at = 'noon' WHERE seq = 2",
        "UPDATE event SET setting = CAST(x'ff' AS TEXT) WHERE seq = 2",
        "UPDATE event SET message = x'00' WHERE seq = 2",
        "UPDATE server SET seen = 'noon'",
        "DROP TABLE outage",
    ],
)
def test_damaged_rows_are_recognized(path: Path, statement: str) -> None:
    """Fault 57."""
    begun(path).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(statement)
        connection.commit()
    with pytest.raises(StoreError, match="is damaged") as caught:
        begun(path, 0).load()
    assert caught.value.fault is Fault.DAMAGED


def test_events_of_an_unknown_kind_are_left_out(path: Path) -> None:
    """A newer version with the same tables may have recorded them."""
    begun(path).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE event SET kind = 'eclipse' WHERE seq = 2")
        connection.commit()
    assert events(path) == ["dev db count 0 → 1", "dev db count 2 → 3"]


def events_of_new(path: Path) -> list[str]:
    begun(path).close()
    return events(path)


def test_newer_schema_is_refused_untouched(path: Path) -> None:
    """Fault 58."""
    begun(path).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE meta SET value = '2' WHERE name = 'schema'")
        connection.commit()
    before = path.read_bytes()
    for use in (begun, events):
        with pytest.raises(StoreError, match="was written by a newer parity-tui") as caught:
            use(path)
        assert caught.value.fault is Fault.NEWER
    assert path.read_bytes() == before


def test_folder_that_is_not_writable_is_described(path: Path) -> None:
    """Fault 55."""
    path.parent.mkdir()
    path.parent.chmod(0o555)
    for parent in path.parents[1:5]:
        parent.chmod(parent.stat().st_mode | 0o055)
    with as_nobody(), pytest.raises(StoreError, match="permission denied: ") as caught:
        begun(path)
    assert caught.value.fault is Fault.UNAVAILABLE


def test_history_in_read_only_folder_is_readable(path: Path) -> None:
    begun(path).close()
    path.chmod(0o444)
    path.parent.chmod(0o555)
    for parent in path.parents[1:5]:
        parent.chmod(parent.stat().st_mode | 0o055)
    with as_nobody():
        assert len(events(path)) == 3


def test_network_file_system_gets_a_rollback_journal(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mount = f"9 1 0:9 / {os.path.realpath(path.parent.parent)} rw - nfs4 files:/home rw\n"
    (path.parent.parent / "mountinfo").write_text(mount)
    monkeypatch.setattr(mounts, "MOUNTS", path.parent.parent / "mountinfo")
    store = begun(path)
    assert not path.with_name("x.sqlite3-wal").exists()
    store.close()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchall() == [("delete",)]
    assert len(events(path)) == 3


def test_replaced_file_is_noticed(path: Path) -> None:
    store = begun(path)
    assert store.is_current()
    sqlite.set_aside(path)
    assert not store.is_current()
    begun(path)
    assert not store.is_current()


def test_crash_while_creating_leaves_no_tables(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(file: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(json_lines, "read", fail)
    with pytest.raises(KeyboardInterrupt):
        begun(path)
    monkeypatch.undo()
    assert open_for_reading(path) is None
    assert len(events_of_new(path)) == 3

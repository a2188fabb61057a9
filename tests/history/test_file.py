"""The file of the history: complete lines from several processes, in a regular file of the user."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from parity_tui.history import file
from parity_tui.history.file import append, history_path, read

LINE = b'{"schema":1,"at":"2026-11-23T06:00:00Z","environment":"dev","service":"db","values":{"%s":"%s"}}\n'

WRITER = """
import sys
from pathlib import Path
from parity_tui.history.file import append
line = b'{"schema":1,"at":"2026-11-23T06:00:00Z","environment":"%s","service":"db","values":{"n%d":"%s"}}'
sys.stdin.read(1)
for number in range(300):
    append(Path(sys.argv[1]), [line % (sys.argv[2].encode(), number, b"x" * 3800) + bytes([10])])
"""


def test_lines_of_two_processes_do_not_interleave(tmp_path: Path) -> None:
    """Fault 56."""
    path = tmp_path / "history.jsonl"
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(path), name], stdin=subprocess.PIPE) for name in ("a", "b")
    ]
    for writer in writers:
        assert writer.stdin
        writer.stdin.close()
    assert [writer.wait() for writer in writers] == [0, 0]
    state = read(path)
    assert state.broken == 0
    assert {place: len(values) for place, values in state.values.items()} == {
        ("a", "db", ""): 300,
        ("b", "db", ""): 300,
    }


def test_incomplete_line_spoils_no_other(tmp_path: Path) -> None:
    """Faults 55, 57."""
    path = tmp_path / "history.jsonl"
    path.write_bytes(LINE % (b"a", b"1") + (LINE % (b"b", b"2"))[:40])
    append(path, [LINE % (b"c", b"3"), LINE % (b"d", b"4")])
    state = read(path)
    assert state.broken == 1
    assert state.values["dev", "db", ""] == {"a": "1", "c": "3", "d": "4"}


def test_large_file_is_rotated_and_still_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file, "_MAX_SIZE", 1000)
    path = tmp_path / "history.jsonl"
    for number in range(40):
        append(path, [LINE % (b"n%d" % number, b"1")])
    rotated = tmp_path / "history.1.jsonl"
    assert sorted(tmp_path.iterdir()) == [rotated, path] or list(tmp_path.iterdir()) == [rotated]
    assert sum(entry.stat().st_size for entry in tmp_path.iterdir()) < 3000
    assert "n39" in read(path).values["dev", "db", ""]


def test_only_the_owner_may_read_the_file(tmp_path: Path) -> None:
    path = tmp_path / "state" / "history" / "x.jsonl"
    append(path, [LINE % (b"a", b"1")])
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_links_pipes_and_folders_are_refused(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text("mine")
    link, pipe, folder = tmp_path / "link", tmp_path / "pipe", tmp_path / "folder"
    link.symlink_to(other)
    os.mkfifo(pipe)
    folder.mkdir()
    for path in (link, pipe, folder):
        with pytest.raises(OSError, match=r"."):
            append(path, [LINE % (b"a", b"1")])
    with pytest.raises(OSError, match="not a file"):
        read(pipe)
    assert other.read_text() == "mine"


def test_each_configuration_has_its_own_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    one, other = Path("/srv/shop/parity.toml"), Path("/srv/other/parity.toml")
    assert history_path([one]) == history_path([Path("/srv/shop/../shop/parity.toml")])
    assert len({history_path([one]), history_path([other]), history_path([one, other])}) == 3
    assert history_path([one]).name.startswith("shop-")
    assert history_path([one]).parent == tmp_path / "parity-tui" / "history"

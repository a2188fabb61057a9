"""The file of the history: whole lines, whoever else writes; nothing but a file of our own."""

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


def test_two_that_write_at_once_do_not_mix_their_lines(tmp_path: Path) -> None:
    """Fault 56: Two processes, hundreds of lines as long as lines may be."""
    path = tmp_path / "history.jsonl"
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(path), name], stdin=subprocess.PIPE) for name in ("a", "b")
    ]
    for writer in writers:
        assert writer.stdin
        writer.stdin.close()
    assert [writer.wait() for writer in writers] == [0, 0]
    past = read(path)
    assert past.broken == 0
    assert {place: len(values) for place, values in past.values.items()} == {("a", "db"): 300, ("b", "db"): 300}


def test_a_line_that_was_cut_off_spoils_no_other(tmp_path: Path) -> None:
    """Faults 55, 57: The disk was full in the middle of it; the next line begins anew."""
    path = tmp_path / "history.jsonl"
    path.write_bytes(LINE % (b"a", b"1") + (LINE % (b"b", b"2"))[:40])
    append(path, [LINE % (b"c", b"3"), LINE % (b"d", b"4")])
    past = read(path)
    assert past.broken == 1
    assert past.values["dev", "db"] == {"a": "1", "c": "3", "d": "4"}


def test_a_file_that_has_become_large_is_put_aside_and_still_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It never grows without end, and what it said is known."""
    monkeypatch.setattr(file, "_MAX_SIZE", 1000)
    path = tmp_path / "history.jsonl"
    for number in range(40):
        append(path, [LINE % (b"n%d" % number, b"1")])
    older = tmp_path / "history.1.jsonl"
    assert sorted(tmp_path.iterdir()) == [older, path] or list(tmp_path.iterdir()) == [older]
    assert sum(one.stat().st_size for one in tmp_path.iterdir()) < 3000
    assert "n39" in read(path).values["dev", "db"]


def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    """Values of servers stand in it."""
    path = tmp_path / "state" / "history" / "x.jsonl"
    append(path, [LINE % (b"a", b"1")])
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_what_somebody_put_in_its_place_is_not_written_to(tmp_path: Path) -> None:
    """A link to another file, a pipe that nobody reads, a folder: an error in words, and no waiting."""
    other = tmp_path / "other"
    other.write_text("mine")
    link, pipe, folder = tmp_path / "link", tmp_path / "pipe", tmp_path / "folder"
    link.symlink_to(other)
    os.mkfifo(pipe)
    folder.mkdir()
    for path in (link, pipe, folder):
        with pytest.raises(OSError, match=r"."):
            append(path, [LINE % (b"a", b"1")])
    with pytest.raises(OSError, match="no file"):
        read(pipe)
    assert other.read_text() == "mine"


def test_each_configuration_has_a_file_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By where its files are, not by how they were named; several dotenv files are one configuration."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    one, other = Path("/srv/shop/parity.toml"), Path("/srv/other/parity.toml")
    assert history_path([one]) == history_path([Path("/srv/shop/../shop/parity.toml")])
    assert len({history_path([one]), history_path([other]), history_path([one, other])}) == 3
    assert history_path([one]).name.startswith("shop-")
    assert history_path([one]).parent == tmp_path / "parity-tui" / "history"

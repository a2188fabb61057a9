"""The file of a history: complete lines are appended to it, each with one write.

Two boards of one configuration append to the same file; single writes never interleave.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import re
import stat
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from parity_tui.history.state import MAX_CHANGES, HistoryState

_MAX_SIZE = 16 * 1024 * 1024
"""bytes; a larger file is rotated, and replaces the one rotated before"""


def history_path(files: Iterable[Path]) -> Path:
    """Return the path of the history of the configuration in these files.

    Raises OSError if the user has no home directory.
    """
    import platformdirs  # here: most commands have no history

    paths = [Path(os.path.abspath(file)) for file in files]
    digest = hashlib.sha256("\0".join(map(str, paths)).encode("utf-8", "surrogateescape")).hexdigest()[:12]
    name = re.sub(r"[^\w.-]", "-", paths[0].parent.name or "root")[:40]
    try:
        folder = platformdirs.user_state_path("parity-tui") / "history"
    except RuntimeError:
        raise OSError(errno.ENOENT, "there is no home folder") from None
    return folder / f"{name}-{digest}.jsonl"


def read(path: Path, max_changes: int | None = MAX_CHANGES) -> HistoryState:
    """Return the state after all lines of the rotated file and of this one; empty without a file.

    Keeps the newest ``max_changes`` changes, None: all. Raises OSError.
    """
    state = HistoryState(max_changes)
    for file in (_rotated(path), path):
        with suppress(FileNotFoundError), os.fdopen(_open_file(file, os.O_RDONLY), "rb") as stream:
            for line in stream:
                state.read_line(line)
    return state


def append(path: Path, lines: Iterable[bytes]) -> bool:
    """Append lines, each with one write; return whether the file was then rotated. Raises OSError."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = _open_file(path, os.O_RDWR | os.O_APPEND | os.O_CREAT)
    try:
        size = os.fstat(descriptor).st_size
        # After a full disk or a power failure the last line may be incomplete: end it first.
        prefix = b"\n" if size and os.pread(descriptor, 1, size - 1) != b"\n" else b""
        for line in lines:
            rest = prefix + line
            while rest:  # a partial write happens only when the disk is full; the next one then raises
                rest = rest[os.write(descriptor, rest) :]
            prefix = b""
        return size > _MAX_SIZE and _rotate(path, descriptor)
    finally:
        os.close(descriptor)


def _rotate(path: Path, descriptor: int) -> bool:
    """Rotate the file; return false if another process does or did."""
    with suppress(BlockingIOError, FileNotFoundError):
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.path.samestat(os.fstat(descriptor), os.stat(path)):
            os.replace(path, _rotated(path))
            return True
    return False


def _rotated(path: Path) -> Path:
    return path.with_suffix(".1.jsonl")


def _open_file(path: Path, flags: int) -> int:
    """Open a regular file; refuse links, pipes and folders in its place. Raises OSError."""
    descriptor = os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o600)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "not a file", str(path))
    return descriptor

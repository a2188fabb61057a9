"""The file that a history is kept in: lines are only ever added to it, each in one piece.

Two boards on one configuration write into the same file: a line that is added whole is never mixed with another's.
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

from parity_tui.history.state import NEWEST, HistoryState

_LARGEST = 16 * 1024 * 1024
"""bytes after which a new file is begun; the one before is kept, and an older one goes"""


def history_path(files: Iterable[Path]) -> Path:
    """Return where the history of a configuration is kept, by the files that it was read from.

    Raises OSError where the user has no home.
    """
    import platformdirs  # here: commands without a history have no use for it

    named = [Path(os.path.abspath(file)) for file in files]
    digest = hashlib.sha256("\0".join(map(str, named)).encode("utf-8", "surrogateescape")).hexdigest()[:12]
    name = re.sub(r"[^\w.-]", "-", named[0].parent.name or "root")[:40]
    try:
        folder = platformdirs.user_state_path("parity-tui") / "history"
    except RuntimeError:
        raise OSError(errno.ENOENT, "there is no home folder") from None
    return folder / f"{name}-{digest}.jsonl"


def read(path: Path, most: int | None = NEWEST) -> HistoryState:
    """Return what the file adds up to, and the one before it; nothing where there is none. Raises OSError.

    Of the moves the newest ``most`` are remembered, None: all.
    """
    past = HistoryState(most)
    for file in (_older(path), path):
        with suppress(FileNotFoundError), os.fdopen(_opened(file, os.O_RDONLY), "rb") as stream:
            for line in stream:
                past.read(line)
    return past


def append(path: Path, lines: Iterable[bytes]) -> bool:
    """Add lines, each in one piece; put the file aside where it has become large, and tell so. Raises OSError."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = _opened(path, os.O_RDWR | os.O_APPEND | os.O_CREAT)
    try:
        size = os.fstat(descriptor).st_size
        # Where the disk was full, or the machine lost its power, the last line has no end.
        begin = b"\n" if size and os.pread(descriptor, 1, size - 1) != b"\n" else b""
        for line in lines:
            rest = begin + line
            while rest:  # a second time only where the disk is full, which then says so
                rest = rest[os.write(descriptor, rest) :]
            begin = b""
        return size > _LARGEST and _put_aside(path, descriptor)
    finally:
        os.close(descriptor)


def _put_aside(path: Path, descriptor: int) -> bool:
    """Put a file aside that has become large; false where somebody else just does or did."""
    with suppress(BlockingIOError, FileNotFoundError):
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.path.samestat(os.fstat(descriptor), os.stat(path)):
            os.replace(path, _older(path))
            return True
    return False


def _older(path: Path) -> Path:
    """Return the name of the file before this one."""
    return path.with_suffix(".1.jsonl")


def _opened(path: Path, flags: int) -> int:
    """Open a file, and only that: nothing that somebody put in its place. Raises OSError."""
    descriptor = os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o600)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "it is no file", str(path))
    return descriptor

"""The file of a history as older versions kept it, in lines of JSON: read once, and never written.

The file stays unchanged: an older version continues it, and a replacement for a damaged store reads it again.
"""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from pathlib import Path

from parity_tui.history.state import HistoryState


def read(path: Path) -> HistoryState:
    """Return the state after all lines of the rotated file and of this one; empty without a file. Raises OSError."""
    state = HistoryState(None)
    for file in (path.with_suffix(".1.jsonl"), path):
        with suppress(FileNotFoundError, NotADirectoryError), os.fdopen(_open_file(file), "rb") as stream:
            for line in stream:
                state.read_line(line)
    return state


def _open_file(path: Path) -> int:
    """Open a regular file; refuse links, pipes and folders in its place. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "not a file", str(path))
    return descriptor

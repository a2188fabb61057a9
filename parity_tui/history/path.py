"""Where the history of a configuration is."""

from __future__ import annotations

import errno
import hashlib
import os
import re
from collections.abc import Iterable
from pathlib import Path

SUFFIX = ".sqlite3"


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
    return folder / f"{name}-{digest}{SUFFIX}"


def lines_path(path: Path) -> Path:
    """Return the path that the same history had as lines of JSON."""
    return path.with_suffix(".jsonl")


def exists(files: Iterable[Path]) -> bool:
    """Return whether the configuration in these files has a history on this machine."""
    try:
        path = history_path(files)
    except OSError:
        return False
    return any(os.path.lexists(file) for file in (path, lines_path(path), lines_path(path).with_suffix(".1.jsonl")))

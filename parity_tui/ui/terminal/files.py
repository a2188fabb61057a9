"""Files that the board writes when it is asked to: exports into the working directory, copies into a private place."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from datetime import datetime
from functools import cache
from pathlib import Path


def export(text: str, ending: str, folder: Path, now: datetime) -> Path:
    """Write an export and return its path; a file that is there already is never touched. Raises OSError."""
    stem = f"parity-{now:%Y%m%d-%H%M%S}"
    for number in range(100):
        path = folder / (f"{stem}.{ending}" if not number else f"{stem}-{number}.{ending}")
        with suppress(FileExistsError):
            return _write(path, text)
    raise FileExistsError(f"{stem}.{ending} is there already")


def copied(text: str) -> Path:
    """Write what has been copied to where only this person can read it, and return the path. Raises OSError."""
    return _write(_private() / "copied.txt", text, os.O_TRUNC)


@cache
def _private() -> Path:
    """Return a folder of this process, for its owner only."""
    return Path(tempfile.mkdtemp(prefix="parity-tui-"))


def _write(path: Path, text: str, how: int = os.O_EXCL) -> Path:
    """Write a file, readable by its owner only: settings tell much about a system."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | how, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
        file.write(text)
    return path


def trouble(error: OSError) -> str:
    """Return why a file could not be written, in words."""
    return (error.strerror or str(error) or "unknown error").lower()

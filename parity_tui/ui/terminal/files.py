"""Files the board writes on request: exports to the working directory."""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import datetime
from pathlib import Path


def write_export(text: str, ending: str, folder: Path, now: datetime) -> Path:
    """Write an export to a new file and return its path. Raises OSError."""
    stem = f"parity-{now:%Y%m%d-%H%M%S}"
    for number in range(100):
        path = folder / (f"{stem}.{ending}" if not number else f"{stem}-{number}.{ending}")
        with suppress(FileExistsError):
            return _write(path, text)
    raise FileExistsError(f"{stem}.{ending} already exists")


def _write(path: Path, text: str, flag: int = os.O_EXCL) -> Path:
    """Write a file that only its owner can read, because settings are confidential."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | flag, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
        file.write(text)
    return path


def describe(error: OSError) -> str:
    """Return why a file could not be written."""
    return (error.strerror or str(error) or "unknown error").lower()

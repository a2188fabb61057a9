"""Appends a table to the text of parity.toml: its comments and layout stay as they are."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from parity_tui.config import parity_toml
from parity_tui.config.errors import ConfigError
from parity_tui.config.trust import permission


def append_table(path: Path, table: str, environ: Mapping[str, str] = os.environ) -> None:
    """Append a table to a configuration file; the file is replaced in one step and keeps its mode.

    Args:
        path: the file; a symbolic link stays one.
        table: TOML that begins with a header, such as ``[[expect]]``.
        environ: variables that the file may refer to.

    Raises:
        ConfigError: the file would not be valid afterwards, or cannot be written; it is as before.
    """
    path = Path(os.path.realpath(path))
    try:
        before = path.read_bytes().decode("utf-8-sig")
        newline = "\r\n" if "\r\n" in before else "\n"
        gap = "" if before.endswith("\n\n") or not before else "\n" if before.endswith("\n") else "\n\n"
        after = before + (gap + table).replace("\n", newline)
        parity_toml.read(after, str(path), environ, path.parent)
        allowed = permission.is_allowed(path, before)
        _replace(path, after)
        if allowed:  # the user has just seen and confirmed the difference
            permission.allow(path, after)
    except (OSError, UnicodeError) as error:
        raise ConfigError(f"{path}: not written: {getattr(error, 'strerror', None) or error}") from None


def _replace(path: Path, text: str) -> None:
    """Write a new file beside the old one, and put it in its place once it is on disk. Raises OSError."""
    import tempfile  # here: most commands only read the configuration

    status = path.stat()
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fchmod(file.fileno(), status.st_mode & 0o7777)
            if (status.st_uid, status.st_gid) != (os.getuid(), os.getgid()):
                os.fchown(file.fileno(), status.st_uid, status.st_gid)
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise

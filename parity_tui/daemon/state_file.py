"""The file in which a watcher remembers what it has announced, and the events that wait to be sent."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec
from msgspec import Struct, field

from parity_tui.daemon.damper import Damper
from parity_tui.daemon.event import Event
from parity_tui.daemon.standing import Standing
from parity_tui.history import history_path
from parity_tui.transport.user_files import read_file

SCHEMA = 1
_LARGEST = 64 * 1024 * 1024
"""bytes"""


class Remembered(Struct):
    """The content of the file."""

    schema: int = SCHEMA
    standing: Standing = field(default_factory=Standing)
    damper: Damper = field(default_factory=Damper)
    waiting: dict[str, list[Event]] = field(default_factory=dict)
    """by the name of the sink, oldest first"""
    lost: dict[str, int] = field(default_factory=dict)
    """by the name of the sink: events that were dropped and not yet reported"""


class StateError(Exception):
    """The file cannot be used; the message is for a person."""


class NewerStateError(StateError):
    """A newer version has written the file, which stays as it is."""


def state_path(files: Sequence[Path], selection: Collection[str] = ()) -> Path:
    """Return the path for a configuration, or for a selection of its environments and services.

    Raises OSError if the user has no home directory.
    """
    path = history_path(files)
    words = "\0".join(sorted(selection))
    suffix = f"-{hashlib.sha256(words.encode('utf-8', 'surrogateescape')).hexdigest()[:8]}" if words else ""
    return path.with_name(f"{path.stem}{suffix}.watch.json")


def load(path: Path) -> Remembered:
    """Return the content of the file; of none, nothing was announced. Raises StateError."""
    try:
        content = read_file(path, _LARGEST)
    except FileNotFoundError:
        return Remembered()
    except (OSError, ValueError) as error:
        raise StateError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}") from None
    try:
        remembered = msgspec.json.decode(content, type=Remembered)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise StateError(f"{path} is damaged") from None
    if remembered.schema != SCHEMA:
        raise NewerStateError(f"{path} was written by a newer parity-tui")
    return remembered


def save(path: Path, remembered: Remembered) -> None:
    """Replace the file at once. Raises OSError."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    replace_file(path, msgspec.json.encode(remembered), 0o600)


def replace_file(path: Path, content: bytes, mode: int) -> None:
    """Replace a file by a rename, so that readers see the old content or the new one. Raises OSError."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    with suppress(FileNotFoundError):
        temporary.unlink()
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            os.fchmod(stream.fileno(), mode)
            stream.write(content)
        temporary.replace(path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise

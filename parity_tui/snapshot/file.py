"""The file of a snapshot: written as a whole or not at all, read with bounded memory."""

from __future__ import annotations

import errno
import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path

from parity_tui.drift.values import printable
from parity_tui.snapshot.codec import DamagedError
from parity_tui.snapshot.document import Snapshot, of_data, overfull, to_text
from parity_tui.snapshot.layout import LARGEST, NotJSONError, excess, parsed
from parity_tui.transport.user_files import read_file


class SnapshotError(Exception):
    """A file that cannot be read as a snapshot; the message is a sentence with its name."""


class UnwrittenError(SnapshotError):
    """A file that cannot be written."""


def read(path: Path, name: str = "") -> Snapshot:
    """Return the snapshot of a file.

    Args:
        path: the file.
        name: how messages and its targets name it; the path as given by default.

    Raises:
        SnapshotError: the file cannot be read, or is no snapshot of a known schema.
    """
    name = name or str(path)
    try:
        return of_data(parsed(read_file(path, LARGEST)), name)
    except FileNotFoundError:
        raise SnapshotError(f"{printable(name)}: there is no such file") from None
    except NotJSONError as error:
        hint = "; `parity-tui snapshot -o FILE` writes a snapshot"
        raise SnapshotError(f"{printable(name)}: {printable(str(error))}{hint}") from None
    except DamagedError as error:
        raise SnapshotError(f"{printable(name)}: {printable(str(error))}") from None
    except (OSError, ValueError) as error:  # a null byte in a path
        words = getattr(error, "strerror", None) or error
        raise SnapshotError(f"{printable(name)} cannot be read: {str(words)[:1].lower()}{str(words)[1:]}") from None


def write(path: Path, snapshot: Snapshot) -> None:
    """Write a snapshot: the file has the old content or the new, whatever happens. Raises UnwrittenError.

    A new file is the user's own (0600); an existing one keeps its mode. A link is followed.
    """
    content = to_text(snapshot).encode()
    if reason := excess(content) or overfull(snapshot):
        raise UnwrittenError(f"{printable(str(path))} is not written: {reason}: select by --environment or --service")
    try:
        _write(Path(os.path.realpath(path)), content)
    except (OSError, ValueError) as error:
        words = str(getattr(error, "strerror", None) or error).lower()
        raise UnwrittenError(f"{printable(str(path))} cannot be written: {words}") from None


def _write(path: Path, content: bytes) -> None:
    mode = 0o600
    with suppress(FileNotFoundError):
        status = path.stat()
        mode = stat.S_IMODE(status.st_mode)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "it is no regular file", str(path))
    temporary = path.with_name(f".{path.name[:100]}.{secrets.token_hex(4)}.tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            os.fchmod(stream.fileno(), mode)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(temporary, path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise

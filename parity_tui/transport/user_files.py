"""Opens files that a configuration names: regular files of a bounded size, and nothing that can block."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO

_KINDS = (
    (stat.S_ISFIFO, "it is a named pipe"),
    (stat.S_ISSOCK, "it is a socket"),
    (stat.S_ISCHR, "it is a device"),
    (stat.S_ISBLK, "it is a device"),
)


def open_file(path: str | os.PathLike[str], most: int | None = None) -> BinaryIO:
    """Open a regular file for reading.

    Args:
        path: the file.
        most: bytes that it may have; None: any number, for files of which only a part is read.

    Raises:
        OSError: the file cannot be opened, is none, or is too large; ``strerror`` is a phrase.
        ValueError: the path has a null byte.
    """
    # Without O_NONBLOCK a named pipe without a writer would block.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    try:
        status = os.fstat(descriptor)
        if stat.S_ISDIR(status.st_mode):
            raise IsADirectoryError(errno.EISDIR, "it is a folder", str(path))
        if not stat.S_ISREG(status.st_mode):
            kind = next((words for is_kind, words in _KINDS if is_kind(status.st_mode)), "not a file")
            raise OSError(errno.EINVAL, f"{kind}, not a regular file", str(path))
        if most is not None and status.st_size > most:
            raise OSError(errno.EFBIG, f"it is larger than {size(most)}", str(path))
        return os.fdopen(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


def read_file(path: str | os.PathLike[str], most: int) -> bytes:
    """Return the content of a regular file. Raises as :func:`open_file` does."""
    with open_file(path, most) as file:
        content = file.read(most + 1)  # the files of /proc have no size
    if len(content) > most:
        raise OSError(errno.EFBIG, f"it is larger than {size(most)}", str(Path(path)))
    return content


def size(count: int) -> str:
    """Return a number of bytes for a message.

    >>> size(65536), size(1048576)
    ('64 KB', '1 MB')
    """
    return f"{count >> 20} MB" if count >= 1 << 20 else f"{count >> 10} KB"

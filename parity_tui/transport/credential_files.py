"""The home folder, and the small files of other programs in it that hold a login."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path

from parity_tui.model import Reason, ServiceError
from parity_tui.secrets import Secret

_LARGEST = 1024 * 1024
"""bytes of a file that can hold logins"""


def home(environ: Mapping[str, str] = os.environ) -> Path | None:
    """Return the home folder, None where there is none: containers have users that nobody has written down.

    >>> home({"HOME": "/home/ann"})
    PosixPath('/home/ann')
    """
    named = environ.get("HOME") or os.path.expanduser("~")
    return Path(named) if os.path.isabs(named) else None


def read_private(path: Path, others: int, *, must: bool = False) -> str | None:
    """Return the text of a file that holds a login, None where there is none.

    ``others`` are the bits of its mode that give too much away. Raises ServiceError(Reason.SECRET, …) where it has one
    of them, where it cannot be read, and where it is not there though it ``must`` be.
    """
    try:
        with open(path, "rb", opener=_without_waiting) as stream:
            mode = os.fstat(stream.fileno()).st_mode
            content = stream.read(_LARGEST + 1) if stat.S_ISREG(mode) else b""
    except FileNotFoundError:
        if must:
            raise ServiceError(Reason.SECRET, f"password: there is no file {path}") from None
        return None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "its name is none"
        raise ServiceError(Reason.SECRET, f"password: the file {path} cannot be read: {why}") from None
    if not stat.S_ISREG(mode):
        raise ServiceError(Reason.SECRET, f"password: {path} is no file")
    if mode & others:
        verb = "read" if others & 0o044 else "written"
        raise ServiceError(Reason.SECRET, f"password: {path} can be {verb} by others and is not used: chmod 600 {path}")
    if len(content) > _LARGEST:
        raise ServiceError(Reason.SECRET, f"password: {path} is too large for a file of logins")
    return content.decode("utf-8", "surrogateescape")


def as_secret(text: str, whose: str) -> Secret:
    """Return a password; raises ServiceError(Reason.SECRET, …) for bytes that are no text, which no server takes."""
    if any("\ud800" <= sign <= "\udfff" for sign in text):
        raise ServiceError(Reason.SECRET, f"password: {whose} holds no text")
    return Secret(text)


def port_of(text: str, whose: str) -> int:
    """Return the port that a file names, 0 where it names none; raises ServiceError(Reason.CONFIG, …) for what is no port.

    >>> port_of("5433", "x"), port_of("", "x")
    (5433, 0)
    """
    if text and not (text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= 65_535):
        raise ServiceError(Reason.CONFIG, f"the port of {whose} is none")
    return int(text or 0)


def _without_waiting(path: str, flags: int) -> int:
    """Open a file; a pipe that nobody writes into is not waited for."""
    return os.open(path, flags | os.O_NONBLOCK)

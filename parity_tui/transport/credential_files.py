"""Files of other programs that hold a login, such as ~/.pgpass."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from parity_tui.model import Reason, ServiceError
from parity_tui.secrets import Secret
from parity_tui.transport.user_files import open_file

_LARGEST = 1024 * 1024
"""bytes of a plausible file of logins"""


def home(environ: Mapping[str, str] = os.environ) -> Path | None:
    """Return the home folder, None for a user without one, as in many containers.

    >>> home({"HOME": "/home/ann"})
    PosixPath('/home/ann')
    """
    path = environ.get("HOME") or os.path.expanduser("~")
    return Path(path) if os.path.isabs(path) else None


def read_private(path: Path, others: int, *, must: bool = False) -> str | None:
    """Return the text of a file that holds a login.

    Args:
        path: the file.
        others: bits of its mode that must not be set.
        must: whether a missing file is an error.

    Returns:
        The text, invalid UTF-8 as surrogates; None for a missing file.

    Raises:
        ServiceError: Reason.SECRET; the file cannot be read, is too large, or has one of the bits.
    """
    try:
        with open_file(path) as stream:
            mode = os.fstat(stream.fileno()).st_mode
            content = stream.read(_LARGEST + 1)
    except FileNotFoundError:
        if must:
            raise ServiceError(Reason.SECRET, f"password: no file {path}") from None
        return None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "its name is none"
        raise ServiceError(Reason.SECRET, f"password: the file {path} cannot be read: {why}") from None
    if mode & others:
        verb = "read" if others & 0o044 else "written"
        raise ServiceError(Reason.SECRET, f"password: {path} can be {verb} by others and is not used: chmod 600 {path}")
    if len(content) > _LARGEST:
        raise ServiceError(Reason.SECRET, f"password: {path} is too large for a credentials file")
    return content.decode("utf-8", "surrogateescape")


def as_secret(text: str, whose: str) -> Secret:
    """Return the password of ``whose``. Raises ServiceError(Reason.SECRET, …) for text with surrogates."""
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise ServiceError(Reason.SECRET, f"password: {whose} is not text")
    return Secret(text)


def port_of(text: str, whose: str) -> int:
    """Return the port in a file, 0 for an empty text. Raises ServiceError(Reason.CONFIG, …) if it is invalid.

    >>> port_of("5433", "x"), port_of("", "x")
    (5433, 0)
    """
    if text and not (text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= 65_535):
        raise ServiceError(Reason.CONFIG, f"the port of {whose} is invalid")
    return int(text or 0)

"""The digests of the files that the user has allowed: a file each in the user's state folder, as direnv keeps them."""

from __future__ import annotations

import os
import stat
from pathlib import Path


def digest(path: Path, text: str) -> str:
    """Return the digest of a file's path and content: the same commands elsewhere may run other programs."""
    import hashlib  # here: few configurations need an allowance

    return hashlib.sha256(f"{os.path.realpath(path)}\0{text}".encode("utf-8", "surrogateescape")).hexdigest()


def is_allowed(path: Path, text: str) -> bool:
    """Return whether the user has allowed this content of the file."""
    try:
        status = os.lstat(_folder() / digest(path, text))
    except OSError:
        return False
    private = not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    return stat.S_ISREG(status.st_mode) and private and status.st_uid == os.geteuid()


def allow(path: Path, text: str) -> None:
    """Remember that the user allows this content of the file. Raises OSError."""
    folder = _folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    record = folder / digest(path, text)
    descriptor = os.open(record, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        os.fchmod(stream.fileno(), 0o600)
        stream.write(os.fsencode(f"{os.path.realpath(path)}\n"))


def _folder() -> Path:
    """Return the folder of the digests. Raises OSError for a user without a home."""
    import platformdirs  # here: a file that was named needs no permission

    try:
        return platformdirs.user_state_path("parity-tui") / "allowed"
    except RuntimeError:
        raise FileNotFoundError(2, "there is no home folder to remember it in") from None

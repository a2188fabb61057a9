"""The key of the fingerprints that files keep: 32 random bytes in the user's state folder, made on first use."""

from __future__ import annotations

import errno
import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path

from parity_tui.secrets import use_key

_BYTES = 32


def use_stored_key() -> None:
    """Make fingerprints with the user's key from now on, and make the key if there is none.

    Call it before anything is read, wherever fingerprints are kept or are compared with kept ones. Raises OSError
    with the path of the key where it can neither be read nor made: the random key of this process then stays in use,
    and its fingerprints are unknown to every other process.
    """
    use_key(_stored_key(key_path()))


def key_path() -> Path:
    """Return the path of the key. Raises OSError for a user without a home folder."""
    import platformdirs  # here: most commands keep no fingerprints

    try:
        return platformdirs.user_state_path("parity-tui") / "fingerprints.key"
    except RuntimeError:
        raise OSError(errno.ENOENT, "there is no home folder") from None


def _stored_key(path: Path) -> bytes:
    with suppress(FileNotFoundError):
        return _read(path)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(secrets.token_bytes(_BYTES))
            stream.flush()
            os.fsync(stream.fileno())
        with suppress(FileExistsError):  # another process was faster: its key counts
            os.link(temporary, path)
    finally:
        temporary.unlink()
    return _read(path)


def _read(path: Path) -> bytes:
    """Return the key of a file that nobody else can read. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as stream:
        status = os.fstat(stream.fileno())
        if not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid() or status.st_mode & 0o077:
            raise OSError(errno.EPERM, "others can read or replace it: chmod 600", str(path))
        key = stream.read(_BYTES + 1)
    if len(key) != _BYTES:
        raise OSError(errno.EINVAL, f"it does not hold the {_BYTES} bytes of a key", str(path))
    return key

"""Where a password comes from: the file itself, a variable, a file of its own, a command, the keyring.

Each function returns what a login calls, in a thread, to be given the password; it raises
ServiceError(Reason.SECRET, …) where there is none. Functions, not objects: nothing of them is shown by a repr.
"""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from parity_tui.model import Reason, ServiceError
from parity_tui.secrets import Secret, redact
from parity_tui.transport.credential_files import as_secret

PasswordSource = Callable[[], Secret]

LIMIT = 10.0
"""seconds that a command may take"""
_LARGEST = 65_536
"""bytes of a file that can be a password"""


def fixed(secret: Secret) -> PasswordSource:
    """Give the password that the configuration holds."""
    return lambda: secret


def variable(name: str, environ: Mapping[str, str]) -> PasswordSource:
    """Give the value of a variable, as it is at each login."""

    def ask() -> Secret:
        value = environ.get(name)
        if value is None:
            raise _none(f"the variable {name} is not set")
        if not value:
            raise _none(f"the variable {name} is empty")
        return as_secret(value, f"the variable {name}")

    return ask


def file(path: Path) -> PasswordSource:
    """Give the content of a file, as it is at each login, without one newline at its end."""

    def ask() -> Secret:
        try:
            with path.open("rb") as stream:
                content = stream.read(_LARGEST + 1)
        except OSError as error:
            raise _none(f"the file {path} cannot be read: {error.strerror}") from error
        if len(content) > _LARGEST:
            raise _none(f"the file {path} is too large for a password")
        return Secret(_text(content, f"the file {path}"))

    return ask


def command(argv: Sequence[str], folder: Path, limit: float = LIMIT) -> PasswordSource:
    """Give what a command prints; it is run once, at the first login, however many logins ask at a time.

    ``folder`` is where it is run, ``limit`` the seconds it may take. A command that failed is run again at
    the next login.
    """
    lock = threading.Lock()
    given: list[Secret] = []

    def ask() -> Secret:
        with lock:
            if not given:
                given.append(_printed(argv, folder, limit))
            return given[0]

    return ask


def keyring(service: str, user: str) -> PasswordSource:
    """Give what the keyring of the desktop holds for a user of a service, as it is at each login."""

    def ask() -> Secret:
        whose = f'{user} of "{service}"'
        try:
            import keyring as backend  # here: it is an extra, and looks at every backend that there is
        except ImportError:
            raise _none("the keyring needs a package: pip install 'parity-tui[keyring]'") from None
        try:
            with _one_question:
                found = backend.get_password(service, user)
        except Exception as error:  # backends raise what they like
            raise _none(f"the keyring does not give that of {whose}: {_in_words(error)}") from None
        if not found:
            raise _none(f"the keyring has none for {whose}: keyring set {shlex.join((service, user))}")
        return Secret(found)

    return ask


_one_question = threading.Lock()
"""a locked keyring asks a person to unlock it: once, however many logins want something of it"""


def _in_words(error: Exception) -> str:
    """Return why a keyring gives nothing."""
    match type(error).__name__:
        case "NoKeyringError":
            return "there is no keyring on this machine"
        case "KeyringLocked":
            return "it is locked"
        case name:
            said = "".join(sign for sign in redact(str(error)) if sign.isprintable())[:200]
            return said or name


def _printed(argv: Sequence[str], folder: Path, limit: float) -> Secret:
    """Run a command and return what it prints."""
    name = f'the command "{argv[0]}"'
    try:
        # A session of its own: what asks for a passphrase finds no terminal to draw on, and on expiry the
        # command goes with all that it has started.
        process = subprocess.Popen(  # noqa: S603 - the user's own configuration names it, and no shell reads it
            argv,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        raise _none(f"{name} cannot be run: {getattr(error, 'strerror', None) or error}") from error
    with process:
        try:
            out, err = process.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            raise _none(f"{name} gave no answer in {limit:g} s") from None
    if process.returncode:
        raise _none(f"{name} {_ended(process.returncode)}{_last_line(out, err)}")
    text = _text(out, name)
    if "\n" in text:
        raise _none(f"{name} printed more than one line")
    return Secret(text)


def _ended(code: int) -> str:
    """Return how a command ended, in words."""
    return f"ended with {code}" if code > 0 else f"was ended by signal {-code}"


def _last_line(out: bytes, err: bytes) -> str:
    """Return the last thing that a command said of its failure, without what it printed for us."""
    lines = err.decode("utf-8", "replace").strip().splitlines()
    if not lines:
        return ""
    said = redact(lines[-1], [word for word in out.decode("utf-8", "replace").split() if len(word) > 2])
    return f": {''.join(sign for sign in said if sign.isprintable())[:200]}"


def _text(content: bytes, whose: str) -> str:
    """Return bytes as the password they are, without one newline at the end."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        raise _none(f"{whose} holds no text") from None  # the error itself would quote the bytes
    text = text.removesuffix("\n").removesuffix("\r")
    if not text:
        raise _none(f"{whose} gives nothing")
    return text


def _none(why: str) -> ServiceError:
    """Return the error that says why there is no password."""
    return ServiceError(Reason.SECRET, f"password: {why}")

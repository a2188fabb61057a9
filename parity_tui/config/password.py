"""The sources of a password: the configuration itself, a variable, a file, a command, the keyring.

Each function returns a :data:`PasswordSource`. Functions, not objects: no repr shows anything of them.
"""

from __future__ import annotations

import os
import shlex
import signal
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from parity_tui.model import QuickPassword, Reason, ServiceError
from parity_tui.secrets import Secret, redact
from parity_tui.transport.child_environ import child_environ
from parity_tui.transport.credential_files import as_secret
from parity_tui.transport.user_files import read_file

PasswordSource = Callable[[], Secret]
"""Called at each login, in a thread unless it is quick. Raises ServiceError(Reason.SECRET, …)."""

TIMEOUT = 10.0
"""seconds for a command"""
_MAX_BYTES = 65_536
_MAX_REASON = 200
"""characters of a foreign error message that are shown"""


def fixed(secret: Secret) -> PasswordSource:
    """Return the source of a password that the configuration holds."""
    return QuickPassword(lambda: secret)


def variable(name: str, environ: Mapping[str, str]) -> PasswordSource:
    """Return the source of a variable's value, read at each login."""

    def read() -> Secret:
        value = environ.get(name)
        if value is None:
            raise _no_password(f"the variable {name} is not set")
        if not value:
            raise _no_password(f"the variable {name} is empty")
        return as_secret(value, f"the variable {name}")

    return QuickPassword(read)


def file(path: Path) -> PasswordSource:
    """Return the source of a file's content, read at each login, without one newline at its end."""

    def read() -> Secret:
        try:
            content = read_file(path, _MAX_BYTES)
        except OSError as error:
            raise _no_password(f"the file {path} cannot be read: {error.strerror}") from error
        return Secret(_decoded(content, f"the file {path}"))

    return read


def command(argv: Sequence[str], folder: Path, timeout: float = TIMEOUT) -> PasswordSource:
    """Return the source of a command's output.

    The command runs once, at the first login, however many logins wait for it; after a failure it runs again at the
    next login.

    Args:
        argv: program and arguments; no shell is involved.
        folder: working directory.
        timeout: seconds.
    """
    lock = threading.Lock()
    cached: list[Secret] = []

    def read() -> Secret:
        with lock:
            if not cached:
                cached.append(_output(argv, folder, timeout))
            return cached[0]

    return read


def keyring(service: str, user: str) -> PasswordSource:
    """Return the source of the desktop keyring's password for a user of a service, read at each login."""

    def read() -> Secret:
        entry = f'{user} of "{service}"'
        try:
            import keyring as backend  # here: it is an extra, and its import loads every installed backend
        except ImportError:
            raise _no_password("the keyring needs a package: pip install 'parity-tui[keyring]'") from None
        try:
            with _keyring_lock:
                password = backend.get_password(service, user)
        except Exception as error:  # a backend may raise anything
            raise _no_password(f"the keyring does not give that of {entry}: {_keyring_problem(error)}") from None
        if not password:
            raise _no_password(f"the keyring has none for {entry}: keyring set {shlex.join((service, user))}")
        return Secret(password)

    return read


_keyring_lock = threading.Lock()
"""a locked keyring asks a person to unlock it: once, however many logins wait for it"""


def _keyring_problem(error: Exception) -> str:
    match type(error).__name__:
        case "NoKeyringError":
            return "there is no keyring on this machine"
        case "KeyringLocked":
            return "it is locked"
        case name:
            return _printable(redact(str(error))) or name


def _output(argv: Sequence[str], folder: Path, timeout: float) -> Secret:
    """Run a command and return its output."""
    import subprocess  # here: few passwords come from a command

    name = f'the command "{argv[0]}"'
    try:
        # In its own session a prompt for a passphrase has no terminal, and a timeout kills its children too.
        process = subprocess.Popen(  # noqa: S603 - the user's own configuration names it, and no shell reads it
            argv,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            env=child_environ(),
        )
    except (OSError, ValueError) as error:
        raise _no_password(f"{name} cannot be run: {getattr(error, 'strerror', None) or error}") from error
    with process:
        try:
            out, err = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            raise _no_password(f"{name} gave no answer in {timeout:g} s") from None
    if process.returncode:
        raise _no_password(f"{name} {_exit_words(process.returncode)}{_last_line(out, err)}")
    text = _decoded(out, name)
    if "\n" in text:
        raise _no_password(f"{name} printed more than one line")
    return Secret(text)


def _exit_words(code: int) -> str:
    return f"ended with {code}" if code > 0 else f"was ended by signal {-code}"


def _last_line(out: bytes, err: bytes) -> str:
    """Return the last line of a command's error output, without any word of its standard output."""
    lines = err.decode("utf-8", "replace").strip().splitlines()
    if not lines:
        return ""
    secrets = [word for word in out.decode("utf-8", "replace").split() if len(word) > 2]
    return f": {_printable(redact(lines[-1], secrets))}"


def _printable(text: str) -> str:
    return "".join(character for character in text if character.isprintable())[:_MAX_REASON]


def _decoded(content: bytes, origin: str) -> str:
    """Return the password that bytes hold, without one newline at the end."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        raise _no_password(f"{origin} holds no text") from None  # the error itself would quote the bytes
    text = text.removesuffix("\n").removesuffix("\r")
    if not text:
        raise _no_password(f"{origin} gives nothing")
    return text


def _no_password(why: str) -> ServiceError:
    return ServiceError(Reason.SECRET, f"password: {why}")

"""Errors of the network, of TLS, of deadlines and of this machine as a Reason and one sentence."""

from __future__ import annotations

import errno
import os
import re
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from parity_tui.drift.values import printable
from parity_tui.model import Failure, Reason, ServiceError, TlsMode
from parity_tui.secrets import redact_unmistakable, secrets_of
from parity_tui.transport.foreign import foreign

if TYPE_CHECKING:
    from parity_tui.model import Target

_REFUSED = re.compile(rf"Errno {errno.ECONNREFUSED}\b")
_OWN_TROUBLES = {
    errno.EMFILE: "too many open files on this machine: raise ulimit -n",
    errno.ENFILE: "too many open files on this machine: raise fs.file-max",
    errno.ENOMEM: "this machine is out of memory",
    errno.ENOBUFS: "this machine is out of network buffers",
    errno.EADDRNOTAVAIL: "this machine is out of local addresses or ports",
}
_NUMBER = re.compile(r"\[Errno (\d+)\]")
"""of an error that a library has turned into text"""
_UNREACHABLE = {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EHOSTDOWN, errno.ENETDOWN}


class HasProblem(Protocol):
    """A guard of a connection, or what has one."""

    @property
    def problem(self) -> ServiceError | None:
        """The first check that failed."""


class NoReplyError(TimeoutError):
    """The deadline passed after the connection was established."""


class HangUpError(ServiceError):
    """The peer ended the connection during TLS: it speaks none, or is not ready yet."""


def no_password(address: str, user: str) -> ServiceError:
    """Return the error of a server that wants a password where none is configured.

    >>> print(no_password("db:5432", "app"))
    db:5432 requires a password for app, and none is configured: set password_env
    """
    wanted = f"{address} requires a password{f' for {user}' if user else ''}"
    return ServiceError(Reason.AUTH, f"{wanted}, and none is configured: set password_env")


def clear_password(target: Target, *, encrypted: bool) -> ServiceError | None:
    """Return the error of a server that asks for the password itself where its protocol has a challenge, None where it
    may be sent: over TLS, to a Unix socket, or with `tls = "off"`, which no kind with a challenge has by default.

    >>> from parity_tui.model import Target, TlsMode
    >>> print(clear_password(Target("dev", "db", "mysql", host="db", tls=TlsMode.PREFER), encrypted=False))
    db requests the password in clear text, which is sent over TLS only, unless tls = "off" is set
    >>> clear_password(Target("dev", "db", "mysql", host="db", tls=TlsMode.OFF), encrypted=False)
    """
    if encrypted or target.is_unix_socket or target.tls is TlsMode.OFF:
        return None
    words = f'{target.address} requests the password in clear text, which is sent over TLS only, unless tls = "off"'
    return ServiceError(Reason.TLS, f"{words} is set")


def own_trouble(error: BaseException) -> str | None:
    """Return the trouble of this machine that an error stems from; None where the peer may be to blame.

    >>> own_trouble(ConnectionError("Error connecting: [Errno 24] Too many open files"))
    'too many open files on this machine: raise ulimit -n'
    """
    for link in _chain(error):
        if isinstance(link, MemoryError):
            return _OWN_TROUBLES[errno.ENOMEM]
        number = link.errno if isinstance(link, OSError) and not isinstance(link, socket.gaierror) else None
        if number is None and not isinstance(link, ServiceError) and (match := _NUMBER.search(str(link))):
            number = int(match[1])
        if number in _OWN_TROUBLES:
            return _OWN_TROUBLES[number]
    try:  # name look-ups and SQLite do not say that no file can be opened
        os.close(os.open(os.devnull, os.O_RDONLY))
    except OSError as failure:
        return _OWN_TROUBLES.get(failure.errno or 0)
    return None


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and those that it stems from."""
    link, seen = error, set[int]()
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        yield link
        link = link.__cause__ or link.__context__  # type: ignore[assignment]


def describe(error: BaseException, target: Target, timeout: float) -> Failure:
    """Return an exception as a Failure: its Reason and one sentence, never empty and without secrets.

    The raiser has redacted what is foreign in the message; here only secrets that cannot be words of ours are.
    """
    ours = (target.address, target.user, target.path)
    with secrets_of(target.environment):
        reason, message = _describe(error, target, timeout)
        text = printable(" ".join(redact_unmistakable(message, ours).split()))
    return Failure(reason, text or type(error).__name__)


def _describe(error: BaseException, target: Target, timeout: float) -> tuple[Reason, str]:
    if trouble := own_trouble(error):
        return Reason.DRIVER, trouble
    import ssl  # here, with the module below: a kind that is imported needs no TLS yet

    from parity_tui.transport.tls import handshake_error, verification_error

    address = target.address  # below, subclasses come before their bases
    match error:
        case ServiceError():
            return error.reason, error.message
        case socket.gaierror(errno=socket.EAI_AGAIN):
            return Reason.DNS, f"no name server answered for {target.host}"
        case socket.gaierror():
            return Reason.DNS, f"the name {target.host} does not exist"
        case NoReplyError():
            return Reason.TIMEOUT, f"no answer in {timeout:g} s: connected, no reply ({address})"
        case TimeoutError():
            return Reason.TIMEOUT, f"no answer in {timeout:g} s ({address})"
        case ssl.SSLCertVerificationError():
            return Reason.TLS, f"the certificate of {address} is not accepted: {verification_error(error)}"
        case ssl.SSLError():
            return Reason.TLS, f"TLS with {address} failed: {handshake_error(error)}"
        case FileNotFoundError() if target.is_unix_socket:
            return Reason.REFUSED, f"no Unix socket {address}"
        case PermissionError() if target.is_unix_socket:
            return Reason.REFUSED, f"this user may not open the Unix socket {address}"
        case ConnectionRefusedError():
            return Reason.REFUSED, f"{address} refused the connection"
        case ConnectionError() | EOFError():
            return Reason.CLOSED, f"{address} closed the connection"
        case ImportError():
            return Reason.DRIVER, f"the driver for {target.kind} cannot be loaded: {foreign(error)}"
        case OSError() if _REFUSED.search(str(error)):
            return Reason.REFUSED, f"{address} refused the connection"
        case OSError() if error.errno in _UNREACHABLE:
            return Reason.REFUSED, f"there is no route to {address}"
        case _:
            return (
                Reason.PROTOCOL,
                f"{address} sent an invalid answer ({type(error).__name__}: {foreign(error)})",
            )


@contextmanager
def described_errors(guard: HasProblem, describe: Callable[[Exception], Exception]) -> Iterator[None]:
    """Raise the finding of a guard instead of an error of the driver, else the error as a kind describes it."""
    try:
        yield
    except ServiceError:
        raise
    except Exception as error:
        described = guard.problem or describe(error)
        if described is error:
            raise
        raise described from error

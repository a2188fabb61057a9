"""What an error on the way to a target means: a Reason and one sentence."""

from __future__ import annotations

import errno
import re
import socket
import ssl
from typing import TYPE_CHECKING

from parity_tui.drift.values import printable
from parity_tui.model import Failure, Reason, ServiceError
from parity_tui.secrets import redact
from parity_tui.transport.tls import failed, unaccepted

if TYPE_CHECKING:
    from parity_tui.model import Target

_REFUSED = re.compile(rf"Errno {errno.ECONNREFUSED}\b")
_UNREACHABLE = {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EHOSTDOWN, errno.ENETDOWN}


class NoReplyError(TimeoutError):
    """A deadline that has passed on a connection that had come about."""


def describe(error: BaseException, target: Target, timeout: float) -> Failure:
    """Return what an exception means, as a Reason and one sentence."""
    reason, message = _explained(error, target, timeout)
    return Failure(reason, printable(redact(message).strip()) or type(error).__name__)


def _explained(error: BaseException, target: Target, timeout: float) -> tuple[Reason, str]:
    """Return reason and sentence; the more special classes first."""
    where = target.address
    match error:
        case ServiceError():
            return error.reason, error.message
        case socket.gaierror(errno=socket.EAI_AGAIN):
            return Reason.DNS, f"no name server answered for {target.host}"
        case socket.gaierror():
            return Reason.DNS, f"the name {target.host} is not known"
        case NoReplyError():
            return Reason.TIMEOUT, f"no answer in {timeout:g} s: connected, no reply ({where})"
        case TimeoutError():
            return Reason.TIMEOUT, f"no answer in {timeout:g} s ({where})"
        case ssl.SSLCertVerificationError():
            return Reason.TLS, f"the certificate of {where} is not accepted: {unaccepted(error)}"
        case ssl.SSLError():
            return Reason.TLS, f"TLS with {where} failed: {failed(error)}"
        case ConnectionRefusedError():
            return Reason.REFUSED, f"{where} refused the connection"
        case ConnectionError() | EOFError():
            return Reason.CLOSED, f"{where} closed the connection"
        case ImportError():
            return Reason.DRIVER, f"the driver for {target.kind} cannot be loaded: {error}"
        case OSError() if _REFUSED.search(str(error)):
            return Reason.REFUSED, f"{where} refused the connection"
        case OSError() if error.errno in _UNREACHABLE:
            return Reason.REFUSED, f"there is no route to {where}"
        case _:
            return (
                Reason.PROTOCOL,
                f"{where} answers in a way that is not understood ({type(error).__name__}: {error})",
            )

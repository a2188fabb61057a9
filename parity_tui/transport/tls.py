"""TLS settings, facts about the TLS session of a connection, and TLS errors in words."""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import cache
from typing import Any

from msgspec import Struct

from parity_tui.drift.values import printable
from parity_tui.model import ABSENT, NO_TLS, CertificateStatus, Fact, Reason, ServiceError, TlsMode
from parity_tui.transport.certificate import Properties, has_wildcard, properties
from parity_tui.transport.foreign import foreign
from parity_tui.transport.user_files import open_file

SOON = 30 * 86400
"""seconds before its expiry from which a certificate is reported"""

_AUTHORITY = frozenset({2, 18, 19, 20, 21})
"""OpenSSL's verify codes for certificates without a trusted authority"""
_EXPIRED = 10

_LARGEST = 4 * 1024 * 1024
"""bytes of a file of certificates"""
_WORDS = (
    ("WRONG_VERSION_NUMBER", "the server does not speak TLS on this port"),
    ("RECORD_LAYER_FAILURE", "the server does not speak TLS on this port"),
    ("HTTP_REQUEST", "the server does not speak TLS on this port"),
    ("UNKNOWN_PROTOCOL", "the server does not speak TLS on this port"),
    ("CERTIFICATE_REQUIRED", "the server requires a client certificate: set cert and key"),
    (
        "ALERT_HANDSHAKE_FAILURE",
        "the server refuses: it requires a client certificate (cert, key), or no cipher is shared",
    ),
    ("PROTOCOL_VERSION", "no shared TLS version"),
    ("UNSUPPORTED_PROTOCOL", "no shared TLS version"),
    ("ALERT_UNKNOWN_CA", "the server does not trust our certificate's authority"),
    ("ALERT_CERTIFICATE_EXPIRED", "our certificate has expired"),
    ("CERTIFICATE", "it rejects our certificate"),
)
"""part of the name of an OpenSSL error -> meaning; the first match counts"""


class Tls(Struct, frozen=True):
    """TLS session of a connection."""

    version: str = ""
    """"TLSv1.3"; "" without TLS"""
    cipher: str = ""
    until: float | None = None
    """expiry of the peer's certificate, seconds since the epoch; None if unknown"""
    issuer: str = ""
    verified: bool = False
    certificate: Properties = Properties()
    wildcard: bool = False
    sent: int = 0
    """certificates that the peer sends, 0 if unknown"""

    def facts(self, name: str, now: float) -> dict[str, Fact]:
        """Return the version and the state of the certificate, in words that do not change every day.

        >>> facts = Tls("TLSv1.3", until=86400 * 9, verified=True).facts("tls", now=0)
        >>> [fact.raw for fact in facts.values()], facts["tls.certificate"].note
        (['TLSv1.3', 'expires in less than 30 days'], 'until 1970-01-10')
        >>> list(Tls().facts("tls", 0).values()) == [Fact("none"), ABSENT]
        True
        """
        if not self.version:
            return {f"{name}.version": Fact(NO_TLS), f"{name}.certificate": ABSENT}
        until = f"until {day(self.until)}" if self.until is not None else ""
        about = (until, f"issued by {self.issuer}" if self.issuer else "", "" if self.verified else "not verified")
        status = Fact(self._status(now), note=", ".join(filter(None, about)))
        return {f"{name}.version": Fact(self.version, note=self.cipher), f"{name}.certificate": status}

    def _status(self, now: float) -> str:
        """Return the state of the certificate; its expiry counts before its authority."""
        if self.until is not None and self.until - now < SOON:
            return CertificateStatus.EXPIRED.value if self.until < now else CertificateStatus.EXPIRING.value
        return CertificateStatus.VALID.value if self.verified else CertificateStatus.NOT_VERIFIED.value


def seen(ssl_object: Any) -> Tls:
    """Return the TLS session of an SSLObject; None is a connection without TLS."""
    if ssl_object is None:
        return Tls()
    verified = ssl_object.context.verify_mode == ssl.CERT_REQUIRED
    certificate = _certificate(ssl_object)
    return Tls(
        ssl_object.version() or "",
        (ssl_object.cipher() or ("",))[0],
        _end(certificate),
        _issuer(certificate),
        verified,
        properties(ssl_object.getpeercert(binary_form=True) or b""),
        has_wildcard(certificate),
        len(_chain(ssl_object)),
    )


def _chain(ssl_object: Any) -> list[Any]:
    """Return the certificates that the peer sent; [] where Python does not tell: it has no public method for it."""
    try:
        return list(ssl_object._sslobj.get_unverified_chain() or ())
    except (AttributeError, ValueError):
        return []


def _certificate(ssl_object: Any) -> dict[str, Any]:
    """Return the peer's certificate in the form of getpeercert, verified or not; {} if unavailable.

    The public method returns only verified certificates, whose expiry matters least.
    """
    chain = _chain(ssl_object)
    try:
        if chain:
            return dict(chain[0].get_info())
        return dict(ssl_object.getpeercert() or {}) if ssl_object.context.verify_mode == ssl.CERT_REQUIRED else {}
    except (AttributeError, ValueError):  # not a public method of Python
        return {}


def _end(certificate: dict[str, Any]) -> float | None:
    """Return the expiry of a certificate, None if it is missing or malformed."""
    try:
        return float(ssl.cert_time_to_seconds(certificate["notAfter"]))
    except (KeyError, ValueError, OverflowError):
        return None


def _issuer(certificate: dict[str, Any]) -> str:
    r"""Return the name of the authority in a certificate; without verification it may be forged.

    >>> _issuer({"issuer": ((("countryName", "DE"),), (("commonName", "R3\x1b"),))})
    'R3\\x1b'
    """
    names = {key: value for part in certificate.get("issuer", ()) for key, value in part}
    return printable(str(names.get("organizationName") or names.get("commonName") or ""))[:100]


def day(seconds: float) -> str:
    """Return the UTC date of a time in seconds since the epoch.

    >>> day(0), day(1e15)
    ('1970-01-01', 'no end date')
    """
    try:
        return datetime.fromtimestamp(seconds, UTC).date().isoformat()
    except (ValueError, OverflowError, OSError):
        return "no end date"


_SOCKET: ContextVar[int] = ContextVar("socket")
"""file number of the socket on which the current task starts TLS"""


@contextmanager
def alerting(sock: Any) -> Iterator[None]:
    """Let TLS that is started in the block alert the peer of ``sock`` when it fails.

    asyncio only closes the connection then, which a server takes for an error of the network.
    """
    token = _SOCKET.set(sock.fileno())
    try:
        yield
    finally:
        _SOCKET.reset(token)


class ClientObject(ssl.SSLObject):
    """The client side of TLS; its verification errors know the expiry of the rejected certificate."""

    outgoing: ssl.MemoryBIO | None = None
    """what is to be sent to the peer"""
    socket: int = -1
    """file number, -1 where unknown"""

    def do_handshake(self) -> None:
        """Do the handshake. Raises SSLCertVerificationError with an attribute ``until``."""
        try:
            super().do_handshake()
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            raise
        except ssl.SSLError as error:
            if self.outgoing is not None and self.socket >= 0:
                with suppress(OSError):  # the peer may have gone
                    os.write(self.socket, self.outgoing.read())
            if isinstance(error, ssl.SSLCertVerificationError):
                error.until = _end(_certificate(self))  # type: ignore[attr-defined]
            raise


class ClientContext(ssl.SSLContext):
    """TLS settings whose sessions know their socket."""

    def wrap_bio(self, incoming: ssl.MemoryBIO, outgoing: ssl.MemoryBIO, *args: Any, **options: Any) -> ssl.SSLObject:
        """Return a new session, likewise."""
        made = super().wrap_bio(incoming, outgoing, *args, **options)
        if isinstance(made, ClientObject):
            made.outgoing, made.socket = outgoing, _SOCKET.get(-1)
        return made


@cache
def context(mode: TlsMode, ca: str = "", cert: str = "", key: str = "") -> ssl.SSLContext | None:
    """Return the TLS settings of a mode, None for OFF; cached, as loading the system's authorities takes 20 ms.

    Raises ServiceError(Reason.TLS, …) if one of the files cannot be used.
    """
    if mode is TlsMode.OFF:
        return None
    try:
        for path in filter(None, (ca, cert, key)):
            open_file(path, _LARGEST).close()  # OpenSSL would wait for a writer of a named pipe
        settings = ClientContext(ssl.PROTOCOL_TLS_CLIENT)
        settings.sslobject_class = ClientObject
        settings.check_hostname = mode is TlsMode.VERIFY_FULL
        if mode in (TlsMode.VERIFY_CA, TlsMode.VERIFY_FULL):
            settings.load_verify_locations(cafile=ca) if ca else settings.load_default_certs()
        else:
            settings.verify_mode = ssl.CERT_NONE
        if cert:
            # An empty password makes an encrypted key an error instead of a prompt on the terminal.
            settings.load_cert_chain(cert, key or None, password="")
    except (OSError, ssl.SSLError) as error:
        files = error.filename or " ".join(filter(None, (ca, cert, key)))
        raise ServiceError(Reason.TLS, f"cannot use the TLS files {files}: {foreign(error)}") from error
    return settings


def verification_error(error: ssl.SSLCertVerificationError) -> str:
    """Return why a certificate is rejected, with a hint how to accept it."""
    until = getattr(error, "until", None)
    if error.verify_code == _EXPIRED and until is not None:
        return f"it expired on {day(until)}"
    hint = " (set ca to the file of its authority)" if error.verify_code in _AUTHORITY else ""
    return f"{foreign(error.verify_message)}{hint}"


def handshake_error(error: ssl.SSLError) -> str:
    """Return why a handshake failed.

    >>> handshake_error(ssl.SSLError(1, "[SSL: NO] no"))
    '[SSL: NO] no'
    """
    reason = str(getattr(error, "reason", None) or error)
    return next((words for name, words in _WORDS if name in reason.upper().replace(" ", "_")), foreign(reason))

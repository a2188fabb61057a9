"""The settings of TLS; what it tells of a connection, the same for every kind of service; why there is none."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime
from functools import cache
from typing import Any

from msgspec import Struct

from parity_tui.drift.values import printable
from parity_tui.model import ABSENT, NO_TLS, CertificateStatus, Fact, Reason, ServiceError, TlsMode

SOON = 30 * 86400
"""seconds before its end from which a certificate is worth a word"""

_AUTHORITY = frozenset({2, 18, 19, 20, 21})
"""OpenSSL's numbers for certificates that nobody has signed who is trusted"""
_EXPIRED = 10

_WORDS = (
    ("WRONG_VERSION_NUMBER", "it does not speak TLS there"),
    ("RECORD_LAYER_FAILURE", "it does not speak TLS there"),
    ("HTTP_REQUEST", "it does not speak TLS there"),
    ("UNKNOWN_PROTOCOL", "it does not speak TLS there"),
    ("CERTIFICATE_REQUIRED", "it wants a certificate of the client: name one with cert and key"),
    ("ALERT_HANDSHAKE_FAILURE", "it refuses: it wants a certificate of the client (cert, key), or no cipher is shared"),
    ("PROTOCOL_VERSION", "no version of TLS is shared"),
    ("UNSUPPORTED_PROTOCOL", "no version of TLS is shared"),
    ("ALERT_UNKNOWN_CA", "it does not know the authority of our certificate"),
    ("ALERT_CERTIFICATE_EXPIRED", "our certificate has expired"),
    ("CERTIFICATE", "it does not accept our certificate"),
)
"""what the names of OpenSSL's errors mean; the first that is found in one counts"""


class Tls(Struct, frozen=True):
    """What was agreed on when a connection began."""

    version: str = ""
    """"TLSv1.3"; "" without TLS"""
    cipher: str = ""
    until: float | None = None
    """when the certificate of the peer ends, seconds since the epoch; None where that is not known"""
    issuer: str = ""
    verified: bool = False

    def facts(self, name: str, now: float) -> dict[str, Fact]:
        """Return the version and how the certificate stands, in words that do not change every day.

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
        standing = Fact(self._standing(now), note=", ".join(filter(None, about)))
        return {f"{name}.version": Fact(self.version, note=self.cipher), f"{name}.certificate": standing}

    def _standing(self, now: float) -> str:
        """Return how the certificate stands: its end comes before whether anybody vouches for it."""
        if self.until is not None and self.until - now < SOON:
            return CertificateStatus.EXPIRED.value if self.until < now else CertificateStatus.EXPIRING.value
        return CertificateStatus.VALID.value if self.verified else CertificateStatus.NOT_VERIFIED.value


def seen(found: Any) -> Tls:
    """Return what the SSLObject of a connection tells; None is one without TLS."""
    if found is None:
        return Tls()
    verified = found.context.verify_mode == ssl.CERT_REQUIRED
    certificate = _certificate(found)
    return Tls(
        found.version() or "",
        (found.cipher() or ("",))[0],
        _end(certificate),
        _issuer(certificate),
        verified,
    )


def _certificate(found: Any) -> dict[str, Any]:
    """Return the peer's certificate, verified or not, as getpeercert does; {} where it cannot be had.

    The public way shows a certificate only once it is verified, which is when its end matters least.
    """
    try:
        chain = found._sslobj.get_unverified_chain()
        return dict(chain[0].get_info()) if chain else {}
    except (AttributeError, ValueError):  # no part of Python's promises
        return dict(found.getpeercert() or {}) if found.context.verify_mode == ssl.CERT_REQUIRED else {}


def _end(certificate: dict[str, Any]) -> float | None:
    """Return when a certificate ends, None where it does not say so in a way that is understood."""
    try:
        return float(ssl.cert_time_to_seconds(certificate["notAfter"]))
    except (KeyError, ValueError, OverflowError):
        return None


def _issuer(certificate: dict[str, Any]) -> str:
    r"""Return who has signed a certificate, which anybody may write into one that is not verified.

    >>> _issuer({"issuer": ((("countryName", "DE"),), (("commonName", "R3\x1b"),))})
    'R3\\x1b'
    """
    names = {key: value for part in certificate.get("issuer", ()) for key, value in part}
    return printable(str(names.get("organizationName") or names.get("commonName") or ""))[:100]


def day(seconds: float) -> str:
    """Return the day of a moment, as it is at Greenwich.

    >>> day(0), day(1e15)
    ('1970-01-01', 'the end of time')
    """
    try:
        return datetime.fromtimestamp(seconds, UTC).date().isoformat()
    except (ValueError, OverflowError, OSError):
        return "the end of time"


class Side(ssl.SSLObject):
    """Our side of TLS: where a certificate is not accepted, it keeps when that certificate ends."""

    def do_handshake(self) -> None:
        """Shake hands; an error of verification is told the end of what was shown."""
        try:
            super().do_handshake()
        except ssl.SSLCertVerificationError as error:
            error.until = _end(_certificate(self))  # type: ignore[attr-defined]
            raise


@cache
def context(mode: TlsMode, ca: str = "", cert: str = "", key: str = "") -> ssl.SSLContext | None:
    """Return the TLS settings of a mode, None for "off".

    Cached: loading the system's authorities takes 20 ms.

    Raises ServiceError(Reason.TLS, …) where a file of them cannot be used.
    """
    if mode is TlsMode.OFF:
        return None
    try:
        settings = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        settings.sslobject_class = Side
        settings.check_hostname = mode is TlsMode.VERIFY_FULL
        if mode in (TlsMode.VERIFY_CA, TlsMode.VERIFY_FULL):
            settings.load_verify_locations(cafile=ca) if ca else settings.load_default_certs()
        else:
            settings.verify_mode = ssl.CERT_NONE
        if cert:
            # A password that nobody can be asked for is an error, not a prompt on the terminal.
            settings.load_cert_chain(cert, key or None, password="")
    except (OSError, ssl.SSLError) as error:
        raise ServiceError(
            Reason.TLS, f"cannot use the TLS files {' '.join(filter(None, (ca, cert, key)))}: {error}"
        ) from error
    return settings


def unaccepted(error: ssl.SSLCertVerificationError) -> str:
    """Return why a certificate is not accepted, with what would change that."""
    until = getattr(error, "until", None)
    if error.verify_code == _EXPIRED and until is not None:
        return f"it expired on {day(until)}"
    hint = " (ca names the file of its authority)" if error.verify_code in _AUTHORITY else ""
    return f"{error.verify_message}{hint}"


def failed(error: ssl.SSLError) -> str:
    """Return why there is no TLS.

    >>> failed(ssl.SSLError(1, "[SSL: NO] no"))
    '[SSL: NO] no'
    """
    reason = str(getattr(error, "reason", None) or error)
    return next((words for name, words in _WORDS if name in reason.upper().replace(" ", "_")), reason)

"""Recognizes protocols that no kind of service speaks; each kind recognizes its own (`Service.identify`)."""

from __future__ import annotations

_SIGNATURES = (
    (b"SSH-", "SSH"),
    (b"220", "a mail or FTP server"),
    (b"\x15\x03", "TLS"),
    (b"\x16\x03", "TLS"),
)


def identify_protocol(first: bytes) -> str:
    r"""Return the protocol that a peer's first bytes belong to, "" if it is not one of these.

    >>> identify_protocol(b"\x15\x03\x03\0\x02"), identify_protocol(b"SSH-2.0-OpenSSH"), identify_protocol(b"?!")
    ('TLS', 'SSH', '')
    """
    return next((protocol for signature, protocol in _SIGNATURES if first.startswith(signature)), "")

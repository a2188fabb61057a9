"""Who answers like that: the first bytes of a peer that is not what it was taken for."""

from __future__ import annotations

_SIGNS = (
    (b"HTTP/", "HTTP"),
    (b"<", "HTTP"),
    (b"SSH-", "SSH"),
    (b"AMQP\x00\x01", "AMQP 1.0"),
    (b"AMQP\x03", "AMQP 1.0"),
    (b"AMQP", "AMQP (RabbitMQ)"),
    (b"-", "Redis"),
    (b"+", "Redis"),
    (b"ERROR", "Memcached"),
    (b"CLIENT_ERROR", "Memcached"),
    (b"220", "a mail or FTP server"),
    (b"\x15\x03", "TLS"),
    (b"\x16\x03", "TLS"),
)


def identify_protocol(first: bytes) -> str:
    r"""Return what the sender of these first bytes seems to be, "" where that cannot be told.

    >>> identify_protocol(b"HTTP/1.1 400 Bad Request"), identify_protocol(b"J\0\0\0\n8.0.36"), identify_protocol(b"\x15\x03\x03\0\x02"), identify_protocol(b"?!")
    ('HTTP', 'MySQL', 'TLS', '')
    """
    if first[1:4] == b"\0\0\0" and first[4:5] in (b"\n", b"\xff", b""):
        return "MySQL"
    if first[1:5] == b"\0\0\0\x0b":
        return "MySQL's X protocol"
    return next((who for sign, who in _SIGNS if first.startswith(sign)), "")

"""The commands of a reading, and arrays of words as they are sent in either direction."""

from __future__ import annotations

from collections.abc import Sequence

INFO = (b"INFO",)
CONFIG = (b"CONFIG", b"GET", b"*")


def encoded(*arrays: Sequence[bytes]) -> bytes:
    r"""Return commands as redis-py sends them, or lists as a server does.

    >>> encoded(INFO, [b"hz", b"10"])
    b'*1\r\n$4\r\nINFO\r\n*2\r\n$2\r\nhz\r\n$2\r\n10\r\n'
    """
    return b"".join(
        b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words) for words in arrays
    )

"""The shapes of PostgreSQL's messages: each function returns whether a payload is well formed."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable

COLUMNS = 1664
"""of a row, PostgreSQL's own limit"""

PARAMETERS = 64

PLAIN_TYPES = frozenset({16, 17, 18, 19, 20, 21, 23, 25, 26, 700, 701, 705, 1042, 1043})
"""OIDs of bool, bytea, char, name, int8, int2, int4, text, oid, float4, float8, unknown, bpchar and varchar.

For any other the driver would ask the server how the type is built, and recurse as deeply as the answer says.
"""

ITERATIONS = 100_000
"""rounds of hashing that a login may cost: the event loop waits for them; PostgreSQL's default is 4096"""
TRUSTED_ITERATIONS = 600_000
"""likewise, of a server that TLS has verified: as many as OWASP recommends"""

_MECHANISMS = 16
_MECHANISM = re.compile(rb"[A-Za-z0-9_-]{1,64}")
_SERVER_FIRST = re.compile(rb"r=[!-+\--~]{1,256},s=[A-Za-z0-9+/=]{1,256},i=([0-9]{1,10})")
_SERVER_FINAL = re.compile(rb"v=[A-Za-z0-9+/=]{1,256}|e=[ -~]{1,256}")
_ENCODING = re.compile(
    rb"(?i)UTF-?_?8|UNICODE|SQL_ASCII|LATIN-?\d{1,2}|WIN-?\d{3,4}|WINDOWS-?\d{3,4}|ISO_8859_\d{1,2}|KOI8[RU]?"
    rb"|BIG5|GBK|GB18030|UHC|JOHAB|SJIS|EUC_[A-Z]{2}|EUC_JIS_2004|SHIFT_JIS_2004|ABC|ALT|TCVN\d{0,4}|VSCII"
)
"""those that PostgreSQL has: the driver looks up any codec of Python by the name, one that unpacks archives as well"""


_VERSION = re.compile(rb"(?=.{1,128}$)[ -~]*[0-9][ -~]*")
"""the driver searches it by a pattern that takes the square of its length"""
_SHAPES = {b"client_encoding": _ENCODING, b"server_version": _VERSION}
"""parameter -> what its value looks like"""


def iterations(payload: bytes) -> int | None:
    """Return the rounds of hashing that the server's first SCRAM message asks for, None if it is malformed.

    >>> iterations(b"r=abc,s=c2FsdA==,i=4096"), iterations(b"r=abc,i=4096")
    (4096, None)
    """
    match = _SERVER_FIRST.fullmatch(payload)
    return int(match[1]) if match else None


def is_final(payload: bytes) -> bool:
    """Return whether a payload is the server's last SCRAM message."""
    return _SERVER_FINAL.fullmatch(payload) is not None


def is_mechanisms(payload: bytes) -> bool:
    r"""Return whether a payload lists SASL mechanisms.

    >>> is_mechanisms(b"SCRAM-SHA-256\0\0"), is_mechanisms(b"SCRAM-SHA-256\0"), is_mechanisms(b"\0")
    (True, False, False)
    """
    names = _strings(payload[:-1])
    ended = payload[-1:] == b"\0"
    return ended and 0 < len(names) <= _MECHANISMS and all(map(_MECHANISM.fullmatch, names))


def is_parameter(payload: bytes) -> bool:
    r"""Return whether a payload is a name and a value, and an encoding is one of PostgreSQL's.

    >>> is_parameter(b"TimeZone\0UTC\0"), is_parameter(b"TimeZone\0"), is_parameter(b"client_encoding\0zlib\0")
    (True, False, False)
    """
    strings = _strings(payload)
    if len(strings) < 2 or not strings[0] or not is_utf8(payload):
        return False
    name, value = strings[0], strings[1].strip(b"'")  # PgBouncer repeats the driver's quotes
    shape = _SHAPES.get(name)
    return shape is None or shape.fullmatch(value) is not None


def is_utf8(payload: bytes) -> bool:
    """Return whether a payload is text that the driver can decode."""
    try:
        payload.decode()
    except UnicodeDecodeError:
        return False
    return True


def is_notification(payload: bytes) -> bool:
    """Return whether a payload is a process number, a channel and a text."""
    return len(_strings(payload[4:])) == 2 and is_utf8(payload[4:])


def is_error(payload: bytes) -> bool:
    r"""Return whether a payload lists fields of an error: a letter and a text each.

    >>> is_error(b"SFATAL\0Mno\0\0"), is_error(b"SFATAL\0Mno\0"), is_error(b"")
    (True, False, False)
    """
    return payload != b"\0" and is_notice(payload)


def text_of_error(payload: bytes) -> dict[str, str]:
    r"""Return the fields of an error by their letters.

    >>> text_of_error(b"C28P01\0Mm\xe9chant\0\0")
    {'C': '28P01', 'M': 'm�chant'}
    """
    return {field[:1].decode("latin-1"): field[1:].decode(errors="replace") for field in payload.split(b"\0") if field}


def is_notice(payload: bytes) -> bool:
    """Return whether a payload lists fields of a notice, perhaps none."""
    fields = payload[:-1].split(b"\0")
    return payload[-1:] == b"\0" and not fields.pop() and all(field[:1].isalpha() for field in fields)


def is_version(payload: bytes) -> bool:
    """Return whether a payload is a version of the protocol and the options that the server ignores."""
    return len(payload) >= 8 and len(_strings(payload[8:])) == int.from_bytes(payload[4:8], "big")


def is_command(payload: bytes) -> bool:
    """Return whether a payload is the tag of a finished command."""
    return len(_strings(payload)) == 1 and 1 < len(payload) <= 256


def is_parameter_types(payload: bytes) -> bool:
    r"""Return whether a payload lists plain types.

    >>> is_parameter_types(b"\0\1\0\0\0\x14"), is_parameter_types(b"\0\1\0\0\0\x1e"), is_parameter_types(b"\0\2")
    (True, False, False)
    """
    count = int.from_bytes(payload[:2], "big")
    if len(payload) != 2 + 4 * count or count > PARAMETERS:
        return False
    return PLAIN_TYPES.issuperset(struct.unpack_from(f">{count}I", payload, 2))


def columns(payload: bytes) -> int | None:
    r"""Return the number of columns that a payload describes, None if it is malformed or a type is not plain.

    >>> columns(b"\0\1pid\0" + struct.pack(">IHIhih", 0, 0, 23, 4, -1, 0)), columns(b"\0\1pid\0"), columns(b"")
    (1, None, None)
    """
    count, position = int.from_bytes(payload[:2], "big"), 2
    if len(payload) < 2 or count > COLUMNS:
        return None
    for _ in range(count):
        position = payload.find(b"\0", position) + 1
        if not position or position + 18 > len(payload):
            return None
        _, _, oid, _, _, form = struct.unpack_from(">IHIhih", payload, position)
        if oid not in PLAIN_TYPES or form not in (0, 1):
            return None
        position += 18
    return count if position == len(payload) else None


def end_of_rows(data: bytes | bytearray, start: int, count: int) -> int:
    r"""Return the position behind the rows of ``count`` columns that begin at ``start``; they fill their messages.

    >>> row = b"D\0\0\0\x0f\0\2\0\0\0\1x\xff\xff\xff\xff"
    >>> end_of_rows(row + row + b"C", 0, 2), end_of_rows(row, 0, 1), end_of_rows(row[:-1], 0, 2)
    (32, 0, 0)
    """
    unpack, available = _LENGTH, len(data)
    while start + 7 <= available and data[start] == 68 and data[start + 5] << 8 | data[start + 6] == count:
        end = start + 1 + unpack(data, start + 1)[0]
        position = start + 7
        if end > available:
            break
        for _ in range(count):
            if position + 4 > end:
                return start
            size = unpack(data, position)[0]
            if size < 0:
                if size != -1:
                    return start
                size = 0
            position += 4 + size
        if position != end:
            break
        start = end
    return start


_LENGTH: Callable[[bytes | bytearray, int], tuple[int]] = struct.Struct(">i").unpack_from


def _strings(payload: bytes) -> list[bytes]:
    """Return strings that end with NUL each, none if the last one does not."""
    strings = payload.split(b"\0")
    return [] if strings.pop() else strings

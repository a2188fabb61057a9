"""The shapes of MySQL's packets: each function returns whether a payload is well formed.

asyncmy's C code reads lengths and numbers without looking whether the packet has them.
"""

from __future__ import annotations

import struct
from collections.abc import Callable

from parity_tui.transport.conversation import Buffer

COLUMNS = 4096
"""of a table, MySQL's own limit"""
DEPRECATE_EOF = 1 << 24
"""capability: result sets end with a packet of the shape of OK"""
MORE_RESULTS = 8
"""bit of a status: another result set follows"""

_NULL = 0xFB
_WIDTHS = {0xFC: 2, 0xFD: 3, 0xFE: 8}
_LONGEST_PREFIX = 0xFE
"""of a length that no packet has: such a packet ends the rows"""
_LONGEST_DATA = 255
"""bytes of a salt"""


def is_greeting(payload: bytes) -> bool:
    r"""Return whether a payload is the greeting of protocol 10, with the second half of its salt.

    >>> is_greeting(b"\n8.4\0" + bytes(31) + b"saltsaltsalt\0"), is_greeting(b"\n8.4\0")
    (True, False)
    """
    end = payload.find(b"\0", 1, 256)
    return payload[:1] == b"\n" and end > 1 and len(payload) >= end + 44 and len(payload) <= 1024


def capabilities(greeting: bytes) -> int:
    """Return the capabilities in a greeting."""
    position = greeting.index(b"\0", 1) + 14
    low, high = greeting[position : position + 2], greeting[position + 5 : position + 7]
    return int.from_bytes(low + high, "little")


def is_error(payload: bytes) -> bool:
    r"""Return whether a payload is an error: a number, perhaps an SQLSTATE, and a message.

    >>> is_error(b"\xff\x15\x04#28000no"), is_error(b"\xff\x15\x04#2")
    (True, False)
    """
    return payload[:1] == b"\xff" and len(payload) >= (9 if payload[3:4] == b"#" else 4)


def status_of_ok(payload: bytes) -> int | None:
    r"""Return the status in an OK packet, None if it is malformed.

    >>> status_of_ok(b"\0\0\0\2\0\0\0"), status_of_ok(b"\0\0\xfc\2\0\0\0"), status_of_ok(b"\0")
    (2, None, None)
    """
    position = 1
    for _ in range(2):
        value, position = integer(payload, position, len(payload))
        if value is None:
            return None
    status = payload[position : position + 4]
    return int.from_bytes(status[:2], "little") if len(status) == 4 and len(payload) >= 7 else None


def status_of_eof(payload: bytes) -> int | None:
    """Return the status in an EOF packet, None if it is malformed."""
    return int.from_bytes(payload[3:5], "little") if len(payload) == 5 else None


def is_switch(payload: bytes) -> bool:
    r"""Return whether a payload names a plug-in and brings its data.

    >>> is_switch(b"\xfemysql_native_password\0saltsaltsaltsaltsalt\0"), is_switch(b"\xfe"), is_switch(b"\xfe\xff\0")
    (True, False, False)
    """
    name, terminator, data = payload[1:].partition(b"\0")
    plain = name.isascii() and name.decode("ascii").isprintable()
    return bool(terminator) and plain and len(name) <= 64 and len(data) <= _LONGEST_DATA


def count_of_columns(payload: bytes) -> int | None:
    r"""Return the number of columns that a payload announces, None if it is malformed.

    >>> count_of_columns(b"\6"), count_of_columns(b"\xfc\xff\xff"), count_of_columns(b"\6\6")
    (6, None, None)
    """
    count, end = integer(payload, 0, len(payload))
    return count if count is not None and 0 < count <= COLUMNS and end == len(payload) else None


def is_column(payload: bytes) -> bool:
    r"""Return whether a payload defines a column: six names, then thirteen bytes of type and flags.

    >>> is_column(b"\3def\0\0\0\1x\0" + b"\x0c" + bytes(12)), is_column(b"\3def\0\0\0\xfb\0" + b"\x0c" + bytes(12))
    (True, False)
    """
    position = 0
    for _ in range(6):
        size, position = integer(payload, position, len(payload))
        if size is None or position + size > len(payload):
            return False
        position += size
    return len(payload) - position == 13 and payload[position] == 12


def end_of_rows(data: Buffer, start: int, sequence: int, count: int) -> tuple[int, int]:
    r"""Return the position behind the rows of ``count`` columns that begin at ``start``, and the next number.

    The rows fill their packets, whose numbers follow ``sequence``.

    >>> row = b"\7\0\0\5" + b"\1x\xfb\xfc\1\0a"
    >>> end_of_rows(row, 0, 5, 3), end_of_rows(row, 0, 6, 3), end_of_rows(row, 0, 5, 2), end_of_rows(row[:-1], 0, 5, 3)
    ((11, 6), (0, 6), (0, 5), (0, 5))
    """
    unpack, available = _HEADER, len(data)
    while start + 5 <= available:
        header = unpack(data, start)[0]
        position = start + 4
        end = position + (header & 0xFFFFFF)
        if header >> 24 != sequence or end > available or data[position] >= _LONGEST_PREFIX or end == position:
            break
        for _ in range(count):
            if position >= end:
                return start, sequence
            size = data[position]
            position += 1
            if size < _NULL:
                position += size
            elif size > _NULL:
                value, position = integer(data, position - 1, end)
                if value is None:
                    return start, sequence
                position += value
        if position != end:
            break
        start, sequence = end, sequence + 1 & 0xFF
    return start, sequence


_HEADER: Callable[[Buffer, int], tuple[int]] = struct.Struct("<I").unpack_from


def integer(data: Buffer, position: int, end: int) -> tuple[int | None, int]:
    r"""Return a length-encoded integer and the position behind it, None where it is NULL or cut.

    >>> integer(b"\7", 0, 1), integer(b"\xfc\1\2", 0, 3), integer(b"\xfc\1", 0, 2)
    ((7, 1), (513, 3), (None, 2))
    """
    first = data[position] if position < end else 0xFF
    if first < _NULL:
        return first, position + 1
    width = _WIDTHS.get(first, 0)
    behind = position + 1 + width
    if not width or behind > end:
        return None, end
    return int.from_bytes(data[position + 1 : behind], "little"), behind

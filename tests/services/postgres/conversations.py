"""Conversations of a PostgreSQL server with our client, nearly all hostile."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator

Conversation = tuple[bytes, ...]

TYPES = b"\0\1RKSNAZETtDCI123nsvGHWdcVXpqx?~\x7f\x80\xff"
"""first bytes of messages: all that exist, and some that do not"""


def message(kind: bytes, payload: bytes = b"", length: int | None = None) -> bytes:
    """Return a message; its length may be a lie."""
    return kind + struct.pack(">I", (len(payload) + 4 if length is None else length) & 0xFFFFFFFF) + payload


def method(number: int, payload: bytes = b"") -> bytes:
    """Return a step of the authentication."""
    return message(b"R", struct.pack(">i", number) + payload)


def parameter(name: str, value: str) -> bytes:
    return message(b"S", f"{name}\0{value}\0".encode())


def columns(*oids: int, form: int = 1) -> bytes:
    """Return the payload of a description of columns."""
    each = (b"c%d\0" % number + struct.pack(">IHIhih", 0, 0, oid, -1, -1, form) for number, oid in enumerate(oids))
    return struct.pack(">H", len(oids)) + b"".join(each)


def row(*values: bytes | None) -> bytes:
    """Return the payload of a row."""
    each = (b"\xff\xff\xff\xff" if value is None else struct.pack(">I", len(value)) + value for value in values)
    return struct.pack(">H", len(values)) + b"".join(each)


DOCUMENT = json.dumps({"version": "PostgreSQL 16.4", "settings": [["work_mem", "4096", "i", "Memory", "kB"]]}).encode()
ACCEPTED = method(0)
PARAMETERS = parameter("server_version", "16.4") + parameter("client_encoding", "UTF8")
KEY = message(b"K", bytes(8))
READY = message(b"Z", b"I")
LOGIN = ACCEPTED + PARAMETERS + KEY + READY
PARSED = message(b"1")
ARGUMENTS = message(b"t", b"\0\0")
TEXTS = (25,) * 6
COLUMNS = message(b"T", columns(*TEXTS, form=0))
PREPARED = PARSED + ARGUMENTS + COLUMNS
VALUES = (b"version()", b"PostgreSQL 16.4", b"string", b"", b"", b"default")
ROW = message(b"D", row(*VALUES)) + message(b"D", row(b"work_mem", b"4096", b"integer", b"Memory", b"kB", b"default"))
DONE = message(b"C", b"SELECT 2\0")
RESULT = PARSED + message(b"2") + ROW + DONE + READY
ERROR = message(b"E", b"SERROR\0C42501\0Mno\0\0")
DENIED = ERROR + READY
FALLBACK = (LOGIN, DENIED, DENIED)
"""leads to the statement that every relative of PostgreSQL understands, which is prepared"""
COPY_HEAD = message(b"H", b"\1\0\3" + b"\0\1" * 3)
BINARY = b"PGCOPY\n\xff\r\n\0" + bytes(8)
COPY_END = message(b"c") + message(b"C", b"COPY 1\0") + READY
COPIED = COPY_HEAD + message(b"d", BINARY + row(bytes(8), bytes(4), DOCUMENT)) + message(b"d", b"\xff\xff") + COPY_END
MECHANISMS = b"SCRAM-SHA-256\0\0"
HUGE = 0x7FFFFFFF


def conversations() -> list[Conversation]:
    """Return all conversations; only the first two deserve a reading."""
    well_formed = [(LOGIN, COPIED), (*FALLBACK, PREPARED, RESULT)]
    return [*well_formed, *_copies(), *_first(), *_steps(), *_hashing(), *_login(), *_typed(), *_sized(), *_answers()]


def _copies() -> Iterator[Conversation]:
    """Answer COPY by heads, rows and ends that do not agree."""
    whole, end = BINARY + row(bytes(8), bytes(4), DOCUMENT), b"\xff\xff"
    for head in (b"", b"\0\0\1\0\0", b"\1\0\2" + b"\0\1" * 2, b"\1\0\3" + b"\0\0" * 3, b"\1\xff\xff", b"\1\0\3"):
        yield (LOGIN, message(b"H", head) + message(b"d", whole + end) + COPY_END)
    for broken in (
        b"", end, BINARY, BINARY + end, whole, whole[1:] + end, whole + end + b"\0", whole + whole[19:] + end,
        BINARY + row(bytes(7), bytes(4), DOCUMENT) + end, BINARY + row(bytes(8), bytes(5), DOCUMENT) + end,
        BINARY + row(bytes(8), bytes(4)) + end, BINARY + row(bytes(8), bytes(4), b"{") + end,
        BINARY + row(bytes(8), bytes(4), b"[1]") + end, BINARY + b"\0\3" + b"\x7f\xff\xff\xff" * 3 + end,
    ):  # fmt: skip
        yield (LOGIN, COPY_HEAD + message(b"d", broken) + COPY_END)
    data = message(b"d", whole + end)
    for order in (
        data + COPY_END, COPY_HEAD + COPY_HEAD + data + COPY_END, COPY_HEAD + message(b"c") + data + COPY_END,
        COPY_HEAD + data + READY, COPY_HEAD + data + DONE + READY, COPY_HEAD + data + message(b"c") + READY,
        COPY_HEAD + data + message(b"c") + ROW + COPY_END, COPY_HEAD + data + ERROR + READY, COPY_HEAD + READY,
        COLUMNS + ROW + DONE + READY, COPIED + COPIED,
    ):  # fmt: skip
        yield (LOGIN, order)


def _first() -> Iterator[Conversation]:
    """J1: what may come before any authentication."""
    for number in (*range(-1, 17), HUGE):
        for payload in (b"", b"\0", b"\0\0\0\0", MECHANISMS, b"r=a,s=YQ==,i=4096", b"v=YQ=="):
            if (number, payload) not in ((0, b""), (3, b""), (5, b"\0\0\0\0"), (10, MECHANISMS)):
                yield (method(number, payload),)
    yield from ((message(b"R", bytes(size)),) for size in range(4))


def _steps() -> Iterator[Conversation]:
    """Disorder the steps of the authentication."""
    for step in (method(0), method(3), method(5, b"salt"), method(10, MECHANISMS), method(11, b"r=a,s=YQ==,i=1")):
        yield (method(3), step + method(12, b"v=YQ=="), READY)
        yield (method(10, MECHANISMS), step + method(12, b"v=YQ==") + LOGIN, PREPARED, RESULT)
        yield (ACCEPTED + step, PREPARED)
        yield (LOGIN + step, PREPARED)
        yield (LOGIN, step + PREPARED, RESULT)
    yield (PARAMETERS + READY, PREPARED, RESULT)
    yield (ACCEPTED + KEY + READY, PREPARED, RESULT)
    yield (READY, PREPARED, RESULT)
    yield (message(b"N", b"Mhello\0\0") + method(3), LOGIN, PREPARED, RESULT)
    yield (method(10, MECHANISMS), LOGIN, PREPARED, RESULT)


def _hashing() -> Iterator[Conversation]:
    """J18: work that the server chooses."""
    for rounds in (b"2000000000", b"100001", b"0", b"-1", b"x", b"", b"9" * 5000):
        yield (method(10, MECHANISMS), method(11, b"r=a,s=YQ==,i=" + rounds))
    yield (method(10, b"X" * 60_000 + b"\0\0"),)
    yield (method(10, b"X\0" * 20_000 + b"\0"),)
    yield (method(10, MECHANISMS), method(11, b"r=" + b"a" * 60_000 + b",s=YQ==,i=4096"))
    yield (ACCEPTED + parameter("a", "b") * 100_000,)
    yield (ACCEPTED + message(b"N", b"\0") * 100_000,)
    yield (*FALLBACK, PARSED + parameter("a", "b") * 100_000)
    yield (*FALLBACK, PREPARED, parameter("TimeZone", "UTC") * 100_000 + RESULT)


def _login() -> Iterator[Conversation]:
    """Messages between the authentication and the first request."""
    for broken in (
        message(b"S"), message(b"S", b"a"), message(b"S", b"a\0"), message(b"S", b"a\0b"), message(b"S", b"\0\0"),
        parameter("client_encoding", "zlib"), parameter("client_encoding", "undefined"),
        parameter("client_encoding", "../../x"), message(b"S", b"a\0\xff\0"), message(b"E", b"M\xff\0\0"),
        parameter("server_version", "Postgre" * 8000), parameter("server_version", ""),
        message(b"K"), message(b"K", bytes(7)), message(b"K", bytes(300)),
        message(b"E"), message(b"E", b"\0"), message(b"E", b"S"), message(b"E", b"Sx\0"), message(b"E", b"\xff\0\0"),
        message(b"N", b"S"), message(b"N", b"Sx\0"), message(b"Z"), message(b"Z", b"X"), message(b"Z", b"II"),
        message(b"v"), message(b"v", bytes(4)), message(b"v", b"\0\3\0\0\0\0\0\7a\0"), message(b"A", bytes(6)),
        KEY + KEY, ACCEPTED, COLUMNS, ROW, DONE,
    ):  # fmt: skip
        yield (ACCEPTED + PARAMETERS + broken + READY, PREPARED, message(b"2") + READY)
        yield (ACCEPTED + broken,)


def _typed() -> Iterator[Conversation]:
    """J2: a message of every type in every phase."""
    for kind in TYPES:
        stray = message(bytes([kind]))
        yield (stray, LOGIN, PREPARED)
        yield (ACCEPTED + stray,)
        yield (LOGIN + stray, message(b"2"))
        yield (LOGIN, stray)
        yield (*FALLBACK, PARSED + stray)
        yield (*FALLBACK, PREPARED + stray)
        yield (*FALLBACK, PREPARED, PARSED + message(b"2") + stray)


def _sized() -> Iterator[Conversation]:
    """Lengths that are lies."""
    for length in (0, 1, 3, -1, -5, HUGE, 9 << 20):
        for kind in (b"R", b"E", b"S", b"N", b"K", b"Z"):
            yield (ACCEPTED + message(kind, bytes(8), length),)
        for kind in (b"1", b"t", b"T", b"n", b"E", b"S"):
            yield (LOGIN, message(kind, bytes(8), length))
        for kind in (b"2", b"D", b"C", b"Z", b"E"):
            yield (*FALLBACK, PREPARED, PARSED + message(b"2") + message(kind, bytes(8), length))


def _answers() -> Iterator[Conversation]:
    """Descriptions, rows and ends that do not agree."""
    for types in (b"", b"\0", b"\0\1", b"\0\1\0\0\0", b"\x7f\xff", b"\xff\xff", struct.pack(">HI", 1, 2249)):
        yield (*FALLBACK, PARSED + message(b"t", types) + COLUMNS, RESULT)
    nameless = columns(*TEXTS)[:-21]
    for description in (
        b"", b"\0", b"\0\3", b"\xff\xff", b"\x7f\xff", nameless, columns(*TEXTS)[:-1], columns(*TEXTS) + b"\0",
        columns(2249, *TEXTS[1:]), columns(25, 99_999, *TEXTS[2:]), columns(1007, *TEXTS[1:]), columns(*TEXTS, form=7),
    ):  # fmt: skip
        yield (*FALLBACK, PARSED + ARGUMENTS + message(b"T", description), RESULT)
    whole = row(*VALUES)
    for broken in (
        b"", b"\0", b"\0\6", b"\xff\xff", b"\0\5" + whole[2:], b"\0\7" + whole[2:], whole[:-1], whole + b"\0",
        row(*VALUES[:-1]), row(*VALUES, b""), b"\0\6" + b"\xff\xff\xff\xfe" * 6,
        b"\0\6" + b"\x80\0\0\0" * 6, b"\0\6" + b"\x7f\xff\xff\xff" * 6, whole[:2] + b"\0\0\0\x0a" + whole[6:],
    ):  # fmt: skip
        yield (*FALLBACK, PREPARED, PARSED + message(b"2") + message(b"D", broken) + DONE + READY)
    for end in (
        message(b"C"),
        message(b"C", b"SELECT 1"),
        message(b"C", b"a\0b\0"),
        message(b"C", b"x" * 5000 + b"\0"),
    ):
        yield (*FALLBACK, PREPARED, PARSED + message(b"2") + ROW + end + READY)
    bound = PARSED + message(b"2")
    for order in (ERROR + ROW + DONE, ROW + DONE + ROW, DONE + DONE, DONE + COLUMNS, ROW + COLUMNS + ROW + DONE, ERROR):
        yield (*FALLBACK, PREPARED, bound + order + READY)
    for parts in (PREPARED + COLUMNS, PARSED + PREPARED, COLUMNS + PARSED, ARGUMENTS, PARSED + message(b"n")):
        yield (*FALLBACK, parts, RESULT)
    for copy in (b"G", b"H", b"W"):
        yield (*FALLBACK, PREPARED, bound + message(copy, b"\0\0\0") + message(b"d", b"x") * 5 + message(b"c") + READY)

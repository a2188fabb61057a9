"""Conversations of a MySQL server with our client, nearly all hostile."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from tests.services.scripted_mysql import CAPABILITIES, END, OK, failed, greeting, packet, table

Conversation = tuple[bytes, ...]

VARIABLES = [
    [b"version", b"8.0.36", b"COMPILED", b"", None, None],
    [b"sql_mode", b"x" * 300, b"GLOBAL", b"", None, None],
]
GREETING = greeting("8.0.36")
ACCEPTED = packet(2, OK)
RESULT = table(VARIABLES)
NEW_EOF = greeting("8.0.36", capabilities=CAPABILITIES | 1 << 24)
COLUMN = b"\x03def\0\0\0\x01x\0\x0c" + struct.pack("<HIBHB", 45, 1024, 253, 0, 0) + b"\0\0"
ROW = b"\x01a\x01b\x01c\x01d\xfb\xfb"
SALT = b"saltsaltsaltsaltsalt\0"
NUMBERS = (
    b"\xfc", b"\xfc\1", b"\xfd\1\2", b"\xfd\xff\xff\xff", b"\xfe" + b"\xff" * 7, b"\xfe" + b"\xff" * 8, b"\xff",
    b"\xfe\0\0\0\x40\0\0\0\0", b"\xfe" + b"\x7f" * 8,
)  # fmt: skip
"""length-encoded integers that are cut or absurd"""


def packets(*payloads: bytes, first: int = 1) -> bytes:
    """Return packets with numbers in order."""
    return b"".join(packet(number, payload) for number, payload in enumerate(payloads, first))


def conversations() -> list[Conversation]:
    """Return all conversations; only the first deserves a reading."""
    return [
        (GREETING, ACCEPTED, RESULT),
        *_greetings(), *_logins(), *_plug_ins(), *_replies(), *_columns(), *_rows(), *_ends(), *_numbers(),
    ]  # fmt: skip


def _greetings() -> Iterator[Conversation]:
    whole = GREETING[4:]
    yield from ((packet(0, whole[:size]), ACCEPTED, RESULT) for size in range(1, 50, 2))
    yield from ((packet(0, bytes([first]) + whole[1:]), ACCEPTED) for first in (0, 1, 9, 11, 251, 254))
    yield from ((packet(number, whole), ACCEPTED, RESULT) for number in (1, 2, 255))
    yield (packet(0, b"\n" + b"8" * 5000 + b"\0" + whole[8:]), ACCEPTED, RESULT)
    yield (packet(0, b"\n8" + b"\xff" * 80), ACCEPTED)
    yield (GREETING * 2, ACCEPTED, RESULT)
    yield (GREETING + RESULT, ACCEPTED)
    yield from ((packet(0, b"\xff" + tail),) for tail in (b"", b"\1", b"\1\2", b"\1\2#", b"\1\2#1234"))
    yield from ((length.to_bytes(3, "little") + b"\0\n",) for length in (0, 1, 0xFFFFFF))


def _logins() -> Iterator[Conversation]:
    """Answers to the login that accept nothing, or more than was asked for."""
    for first in (0, 1, 2, 3, 4, 5, 10, 100, 250, 251, 252, 253, 254, 255):
        for tail in (b"", b"\0", b"\1\2\3", b"\0" * 5):
            yield (GREETING, packet(2, bytes([first]) + tail), RESULT)
    for number in NUMBERS:
        yield (GREETING, packet(2, b"\0" + number), RESULT)
        yield (GREETING, packet(2, b"\0\0" + number + b"\0" * 3), RESULT)
    yield (GREETING, packet(2, OK) + RESULT, RESULT)
    yield (GREETING, packet(2, b"\0\0\0\x0a\0\0\0"), RESULT)
    yield (GREETING, packet(2, b""), RESULT)
    yield (GREETING, packet(2, b"\xfe"), ACCEPTED)


def _plug_ins() -> Iterator[Conversation]:
    """J18: plug-ins in any order, without end, with absurd names and data."""
    for plugin in (
        b"mysql_native_password",
        b"caching_sha2_password",
        b"sha256_password",
        b"client_ed25519",
        b"dialog",
    ):
        for data in (b"", b"\0", b"x", b"x" * 300, SALT):
            for then in (b"\1", b"\1\4", b"\1" + b"-" * 3000, b"\2Password: ", b"\xfe" + plugin + b"\0" + SALT):
                yield (GREETING, packet(2, b"\xfe" + plugin + b"\0" + data), packet(4, then), packet(6, then))
    for plugin in (b"", b"\xff\xfe", b"x" * 60_000, b"mysql_old_password", b"parsec", b"\x1b[2J"):
        yield (GREETING, packet(2, b"\xfe" + plugin + b"\0" + SALT), packet(4, OK), RESULT)
    endless = [packet(number % 256, b"\4Password: ") for number in range(4, 60, 2)]
    yield (GREETING, packet(2, b"\xfedialog\0\4Password: "), *endless)
    yield (greeting(plugin=b"caching_sha2_password"), packets(*[b"\1\3"] * 500, first=2))
    yield (greeting(plugin=b"sha256_password"), packet(2, b"\1-----BEGIN PUBLIC KEY-----\n" + b"A" * 3000))


def _replies() -> Iterator[Conversation]:
    """First packets of an answer."""
    for first in (b"\xfb/etc/passwd", b"\xfb", b"\0", b"\0\0\0", b"\xfe", b"\xfe\0\0\2\0", b"\1\1", b"\xfa", *NUMBERS):
        yield (GREETING, ACCEPTED, packet(1, first) + RESULT)
        yield (GREETING, ACCEPTED, packets(first, COLUMN, END, b"\1x", END))
    yield (GREETING, ACCEPTED, packet(1, b""))
    yield (GREETING, ACCEPTED, packet(1, b"\0\0\0\x0a\0\0\0") + packet(2, OK))
    yield (GREETING, ACCEPTED, packet(1, OK))
    for tail in (b"", b"\1", b"\1\2", b"\1\2#", b"\1\2#1234"):
        yield (GREETING, ACCEPTED, packet(1, b"\xff" + tail))
    yield (GREETING, ACCEPTED, b"\xff\xff\xff\1" + b"x" * 100)


def _columns() -> Iterator[Conversation]:
    for size in range(0, len(COLUMN), 2):
        yield (GREETING, ACCEPTED, packets(b"\1", COLUMN[:size], END, b"\1x", END))
    for number in (*NUMBERS, b"\xfb"):
        for before in (b"", b"\x03def", b"\x03def\0\0\0", b"\x03def\0\0\0\1x"):
            yield (GREETING, ACCEPTED, packets(b"\1", before + number, END, b"\1x", END))
    yield (GREETING, ACCEPTED, packets(b"\2", COLUMN, END, b"\1x", END))
    yield (GREETING, ACCEPTED, packets(b"\1", COLUMN, COLUMN, END, b"\1x", END))
    yield (GREETING, ACCEPTED, packets(b"\1", COLUMN + b"\0", END, b"\1x", END))
    for end in (b"\xfe", b"\xfe\0", b"\xfe\0\0\2", b"\xfe\0\0\2\0\0", b"\0\0\0\2\0\0\0", b"\xfe\0\0\x0a\0"):
        yield (GREETING, ACCEPTED, packets(b"\1", COLUMN, end, b"\1x", END))


def _rows() -> Iterator[Conversation]:
    head = (b"\6", *[COLUMN] * 6, END)
    for row in (ROW[:-1], ROW[:3], ROW + b"x", b"\1", b"\xfb" * 5, b"\xfb" * 7, b"\x7fx", b"\xfa" + b"x" * 9):
        yield (GREETING, ACCEPTED, packets(*head, row, END))
    for number in NUMBERS:
        for before in (b"", b"\1x", b"\1a\1b\1c\1d\xfb"):
            yield (GREETING, ACCEPTED, packets(*head, before + number, END))
            yield (GREETING, ACCEPTED, packets(*head, before + number + b"\xfb" * 6, END))
    yield (GREETING, ACCEPTED, packets(*head, b"", END))
    yield (GREETING, ACCEPTED, packets(*head, ROW) + failed(1317, "interrupted", 3))


def _ends() -> Iterator[Conversation]:
    head = (b"\6", *[COLUMN] * 6)
    for end in (b"\xfe", b"\xfe\0", b"\xfe\0\0\2", b"\xfe\0\0\2\0\0", b"\xfe\0\0\x0a\0", b"\xfe" + b"\0" * 8):
        yield (GREETING, ACCEPTED, packets(*head, END, ROW, end))
        yield (GREETING, ACCEPTED, packets(*head, END, ROW, end, b"\1", COLUMN, END, b"\1x", END))
    for end in (b"\xfe", b"\xfe\0", b"\xfe\0\0\x0a\0\0\0", *(b"\xfe" + number for number in NUMBERS)):
        yield (NEW_EOF, ACCEPTED, packets(*head, ROW, end))
    yield (GREETING, ACCEPTED, packets(*head, END, ROW))
    yield (NEW_EOF, ACCEPTED, packets(*head, END, ROW, END))


def _numbers() -> Iterator[Conversation]:
    """Packets whose numbers are out of order."""
    for number in (0, 1, 3, 9, 255):
        yield (GREETING, packet(number, OK), RESULT)
    for number in (0, 2, 255):
        yield (GREETING, ACCEPTED, packet(number, RESULT[4:5]) + RESULT[5:])
    for at in (4, 8, 20):
        yield (GREETING, ACCEPTED, RESULT[:at] + RESULT)
        yield (GREETING, ACCEPTED, RESULT[at:])

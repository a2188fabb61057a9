"""The bytes of a recorded reply that frame values: lengths, counts, types and ends.

Damaged values are other values, but damaged framing must be noticed. Only bytes whose meaning is certain are listed;
HTTP has none: without a length, a page lasts until the end of the connection.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from tests.fuzz.conversations.conversation import MANAGEMENT_PORT, Conversation, Line

Range = tuple[int, int]
"""start and end in a stream"""


def framing(conversation: Conversation, index: int) -> list[Range]:
    """Return the framing bytes of one line."""
    line = conversation.lines[index]
    if conversation.kind not in FRAMINGS or line.port == MANAGEMENT_PORT:
        return []
    ranges, start = list[Range](), 0
    for number, turn in enumerate(line.turns):
        if not _is_preamble(line, number):
            ranges += [(start + a, start + b) for a, b in FRAMINGS[conversation.kind](turn.reply)]
        start += len(turn.reply)
    return ranges


def _is_preamble(line: Line, number: int) -> bool:
    """Return whether a reply is one byte that answers the request for TLS."""
    return number == 0 and len(line.turns[number].reply) == 1


def _redis(data: bytes) -> Iterator[Range]:
    at = 0
    while at < len(data):
        end = data.index(b"\r\n", at) + 2
        if data[at : at + 1] == b"$":
            size = int(data[at + 1 : end])
            yield at, end
            yield end + size, end + size + 2
            at = end + size + 2
        else:
            yield from ((at, end),) if data[at : at + 1] == b"*" else ((end - 2, end),)
            at = end


def _memcached(data: bytes) -> Iterator[Range]:
    for line in re.finditer(rb"(STAT )(\S+)( )?[^\r]*(\r\n)|END\r\n", data):
        yield from ((line.start(), line.end()),) if line[1] is None else (line.span(1), line.span(4))


def _postgres(data: bytes) -> Iterator[Range]:
    at = 0
    while at < len(data):
        size = int.from_bytes(data[at + 1 : at + 5], "big")
        yield at, at + 5
        if data[at : at + 1] == b"D":
            yield at + 5, at + 7
            column = at + 7
            while column < at + 1 + size:
                yield column, column + 4
                column += 4 + max(0, int.from_bytes(data[column : column + 4], "big", signed=True))
        at += 1 + size


def _mysql(data: bytes) -> Iterator[Range]:
    at = 0
    while at < len(data):
        yield at, at + 4
        at += 4 + int.from_bytes(data[at : at + 3], "little")


def _amqp(data: bytes) -> Iterator[Range]:
    at = 0
    while at < len(data):
        size = int.from_bytes(data[at + 3 : at + 7], "big")
        yield at, at + 7
        yield at + 7 + size, at + 8 + size
        at += 8 + size


def _mongodb(data: bytes) -> Iterator[Range]:
    """Leave out the number of the reply itself, which counts for nothing."""
    at = 0
    while at < len(data):
        yield at, at + 4
        yield at + 8, at + 16
        at += int.from_bytes(data[at : at + 4], "little")


def _nats(data: bytes) -> Iterator[Range]:
    yield from (match.span() for match in re.finditer(rb"INFO |PONG|\r\n", data))


def _smtp(data: bytes) -> Iterator[Range]:
    # The mark behind a code may be a blank where more follows.
    yield from (match.span() for match in re.finditer(rb"(?m)^\d{3}|\r\n", data))


FRAMINGS: dict[str, Callable[[bytes], Iterator[Range]]] = {
    "redis": _redis,
    "memcached": _memcached,
    "postgres": _postgres,
    "pgbouncer": _postgres,
    "nats": _nats,
    "smtp": _smtp,
    "mysql": _mysql,
    "rabbitmq": _amqp,
    "mongodb": _mongodb,
}

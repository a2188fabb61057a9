"""Damages of a server's replies, and the sequences of inputs made of them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from enum import StrEnum

from msgspec import Struct

from tests.fuzz.conversations.conversation import COMMANDS, Conversation


class Act(StrEnum):
    """A damage."""

    CUT = "cut"
    """the connection ends at the offset"""
    SPLIT = "split"
    """the bytes arrive in pieces, undamaged"""
    FLIP = "flip"
    DOUBLE = "double"
    DELETE = "delete"
    INSERT = "insert"
    SWAP = "swap"
    """two neighbours of one size change places"""
    EXIT = "exit"
    """the program ends with a code; the output is whole"""


class Layer(StrEnum):
    """Where it happens."""

    REPLY = "reply"
    """to the server's own bytes, inside TLS"""
    RECORDS = "records"
    """to the bytes on the wire"""


SIZES = (1, 1, 1, 2, 4, 16, 64, 300)
CODES = (9, 137, -9, -11, 143, 1)


class Damage(Struct, frozen=True):
    """One damage of one line."""

    act: Act
    line: int
    offset: int
    """in all replies of the line"""
    size: int = 1
    """bytes"""
    mask: int = 1
    """of a flip"""
    put: bytes = b""
    """bytes to insert"""
    layer: Layer = Layer.REPLY
    code: int = 0
    """of a program"""

    @property
    def cuts(self) -> bool:
        return self.act is Act.CUT

    @property
    def harmless(self) -> bool:
        return self.act is Act.SPLIT

    def pieces(self, data: bytes, start: int) -> list[bytes]:
        """Return data, which begin at ``start`` in the stream, damaged and in the pieces in which they are sent."""
        at = self.offset - start
        end = min(len(data), at + self.size)
        before, hit, after = data[:at], data[at:end], data[end:]
        match self.act:
            case Act.CUT:
                return [before]
            case Act.SPLIT:
                around = data[at : at + 12]
                return [before, *(around[i : i + self.size] for i in range(0, len(around), self.size)), data[at + 12 :]]
            case Act.FLIP:
                hit = bytes([hit[0] ^ self.mask]) + hit[1:]
            case Act.DOUBLE:
                hit = hit * 2
            case Act.DELETE:
                hit = b""
            case Act.INSERT:
                hit = self.put + hit
            case Act.SWAP:
                hit, after = after[: self.size] + hit, after[self.size :]
            case Act.EXIT:
                pass
        return [before + hit + after]


ACTS = (
    *(Act.CUT,) * 6, *(Act.FLIP,) * 6, *(Act.DELETE,) * 2, *(Act.DOUBLE,) * 2, *(Act.INSERT,) * 2, Act.SWAP, Act.SPLIT,
)  # fmt: skip
"""in the order and in the numbers in which they are tried"""
_GOLDEN = 0.6180339887498949
"""its multiples, taken modulo 1, leave no gap for long"""
_EDGE = 48
"""bytes at both ends of a reply in which half of the damages are"""


def damages(conversation: Conversation, seed: int) -> Iterator[Damage]:
    """Yield endless damages, the same for the same seed; the longer, the fewer offsets are left out."""
    chance = random.Random(f"{conversation.name} {seed}")
    edges = [(index, at) for index in range(len(conversation.lines)) for at in _edges(conversation, index)]
    total = sum(line.size for line in conversation.lines)
    spread = {act: chance.random() for act in Act}
    acts = (*ACTS, Act.EXIT) if conversation.kind in COMMANDS else ACTS
    while True:
        for act in acts:
            spread[act] = (spread[act] + _GOLDEN) % 1
            if conversation.encrypted and chance.random() < 0.25:
                yield _of_records(conversation, act, chance)
                continue
            if chance.random() < 0.5:
                index, offset = edges[int(spread[act] * len(edges))]
            else:
                index, offset = _locate(conversation, int(spread[act] * total))
            yield _damage(act, index, offset, chance)


def at_every_offset(conversation: Conversation, act: Act) -> Iterator[Damage]:
    """Yield one act at each offset of each line."""
    chance = random.Random(f"{conversation.name} {act}")
    for index, line in enumerate(conversation.lines):
        yield from (_damage(act, index, offset, chance) for offset in range(line.size))


def _damage(act: Act, index: int, offset: int, chance: random.Random) -> Damage:
    return Damage(
        act,
        index,
        offset,
        size=1 if act is Act.FLIP else chance.choice(SIZES),
        mask=chance.choice((1, 2, 4, 8, 16, 32, 64, 128, 255, 127)),
        put=chance.randbytes(chance.choice(SIZES)) if act is Act.INSERT else b"",
        code=chance.choice(CODES) if act is Act.EXIT else 0,
    )


def _of_records(conversation: Conversation, act: Act, chance: random.Random) -> Damage:
    """Return a damage of encrypted bytes: of the handshake, of about 1,500 bytes, or of a reply."""
    index = chance.randrange(len(conversation.lines))
    size = 1500 + (conversation.lines[index].size if chance.random() < 0.5 else 0)
    act = act if act in (Act.CUT, Act.FLIP, Act.DELETE, Act.DOUBLE, Act.SPLIT) else Act.FLIP
    damage = _damage(act, index, chance.randrange(size), chance)
    return Damage(damage.act, index, damage.offset, damage.size, damage.mask, layer=Layer.RECORDS)


def _edges(conversation: Conversation, index: int) -> list[int]:
    """Return the offsets near the ends of the replies of one line."""
    offsets, start = set[int](), 0
    for turn in conversation.lines[index].turns:
        end = start + len(turn.reply)
        offsets |= {*range(start, min(end, start + _EDGE)), *range(max(start, end - _EDGE), end)}
        start = end
    return sorted(offsets)


def _locate(conversation: Conversation, offset: int) -> tuple[int, int]:
    """Return line and offset in it of an offset in all lines."""
    for index, line in enumerate(conversation.lines):
        if offset < line.size:
            return index, offset
        offset -= line.size
    raise IndexError(offset)

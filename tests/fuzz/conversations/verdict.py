"""Whether the outcome of an input is right: a damaged reply is never read as a whole one."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from enum import StrEnum
from functools import cache

from msgspec import Struct

from parity_tui.drift.policy import matches
from parity_tui.model import Fact, Reading, State
from tests.fuzz.conversations.conversation import MARK, load
from tests.fuzz.conversations.damage import Act, Damage, Layer
from tests.fuzz.conversations.framing import framing

FEW = 4
"""settings that damage inside values may change: one, its neighbour, and those derived from both"""
WHOLE_FILES = ("apache", "nginx")
"""kinds whose values are the text of files, in which one character moves everything behind it"""
LONGEST_MESSAGE = 1000
"""characters of a failure"""
BY_PATH = ("nats", "pgbouncer")
"""kinds whose settings are named GROUP.OBJECT.SETTING after one name in the reply"""
IN_ONE_ROW = "optimizer_switch."
"""begins the names of settings that a server sends in one row"""
SHORTEST_ROW = 8
"""bytes of a setting with its value"""


class End(StrEnum):
    """How an input can end."""

    READ = "read"
    """readings like those of the undamaged conversation, or with other values where values were damaged"""
    MARKED = "marked"
    """a reading that names what is missing from it"""
    FAILED = "failed"
    """a failure in words"""
    FALSE = "false reading"
    STUCK = "no end before the deadline"
    WORDLESS = "error without words"
    LONG = "error of too many words"
    DIED = "process died"
    STALLED = "event loop stalled"
    GREW = "memory grew"
    PRINTED = "printed"


WRONG = frozenset(End) - {End.READ, End.MARKED, End.FAILED}


class Result(Struct, frozen=True):
    """The end of one input."""

    end: End
    text: str = ""
    """the failure's message, or what is wrong"""


def judge(name: str, damage: Damage, whole: Sequence[Reading], readings: Sequence[Reading], error: str) -> Result:
    """Return the result of an input whose readings may end with an error."""
    for reading, undamaged in zip(readings, whole, strict=False):
        different = differences(undamaged, reading)
        if different and not may_differ(name, damage, different):
            return Result(End.FALSE, f"{len(different)} differ: {', '.join(different[:6])}"[:300])
        if damage.harmless and (reading.facts != undamaged.facts or reading.hidden != undamaged.hidden):
            return Result(End.FALSE, "differs, although nothing was damaged")
    if damage.harmless and error:
        return Result(End.FALSE, f"fails, although nothing was damaged: {error}")
    if error:
        return Result(End.LONG if len(error) > LONGEST_MESSAGE else End.FAILED, error)
    pairs = zip(readings, whole, strict=False)
    return Result(End.MARKED if any(a.hidden != b.hidden for a, b in pairs) else End.READ)


def differences(whole: Reading, part: Reading) -> list[str]:
    """Return the settings whose values differ and are not marked as hidden or unknown."""
    names = [
        name
        for name in whole.facts.keys() | part.facts.keys()
        if whole.facts.get(name) != part.facts.get(name) and not is_marked(name, part)
    ]
    names += [name for name in ("product", "version") if getattr(whole, name) != getattr(part, name)]
    return sorted(name for name in names if not is_marked(name, part))


def is_marked(name: str, reading: Reading) -> bool:
    """Return whether a reading says that it lacks a setting."""
    fact = reading.facts.get(name, Fact(state=State.ABSENT))
    if fact.state in (State.HIDDEN, State.UNKNOWN):
        return True
    if name in reading.facts:
        return False
    return next((bool(why) for glob, why in reading.hidden if matches(glob, name)), False)


def may_differ(name: str, damage: Damage, different: Sequence[str]) -> bool:
    """Return whether a damage inside values explains the differences, so that no reader could notice it."""
    if (damage.layer is Layer.RECORDS and not is_plain(name, damage)) or damage.act in (Act.CUT, Act.SPLIT, Act.EXIT):
        return False
    if damage.act is Act.FLIP and in_framing(name, damage):
        return False
    if {"product", "version"} & {*different}:
        return True  # they decide how the other values are understood
    if load(name).kind in WHOLE_FILES or in_mark(name, damage):
        return True
    span = damage.size if damage.act in (Act.DELETE, Act.DOUBLE, Act.SWAP) else len(damage.put)
    by_path = load(name).kind in BY_PATH
    rows = {_row(each, by_path) for each in different}
    return len(rows) <= FEW + span // SHORTEST_ROW


def is_plain(name: str, damage: Damage) -> bool:
    """Return whether a damage is in what a server sends before TLS, which proves nothing about it."""
    line = load(name).lines[damage.line]
    return damage.offset < sum(len(turn.reply) for turn in line.turns if turn.sent <= line.tls_at)


def _row(setting: str, by_path: bool) -> str:
    """Return what names the row or the object of a reply that a setting comes from."""
    if setting.startswith(IN_ONE_ROW):
        return setting.partition(".")[0]
    return setting.rpartition(".")[0] if by_path and setting.count(".") == 2 else setting


def in_framing(name: str, damage: Damage) -> bool:
    """Return whether a damage begins in framing bytes."""
    ranges = _framing(name, damage.line)
    at = bisect_right(ranges, (damage.offset, 1 << 40)) - 1
    return at >= 0 and ranges[at][0] <= damage.offset < ranges[at][1]


def in_mark(name: str, damage: Damage) -> bool:
    """Return whether a damage touches a line that begins a section of a script's output."""
    stream = load(name).lines[damage.line].stream
    start = stream.rfind(b"\n", 0, damage.offset) + 1
    end = stream.find(b"\n", damage.offset + 2 * damage.size)
    return MARK.encode() in stream[start : end if end >= 0 else None]


@cache
def _framing(name: str, line: int) -> list[tuple[int, int]]:
    return framing(load(name), line)

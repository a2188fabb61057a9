"""The judgement of outcomes, and the damages themselves."""

from __future__ import annotations

import pytest

from parity_tui.model import Fact, Reading, State
from tests.builders import reading
from tests.fuzz.conversations.damage import Act, Damage, Layer
from tests.fuzz.conversations.verdict import End, judge

WHOLE = reading({f"setting {number}": "1" for number in range(20)})
FRAMING, VALUE = 4165, 60
"""offsets in the recording of Memcached: in END, and in the first values"""


def without(count: int, *hidden: tuple[str, str]) -> Reading:
    return reading(dict(list(WHOLE.facts.items())[count:]), hidden=hidden)


@pytest.mark.parametrize(
    ("damage", "outcome", "end"),
    [
        (Damage(Act.CUT, 0, VALUE), without(1), End.FALSE),
        (Damage(Act.CUT, 0, VALUE), without(1, ("setting *", "not read")), End.MARKED),
        (Damage(Act.CUT, 0, VALUE), WHOLE, End.READ),
        (Damage(Act.FLIP, 0, VALUE), without(1), End.READ),
        (Damage(Act.FLIP, 0, VALUE), without(5), End.FALSE),
        (Damage(Act.FLIP, 0, FRAMING), without(1), End.FALSE),
        (Damage(Act.FLIP, 0, VALUE, layer=Layer.RECORDS), without(1), End.FALSE),
        (Damage(Act.DELETE, 0, VALUE, size=40), without(9), End.READ),
        (Damage(Act.DELETE, 0, VALUE, size=40), without(10), End.FALSE),
        (Damage(Act.SPLIT, 0, VALUE), without(0, ("other", "why")), End.FALSE),
    ],
)
def test_missing_settings_must_be_marked(damage: Damage, outcome: Reading, end: End) -> None:
    assert judge("memcached", damage, [WHOLE], [outcome], "").end is end


def test_undamaged_conversation_must_not_fail() -> None:
    assert judge("memcached", Damage(Act.SPLIT, 0, VALUE), [WHOLE], [], "closed: it").end is End.FALSE
    assert judge("memcached", Damage(Act.CUT, 0, VALUE), [WHOLE], [], "closed: it").end is End.FAILED


def test_unknown_value_is_marked() -> None:
    unknown = reading({**WHOLE.facts, "setting 3": Fact(state=State.UNKNOWN)})
    assert judge("memcached", Damage(Act.CUT, 0, VALUE), [WHOLE], [unknown], "").end is End.READ


@pytest.mark.parametrize(
    ("damage", "result"),
    [
        (Damage(Act.CUT, 0, 12), "ab"),
        (Damage(Act.SPLIT, 0, 12, size=2), "ab|cd|ef"),
        (Damage(Act.FLIP, 0, 12), "abbdef"),
        (Damage(Act.DOUBLE, 0, 12, size=2), "abcdcdef"),
        (Damage(Act.DELETE, 0, 12, size=2), "abef"),
        (Damage(Act.INSERT, 0, 12, put=b"x"), "abxcdef"),
        (Damage(Act.SWAP, 0, 12, size=2), "abefcd"),
        (Damage(Act.EXIT, 0, 12), "abcdef"),
    ],
)
def test_damage_changes_its_own_bytes_only(damage: Damage, result: str) -> None:
    """The bytes start at offset 10 of their stream."""
    assert b"|".join(filter(None, damage.pieces(b"abcdef", 10))).decode() == result

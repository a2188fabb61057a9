"""Spellings of one value are equal; different values are not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parity_tui.drift.values import comparison_key, display_text, printable
from parity_tui.model import Fact, Rule, ValueType

ANY = Rule("x")
facts = st.builds(
    Fact,
    raw=st.one_of(
        st.text(), st.from_regex(r"[+-]?[0-9]{1,8}(\.[0-9]{1,3})?( ?[kmg]?b| ?(ms|s|min|h|d))?", fullmatch=True)
    ),
    type=st.sampled_from(ValueType),
    unit=st.sampled_from(("", "B", "kB", "8kB", "MB", "us", "ms", "s", "min", "parsecs", "0", "16MB")),
)


def same(one: Fact, other: Fact) -> bool:
    return comparison_key(one, ANY) == comparison_key(other, ANY)


@given(facts, facts)
def test_values_that_look_equal_are_equal(one: Fact, other: Fact) -> None:
    if (
        display_text(one, ANY) == display_text(other, ANY)
        and (one.raw or "").isprintable()
        and (other.raw or "").isprintable()
    ):
        assert same(one, other) or not (one.raw and other.raw) or one.type is not other.type


@given(facts)
def test_display_text_is_printable(fact: Fact) -> None:
    assert display_text(fact, ANY).isprintable()


@given(st.text())
def test_printable_changes_only_unprintable_text(text: str) -> None:
    assert printable(text).isprintable()
    assert printable(text) == text or not text.isprintable()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Fact("16384", ValueType.NUMBER, "8kB"), Fact("128MB", ValueType.NUMBER, "8kB")),
        (Fact("60000", ValueType.NUMBER, "ms"), Fact("1", ValueType.NUMBER, "min")),
        (Fact("yes", ValueType.BOOL), Fact("1", ValueType.BOOL)),
        (Fact("0.10", ValueType.NUMBER), Fact("1e-1", ValueType.NUMBER)),
        (Fact("a, b", ValueType.SET), Fact("b,a", ValueType.SET)),
        (Fact("a=1,b=2", ValueType.MAP), Fact("b=2 a=1", ValueType.MAP)),
        (Fact("0700", ValueType.OCTAL), Fact("700", ValueType.OCTAL)),
        (Fact("UTF8", ValueType.ENUM), Fact("utf8", ValueType.ENUM)),
        (Fact("100mb", ValueType.SIZE), Fact("104857600", ValueType.SIZE)),
    ],
)
def test_spellings_of_one_value_are_equal(one: Fact, other: Fact) -> None:
    assert same(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Fact("8.10"), Fact("8.1")),
        (Fact("on"), Fact("yes")),
        (Fact("a,b", ValueType.LIST), Fact("b,a", ValueType.LIST)),
        (Fact("100m", ValueType.SIZE), Fact("100mb", ValueType.SIZE)),
        (Fact("16384", ValueType.NUMBER, "8kB"), Fact("16384", ValueType.NUMBER, "kB")),
        (Fact("-1", ValueType.NUMBER, "ms"), Fact("0", ValueType.NUMBER, "ms")),
        (Fact("Utf8"), Fact("utf8")),
        (Fact(""), Fact(" ")),
    ],
)
def test_similar_texts_are_different_values(one: Fact, other: Fact) -> None:
    assert not same(one, other)


@pytest.mark.parametrize("raw", ["9" * 45, "1e999", "-" + "9" * 50, "0." + "9" * 45, "1e-999"])
@pytest.mark.parametrize("unit", ["8kB", "B", "ms", "us", "TB", "9" * 30 + "kB"])
def test_huge_number_is_compared_by_its_text(raw: str, unit: str) -> None:
    """Fault 30."""
    fact, other = Fact(raw, ValueType.NUMBER, unit), Fact(raw.replace("9", "8", 1), ValueType.NUMBER, unit)
    assert display_text(fact, Rule("x"))
    assert (comparison_key(fact, Rule("x")) == comparison_key(other, Rule("x"))) is (raw == other.raw)


@pytest.mark.parametrize("spelling", ["5m", "300", "300s", "300000ms", "5min", "5m0s", "4m 60s", "300000000000ns"])
@pytest.mark.parametrize("other", ["5m", "301s", "5M", "5mb", "5 parsecs", "5m5m", "1s5m"])
def test_equal_times_are_equal_in_every_spelling(spelling: str, other: str) -> None:
    assert same(Fact(spelling, ValueType.DURATION), Fact("5m", ValueType.DURATION))
    assert same(Fact(spelling, ValueType.DURATION), Fact(other, ValueType.DURATION)) is (other == "5m")


def test_bare_letter_m_is_a_size_for_sizes() -> None:
    assert same(Fact("5m", ValueType.SIZE), Fact("5000000", ValueType.SIZE))
    assert not same(Fact("300s", ValueType.SIZE), Fact("5min", ValueType.SIZE))

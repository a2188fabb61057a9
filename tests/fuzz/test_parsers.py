"""Fault 27, 28, 31: each parser for a moment; `make fuzz` for longer."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.harness import HARNESSES, PARSERS, SEEDS
from tests.fuzz.inputs import inputs

CALM = settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("kind", PARSERS)
def test_what_a_server_does_say_is_read(kind: str) -> None:
    """The seeds are what they are meant to be: no harness is busy with refusals only."""
    readings = [PARSERS[kind](seed) for seed in SEEDS[kind]]
    assert all(reading.version for reading in readings)
    assert readings[0].facts


@pytest.mark.parametrize("name", HARNESSES)
@CALM
@given(data=st.data())
def test_whatever_comes_is_a_reading_or_an_error_in_words(name: str, data: st.DataObject) -> None:
    """Noise, and what a server says damaged here and there; what was read is compared and printed too."""
    HARNESSES[name](data.draw(inputs(name)))

"""Runs each fuzzing harness briefly."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.harness import HARNESSES, PARSERS, SEEDS
from tests.fuzz.inputs import inputs

BRIEF = settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("kind", PARSERS)
def test_seed_is_a_full_reading(kind: str) -> None:
    """So that the harness does not see errors only."""
    readings = [PARSERS[kind](seed) for seed in SEEDS[kind]]
    assert all(reading.version for reading in readings)
    assert readings[0].facts


@pytest.mark.parametrize("name", HARNESSES)
@BRIEF
@given(data=st.data())
def test_any_input_is_a_reading_or_an_error(name: str, data: st.DataObject) -> None:
    """Faults 27, 28, 31: Readings are compared and printed as well."""
    HARNESSES[name](data.draw(inputs(name)))

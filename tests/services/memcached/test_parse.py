"""Parsing replies."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from parity_tui.model import State
from parity_tui.services.memcached.parse import parse
from tests.proxy import listening, says
from tests.services.memcached.builders import reading, rows


async def test_proxy_shows_its_version_and_hides_settings() -> None:
    """Fault 24: mcrouter and other proxies refuse `stats settings`: the settings are hidden, not absent."""
    async with listening(says(b"STAT version 37.0\r\nEND\r\nERROR\r\n")) as port:
        seen = await reading(port)
    assert seen.version == "37.0"
    assert seen.hidden[0][0] == "*"
    full = parse({b"version": b"37.0"}, {b"maxconns": b"1"}, "")
    assert rows(seen, full)["maxconns"].cells[0].state is State.HIDDEN


@given(st.dictionaries(st.binary(), st.none() | st.binary()), st.dictionaries(st.binary(), st.none() | st.binary()))
def test_any_answer_gives_a_reading(stats: dict[bytes, bytes | None], settings: dict[bytes, bytes | None]) -> None:
    """Faults 27, 28: any bytes may be names and values."""
    seen = parse(stats, settings, "")
    assert len(seen.facts) <= len(settings) + 2
    assert all(isinstance(fact.raw, str) for fact in seen.facts.values())

"""Parsing replies."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parity_tui.model import ServiceError, Severity, State, Verdict
from parity_tui.services.memcached.connection import BOTH
from parity_tui.services.memcached.parse import CORE, parse
from tests.proxy import listening, says
from tests.services.memcached.builders import failure, reading, rows


async def test_proxy_shows_its_version_and_hides_settings() -> None:
    """Fault 24: mcrouter and other proxies refuse `stats settings`: the settings are hidden, not absent."""
    async with listening(says(b"STAT version 37.0\r\nEND\r\nERROR\r\n")) as port:
        seen = await reading(port)
    assert seen.version == "37.0"
    assert seen.hidden[0][0] == "*"
    full = parse({b"version": b"37.0"}, {b"maxconns": b"1"}, "")
    assert rows(seen, full)["maxconns"].cells[0].state is State.HIDDEN


@pytest.mark.parametrize("answer", [b"END\r\nEND\r\n", b"STAT pid 1\r\nEND\r\nSTAT maxconns 1\r\nEND\r\n"])
async def test_answer_without_a_version_is_a_failure(answer: bytes) -> None:
    """J14: two such answers would be parity."""
    error = await failure(says(answer))
    assert isinstance(error, ServiceError)
    assert (error.reason, "without a version" in error.message) == ("protocol", True)


@pytest.mark.parametrize("settings", [{}, {b"maxconns": b"1"}])
def test_few_settings_are_a_part(settings: dict[bytes, bytes | None]) -> None:
    """The others are hidden, not absent."""
    seen = parse({b"version": b"1.6"}, settings, "")
    assert "fewer than any Memcached has" in dict(seen.hidden)["*"]


@pytest.mark.parametrize(
    ("raw", "text"), [("NULL", "all interfaces"), ("127.0.0.1,::", "all interfaces"), ("10.1.2.3", "chosen addresses")]
)
def test_listening_everywhere_is_a_warning(raw: str, text: str) -> None:
    """K17: an address is the host's, but everyone is not."""
    core = dict.fromkeys(map(str.encode, CORE), b"1")
    seen, local = (
        parse({b"version": b"1.6"}, core | {b"inter": address.encode()}, "") for address in (raw, "127.0.0.1")
    )
    row = rows(seen, local)["inter"]
    assert row.text(0) == text
    assert (row.verdict is Verdict.DRIFT) == (text == "all interfaces")
    assert row.severity is Severity.WARNING


def test_mcrouter_is_asked_without_a_blank() -> None:
    """It refuses `stats ` with a blank at its end."""
    assert BOTH.startswith(b"stats\r\n")


async def test_silent_peer_may_be_one_of_three() -> None:
    error = await failure(says())
    assert all(word in str(error) for word in ("TLS", "binary protocol", "twemproxy"))


@given(st.dictionaries(st.binary(), st.none() | st.binary()), st.dictionaries(st.binary(), st.none() | st.binary()))
def test_any_answer_gives_a_reading(stats: dict[bytes, bytes | None], settings: dict[bytes, bytes | None]) -> None:
    """Faults 27, 28: any bytes may be names and values."""
    seen = parse({**stats, b"version": b"1"}, settings, "")
    assert len(seen.facts) <= len(settings) + 4
    assert all(isinstance(fact.raw, str) for fact in seen.facts.values())

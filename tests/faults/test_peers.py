"""Whatever answers on a port, of whatever kind it was taken for: words, a deadline, a cap, and the others go on.

A new kind that has a port is in here by itself.
"""

from __future__ import annotations

import pytest

from parity_tui.demo.process import free_port
from parity_tui.model import Failure, Outcome, Reason
from parity_tui.services import kinds
from tests.faults.conftest import LOGINS, SLOW, START, Wing, into
from tests.faults.observed_target import MOST, PEERS, FaultyService, ObservedTarget, at, door, swallowing, why
from tests.proxy import listening

KINDS = [kind for kind, service in kinds().items() if service.port]
AT_ONCE = ("closes", "resets", "web", "floods")
"""peers whose fault shows without waiting for a deadline, whatever is spoken"""


def failed(outcome: Outcome) -> bool:
    """Tell whether the latest attempt failed."""
    return outcome.failure is not None


@pytest.mark.parametrize("kind", KINDS)
async def test_a_port_that_nobody_listens_on_is_refused_in_the_same_words(kind: str) -> None:
    """Fault 1: Long before any deadline, and the neighbour is read meanwhile."""
    port = free_port()
    outcome = await ObservedTarget(at(kind, port), timeout=30).until(failed)
    assert why(outcome).reason == "refused"
    assert why(outcome).message == f"127.0.0.1:{port} refused the connection"


@pytest.mark.parametrize("kind", KINDS)
async def test_a_port_that_swallows_all_is_told_from_one_that_takes_the_connection_and_is_silent(kind: str) -> None:
    """Faults 2, 3: No answer in so much time; and where somebody is there who says nothing, that too."""
    with swallowing() as port:
        swallowed = why(await ObservedTarget(at(kind, port), timeout=0.4).until(failed))
    assert swallowed == Failure(Reason.TIMEOUT, f"no answer in 0.4 s (127.0.0.1:{port})")
    async with listening(FaultyService().script("silent")) as port:
        silent = why(await ObservedTarget(at(kind, port), timeout=0.4).until(failed))
    assert silent == Failure(Reason.TIMEOUT, f"no answer in 0.4 s: connected, no reply (127.0.0.1:{port})")


@pytest.mark.parametrize("peer", PEERS)
@pytest.mark.parametrize("kind", KINDS)
async def test_a_peer_that_misbehaves_is_a_failure_in_words(kind: str, peer: str) -> None:
    """Faults 3, 4, 5, 7, 8, 9: Within one deadline for everything, and no more bytes than a cap.

    Those whose fault shows at once have a deadline that nobody would wait for.
    """
    sick = FaultyService()
    async with listening(sick.script(peer)) as port:
        target = at(kind, port)
        ward = ObservedTarget(target, timeout=50 if peer in AT_ONCE else 0.4)
        if (kind, peer) == ("http", "web"):  # that is one, and says so
            assert (await ward.until(lambda outcome: outcome.reading is not None)).failure is None
            return
        outcome = await ward.until(failed)
        failure = why(outcome)
    assert failure.reason in Reason
    assert len(failure.message) > 10
    assert "sesame" not in failure.message
    assert "Error" not in failure.message, "the name of a class is no word"
    assert outcome.reading is None
    assert sick.clients >= 1
    assert sick.sent < MOST
    if peer in ("closes", "resets"):
        assert failure.reason == "closed"


@pytest.mark.parametrize("kind", KINDS)
async def test_a_connection_that_is_forgotten_on_its_way_is_noticed_and_made_anew(kind: str, wing: Wing) -> None:
    """Fault 6: Half-open after a good reading: the values stay, stale, until a new connection brings them again."""
    async with door(wing[kind].port) as between:
        ward = ObservedTarget(into(kind, between.port), timeout=5)
        seen: list[str] = []

        def story(outcome: Outcome) -> bool:
            if outcome.reading and not outcome.failure and not seen:
                seen.append("live")
                between.frozen = True
                ward.watch.timeout = 0.4
            elif outcome.stale and seen == ["live"]:
                seen.append(why(outcome).reason)
                between.frozen = False
                ward.watch.timeout = 5
                ward.watch.refresh()
            return len(seen) == 2 and not outcome.failure

        await ward.until(story)
    assert seen == ["live", "timeout"]


def test_every_kind_that_has_a_port_has_a_real_server_in_these_tests() -> None:
    """A new kind says here how a server of it is started, and who is let in."""
    assert set(KINDS) == {*START, SLOW} == set(LOGINS)

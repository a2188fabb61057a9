"""Every kind that has a port fails in words, within a deadline and a byte limit, at every faulty peer.

A new kind is included automatically.
"""

from __future__ import annotations

import pytest

from parity_tui.demo.process import free_port
from parity_tui.model import Failure, Outcome, Reason
from parity_tui.services import kinds
from tests.faults.conftest import LOGINS, SHARED_KIND, START_SERVER, DisposableServers, target_of
from tests.faults.observed_target import (
    MOST_SENT,
    PEERS,
    FaultyService,
    ObservedTarget,
    answers,
    fails,
    failure_of,
    observed,
    swallowing,
    switchable_proxy,
)
from tests.proxy import listening

# An app is asked by the client of http.
KINDS = [kind for kind, service in kinds().items() if service.port and kind != "app"]
AT_ONCE = ("closes", "resets", "web", "floods")
"""peers whose fault shows before the deadline with every protocol"""


@pytest.mark.parametrize("kind", KINDS)
async def test_closed_port_refuses_with_the_same_message(kind: str) -> None:
    """Fault 1: Long before the deadline, while the neighbour is read."""
    port = free_port()
    outcome = await ObservedTarget(observed(kind, port), timeout=30).until(fails)
    assert failure_of(outcome).reason == "refused"
    assert failure_of(outcome).message == f"127.0.0.1:{port} refused the connection"


@pytest.mark.parametrize("kind", KINDS)
async def test_dropped_packets_differ_from_silent_peer(kind: str) -> None:
    """Faults 2, 3: The message of a timeout shows whether a connection was made."""
    with swallowing() as port:
        swallowed = failure_of(await ObservedTarget(observed(kind, port), timeout=0.4).until(fails))
    assert swallowed == Failure(Reason.TIMEOUT, f"no answer in 0.4 s (127.0.0.1:{port})")
    async with listening(FaultyService().script("silent")) as port:
        silent = failure_of(await ObservedTarget(observed(kind, port), timeout=0.4).until(fails))
    assert silent == Failure(Reason.TIMEOUT, f"no answer in 0.4 s: connected, no reply (127.0.0.1:{port})")


@pytest.mark.parametrize("peer", PEERS)
@pytest.mark.parametrize("kind", KINDS)
async def test_faulty_peer_is_a_failure_in_words(kind: str, peer: str) -> None:
    """Faults 3, 4, 5, 7, 8, 9: Within one deadline and the byte limit.

    Peers whose fault shows at once get a deadline too long to wait for.
    """
    faulty = FaultyService()
    async with listening(faulty.script(peer)) as port:
        target = observed(kind, port)
        watched = ObservedTarget(target, timeout=50 if peer in AT_ONCE else 0.4)
        if (kind, peer) == ("http", "web"):  # not faulty
            await watched.until(answers)
            return
        outcome = await watched.until(fails)
        failure = failure_of(outcome)
    assert failure.reason in Reason
    assert len(failure.message) > 10
    assert "sesame" not in failure.message
    assert "Error" not in failure.message, "a class name in the message"
    assert outcome.reading is None
    assert faulty.clients >= 1
    assert faulty.sent < MOST_SENT
    if peer in ("closes", "resets"):
        assert failure.reason == "closed"


@pytest.mark.parametrize("kind", KINDS)
async def test_half_open_connection_is_stale_and_replaced(kind: str, disposable: DisposableServers) -> None:
    """Fault 6: A firewall forgets the connection; the values stay, stale, until a new connection is read."""
    async with switchable_proxy(disposable[kind].port) as proxy:
        watched = ObservedTarget(target_of(kind, proxy.port), timeout=5)
        seen: list[str] = []

        def recovered(outcome: Outcome) -> bool:
            if answers(outcome) and not seen:
                seen.append("live")
                proxy.frozen = True
                watched.watch.timeout = 0.4
            elif outcome.stale and seen == ["live"]:
                seen.append(failure_of(outcome).reason)
                proxy.frozen = False
                watched.watch.timeout = 5
                watched.watch.refresh()
            return len(seen) == 2 and not outcome.failure

        await watched.until(recovered)
    assert seen == ["live", "timeout"]


def test_every_kind_with_port_has_a_real_server() -> None:
    assert set(KINDS) == {*START_SERVER, SHARED_KIND} == set(LOGINS)

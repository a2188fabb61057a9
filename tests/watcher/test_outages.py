"""Since when a target fails: from the first failure, or from the one that another board saw."""

from __future__ import annotations

import time

import pytest

from parity_tui.drift.board import Board
from parity_tui.model import Failure, Outcome, Reading, Reason, Target
from parity_tui.watcher import Watcher
from parity_tui.watcher.outages import Outages
from tests.watcher.builders import ScriptedKind, answers, fails, outcome, read_once, watch_until

DEV = Target("dev", "db", "made", host="dev.example", port=1)
KEY = ("db", "dev", "")
DOWN = Outcome(DEV, failure=Failure(Reason.REFUSED, "no"))
UP = Outcome(DEV, Reading("Thing", "1.0", {}), at=5000.0)


class ChangingRead:
    """A read that fails until it is told to answer."""

    def __init__(self) -> None:
        self.works = False

    async def __call__(self) -> Reading:
        if not self.works:
            raise ConnectionRefusedError
        return await answers()


def failed(board: Board) -> bool:
    return outcome(board, "dev").failure is not None


async def test_outage_lasts_from_first_failure_to_next_reading() -> None:
    read, started = ChangingRead(), time.time()
    watcher = ScriptedKind(dev=read).watcher()
    since = outcome(await watch_until(watcher, failed), "dev").failed_since
    assert started <= since <= time.time()
    read.works = True
    watcher = resumed(watcher, ScriptedKind(dev=read))
    found = outcome(await watch_until(watcher, lambda board: not failed(board) and board.complete), "dev")
    assert (found.failed_since, found.recovered_at) == (0.0, found.at)


async def test_reloaded_configuration_keeps_the_since() -> None:
    first = ScriptedKind(dev=fails(ConnectionRefusedError())).watcher()
    since = outcome(await watch_until(first, failed), "dev").failed_since
    second = resumed(first, ScriptedKind(dev=fails(ConnectionRefusedError())))
    assert outcome(await watch_until(second, failed), "dev").failed_since == since


def resumed(before: Watcher, kind: ScriptedKind) -> Watcher:
    """Return a watcher of the same servers that resumes from another."""
    watcher = kind.watcher()
    watcher.resume_from(before.board)
    return watcher


@pytest.mark.parametrize("early", [True, False], ids=["before the first attempt", "after it"])
async def test_recalled_outage_dates_the_failure_back(early: bool) -> None:
    watcher = ScriptedKind(dev=fails(ConnectionRefusedError())).watcher()
    if early:
        watcher.recall_outages({KEY: 100.0})
    else:
        await watch_until(watcher, failed)
        watcher.recall_outages({KEY: 100.0})
    board = await watch_until(watcher, lambda board: outcome(board, "dev").failed_since == 100.0)
    assert failed(board)


def test_recalled_outage_that_is_over_dates_nothing() -> None:
    outages = Outages()
    list(outages.recall({KEY: 100.0}, [Outcome(DEV)]))
    assert outages.dated(UP).failed_since == 0.0
    assert outages.dated(DOWN).failed_since > 100.0


async def test_single_attempt_does_not_know_since_when() -> None:
    board = await read_once(ScriptedKind(dev=fails(ConnectionRefusedError()), production=answers))
    assert outcome(board, "dev").failed_since == 0.0


def test_wrong_configuration_has_no_since() -> None:
    broken = Target("dev", "db", "made", problem=Failure(Reason.CONFIG, "X is not set"))
    assert Outages().dated(Outcome(broken, failure=broken.problem)).failed_since == 0.0

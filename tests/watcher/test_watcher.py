"""Boards over time: connections, retries, pauses, and what a board takes from its policy."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from datetime import date

import pytest
from msgspec.structs import replace

from parity_tui.drift.board import Board
from parity_tui.drift.policy import Expectation, Policy
from parity_tui.model import Fact, Reading, Reason, ServiceError, State, Verdict
from tests.watcher.builders import (
    PATIENCE,
    CountedRead,
    ScriptedKind,
    answers,
    fails,
    failure,
    hangs,
    outcome,
    read_once,
    watch_until,
)


async def some_time() -> None:
    """Wait for ten readings of another watcher, at the same interval."""
    read = CountedRead()
    await watch_until(ScriptedKind(other=read).watcher(), lambda board: read.calls >= 10)


async def test_first_board_precedes_any_connection() -> None:
    kind = ScriptedKind(dev=answers)
    board = await anext(kind.watcher().boards())
    assert (board.complete, kind.connected) == (False, [])


async def test_connection_is_reused_and_closed_at_the_end() -> None:
    read = CountedRead()
    kind = ScriptedKind(dev=read)
    await watch_until(kind.watcher(), lambda board: read.calls >= 5)
    assert kind.connected == ["dev"]
    assert kind.disconnected == ["dev"]


@pytest.mark.parametrize("reason", [Reason.AUTH, Reason.SECRET, Reason.CONFIG, Reason.TLS, Reason.DRIVER])
async def test_failure_that_a_person_mends_is_retried_only_on_refresh(reason: Reason) -> None:
    kind = ScriptedKind(dev=fails(ServiceError(reason, "no")), production=answers)
    watcher = kind.watcher()
    boards = 0

    def second_attempt_after_refresh(board: Board) -> bool:
        nonlocal boards
        boards += 1
        if boards == 10:
            assert kind.connected.count("dev") == 1
            assert failure(board).message == "no; r tries again"
            watcher.refresh()
        return kind.connected.count("dev") == 2

    await watch_until(watcher, second_attempt_after_refresh)


async def test_closed_idle_connection_is_no_failure() -> None:
    calls = 0

    async def closes_every_second_time() -> Reading:
        nonlocal calls
        calls += 1
        if calls % 2 == 0:
            raise ConnectionResetError
        return await answers()

    kind = ScriptedKind(dev=closes_every_second_time)

    def three_connections_without_failure(board: Board) -> bool:
        assert outcome(board, "dev").failure is None
        return len(kind.connected) >= 3

    await watch_until(kind.watcher(), three_connections_without_failure)


async def test_new_watcher_resumes_from_readings_of_same_servers() -> None:
    """Fault 41: a server at another address is another one."""
    before = await watch_until(ScriptedKind(dev=answers, production=answers).watcher(), lambda board: board.complete)
    watcher = ScriptedKind(dev=hangs, production=hangs).watcher()
    watcher.targets = (watcher.targets[0], replace(watcher.targets[1], port=2))
    board = watcher.resume_from(before)
    assert outcome(board, "dev").reading is not None
    assert outcome(board, "dev").connection == 0, "else a restart meanwhile would go unnoticed"
    assert outcome(board, "production").pending
    assert board is await anext(watcher.boards())


async def test_failing_target_is_stale_until_it_returns() -> None:
    up = True

    async def read() -> Reading:
        if up:
            return await answers()
        raise ConnectionRefusedError

    watcher = ScriptedKind(dev=read, production=answers).watcher()
    seen: list[str] = []

    def live_again(board: Board) -> bool:
        nonlocal up
        dev = outcome(board, "dev")
        if dev.reading and not dev.failure and not seen:
            seen.append("live")
            up = False
        elif dev.stale and len(seen) == 1:
            seen.append("stale")
            (row,) = [row for row in board.sections[0].rows if row.setting == "a"]
            assert (row.verdict, row.cells[0].state, row.cells[0].raw) == (Verdict.UNKNOWN, State.UNKNOWN, "1")
            up = True
            watcher.refresh()
        return len(seen) == 2 and not dev.stale

    await watch_until(watcher, live_again)


async def test_paused_watcher_reads_nothing_until_resumed() -> None:
    read = CountedRead()
    watcher = ScriptedKind(dev=read).watcher()
    async with aclosing(watcher.boards()) as boards:  # type: ignore[type-var]
        await anext(boards)
        await anext(boards)
        watcher.pause(True)
        await some_time()
        before = read.calls
        await some_time()
        assert read.calls == before
        watcher.pause(False)
        async with asyncio.timeout(PATIENCE):
            while read.calls == before:
                await anext(boards)


async def test_new_baseline_needs_no_reading() -> None:
    watcher = ScriptedKind(dev=answers, production=answers).watcher(interval=100)
    watcher.set_baseline("dev")
    assert (await watch_until(watcher, lambda board: board.policy.baseline == "dev")).policy.baseline == "dev"


async def test_expectation_ends_at_midnight_on_open_board() -> None:
    today = date(2027, 3, 31)

    async def another() -> Reading:
        return Reading("Thing", "1.0", {"a": Fact("2")})

    policy = Policy(expectations=(Expectation("db", "a", "migration", until=today),))
    watcher = ScriptedKind(dev=answers, production=another).watcher(policy=policy, today=lambda: today)

    def drift(board: Board) -> bool:
        nonlocal today
        verdicts = [row.verdict for row in board.sections[0].rows if row.setting == "a"]
        if verdicts == [Verdict.EXPECTED]:
            today = date(2027, 4, 1)
        return verdicts == [Verdict.DRIFT]

    await watch_until(watcher, drift)


async def test_board_contains_no_secret_of_a_reading() -> None:
    async def leaks() -> Reading:
        return Reading("Thing", "1.0", {"requirepass": Fact("swordfish"), "url": Fact("amqp://u:swordfish@h")})

    board = await read_once(ScriptedKind(dev=leaks, production=leaks))
    reading = outcome(board, "dev").reading
    assert reading is not None
    assert {fact.state for fact in reading.facts.values()} == {State.SECRET}
    assert "swordfish" not in repr(board)

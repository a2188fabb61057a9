"""Targets that hang, fail or are not available yet: each is reported and delays no other."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import aclosing, suppress

import pytest

from parity_tui.drift.board import Board
from parity_tui.drift.policy import Policy
from parity_tui.model import Failure, Reason, ServiceError, Target
from parity_tui.secrets import Secret
from parity_tui.watcher import Watcher
from tests.watcher.builders import (
    ScriptedKind,
    UncancellableRead,
    answers,
    fails,
    failure,
    hangs,
    outcome,
    read_once,
    watch_until,
)


async def test_hanging_server_delays_no_other() -> None:
    board = await read_once(ScriptedKind(dev=hangs, production=answers))
    assert failure(board) == Failure(Reason.TIMEOUT, "no answer in 0.3 s (dev.example:1)")
    assert outcome(board, "production").reading is not None


async def test_uncancellable_driver_delays_no_other() -> None:
    stubborn = UncancellableRead()
    board = await read_once(ScriptedKind(dev=stubborn, production=answers))
    stubborn.released.set()
    await asyncio.sleep(0)
    assert failure(board).reason == "timeout"


async def test_uncancellable_drivers_are_awaited_once_together(monkeypatch: pytest.MonkeyPatch) -> None:
    stubborn = UncancellableRead()
    awaited: list[int] = []
    wait = asyncio.wait

    async def counting_wait(tasks: Sequence[asyncio.Task[None]], timeout: float) -> object:
        awaited.append(len(tasks))
        return await wait(tasks, timeout=timeout)

    watcher = ScriptedKind(**{f"dev{number}": stubborn for number in range(9)}).watcher(timeout=20)
    async with aclosing(watcher.boards()) as boards:  # type: ignore[type-var]
        await anext(boards)
        following = asyncio.ensure_future(anext(boards))
        for _ in range(9):
            await stubborn.called.acquire()
        monkeypatch.setattr(asyncio, "wait", counting_wait)
        following.cancel()
        with suppress(asyncio.CancelledError):
            await following
    stubborn.released.set()
    assert awaited == [18], "a supervisor and a session for each"


@pytest.mark.parametrize(
    ("error", "reason", "words"),
    [
        (ServiceError(Reason.AUTH, "the password was rejected"), "auth", "the password was rejected"),
        (ConnectionRefusedError(), "refused", "dev.example:1 refused the connection"),
        (OSError("Multiple exceptions: [Errno 111] Connect call failed, [Errno 111] x"), "refused", "refused"),
        (ConnectionResetError(), "closed", "closed the connection"),
        (asyncio.IncompleteReadError(b"", 3), "closed", "closed the connection"),
        (asyncio.CancelledError(), "closed", "closed the connection"),
        (IndexError("bytearray index out of range"), "protocol", "dev.example:1 sent an invalid answer"),
        (ImportError("no module x"), "driver", "cannot be loaded"),
        (ValueError(), "protocol", "ValueError"),
    ],
)
async def test_every_error_becomes_a_failure(error: BaseException, reason: str, words: str) -> None:
    found = failure(await read_once(ScriptedKind(dev=fails(error), production=answers)))
    assert found.reason == reason
    assert words in found.message


async def test_failure_contains_no_secret_and_no_escape() -> None:
    Secret("sw0rd/fish")
    error = ValueError("bad DSN a://u:sw0rd%2Ffish@h \x1b[2J sw0rd/fish")
    found = failure(await read_once(ScriptedKind(dev=fails(error))))
    assert "sw0rd" not in found.message
    assert "\x1b" not in found.message


async def test_target_with_a_problem_fails_unconnected() -> None:
    problem = Failure(Reason.CONFIG, "the variable X is not set")
    kind = ScriptedKind(dev=answers, production=answers)
    targets = [Target("dev", "db", "made", problem=problem), Target("production", "db", "made")]
    watcher = Watcher(["dev", "production"], targets, {"made": kind.service}, Policy(), once=True)
    async for _ in watcher.boards():
        pass
    assert failure(watcher.board) is problem
    assert kind.connected == ["production"]


async def test_unavailable_target_stays_pending_without_blocking_others() -> None:
    available = asyncio.Event()
    kind = ScriptedKind(dev=answers, staging=hangs, production=answers)

    async def wait_until_available(target: Target) -> None:
        if target.environment == "dev":
            await available.wait()

    def dev_is_read(board: Board) -> bool:
        if outcome(board, "staging").failure and outcome(board, "production").reading:  # the timeout is over
            available.set()
        dev = outcome(board, "dev")
        assert available.is_set() or dev.pending
        assert dev.failure is None
        return not dev.pending

    await watch_until(kind.watcher(wait_until_available=wait_until_available), dev_is_read)
    assert (kind.connected[:2], kind.connected.count("dev")) == (["staging", "production"], 1)


async def test_exit_does_not_wait_for_unavailable_target() -> None:
    cancelled: list[str] = []

    async def wait_until_available(target: Target) -> None:
        if target.environment == "production":
            return
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.append(target.environment)
            raise

    watcher = ScriptedKind(dev=answers, production=answers).watcher(wait_until_available=wait_until_available)
    await watch_until(watcher, lambda board: outcome(board, "production").reading is not None)
    assert cancelled == ["dev"]

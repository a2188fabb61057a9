"""The event loop at the end of the program: tasks that take leave may end, others are not waited for."""

from __future__ import annotations

import asyncio

import pytest

from parity_tui.transport import event_loop
from parity_tui.transport.event_loop import run


async def cancelled(leave: asyncio.Event, left: list[str]) -> None:
    """Cancel a task that takes leave once an event is set; end without waiting for it."""

    async def stay() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await leave.wait()
            left.append("left")

    task = asyncio.create_task(stay())
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.sleep(0)
    asyncio.get_running_loop().call_soon(leave.set)


def test_leave_in_progress_ends() -> None:
    left: list[str] = []
    run(cancelled(asyncio.Event(), left))
    assert left == ["left"]


def test_leave_without_end_is_broken_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_loop, "_PATIENCE", 0.01)
    monkeypatch.setattr(asyncio.Event, "set", lambda event: None)
    left: list[str] = []
    run(cancelled(asyncio.Event(), left))
    assert left == []

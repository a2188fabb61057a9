"""Follows the readings that another watcher keeps on a hub, to take over without announcing anything twice."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress

from msgspec.structs import replace

from parity_tui.drift.board import Board
from parity_tui.model import Outcome, Target, target_key


@asynccontextmanager
async def learning(hub: Target | None, board: Board, learn: Callable[[Board, float], None]) -> AsyncIterator[None]:
    """Pass each complete board of the hub's readings on while a block runs; nothing without a hub.

    Args:
        hub: the database of the shared history.
        board: the board before any reading.
        learn: (board, seconds since the epoch).
    """
    if hub is None:
        yield
        return
    from parity_tui.history.hub.follow import Follower  # here: the driver is large

    targets = {target_key(server.target): server.target for server in board.servers()}

    def show(outcomes: Sequence[Outcome]) -> None:
        nonlocal board
        wanted = [(targets.get(target_key(outcome.target)), outcome) for outcome in outcomes]
        board = board.with_outcomes(replace(outcome, target=target) for target, outcome in wanted if target)
        if board.complete:
            learn(board, time.time())

    task = asyncio.create_task(Follower(hub).run(show), name="hub")
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

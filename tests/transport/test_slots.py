"""Sessions of a connection: counted, limited as the host refuses them, and queued for."""

from __future__ import annotations

import asyncio

import pytest

from parity_tui.model import ServiceError
from parity_tui.transport.ssh.slots import Slots


async def test_refusal_sets_the_limit() -> None:
    slots = Slots("bastion")
    for _ in range(3):
        await slots.acquire(60)
    slots.confirm()
    slots.confirm()
    slots.refuse()
    with pytest.raises(ServiceError, match="bastion allows no more sessions: 2 at a time"):
        await slots.acquire(0.01)


async def test_ended_session_makes_room() -> None:
    slots = Slots("bastion")
    await slots.acquire(60)
    await slots.acquire(60)
    slots.confirm()
    slots.refuse()
    waiting = [asyncio.create_task(slots.acquire(60)) for _ in range(2)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    slots.release()
    async with asyncio.timeout(30):
        await waiting[1]


async def test_late_confirmation_raises_the_limit() -> None:
    slots = Slots("bastion")
    for _ in range(3):
        await slots.acquire(60)
    slots.refuse()
    slots.confirm()
    slots.confirm()
    slots.release()
    await slots.acquire(60)


async def test_limit_is_tried_again_after_a_minute() -> None:
    now = 0.0
    slots = Slots("bastion", lambda: now)
    await slots.acquire(60)
    await slots.acquire(60)
    slots.confirm()
    slots.refuse()
    now = 61.0
    await slots.acquire(60)
    with pytest.raises(ServiceError):
        await slots.acquire(0.01)


async def test_lone_refusal_is_final() -> None:
    slots = Slots("bastion")
    await slots.acquire(60)
    with pytest.raises(ServiceError, match="bastion allows no more sessions"):
        slots.refuse()

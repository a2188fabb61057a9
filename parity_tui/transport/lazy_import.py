"""Imports of large drivers, each when it is first needed and while connections are being established."""

from __future__ import annotations

import asyncio
import importlib
import time

MOMENT = 0.005
"""seconds of the event loop before each import, which blocks it"""

_TURNS = 20
"""of the event loop before each import: the steps of a login that follow from an answer without waiting"""

_imported: set[str] = set()
_waiting: dict[str, int] = {}
"""module -> round trips of its login"""
_latest = 0.0


async def import_driver(name: str, round_trips: int) -> None:
    """Import a module after other tasks had their turn; the driver with the longest login comes first.

    Not in a thread: the interpreter lock would delay everything else, and all imports together take longer.

    Args:
        name: of the module.
        round_trips: how many its login and first reading take: the next import happens while they do.

    Raises the errors of the import.
    """
    global _latest
    try:
        while name not in _imported:
            _waiting[name] = round_trips  # again each time: another task with the same driver may have ended
            await asyncio.sleep(MOMENT)
            for _ in range(_TURNS):
                await asyncio.sleep(0)
            if time.monotonic() - _latest > MOMENT and name == max(_waiting, key=_waiting.__getitem__):
                importlib.import_module(name)
                _imported.add(name)
                _latest = time.monotonic()
    finally:
        _waiting.pop(name, None)

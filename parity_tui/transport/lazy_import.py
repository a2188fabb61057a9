"""Drivers are large: each is imported where it is first needed, while the connections come about."""

from __future__ import annotations

import asyncio
import importlib
import time

MOMENT = 0.005
"""seconds before an import and between two, for what can leave and what has come: nothing else happens during one"""

_there: set[str] = set()
_latest = 0.0


async def import_driver(name: str) -> None:
    """Have a module imported, when whatever else is under way has had its turn. Raises what importing it raises.

    Not in a thread: every word that is sent meanwhile would wait for the interpreter, and all take longer together.
    """
    global _latest
    while name not in _there:
        await asyncio.sleep(MOMENT)
        if time.monotonic() - _latest > MOMENT:
            importlib.import_module(name)
            _there.add(name)
            _latest = time.monotonic()

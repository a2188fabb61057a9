"""Imports of large drivers, each when it is first needed and while connections are being established."""

from __future__ import annotations

import asyncio
import importlib
import time

MOMENT = 0.005
"""seconds of the event loop before each import, which blocks it"""

_imported: set[str] = set()
_latest = 0.0


async def import_driver(name: str) -> None:
    """Import a module after other tasks had their turn. Raises the errors of the import.

    Not in a thread: the interpreter lock would delay everything else, and all imports together take longer.
    """
    global _latest
    while name not in _imported:
        await asyncio.sleep(MOMENT)
        if time.monotonic() - _latest > MOMENT:
            importlib.import_module(name)
            _imported.add(name)
            _latest = time.monotonic()

"""Imports of large drivers, each when it is first needed and while connections are being established."""

from __future__ import annotations

import importlib
import threading
from contextlib import suppress
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    import asyncio

_imported: set[str] = set()


async def import_driver(name: str, round_trips: int) -> None:
    """Import a module while the event loop goes on; the driver with the longest login comes first.

    Args:
        name: of the module.
        round_trips: how many its login and first reading take: the next import happens while they do.

    Raises the errors of the import.
    """
    import asyncio  # here, as below: a kind that is imported needs no event loop yet

    if name not in _imported:
        await _importers.setdefault(loop := asyncio.get_running_loop(), _Importer(loop)).imported(name, round_trips)


class _Importer:
    """Imports the drivers that tasks of one event loop wait for, one after the other, in one thread."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._waiting: dict[str, int] = {}
        """module -> round trips of its login"""
        self._results: dict[str, asyncio.Future[None]] = {}
        self._running = False

    async def imported(self, name: str, round_trips: int) -> None:
        """Wait until a module is imported. Raises the errors of the import."""
        import asyncio

        if name not in self._results:
            self._results[name] = self._loop.create_future()
            self._waiting[name] = round_trips
            if not self._running:
                self._running = True
                self._loop.call_soon(self._start)  # after the other tasks of this turn
        await asyncio.wait({result := self._results[name]})
        result.result()

    def _start(self) -> None:
        threading.Thread(target=self._import_all, daemon=True).start()

    def _import_all(self) -> None:
        while self._waiting:
            name = max(list(self._waiting), key=self._waiting.__getitem__)
            del self._waiting[name]
            error: Exception | None = None
            try:
                importlib.import_module(name)
            except Exception as caught:
                error = caught
            with suppress(RuntimeError):  # the loop is closed
                self._loop.call_soon_threadsafe(self._settle, name, error)
        self._running = False

    def _settle(self, name: str, error: Exception | None) -> None:
        result = self._results.pop(name)
        if error is None:
            _imported.add(name)
            result.set_result(None)
        else:
            result.set_exception(error)
            result.exception()  # its waiters may have been cancelled


_importers: WeakKeyDictionary[asyncio.AbstractEventLoop, _Importer] = WeakKeyDictionary()

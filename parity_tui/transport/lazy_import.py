"""Imports of large drivers, each when it is first needed and while connections are being established."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from parity_tui.transport.threads import in_thread

if TYPE_CHECKING:
    import asyncio

_imported: set[str] = set()


async def import_driver(name: str, round_trips: int) -> None:
    """Import a module while the event loop goes on; the driver with the longest login comes first.

    Args:
        name: of the module.
        round_trips: how many login and first reading take from then on: the next import happens while they do.

    Raises the errors of the import.
    """
    import asyncio  # here, as below: a kind that is imported needs no event loop yet

    if name not in _imported:
        await _importers.setdefault(asyncio.get_running_loop(), _Importer()).imported(name, round_trips)


class _Importer:
    """Imports the drivers that tasks of one event loop wait for, one after the other, all but the first in threads."""

    def __init__(self) -> None:
        self._waiting: dict[str, int] = {}
        """module -> round trips"""
        self._results: dict[str, asyncio.Future[None]] = {}
        """of the modules that are waiting or being imported"""
        self._task: asyncio.Task[None] | None = None

    async def imported(self, name: str, round_trips: int) -> None:
        """Wait until a module is imported. Raises the errors of the import."""
        import asyncio

        if name not in self._results:
            self._results[name] = asyncio.get_running_loop().create_future()
            self._waiting[name] = round_trips
        if self._task is None:
            self._task = asyncio.create_task(self._import_all())
        await asyncio.wait({result := self._results[name]})
        result.result()

    async def _import_all(self) -> None:
        try:
            while self._waiting:
                name = max(self._waiting, key=self._waiting.__getitem__)
                del self._waiting[name]
                try:
                    if _imported:
                        await in_thread(importlib.import_module, name)
                    else:  # the longest login must not wait for what others do in the event loop meanwhile
                        importlib.import_module(name)
                except Exception as error:
                    result = self._results.pop(name)
                    result.set_exception(error)
                    result.exception()  # its waiters may have been cancelled
                else:
                    _imported.add(name)
                    self._results.pop(name).set_result(None)
        finally:
            self._task = None


_importers: WeakKeyDictionary[asyncio.AbstractEventLoop, _Importer] = WeakKeyDictionary()

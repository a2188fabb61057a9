"""Imports of large drivers, each when it is first needed and while connections are being established."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    import asyncio

MOMENT = 0.002
"""seconds of the event loop before each import, which blocks it"""

_TURNS = 20
"""of the event loop before each import: the steps of a login that follow from an answer without waiting"""

_imported: set[str] = set()


async def import_driver(name: str, round_trips: int) -> None:
    """Import a module after other tasks had their turn; the driver with the longest login comes first.

    Not in a thread: the interpreter lock would delay everything else, and all imports together take longer.

    Args:
        name: of the module.
        round_trips: how many its login and first reading take: the next import happens while they do.

    Raises the errors of the import.
    """
    import asyncio  # here, as below: a kind that is imported needs no event loop yet

    if name not in _imported:
        await _importers.setdefault(asyncio.get_running_loop(), _Importer()).imported(name, round_trips)


class _Importer:
    """Imports the drivers that tasks of one event loop wait for, one after the other."""

    def __init__(self) -> None:
        self._waiting: dict[str, int] = {}
        """module -> round trips of its login"""
        self._results: dict[str, asyncio.Future[None]] = {}
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
        import asyncio

        try:
            while self._waiting:
                await asyncio.sleep(MOMENT)
                for _ in range(_TURNS):
                    await asyncio.sleep(0)
                name = max(self._waiting, key=self._waiting.__getitem__)
                del self._waiting[name]
                result = self._results.pop(name)
                try:
                    importlib.import_module(name)
                except Exception as error:
                    result.set_exception(error)
                    result.exception()  # its waiters may have been cancelled
                else:
                    _imported.add(name)
                    result.set_result(None)
        finally:
            self._task = None


_importers: WeakKeyDictionary[asyncio.AbstractEventLoop, _Importer] = WeakKeyDictionary()

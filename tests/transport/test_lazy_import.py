"""Imports of drivers that several logins need at once."""

from __future__ import annotations

import asyncio
import importlib
import threading

import pytest

from parity_tui.transport import lazy_import


@pytest.fixture(autouse=True)
def imported(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the modules that are imported, in this order; a driver was imported before."""
    found: list[str] = []

    def note(name: str) -> None:
        found.append(name)
        if name == "missing":
            raise ImportError(name)

    monkeypatch.setattr(lazy_import, "_imported", {"another"})
    monkeypatch.setattr(importlib, "import_module", note)
    return found


async def test_two_logins_may_need_one_driver(imported: list[str]) -> None:
    await asyncio.gather(*(lazy_import.import_driver("colorsys", 2) for _ in range(3)))
    assert imported == ["colorsys"]


async def test_driver_with_longest_login_comes_first(imported: list[str]) -> None:
    trips = {"brief": 1, "longest": 5, "medium": 3}
    await asyncio.gather(*(lazy_import.import_driver(name, count) for name, count in trips.items()))
    assert imported == ["longest", "medium", "brief"]


@pytest.mark.parametrize("before", [set[str](), {"another"}])
async def test_only_first_driver_is_imported_on_event_loop(before: set[str], monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[threading.Thread] = []
    monkeypatch.setattr(lazy_import, "_imported", before)
    monkeypatch.setattr(importlib, "import_module", lambda _: threads.append(threading.current_thread()))
    on_loop = [not before, False]
    await asyncio.gather(*(lazy_import.import_driver(name, 1) for name in ("first", "second")))
    assert [thread is threading.main_thread() for thread in threads] == on_loop


async def test_failed_import_is_tried_again(imported: list[str]) -> None:
    attempts = [asyncio.create_task(lazy_import.import_driver(name, 1)) for name in ("missing", "missing", "there")]
    results = await asyncio.gather(*attempts, return_exceptions=True)
    assert [type(result) for result in results] == [ImportError, ImportError, type(None)]
    with pytest.raises(ImportError):
        await lazy_import.import_driver("missing", 1)
    assert imported == ["missing", "there", "missing"]


async def test_cancelled_login_does_not_stop_the_others(imported: list[str]) -> None:
    first, second = (asyncio.create_task(lazy_import.import_driver("colorsys", 2)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    await second
    assert imported == ["colorsys"]


async def test_login_that_comes_during_an_import_waits_for_it(
    imported: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    started, goes_on, import_module = threading.Event(), threading.Event(), importlib.import_module

    def slow(name: str) -> None:
        import_module(name)
        started.set()
        assert goes_on.wait(20)

    monkeypatch.setattr(importlib, "import_module", slow)
    first = asyncio.create_task(lazy_import.import_driver("colorsys", 2))
    assert await asyncio.to_thread(started.wait, 20)
    second = asyncio.create_task(lazy_import.import_driver("colorsys", 2))
    third = asyncio.create_task(lazy_import.import_driver("other", 1))
    await asyncio.sleep(0)
    goes_on.set()
    await asyncio.gather(first, second, third)
    assert imported == ["colorsys", "other"]

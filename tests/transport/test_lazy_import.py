"""Imports of drivers that several logins need at once."""

from __future__ import annotations

import asyncio

import pytest

from parity_tui.transport import lazy_import


async def test_two_logins_may_need_one_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lazy_import, "MOMENT", 0.0)
    monkeypatch.setattr(lazy_import, "_imported", set())
    await asyncio.gather(*(lazy_import.import_driver("colorsys", 2) for _ in range(3)))
    assert lazy_import._imported == {"colorsys"}
    assert lazy_import._waiting == {}

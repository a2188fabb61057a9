"""Sheets that are opened again and again leave no memory behind."""

from __future__ import annotations

import gc
import subprocess
import sys
from pathlib import Path

from tests.ui.board_user import opened_board
from tests.ui.terminal import ROOT

MOST = 5_000_000
"""bytes; the same keys cost 41 MB while the toolkit kept each sheet"""


def resident() -> int:
    """Return the bytes of memory that this process occupies."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


async def growth() -> int:
    """Return the bytes that 240 opened sheets leave behind."""
    async with opened_board((80, 24)) as user:
        await user.press("tab")
        keys = ["question_mark", "t", "v", "x", "e", "y"]
        for _ in range(15):
            for key in keys:
                await user.press(key, "escape")
        before = resident()
        for _ in range(40):
            for key in keys:
                await user.press(key, "escape")
        return resident() - before


def test_opened_sheets_leave_no_memory_behind() -> None:
    """In a process of its own: one that has run thousands of tests grows by itself."""
    code = "import asyncio; from tests.ui.test_growth import growth; print(asyncio.run(growth()))"
    run = subprocess.run([sys.executable, "-W", "error", "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert int(run.stdout) < MOST, run.stdout

"""Checks that processes and folders are gone."""

from pathlib import Path

from parity_tui.demo.process import wait_until
from parity_tui.demo.supervisor import processes


def gone(folder: Path, pids: list[int], seconds: float = 30.0) -> bool:
    """Wait until a folder and processes are gone; return whether they are. A zombie is gone."""
    return wait_until(lambda: not folder.exists() and not running(pids), seconds)


def running(pids: list[int]) -> list[int]:
    """Return the processes that still run."""
    return [pid for pid, _, _ in processes() if pid in pids]

"""Whole processes: how long they take, and contenders that take turns."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec import Struct

ROOT = Path(__file__).parents[2]


class Run(Struct, frozen=True):
    """One process from its start to its end."""

    seconds: float
    cpu: float
    """seconds, of user and system"""
    code: int


def variables(**more: str) -> dict[str, str]:
    """Return the variables of a clean run."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "PYTHONPATH") if name in os.environ}
    return {**kept, **more}


def run(command: Sequence[str]) -> Run:
    """Run one process to its end; more than 1 as exit code is a mistake of the bench, and is shown."""
    began = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=ROOT, env=variables(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    assert process.stderr
    words = process.stderr.read()
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    process.stderr.close()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):
        sys.exit(f"{' '.join(command)} ended with {process.returncode}: {words.decode()[-2000:]}")
    return Run(seconds, used.ru_utime + used.ru_stime, process.returncode)


def in_turns(contenders: Mapping[str, Sequence[str]], times: int) -> dict[str, list[Run]]:
    """Run all contenders so often, one after the other, after one round that does not count."""
    runs: dict[str, list[Run]] = {name: [] for name in contenders}
    for turn in range(times + 1):
        for name, command in contenders.items():
            result = run(command)
            if turn:
                runs[name].append(result)
    return runs


def ours(config: Path, *words: str) -> list[str]:
    """Return the command of `parity-tui check` on a configuration."""
    return [sys.executable, "-m", "parity_tui", "check", "--config", str(config), "--timeout", "30s", *words]

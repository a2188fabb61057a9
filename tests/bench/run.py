"""Runs and times processes, and contenders in turns."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec import Struct

ROOT = Path(__file__).parents[2]


class Run(Struct, frozen=True):
    """The times and exit code of one process."""

    seconds: float
    cpu: float
    """seconds, of user and system"""
    code: int


def variables(**more: str) -> dict[str, str]:
    """Return a clean environment."""
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "PYTHONPATH") if name in os.environ}
    return {**inherited, **more}


def run(command: Sequence[str], root: Path = ROOT) -> Run:
    """Run one process of a checkout; exit with its errors if its code is neither 0 nor 1."""
    began = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=root, env=variables(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    assert process.stderr
    errors = process.stderr.read()
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    process.stderr.close()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):
        sys.exit(f"{' '.join(command)} ended with {process.returncode}: {errors.decode()[-2000:]}")
    return Run(seconds, used.ru_utime + used.ru_stime, process.returncode)


def in_turns(
    contenders: Mapping[str, Sequence[str]], times: int, roots: Mapping[str, Path] | None = None
) -> dict[str, list[Run]]:
    """Run all contenders in turns, so many times after a first round, which does not count.

    ``roots`` names the checkouts of those that are not of this one.
    """
    runs: dict[str, list[Run]] = {name: [] for name in contenders}
    for turn in range(times + 1):
        for name, command in contenders.items():
            result = run(command, (roots or {}).get(name, ROOT))
            if turn:
                runs[name].append(result)
    return runs


def report(command: Sequence[str], root: Path = ROOT) -> str:
    """Return the output of a process, without the fingerprints, whose key is another one in each."""
    done = subprocess.run(
        command, cwd=root, env=variables(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=False
    )
    return re.sub(r"••• [0-9a-f]+", "•••", done.stdout.decode())


def ours(config: Path, *words: str) -> list[str]:
    """Return the command of `parity-tui check` on a configuration."""
    return [sys.executable, "-m", "parity_tui", "check", "--config", str(config), "--timeout", "30s", *words]

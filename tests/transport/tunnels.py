"""Tunnel programs, targets behind them, and the processes that they leave."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

from msgspec.structs import replace

from parity_tui.model import Target, Tunnel
from tests.transport.ssh_targets import target

FORWARD = ("socat", "UNIX-LISTEN:{socket},fork", "TCP:{host}:{target_port}")
FORWARD_BY_PORT = ("socat", "TCP-LISTEN:{port},fork,bind=127.0.0.1", "TCP:{host}:{target_port}")


def behind(kind: str, port: int, *argv: str, environment: str = "dev", folder: str = "/") -> Target:
    """Return the target of a local server behind a tunnel program."""
    return replace(target(kind, port, environment=environment), tunnel=Tunnel(argv or FORWARD, folder))


def python(script: str, *words: str) -> tuple[str, ...]:
    """Return the words of a program that is a Python script."""
    return (sys.executable, "-c", script, *words)


def running(mark: str) -> list[int]:
    """Return the processes with a mark among their words."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = entry.read_bytes()
        except OSError:
            continue
        if mark.encode() in words:
            found.append(int(entry.parent.name))
    return found


def all_gone(mark: str) -> bool:
    """Return whether no process has a mark among its words, once those that are killed have ended."""
    return wait_until(lambda: not running(mark), 10)


def wait_until(condition: Callable[[], bool], seconds: float = 60) -> bool:
    """Wait for a condition, and return whether it came true in time."""
    until = time.monotonic() + seconds
    while not (met := condition()) and time.monotonic() < until:
        time.sleep(0.02)
    return met

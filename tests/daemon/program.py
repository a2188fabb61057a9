"""Runs `parity-tui watch` as a process, and collects its events."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

from parity_tui.demo.server import Server
from tests.faults.program import environment, write_config

PATIENCE = 30.0
"""seconds: longer than any machine needs"""


def two_environments(folder: Path, dev: Server, production: Server, more: str = "") -> Path:
    """Write a configuration whose environments have one cache each, to be compared with production."""
    return write_config(
        folder,
        f'baseline = "production"\n{more}\n'
        f'[environments.dev.services]\ncache = "{dev.url()}"\n'
        f'[environments.production.services]\ncache = "{production.url()}"\n',
    )


class Watching:
    """A running watcher; as a context it is killed at the end."""

    def __init__(self, folder: Path, *options: str, more: Mapping[str, str] | None = None) -> None:
        self.events: list[dict[str, Any]] = []
        self.words = ""
        """its standard error"""
        self._news = threading.Condition()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "parity_tui", "watch", "--interval", "200ms", "--timeout", "10s", *options],
            cwd=folder,
            env=environment(folder, more),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        streams = (self.process.stdout, self._take_event), (self.process.stderr, self._take_words)
        self._readers = [threading.Thread(target=self._read, args=each, daemon=True) for each in streams]
        for reader in self._readers:
            reader.start()

    def __enter__(self) -> Watching:
        return self

    def __exit__(self, *_: object) -> None:
        self.end(signal.SIGKILL)

    def _read(self, stream: IO[str], take: Callable[[str], None]) -> None:
        with stream:
            for line in stream:
                with self._news:
                    take(line)
                    self._news.notify_all()

    def _take_event(self, line: str) -> None:
        self.events.append(json.loads(line))

    def _take_words(self, line: str) -> None:
        self.words += line

    def until(self, condition: Callable[[], Any]) -> Any:
        """Wait until a condition holds; return its value."""
        limit = time.monotonic() + PATIENCE
        with self._news:
            while not (value := condition()):
                assert time.monotonic() < limit, (self.events, self.words)
                assert self.process.poll() is None, (self.events, self.words)
                self._news.wait(0.05)
        return value

    def event(self, kind: str, **fields: Any) -> dict[str, Any]:
        """Wait for an event of this kind and with these fields; return the first."""
        wanted = {"kind": kind, **fields}
        found: dict[str, Any] = self.until(
            lambda: next((event for event in self.events if wanted.items() <= event.items()), None)
        )
        return found

    def kinds(self, **fields: Any) -> list[str]:
        """Return the kinds of the events with these fields so far, in their order."""
        return [event["kind"] for event in self.events if fields.items() <= event.items()]

    def begun(self) -> Watching:
        """Wait until every target has answered or failed."""
        self.until(lambda: "watching" in self.words)
        return self

    def send_signal(self, number: int) -> None:
        os.kill(self.process.pid, number)

    def end(self, number: int = signal.SIGTERM) -> int:
        """End it by a signal; return its exit code."""
        self.process.send_signal(number)
        code = self.process.wait(PATIENCE)
        for reader in self._readers:
            reader.join()
        return code

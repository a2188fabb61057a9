"""Stand-ins of kinds whose servers cannot be had, as servers in processes of their own, which can be stopped."""

from __future__ import annotations

import asyncio
import importlib
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import Any

from parity_tui.demo.process import answers, free_port, wait_until
from parity_tui.demo.server import Server

KINDS = ("elasticsearch", "mongodb")


class StandInServer(Server):
    """The stand-in of a kind; killed with this process by :meth:`kill` alone."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.port = free_port()
        self.process = None
        self._child: subprocess.Popen[bytes] | None = None

    def configure(self) -> None:
        """Do nothing: it has no files."""

    def command(self) -> Sequence[str]:
        """Return this module with kind and port."""
        return [sys.executable, "-m", __name__, self.kind, str(self.port)]

    def is_up(self) -> bool:
        """Connect."""
        return answers(self.port)

    def start(self) -> None:
        """Start it on its port, and wait until it serves."""
        self._child = subprocess.Popen(self.command())
        self.process = Child(self._child)  # type: ignore[assignment]
        assert wait_until(self.is_up, 30)

    def kill(self) -> None:
        """End it as a crash would."""
        if self._child:
            self._child.send_signal(signal.SIGCONT)
            self._child.kill()
            self._child.wait()

    def pause(self) -> None:
        """Freeze it."""
        if self._child:
            self._child.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Continue it."""
        if self._child:
            self._child.send_signal(signal.SIGCONT)


class Child:
    """The part of a process that the tests look at."""

    def __init__(self, child: subprocess.Popen[bytes]) -> None:
        self._child = child

    def code(self) -> int | None:
        """Return its exit code, None while it runs."""
        return self._child.poll()


async def serve(kind: str, port: int) -> None:
    """Serve until the process is killed; each start is another instance."""
    module: Any = importlib.import_module(f"tests.services.{kind}.stand_in")
    started = int(time.time() * 1000)
    fields = {"started": started} if kind == "elasticsearch" else {"process": f"{started:024x}"}
    server = await asyncio.start_server(module.StandIn(**fields).serve, "127.0.0.1", port, reuse_address=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], int(sys.argv[2])))

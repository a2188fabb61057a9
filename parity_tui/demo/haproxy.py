"""HAProxy: one process with its stats socket on a port and on a Unix socket."""

from __future__ import annotations

import signal
from collections.abc import Sequence
from pathlib import Path

from parity_tui.demo.process import answers, free_port
from parity_tui.demo.programs import Program
from parity_tui.demo.sandbox import Sandbox
from parity_tui.demo.server import Server

_CONFIGURATION = """\
global
    stats socket {host}:{port} level {level}
    stats socket {socket} mode 666 level {level}
    {global_}
defaults
    mode http
    timeout connect 5s
    timeout client 5s
    timeout server 5s
    {defaults}
frontend web
    bind {host}:{front}
    default_backend app
backend app
    server app1 {host}:1
{proxies}
"""


class HAProxy(Server):
    """An HAProxy; its port is that of its stats socket."""

    product = "HAProxy"
    scheme = "haproxy"
    stop_signal = signal.SIGTERM
    seconds = 15.0

    def __init__(
        self,
        home: Sandbox,
        name: str,
        program: Program,
        *,
        global_: str = "",
        defaults: str = "",
        proxies: str = "",
        level: str = "user",
    ) -> None:
        super().__init__(home, name, program)
        self.text = {"global_": global_, "defaults": defaults, "proxies": proxies, "level": level}
        self._front = free_port()

    @property
    def socket(self) -> Path:
        """The Unix socket, as this machine sees it."""
        return self.folder / "haproxy.sock"

    def configure(self) -> None:
        """Write the configuration file."""
        values = {"host": self.host, "port": self.port, "front": self._front, "socket": self.inside(self.socket)}
        self.home.write(self.folder / "haproxy.cfg", _CONFIGURATION.format(**values, **self.text))

    def move(self) -> None:
        """Take other ports, because another program has taken one of these."""
        super().move()
        self._front = free_port()

    def command(self) -> Sequence[str]:
        """Return the program with its configuration file."""
        return [self.inside(self.program.path), "-db", "-f", self.inside(self.folder / "haproxy.cfg")]

    def is_up(self) -> bool:
        """Connect to the stats socket."""
        return answers(self.port)

"""Base of all servers that we run: a port of its own, configuration, start, readiness, stop."""

from __future__ import annotations

import abc
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import quote, urlencode

from parity_tui.demo.process import Process, StartError, free_port, wait_until
from parity_tui.demo.programs import Program
from parity_tui.demo.sandbox import Sandbox

ATTEMPTS = 4
"""Attempts to start if another program has taken the port."""

IN_USE = ("address already in use", "eaddrinuse", "is already in use", "failed to listen")
"""Log messages of servers whose port is taken."""


class Server(abc.ABC):
    """One real server, listening on 127.0.0.1."""

    product = "?"
    """The product's name for people, such as PostgreSQL."""
    scheme = "?"
    """The scheme of its URL."""
    host = "127.0.0.1"
    """Address that it listens on."""
    stop_signal: int = signal.SIGKILL
    """The signal that ends it fastest; its data are worthless."""
    seconds = 30.0
    """Time limit for its start."""

    def __init__(self, home: Sandbox, name: str, program: Program) -> None:
        self.home = home
        self.name = name
        self.program = program
        self.version = program.version
        self.folder = home.folder(name, program.root)
        self.port = free_port()
        self.process: Process | None = None
        self._was_up = False

    @abc.abstractmethod
    def configure(self) -> None:
        """Write the files that the server reads when it starts; called before each start."""

    @abc.abstractmethod
    def command(self) -> Sequence[str]:
        """Return the program and its arguments."""

    @abc.abstractmethod
    def is_up(self) -> bool:
        """Return whether it serves."""

    def environment(self) -> Mapping[str, str]:
        """Return further environment variables of its process."""
        return {}

    def move(self) -> None:
        """Take another port, because another program has taken this one."""
        self.port = free_port()

    def inside(self, path: Path) -> str:
        """Return a path as the server sees it: within its own root folder if it has one."""
        return str(Path("/") / path.relative_to(self.program.root) if self.program.root else path)

    def start(self) -> None:
        """Start it and wait until it serves. Raises StartError with the last line of its log."""
        for _ in range(ATTEMPTS):
            self.configure()
            if self._comes_up():
                self._was_up = True
                return
            if not any(sign in self.words().lower() for sign in IN_USE):
                break
            if not self._was_up:
                self.move()
        last = self.process.last_words() if self.process else "it was not started"
        raise StartError(f"{self.product} {self.version} did not come up: {last}")

    def _comes_up(self) -> bool:
        """Start it once and return whether it serves; kill it if it does not."""
        process = self.process = self.home.start(
            self.name,
            self.argv(),
            env=self.environment(),
            stop_signal=self.stop_signal,
            as_root=bool(self.program.root),
        )
        wait_until(lambda: process.code() is not None or self.is_up(), self.seconds)
        if process.code() is None and self.is_up():
            return True
        process.signal(signal.SIGKILL, family=True)
        process.wait(5)
        return False

    def settle(self, seconds: float = 30.0) -> None:
        """Wait, for at most so many seconds, until it reports all of its settings."""
        wait_until(self.is_settled, seconds, 0.1)

    def is_settled(self) -> bool:
        """Return whether it reports all of its settings: most servers do as soon as they are up."""
        return self.is_up()

    def argv(self) -> list[str]:
        """Return the command, run by chroot if the program lives in another root folder."""
        return self.by_way_of_root(self.command())

    def by_way_of_root(self, command: Sequence[str]) -> list[str]:
        """Return a command of the same installation, run by chroot if that lives in another root folder."""
        if self.program.root is None or self.home.user is None:
            return list(command)
        identity = f"--userspec={self.home.user.pw_uid}:{self.home.user.pw_gid}"
        return ["chroot", identity, "--groups=", str(self.program.root), *command]

    def words(self) -> str:
        """Return its log since the last start."""
        return self.process.words() if self.process else ""

    def stop(self) -> None:
        """Shut it down in order and wait until it has ended."""
        if self.process:
            self.process.signal(signal.SIGCONT, family=True)
            self.process.signal(signal.SIGTERM)
            self.process.wait(20)

    def kill(self) -> None:
        """End it as a crash would: SIGKILL to all its processes."""
        if self.process:
            self.process.signal(signal.SIGKILL, family=True)
            self.process.wait(5)

    def pause(self) -> None:
        """Freeze it: connections stay open and nothing replies."""
        if self.process:
            self.process.signal(signal.SIGSTOP, family=True)

    def resume(self) -> None:
        """Continue it after a pause."""
        if self.process:
            self.process.signal(signal.SIGCONT, family=True)

    def address(self) -> str:
        """Return host:port."""
        return f"{self.host}:{self.port}"

    def url(self, user: str = "", password: str = "", path: str = "", **query: str) -> str:
        """Return its URL; user, password and path are percent-encoded, further arguments become the query."""
        login = quote(user, safe="") + (f":{quote(password, safe='')}" if password else "")
        authority = f"{login}@{self.address()}" if login else self.address()
        end = f"?{urlencode(query)}" if query else ""
        return f"{self.scheme}://{authority}" + (f"/{quote(path, safe='')}" if path else "") + end

    def __repr__(self) -> str:
        """Return product, version and address, without any password."""
        return f"<{self.product} {self.version} at {self.address()}>"

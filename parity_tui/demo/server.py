"""What all servers that we run have in common: a port of their own, a start that is waited for, an end."""

from __future__ import annotations

import abc
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import quote, urlencode

from parity_tui.demo.process import Process, Sandbox, StartError, free_port, wait_until
from parity_tui.demo.programs import Program

ATTEMPTS = 4
"""How often a start is tried where another program has taken the port meanwhile."""

IN_USE = ("address already in use", "eaddrinuse", "is already in use", "failed to listen")
"""What servers say then."""


class Server(abc.ABC):
    """One real server, listening on 127.0.0.1."""

    product = "?"
    """The name of the product for people, such as PostgreSQL."""
    scheme = "?"
    """The scheme of its URL."""
    host = "127.0.0.1"
    """Where it listens."""
    farewell: int = signal.SIGKILL
    """The signal that ends it at once, its data being of no worth."""
    seconds = 30.0
    """How long it may take to come up."""

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
        """Write what the server reads when it starts; called before each start."""

    @abc.abstractmethod
    def command(self) -> Sequence[str]:
        """Return the program and its arguments."""

    @abc.abstractmethod
    def is_up(self) -> bool:
        """Tell whether it serves."""

    def environment(self) -> Mapping[str, str]:
        """Return the variables that it is started with."""
        return {}

    def move(self) -> None:
        """Take another port: somebody else was quicker."""
        self.port = free_port()

    def inside(self, path: Path) -> str:
        """Return a path as the server sees it: within its own root folder where it has one."""
        return str(Path("/") / path.relative_to(self.program.root) if self.program.root else path)

    def start(self) -> None:
        """Start it and wait until it serves; StartError with its last words where it does not."""
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
        """Start it once; tell whether it serves. What does not is ended."""
        process = self.process = self.home.start(
            self.name,
            self.argv(),
            env=self.environment(),
            farewell=self.farewell,
            as_root=bool(self.program.root),
        )
        wait_until(lambda: process.code() is not None or self.is_up(), self.seconds)
        if process.code() is None and self.is_up():
            return True
        process.signal(signal.SIGKILL, family=True)
        process.wait(5)
        return False

    def settle(self, seconds: float = 30.0) -> None:
        """Wait, for so many seconds at most, until it can tell all about itself."""
        wait_until(self.is_settled, seconds, 0.1)

    def is_settled(self) -> bool:
        """Tell whether it can tell all about itself: most can as soon as they are up."""
        return self.is_up()

    def argv(self) -> list[str]:
        """Return the command, by way of chroot where the program lives in another root folder."""
        return self.by_way_of_root(self.command())

    def by_way_of_root(self, command: Sequence[str]) -> list[str]:
        """Return a command of the same installation as it is started here: by chroot, or as it is."""
        if self.program.root is None or self.home.user is None:
            return list(command)
        whom = f"--userspec={self.home.user.pw_uid}:{self.home.user.pw_gid}"
        return ["chroot", whom, "--groups=", str(self.program.root), *command]

    def words(self) -> str:
        """Return its log since the last start."""
        return self.process.words() if self.process else ""

    def stop(self) -> None:
        """Shut it down in order and wait for its end."""
        if self.process:
            self.process.signal(signal.SIGCONT, family=True)
            self.process.signal(signal.SIGTERM)
            self.process.wait(20)

    def kill(self) -> None:
        """End it as a crash would: SIGKILL to all of it."""
        if self.process:
            self.process.signal(signal.SIGKILL, family=True)
            self.process.wait(5)

    def pause(self) -> None:
        """Freeze it: connections stay open and nothing answers."""
        if self.process:
            self.process.signal(signal.SIGSTOP, family=True)

    def resume(self) -> None:
        """Let it go on."""
        if self.process:
            self.process.signal(signal.SIGCONT, family=True)

    def address(self) -> str:
        """Return host:port."""
        return f"{self.host}:{self.port}"

    def url(self, user: str = "", password: str = "", path: str = "", **query: str) -> str:
        """Return its URL; user, password and path are percent-encoded, further words become the query."""
        who = quote(user, safe="") + (f":{quote(password, safe='')}" if password else "")
        where = f"{who}@{self.address()}" if who else self.address()
        return f"{self.scheme}://{where}" + (f"/{quote(path, safe='')}" if path else "") + self._query(query)

    @staticmethod
    def _query(query: Mapping[str, str]) -> str:
        """Return a URL's query."""
        return f"?{urlencode(query)}" if query else ""

    def __repr__(self) -> str:
        """Name it, without any password."""
        return f"<{self.product} {self.version} at {self.address()}>"

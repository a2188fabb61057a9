"""Redis and Valkey: one program with a configuration file, and a minimal client."""

from __future__ import annotations

import socket
from collections.abc import Mapping, Sequence
from pathlib import Path

from parity_tui.demo.process import StartError
from parity_tui.demo.programs import Program
from parity_tui.demo.sandbox import Sandbox
from parity_tui.demo.server import Server


class Redis(Server):
    """A Redis or Valkey server."""

    scheme = "redis"
    seconds = 15.0

    def __init__(
        self,
        home: Sandbox,
        name: str,
        program: Program,
        *,
        settings: Mapping[str, str] | None = None,
        password: str = "",
        acl: Sequence[Sequence[str]] = (),
    ) -> None:
        super().__init__(home, name, program)
        self.product = "Valkey" if program.product == "valkey" else "Redis"
        self.settings = dict(settings or {})
        self.password = password
        self._acl = acl
        self._program = self._reachable(program)

    def _reachable(self, program: Program) -> Path:
        if program.root is not None:
            return program.path
        return self.home.lend(*program.folders)[0] / program.path.relative_to(program.folders[0])

    def configure(self) -> None:
        """Write the configuration file: a line for each setting and for each ACL user."""
        settings = {"bind": self.host, "port": str(self.port), "dir": self.inside(self.folder), **self.settings}
        lines = [f"{name} {value or quoted('')}" for name, value in settings.items()]
        if self.password:
            lines.append(f"requirepass {quoted(self.password)}")
        lines += ["user " + " ".join(quoted(word) for word in user) for user in self._acl]
        self.home.write(self.folder / "server.conf", "\n".join(lines) + "\n")

    def command(self) -> Sequence[str]:
        """Return the program and its configuration file."""
        return [self.inside(self._program), self.inside(self.folder / "server.conf")]

    def is_up(self) -> bool:
        """Search its log: a connection might reach another server that has taken the port."""
        return "ready to accept connections" in self.words().lower()

    def restart(self, settings: Mapping[str, str] | None = None, program: Program | None = None) -> None:
        """Kill it and start it on the same port, with changed settings, as another version if a program is given."""
        self.kill()
        self.settings.update(settings or {})
        if program is not None:
            self.program, self.version, self._program = program, program.version, self._reachable(program)
        self.start()

    def do(self, *words: str) -> str:
        """Run a command and return the first line of its reply, such as `+OK`. Raises StartError if it is refused."""
        commands = [("AUTH", self.password)] if self.password else []
        with socket.create_connection((self.host, self.port), timeout=5) as connection:
            replies = connection.makefile("rb")
            for command in (*commands, words):
                connection.sendall(packed(*command))
                reply = replies.readline().decode(errors="replace").strip()
                if reply.startswith("-"):
                    raise StartError(f"{self!r} refused {command[0]}: {reply[1:]}")
            return reply


def quoted(word: str) -> str:
    r"""Return a word in quotes, escaped for the configuration file.

    >>> print(quoted('pa ss"w'))
    "pa ss\"w"
    """
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'


def packed(*words: str) -> bytes:
    r"""Return a command encoded in the protocol RESP.

    >>> packed("PING")
    b'*1\r\n$4\r\nPING\r\n'
    """
    parts = (f"${len(word.encode())}\r\n{word}\r\n" for word in words)
    return f"*{len(words)}\r\n{''.join(parts)}".encode()

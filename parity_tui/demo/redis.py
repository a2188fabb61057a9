"""Redis and Valkey: one program with a configuration file, and a client of a few lines for commands."""

from __future__ import annotations

import socket
from collections.abc import Mapping, Sequence

from parity_tui.demo.process import Sandbox, StartError
from parity_tui.demo.programs import Program
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
        self._program = program.path
        if program.root is None:
            self._program = home.lend(*program.folders)[0] / program.path.relative_to(program.folders[0])

    def configure(self) -> None:
        """Write the configuration file: one line a setting, ACL users as lines too."""
        own = {"bind": self.host, "port": str(self.port), "dir": self.inside(self.folder), **self.settings}
        lines = [f"{name} {value or quoted('')}" for name, value in own.items()]
        if self.password:
            lines.append(f"requirepass {quoted(self.password)}")
        lines += ["user " + " ".join(quoted(word) for word in user) for user in self._acl]
        self.home.write(self.folder / "server.conf", "\n".join(lines) + "\n")

    def command(self) -> Sequence[str]:
        """Return the program and its configuration file."""
        return [self.inside(self._program), self.inside(self.folder / "server.conf")]

    def is_up(self) -> bool:
        """Look for its own word in its own log: another server on this port could not be mistaken for it."""
        return "ready to accept connections" in self.words().lower()

    def restart(self, settings: Mapping[str, str] | None = None) -> None:
        """End it and start it on the same port, with further settings where given."""
        self.kill()
        self.settings.update(settings or {})
        self.start()

    def do(self, *words: str) -> str:
        """Run one command and return its first line, such as `+OK`; StartError where it is refused."""
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
    r"""Return a word as the configuration file wants it where it holds blanks or signs.

    >>> print(quoted('pa ss"w'))
    "pa ss\"w"
    """
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'


def packed(*words: str) -> bytes:
    r"""Return a command as it goes over the wire.

    >>> packed("PING")
    b'*1\r\n$4\r\nPING\r\n'
    """
    parts = (f"${len(word.encode())}\r\n{word}\r\n" for word in words)
    return f"*{len(words)}\r\n{''.join(parts)}".encode()

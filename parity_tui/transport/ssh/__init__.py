"""OpenSSH's own client as the way through another host, so that the user's configuration, keys and agent count.

A :class:`SSHConnection` is one kept connection of it; :class:`SSHConnections` shares them between the targets of a process.

- `line.py`: one connection: its process, the login that many wait for, what goes through
- `stream.py`: a connection through it, and how the client is asked for one at its control socket
- `pause.py`: a login that failed, and when it is tried again
- `said.py`: what the client's words mean
"""

from __future__ import annotations

from parity_tui.transport.ssh.connection import Destination, SSHConnection, quiet
from parity_tui.transport.ssh.errors import words

__all__ = ["Destination", "SSHConnection", "SSHConnections", "quiet", "words"]


class SSHConnections:
    """The lines of a process, one for each place, whoever uses them."""

    def __init__(self) -> None:
        self._lines: dict[Destination, SSHConnection] = {}

    def to(self, where: Destination) -> SSHConnection:
        """Return the line that leads there."""
        if where not in self._lines:
            jump = self.to(Destination(where.jump)) if where.jump else None
            self._lines[where] = SSHConnection(where, jump)
        return self._lines[where]

    def forget(self) -> None:
        """Try again at once what was given up for a while: a person asks for it."""
        for line in self._lines.values():
            line.forget()

    async def close(self) -> None:
        """End all of them."""
        for line in self._lines.values():
            await line.close()

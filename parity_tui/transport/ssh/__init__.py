"""SSH through OpenSSH's own client, so that the user's configuration, keys and agent count.

:class:`SSHConnections` shares each :class:`SSHConnection` between the targets of a process.

- ``connection.py``: the client's process, the login that many targets wait for
- ``client.py``: how the client is called; ``hops.py``: the user's own jump hosts
- ``backoff.py``: the pause between failing logins; ``recovery.py``: waking the targets that wait
- ``pulse.py``: whether the host still answers
- ``mux.py``: how the client is asked for streams and sessions at its control socket
- ``session.py``: a command at the far end; ``slots.py``: how many of them the host allows
- ``errors.py``: the client's messages in words
"""

from __future__ import annotations

from parity_tui.transport.commands import Commands
from parity_tui.transport.ssh.client import Destination
from parity_tui.transport.ssh.connection import SSHConnection
from parity_tui.transport.ssh.errors import describe_exit

__all__ = ["Destination", "SSHConnection", "SSHConnections", "describe_exit"]


class SSHConnections:
    """The SSH connections of a process, one for each destination."""

    def __init__(self) -> None:
        self._connections: dict[Destination, SSHConnection] = {}
        self.commands = Commands()
        """commands of all targets, on this machine as well"""

    def to(self, destination: Destination) -> SSHConnection:
        """Return the connection to a destination; it logs in when it is first used."""
        if destination not in self._connections:
            self._connections[destination] = SSHConnection(destination, self.to)
        return self._connections[destination]

    def forget(self) -> None:
        """Forget failed logins, so that the next use tries again at once."""
        for connection in list(self._connections.values()):
            connection.forget()

    async def close(self) -> None:
        """Close all connections and end all commands."""
        await self.commands.close()
        for connection in list(self._connections.values()):
            await connection.close()

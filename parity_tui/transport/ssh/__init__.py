"""SSH through OpenSSH's own client, so that the user's configuration, keys and agent count.

One :class:`SSHConnection` is a route (``transport/route.py``) for all targets behind its host.

- ``connection.py``: the client's process, the login that many targets wait for
- ``client.py``: how the client is called; ``hops.py``: the user's own jump hosts
- ``mux.py``: how the client is asked for streams and sessions at its control socket
- ``session.py``: a command at the far end; ``slots.py``: how many of them the host allows
- ``errors.py``: the client's messages in words
"""

from __future__ import annotations

from parity_tui.transport.ssh.client import Destination
from parity_tui.transport.ssh.connection import SSHConnection
from parity_tui.transport.ssh.errors import describe_exit

__all__ = ["Destination", "SSHConnection", "describe_exit"]

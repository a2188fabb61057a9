"""What real servers are brought to: a standby, a start that lasts until it is let go on, statements by root."""

from __future__ import annotations

from pathlib import Path

from parity_tui.demo.mysql import MariaDB
from parity_tui.demo.postgres import SUPERUSER, Postgres
from parity_tui.demo.server import Server
from parity_tui.demo.servers import Servers


class Standby(Postgres):
    """A PostgreSQL that follows another, made by pg_basebackup; its version must be one that has that program."""

    def __init__(self, servers: Servers, primary: Postgres) -> None:
        super().__init__(servers.home, f"{primary.name}.standby", primary.program)
        self._primary = primary

    def _make_cluster(self) -> None:
        """Copy the primary, with the signal and the address that make a standby."""
        where = f"host={self._primary.host} port={self._primary.port} user={SUPERUSER}"
        words = ["-D", str(self._data), "-R", "--checkpoint=fast", "--no-sync", "-d", where]
        self.home.run(f"{self.name}.basebackup", [str(self._programs / "pg_basebackup"), *words])

    def promote(self) -> None:
        """Make it the primary."""
        promote(self)


def promote(server: Postgres) -> None:
    """Make a standby a primary, as an administrator does."""
    words = [str(server._programs / "pg_ctl"), "promote", "-D", str(server.folder / "data")]
    server.home.run(f"{server.name}.pg_ctl", words)


def begin(server: Server) -> None:
    """Start a server and do not wait until it serves."""
    server.configure()
    server.process = server.home.start(
        server.name,
        server.argv(),
        env=server.environment(),
        stop_signal=server.stop_signal,
        as_root=bool(server.program.root),
    )


class Gate:
    """A file that a server waits for in the middle of its start."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._file = server.folder / "gate"

    @property
    def path(self) -> Path:
        """The file as the server sees it."""
        return Path(self._server.inside(self._file))

    def open(self) -> None:
        """Let the server go on."""
        self._server.home.write(self._file, "open").chmod(0o644)  # MariaDB loads only what everybody may read


def recovering(server: Postgres) -> Gate:
    """Have a crashed PostgreSQL ask an archive for what it lacks, which takes until the gate is opened."""
    gate = Gate(server)
    (server.folder / "data" / "recovery.signal").touch()
    wait = f"while [ -d {server.folder} ] && [ ! -e {gate.path} ]; do sleep 0.05; done; false"
    server.settings["restore_command"] = wait
    begin(server)
    return gate


def as_root(server: MariaDB, statement: str) -> str:
    """Run a statement as the superuser, by way of the socket, and return what is said."""
    client = server.program.path.parent.parent / "bin" / "mariadb"
    words = [
        server.inside(client),
        "--no-defaults",
        f"--socket={server.inside(server.folder / 'socket')}",
        f"--user={server.user}",
        f"--execute={statement}",
    ]
    there = bool(server.program.root)
    return server.home.run(f"{server.name}.client", server.by_way_of_root(words), as_root=there)

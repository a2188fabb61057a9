"""Brings real servers into passing states: a standby, a start that waits for a gate."""

from __future__ import annotations

from pathlib import Path

from parity_tui.demo.mysql import MariaDB
from parity_tui.demo.postgres import SUPERUSER, Postgres
from parity_tui.demo.server import Server
from parity_tui.demo.servers import Servers


class Standby(Postgres):
    """A PostgreSQL that follows a primary; its version must have pg_basebackup."""

    def __init__(self, servers: Servers, primary: Postgres) -> None:
        super().__init__(servers.home, f"{primary.name}.standby", primary.program)
        self._primary = primary

    def _make_cluster(self) -> None:
        """Copy the primary; -R makes a standby of the copy."""
        primary = f"host={self._primary.host} port={self._primary.port} user={SUPERUSER}"
        words = ["-D", str(self._data), "-R", "--checkpoint=fast", "--no-sync", "-d", primary]
        self.home.run(f"{self.name}.basebackup", [str(self._programs / "pg_basebackup"), *words])

    def promote(self) -> None:
        promote(self)


def promote(server: Postgres) -> None:
    """Make a standby a primary."""
    words = [str(server._programs / "pg_ctl"), "promote", "-D", str(server.folder / "data")]
    server.home.run(f"{server.name}.pg_ctl", words)


def start_without_waiting(server: Server) -> None:
    """Start a server without waiting until it serves."""
    server.configure()
    server.process = server.home.start(
        server.name,
        server.argv(),
        env=server.environment(),
        stop_signal=server.stop_signal,
        as_root=bool(server.program.root),
    )


class Gate:
    """A file for which a server waits during its start."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._file = server.folder / "gate"

    @property
    def path(self) -> Path:
        """The path in the server's own root folder."""
        return Path(self._server.inside(self._file))

    def open(self) -> None:
        self._server.home.write(self._file, "open").chmod(0o644)  # MariaDB loads only world-readable files


def start_recovery(server: Postgres) -> Gate:
    """Start a crashed PostgreSQL with an archive that answers once the gate is open."""
    gate = Gate(server)
    (server.folder / "data" / "recovery.signal").touch()
    wait = f"while [ -d {server.folder} ] && [ ! -e {gate.path} ]; do sleep 0.05; done; false"
    server.settings["restore_command"] = wait
    start_without_waiting(server)
    return gate


def run_as_root(server: MariaDB, statement: str) -> str:
    """Run a statement as the superuser over the socket; return the output."""
    client = server.program.path.parent.parent / "bin" / "mariadb"
    words = [
        server.inside(client),
        "--no-defaults",
        f"--socket={server.inside(server.folder / 'socket')}",
        f"--user={server.user}",
        f"--execute={statement}",
    ]
    chroot = bool(server.program.root)
    return server.home.run(f"{server.name}.client", server.by_way_of_root(words), as_root=chroot)

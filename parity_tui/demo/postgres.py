"""PostgreSQL: a cluster made by initdb, settings in postgresql.conf, statements run by psql."""

from __future__ import annotations

import signal
from collections.abc import Mapping, Sequence

from parity_tui.demo.programs import Program
from parity_tui.demo.sandbox import Sandbox
from parity_tui.demo.server import Server

SUPERUSER = "postgres"
"""The role that initdb makes; it logs in without a password unless one is given."""


class Postgres(Server):
    """A PostgreSQL server with a cluster of its own."""

    product = "PostgreSQL"
    scheme = "postgresql"
    stop_signal = signal.SIGQUIT

    def __init__(
        self,
        home: Sandbox,
        name: str,
        program: Program,
        *,
        settings: Mapping[str, str] | None = None,
        password: str = "",
        initdb: Sequence[str] = (),
    ) -> None:
        super().__init__(home, name, program)
        self.settings = dict(settings or {})
        self.user = SUPERUSER
        self.password = password
        self._initdb = initdb
        self._programs = home.lend(*program.folders)[0] / "bin"
        self._data = self.folder / "data"

    def configure(self) -> None:
        """Make the cluster at the first start; append our settings to its configuration file."""
        file = self._data / "postgresql.conf"
        if not self._data.exists():
            self._make_cluster()
            self._sample = file.read_text()
        settings = {
            "listen_addresses": self.host,
            "port": str(self.port),
            "unix_socket_directories": "",
            **self.settings,
        }
        lines = [f"{name} = '{value.replace(chr(39), chr(39) * 2)}'" for name, value in settings.items()]
        self.home.write(file, self._sample + "\n".join(lines) + "\n")

    def _make_cluster(self) -> None:
        """Run initdb, which takes the password from a file."""
        login = ["--auth=trust"]
        if self.password:
            file = self.home.write(self.folder / "password", self.password)
            login = ["--auth=scram-sha-256", f"--pwfile={file}"]
        defaults = ["--encoding=UTF8", "--locale=C", "--no-sync"]
        program = str(self._programs / "initdb")
        self.home.run(
            f"{self.name}.initdb",
            [program, "-D", str(self._data), "-U", SUPERUSER, *defaults, *login, *self._initdb],
        )
        (self.folder / "password").unlink(missing_ok=True)

    def command(self) -> Sequence[str]:
        """Return the program and its data folder, which holds its configuration file."""
        return [str(self._programs / "postgres"), "-D", str(self._data)]

    def is_up(self) -> bool:
        """Look for "ready" in its pid file, as pg_ctl does."""
        try:
            return (self._data / "postmaster.pid").read_text().splitlines()[7].strip() == "ready"
        except (OSError, IndexError):
            return False

    def stop(self) -> None:
        """Shut it down without waiting for its clients to leave."""
        if self.process:
            self.process.signal(signal.SIGCONT, family=True)
            self.process.signal(signal.SIGINT)
            self.process.wait(20)

    def kill(self) -> None:
        """End it as a crash would, and remove its pid file, which still reads "ready"."""
        super().kill()
        (self._data / "postmaster.pid").unlink(missing_ok=True)

    def restart(self, settings: Mapping[str, str] | None = None) -> None:
        """Stop it and start it on the same port, with changed settings."""
        self.stop()
        self.settings.update(settings or {})
        self.start()

    def sql(self, *statements: str, database: str = "postgres") -> list[str]:
        """Run statements as the superuser, one by one; return the rows of all, fields separated by `|`."""
        file = self.home.write(self.folder / "statements.sql", ";\n".join(statements) + ";\n")
        flags = ["-X", "-q", "-A", "-t", "-w", "-v", "ON_ERROR_STOP=1"]
        address = ["-h", self.host, "-p", str(self.port), "-U", SUPERUSER, "-d", database, "-f", str(file)]
        env = {"PGPASSWORD": self.password} if self.password else {}
        output = self.home.run(f"{self.name}.psql", [str(self._programs / "psql"), *flags, *address], env=env)
        return output.splitlines()

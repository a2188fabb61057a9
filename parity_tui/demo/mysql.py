"""MariaDB: a data folder of its own, a configuration file with our settings, statements run when it first starts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from parity_tui.demo.process import Sandbox
from parity_tui.demo.programs import Program
from parity_tui.demo.server import Server

SUPERUSER = "root"
"""Who may do everything, from this machine; let in without a password unless a statement gives one."""


class MariaDB(Server):
    """A MariaDB server with a data folder of its own."""

    product = "MariaDB"
    scheme = "mysql"

    def __init__(
        self,
        home: Sandbox,
        name: str,
        program: Program,
        *,
        settings: Mapping[str, str] | None = None,
        sql: Sequence[str] = (),
    ) -> None:
        super().__init__(home, name, program)
        self.settings = dict(settings or {})
        self.user = SUPERUSER
        self._sql = sql
        self._data = self.folder / "data"

    def configure(self) -> None:
        """Make the data folder the first time; write the configuration file, and what is run at the start."""
        statements = self.folder / "start.sql"
        if not self._data.exists():
            self._make_data()
        if not self._was_up:
            self.home.write(statements, "".join(f"{statement};\n" for statement in self._sql))
        ours = {
            "datadir": self.inside(self._data),
            "tmpdir": self.inside(self._temporary()),
            "socket": self.inside(self.folder / "socket"),
            "pid_file": self.inside(self.folder / "pid"),
            "bind_address": self.host,
            "port": str(self.port),
            **({"init_file": self.inside(statements)} if self._sql and not self._was_up else {}),
            **self.settings,
        }
        self.home.write(self.folder / "server.cnf", "\n".join(["[mariadbd]", *map(_line, ours.items()), ""]))

    def _make_data(self) -> None:
        """Run mariadb-install-db, which fills the folder with the server's own tables."""
        words = [
            self.inside(self._installer()),
            "--no-defaults",
            f"--datadir={self.inside(self._data)}",
            f"--basedir={self.inside(self._base())}",
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
        ]
        self.home.run(
            f"{self.name}.install",
            self.by_way_of_root(words),
            env={"TMPDIR": self.inside(self._temporary())},
            deadline=120.0,
            as_root=bool(self.program.root),
        )

    def _temporary(self) -> Path:
        """Return the folder for temporary tables: a server that starts removes those of all others from its own."""
        return self.home.folder(f"{self.name}.tmp", self.program.root)

    def _base(self) -> Path:
        """Return the folder that the installation lies in."""
        return self.program.path.parent.parent

    def _installer(self) -> Path:
        """Return the program that fills a data folder."""
        return self._base() / "bin" / "mariadb-install-db"

    def command(self) -> Sequence[str]:
        """Return the server's program; all else is in its configuration file."""
        return [self.inside(self.program.path), f"--defaults-file={self.inside(self.folder / 'server.cnf')}"]

    def is_up(self) -> bool:
        """Look for its own word in its own log, which comes after the statements of the start."""
        return "ready for connections" in self.words()

    def restart(self, settings: Mapping[str, str] | None = None) -> None:
        """End it and start it on the same port, with further settings where given."""
        self.stop()
        self.settings.update(settings or {})
        self.start()


def _line(setting: tuple[str, str]) -> str:
    r"""Return a line of the configuration file.

    >>> print(_line(("sql_mode", "")), _line(("init_connect", "SET @a='b\\n'")))
    sql_mode="" init_connect="SET @a='b\\n'"
    """
    name, value = setting
    return f'{name}="{value}"'.replace("\\", "\\\\")

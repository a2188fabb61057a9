"""MariaDB: a data folder, a configuration file with our settings, statements run at the first start."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from parity_tui.demo.programs import Program
from parity_tui.demo.sandbox import Sandbox
from parity_tui.demo.server import Server

SUPERUSER = "root"
"""The administrator, from this machine only; without a password unless a statement sets one."""


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
        """Make the data folder at the first start; write the configuration file and the statements."""
        statements = self.folder / "start.sql"
        if not self._data.exists():
            self._make_data()
        if not self._was_up:
            self.home.write(statements, "".join(f"{statement};\n" for statement in self._sql))
        settings = {
            "datadir": self.inside(self._data),
            "tmpdir": self.inside(self._temporary()),
            "socket": self.inside(self.folder / "socket"),
            "pid_file": self.inside(self.folder / "pid"),
            "bind_address": self.host,
            "port": str(self.port),
            # The kernel may have no room for it beside many servers, and some would then do without.
            "innodb_use_native_aio": "0",
            **({"init_file": self.inside(statements)} if self._sql and not self._was_up else {}),
            **self.settings,
        }
        self.home.write(self.folder / "server.cnf", "\n".join(["[mariadbd]", *map(_line, settings.items()), ""]))

    def _make_data(self) -> None:
        """Run mariadb-install-db, which fills the folder with the server's own tables."""
        command = [
            self.inside(self._installer()),
            "--no-defaults",
            f"--datadir={self.inside(self._data)}",
            f"--basedir={self.inside(self._base())}",
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
        ]
        self.home.run(
            f"{self.name}.install",
            self.by_way_of_root(command),
            env={"TMPDIR": self.inside(self._temporary())},
            deadline=120.0,
            as_root=bool(self.program.root),
        )

    def _temporary(self) -> Path:
        """Return a folder of its own for temporary tables, because a starting server empties the folder."""
        return self.home.folder(f"{self.name}.tmp", self.program.root)

    def _base(self) -> Path:
        return self.program.path.parent.parent

    def _installer(self) -> Path:
        return self._base() / "bin" / "mariadb-install-db"

    def command(self) -> Sequence[str]:
        """Return the program and its configuration file."""
        return [self.inside(self.program.path), f"--defaults-file={self.inside(self.folder / 'server.cnf')}"]

    def is_up(self) -> bool:
        """Search its log: the line comes after the statements of the start."""
        return "ready for connections" in self.words()

    def restart(self, settings: Mapping[str, str] | None = None) -> None:
        """Stop it and start it on the same port, with changed settings."""
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

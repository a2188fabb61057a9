"""Memcached: all its settings are on its command line."""

from __future__ import annotations

from collections.abc import Sequence

from parity_tui.demo.process import answers
from parity_tui.demo.programs import Program
from parity_tui.demo.sandbox import Sandbox
from parity_tui.demo.server import Server


class Memcached(Server):
    """A Memcached server."""

    product = "Memcached"
    scheme = "memcached"
    seconds = 15.0

    def __init__(
        self,
        home: Sandbox,
        name: str,
        program: Program,
        *,
        options: Sequence[str] = (),
        login: tuple[str, str] | None = None,
    ) -> None:
        super().__init__(home, name, program)
        self.options = list(options)
        self._login = login

    def configure(self) -> None:
        """Write the file of users if a login is given."""
        if self._login:
            self.home.write(self.folder / "users", ":".join(self._login) + "\n")

    def command(self) -> Sequence[str]:
        """Return the program with its options; UDP stays off."""
        users = ["-Y", self.inside(self.folder / "users")] if self._login else []
        return [
            self.inside(self.program.path),
            "-l",
            self.host,
            "-p",
            str(self.port),
            "-U",
            "0",
            *users,
            *self.options,
        ]

    def is_up(self) -> bool:
        """Connect: memcached logs nothing when it is ready."""
        return answers(self.port)

    def restart(self, options: Sequence[str] | None = None) -> None:
        """Kill it and start it on the same port, with other options if given."""
        self.kill()
        if options is not None:
            self.options = list(options)
        self.start()

"""Servers, targets, readings and rows of PgBouncer."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Mapping, Sequence
from functools import partial

from parity_tui.demo.process import answers
from parity_tui.demo.programs import Program
from parity_tui.demo.sandbox import Sandbox
from parity_tui.demo.server import Server
from parity_tui.demo.servers import Servers
from parity_tui.model import Failure, Reading, ServiceError, Target, TlsMode
from parity_tui.secrets import Secret
from parity_tui.services import identify, redact_reading
from parity_tui.services.pgbouncer import SERVICE
from parity_tui.transport.dialer import NetworkDialer, describe
from tests import builders
from tests.services import programs

VERSIONS = ("1.18", "1.24")
"""Debian 12's and Debian 13's"""
USER, PASSWORD, ADMINISTRATOR = "parity", "p/a%@s:s&=# w", "boss"
_numbers = itertools.count(1)


class PgBouncer(Server):
    """A PgBouncer with defaults, a user in stats_users and one in admin_users."""

    product = "PgBouncer"
    scheme = "pgbouncer"

    def __init__(
        self,
        home: Sandbox,
        name: str,
        program: Program,
        settings: Mapping[str, str],
        databases: Sequence[str],
        password: str,
        users: Sequence[str],
    ) -> None:
        super().__init__(home, name, program)
        self.users = list(users)
        self.settings, self.databases, self.password = dict(settings), list(databases), password

    def configure(self) -> None:
        names = (USER, ADMINISTRATOR, "nobody")
        users = "".join(f'"{name}" "{self.password}"\n' for name in names)
        self.home.write(self.folder / "users", users)
        settings = {
            "listen_addr": self.host,
            "listen_port": str(self.port),
            "unix_socket_dir": "",
            "auth_file": self.inside(self.folder / "users"),
            "admin_users": ADMINISTRATOR,
            "stats_users": USER,
            **self.settings,
        }
        lines = (f"{name} = {value}" for name, value in settings.items())
        text = "\n".join(("[databases]", *self.databases, "[users]", *self.users, "[pgbouncer]", *lines, ""))
        self.home.write(self.folder / "pgbouncer.ini", text)

    def command(self) -> Sequence[str]:
        return [self.inside(self.program.path), self.inside(self.folder / "pgbouncer.ini")]

    def is_up(self) -> bool:
        return "process up" in self.words() and answers(self.port)


def pgbouncer(
    servers: Servers,
    version: str = VERSIONS[0],
    settings: Mapping[str, str] | None = None,
    databases: Sequence[str] = (),
    password: str = PASSWORD,
    users: Sequence[str] = (),
) -> PgBouncer:
    """Start a PgBouncer; ``users`` are the lines of its section of that name."""
    program = programs.find("pgbouncer", version)
    name = f"pgbouncer-{program.version}-{next(_numbers)}"
    server = PgBouncer(servers.home, name, program, settings or {}, databases, password, users)
    server.start()
    return server


def target(port: int, user: str = USER, password: str | None = PASSWORD, tls: str = "prefer", path: str = "") -> Target:
    """Return the target of a local server."""
    source = (lambda: Secret(password)) if password is not None else None
    return Target(
        "dev", "pool", "pgbouncer", "pgbouncer", "127.0.0.1", port, path, user, password=source, tls=TlsMode(tls)
    )


async def reading(where: Target | PgBouncer) -> Reading:
    """Connect, read once and disconnect."""
    to = where if isinstance(where, Target) else target(where.port)
    async with asyncio.timeout(30), SERVICE.connect(to, NetworkDialer(to, 30, identify=identify)) as read:
        return redact_reading(await read(), SERVICE)


async def failure(where: Target) -> Failure:
    """Connect, read once and return the failure."""
    try:
        await reading(where)
    except (OSError, ServiceError, EOFError) as error:
        return describe(error, where, 30)
    raise AssertionError("it did not fail")


rows = partial(builders.rows, kind="pgbouncer")
drift = partial(builders.drift, kind="pgbouncer")

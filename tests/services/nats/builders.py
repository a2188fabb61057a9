"""Servers, targets, readings and rows of NATS."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Sequence
from functools import partial

from parity_tui.demo.process import free_port
from parity_tui.demo.programs import Program
from parity_tui.demo.sandbox import Sandbox
from parity_tui.demo.server import Server
from parity_tui.demo.servers import Servers
from parity_tui.model import Failure, Reading, ServiceError, Target, TlsMode
from parity_tui.secrets import Secret
from parity_tui.services import identify, redact_reading
from parity_tui.services.nats import SERVICE
from parity_tui.transport.dialer import NetworkDialer, describe
from tests import builders
from tests.services import programs

VERSIONS = ("2.9", "2.10")
"""Debian 12's and Debian 13's"""
_numbers = itertools.count(1)


class Nats(Server):
    """A NATS server with its monitoring."""

    product = "NATS"
    scheme = "nats"

    def __init__(
        self, home: Sandbox, name: str, program: Program, lines: Sequence[str], options: Sequence[str] = ()
    ) -> None:
        super().__init__(home, name, program)
        self.lines, self.options = list(lines), list(options)
        self.monitoring_port = free_port()

    @property
    def monitoring(self) -> str:
        return f"http://{self.host}:{self.monitoring_port}"

    def move(self) -> None:
        super().move()
        self.monitoring_port = free_port()

    def configure(self) -> None:
        listeners = (f"listen: {self.address()}", f'http: "{self.host}:{self.monitoring_port}"')
        text = "\n".join((*listeners, *self.lines, "")).replace("{folder}", self.inside(self.folder))
        self.home.write(self.folder / "nats.conf", text)

    def command(self) -> Sequence[str]:
        return [self.inside(self.program.path), "-c", self.inside(self.folder / "nats.conf"), *self.options]

    def is_up(self) -> bool:
        return "Server is ready" in self.words()


def nats(servers: Servers, version: str = VERSIONS[0], *lines: str, options: Sequence[str] = ()) -> Nats:
    """Start a NATS server with lines of its configuration, in which {folder} is its own."""
    program = programs.find("nats", version)
    server = Nats(servers.home, f"nats-{program.version}-{next(_numbers)}", program, lines, options)
    server.start()
    return server


def target(
    port: int, monitoring: str = "", user: str = "", password: str | None = None, tls: str = "", ca: str = ""
) -> Target:
    """Return the target of a local server."""
    source = (lambda: Secret(password)) if password is not None else None
    options = {"monitoring": monitoring} if monitoring else {}
    return Target(
        "dev", "messages", "nats", "nats", "127.0.0.1", port, "", user, password=source,
        tls=TlsMode(tls or "off"), ca=ca, options=options,
    )  # fmt: skip


def of(server: Nats) -> Target:
    """Return the target of a server with its monitoring."""
    return target(server.port, server.monitoring)


async def reading(where: Target | Nats) -> Reading:
    """Connect, read once and disconnect."""
    to = where if isinstance(where, Target) else of(where)
    async with asyncio.timeout(30), SERVICE.connect(to, NetworkDialer(to, 30, identify=identify)) as read:
        return redact_reading(await read(), SERVICE)


async def failure(where: Target) -> Failure:
    """Connect, read once and return the failure."""
    try:
        await reading(where)
    except (OSError, ServiceError, EOFError) as error:
        return describe(error, where, 30)
    raise AssertionError("it did not fail")


rows = partial(builders.rows, kind="nats")
drift = partial(builders.drift, kind="nats")

"""Three environments of real servers on this machine, whose settings keep changing.

async with Demo(say=print) as demo:
    configuration = demo.config_text      # a parity.toml that names the servers
    await demo.live()                     # changes a setting every few seconds, until cancelled
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from parity_tui.demo.mutations import DemoTarget, mutations
from parity_tui.demo.process import StartError
from parity_tui.demo.programs import MissingError
from parity_tui.demo.scenario import ENVIRONMENTS
from parity_tui.demo.server import Server
from parity_tui.demo.servers import Servers
from parity_tui.demo.services import SERVICES, DemoService
from parity_tui.model import Target

Result = TypeVar("Result")

PACE = (8.0, 15.0)
"""Minimum and maximum seconds between two changes."""

COLORS = {"dev": "green", "staging": "yellow", "production": "red"}
"""The colour of each environment."""

HEAD = """\
# Made by parity-tui demo: real servers on this machine, which end with it.
baseline = "production"
interval = "3s"
timeout = "3s"
"""

EXPECT = """
[[expect]]
service = "database"
setting = "shared_buffers"
environments = ["dev", "staging"]
reason = "laptops are small, and staging runs on one"
owner = "dba"
"""


class Demo:
    """Three environments of real servers, which end with `async with` or with the process.

    Args:
        say: takes a line of progress for a person.
        pace: minimum and maximum seconds between two changes.

    Attributes:
        missing: one line for each service that this machine cannot run, with the reason.
        servers: the servers by (environment, service), those that are not up yet too.
    """

    def __init__(self, say: Callable[[str], None] = lambda text: None, pace: tuple[float, float] = PACE) -> None:
        self.missing: list[str] = []
        self.servers: dict[DemoTarget, Server] = {}
        self._say = say
        self._pace = pace
        self._entries: dict[DemoTarget, str] = {}
        self._starts: list[asyncio.Task[None]] = []
        self._settled: dict[DemoTarget, Future[None]] = {}

    async def __aenter__(self) -> Demo:
        """Start all servers at once, the slow ones (RabbitMQ, MariaDB) last and without waiting for them."""
        self._threads = ThreadPoolExecutor(16, "demo")
        self._servers = await self._in_thread(Servers)
        try:
            await asyncio.gather(*(self._add((name, service)) for name in ENVIRONMENTS for service in SERVICES))
        except BaseException:
            await self._close()
            raise
        late = [target for target, server in self.servers.items() if server.process is None]
        self._starts = [self._start_late(target) for target in late]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End every server and remove every file."""
        await self._close()

    async def ready(self) -> None:
        """Wait for the slow servers, which `async with` does not wait for."""
        await asyncio.gather(*self._starts)

    async def wait_until_available(self, target: Target) -> None:
        """Wait until the server of a target is up or has failed; may be called in any event loop."""
        if settled := self._settled.get((target.environment, target.service)):
            await asyncio.wrap_future(settled)

    async def live(self) -> None:
        """Change settings of the demo's own servers and change them back later, until cancelled."""
        for mutation in mutations(self.servers):
            await asyncio.sleep(random.uniform(*self._pace))  # noqa: S311 (nothing depends on it)
            with contextlib.suppress(StartError, OSError):  # the server may not be up yet
                await self._in_thread(mutation)
        await asyncio.Event().wait()

    @property
    def home(self) -> Path:
        """The folder with all files of the demo."""
        return self._servers.home.root

    @property
    def config_text(self) -> str:
        """The parity.toml that names all servers."""
        return HEAD + "".join(self._environment_text(name) for name in ENVIRONMENTS) + EXPECT

    def _environment_text(self, name: str) -> str:
        services = [service for service in SERVICES if (name, service) in self._entries]
        lines = [f"{service} = {self._entries[name, service]}" for service in services]
        return "\n".join(
            ["", f"[environments.{name}]", f'color = "{COLORS[name]}"', f"[environments.{name}.services]", *lines, ""]
        )

    async def _add(self, target: DemoTarget) -> None:
        """Make one service of one environment, or note why this machine cannot run it."""
        environment, name = target
        try:
            service = await self._in_thread(lambda: SERVICES[name](self._servers, environment))
        except (MissingError, StartError) as error:
            self._note_missing(target, error)
            return
        self._entries[target] = service.entry
        if service.server is not None:
            self.servers[target] = service.server
        if not service.starts_late:
            self._say(f"{environment} {name}: {_describe(service)}")

    def _start_late(self, target: DemoTarget) -> asyncio.Task[None]:
        """Start a prepared server in the background; its future is resolved whether it comes up or not."""
        settled = self._settled[target] = Future()
        settled.set_running_or_notify_cancel()  # a cancelled waiter must not cancel the future for the others
        start = asyncio.create_task(self._start(target))
        start.add_done_callback(lambda _: settled.set_result(None))
        return start

    async def _start(self, target: DemoTarget) -> None:
        server = self.servers[target]
        self._say(f"{target[0]} {target[1]}: {server.product} {server.version} is starting")
        try:
            await self._in_thread(server.start)
            await self._in_thread(server.settle)
        except (StartError, OSError) as error:
            self._note_missing(target, error)
        else:
            self._say(f"{target[0]} {target[1]}: {server.product} {server.version}")

    def _note_missing(self, target: DemoTarget, error: Exception) -> None:
        """Report a missing service once, though several environments may lack it."""
        text = f"{target[1]}: {error}"
        if text not in self.missing:
            self.missing.append(text)
            self._say(text)

    async def _in_thread(self, work: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    async def _close(self) -> None:
        """End the servers first: a thread that waits for one of them then sees that it has ended."""
        await asyncio.shield(self._in_thread(self._servers.close))
        for task in self._starts:
            task.cancel()
        await asyncio.gather(*self._starts, return_exceptions=True)
        self._threads.shutdown()


def _describe(service: DemoService) -> str:
    if service.server is not None:
        return f"{service.server.product} {service.server.version}"
    return "SQLite, a file" if service.entry.startswith('"sqlite') else "the process's own memory"

"""The demo: three environments of real servers on this machine, and somebody who keeps changing them.

async with Demo(say=print) as demo:
    configuration = demo.config_text      # a parity.toml that names what runs
    await demo.live()                     # changes a setting now and then, for ever
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
from parity_tui.demo.services import SERVICES, Part
from parity_tui.model import Target

Result = TypeVar("Result")

PACE = (8.0, 15.0)
"""The shortest and the longest time between two changes, in seconds."""

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
    """Three environments of real servers, gone at the end of `async with` or of the process.

    `say` is told what comes up. Whatever this machine lacks is left out and named in `missing`.
    """

    def __init__(self, say: Callable[[str], None] = lambda text: None, pace: tuple[float, float] = PACE) -> None:
        self.missing: list[str] = []
        self.servers: dict[DemoTarget, Server] = {}
        self._say = say
        self._pace = pace
        self._entries: dict[DemoTarget, str] = {}
        self._late: list[asyncio.Task[None]] = []
        self._settled: dict[DemoTarget, Future[None]] = {}

    async def __aenter__(self) -> Demo:
        """Start all at once. RabbitMQ takes its time and two processors: it comes last and is not waited for."""
        self._threads = ThreadPoolExecutor(16, "demo")
        self._home = await self._thread(Servers)
        try:
            await asyncio.gather(*(self._add((name, service)) for name in ENVIRONMENTS for service in SERVICES))
        except BaseException:
            await self._close()
            raise
        self._late = [self._begin(place) for place in self._waiting]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End every server and remove every file."""
        await self._close()

    async def ready(self) -> None:
        """Wait for the servers that `async with` did not wait for."""
        await asyncio.gather(*self._late)

    async def wait_until_available(self, target: Target) -> None:
        """Wait, in whatever event loop, until the server of a target is up or is given up."""
        if settled := self._settled.get((target.environment, target.service)):
            await asyncio.wrap_future(settled)

    async def live(self) -> None:
        """Change a setting of the demo's own servers now and then and change it back later, for ever."""
        for move in mutations(self.servers):
            await asyncio.sleep(random.uniform(*self._pace))  # noqa: S311 (nothing depends on it)
            with contextlib.suppress(StartError, OSError):  # a server that is not up yet is left alone
                await self._thread(move)
        await asyncio.Event().wait()

    @property
    def home(self) -> Path:
        """The folder that everything lives in."""
        return self._home.home.root

    @property
    def config_text(self) -> str:
        """The parity.toml that names all of it."""
        return HEAD + "".join(self._environment(name) for name in ENVIRONMENTS) + EXPECT

    def _environment(self, name: str) -> str:
        """Return the lines of one environment."""
        here = [service for service in SERVICES if (name, service) in self._entries]
        lines = [f"{service} = {self._entries[name, service]}" for service in here]
        return "\n".join(
            ["", f"[environments.{name}]", f'color = "{COLORS[name]}"', f"[environments.{name}.services]", *lines, ""]
        )

    async def _add(self, place: DemoTarget) -> None:
        """Make one service of one environment; what cannot be had is left out."""
        environment, service = place
        try:
            part = await self._thread(lambda: SERVICES[service](self._home, environment))
        except (MissingError, StartError) as error:
            self._lacks(place, error)
            return
        self._entries[place] = part.entry
        if part.server is not None:
            self.servers[place] = part.server
        if not part.waits:
            self._say(f"{environment} {service}: {self._what(part)}")

    @property
    def _waiting(self) -> list[DemoTarget]:
        """The places whose servers are yet to be started."""
        return [place for place, server in self.servers.items() if server.process is None]

    def _begin(self, place: DemoTarget) -> asyncio.Task[None]:
        """Begin to start a server that was prepared only; whatever comes of it, those who wait for it go on then."""
        settled = self._settled[place] = Future()
        settled.set_running_or_notify_cancel()  # one who waits no longer cannot cancel it for the others then
        start = asyncio.create_task(self._start(place))
        start.add_done_callback(lambda _: settled.set_result(None))
        return start

    async def _start(self, place: DemoTarget) -> None:
        """Start a server that was prepared only."""
        server = self.servers[place]
        self._say(f"{place[0]} {place[1]}: {server.product} {server.version} is starting")
        try:
            await self._thread(server.start)
            await self._thread(server.settle)
        except (StartError, OSError) as error:
            self._lacks(place, error)
        else:
            self._say(f"{place[0]} {place[1]}: {server.product} {server.version}")

    def _lacks(self, place: DemoTarget, error: Exception) -> None:
        """Note once what cannot be had."""
        text = f"{place[1]}: {error}"
        if text not in self.missing:
            self.missing.append(text)
            self._say(text)

    @staticmethod
    def _what(part: Part) -> str:
        """Name what is behind a part."""
        if part.server is not None:
            return f"{part.server.product} {part.server.version}"
        return "SQLite, a file" if part.entry.startswith('"sqlite') else "the process's own memory"

    async def _thread(self, work: Callable[[], Result]) -> Result:
        """Do in a thread what would hold up the loop."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    async def _close(self) -> None:
        """End the servers first: a thread that waits for one of them then hears that it is gone."""
        await asyncio.shield(self._thread(self._home.close))
        for task in self._late:
            task.cancel()
        await asyncio.gather(*self._late, return_exceptions=True)
        self._threads.shutdown()

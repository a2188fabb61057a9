"""Three environments of real servers on this machine, to which things happen.

async with Demo(say=print) as demo:
    configuration = demo.config_text      # a parity.toml that names the servers
    await demo.live()                     # runs the steps of the story, until cancelled
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from parity_tui.demo.app import Deploy
from parity_tui.demo.process import StartError
from parity_tui.demo.programs import MissingError
from parity_tui.demo.scenario import ENVIRONMENTS
from parity_tui.demo.server import Server
from parity_tui.demo.servers import Servers
from parity_tui.demo.services import SERVICES, DemoService
from parity_tui.demo.story import OPENING, DemoTarget, SuggestedFix, story
from parity_tui.model import Target

Result = TypeVar("Result")

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
        pace: the factor of all pauses in the story.

    Attributes:
        hint: a line on the last step of the story for the person at the board.
        suggested_fix: returns the board's suggestion; replaced by the caller that has a board.
        missing: one line for each service that this machine cannot run, with the reason.
        servers: the servers by (environment, service), those that are not up yet too.
    """

    def __init__(self, say: Callable[[str], None] = lambda text: None, pace: float = 1.0) -> None:
        self.hint = OPENING
        self.suggested_fix: SuggestedFix = lambda environment, service, setting: ""
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
        """Run the steps of the story one after the other, until cancelled."""
        for step in story(self.servers, lambda *setting: self.suggested_fix(*setting)):
            await asyncio.sleep(step.pause * self._pace)
            try:
                await self._in_thread(step.run)
            except (StartError, OSError):  # the server may not be up yet
                continue
            self.hint = step.hint
        await asyncio.Event().wait()

    @property
    def running(self) -> int:
        """The number of servers that were started."""
        return sum(server.process is not None for server in self.servers.values())

    @property
    def home(self) -> Path:
        """The folder with all files of the demo."""
        return self._servers.home.root

    @property
    def deploys(self) -> list[Deploy]:
        """The deploys of the app before the demo began, oldest first."""
        return self._servers.app.deploys

    @property
    def config_text(self) -> str:
        """The parity.toml that names all servers."""
        head = HEAD + (f"repository = {json.dumps(str(self._servers.app.repository))}\n" if self.deploys else "")
        tail = EXPECT if any(service == "database" for _, service in self._entries) else ""
        return head + "".join(self._environment_text(name) for name in ENVIRONMENTS) + tail

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
    words = {'"sqlite': "SQLite, a file", '"app+local': "a folder", '"memory': "the process's own memory"}
    return words[service.entry.partition(":")[0]]

"""The `kubectl proxy` of one context, shared by all its targets: started when it is first needed, and again."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING

from parity_tui.model import Reason, ServiceError
from parity_tui.transport.backoff import Backoff
from parity_tui.transport.kube.api import Reply, get
from parity_tui.transport.kube.errors import describe_exit, described, is_kubeconfig, station
from parity_tui.transport.kube.process import READY, FarKubectl, Kubectl, LocalKubectl, arguments, at_host
from parity_tui.transport.pipe import unix_stream
from parity_tui.transport.pulse import Pulse
from parity_tui.transport.recovery import Recovery
from parity_tui.transport.shared_start import SharedStart

if TYPE_CHECKING:
    from parity_tui.transport.ssh import SSHConnection

LIMIT = 15.0
"""seconds until kubectl serves and its login has been tried, however long its waiters wait"""
_OUTPUT = 16 * 1024
"""bytes of kubectl's standard error that are kept"""


class Proxy:
    """One `kubectl proxy`; see Line of :mod:`parity_tui.transport.recovery`."""

    def __init__(self, context: str, namespaces: Iterable[str], jump: SSHConnection | None = None) -> None:
        """Create a proxy; nothing is started yet.

        Args:
            context: of the user's kubeconfig.
            namespaces: the only ones that it serves.
            jump: the ssh host where kubectl runs, None for this machine.
        """
        self.context, self.station = context, station(context)
        self._argv = arguments(context, namespaces)
        self._jump = jump
        self._backoff = Backoff()
        self._starting = SharedStart(self._start, f"kubectl {context}")
        self._kubectl: Kubectl | None = None
        self._path = ""
        self._up = self._closed = False
        self._runs = asyncio.Event()
        self._output = b""
        self._ready: asyncio.Future[str] | None = None
        self.recovery = Recovery(self)
        """targets that wait for it"""
        self.pulse = Pulse(self._ask, self.recovery.announce)

    @property
    def is_up(self) -> bool:
        """Whether kubectl serves, and the API server has accepted its login."""
        return self._up

    @property
    def jump(self) -> SSHConnection | None:
        """The ssh host where kubectl runs."""
        return self._jump

    @property
    def runs(self) -> bool:
        """Whether kubectl was found to start and to serve, whatever came of its context."""
        return self._runs.is_set()

    @property
    def program(self) -> str:
        """The path of kubectl, or the host where it is."""
        if self._jump is not None:
            return f"kubectl at {self._jump.destination.host}"
        return shutil.which(self._argv[0]) or self._argv[0]

    async def running(self) -> None:
        """Wait until kubectl runs, even if its context will be of no use. Raises ServiceError of kubectl itself."""
        waiters = [asyncio.ensure_future(self.up()), asyncio.ensure_future(self._runs.wait())]
        try:
            await asyncio.wait(waiters, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for waiter in waiters:
                waiter.cancel()
            error, _ = await asyncio.gather(*waiters, return_exceptions=True)
        if isinstance(error, Exception) and not self.runs:
            raise error

    async def up(self) -> None:
        """Wait until it is up; a cancelled waiter does not cancel it for others. Raises ServiceError."""
        if self._up:
            return
        if self._closed:
            raise self._lost()
        if not self._starting.running:
            self._backoff.check()
        await self._starting.finished()
        if not self._up:
            raise self._lost()

    async def _start(self) -> None:
        try:
            if self._jump is not None:
                await self._jump.up()
            try:
                async with asyncio.timeout(LIMIT):
                    await self._serve()
            except TimeoutError:
                words = f"{self.station}: no answer from kubectl or the API server within {LIMIT:g} s"
                raise ServiceError(Reason.TUNNEL, words) from None
        except ServiceError as error:
            self._backoff.begin(error, permanent="the login at the cluster" in error.message)
            raise
        else:
            self._backoff.end()
            self._up = True
            self.recovery.announce()
        finally:
            if not self._up:
                self._drop()

    async def _serve(self) -> None:
        """Start kubectl, wait until it serves, and try its login."""
        loop = asyncio.get_running_loop()
        self._runs.clear()
        self._output, self._ready = b"", loop.create_future()
        if self._jump is None:
            kubectl: Kubectl = LocalKubectl(self.context, self._argv)
        else:
            kubectl = FarKubectl(await self._jump.process(at_host(self._argv), LIMIT))
        self._kubectl = kubectl
        loop.add_reader(kubectl.output, self._read_path, kubectl, bytearray())
        loop.add_reader(kubectl.error, self._read_error, kubectl)
        self._path = await self._ready
        if self._jump is not None:
            self._path = await self._jump.unix_socket(self._path)
        try:
            sock = await unix_stream(self._path)
            self._runs.set()
            reply = await get(sock, "/version")
        except (OSError, EOFError):
            raise self._unreached() from None
        if reply.status not in (200, 403):  # a user that may not see the version is logged in
            await asyncio.sleep(0)  # a plug-in's words have come before kubectl's reply
            self._read_error(kubectl)
            raise described(self.context, reply, self._output.decode(errors="replace"))

    def _read_path(self, kubectl: Kubectl, line: bytearray) -> None:
        with suppress(BlockingIOError):
            data = os.read(kubectl.output, 4096)
            line += data
            if data and b"\n" not in line and len(line) < 4096:
                return
            asyncio.get_running_loop().remove_reader(kubectl.output)
            if line.startswith(READY) and self._ready is not None and not self._ready.done():
                self._ready.set_result(line.partition(b"\n")[0].removeprefix(READY).decode(errors="replace"))

    def _read_error(self, kubectl: Kubectl) -> None:
        """Read kubectl's standard error; its end is the end of kubectl."""
        for _ in range(16):  # one that prints without end must not stall the loop
            if self._kubectl is not kubectl:
                break
            try:
                data = os.read(kubectl.error, 4096)
            except BlockingIOError:
                break
            if not data:
                ended, self._ready = self._ready, None
                if ended is not None and not ended.done():
                    if is_kubeconfig(self._output.decode(errors="replace")):
                        self._runs.set()
                    ended.set_exception(self._end_reason())
                self._drop()
                break
            self._output = (self._output + data)[-_OUTPUT:]

    def _end_reason(self) -> ServiceError:
        host = self._jump.destination.host if self._jump is not None else ""
        return describe_exit(self.context, self._output.decode(errors="replace"), host)

    def _drop(self, only: Kubectl | None = None) -> None:
        """End kubectl; only that process where one is given."""
        kubectl = self._kubectl
        if kubectl is None or (only is not None and only is not kubectl):
            return
        self._kubectl, self._up = None, False
        for descriptor in (kubectl.output, kubectl.error):
            asyncio.get_running_loop().remove_reader(descriptor)
        kubectl.close()

    def _unreached(self) -> ServiceError:
        """Return the error of a kubectl that serves, and whose socket does not answer."""
        if self._jump is None:
            return self._end_reason()
        host = self._jump.destination.host
        words = f"{host}: the Unix socket of kubectl there is not reached: see AllowStreamLocalForwarding of its sshd"
        return ServiceError(Reason.TUNNEL, words)

    async def connect(self) -> socket.socket:
        """Return a connection to the API server. Raises ServiceError."""
        for _ in range(2):
            await self.up()
            kubectl = self._kubectl
            try:
                return await unix_stream(self._path)
            except (OSError, EOFError):  # kubectl has ended unnoticed
                self._drop(kubectl)
        raise self._lost()

    async def get(self, path: str) -> Reply:
        """Return the reply to GET of a path. Raises ServiceError where the API server is not reached."""
        for _ in range(2):
            sock = await self.connect()
            kubectl = self._kubectl
            try:
                reply = await get(sock, path)
            except (OSError, EOFError):
                self._drop(kubectl)
                continue
            if reply.status == 401 or reply.status >= 500:
                raise self.fail(reply)
            return reply
        raise self._lost()

    def fail(self, reply: Reply) -> ServiceError:
        """Return the error of a reply that is no answer; after an invalid login, kubectl asks for none by itself."""
        if self._kubectl is not None:
            self._read_error(self._kubectl)
        error = described(self.context, reply, self._output.decode(errors="replace"))
        if "the login at the cluster" in error.message:
            self._backoff.begin(error, permanent=True)
            self._drop()
        return error

    async def _ask(self) -> None:
        """Request the version: whatever the API server replies, it lives."""
        kubectl = self._kubectl
        try:
            await get(await unix_stream(self._path), "/version")
        except ServiceError:
            pass
        except (OSError, EOFError):
            self._drop(kubectl)

    def _lost(self) -> ServiceError:
        return ServiceError(Reason.TUNNEL, f"{self.station}: kubectl has ended")

    def pause(self) -> float:
        """Return the seconds until the next start is allowed, infinite where only the user can fix the cause."""
        return self._backoff.remaining()

    def forget(self) -> None:
        """Forget a failure, so that the next use tries again at once."""
        self._backoff.end()

    async def close(self) -> None:
        """End kubectl for good."""
        self._closed = True
        await self.recovery.close()
        await self.pulse.close()
        await self._starting.cancel()
        self._drop()

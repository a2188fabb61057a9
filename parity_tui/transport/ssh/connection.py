"""One connection of OpenSSH's client: its process, the login that many targets wait for, the streams through it."""

from __future__ import annotations

import asyncio
import itertools
import os
import shlex
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager

from parity_tui.model import Reason, ServiceError
from parity_tui.transport.backoff import Backoff
from parity_tui.transport.pulse import Pulse
from parity_tui.transport.recovery import Recovery
from parity_tui.transport.shared_start import SharedStart
from parity_tui.transport.ssh.client import Destination, arguments, socket_folder, start
from parity_tui.transport.ssh.errors import OPEN_FAILED, describe_exit, describe_refusal
from parity_tui.transport.ssh.hops import parse_hops, proxy_jump
from parity_tui.transport.ssh.mux import Stream, forward_unix_socket, open_stream
from parity_tui.transport.ssh.session import Session, open_session
from parity_tui.transport.ssh.slots import Slots
from parity_tui.transport.supervised import kill_group

LIMIT = 15.0
"""seconds for a login, however long its waiters wait"""

_UNUSED = ("127.0.0.1", 1)
_OUTPUT = 16 * 1024
"""bytes of the client's standard error that are kept"""


class SSHConnection:
    """One connection of OpenSSH's client, made when it is first needed."""

    def __init__(self, destination: Destination, to: Callable[[Destination], SSHConnection]) -> None:
        """Create a connection; nothing is started yet.

        Args:
            destination: the host.
            to: the shared connection to another host, for jumps.
        """
        self.destination = destination
        self._to = to
        self._jump = to(parse_hops(destination.jump)) if destination.jump else None
        self._jump_known = self._jump is not None
        self._backoff = Backoff()
        self._login = SharedStart(self._start, f"ssh {destination.host}")
        self._process: subprocess.Popen[bytes] | None = None
        self._folder = ""
        self._up = False
        self._output = b""
        self._pending_streams = 0
        self._refusals: set[str] = set()
        self._slots = Slots(destination.host)
        self._sockets = itertools.count(1)
        self.recovery = Recovery(self)
        """targets that wait for this connection"""
        self._pulse = Pulse(self._ask, self.recovery.announce)

    @property
    def is_up(self) -> bool:
        """Whether the client is logged in, as far as it knows."""
        return self._up

    @property
    def jump(self) -> SSHConnection | None:
        """The connection to the jump host; that of the user's configuration is known once a login has begun."""
        return self._jump

    async def up(self) -> None:
        """Wait until the client is logged in; a cancelled waiter does not cancel the login of the others.

        Raises ServiceError(Reason.TUNNEL, …).
        """
        if self._up:
            return
        if not self._login.running:
            self._backoff.check()
        await self._login.finished()
        if not self._up:
            raise self._lost()

    async def find_jumps(self, behind: tuple[SSHConnection, ...] = ()) -> None:
        """Find the jump hosts of the user's configuration, so that each is shared and named like those of ours.

        Raises ServiceError(Reason.TUNNEL, …) for a circle.
        """
        if not self._jump_known:
            hops = await proxy_jump(self.destination)
            jump = self._to(parse_hops(hops)) if hops else None
            if jump in (self, *behind):
                raise ServiceError(Reason.TUNNEL, f"{self.destination.host}: its ProxyJump points back to it")
            self._jump, self._jump_known = jump, True
        if self._jump is not None:
            await self._jump.find_jumps((*behind, self))

    async def _start(self) -> None:
        try:
            await self.find_jumps()
            if self.jump is not None:
                await self.jump.up()
            await self._log_in()
        except ServiceError as error:
            self._backoff.begin(error)
            raise
        else:
            self._backoff.end()
            self._up, self._output, self._slots = True, b"", Slots(self.destination.host)
            self.recovery.announce()
        finally:
            if not self._up:
                self._drop()

    async def _log_in(self) -> None:
        """Start the client and wait for its control socket, which exists once it is logged in."""
        process = self._process = self._spawn()
        until = time.monotonic() + LIMIT
        while not os.path.exists(self._control):  # noqa: ASYNC240 - in memory; no event announces the socket
            if self._process is not process:
                raise ServiceError(Reason.TUNNEL, self._exit_reason())
            if time.monotonic() > until:
                raise ServiceError(Reason.TUNNEL, f"{self.destination.host}: no login within {LIMIT:g} s")
            await asyncio.sleep(0.01)

    def _exit_reason(self) -> str:
        output, jump = self._output.decode(errors="replace"), self.jump
        if jump is None:
            return describe_exit(output, self.destination.host)
        jump._read_output()
        return describe_exit(output, self.destination.host, jump.destination.host, jump._refusals)

    def _spawn(self) -> subprocess.Popen[bytes]:
        if self.jump is not None:
            self.jump._refusals = set()
        self._folder, self._output = socket_folder(), b""
        process = start(self._arguments(), self._folder)
        assert process.stderr is not None  # noqa: S101 - it is a pipe
        os.set_blocking(process.stderr.fileno(), False)
        asyncio.get_running_loop().add_reader(process.stderr, self._read_output)
        return process

    @property
    def _control(self) -> str:
        """Path of the control socket."""
        return f"{self._folder}/s"

    def _arguments(self) -> list[str]:
        hop = self.jump._arguments() if self.jump is not None else None
        return arguments(self.destination, self._control, hop)

    def _read_output(self) -> None:
        """Read the client's standard error; its end is the end of the client."""
        process = self._process
        while process is not None and process.stderr is not None:
            try:
                data = os.read(process.stderr.fileno(), 4096)
            except BlockingIOError:
                break
            if not data:
                self._drop()
                break
            self._output = (self._output + data)[-_OUTPUT:]
        if self._up:
            self._refusals |= set(OPEN_FAILED.findall(self._output.decode(errors="replace")))
            self._output = self._output.rpartition(b"\n")[2]

    def _drop(self, only: subprocess.Popen[bytes] | None = None) -> None:
        """Kill the client; only that process where one is given."""
        process = self._process
        if process is None or (only is not None and only is not process):
            return
        self._process, self._up = None, False
        assert process.stdin is not None  # noqa: S101 - both are pipes
        assert process.stderr is not None  # noqa: S101
        asyncio.get_running_loop().remove_reader(process.stderr)
        process.stderr.close()
        kill_group(process.pid)
        process.stdin.close()
        process.wait()  # does not block: the process is killed
        shutil.rmtree(self._folder, ignore_errors=True)

    async def stream(self, host: str, port: int) -> Stream:
        """Return a stream connected to ``host``:``port`` as seen from the far end. Raises ServiceError."""
        for _ in range(2):
            await self.up()
            process = self._process
            try:
                return await self._open_stream(host, port)
            except (ConnectionError, FileNotFoundError, EOFError):  # the client has ended unnoticed
                self._drop(process)
        raise self._lost()

    async def process(self, argv: Sequence[str], seconds: float) -> Session:
        """Start a command at the far end; wait up to ``seconds`` while the host allows no more sessions.

        Raises ServiceError.
        """
        until = time.monotonic() + seconds
        for _ in range(2):
            await self.up()
            process, host = self._process, self.destination.host
            try:
                return await open_session(self._slots, self._control, host, shlex.join(argv), until)
            except (ConnectionError, FileNotFoundError, EOFError):  # the client has ended unnoticed
                self._drop(process)
        raise self._lost()

    async def unix_socket(self, path: str) -> str:
        """Return the path of a private socket here that leads to a Unix socket at the far end. Raises ServiceError."""
        await self.up()
        process, here = self._process, f"{self._folder}/{next(self._sockets)}"
        try:
            if await forward_unix_socket(self._control, here, path):
                return here
        except (ConnectionError, FileNotFoundError, EOFError):  # the client has ended unnoticed
            self._drop(process)
            raise self._lost() from None
        raise ServiceError(Reason.TUNNEL, f"{self.destination.host}: ssh forwards no Unix sockets")

    async def _open_stream(self, host: str, port: int) -> Stream:
        ours, theirs = socket.socketpair()
        stream = Stream(fileno=ours.detach())
        stream.control = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._refusals = self._refusals if self._pending_streams else set()
        self._pending_streams += 1
        try:
            with theirs:
                opened = await open_stream(self._control, stream, theirs, host, port)
            if not opened:
                self._read_output()
                raise describe_refusal(self._refusals, self.destination.host, host, port)
        except BaseException:
            stream.close()
            raise
        finally:
            self._pending_streams -= 1
        return stream

    def waiting(self, wake: Callable[[], None]) -> AbstractContextManager[None]:
        """Call ``wake`` whenever the connection comes up, or answers again, while a block runs."""
        return self.recovery.waiting(wake)

    def arrival(self) -> str:
        """Return how an open connection is told."""
        return f"logged in to {self.destination.host} by ssh"

    def reached(self, address: str) -> str:
        """Return how a stream to an address is told."""
        return f"{address} answers from {self.destination.host}"

    def late(self, seconds: float) -> str:
        """Return which host is not logged in to after ``seconds``."""
        return f"{self.pending_host()}: no login within {seconds:g} s"

    def remark(self) -> str:
        """Return "": refused streams have their own errors."""
        return ""

    def hosts(self) -> list[str]:
        """Return the hosts on the way, this one last."""
        return [*(self.jump.hosts() if self.jump is not None else []), self.destination.host]

    def pending_host(self) -> str:
        """Return the first host on the way that is not logged in to."""
        if self.jump is not None and not self.jump.is_up:
            return self.jump.pending_host()
        return self.destination.host

    def check_pulse(self) -> None:
        """Ask this host, and those before it, for a sign of life; :meth:`silent_host` has the answer."""
        if self.jump is not None:
            self.jump.check_pulse()
        if self._up:
            self._pulse.check()

    def silent_host(self, seconds: float) -> str:
        """Return the first host on the way that has not replied for ``seconds``, "" if all have."""
        before = self.jump.silent_host(seconds) if self.jump is not None else ""
        return before or (self.destination.host if self._pulse.silent(seconds) else "")

    async def _ask(self) -> None:
        """Request a stream to a port that nobody uses: whatever the far end replies, it lives."""
        process = self._process
        try:
            (await self._open_stream(*_UNUSED)).close()
        except ServiceError:
            pass
        except (OSError, EOFError):
            self._drop(process)

    def _lost(self) -> ServiceError:
        return ServiceError(Reason.TUNNEL, f"{self.destination.host}: the ssh connection has ended")

    def pause(self) -> float:
        """Return the seconds until the next login is allowed, infinite where only the user can fix the cause."""
        return self._backoff.remaining()

    def forget(self) -> None:
        """Forget a failed login, so that the next use tries again at once."""
        self._backoff.end()

    async def close(self) -> None:
        """Close the connection."""
        await self.recovery.close()
        await self._pulse.close()
        await self._login.cancel()
        self._drop()

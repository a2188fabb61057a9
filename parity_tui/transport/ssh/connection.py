"""One connection of OpenSSH's client: its process, the login that many wait for, and what goes through."""

from __future__ import annotations

import asyncio
import os
import shlex
import socket
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from parity_tui.model import Reason, ServiceError
from parity_tui.transport.ssh.backoff import Backoff
from parity_tui.transport.ssh.errors import OPEN_FAILED, refusal, words
from parity_tui.transport.ssh.mux import Stream, ask
from parity_tui.transport.supervised import kill_group, supervised

LIMIT = 15.0
"""seconds for a login, whoever waits for it or does not any more"""

_OPTIONS = (
    "BatchMode=yes", "ConnectTimeout=5", "ServerAliveInterval=5", "ServerAliveCountMax=2", "ClearAllForwardings=yes",
    "PermitLocalCommand=no", "RemoteCommand=none", "ForwardAgent=no", "ForwardX11=no", "Tunnel=no",
    "UpdateHostKeys=no", "ControlPersist=no", "LogLevel=INFO",
)  # fmt: skip
_MOST_WORDS = 16 * 1024
"""bytes of what the client has said that are kept"""


class Destination(Struct, frozen=True):
    """Where a line leads."""

    host: str
    """a name, or an alias of the user's configuration"""
    user: str = ""
    port: int = 0
    jump: str = ""
    """the alias of the host by way of which it is reached, "" for none"""


class SSHConnection:
    """One connection of OpenSSH's client, made when it is first needed, and what goes through it."""

    def __init__(self, where: Destination, jump: SSHConnection | None = None) -> None:
        self.where = where
        self.jump = jump
        self._pause = Backoff()
        self._starting: asyncio.Task[None] | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._folder = ""
        self._up = False
        self._said = b""
        self._asking = 0
        self._refusals: set[str] = set()

    async def up(self) -> None:
        """Wait until the line is up; whoever gives up waiting does not end it for the others.

        Raises ServiceError(Reason.TUNNEL, …).
        """
        if self._up:
            return
        if self._starting is None:
            self._pause.check()
            self._starting = asyncio.create_task(self._start(), name=f"ssh {self.where.host}")
            self._starting.add_done_callback(_seen)
        starting = self._starting
        await asyncio.wait((starting,))
        error = None if starting.cancelled() else starting.exception()
        if isinstance(error, ServiceError):
            raise ServiceError(error.reason, error.message)
        if error is not None or not self._up:
            raise error or self._lost()

    async def _start(self) -> None:
        """Log in, or keep why that failed for a while."""
        try:
            if self.jump is not None:
                await self.jump.up()
            await self._login()
        except ServiceError as error:
            self._pause.begin(error)
            raise
        else:
            self._pause.end()
            self._up, self._said = True, b""
        finally:
            self._starting = None
            if not self._up:
                self._drop()

    async def _login(self) -> None:
        """Start the client and wait for its control socket, which is there once it has logged in."""
        process = self._process = self._spawn()
        until = time.monotonic() + LIMIT
        while not os.path.exists(self._control):  # noqa: ASYNC240 - in memory, and nothing tells when it comes
            if self._process is not process:
                raise ServiceError(Reason.TUNNEL, self._last_words())
            if time.monotonic() > until:
                raise ServiceError(Reason.TUNNEL, f"{self.where.host}: no login within {LIMIT:g} s")
            await asyncio.sleep(0.01)

    def _last_words(self) -> str:
        """Return why there is no login, in words."""
        said, host = self._said.decode(errors="replace"), self.where.host
        if self.jump is not None and "Stdio forwarding request failed" in said:
            return f"{host}: {self.jump.where.host} cannot connect to it"
        return words(said, host)

    def _spawn(self) -> subprocess.Popen[bytes]:
        """Start the client; what it says is heard from now on."""
        import shutil
        import tempfile

        if shutil.which("ssh") is None:
            raise ServiceError(Reason.TUNNEL, "the command ssh is not installed here")
        temporary = tempfile.gettempdir()  # the name of a socket may have 104 bytes
        self._folder = tempfile.mkdtemp(prefix="parity-ssh-", dir=temporary if len(temporary) < 60 else "/tmp")  # noqa: S108
        self._said = b""
        argv = ["ssh", "-N", "-n", "-o", "ControlMaster=yes", *self._arguments()]
        process = subprocess.Popen(  # noqa: S603 - the configuration names the host, checked to be no option
            supervised(argv, folder=self._folder),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            bufsize=0,
            start_new_session=True,
            env=quiet(os.environ),
        )
        assert process.stderr is not None  # noqa: S101 - it is a pipe
        os.set_blocking(process.stderr.fileno(), False)
        asyncio.get_running_loop().add_reader(process.stderr, self._hear)
        return process

    @property
    def _control(self) -> str:
        """The name of the control socket."""
        return f"{self._folder}/s"

    def _arguments(self) -> list[str]:
        """Return what every use of the client has in common, up to the name of the host."""
        where = self.where
        options = ["-T", "-o", f"ControlPath={self._control.replace('%', '%%')}"]
        options += [word for option in _OPTIONS for word in ("-o", option)]
        options += ["-l", where.user] if where.user else []
        options += ["-p", str(where.port)] if where.port else []
        if self.jump is not None:
            hop = shlex.join(self.jump._arguments()).replace("%", "%%")
            options += ["-o", f"ProxyCommand=ssh -o ControlMaster=no -W '[%h]:%p' {hop}"]
        return [*options, "--", where.host]

    def command(self, remote: str) -> list[str]:
        """Return the command that runs a command of the far end on this line, which must be up."""
        return ["ssh", "-o", "ControlMaster=no", *self._arguments(), remote]

    def _hear(self) -> None:
        """Take what the client says on its standard error; the end of that is the end of the client."""
        process = self._process
        while process is not None and process.stderr is not None:
            try:
                data = os.read(process.stderr.fileno(), 4096)
            except BlockingIOError:
                break
            if not data:
                self._drop()
                break
            self._said = (self._said + data)[-_MOST_WORDS:]
        if self._up:
            self._refusals |= set(OPEN_FAILED.findall(self._said.decode(errors="replace")))
            self._said = self._said.rpartition(b"\n")[2]

    def _drop(self, only: subprocess.Popen[bytes] | None = None) -> None:
        """End the client, if it is that one where one is named."""
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
        process.wait()  # it is killed: this takes no time
        for path in (Path(self._control), Path(self._folder)):
            with suppress(OSError):
                path.rmdir() if path.is_dir() else path.unlink()

    async def stream(self, host: str, port: int) -> Stream:
        """Return a stream that is connected to ``host``:``port`` as seen from the far end.

        Raises ServiceError.
        """
        for _ in range(2):
            await self.up()
            process = self._process
            try:
                return await self._ask(host, port)
            except (ConnectionError, FileNotFoundError, EOFError):  # it has ended, and nobody had heard of it yet
                self._drop(process)
        raise self._lost()

    async def _ask(self, host: str, port: int) -> Stream:
        """Ask the client for a connection and wait for its answer."""
        ours, theirs = socket.socketpair()
        stream = Stream(fileno=ours.detach())
        stream.control = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._refusals = self._refusals if self._asking else set()
        self._asking += 1
        try:
            with theirs:
                opened = await ask(self._control, stream, theirs, host, port)
            if not opened:
                self._hear()
                raise refusal(self._refusals, self.where.host, host, port)
        except BaseException:
            stream.close()
            raise
        finally:
            self._asking -= 1
        return stream

    def _lost(self) -> ServiceError:
        """Return the words for a line that was up."""
        return ServiceError(Reason.TUNNEL, f"{self.where.host}: the connection of ssh has ended")

    def forget(self) -> None:
        """Try again at once what was given up for a while."""
        self._pause.end()

    async def close(self) -> None:
        """End the client."""
        starting = self._starting
        if starting is not None:
            starting.cancel()
            await asyncio.wait((starting,))
        self._drop()


def quiet(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the variables for a client that is to ask nobody, and to bring nothing of ours to the far end.

    >>> quiet({"HOME": "/home/ann", "DISPLAY": ":0", "LC_TIME": "de_AT.UTF-8"})
    {'HOME': '/home/ann', 'SSH_ASKPASS_REQUIRE': 'never'}
    """
    mine = {name: value for name, value in environ.items() if not name.startswith(("LC_", "LANG"))}
    for name in ("DISPLAY", "SSH_ASKPASS"):
        mine.pop(name, None)
    return {**mine, "SSH_ASKPASS_REQUIRE": "never"}


def _seen(task: asyncio.Task[None]) -> None:
    """Take notice of how a login ended, where all who waited have given up."""
    if not task.cancelled():
        task.exception()

"""OpenSSH's own client as the way through another host, so that the user's configuration, keys and agent count.

A :class:`Line` is one kept connection of it. What goes through is asked for at the client's control socket, as
`ssh -W` asks a client that shares its connection (PROTOCOL.mux of OpenSSH): there is no local port which others on
this machine could use, names are looked up at the far end, and a refusal there is heard of.
"""

from __future__ import annotations

import asyncio
import os
import re
import shlex
import socket
import struct
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from msgspec import Struct

from parity_tui.model import ServiceError
from parity_tui.reach.child import end, leashed

LIMIT = 15.0
"""seconds for a login, whoever waits for it or does not any more"""

_OPTIONS = (
    "BatchMode=yes", "ConnectTimeout=5", "ServerAliveInterval=5", "ServerAliveCountMax=2", "ClearAllForwardings=yes",
    "PermitLocalCommand=no", "RemoteCommand=none", "ForwardAgent=no", "ForwardX11=no", "Tunnel=no",
    "UpdateHostKeys=no", "ControlPersist=no", "LogLevel=INFO",
)  # fmt: skip
_LONGEST_PAUSE = 15.0
_MOST_WORDS = 16 * 1024
"""bytes of what the client has said that are kept"""

_HELLO, _STREAM, _OPENED = 0x00000001, 0x10000008, 0x80000006
_REFUSED = (0x80000002, 0x80000003)
_VERSION = 4


class Destination(Struct, frozen=True):
    """Where a line leads."""

    host: str
    """a name, or an alias of the user's configuration"""
    user: str = ""
    port: int = 0
    jump: str = ""
    """the alias of the host by way of which it is reached, "" for none"""


class Stream(socket.socket):
    """One connection through a line: a socket like any other. Closing it tells the client at once."""

    control: socket.socket
    """held for as long as the connection is wanted"""

    def setsockopt(self, level: int, *option: Any) -> None:
        """Set what drivers like to set, but for TCP's own: this is a pipe to the client."""
        if level != socket.IPPROTO_TCP:
            super().setsockopt(level, *option)

    def dup(self) -> Self:
        """Return a second one, as wanted as the first."""
        other = super().dup()
        other.control = self.control.dup()
        return other

    def close(self) -> None:
        """Close both."""
        super().close()
        self.control.close()


class Line:
    """One connection of OpenSSH's client, made when it is first needed, and what goes through it."""

    def __init__(self, where: Destination, jump: Line | None = None) -> None:
        self.where = where
        self.jump = jump
        self._pause = _Pause()
        self._starting: asyncio.Task[None] | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._folder = ""
        self._up = False
        self._said = b""
        self._asking = 0
        self._refusals: set[str] = set()

    async def up(self) -> None:
        """Wait until the line is up; whoever gives up waiting does not end it for the others.

        Raises ServiceError("tunnel", …).
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
                raise ServiceError("tunnel", self._last_words())
            if time.monotonic() > until:
                raise ServiceError("tunnel", f"{self.where.host}: no login within {LIMIT:g} s")
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
            raise ServiceError("tunnel", "the command ssh is not installed here")
        temporary = tempfile.gettempdir()  # the name of a socket may have 104 bytes
        self._folder = tempfile.mkdtemp(prefix="parity-ssh-", dir=temporary if len(temporary) < 60 else "/tmp")  # noqa: S108
        self._said = b""
        argv = ["ssh", "-N", "-n", "-o", "ControlMaster=yes", *self._arguments()]
        process = subprocess.Popen(  # noqa: S603 - the configuration names the host, checked to be no option
            leashed(argv, folder=self._folder),
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
            self._refusals |= set(_OPEN_FAILED.findall(self._said.decode(errors="replace")))
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
        end(process.pid)
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
                opened = await self._request(stream, theirs, host, port)
            if not opened:
                self._hear()
                raise refusal(self._refusals, self.where.host, host, port)
        except BaseException:
            stream.close()
            raise
        finally:
            self._asking -= 1
        return stream

    async def _request(self, stream: Stream, theirs: socket.socket, host: str, port: int) -> bool:
        """Send the client the other end of a stream, and tell whether it could connect that."""
        loop, control = asyncio.get_running_loop(), stream.control
        stream.setblocking(False)
        control.setblocking(False)
        await loop.sock_connect(control, self._control)
        name = host.encode() if host.isascii() else host.encode("idna")
        request = struct.pack(">IIII", _STREAM, 0, 0, len(name)) + name + struct.pack(">I", port)
        await loop.sock_sendall(control, _packed(struct.pack(">II", _HELLO, _VERSION)) + _packed(request))
        for _ in ("what it reads", "what it writes"):
            socket.send_fds(control, [b"\0"], [theirs.fileno()])
        while True:
            kind = await _answer(control)
            if kind == _OPENED or kind in _REFUSED:
                return kind == _OPENED

    def _lost(self) -> ServiceError:
        """Return the words for a line that was up."""
        return ServiceError("tunnel", f"{self.where.host}: the connection of ssh has ended")

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


class _Pause:
    """Why a login failed, and for how long it is not tried again: each of many targets asks for it."""

    def __init__(self) -> None:
        self._error: ServiceError | None = None
        self._until = 0.0
        self._failures = 0

    def begin(self, error: ServiceError) -> None:
        """Keep a failure: longer each time, and where only a person can help until one asks."""
        self._error = error
        self._failures += 1
        asked = any(sign in error.message for sign in ("Permission denied", "host key", "Too many authentication"))
        pause = float("inf") if asked else min(_LONGEST_PAUSE, 0.25 * 2 ** min(self._failures, 10))
        self._until = time.monotonic() + pause

    def end(self) -> None:
        """Forget it."""
        self._error, self._failures = None, 0

    def check(self) -> None:
        """Raise what is kept."""
        if self._error is not None and time.monotonic() < self._until:
            raise ServiceError(self._error.reason, self._error.message)


class Lines:
    """The lines of a process, one for each place, whoever uses them."""

    def __init__(self) -> None:
        self._lines: dict[Destination, Line] = {}

    def to(self, where: Destination) -> Line:
        """Return the line that leads there."""
        if where not in self._lines:
            jump = self.to(Destination(where.jump)) if where.jump else None
            self._lines[where] = Line(where, jump)
        return self._lines[where]

    def forget(self) -> None:
        """Try again at once what was given up for a while: a person asks for it."""
        for line in self._lines.values():
            line.forget()

    async def close(self) -> None:
        """End all of them."""
        for line in self._lines.values():
            await line.close()


def quiet(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the variables for a client that is to ask nobody, and to bring nothing of ours to the far end.

    >>> quiet({"HOME": "/home/ann", "DISPLAY": ":0", "LC_TIME": "de_AT.UTF-8"})
    {'HOME': '/home/ann', 'SSH_ASKPASS_REQUIRE': 'never'}
    """
    mine = {name: value for name, value in environ.items() if not name.startswith(("LC_", "LANG"))}
    for name in ("DISPLAY", "SSH_ASKPASS"):
        mine.pop(name, None)
    return {**mine, "SSH_ASKPASS_REQUIRE": "never"}


_OPEN_FAILED = re.compile(r"channel \d+: open failed: ([^\r\n]+)\r?\n")
_NOISE = re.compile(
    r"kex_exchange_identification: |banner exchange|Connection (closed|reset) by UNKNOWN|stdio forwarding failed|"
    r"[^ ]+: terminating, |Warning: |debug\d: |mux_client_|@@|Please contact your system administrator|Permission "
    r"denied, please try again"
)
_UNKNOWN_NAME = re.compile(r"not known|name resolution|No address associated|nor servname")


def words(said: str, host: str) -> str:
    r"""Return what the client has said last, in a sentence: without what follows from it alone.

    >>> words("root@10.0.0.1: Permission denied (publickey).\r\nConnection closed by UNKNOWN port 65535\r\n", "bastion")
    'bastion: Permission denied (publickey); `ssh bastion` in a terminal may help'
    >>> words("ssh: connect to host 10.0.0.1 port 22: Connection refused\r\n", "bastion")
    'bastion: connect to host 10.0.0.1 port 22: Connection refused'
    >>> words("", "bastion")
    'bastion: ssh has ended without a word'
    """
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    if "REMOTE HOST IDENTIFICATION HAS CHANGED" in said:
        return f"{host}: the host key has changed: somebody may be in between; `ssh {host}` in a terminal says more"
    if "Host key verification failed" in said:
        return f"{host}: the host key is not known here; run `ssh {host}` in a terminal once and accept it"
    telling = [line for line in lines if not _NOISE.match(line)] or lines
    if not telling:
        return f"{host}: ssh has ended without a word"
    last = re.sub(r"^(ssh|channel \d+: open failed): ", "", telling[-1]).rstrip(".")[:300]
    if "Permission denied" in last:
        last = last[last.index("Permission denied") :]
        return f"{host}: {last}; `ssh {host}` in a terminal may help"
    return f"{host}: {last}"


def refusal(why: set[str], by: str, host: str, port: int) -> ServiceError:
    """Return why the far end could not connect: certain only where nothing else was refused at the same time.

    >>> refusal({"connect failed: Connection refused"}, "bastion", "db", 5432).message
    'db:5432 refused the connection of bastion'
    >>> refusal({"connect failed: Name or service not known"}, "bastion", "db", 5432).message
    'the name db is not known at bastion'
    """
    where = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    text = next(iter(why)).removeprefix("connect failed: ") if len(why) == 1 else ""
    if text == "Connection refused":
        return ServiceError("refused", f"{where} refused the connection of {by}")
    if _UNKNOWN_NAME.search(text):
        return ServiceError("dns", f"the name {host} is not known at {by}")
    if text.startswith("administratively prohibited"):
        return ServiceError("tunnel", f"{by} forbids connections to {where} (AllowTcpForwarding, PermitOpen)")
    if "timed out" in text:
        return ServiceError("timeout", f"no answer from {where} to {by}")
    return ServiceError("tunnel", f"{by} cannot connect to {where}" + (f": {text[:200]}" if text else ""))


def _seen(task: asyncio.Task[None]) -> None:
    """Take notice of how a login ended, where all who waited have given up."""
    if not task.cancelled():
        task.exception()


def _packed(payload: bytes) -> bytes:
    """Return a message to a control socket."""
    return struct.pack(">I", len(payload)) + payload


async def _answer(control: socket.socket) -> int:
    """Return the kind of the next message from a control socket."""
    size = struct.unpack(">I", await _exactly(control, 4))[0]
    message = await _exactly(control, min(size, 65536))
    return int.from_bytes(message[:4], "big")


async def _exactly(control: socket.socket, size: int) -> bytes:
    """Return so many bytes of a socket. Raises EOFError where it ends before."""
    loop, data = asyncio.get_running_loop(), b""
    while len(data) < size:
        more = await loop.sock_recv(control, size - len(data))
        if not more:
            raise EOFError
        data += more
    return data

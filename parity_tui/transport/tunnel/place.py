"""Where a tunnel program listens: at a socket in a private folder, or at a port of this machine."""

from __future__ import annotations

import asyncio
import os
import socket
import tempfile
import time
from contextlib import suppress
from typing import Any

from parity_tui.transport.threads import in_thread
from parity_tui.transport.tunnel import listener
from parity_tui.transport.tunnel.program import Program

_FRESH = 2.0
"""seconds in which the connection that showed the program to accept is used"""

_ports: set[int] = set()
"""that our programs are to listen at"""


class Stream(socket.socket):
    """A socket of this machine; options of TCP are ignored where it is a Unix socket."""

    def setsockopt(self, level: int, *option: Any) -> None:
        """Set an option of a socket."""
        if level != socket.IPPROTO_TCP or self.family != socket.AF_UNIX:
            super().setsockopt(level, *option)


class Place:
    """A socket or a port that one program is to open."""

    def __init__(self, is_private: bool) -> None:
        """Choose a socket that only this user can reach, or else a free port of 127.0.0.1."""
        self.folder = _private_folder() if is_private else ""
        """private folder of the socket, "" for a port"""
        self.taken_by = ""
        """the stranger that listens there, "" for none"""
        self._port = 0 if is_private else _free_port()
        self._address = "127.0.0.1"
        self._trusted: set[listener.Listener] = set()
        self._strangers: set[listener.Listener] = set()
        self._first: tuple[float, Stream] | None = None

    @property
    def values(self) -> dict[str, str]:
        """The placeholder that stands for this place, with its value."""
        return {"socket": self._path} if self.folder else {"port": str(self._port)}

    @property
    def _path(self) -> str:
        return f"{self.folder}/s"

    def __str__(self) -> str:
        return self._path if self.folder else f"127.0.0.1:{self._port}"

    async def is_open(self, program: Program) -> bool:
        """Return whether the program accepts connections there; a stranger does not count, where one can be told.

        Connections that are opened and closed at once disturb some servers: where the kernel's tables do not tell,
        the first connection is kept for its first user.
        """
        if not self.folder and listener.readable():
            return await in_thread(self._is_trusted, program)  # hosts with many processes and connections take long
        with suppress(OSError):
            self._first = (time.monotonic(), await self._open())
            return True
        return False

    def _is_trusted(self, program: Program) -> bool:
        """Look who listens; return whether there is an address at which the program does, and no other."""
        present = listener.listeners(self._port)
        self._trusted = {each for each in present if listener.belongs(each, program.group, program.cookie)}
        strangers = [each for each in present if each not in self._trusted]
        unsafe = {address for each in strangers for address in each.addresses}
        safe = [address for each in present if each in self._trusted for address in each.addresses]
        for address in safe:
            if address not in unsafe:
                self._address = address
                return True
        # A program that has just ended no longer shows its sockets, and is soon known to be over.
        if self._strangers.intersection(strangers):
            self.taken_by = f"another program of the user {listener.user_name(strangers[0].user)}"
        self._strangers = set(strangers)
        return False

    async def connect(self, program: Program) -> Stream:
        """Return a socket connected to the program. Raises OSError."""
        if self._first is not None:
            (since, stream), self._first = self._first, None
            if time.monotonic() - since < _FRESH:
                return stream
            stream.close()
        program.mark()
        stream = await self._open()
        try:
            trusted = not self._trusted or await in_thread(self._is_still_trusted, program)
        except BaseException:
            stream.close()
            raise
        if trusted:
            return stream
        stream.close()  # the program had ended, and a stranger taken its port before we connected
        raise ConnectionRefusedError

    def _is_still_trusted(self, program: Program) -> bool:
        return self._trusted.issuperset(listener.listeners(self._port)) or self._is_trusted(program)

    async def _open(self) -> Stream:
        family = socket.AF_UNIX if self.folder else socket.AF_INET6 if ":" in self._address else socket.AF_INET
        stream = Stream(family, socket.SOCK_STREAM)
        stream.setblocking(False)
        address = self._path if self.folder else (self._address, self._port)
        try:
            await asyncio.get_running_loop().sock_connect(stream, address)
        except BaseException:
            stream.close()
            raise
        return stream

    def close(self) -> None:
        """Give the place up; its program is over, or never started."""
        _ports.discard(self._port)
        if self._first is not None:
            self._first[1].close()
            self._first = None
        if self.folder:
            with suppress(OSError):
                os.rmdir(self.folder)


def _private_folder() -> str:
    """Make a folder that only this user can enter; the path of a socket in it may have 104 bytes."""
    temporary = tempfile.gettempdir()
    return tempfile.mkdtemp(prefix="parity-tunnel-", dir=temporary if len(temporary) < 60 else "/tmp")  # noqa: S108


def _free_port() -> int:
    """Return a port of 127.0.0.1 that is free at this moment, and not promised to another program of ours."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port: int = probe.getsockname()[1]
        if port not in _ports:
            _ports.add(port)
            return port

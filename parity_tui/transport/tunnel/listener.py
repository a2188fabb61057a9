"""Who listens at a port of this machine: on Linux the kernel's tables say so, elsewhere only a connection would."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

_IPV4, _IPV6 = "127.0.0.1", "::1"
_TABLES: dict[str, dict[str, tuple[str, ...]]] = {
    "/proc/net/tcp": {"0100007F": (_IPV4,), "00000000": (_IPV4,)},
    "/proc/net/tcp6": {
        "0" * 32: (_IPV4, _IPV6),
        "0000000000000000FFFF00000100007F": (_IPV4,),
        "00000000000000000000000001000000": (_IPV6,),
    },
}
"""table -> local address as it is written there -> addresses that may connect to it"""
_LISTENING = "0A"


class Listener(Struct, frozen=True):
    """A socket that accepts connections at a port."""

    addresses: tuple[str, ...]
    """that may connect to it"""
    user: int
    inode: str


def readable() -> bool:
    """Return whether this machine tells who listens."""
    return sys.byteorder == "little" and os.access("/proc/net/tcp", os.R_OK)


def listeners(port: int) -> list[Listener]:
    """Return the sockets of this machine that a connection to its own ``port`` may lead to, those of IPv4 first."""
    return [each for table, addresses in _TABLES.items() for each in _listeners(table, addresses, f":{port:04X}")]


def _listeners(table: str, addresses: dict[str, tuple[str, ...]], suffix: str) -> Iterator[Listener]:
    try:
        text = Path(table).read_text("ascii")
    except OSError:
        return
    for line in text.splitlines():
        if suffix not in line:
            continue
        columns = line.split()
        host = columns[1].removesuffix(suffix)
        if columns[1].endswith(suffix) and columns[3] == _LISTENING and host in addresses:
            yield Listener(addresses[host], int(columns[7]), columns[9])


def belongs(listener: Listener, leader: int, cookie: str) -> bool:
    """Return whether a socket is one of a program's.

    Where the files of one of its processes cannot be read, the user decides.

    Args:
        listener: the socket.
        leader: its process group.
        cookie: variable that all its processes have, in sessions of their own too: "NAME=value".
    """
    unreadable = False
    for process in _processes(leader, cookie):
        try:
            descriptors = list((process / "fd").iterdir())
        except OSError:
            unreadable = True
            continue
        for descriptor in descriptors:
            with suppress(OSError):
                if os.readlink(descriptor) == f"socket:[{listener.inode}]":
                    return True
    return unreadable and listener.user == os.geteuid()


def _processes(leader: int, cookie: str) -> Iterator[Path]:
    """Yield the folders of the processes of a program."""
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            with suppress(OSError):
                fields = (process / "stat").read_text(errors="replace").rpartition(")")[2].split()
                if int(fields[2]) == leader or _has(process, cookie):
                    yield process


def kill_marked(cookie: str) -> None:
    """Kill the processes of a program whose supervising shell was killed."""
    if os.path.isdir("/proc/self"):
        for process in _processes(-1, cookie):
            with suppress(OSError):
                os.kill(int(process.name), signal.SIGKILL)


def _has(process: Path, cookie: str) -> bool:
    with suppress(OSError):
        return cookie.encode() in (process / "environ").read_bytes().split(b"\0")
    return False


def user_name(user: int) -> str:
    """Return the name of a user of this machine."""
    import pwd  # here: only a taken port needs it

    with suppress(KeyError):
        return pwd.getpwuid(user).pw_name
    return str(user)

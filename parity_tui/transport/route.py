"""The way to a target that no plain connection reaches."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Protocol, TypeAlias, runtime_checkable

from parity_tui.transport.commands import Process


class Route(Protocol):
    """A way through something that has to come up first: a login at a host, a proxy, a tunnel.

    One route serves many targets. Every failure of the route itself is ServiceError(Reason.TUNNEL, "HOST: …"), with
    HOST a member of :meth:`hosts`.
    """

    async def up(self) -> None:
        """Wait until the route is up; a cancelled waiter does not cancel it for others. Raises ServiceError."""

    async def stream(self, host: str, port: int) -> socket.socket:
        """Return a socket that leads to ``host``:``port``, as seen from the far end. Raises ServiceError."""

    async def process(self, argv: Sequence[str], seconds: float) -> Process:
        """Start a command at the far end, within ``seconds``. Raises ServiceError."""

    def arrival(self) -> str:
        """Return how an open route is told in doctor: "logged in to bastion by ssh"."""

    def reached(self, address: str) -> str:
        """Return how a stream to an address is told in doctor: "db:5432 answers from bastion"."""

    def late(self, seconds: float) -> str:
        """Return why the route is not up after ``seconds``: "bastion: no login within 3 s"."""

    def remark(self) -> str:
        """Return a clue of the route why a stream through it failed, "" for none."""

    def hosts(self) -> list[str]:
        """Return the names of the stations on the way, the last one last."""

    def pending_host(self) -> str:
        """Return the first station on the way that is not up."""

    def check_pulse(self) -> None:
        """Ask every station for a sign of life; :meth:`silent_host` has the answer."""

    def silent_host(self, seconds: float) -> str:
        """Return the first station that has not replied for ``seconds``, "" if all have."""

    def waiting(self, wake: Callable[[], None]) -> AbstractContextManager[None]:
        """Call ``wake`` whenever the route comes up, or answers again, while a block runs."""

    def forget(self) -> None:
        """Forget a failure, so that the next use tries again at once."""

    async def close(self) -> None:
        """Close the route, and end its programs on this machine."""


class Step(Protocol):
    """A step on the way, as doctor shows it."""

    words: str
    """how it went, "" until it has succeeded"""


Steps: TypeAlias = Callable[[str], AbstractContextManager[Step]]
"""name of a step -> the block that is this step"""


@runtime_checkable
class Staged(Protocol):
    """A route with steps of its own: it knows best which of them fails."""

    async def come_up(self, step: Steps) -> None:
        """Wait until the route is up, each stage as a step. Raises ServiceError."""

    async def find(self, host: str, step: Steps) -> None:
        """Find out what a host leads to, each stage as a step. Raises ServiceError."""

"""A command at the far end of an SSH connection."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable
from contextlib import suppress

from parity_tui.model import Reason, ServiceError
from parity_tui.transport.ssh.mux import answers, exit_code, request_session
from parity_tui.transport.ssh.slots import Slots


class Session:
    """A command in a session of its own; see the protocol Process of :mod:`parity_tui.transport.commands`."""

    def __init__(self, client: str, host: str) -> None:
        """Prepare a session.

        Args:
            client: path of the control socket of the client.
            host: its name in messages.
        """
        self._client, self._host = client, host
        self._control = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        theirs, self.input = os.pipe()
        self.output, out = os.pipe()
        self.error, error = os.pipe()
        self._theirs: tuple[int, ...] = (theirs, out, error)
        self._ended: int | ServiceError | None = None
        self._closed = False
        self.on_end: Callable[[], None] | None = None
        """called once, when the session no longer counts at the host"""
        for descriptor in (self.input, self.output, self.error):
            os.set_blocking(descriptor, False)

    async def open(self, command: str) -> bool:
        """Start the command and return whether the host allowed it. Raises OSError, EOFError."""
        try:
            return await request_session(self._client, self._control, command, self._theirs)
        finally:
            for descriptor in self._theirs:
                os.close(descriptor)
            self._theirs = ()

    async def ended(self) -> int:
        """Wait for the end and return the exit code.

        Raises ServiceError(Reason.TUNNEL, …) where the line is lost.
        """
        if self._ended is None:
            code = await exit_code(self._control)
            if code is not None:
                self._ended = code
            elif await answers(self._client):  # the client is well, and reports no code of a killed command
                self._ended = -9
            else:
                self._ended = ServiceError(Reason.TUNNEL, f"{self._host}: the ssh connection has ended")
            self._release()
        if isinstance(self._ended, ServiceError):
            raise ServiceError(self._ended.reason, self._ended.message)
        return self._ended

    def _release(self) -> None:
        on_end, self.on_end = self.on_end, None
        if on_end is not None:
            on_end()

    def let_go(self) -> None:
        """Close the standard input, which ends a script on a leash."""
        if self.input >= 0:
            os.close(self.input)
            self.input = -1

    def close(self) -> None:
        """Forget the session; the client closes it at the far end."""
        if self._closed:
            return
        self._closed = True
        self.let_go()
        for descriptor in (self.output, self.error, *self._theirs):
            with suppress(OSError):
                os.close(descriptor)
        self._theirs = ()
        self._control.close()
        self._release()


async def open_session(slots: Slots, client: str, host: str, command: str, until: float) -> Session:
    """Start a command as soon as the host allows one more session.

    Args:
        slots: the sessions of the connection.
        client: path of the control socket of the client.
        host: its name in messages.
        command: for the shell of the user.
        until: when to give up, by the monotonic clock.

    Raises ServiceError where the host allows no more sessions, OSError or EOFError where the client has ended.
    """
    while True:
        await slots.acquire(until - time.monotonic())
        session = Session(client, host)
        try:
            opened = await session.open(command)
        except BaseException:
            session.close()
            slots.release(confirmed=False)
            raise
        if opened:
            slots.confirm()
            session.on_end = slots.release
            return session
        session.close()
        slots.refuse()

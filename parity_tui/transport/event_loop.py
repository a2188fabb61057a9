"""An event loop whose name look-ups and threads never delay the exit of the program."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Coroutine
from typing import Any, TypeVar

from parity_tui.transport.threads import in_thread

T = TypeVar("T")

_PATIENCE = 0.5
"""seconds that cancelled tasks have at exit"""


class EventLoop(asyncio.SelectorEventLoop):
    """The standard event loop; every name is looked up in a daemon thread of its own."""

    async def getaddrinfo(  # type: ignore[override]
        self,
        host: str | bytes | None,
        port: str | int | None,
        *,
        family: int = 0,
        type: int = 0,  # noqa: A002 - asyncio's name
        proto: int = 0,
        flags: int = 0,
    ) -> list[Any]:
        """Look a name up; arguments and result are those of socket.getaddrinfo."""
        return await in_thread(_look_up, host, port, family, type, proto, flags)


def _look_up(*arguments: Any) -> list[Any]:
    """Look a name up; without a file to open, every name would be unknown. Raises OSError, gaierror."""
    try:
        return socket.getaddrinfo(*arguments)
    except socket.gaierror:
        for one in socket.socketpair():
            one.close()
        raise


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run ``main`` to its end on an :class:`EventLoop`; tasks that drivers leave behind get half a second."""
    runner = asyncio.Runner(loop_factory=EventLoop)
    loop = runner.get_loop()
    try:
        return runner.run(main)
    except KeyboardInterrupt:
        loop.set_exception_handler(lambda loop, context: None)  # futures that drivers leave behind half done
        raise
    finally:
        (runner if _cancel_tasks(loop) else loop).close()


def _cancel_tasks(loop: asyncio.AbstractEventLoop) -> bool:
    """Cancel all tasks and return whether they have ended; the runner alone would wait without a limit."""
    running = asyncio.all_tasks(loop)
    leaving = {task for task in running if task.cancelling()}
    if leaving:  # they may be taking leave of servers, which another cancellation would break off
        loop.run_until_complete(asyncio.wait(leaving, timeout=_PATIENCE))
        running = asyncio.all_tasks(loop)
    for task in running:
        task.cancel()
    if running:
        _, running = loop.run_until_complete(asyncio.wait(running, timeout=_PATIENCE))
    if running:
        loop.set_exception_handler(lambda loop, context: None)  # silences "Task was destroyed but it is pending"
    return not running

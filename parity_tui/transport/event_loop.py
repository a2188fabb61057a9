"""An event loop whose name look-ups and threads never delay the exit of the program."""

from __future__ import annotations

import asyncio
import contextvars
import socket
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, TypeVar

T = TypeVar("T")

_LARGE = 100_000
"""bytes of input that take some milliseconds; servers send about 20,000 to 60,000"""

_PATIENCE = 0.5
"""seconds that cancelled tasks have at exit"""


async def in_thread(call: Callable[..., T], *arguments: Any) -> T:
    """Run a blocking ``call`` in a daemon thread of its own and return its result.

    Not asyncio.to_thread: its executor has few threads and is joined at exit, so that one name server or file
    system that hangs would block the other targets and the exit.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()
    context = contextvars.copy_context()

    def settle(result: T | None, error: BaseException | None) -> None:
        if future.done():
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)  # type: ignore[arg-type]

    def work() -> None:
        result, error = None, None
        try:
            result = context.run(call, *arguments)
        except BaseException as caught:
            error = caught
        with suppress(RuntimeError):  # the loop is closed
            loop.call_soon_threadsafe(settle, result, error)

    threading.Thread(target=work, daemon=True).start()
    return await future


async def in_thread_if_large(size: int, call: Callable[..., T], *arguments: Any) -> T:
    """Return the result of ``call``, computed in a thread where its input has so many bytes that the loop would stall.

    An ordinary reading is computed at once: a thread of its own would cost more than it saves.
    """
    return call(*arguments) if size <= _LARGE else await in_thread(call, *arguments)


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
    for task in running:
        task.cancel()
    if running:
        _, running = loop.run_until_complete(asyncio.wait(running, timeout=_PATIENCE))
    if running:
        loop.set_exception_handler(lambda loop, context: None)  # silences "Task was destroyed but it is pending"
    return not running

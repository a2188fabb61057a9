"""An event loop whose name look-ups and threads never delay the end of the program."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, TypeVar

T = TypeVar("T")

_PATIENCE = 0.5
"""seconds for tasks that are cancelled at the end"""


async def in_thread(call: Callable[..., T], *arguments: Any) -> T:
    """Run a blocking ``call`` in a daemon thread of its own and return what it returns.

    Not asyncio.to_thread: its executor has few threads and is waited for at exit, so that one name server
    or file system that hangs would hold up the other targets and the end of the program.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

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
            result = call(*arguments)
        except BaseException as caught:
            error = caught
        with suppress(RuntimeError):  # the loop is gone: nobody waits any more
            loop.call_soon_threadsafe(settle, result, error)

    threading.Thread(target=work, daemon=True).start()
    return await future


class EventLoop(asyncio.SelectorEventLoop):
    """The standard loop, but every name is looked up in a daemon thread of its own."""

    async def getaddrinfo(  # type: ignore[override]
        self,
        host: str | bytes | None,
        port: str | int | None,
        *,
        family: int = 0,
        type: int = 0,  # noqa: A002 - the name asyncio calls it by
        proto: int = 0,
        flags: int = 0,
    ) -> list[Any]:
        """Return what socket.getaddrinfo returns."""
        return await in_thread(socket.getaddrinfo, host, port, family, type, proto, flags)


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run ``main`` to its end on a :class:`EventLoop`; what a driver leaves behind is not waited for beyond a moment."""
    runner = asyncio.Runner(loop_factory=EventLoop)
    loop = runner.get_loop()
    try:
        return runner.run(main)
    finally:
        (runner if _emptied(loop) else loop).close()


def _emptied(loop: asyncio.AbstractEventLoop) -> bool:
    """Cancel what is left, and tell whether all of it has ended: the runner alone would wait for ever."""
    left = asyncio.all_tasks(loop)
    for task in left:
        task.cancel()
    if left:
        _, left = loop.run_until_complete(asyncio.wait(left, timeout=_PATIENCE))
    if left:
        loop.set_exception_handler(_nothing)  # that a task was destroyed is no news
    return not left


def _nothing(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Say nothing."""

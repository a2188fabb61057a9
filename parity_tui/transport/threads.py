"""Calls in threads that never delay the exit of the program."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    import asyncio

T = TypeVar("T")

_LARGE = 100_000
"""bytes of input that take some milliseconds; servers send about 20,000 to 60,000"""


async def in_thread(call: Callable[..., T], *arguments: Any) -> T:
    """Run a blocking ``call`` in a daemon thread of its own and return its result.

    Not asyncio.to_thread: its executor has few threads and is joined at exit, so that one name server or file
    system that hangs would block the other targets and the exit.
    """
    import asyncio  # here: a kind that is imported needs no event loop yet

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

"""The demo beside a program that has the main thread and an event loop of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager

from parity_tui.demo.demo import Demo


@contextmanager
def running(demo: Demo) -> Iterator[Demo]:
    """Start the demo in a thread, keep it changing, and end it on the way out. Raises what its start raises."""
    loops: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = Future()

    async def play() -> None:
        enough = asyncio.Event()
        async with demo:
            loops.set_result((asyncio.get_running_loop(), enough))
            moving = asyncio.create_task(demo.live())
            await enough.wait()
            moving.cancel()

    def work() -> None:
        try:
            asyncio.run(play())
        except BaseException as error:
            if loops.done():
                raise
            loops.set_exception(error)

    # A daemon: whoever interrupts the start is not kept waiting, the guard of the servers ends them.
    thread = threading.Thread(target=work, name="demo", daemon=True)
    thread.start()
    loop, enough = loops.result()
    try:
        yield demo
    finally:
        loop.call_soon_threadsafe(enough.set)
        thread.join()

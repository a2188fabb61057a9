"""Runs the demo in a thread, for a program whose main thread has an event loop of its own."""

from __future__ import annotations

import asyncio
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager

from parity_tui.demo.demo import Demo


@contextmanager
def running(demo: Demo) -> Iterator[Demo]:
    """Start the demo in a thread, run its story, and end it on exit. Raises the errors of its start.

    Meanwhile this process's own temporary files are made in the demo's folder, and end with it even after SIGKILL.
    """
    started: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = Future()

    async def run_demo() -> None:
        stop = asyncio.Event()
        async with demo:
            started.set_result((asyncio.get_running_loop(), stop))
            changes = asyncio.create_task(demo.live())
            await stop.wait()
            changes.cancel()

    def run_loop() -> None:
        try:
            asyncio.run(run_demo())
        except BaseException as error:
            if started.done():
                raise
            started.set_exception(error)

    # A daemon, so that an interrupted start does not block the exit; the supervisor ends the servers.
    thread = threading.Thread(target=run_loop, name="demo", daemon=True)
    thread.start()
    loop, stop = started.result()
    before, tempfile.tempdir = tempfile.tempdir, str(demo.home)
    try:
        yield demo
    finally:
        tempfile.tempdir = before
        loop.call_soon_threadsafe(stop.set)
        thread.join()

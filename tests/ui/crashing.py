"""Opens a made-up board that fails in the way of its argument: ``python -m tests.ui.crashing thread``."""

from __future__ import annotations

import sys
import threading
from typing import Any

from parity_tui.ui.app import ParityApp
from parity_tui.ui.board_screen import BoardScreen
from parity_tui.ui.terminal import driver
from parity_tui.ui.terminal.input import TerminalInput
from tests.ui import preview

SECRET = "".join(("sword", "fish"))
"""in parts: a traceback quotes lines of source"""


class DescribedError(Exception):
    """An error that Textual shows in its own way."""

    def __rich__(self) -> str:
        """Return text for a console."""
        return str(self)


def fail(*_: Any, **__: Any) -> Any:
    raise RuntimeError(SECRET)


def fail_described(*_: Any) -> Any:
    raise DescribedError(SECRET)


async def fail_later() -> None:
    fail()


def arrange(way: str) -> None:
    """Have the board fail after its first frame, or at its next key."""
    first_frame = ParityApp._first_frame

    def failing_frame(app: ParityApp) -> None:
        first_frame(app)
        match way:
            case "timer":
                app.set_timer(0.1, fail)
            case "worker":
                app.run_worker(fail_later())
            case "thread":
                threading.Thread(target=fail).start()
            case "input":
                TerminalInput.feed = fail  # type: ignore[method-assign]
            case "output":
                app._driver._writer_thread._queue.put(5)  # type: ignore[union-attr]
            case "panic":
                app.panic(SECRET)
            case "closing":
                ParityApp._print_error_renderables = fail  # type: ignore[method-assign]
                app.set_timer(0.1, fail)

    ParityApp._first_frame = failing_frame  # type: ignore[assignment, method-assign]
    if way in ("handler", "described"):
        BoardScreen.action_everything = fail if way == "handler" else fail_described  # type: ignore[assignment, method-assign]
    if way == "start":
        driver.BoardDriver.start_application_mode = fail  # type: ignore[method-assign]


if __name__ == "__main__":
    arrange(sys.argv.pop())
    sys.argv.append("--still")
    sys.exit(preview.main())

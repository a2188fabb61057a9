"""Runs the application on a checked terminal, to its end."""

from __future__ import annotations

import os
import sys
import threading

from parity_tui.drift.board import Board
from parity_tui.transport.event_loop import run
from parity_tui.ui.app import ParityApp
from parity_tui.ui.protocols import BoardServices, BoardSource
from parity_tui.ui.terminal.capabilities import Terminal
from parity_tui.ui.terminal.shutdown import ShutdownGuard, flush_output


def start(source: BoardSource, board: Board, services: BoardServices, terminal: Terminal) -> int:
    """Run the application on a checked terminal and return the exit code."""
    app = ParityApp(source, board, services, terminal)
    guard = app.shutdown_guard = ShutdownGuard(services.abandon)
    guard.watch()
    threading.excepthook = lambda thread: _thread_failed(app, thread)
    try:
        run(app.run_async(mouse=terminal.mouse))
    except Exception as error:
        app.report_crash(error)
    finally:
        guard.finish()
        if services.history:
            services.history.close()
    if app.crash:
        sys.stderr.write(f"{app.crash}\n")
    flush_output()
    return os.EX_SOFTWARE if app.crash else app.return_code or 0


def _thread_failed(app: ParityApp, thread: threading.ExceptHookArgs) -> None:
    """End on an error in a thread, of Textual's output for instance; Python would print it over the board."""
    if thread.exc_value and not isinstance(thread.exc_value, OSError):  # the terminal is gone: the guard ends the board
        app.call_later(app._handle_exception, thread.exc_value)
        app.report_crash(thread.exc_value)

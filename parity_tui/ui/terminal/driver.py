"""Textual's driver with an input that no bytes can end, flood or command, and an output of few bytes."""

from __future__ import annotations

import os
import select
import threading
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from textual import events
from textual._xterm_parser import XTermParser
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from parity_tui.ui.terminal.input import ESCAPE, TerminalInput
from parity_tui.ui.terminal.styles import compact

_READ = 4096
_PAUSE = 0.1
"""seconds without input after which an escape is a key"""
_SETTLED = 10
"""pauses after which no key and no paste can be incomplete"""
_DRAWN_ON = 2
"""the descriptor of standard error"""
_LARGEST = (1000, 500)
"""columns and lines: a screen takes memory for each cell"""


class BoardDriver(LinuxDriver):
    """A driver whose size and input are bounded."""

    def __init__(self, app: App[Any], **options: Any) -> None:
        super().__init__(app, **options)
        self._stop_reader, self._stop_writer = os.pipe()
        """readable while the input thread shall end"""

    def write(self, data: str) -> None:
        """Write to the terminal, styles in their shortest form."""
        super().write(compact(data))

    def run_input_thread(self) -> None:
        """Pass on input until the app ends."""
        parser, terminal = XTermParser(), TerminalInput()
        poll = select.poll()
        poll.register(self.fileno, select.POLLIN)
        poll.register(self._stop_reader, select.POLLIN)
        pauses = 0
        while not self.exit_event.is_set():
            ready = poll.poll(_PAUSE * 1000 if pauses < _SETTLED else None)
            data = self._read() if self.fileno in dict(ready) else b""
            pauses = 0 if data else pauses + 1
            if ready and not data:
                self.exit_event.wait(_PAUSE)
            text = terminal.feed(data) if data else terminal.pause()
            if text == ESCAPE:
                self.process_message(events.Key("escape", ESCAPE))
            elif text:
                self._pass_on(parser.feed(text))
            self._pass_on(parser.tick())

    def disable_input(self) -> None:
        """Wake the input thread, which may wait without a limit, and end it."""
        os.write(self._stop_writer, b"\0")
        super().disable_input()
        os.read(self._stop_reader, 1)

    def _read(self) -> bytes:
        """Return input; nothing from a terminal that is gone, which :class:`ShutdownGuard` notices."""
        try:
            return os.read(self.fileno, _READ)
        except OSError:
            return b""

    def _pass_on(self, messages: Iterable[Message]) -> None:
        """Hand messages to the app, and read no more before it has taken them: input waits in the terminal instead."""
        batch, taken = list(messages), threading.Event()
        for message in batch:
            self.process_message(message)
        if batch and self._app.call_later(taken.set):
            while not taken.wait(_PAUSE) and not self.exit_event.is_set():
                pass

    def send_message(self, message: Message) -> None:
        """Post a message; Textual starts a task for each."""
        self._app.post_message(message)

    def _run_input_thread(self) -> None:
        """End the app with a report if its input fails; Textual would end with exit code 0."""
        try:
            self.run_input_thread()
        except BaseException as error:
            self._app.call_later(self._app._handle_exception, error)

    def _get_terminal_size(self) -> tuple[int, int]:
        width = height = 0
        with suppress(OSError):
            width, height = os.get_terminal_size(_DRAWN_ON)
        if not (width and height):  # not first: that asks stdout, which may be a file
            width, height = super()._get_terminal_size()
        return max(min(width, _LARGEST[0]), 1), max(min(height, _LARGEST[1]), 1)

    def _query_in_band_window_resize(self) -> None:
        """Ask for no reports of the size: the kernel knows it, and whatever writes to the terminal cannot forge it."""

"""The application: wires the source of boards, the screen and the terminal together."""

from __future__ import annotations

import asyncio
import functools
import os
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import ClassVar

from msgspec.structs import replace
from rich.console import RenderableType
from textual._compositor import ChopsUpdate
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.events import Event, Key, Paste
from textual.reactive import reactive
from textual.screen import Screen
from textual.worker import WorkerCancelled

from parity_tui import crash_report
from parity_tui.drift.board import Board
from parity_tui.drift.values import printable
from parity_tui.history import HistoryUpdate
from parity_tui.report.symbols import ASCII, UNICODE
from parity_tui.transport.foreign import foreign
from parity_tui.transport.threads import in_thread
from parity_tui.ui.board_screen import BoardScreen
from parity_tui.ui.idle_collection import IdleCollector
from parity_tui.ui.key_queue import KeyQueue
from parity_tui.ui.messages import Recalled, Reload
from parity_tui.ui.protocols import NO_BOARD, BoardServices, BoardSource, Loaded
from parity_tui.ui.terminal.capabilities import Terminal, is_busy
from parity_tui.ui.terminal.driver import BoardDriver
from parity_tui.ui.terminal.partial_update import partial
from parity_tui.ui.terminal.shutdown import ShutdownGuard
from parity_tui.ui.terminal.suspension import can_be_resumed
from parity_tui.ui.theme.palette import ANSI, DARK, LIGHT, PALETTES, Palette, unknown_colours
from parity_tui.ui.theme.renderer import BoardTheme
from parity_tui.ui.theme.textual_theme import textual_theme
from parity_tui.ui.view.bindings import SCREEN_KEYS

_FILLING = 2.0
"""seconds in which most boards are filled"""
_FIRST_RETRY, _LONGEST_RETRY = 0.01, 0.2
"""seconds until a busy terminal is checked again, and for how long that doubles"""


def _with_notes(services: BoardServices) -> BoardServices:
    """Add what only Textual knows about a configuration."""
    return replace(services, notes=(*services.notes, *unknown_colours(services.colours)))


class ParityApp(App[None]):
    """One screen, and one worker that sets :attr:`board`."""

    TITLE = "parity-tui"
    ENABLE_COMMAND_PALETTE = True
    ALLOW_SELECT = False
    CLOSE_TIMEOUT = 1.0
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+c", "quit", "Quit", show=False, priority=True),
        Binding("ctrl+z", "suspend_process", "Suspend", show=False, priority=True),
    ]

    board: reactive[Board] = reactive(NO_BOARD, repaint=False, init=False, always_update=True)
    """the board on the screen, which watches it; the source may be ahead while the terminal is busy"""

    def __init__(self, source: BoardSource, board: Board, services: BoardServices, terminal: Terminal) -> None:
        # Given before the theme: with NO_COLOR it decides whether colours are dropped or only greyed.
        super().__init__(driver_class=BoardDriver, ansi_color=terminal.sixteen_colours or None)
        self.set_reactive(ParityApp.board, board)
        self.source = source
        self.services = services = _with_notes(services)
        self.shutdown_guard: ShutdownGuard | None = None
        self.crash = ""
        """the report of the first internal error"""
        self._keys = KeyQueue(self, super().on_event)
        self._collector = IdleCollector()
        self._newest = board
        self._waiting = self._settled = False
        self._retry = _FIRST_RETRY
        self._erases = terminal.erases
        self._symbols = ASCII if terminal.ascii else UNICODE
        for palette in (DARK, LIGHT):
            self.register_theme(textual_theme(palette))
        palette = ANSI if terminal.sixteen_colours else DARK
        self.theme = palette.name
        self.board_screen = BoardScreen(board, self._board_theme(palette), source, services)

    def _board_theme(self, palette: Palette) -> BoardTheme:
        titles = palette.titles(self._newest.environments, self.services.colours)
        return BoardTheme(palette, self._symbols, titles)

    def get_default_screen(self) -> Screen[None]:
        """Return the screen at the bottom of the stack."""
        return self.board_screen

    async def on_event(self, event: Event) -> None:
        """Handle keys one after the other."""
        if isinstance(event, Key | Paste) and not event.is_forwarded:
            self._collector.postpone()
            await self._keys.add(event)
        else:
            await super().on_event(event)

    # Boards

    def on_mount(self) -> None:
        """Handle signals; start reading once the first frame is painted."""
        if self.shutdown_guard:
            loop = asyncio.get_running_loop()
            self.shutdown_guard.handle_signals(loop, self._leave)
            loop.set_exception_handler(_ignore_exception)
        self.app_resume_signal.subscribe(self, self._resumed)
        self.call_after_refresh(self._first_frame)

    def action_suspend_process(self) -> None:
        """Stop until the shell continues the board; without a shell, say so."""
        if can_be_resumed():
            super().action_suspend_process()
        else:
            self.board_screen.toast.show("ctrl+z: no shell is there to resume the board   q quits")

    def _resumed(self, _: object) -> None:
        """Repaint and read everything after the process was suspended."""
        self.refresh(layout=True)
        self.source.refresh()

    def _first_frame(self) -> None:
        self.set_timer(_FILLING, self._settle)
        self.follow()

    def _settle(self) -> None:
        """Do once what can wait until the board is filled: collecting garbage, and opening the history."""
        if self._settled:
            return
        self._settled = True
        self._collector.start()
        if self.services.history:
            self.services.history.open(self._recall)

    def _recall(self, update: HistoryUpdate) -> None:
        """Pass on changes of earlier boards; called in the thread of the history."""
        self.board_screen.post_message(Recalled(update))

    def follow(self) -> None:
        """Start the worker that sets the board, unless it is running."""
        if not self._is_running("boards"):
            self.run_worker(self._follow(), name="boards", exit_on_error=False)

    def _is_running(self, name: str) -> bool:
        return any(worker.name == name and worker.is_running for worker in self.workers)

    async def _follow(self) -> None:
        """Set every board of the source; show an error that ends it."""
        try:
            async for board in self.source.boards():
                self._newest = board
                self.board_screen.changes.note(board, time.time(), time.monotonic())
                self._collector.collect_soon()
                if self.services.history:
                    self.services.history.record(board)
                self._offer()
                if board.complete:
                    self.call_after_refresh(self._settle)
        except Exception as error:
            self.board_screen.show_stopped(f"{type(error).__name__}: {foreign(error)}")
        else:
            self.board_screen.show_stopped("nothing left to read")

    def _offer(self) -> None:
        """Set the newest board as soon as the terminal has taken all earlier output."""
        if self._waiting:
            return
        if is_busy(self):
            self._waiting = True
            self.set_timer(self._retry, self._offer_again)
            self._retry = min(2 * self._retry, _LONGEST_RETRY)
        else:
            self._retry = _FIRST_RETRY
            self.board = self._newest

    def _offer_again(self) -> None:
        self._waiting = False
        self._offer()

    def on_resume_reading(self) -> None:
        """Start reading again."""
        self.follow()

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        """Write only changed cells."""
        super()._display(
            screen, partial(renderable, self._erases) if isinstance(renderable, ChopsUpdate) else renderable
        )

    # Configuration

    def on_reload(self, message: Reload) -> None:
        """Read the configuration again, unless that is under way."""
        if not self._is_running("reload"):
            self.run_worker(self._reload(message.load), name="reload")

    async def _reload(self, load: Callable[[], Loaded | str]) -> None:
        """Show the board of the configuration; keep the old one if the configuration is invalid."""
        toast = self.board_screen.toast
        toast.show("reloading the configuration")
        try:
            loaded = await in_thread(load)
        except Exception as error:  # a plug-in may raise anything; the running board must survive it
            loaded = f"{type(error).__name__}: {foreign(error)}"
        if isinstance(loaded, str):
            toast.show(f"{printable(loaded)}   Keeping the previous configuration.", error=True, seconds=15)
        else:
            await self._open(loaded)

    async def _open(self, loaded: Loaded) -> None:
        """Replace the source of boards."""
        for worker in [worker for worker in self.workers if worker.name == "boards"]:
            worker.cancel()
            with suppress(WorkerCancelled):
                await worker.wait()
        self.source, _, services = loaded
        self.services = _with_notes(services)
        self._newest = board = self.source.resume_from(self._newest)
        self.set_reactive(ParityApp.board, board)
        self.board_screen.open_board(board, self._board_theme(PALETTES[self.theme]), self.source, self.services)
        self.board_screen.show_notes("configuration reloaded")
        self.follow()

    # Commands

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Yield the commands of the palette: the keys of the screen, and the colours."""
        for key in SCREEN_KEYS:
            if key.palette:
                action = functools.partial(self.run_action, key.action, self.board_screen)
                yield SystemCommand(f"{key.label.capitalize()}  ({key.shown})", key.help, action)
        for name, label in (("parity-dark", "Dark"), ("parity-light", "Light"), ("ansi-dark", "Terminal's own")):
            yield SystemCommand(f"{label} colours", "switch the board's colours", lambda name=name: self.recolour(name))

    def recolour(self, name: str) -> None:
        """Take the palette of a name."""
        self.ansi_color = None
        self.theme = name
        self.board_screen.restyle(self._board_theme(PALETTES[name]))

    def action_command_palette(self) -> None:
        """Open the palette, or the help on an ASCII terminal, which cannot show the palette."""
        if self._symbols.ascii:
            self.board_screen.action_help()
        else:
            super().action_command_palette()

    # The end

    async def action_quit(self) -> None:
        """Quit; a second time, exit at once."""
        if self.shutdown_guard:
            self.shutdown_guard.begin(0)
        self.exit()

    def _leave(self, code: int) -> None:
        self.exit(return_code=code)

    def _handle_exception(self, error: Exception) -> None:
        """End on an internal error, whichever way it has come: a handler, timer, worker or thread."""
        self.report_crash(getattr(error, "error", error))  # a worker's error is wrapped
        super()._handle_exception(error)

    def report_crash(self, error: BaseException) -> None:
        """Write the report at once; the end has two seconds, for it may hang."""
        if not self.crash:
            self.crash = crash_report.report_crash(error)
            if self.shutdown_guard:
                self.shutdown_guard.begin(os.EX_SOFTWARE)

    def _fatal_error(self) -> None:
        """End without Textual's traceback: it shows values, which may be secret."""
        self._close_messages_no_wait()

    def panic(self, *renderables: RenderableType) -> None:
        """End on a fault that Textual describes itself."""
        if not self.crash:
            self.report_crash(sys.exception() or RuntimeError(" ".join(map(str, renderables))))
        self._close_messages_no_wait()


def _ignore_exception(loop: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
    """Ignore the failed task of a driver: its caller gets the error as well.

    asyncio would print it to the terminal after the board has ended, with values in it.
    """

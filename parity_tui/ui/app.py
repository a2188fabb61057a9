"""The application: it wires the source of boards, the screen and the terminal together, and nothing else."""

from __future__ import annotations

import asyncio
import gc
import os
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import ClassVar

from rich.console import RenderableType
from rich.text import Text
from textual._compositor import ChopsUpdate
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.theme import Theme
from textual.worker import WorkerCancelled

from parity_tui import crash_report
from parity_tui.drift.board import Board
from parity_tui.drift.values import printable
from parity_tui.history import HistoryUpdate
from parity_tui.secrets import redact
from parity_tui.transport.event_loop import in_thread, run
from parity_tui.ui.board_screen import BoardScreen
from parity_tui.ui.protocols import BoardServices, BoardSource, Loaded
from parity_tui.ui.terminal import capabilities
from parity_tui.ui.terminal.capabilities import Terminal
from parity_tui.ui.terminal.partial_update import exactly
from parity_tui.ui.terminal.shutdown import ShutdownGuard
from parity_tui.ui.theme import palette as palettes
from parity_tui.ui.theme.palette import ANSI, DARK, LIGHT, PALETTES, Palette
from parity_tui.ui.theme.renderer import BoardTheme
from parity_tui.ui.theme.symbols import ASCII, UNICODE

_RETRY = 0.2
"""seconds until a terminal that has not kept up is looked at again"""


class ParityApp(App[None]):
    """One screen, one worker that hands it boards."""

    TITLE = "parity-tui"
    ENABLE_COMMAND_PALETTE = True
    ALLOW_SELECT = False
    CLOSE_TIMEOUT = 1.0
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+c", "quit", "Quit", show=False, priority=True),
        Binding("ctrl+z", "suspend_process", "Suspend", show=False, priority=True),
    ]

    def __init__(self, source: BoardSource, board: Board, wiring: BoardServices, found: Terminal) -> None:
        # Known before the theme is: with NO_COLOR this decides whether colours are dropped or only greyed.
        super().__init__(ansi_color=found.sixteen or None)
        self.source = source
        self.wiring = wiring
        self.lifeline: ShutdownGuard | None = None
        self._newest = board
        self._waiting = False
        self._first = board
        self._marks = ASCII if found.ascii else UNICODE
        for shade in (DARK, LIGHT):
            self.register_theme(_theme(shade))
        shade = ANSI if found.sixteen else DARK
        self.theme = shade.name
        self.look = self._look(shade)
        self.board_screen = BoardScreen(board, self.look, source, wiring)

    def _look(self, palette: Palette) -> BoardTheme:
        """Return the look in other colours."""
        titles = palette.titles(self._first.environments, self.wiring.colours)
        return BoardTheme(palette, self._marks, titles)

    def get_default_screen(self) -> Screen[None]:
        """Return the screen at the bottom of the stack."""
        return self.board_screen

    # Boards

    def on_mount(self) -> None:
        """Look after signals, and start reading once the first frame is painted."""
        if self.lifeline:
            loop = asyncio.get_running_loop()
            self.lifeline.obey(loop, self._leave)
            loop.set_exception_handler(_nobody_waits)
        self.app_resume_signal.subscribe(self, self._back)
        self.call_after_refresh(self._painted)

    def _back(self, _: object) -> None:
        """Paint and read anew after the process was suspended."""
        self.refresh(layout=True)
        self.source.refresh()

    def _painted(self) -> None:
        """Start what can wait for the first frame."""
        gc.freeze()
        gc.enable()
        if self.wiring.history:
            self.wiring.history.open(self._recall)
        self.follow()

    def _recall(self, news: HistoryUpdate) -> None:
        """Hand over what the history has to tell; called in its thread."""
        self.board_screen.post_message(BoardScreen.Recalled(news))

    def follow(self) -> None:
        """Start the worker that hands over boards; one that is running is left alone."""
        if not any(worker.name == "boards" and worker.is_running for worker in self.workers):
            self.run_worker(self._follow(), name="boards", exit_on_error=False)

    def on_board_screen_resume(self) -> None:
        """Start reading again."""
        self.follow()

    def on_board_screen_reload(self, message: BoardScreen.Reload) -> None:
        """Read the configuration again, unless that is being done."""
        if not any(worker.name == "reload" and worker.is_running for worker in self.workers):
            self.run_worker(self._reload(message.load), name="reload")

    async def _reload(self, load: Callable[[], Loaded | str]) -> None:
        """Show what the configuration names now; go on as before where it is not right."""
        self.board_screen.say("reading the configuration again")
        try:
            loaded = await in_thread(load)
        except Exception as error:  # a board that runs is worth more than one that cannot be made
            loaded = redact(f"{type(error).__name__}: {error}")
        if isinstance(loaded, str):
            self.board_screen.say(f"{printable(loaded)}   The board goes on as it was.", bad=True, seconds=15)
        else:
            await self._turn_to(loaded)

    async def _turn_to(self, loaded: Loaded) -> None:
        """Leave the servers that are watched, and show others."""
        for worker in [worker for worker in self.workers if worker.name == "boards"]:
            worker.cancel()
            with suppress(WorkerCancelled):
                await worker.wait()
        self.source, _, self.wiring = loaded
        self._first = self._newest = board = self.source.resume_from(self._newest)
        self.look = self._look(PALETTES[self.theme])
        self.board_screen.turn_to(board, self.look, self.source, self.wiring)
        self.board_screen.say_notes("the configuration was read again")
        self.follow()

    async def _follow(self) -> None:
        """Hand every board over; an error is said, and never vanishes."""
        try:
            async for board in self.source.boards():
                self._newest = board
                if self.wiring.history:
                    self.wiring.history.record(board)
                self._offer()
        except Exception as error:
            self.board_screen.lost(redact(f"{type(error).__name__}: {error}"))
        else:
            self.board_screen.lost("there is nothing more to read")

    def _offer(self) -> None:
        """Show the newest board as soon as the terminal has taken what was written before."""
        if self._waiting:
            return
        if capabilities.busy(self._driver):
            self._waiting = True
            self.set_timer(_RETRY, self._offer_again)
        else:
            self.board_screen.show(self._newest)

    def _offer_again(self) -> None:
        """Look whether the terminal has caught up."""
        self._waiting = False
        self._offer()

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        """Write what has changed, and nothing beside it."""
        super()._display(screen, exactly(renderable) if isinstance(renderable, ChopsUpdate) else renderable)

    # Commands

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Return what the command palette offers: all that has a key, and the colours."""
        board = self.board_screen
        for key, call in board.commands():
            yield SystemCommand(f"{key.label.capitalize()}  ({key.shown})", key.help, call)
        for name, label in (("parity-dark", "Dark"), ("parity-light", "Light"), ("ansi-dark", "Terminal's own")):
            yield SystemCommand(f"{label} colours", "how the board looks", lambda name=name: self.recolour(name))

    def recolour(self, name: str) -> None:
        """Take other colours."""
        self.ansi_color = None
        self.theme = name
        self.look = self._look(PALETTES[name])
        self.board_screen.restyle(self.look)

    def action_command_palette(self) -> None:
        """Open the palette, where the terminal can show its characters."""
        if self._marks.plain:
            self.board_screen.action_help()
        else:
            super().action_command_palette()

    # The end

    async def action_quit(self) -> None:
        """Leave; asked a second time, leave at once."""
        if self.lifeline:
            self.lifeline.ending(0)
        self.exit()

    def _leave(self, code: int) -> None:
        """Leave because of a signal."""
        self.exit(return_code=code)

    def _fatal_error(self) -> None:
        """Leave because of a fault of our own: with its traceback, but no values, for they may be secret."""
        self.bell()
        self._return_code = os.EX_SOFTWARE
        if error := sys.exception():
            self._exit_renderables.append(Text(crash_report.report_crash(error)))
        self._close_messages_no_wait()


def _nobody_waits(loop: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
    """Say nothing of a driver's own task that has failed: whoever uses the driver hears of it, and says it in words.

    What asyncio would print instead comes up on the terminal when the board has gone, with values in it.
    """


def _theme(shade: Palette) -> Theme:
    """Return what Textual's own widgets are coloured with."""
    text, behind = palettes.over(shade.text, shade.bar), shade.bar
    return Theme(
        name=shade.name,
        primary=shade.environments[0],
        secondary=shade.environments[2],
        warning=_hex(shade.warning.color),
        error=shade.production,
        success=_hex(shade.good.color),
        accent=shade.environments[1],
        foreground=_hex(text.color),
        background=shade.background,
        surface=_hex(behind.bgcolor),
        panel=_hex(shade.cursor.bgcolor),
        dark=shade is DARK,
    )


def _hex(colour: object) -> str:
    """Return a colour of a style as Textual writes it."""
    return str(getattr(colour, "name", "ansi_default"))


def _flush() -> None:
    """Write what is left to be written; where nobody listens any more that must not become another exit code."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            with open(os.devnull, "wb") as nowhere:
                os.dup2(nowhere.fileno(), stream.fileno())


def start(source: BoardSource, board: Board, wiring: BoardServices, found: Terminal) -> int:
    """Run the application on a terminal that can bear it, and return the exit code."""
    app = ParityApp(source, board, wiring, found)
    app.lifeline = ShutdownGuard(wiring.abandon)
    app.lifeline.watch()
    try:
        run(app.run_async(mouse=found.mouse))
    finally:
        app.lifeline.ended()
        if wiring.history:
            wiring.history.close()
    _flush()
    return app.return_code or 0

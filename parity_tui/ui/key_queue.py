"""Handles one key after the other, so that a key typed behind the one that opens a modal reaches the modal.

Textual forwards a key to the screen that is current when the key arrives, although earlier keys that open or close a
screen may not have been handled yet.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable

from textual.app import App
from textual.dom import DOMNode
from textual.events import Event, Key, Paste
from textual.screen import Screen

_LONGEST = 1000
"""keys that wait; more are typed by no hand"""
_AT_ONCE = frozenset({"ctrl+c", "ctrl+z"})
"""keys that leave the board whatever waits"""


class KeyQueue:
    """The keys and pastes of an app; ``forward`` has Textual forward an event to the current screen."""

    def __init__(self, app: App[None], forward: Callable[[Event], Awaitable[None]]) -> None:
        self._app = app
        self._forward = forward
        self._waiting: deque[Event] = deque()
        self._turn = 0
        """number of the event that is being handled"""
        self._screen: Screen[object] | None = None
        """the screen that handles it or is being opened by it; None: no event is being handled"""

    async def add(self, event: Key | Paste) -> None:
        """Forward an event once the events before it are handled. Runs in the task of the app."""
        if isinstance(event, Key) and event.key in _AT_ONCE:
            await self._forward(event)
        elif len(self._waiting) < _LONGEST:
            self._waiting.append(event)
            # A screen that a click has closed meanwhile may never report that it has handled its key.
            if self._screen is None or self._screen not in self._app.screen_stack:
                await self._next(self._turn)

    async def _next(self, turn: int) -> None:
        """Forward the next event and follow it through the widgets that handle it."""
        if turn != self._turn or not self._app.screen_stack:
            return
        self._screen = None
        if self._waiting:
            event = self._waiting.popleft()
            target = self._app.focused or self._app.screen
            self._turn += 1
            self._screen = self._app.screen
            await self._forward(event)
            self._follow(target if event.is_forwarded else self._app, self._turn)

    def _follow(self, node: DOMNode, turn: int) -> None:
        """Call :meth:`_handled` after a node and then each one above it have taken the event from their queues."""
        if node is self._app:
            self._app.call_later(self._handled, turn)
        elif not node.call_later(self._follow, node.parent or self._app, turn):
            self._follow(self._app, turn)  # the node is closing

    async def _handled(self, turn: int) -> None:
        """Go on, after the layout of the screen if the event has opened or closed one."""
        screen = self._app.screen
        if screen is not self._screen and turn == self._turn:
            self._screen = screen
            if screen.call_after_refresh(self._app.call_later, self._next, turn):
                return
        await self._next(turn)

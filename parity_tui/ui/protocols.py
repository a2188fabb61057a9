"""What the board is handed: where boards come from, and the words and texts that only others know."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Protocol

from msgspec import Struct, field

from parity_tui.drift.board import Board
from parity_tui.drift.row import Row
from parity_tui.history import History


class BoardSource(Protocol):
    """Whatever watches the servers. Nothing is connected to before :meth:`boards` is iterated."""

    interval: float
    """seconds between two readings of one target"""

    def boards(self) -> AsyncIterator[Board]:
        """Give a new board whenever anything has moved; runs until it is closed."""
        ...

    def resume_from(self, before: Board) -> Board:
        """Begin with what another source knew of the same servers, before anything is read; return the board."""
        ...

    def refresh(self) -> None:
        """Read every target now, those whose password was rejected too."""
        ...

    def pause(self, on: bool) -> None:
        """Stop reading, or go on."""
        ...

    def set_baseline(self, baseline: str) -> None:
        """Compare with another baseline, "" for none: a board follows."""
        ...


def _no_remediation(row: Row, index: int) -> str:
    """Know nothing that would align an environment."""
    return ""


def _nothing() -> None:
    """Have nothing to clean up."""


class BoardServices(Struct, frozen=True, kw_only=True):
    """What the board cannot know by itself, as plain functions and texts."""

    remediate: Callable[[Row, int], str] = _no_remediation
    """the text that would align environment number `index` of a row with the others, to be copied; "" if there is
    none"""
    exports: Mapping[str, Callable[[Board], str]] = field(default_factory=dict)
    """by the ending of the file's name, "md" or "json", what writes a board as text"""
    colours: Mapping[str, str] = field(default_factory=dict)
    """by environment, any colour that Textual knows; "" or none: the board picks one"""
    notes: Sequence[str] = ()
    """what a person should know of the configuration: "parity.toml holds a password and others can read it" """
    history: History | None = None
    """remembers what moves beyond the end of the board"""
    reload: Callable[[], Loaded | str] | None = None
    """reads the configuration again, in a thread; gives what the board is to show from now on, or what is wrong, in
    words; None where there is nothing to read"""
    abandon: Callable[[], None] = _nothing
    """called from a thread right before the process ends without tidying up: ends what would outlive it"""


Loaded = tuple[BoardSource, Board, BoardServices]
"""everything that a board is made of"""

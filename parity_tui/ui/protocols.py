"""The interface of the board: the source of boards, and the functions and texts it is given."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct, field

from parity_tui.drift.board import Board
from parity_tui.drift.policy import Policy
from parity_tui.drift.row import Row
from parity_tui.history import History
from parity_tui.model import TargetKey

if TYPE_CHECKING:
    from parity_tui.report.gaps import Delivery

NO_BOARD = Board.of((), (), {}, Policy())
"""Of no environments."""


class BoardSource(Protocol):
    """Watches the servers. It connects to nothing before :meth:`boards` is iterated."""

    interval: float
    """seconds between two readings of one target"""

    def boards(self) -> AsyncIterator[Board]:
        """Yield a new board after every change, until closed."""
        ...

    def resume_from(self, before: Board) -> Board:
        """Take over the outcomes of another source's board for the same servers; return the first board."""
        ...

    def recall_outages(self, since: Mapping[TargetKey, float]) -> None:
        """Take the begins of outages, seconds since the epoch, that an earlier board saw; a board may follow."""
        ...

    def refresh(self) -> None:
        """Read every target now, also those whose password was rejected."""
        ...

    def pause(self, on: bool) -> None:
        """Stop or resume reading."""
        ...

    def set_baseline(self, baseline: str) -> None:
        """Compare with another baseline, "" for none; a board follows."""
        ...


def _no_remediation(row: Row, index: int) -> str:
    return ""


def _nothing() -> None:
    pass


Measure = Callable[[Board], Awaitable["Mapping[str, Delivery]"]]


class BoardServices(Struct, frozen=True, kw_only=True):
    """Functions and texts that come from outside the board."""

    remediate: Callable[[Row, int], str] = _no_remediation
    """(row, index of an environment) -> the text that would align it with the others, "" if unknown"""
    exports: Mapping[str, Callable[[Board], str]] = field(default_factory=dict)
    """by the ending of the file, "md" or "json", the function that writes a board as text"""
    colours: Mapping[str, str] = field(default_factory=dict)
    """by environment, a colour in Textual's notation; "" or none: the board picks one"""
    notes: Sequence[str] = ()
    """warnings about the configuration: "parity.toml holds a password and others can read it" """
    history: History | None = None
    """records changes beyond the end of the board"""
    delivery: Measure | None = None
    """measures the gaps of time and of personnel of each environment, by the history and the repository; None where
    neither is known"""
    reload: Callable[[], Loaded | str] | None = None
    """reads the configuration again, in a thread; returns what to show from now on, or the error as text; None if
    the board has no configuration file"""
    changed: Callable[[], str] | None = None
    """returns the configuration file that has changed since it was read, "" if none has; called in a thread"""
    write_expectation: Callable[[str], str] | None = None
    """appends an [[expect]] to the configuration file, in a thread; returns the error as text, "" without one; None
    where no file was found, or no key may write files"""
    expectation_file: str = ""
    """the file that write_expectation appends to"""
    hint: Callable[[], str] | None = None
    """returns the line shown above the keys, which may change at any time; called every second, never blocks; None:
    there is no such line"""
    shared: bool = False
    """another process reads the servers, and the board follows it"""
    read_only: bool = False
    """no key writes a file"""
    abandon: Callable[[], None] = _nothing
    """called from a thread before the process exits without cleaning up: ends child processes"""


Loaded = tuple[BoardSource, Board, BoardServices]
"""Everything that a board is made of."""

"""A reading of a target, and the latest outcome of reading it."""

from __future__ import annotations

from msgspec import Struct

from parity_tui.model.failure import Failure
from parity_tui.model.target import Target
from parity_tui.model.values import Fact


class Reading(Struct, frozen=True):
    """All facts of one target at one moment.

    Two readings of an unchanged server are equal: it contains no time and no counter.
    """

    product: str
    """by the product's own sign: "PostgreSQL", "Valkey" """
    version: str
    """the product's own version, as text: "16.14" """
    facts: dict[str, Fact]
    """by the setting's name"""
    hidden: tuple[tuple[str, str], ...] = ()
    """(glob, why) for facts that our rights do not show; the first match counts, an empty `why` means truly absent"""
    notes: tuple[str, ...] = ()
    """remarks for a person: "via a pooler", "TLS, not verified" """
    address: str = ""
    """where it was read, as host:port or path"""
    instance: str = ""
    """changes when the server restarts"""
    package: str = ""
    """version of the package that it runs from: "15.18-0+deb12u1"; "" if unknown"""


class Outcome(Struct, frozen=True):
    """The latest knowledge about one target: a reading, a failure, or both."""

    target: Target
    reading: Reading | None = None
    """the last good one; stale after a failure"""
    failure: Failure | None = None
    """why the latest attempt failed"""
    milliseconds: float = 0.0
    """duration of the latest attempt"""
    at: float = 0.0
    """when `reading` was last confirmed, seconds since the epoch"""
    connection: int = 0
    """the connection that delivered `reading`, counted from 1"""
    nodes: tuple[Outcome, ...] = ()
    """one for each node of a target with several; the fields above summarize them"""
    failed_since: float = 0.0
    """when the outage began, seconds since the epoch; 0.0 while the target answers, or where its begin is not known"""
    recovered_at: float = 0.0
    """when the last outage ended, seconds since the epoch; 0.0 without one"""
    peers: tuple[tuple[str, str], ...] = ()
    """(name, address) of each name that was connected to; the address stays until it leaves the name"""

    @property
    def answers(self) -> tuple[Reading, ...]:
        """The readings that `reading` summarizes: the last one of each node."""
        return tuple(node.reading for node in self.nodes or (self,) if node.reading)

    @property
    def pending(self) -> bool:
        """Whether no attempt has ended yet."""
        return self.reading is None and self.failure is None

    @property
    def stale(self) -> bool:
        """Whether the values are old: the latest attempt failed."""
        return self.reading is not None and self.failure is not None

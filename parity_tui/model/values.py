"""One value as a server reports it, and the words that describe it."""

from __future__ import annotations

from enum import Enum, StrEnum

from msgspec import Struct

from parity_tui.model.ledger import Ledger


class Severity(StrEnum):
    """How much a difference matters; the members are ordered from the worst to the least."""

    CRITICAL = "critical"
    """The same code can fail, lose data or return another result."""
    WARNING = "warning"
    """It can fail under load, over time or on failover, or it hides a bug until production."""
    INFO = "info"
    """Capacity, observability, cosmetics."""
    IGNORED = "ignore"
    """Differs by nature (an address, a counter): never drift."""

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return _RANKS[self]


_RANKS = {severity: rank for rank, severity in enumerate(Severity)}


class Verdict(StrEnum):
    """The result of comparing one setting across the environments."""

    SAME = "same"
    DRIFT = "drift"
    EXPECTED = "expected"
    IGNORED = "ignored"
    UNKNOWN = "unknown"
    """The known values agree, or there are none, and at least one is unknown: never counted as same."""


class State(StrEnum):
    """How much is known about one value."""

    VALUE = "value"
    ABSENT = "absent"
    """This product, version or environment has no such setting."""
    HIDDEN = "hidden"
    """The server does not show it to our user."""
    UNKNOWN = "unknown"
    """Not read."""
    SECRET = "secret"
    """Compared by a keyed hash, never shown."""


class ValueType(Enum):
    """How a value is interpreted, so that two spellings of one value are equal."""

    TEXT = "text"
    BOOL = "bool"
    """on/off, yes/no, true/false, 1/0"""
    NUMBER = "number"
    """an exact decimal; with a unit of bytes or time it is treated as SIZE or DURATION"""
    SIZE = "size"
    """bytes; the unit applies to a bare number ("B" by default)"""
    DURATION = "duration"
    """the unit applies to a bare number ("s" by default)"""
    ENUM = "enum"
    """one word, case-insensitive"""
    SET = "set"
    """members separated by commas or white space, in any order"""
    LIST = "list"
    """members separated by commas or white space, order matters"""
    MAP = "map"
    """key=value pairs separated by commas, semicolons or white space, in any order"""
    OCTAL = "octal"
    """a file mode"""
    REVISION = "revision"
    """a commit: hashes are equal where one, of at least seven digits, begins the other"""
    SECRET = "secret"
    """never shown"""


class Fact(Struct, frozen=True, omit_defaults=True, gc=False):
    """One value as a server reports it.

    >>> fact = Fact("16384", ValueType.NUMBER, "8kB", source="postgresql.conf:702")
    >>> fact.raw, fact.unit, str(fact.state)
    ('16384', '8kB', 'value')
    """

    raw: str | None = None
    """the server's own text; None where the state leaves nothing to show; a fingerprint where the state is SECRET;
    the last known value where the state is UNKNOWN and one was read before"""
    type: ValueType = ValueType.TEXT
    """as declared by the server; the kind's rule takes precedence"""
    unit: str = ""
    """of a bare number: B kB 8kB MB … us ms s min h d"""
    state: State = State.VALUE
    canonical: str = ""
    """normal form of a structured value, set by the kind: compared and shown instead of the raw text"""
    default: bool | None = None
    """True: not configured; None: the server does not report it"""
    source: str = ""
    """where the value comes from, in words: "default", "postgresql.conf:702", "command line" """
    description: str = ""
    """the server's own description"""
    note: str = ""
    """why the value is missing, or a remark on it: "restart pending", "needs the role pg_read_all_settings" """
    parts: tuple[Fact, ...] = ()
    """the distinct values of the nodes where they disagree; this fact then counts them and is drift by itself"""
    ledger: Ledger | None = None
    """the entries that the raw text only counts; compared instead of the text, by the rule's `compare`"""


ABSENT = Fact(state=State.ABSENT)

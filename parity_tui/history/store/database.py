"""The little that a store needs of a database: SQLite now, and any other with the same SQL."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol, TypeVar

import msgspec

from parity_tui.history.faults import Fault, StoreError

Value = str | int | float | None
T = TypeVar("T")


class Database(Protocol):
    """One connection, used by one thread. SQL has ``?`` for each value. Every method raises StoreError."""

    name: str
    """its file or address, for a person"""

    def query(self, sql: str, values: Sequence[Value] = ()) -> list[tuple[Any, ...]]:
        """Return all rows of a SELECT."""
        ...

    def execute(self, sql: str, rows: Iterable[Sequence[Value]] = ((),)) -> None:
        """Run one statement for each row of values."""
        ...

    def transaction(self) -> AbstractContextManager[None]:
        """Return a transaction, during which no other process writes; an exception undoes it."""
        ...

    def is_new(self) -> bool:
        """Return whether it has no tables yet."""
        ...

    def is_current(self) -> bool:
        """Return whether the name still leads to this database."""
        ...

    def close(self) -> None:
        """Close it; raises nothing."""
        ...


def typed(database: Database, rows: type[T], sql: str, values: Sequence[Value] = ()) -> T:
    """Return all rows of a SELECT as ``rows``, such as list[tuple[int, str]]; raise StoreError for other types."""
    try:
        return msgspec.convert(database.query(sql, values), rows)
    except msgspec.ValidationError:
        raise StoreError(Fault.DAMAGED, f"{database.name} is damaged") from None

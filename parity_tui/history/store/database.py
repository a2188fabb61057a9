"""The little that a store needs of a database: SQLite now, and any other with the same SQL."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

Value = str | int | float | None


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

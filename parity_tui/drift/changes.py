"""What has moved from one board to the next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from parity_tui.drift.board import Board
from parity_tui.drift.row import Row
from parity_tui.drift.values import key, shown
from parity_tui.model import Severity, State


class Change(Struct, frozen=True):
    """One thing that has moved between two boards."""

    environment: str
    service: str
    setting: str
    before: str
    after: str
    """both as a person reads them"""
    severity: Severity


def changes(before: Board, after: Board) -> list[Change]:
    """Return every value that was known, and is known now, and is another one; ignored settings are left out."""
    found: list[Change] = []
    for old, new in zip(before.sections, after.sections, strict=True):
        if old.rows is new.rows:
            continue
        rows = {(row.kind, row.setting): row for row in old.rows}
        for row in new.rows:
            was = rows.get((row.kind, row.setting))
            if was is not None and was is not row and row.severity is not Severity.IGNORED:
                found.extend(_moved(after.environments, was, row))
    return found


def _moved(environments: Sequence[str], was: Row, row: Row) -> Iterator[Change]:
    """Return the cells of a row that hold another value than before."""
    for index, environment in enumerate(environments):
        old, new = was.cells[index], row.cells[index]
        if old is new or old.raw is None or new.raw is None or new.state is State.UNKNOWN:
            continue
        # A target that was away may come back with another value: that is a change too.
        if key(replace(old, state=new.state), row.rule) != key(new, row.rule):
            yield Change(
                environment,
                row.service,
                row.setting,
                shown(old, row.rule),
                shown(new, row.rule),
                row.severity,
            )

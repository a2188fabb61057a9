"""Rows of ledgers -> facts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from msgspec import Struct

from parity_tui.drift.values import printable
from parity_tui.drift.words import plural
from parity_tui.model import Entry, Fact, Ledger
from parity_tui.services._migrations.catalogue import LedgerTable

CAP = 5000
"""rows of a ledger that count; one more is read, which shows that there are more"""
SEPARATOR = "\x1f"
"""between the columns of an id or a state"""
_WIDTH = 255
_MOST_PROBLEMS = 3
_NUMBER = re.compile(r"\d{9,17}(\.\d+)?", re.ASCII)
_MILLISECONDS = 1e11
"""a number above it counts no seconds: that would be the year 5138"""


class LedgerRow(Struct, frozen=True, array_like=True):
    """One row as text."""

    id: str
    state: str = ""
    at: str = ""
    by: str = ""
    checksum: str = ""


def ledger_facts(tables: Iterable[LedgerTable], rows: Mapping[int, Sequence[LedgerRow]]) -> dict[str, Fact]:
    """Return one fact for each ledger.

    Args:
        tables: the result of ``recognize``.
        rows: those of each table by its position in ``tables``, the newest first; no entry for one that is not read.

    >>> from parity_tui.services._migrations.catalogue import Candidate, recognize
    >>> tables = recognize([Candidate("", "SequelizeMeta", ("name",))])
    >>> fact = ledger_facts(tables, {0: [LedgerRow("2-b.js"), LedgerRow("1-a.js")]})["migrations (sequelize)"]
    >>> fact.raw, fact.ledger.entries[-1].id
    ('2', '2-b.js')
    """
    tables = list(tables)
    beside: dict[str, list[tuple[str, Sequence[LedgerRow]]]] = {}
    for number, table in enumerate(tables):
        if table.beside:
            beside.setdefault(table.beside, []).append((table.table.casefold(), rows.get(number, ())))
    return {
        table.label: _fact(table, rows[number], beside.get(table.label, ()))
        for number, table in enumerate(tables)
        if table.label and number in rows
    }


def _fact(table: LedgerTable, rows: Sequence[LedgerRow], beside: Iterable[tuple[str, Sequence[LedgerRow]]]) -> Fact:
    tool = table.tool
    entries: dict[str, Entry] = {}
    problems: dict[str, str] = {}
    for row in reversed(rows[:CAP]):
        entry = _entry(table, row)
        word = tool.judge(tuple(row.state.split(SEPARATOR))) if tool.judge else ""
        entries.pop(entry.id, None)  # an entry that was repeated stands where it came last
        problems.pop(entry.id, None)
        if word is not None:
            entries[entry.id] = entry
        if word:
            problems[entry.id] = f"{word}: {printable(entry.id)}"
    broken = list(problems.values())
    if len(broken) > _MOST_PROBLEMS:
        broken = [*broken[-_MOST_PROBLEMS:], f"{len(broken) - _MOST_PROBLEMS:,} more failed"]
    remarks, environment = _companions(beside)
    if tool.heads and len(entries) > 1:
        remarks = [f"{len(entries):,} heads", *remarks]
    truncated = len(rows) > CAP
    ledger = Ledger(tuple(entries.values()), tool.heads, truncated, tuple(broken), tuple(remarks), environment)
    source = ".".join(filter(None, (table.schema, table.table)))
    return Fact(_text(ledger), source=source, note=_note(truncated), ledger=ledger)


def _text(ledger: Ledger) -> str:
    if ledger.heads:
        return ", ".join(sorted(entry.id for entry in ledger.entries[:10])) or "none"
    return f"{len(ledger.entries)}{'+' if ledger.truncated else ''}"


def _note(truncated: bool) -> str:
    return f"only the newest {plural(CAP, 'entry', 'entries')} are compared" if truncated else ""


def _entry(table: LedgerTable, row: LedgerRow) -> Entry:
    tool, parts = table.tool, [part[:_WIDTH] for part in row.id.split(SEPARATOR)]
    at = _seconds(row.at)
    name = tool.joined.join(parts)
    if tool.dated_id and at:
        name = f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M:%S.%f}"[:-3]
    return Entry(name, parts[0] if tool.grouped else "", at, row.by[:_WIDTH], row.checksum[:_WIDTH])


def _seconds(text: str) -> float:
    """Return a time as seconds since the epoch, 0.0 if it is none.

    >>> _seconds("2024-05-01 12:00:00+02"), _seconds("1714557600000"), _seconds("1714557600"), _seconds("soon")
    (1714557600.0, 1714557600.0, 1714557600.0, 0.0)
    """
    text = text.strip().strip('"')
    try:
        if _NUMBER.fullmatch(text):
            number = float(text)
            number /= 1000 if number > _MILLISECONDS else 1
            return datetime.fromtimestamp(number, UTC).timestamp()
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError, OSError):
        return 0.0


def _companions(beside: Iterable[tuple[str, Sequence[LedgerRow]]]) -> tuple[list[str], str]:
    """Return remarks and the recorded environment from the tables beside a ledger."""
    remarks, environment = [], ""
    for name, rows in beside:
        for row in rows:
            first, *rest = row.id.split(SEPARATOR)
            if name == "ar_internal_metadata" and first == "environment":
                environment = "".join(rest)[:_WIDTH]
            elif name != "ar_internal_metadata" and first.lower() in ("1", "t", "true", "\x01"):
                holder = printable("".join(rest)[:_WIDTH])
                remarks.append(f"locked by {holder}" if holder else "locked")
    return remarks, environment

"""Decides by a table's columns whose ledger it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from parity_tui.services._migrations.tools import COMPANIONS, TOOLS, Tool

TABLES = tuple(dict.fromkeys((*(table for tool in TOOLS for table in tool.tables), *COMPANIONS)))
"""names of all tables to look for"""

_IDS = ("version", "version_num", "migration_name", "migration_id", "migration", "name", "filename")
_SIGNS = ("applied_at", "run_on", "executed_at", "installed_on", "batch", "migrated_at", "run_at", "applied")
"""columns by which a table of a shared name is a ledger of a tool that is not in the list"""


class Candidate(Struct, frozen=True, array_like=True):
    """A table with the name of a ledger, as the catalogue has it."""

    schema: str
    table: str
    columns: tuple[str, ...]
    """without those of types that a user has made"""
    readable: bool = True
    """whether our login may read it"""
    changes: int | None = None
    """grows with every write; None if the server does not count them"""


class LedgerTable(Struct, frozen=True):
    """A ledger, or a table beside one, with the columns to select; each list as the table spells them."""

    tool: Tool
    schema: str
    table: str
    id: tuple[str, ...]
    order: tuple[str, ...] = ()
    """"" unless the table is a ledger"""
    at: str = ""
    by: str = ""
    checksum: str = ""
    state: tuple[str, ...] = ()
    readable: bool = True
    label: str = ""
    """name of the fact; "" for a table beside a ledger"""
    beside: str = ""
    """label of the ledger that this table stands beside"""


def recognize(candidates: Iterable[Candidate]) -> tuple[LedgerTable, ...]:
    """Return the ledgers among the candidates, each followed by the tables beside it; in the given order.

    >>> [one.label for one in recognize([Candidate("", "migrations", ("id", "timestamp", "name"))])]
    ['migrations (typeorm)']
    >>> recognize([Candidate("", "migrations", ("bird", "from", "to"))])
    ()
    """
    found: list[LedgerTable] = []
    labels: dict[str, int] = {}
    candidates = list(candidates)
    for candidate in candidates:
        beside = [other for other in candidates if other.schema == candidate.schema and other.table in COMPANIONS]
        tool = _tool(candidate, [other.table for other in beside])
        if tool is None:
            continue
        label = f"migrations ({tool.name})"
        if label in labels:
            label = f"migrations ({tool.name} in {candidate.schema or candidate.table})"
        if label in labels:
            continue
        labels[label] = 1
        found.append(_ledger(tool, candidate, label))
        found.extend(_beside(tool, label, beside))
    return tuple(found)


def _tool(candidate: Candidate, beside: Sequence[str]) -> Tool | None:
    if candidate.table in COMPANIONS:
        return None
    columns = {column.casefold() for column in candidate.columns}
    for tool in TOOLS:
        needed = {column.casefold() for column in (*tool.id, *tool.columns, *tool.order, *tool.state)}
        fits = candidate.table in tool.tables and needed <= columns and columns.isdisjoint(tool.lacks)
        if fits and (not tool.companion or tool.companion in beside):
            return tool
    return _unknown_tool(candidate.table, columns)


def _unknown_tool(table: str, columns: set[str]) -> Tool | None:
    """Return a tool named like its table if a column identifies entries and another shows that they were applied."""
    key = next((name for name in _IDS if name in columns), "")
    sign = next((name for name in _SIGNS if name in columns), "")
    return Tool(table, (table,), (key,), at=sign) if key and sign else None


def _ledger(tool: Tool, candidate: Candidate, label: str) -> LedgerTable:
    spelled = {column.casefold(): column for column in candidate.columns}

    def as_spelled(columns: Iterable[str]) -> tuple[str, ...]:
        return tuple(spelled[column.casefold()] for column in columns if column.casefold() in spelled)

    return LedgerTable(
        tool,
        candidate.schema,
        candidate.table,
        as_spelled(tool.id),
        as_spelled(tool.order or tool.id),
        at=spelled.get(tool.at.casefold(), ""),
        by=spelled.get(tool.by.casefold(), ""),
        checksum=spelled.get(tool.checksum.casefold(), ""),
        state=as_spelled(tool.state),
        readable=candidate.readable,
        label=label,
    )


_BESIDE: Mapping[str, str] = {
    "ar_internal_metadata": "rails",
    "knex_migrations_lock": "knex",
    "databasechangeloglock": "liquibase",
}


def _beside(tool: Tool, label: str, candidates: Iterable[Candidate]) -> Iterator[LedgerTable]:
    for candidate in candidates:
        columns = {column.casefold() for column in candidate.columns}
        wanted = COMPANIONS[candidate.table]
        if _BESIDE[candidate.table.casefold()] != tool.name or not candidate.readable:
            continue
        if columns.issuperset(column.casefold() for column in wanted):
            yield LedgerTable(tool, candidate.schema, candidate.table, wanted, beside=label)

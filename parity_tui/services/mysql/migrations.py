"""Reads the ledgers of migration tools in the app's database.

The catalogue shows only tables to which our account has a right. The reading's own statement contains the candidates
while no ledger is known, then the newest rows of each: a change is seen without a further round trip.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec.structs import replace

from parity_tui.model import Fact, Reading, State
from parity_tui.services._migrations import (
    CAP,
    HIDDEN,
    RULE,
    SEPARATOR,
    TABLES,
    Candidate,
    LedgerRow,
    LedgerTable,
    ledger_facts,
    recognize,
)
from parity_tui.services.mysql.queries import ResultRow

CANDIDATE, RIGHTS, ROW = " ledger table", " ledger rights", " ledger "
"""how the names of our rows begin; the last is followed by the number of the table"""

NEWEST = 50
"""rows of each ledger that every reading compares with those of the one before"""

_WIDTH, _SHORT = 255, 64
_REGISTRY = "sqitch"
"""a database that one tool keeps for its ledger alone"""

_CANDIDATES = """
(SELECT '{mark}', CAST(c.TABLE_SCHEMA AS BINARY), CAST(c.TABLE_NAME AS BINARY), CAST(c.COLUMN_NAME AS BINARY),
  CAST(c.PRIVILEGES AS BINARY), NULL
FROM information_schema.COLUMNS c
JOIN information_schema.TABLES t ON t.TABLE_SCHEMA = c.TABLE_SCHEMA AND t.TABLE_NAME = c.TABLE_NAME
WHERE c.TABLE_SCHEMA IN ({schemas}) AND t.TABLE_SCHEMA IN ({schemas})
  AND c.TABLE_NAME IN ({tables}) AND t.TABLE_NAME IN ({tables}) AND t.TABLE_TYPE = 'BASE TABLE' LIMIT 2000)
UNION ALL SELECT '{rights}', CAST(
  EXISTS (SELECT 1 FROM information_schema.USER_PRIVILEGES WHERE PRIVILEGE_TYPE = 'SELECT')
  OR EXISTS (SELECT 1 FROM information_schema.SCHEMA_PRIVILEGES WHERE PRIVILEGE_TYPE = 'SELECT'
    AND {database} LIKE TABLE_SCHEMA)
  OR EXISTS (SELECT 1 FROM information_schema.TABLE_PRIVILEGES WHERE PRIVILEGE_TYPE = 'SELECT'
    AND TABLE_SCHEMA = {database}) AS BINARY), NULL, NULL, NULL, NULL"""


def candidates_statement(database: str) -> str:
    """Return the statement that lists the columns of tables that may be ledgers."""
    schema, registry = (f"_utf8mb4 0x{name.encode().hex()}" for name in (database, _REGISTRY))
    schemas = f"{schema}, {registry}"
    tables = ", ".join(f"'{table}'" for table in TABLES)
    texts = {"mark": CANDIDATE, "rights": RIGHTS, "schemas": schemas, "tables": tables, "database": schema}
    return _CANDIDATES.format(**texts).strip()


def candidates(rows: Iterable[ResultRow], database: str) -> tuple[Candidate, ...]:
    """Return the tables in the rows of :func:`candidates_statement`, those of the app's database first."""
    columns: dict[tuple[str, str], list[str]] = {}
    readable: dict[tuple[str, str], bool] = {}
    for mark, *fields in rows:
        if mark != CANDIDATE.encode():
            continue
        schema, table, column, rights = (_text(field) for field in fields[:4])
        columns.setdefault((schema, table), []).append(column)
        readable[schema, table] = readable.get((schema, table), True) and "select" in rights.lower().split(",")
    ordered = sorted(columns, key=lambda key: (key[0] != database, key))
    return tuple(Candidate(*key, tuple(columns[key]), readable[key]) for key in ordered)


def _text(field: bytes | None) -> str:
    return (field or b"").decode(errors="surrogateescape")


def rows_statement(tables: Mapping[int, LedgerTable], most: int = CAP + 1) -> str:
    """Return the statement that reads the newest rows of each table."""
    return "\nUNION ALL ".join(f"({_select(number, table, most)})" for number, table in tables.items())


def _select(number: int, table: LedgerTable, most: int) -> str:
    order = ", ".join(f"{_name(column)} DESC" for column in table.order)
    fields = ", ".join(
        (
            _joined(table.id, _WIDTH),
            _joined(table.state, _SHORT),
            *(
                _joined([column] if column else [], width)
                for column, width in ((table.at, _SHORT), (table.by, _WIDTH), (table.checksum, _WIDTH))
            ),
        )
    )
    return (
        f"SELECT '{ROW}{number}', {fields} FROM {_name(table.schema)}.{_name(table.table)}"  # noqa: S608
        f"{f' ORDER BY {order}' if order else ''} LIMIT {most}"
    )


def _name(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _joined(columns: Sequence[str], width: int) -> str:
    if not columns:
        return "NULL"
    texts = (f"LEFT(IFNULL(CAST({_name(column)} AS BINARY), ''), {width})" for column in columns)
    return f"CAST(CONCAT_WS(CHAR({ord(SEPARATOR)}), {', '.join(texts)}) AS BINARY)"


def decode(rows: Iterable[ResultRow], tables: Iterable[int]) -> dict[int, list[LedgerRow]]:
    """Return the rows of each table; rows of other kinds are ignored.

    >>> decode([(b" ledger 0", b"1", None, b"2024-05-01", None, None), (b"port", b"1")], [0])
    {0: [LedgerRow(id='1', state='', at='2024-05-01', by='', checksum='')]}
    """
    found: dict[int, list[LedgerRow]] = {number: [] for number in tables}
    for row in rows:
        number = _text(row[0]).removeprefix(ROW) if row and (row[0] or b"").startswith(ROW.encode()) else ""
        if number.isdecimal() and int(number) in found:
            found[int(number)].append(LedgerRow(*map(_text, row[1:6])))
    return found


def _of_catalogue(rows: Iterable[ResultRow]) -> list[ResultRow]:
    return [row for row in rows if row and row[0] in (CANDIDATE.encode(), RIGHTS.encode())]


def _why(tables: str, account: str) -> str:
    return HIDDEN.why.format(rights=f"SELECT ON {tables}", user=account)


class Ledgers:
    """The ledgers of one connection: their tables, and the rows that the latest reading brought."""

    def __init__(self, database: str, account: str = "", rows: Sequence[ResultRow] = ()) -> None:
        tables = recognize(candidates(rows, database))
        self.tables = {number: table for number, table in enumerate(tables) if table.readable}
        self.facts: dict[str, Fact] = {}
        self.hidden: tuple[tuple[str, str], ...] = ()
        """all ledgers, if our account may not see the tables of the database"""
        if any(row[:2] == (RIGHTS.encode(), b"0") for row in rows) and not tables:
            self.hidden = ((RULE.name, _why(f"{_name(database)}.*", account)),)
        self._catalogue = _of_catalogue(rows)
        self._all = tables
        self._database = database
        self._account = account
        self._rows: dict[int, list[LedgerRow]] = {}

    @property
    def statement(self) -> str:
        """The rows to read with every reading: the newest ones of each ledger; the candidates while none is known."""
        if self.tables:
            return rows_statement(self.tables, NEWEST)
        return candidates_statement(self._database) if self._database else ""

    def unchanged(self, rows: Iterable[ResultRow]) -> bool:
        """Return whether the rows of :attr:`statement` are those that were read before."""
        if self.tables:
            newest = decode(rows, self.tables)
            return all(newest[number] == self._rows.get(number, [])[:NEWEST] for number in self.tables)
        return _of_catalogue(rows) == self._catalogue

    def take(self, rows: Iterable[ResultRow]) -> None:
        """Make the facts from all rows of the ledgers."""
        self._rows = decode(rows, self.tables)
        hidden = {
            table.label: Fact(
                state=State.HIDDEN, note=_why(f"{_name(table.schema)}.{_name(table.table)}", self._account)
            )
            for table in self._all
            if not table.readable and table.label
        }
        self.facts = {**ledger_facts(self._all, self._rows), **hidden}

    def added_to(self, reading: Reading) -> Reading:
        """Return the reading with the ledgers."""
        return replace(reading, facts={**reading.facts, **self.facts}, hidden=(*reading.hidden, *self.hidden))

"""Reads the ledgers of migration tools in the connected database: found by the reading's own statement, read by one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from parity_tui.model import Fact, State
from parity_tui.services._migrations import (
    CAP,
    HIDDEN,
    Candidate,
    LedgerRow,
    LedgerTable,
    ledger_facts,
    recognize,
)
from parity_tui.services.postgres.connection.copy import copied
from parity_tui.services.postgres.errors import is_query_error
from parity_tui.services.postgres.normalize import quoted
from parity_tui.transport.foreign import foreign

if TYPE_CHECKING:
    from asyncpg import Connection

_WIDTH, _SHORT = 255, 64
_ESCAPED = re.compile(rb"\\(.)")


class Ledgers:
    """The ledgers of one connection, read again when the catalogue shows a change."""

    def __init__(self, connection: Connection[Any], user: str) -> None:
        self._connection = connection
        self._user = user
        self._candidates: Sequence[Candidate] | None = None
        self._facts: dict[str, Fact] = {}

    async def read(self, candidates: Sequence[Candidate], standby: bool) -> dict[str, Fact]:
        """Return a fact for each ledger among the candidates; a standby does not count the writes it replays."""
        if standby or candidates != self._candidates:
            self._facts = await self._read(recognize(candidates))
            self._candidates = candidates
        return self._facts

    @property
    def always(self) -> bool:
        """Whether the last reading found ledgers, which a standby has to read each time."""
        return bool(self._facts)

    async def _read(self, tables: Sequence[LedgerTable]) -> dict[str, Fact]:
        hidden = {table.label: _hidden(table, self._user) for table in tables if not table.readable}
        wanted = {number: table for number, table in enumerate(tables) if table.readable}
        try:
            rows, failed = await self._rows(wanted), dict[str, Fact]()
        except Exception as error:
            if not is_query_error(error):
                raise
            rows, failed = await self._rows_one_by_one(wanted)
        return {**ledger_facts(tables, rows), **hidden, **failed}

    async def _rows_one_by_one(
        self, tables: Mapping[int, LedgerTable]
    ) -> tuple[dict[int, list[LedgerRow]], dict[str, Fact]]:
        """Return the rows of the ledgers that can be read, and a fact without value for each other one."""
        rows: dict[int, list[LedgerRow]] = {}
        failed: dict[str, Fact] = {}
        for number, table in tables.items():
            try:
                rows.update(await self._rows({number: table}))
            except Exception as error:
                if not is_query_error(error):
                    raise
                if table.label:
                    failed[table.label] = Fact(state=State.UNKNOWN, note=f"cannot be read: {foreign(error)}")
        return rows, failed

    async def _rows(self, tables: Mapping[int, LedgerTable]) -> dict[int, list[LedgerRow]]:
        if not tables:
            return {}
        return decode(await copied(self._connection, statement(tables)), tables)


def _hidden(table: LedgerTable, user: str) -> Fact:
    schema, role = quoted(table.schema), quoted(user)
    usage = f"USAGE ON SCHEMA {schema} TO {role}; GRANT " if schema != "public" else ""
    rights = f"{usage}SELECT ON {schema}.{quoted(table.table)}"
    return Fact(state=State.HIDDEN, note=HIDDEN.why.format(rights=rights, user=role))


def decode(received: bytes, tables: Iterable[int]) -> dict[int, list[LedgerRow]]:
    r"""Return the rows of each table from the text of COPY.

    >>> decode(b'[0, "a\\\\u001fb", "", "", "", ""]\n', [0])
    {0: [LedgerRow(id='a\x1fb', state='', at='', by='', checksum='')]}
    """
    rows: dict[int, list[LedgerRow]] = {number: [] for number in tables}
    for line in received.splitlines():
        text = _ESCAPED.sub(rb"\1", line).decode(errors="surrogateescape")
        number, *fields = json.loads(text, strict=False)
        rows[number].append(LedgerRow(*fields))
    return rows


def statement(tables: Mapping[int, LedgerTable]) -> str:
    """Return the statement that reads the newest rows of each table; columns are of types of pg_catalog only."""
    return "\nUNION ALL ".join(f"({_select(number, table)})" for number, table in tables.items())


def _select(number: int, table: LedgerTable) -> str:
    order = ", ".join(f"{_name(column)} DESC" for column in table.order)
    fields = ", ".join(
        (
            _joined(table.id, _WIDTH),
            _joined(table.state, _SHORT),
            _time(table.at),
            _joined([table.by] if table.by else [], _WIDTH),
            _joined([table.checksum] if table.checksum else [], _WIDTH),
        )
    )
    return (
        f"SELECT pg_catalog.json_build_array({number}, {fields}) FROM (SELECT * FROM"  # noqa: S608
        f" {_name(table.schema)}.{_name(table.table)}{f' ORDER BY {order}' if order else ''} LIMIT {CAP + 1}) t"
    )


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _joined(columns: Sequence[str], width: int) -> str:
    if not columns:
        return "''"
    texts = (f"COALESCE(pg_catalog.left(CAST({_name(column)} AS pg_catalog.text), {width}), '')" for column in columns)
    return f"pg_catalog.concat_ws(pg_catalog.chr(31), {', '.join(texts)})"


def _time(column: str) -> str:
    """Return a time in the format of ISO, whatever the server's DateStyle."""
    if not column:
        return "''"
    return f"COALESCE(pg_catalog.left(CAST(pg_catalog.to_json({_name(column)}) AS pg_catalog.text), {_SHORT}), '')"

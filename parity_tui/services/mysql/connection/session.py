"""The readings of one connection: the dialect that the server understands, and the latest answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from parity_tui.model import Reading, Target
from parity_tui.services.mysql.errors import describe_error, is_query_error
from parity_tui.services.mysql.migrations import Ledgers, rows_statement
from parity_tui.services.mysql.parse import cut_variables, decode, parse, sql_account
from parity_tui.services.mysql.queries import (
    LOADED,
    OTHERS,
    Answer,
    ResultRow,
    Variable,
    VariableInfo,
    dialects,
    show_only,
    whole_values,
    with_further_rows,
)
from parity_tui.transport.errors import described_errors
from parity_tui.transport.threads import in_thread_if_large

if TYPE_CHECKING:
    from parity_tui.services.mysql.connection import MySQLConnection

_REST = 32
"""bytes that a row has besides its name and value"""


class Session:
    """One connection, the dialects it may understand and the latest answer."""

    def __init__(self, connection: MySQLConnection, target: Target) -> None:
        self._connection = connection
        self._target = target
        self._dialects = dialects(connection.greeting)
        self._infos: dict[str, VariableInfo] = {}
        self._long_variables: list[str] = []
        self._rows_hash: int | None = None
        """of the latest rows, which are many; None where the reading was made of further ones"""
        self._reading: Reading | None = None
        self._ledgers = Ledgers(target.path)

    async def read(self) -> Reading:
        """Read once, in one round trip unless something is new; an equal answer returns the same object."""
        with described_errors(self._connection, self._described):
            rows = await self._ask(with_infos=not self._infos)
            rows_hash = hash(rows)
            if self._reading is not None and rows_hash == self._rows_hash:
                return self._reading
            answer, settled = await self._answer_in(rows)
        notes = (self._target.tls.note(self._connection.encrypted),)
        size = sum(len(each.name) + len(each.value or "") + _REST for each in answer.variables)
        arguments = answer, self._infos, self._target, notes, self._connection.greeting
        reading = self._ledgers.added_to(await in_thread_if_large(size, parse, *arguments))
        if reading != self._reading or self._reading is None:
            self._reading = reading
        self._rows_hash = rows_hash if settled else None
        return self._reading

    def _described(self, error: Exception) -> Exception:
        return describe_error(error, self._target, self._connection.secure)

    async def _read_ledgers(self, rows: tuple[ResultRow, ...], account: str) -> None:
        """Read the ledgers of migrations if the rows of a reading show new ones, or others of their newest rows."""
        if not self._target.path or self._ledgers.unchanged(rows):
            return
        if not self._ledgers.tables:
            self._ledgers = Ledgers(self._target.path, sql_account(account), rows)
        tables = self._ledgers.tables
        self._ledgers.take(await self._rows_if_permitted(rows_statement(tables)) if tables else ())

    async def _answer_in(self, rows: tuple[ResultRow, ...]) -> tuple[Answer, bool]:
        """Return the answer, and whether equal rows will have the same one.

        Types and descriptions are those of the first rows; they are read again for new variables.
        """
        answer, infos = await self._decoded(rows)
        asked_again = bool(self._infos and infos.keys() - self._infos.keys())
        if asked_again:
            answer, self._infos = await self._decoded(await self._ask(with_infos=True))
        self._infos = self._infos or infos
        answer = await self._with_whole_values(answer)
        return answer, not (asked_again or cut_variables(answer))

    async def _decoded(self, rows: tuple[ResultRow, ...]) -> tuple[Answer, dict[str, VariableInfo]]:
        answer, infos = await in_thread_if_large(len(rows) * _REST, decode, rows)
        await self._read_ledgers(rows, answer.account)
        return answer, infos

    async def _ask(self, *, with_infos: bool) -> tuple[ResultRow, ...]:
        while True:
            try:
                return await self._rows(with_infos)
            except Exception as error:
                if not is_query_error(error) or (len(self._dialects) == 1 and not self._ledgers.statement):
                    raise
                if self._ledgers.statement:  # a ledger may be gone: they are looked for again, or not at all
                    self._ledgers = Ledgers(self._target.path if self._ledgers.tables else "")
                else:
                    del self._dialects[0]

    async def _rows(self, with_infos: bool) -> tuple[ResultRow, ...]:
        further = self._ledgers.statement
        if self._dialects[0] is not show_only:
            statement = self._dialects[0](with_infos, self._long_variables)
            return await self._connection.ask(with_further_rows(statement, further))
        rows = await self._connection.ask(show_only(False, ()))
        others = [row for part in (OTHERS, LOADED) for row in await self._rows_if_permitted(part)]
        return (*rows, *others, *(await self._rows_if_permitted(further) if further else ()))

    async def _rows_if_permitted(self, statement: str) -> tuple[ResultRow, ...]:
        try:
            return await self._connection.ask(statement)
        except Exception as error:
            if not is_query_error(error):
                raise
            return ()

    async def _with_whole_values(self, answer: Answer) -> Answer:
        """Return the answer with values that may be cut read one by one; the dialect includes them from then on."""
        unread = cut_variables(answer)
        rows = await self._rows_if_permitted(whole_values(unread)) if unread else ()
        if not rows:
            return answer
        self._long_variables = sorted({*self._long_variables, *unread})
        values = {(row[1] or b"").decode(): row[2] for row in rows if len(row) > 2}
        variables = tuple(_with_value(variable, values) for variable in answer.variables)
        return replace(answer, variables=variables, cut=answer.cut - values.keys())


def _with_value(variable: Variable, values: dict[str, bytes | None]) -> Variable:
    if variable.name not in values:
        return variable
    return replace(variable, value=(values[variable.name] or b"").decode(errors="surrogateescape"))

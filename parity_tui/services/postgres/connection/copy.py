"""Runs a query as COPY … TO STDOUT: the only way to rows in one round trip, without preparing, through every pooler."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any, Literal

from msgspec import Struct

from parity_tui.model import Reason, ServiceError

if TYPE_CHECKING:
    from asyncpg import Connection

_HEAD = b"PGCOPY\n\xff\r\n\0" + b"\0" * 8
_ROW = struct.Struct(">hiqiii")
_BODY = _ROW.size
_END = b"\xff\xff"


class Copied(Struct, frozen=True):
    """The only row of the reading's statement."""

    hash: int
    pid: int
    """of the backend that has run the statement"""
    body: bytes | None
    """None where it is the known one"""


async def copied(connection: Connection[Any], query: str, form: Literal["text", "binary"] = "text") -> bytes:
    """Return the rows of a query without parameters, in PostgreSQL's "text" or "binary" form.

    Raises asyncpg's errors.
    """
    received = bytearray()

    async def receive(data: bytes) -> None:
        received.extend(data)

    await connection.copy_from_query(query, output=receive, format=None if form == "text" else form)
    return bytes(received)


def decode_row(received: bytes, address: str) -> Copied:
    r"""Return the row (hash int8, pid int4, body bytea) of a binary copy. Raises ServiceError where it is another.

    >>> row = b"\0\3" + b"\0\0\0\x08" + b"\0" * 7 + b"\7" + b"\0\0\0\4\0\0\0\5"
    >>> decode_row(_HEAD + row + b"\xff\xff\xff\xff" + _END, "db:5432")
    Copied(hash=7, pid=5, body=None)
    >>> decode_row(_HEAD + row + b"\0\0\0\2{}" + _END, "db:5432").body
    b'{}'
    """
    start, end = len(_HEAD), len(received) - len(_END)
    if received.startswith(_HEAD) and received.endswith(_END) and end - start >= _BODY:
        columns, of_hash, number, of_pid, pid, size = _ROW.unpack_from(received, start)
        body = received[start + _BODY : end]
        if (columns, of_hash, of_pid) == (3, 8, 4) and len(body) == max(size, 0) and size >= -1:
            return Copied(number, pid, None if size == -1 else body)
    raise ServiceError(Reason.PROTOCOL, f"{address} sent an answer that is no row of PostgreSQL's")

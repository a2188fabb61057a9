"""SQLite: real files, written by Python's library."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from parity_tui.model import Reading, ServiceError, State, Target
from parity_tui.services.sqlite import SERVICE
from parity_tui.transport.dialer import NetworkDialer
from tests.services import web


async def read(path: Path) -> Reading:
    """Read a file as the watcher does."""
    target = Target("dev", "database", "sqlite", "sqlite", path=str(path))
    async with SERVICE.connect(target, NetworkDialer(target, 3)) as reads:
        return await reads()


def database(path: Path, *statements: str) -> Path:
    """Create a database with these statements and one table."""
    with closing(sqlite3.connect(path)) as connection:
        for statement in (*statements, "CREATE TABLE t (x)"):
            connection.execute(statement)
        connection.commit()
    return path


async def test_equal_databases_have_equal_facts(tmp_path: Path) -> None:
    one, other = await read(database(tmp_path / "a.db")), await read(database(tmp_path / "b.db"))
    assert one.facts == other.facts
    assert (one.product, one.version) == ("SQLite", sqlite3.sqlite_version)


@pytest.mark.parametrize(
    ("statement", "setting", "value"),
    [
        ("PRAGMA journal_mode = wal", "journal_mode", "wal"),
        ("PRAGMA encoding = 'UTF-16le'", "encoding", "UTF-16le"),
        ("PRAGMA user_version = 7", "user_version", "7"),
        ("PRAGMA application_id = 77", "application_id", "77"),
        ("PRAGMA page_size = 65536", "page_size", "65536"),
        ("PRAGMA auto_vacuum = incremental", "auto_vacuum", "incremental"),
    ],
)
async def test_pragma_changes_one_fact(tmp_path: Path, statement: str, setting: str, value: str) -> None:
    plain, other = await read(database(tmp_path / "a.db")), await read(database(tmp_path / "b.db", statement))
    assert other.facts[setting].raw == value
    assert {name for name in other.facts if plain.facts[name] != other.facts[name]} == {setting}


async def test_write_ahead_log_overrides_the_header(tmp_path: Path) -> None:
    """The log of a live database holds newer values than its file."""
    with closing(sqlite3.connect(tmp_path / "live.db")) as app:
        app.execute("PRAGMA journal_mode = wal")
        app.execute("PRAGMA user_version = 9")
        app.commit()
        assert (await read(tmp_path / "live.db")).facts["user_version"].raw == "9"


async def test_reading_creates_no_side_files(tmp_path: Path) -> None:
    """Opening a database in WAL mode would create them."""
    path = database(tmp_path / "a.db", "PRAGMA journal_mode = wal")
    before = {entry.name: entry.stat().st_mtime_ns for entry in os.scandir(tmp_path)}
    await read(path)
    assert {entry.name: entry.stat().st_mtime_ns for entry in os.scandir(tmp_path)} == before


async def test_facts_of_pythons_library_are_labelled(tmp_path: Path) -> None:
    reading = await read(database(tmp_path / "a.db"))
    options = [fact for name, fact in reading.facts.items() if name.startswith("library.")]
    assert options
    assert all("own SQLite library" in fact.note for fact in options)


@pytest.mark.parametrize(
    ("content", "reason", "words"),
    [(None, "server", "no file"), (b"GIF89a" * 40, "wrong-service", "is not a SQLite database")],
)
async def test_missing_or_foreign_file_is_described(
    tmp_path: Path, content: bytes | None, reason: str, words: str
) -> None:
    path = tmp_path / "app.db"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ServiceError, match=words) as caught:
        await read(path)
    assert caught.value.reason == reason


async def test_empty_file_is_one_row(tmp_path: Path) -> None:
    """SQLite creates an empty file first; our own library's settings say nothing of it."""
    (tmp_path / "new.db").touch()
    empty, full = await read(tmp_path / "new.db"), await read(database(tmp_path / "a.db"))
    assert (empty.product, empty.version, empty.facts) == ("SQLite (empty: no database yet)", "", {})
    rows = web.rows(empty, full, kind="sqlite")
    assert {name for name, row in rows.items() if row.listed} == {"product"}


@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16le"])
async def test_open_database_is_read_through_its_log(tmp_path: Path, encoding: str) -> None:
    """The header in the file is older: the app has not merged its log yet."""
    statements = ("PRAGMA journal_mode = wal", f"PRAGMA encoding = '{encoding}'")
    merged = await read(database(tmp_path / "a.db", *statements))
    with closing(sqlite3.connect(tmp_path / "live.db")) as app:
        for statement in (*statements, "CREATE TABLE t (x)"):
            app.execute(statement)
        app.commit()
        live = await read(tmp_path / "live.db")
    assert live.facts["encoding"].raw == encoding
    assert live.facts["schema_format"].state is State.UNKNOWN
    assert not [name for name, row in web.rows(merged, live, kind="sqlite").items() if row.listed]

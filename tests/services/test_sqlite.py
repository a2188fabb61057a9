"""SQLite: real files, written by the library of this Python."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from parity_tui.model import Reading, ServiceError, Target
from parity_tui.services.sqlite import SERVICE
from parity_tui.transport.dialer import NetworkDialer


async def read(path: Path) -> Reading:
    """Read a file as the board does."""
    target = Target("dev", "database", "sqlite", "sqlite", path=str(path))
    async with SERVICE.connect(target, NetworkDialer(target, 3)) as reads:
        return await reads()


def database(path: Path, *statements: str) -> Path:
    """Make a database."""
    with closing(sqlite3.connect(path)) as connection:
        for statement in (*statements, "CREATE TABLE t (x)"):
            connection.execute(statement)
        connection.commit()
    return path


async def test_equal_databases_say_the_same(tmp_path: Path) -> None:
    """Two files made in the same way differ in nothing but their address."""
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
async def test_what_the_database_keeps_is_seen(tmp_path: Path, statement: str, setting: str, value: str) -> None:
    """One pragma makes one difference."""
    plain, other = await read(database(tmp_path / "a.db")), await read(database(tmp_path / "b.db", statement))
    assert other.facts[setting].raw == value
    assert {name for name in other.facts if plain.facts[name] != other.facts[name]} == {setting}


async def test_values_in_the_write_ahead_log_are_seen(tmp_path: Path) -> None:
    """A live database in WAL mode has newer values in its log than in its file."""
    with closing(sqlite3.connect(tmp_path / "live.db")) as app:
        app.execute("PRAGMA journal_mode = wal")
        app.execute("PRAGMA user_version = 9")
        app.commit()
        assert (await read(tmp_path / "live.db")).facts["user_version"].raw == "9"


async def test_reading_leaves_nothing_behind(tmp_path: Path) -> None:
    """Not even the side files of a database in WAL mode come into being."""
    path = database(tmp_path / "a.db", "PRAGMA journal_mode = wal")
    before = {entry.name: entry.stat().st_mtime_ns for entry in os.scandir(tmp_path)}
    await read(path)
    assert {entry.name: entry.stat().st_mtime_ns for entry in os.scandir(tmp_path)} == before


async def test_our_own_library_is_labelled_as_ours(tmp_path: Path) -> None:
    """Compile options are those of Python's library, and say so."""
    reading = await read(database(tmp_path / "a.db"))
    options = [fact for name, fact in reading.facts.items() if name.startswith("library.")]
    assert options
    assert all("own SQLite library" in fact.note for fact in options)


@pytest.mark.parametrize(
    ("content", "reason", "words"),
    [(None, "server", "there is no file"), (b"GIF89a" * 40, "wrong-service", "is not a SQLite database")],
)
async def test_what_is_no_database_is_said(tmp_path: Path, content: bytes | None, reason: str, words: str) -> None:
    """A file that is not there, and one that is something else."""
    path = tmp_path / "app.db"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ServiceError, match=words) as caught:
        await read(path)
    assert caught.value.reason == reason


async def test_an_empty_file_is_a_database_without_tables(tmp_path: Path) -> None:
    """SQLite makes an empty file first: nothing is known of it, and nothing is made up."""
    (tmp_path / "new.db").touch()
    reading = await read(tmp_path / "new.db")
    assert "encoding" not in reading.facts

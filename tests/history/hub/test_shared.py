"""Several boards write to one hub: each event is stored once, and a hub that is away costs nothing."""

import signal
import time
from collections.abc import Callable, Iterator

import pytest
from msgspec.structs import replace

from parity_tui.demo.postgres import Postgres
from parity_tui.demo.servers import Servers
from parity_tui.drift.board import Board
from parity_tui.history import History, HistoryUpdate, Recording, read_history
from parity_tui.history import writer as module
from parity_tui.history.hub import create, database
from parity_tui.history.writer import NewerStoreError, Writer
from parity_tui.model import Failure, Reason, Target
from parity_tui.transport.threads import in_thread
from tests.drift.change_builders import EMPTY, TARGETS, answer_of, answered, reading
from tests.history.hub.conftest import grant, target_of, until
from tests.history.stores import short

REFUSED = Failure(Reason.REFUSED, "no answer")


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RETRY", 0.0)
    monkeypatch.setattr(database, "FIRST_DELAY", 0.0)


def boards(*zones: str) -> Iterator[Board]:
    board = EMPTY
    for at, zone in enumerate(zones, 100):
        if zone == "-":
            failed = replace(answer_of(TARGETS[0], REFUSED), failed_since=float(at))
            board = board.with_outcomes([failed])
        else:
            board = answered(board, reading(zone=zone), reading(zone="x"), at=float(at))
        yield board


A, B, C, D, E = boards("a", "b", "c", "-", "e")
EVENTS = ["dev db zone a → b", "dev db zone b → c"]


class OpenBoard:
    """A writer, and its reports."""

    def __init__(self, hub: Target, role: str = "board") -> None:
        self.updates: list[HistoryUpdate] = []
        self.now = 1000.0
        self.writer = Writer((), Recording(role=role), lambda: self.now, self.updates.append, hub)

    def record(self, *boards: Board) -> "OpenBoard":
        for board in boards:
            self.now += 1
            self.writer.record(board)
        return self

    @property
    def problems(self) -> list[str]:
        return [update.problem for update in self.updates if update.problem]

    @property
    def past(self) -> list[str]:
        return [timed.change.transition for update in self.updates for timed in update.past]


OpenBoards = Callable[..., OpenBoard]


@pytest.fixture
def open_board() -> Iterator[OpenBoards]:
    """Return a function that opens a board on a hub; all are closed after the test."""
    opened: list[OpenBoard] = []

    def open_one(hub: Target, role: str = "board") -> OpenBoard:
        opened.append(OpenBoard(hub, role))
        return opened[-1]

    yield open_one
    for each in opened:
        each.writer.close()


def stored(hub: Target) -> list[str]:
    return short(read_history((), lambda store: store.load_events(), hub))


def test_events_of_five_boards_are_stored_once(hub: Target, open_board: OpenBoards) -> None:
    observers = [open_board(hub).record(A) for _ in range(5)]
    for board in (B, C, D, E):
        for observer in observers:
            observer.record(board)
    for observer in observers:
        observer.writer.confirm()
        observer.writer.leave()
        observer.writer.close()
        assert observer.problems == []
    events = stored(hub)
    assert events[:2] == EVENTS
    assert len(events) == 5, events


def test_next_board_knows_the_events_of_others(hub: Target, open_board: OpenBoards) -> None:
    open_board(hub).record(A, B).writer.close()
    other = open_board(replace(hub)).record(B, C)
    assert other.past == ["a → b"]
    assert stored(hub) == EVENTS


def test_reader_reads_and_writes_nothing(hub: Target, open_board: OpenBoards) -> None:
    open_board(hub).record(A, B).writer.close()
    reader = replace(hub, user="rob")
    assert stored(reader) == EVENTS[:1]
    board = open_board(reader).record(B, C)
    assert len(board.problems) == 1
    assert "denies rob permission" in board.problems[0]
    assert stored(hub) == EVENTS[:1]


def test_hub_that_was_away_is_complete_afterwards(servers: Servers, open_board: OpenBoards) -> None:
    server = servers.postgres("16")
    owner = target_of(server)
    create.create(owner)
    grant(server, "postgres")
    hub = replace(owner, user="ann")
    first, second = open_board(hub).record(A), open_board(hub).record(A)
    server.stop()
    for observer in (first, second):
        observer.record(B, C)
        assert len(observer.problems) == 1
        assert "kept only while this board is open" in observer.problems[0]
    late = open_board(hub).record(A, B, C)
    server.start()
    for board in (D, E):
        for observer in (first, second, late):
            observer.record(board)
            observer.writer.confirm()
    assert stored(hub)[:2] == EVENTS
    assert len(stored(hub)) == 5, (
        stored(hub),
        server.sql("SELECT seq, at, kind, setting, old_value, new_value FROM parity_tui.event ORDER BY seq"),
    )
    assert not any(each.writer._unwritten for each in (first, second, late))


def test_killed_server_keeps_what_was_stored(servers: Servers, open_board: OpenBoards) -> None:
    server = servers.postgres("18")
    hub = target_of(server)
    create.create(hub)
    board = open_board(hub).record(A, B)
    server.kill()
    board.record(C)
    server.start()
    board.record(C, D)
    assert stored(hub)[:2] == EVENTS


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("DROP SCHEMA parity_tui CASCADE", "has no history yet: parity-tui history --create"),
        ("DROP TABLE parity_tui.event", "has no history yet"),
        ("ALTER TABLE parity_tui.event DROP COLUMN severity", "has other tables than parity-tui makes"),
        ("ALTER TABLE parity_tui.server ALTER seen TYPE text", "has other tables than parity-tui makes"),
        ("DELETE FROM parity_tui.meta", "has no schema number"),
        ("REVOKE USAGE ON SCHEMA parity_tui FROM parity_writer", "denies ann permission: permission denied for schema"),
        ("REVOKE INSERT ON parity_tui.event FROM parity_writer", "denies ann permission: permission denied for table"),
        (
            "CREATE FUNCTION parity_tui.full() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no space left on "
            "device' USING ERRCODE = '53100'; END $$; CREATE TRIGGER f BEFORE INSERT ON parity_tui.event FOR EACH ROW "
            "EXECUTE FUNCTION parity_tui.full()",
            "has no space left",
        ),
    ],
)
def test_unusable_hub_is_described(
    hub: Target, hub_server: Postgres, change: str, words: str, open_board: OpenBoards
) -> None:
    hub_server.sql(change, database=hub.path)
    board = open_board(hub).record(A, B, C)
    board.writer.confirm()
    assert board.problems
    assert words in board.problems[0]
    assert len(board.problems) <= 2


def test_hub_without_history_names_the_command(empty_hub: Target, open_board: OpenBoards) -> None:
    board = open_board(empty_hub).record(A)
    assert [f"{words}" for words in board.problems if "parity-tui history --create makes it" in words]
    create.create(empty_hub)
    board.record(B)
    board.writer.confirm()
    assert stored(empty_hub) == EVENTS[:1]


def test_hub_of_newer_version_is_left_alone(hub: Target, hub_server: Postgres, open_board: OpenBoards) -> None:
    hub_server.sql("UPDATE parity_tui.meta SET value = '99' WHERE name = 'schema'", database=hub.path)
    with pytest.raises(NewerStoreError, match="written by a newer parity-tui"):
        open_board(hub).record(A)


def test_events_wait_for_locked_hub(
    hub: Target, hub_server: Postgres, monkeypatch: pytest.MonkeyPatch, open_board: OpenBoards
) -> None:
    monkeypatch.setitem(database._SETTINGS, "lock_timeout", "100ms")
    board = open_board(hub).record(A)
    other = database.open_hub(hub)
    with other.transaction():
        board.record(B)
    other.close()
    assert len(board.problems) == 1
    assert "locked by another program" in board.problems[0]
    board.record(C)
    assert stored(hub) == EVENTS


def test_hanging_hub_is_given_up(servers: Servers, monkeypatch: pytest.MonkeyPatch, open_board: OpenBoards) -> None:
    server = servers.postgres("16")
    hub = target_of(server)
    create.create(hub)
    board = open_board(hub).record(A)
    monkeypatch.setattr(database, "TIMEOUT", 0.3)
    assert server.process
    server.process.signal(signal.SIGSTOP, family=True)
    try:
        started = time.monotonic()
        board.record(B)
        assert time.monotonic() - started < 5
    finally:
        server.process.signal(signal.SIGCONT, family=True)
    assert len(board.problems) == 1
    monkeypatch.setattr(database, "TIMEOUT", 10)
    board.record(C)
    assert stored(hub) == EVENTS


async def test_waiting_events_are_written_without_further_boards(servers: Servers) -> None:
    """Another watcher may lead since the hub is back, so that no board follows."""
    server = servers.postgres("16")
    hub = target_of(server)
    await in_thread(create.create, hub)
    updates: list[HistoryUpdate] = []
    history = History((), Recording(role="watcher"), hub=hub)
    history.open(updates.append)
    try:
        history.record(A)
        await until(lambda: server.sql("SELECT 1 FROM parity_tui.reading"))
        server.stop()
        history.record(B)
        await until(lambda: any(update.problem for update in updates))
        server.start()
        await until(lambda: server.sql("SELECT new_value FROM parity_tui.event") == ["b"])
    finally:
        history.close()

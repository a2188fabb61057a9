"""Watching: kinds that hang, lie, crash and come back, and what the board says of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from datetime import date

import pytest
from msgspec.structs import replace

from parity_tui.drift.board import Board
from parity_tui.drift.policy import Expectation, Policy
from parity_tui.model import (
    Dialer,
    Fact,
    Failure,
    Outcome,
    Reading,
    ReadOnce,
    Reason,
    Service,
    ServiceError,
    State,
    Target,
    Verdict,
)
from parity_tui.secrets import Secret
from parity_tui.watcher import Watcher

Act = Callable[[], Awaitable[Reading]]


class Kind:
    """A kind whose connections and readings are played by the test, by environment."""

    def __init__(self, **acts: Act) -> None:
        self.acts = acts
        self.connected: list[str] = []
        self.dropped: list[str] = []
        self.service = Service("Made up", ("made",), self.connect, "none", ())

    @asynccontextmanager
    async def connect(self, target: Target, dialer: Dialer) -> AsyncIterator[ReadOnce]:
        """Note the connection."""
        self.connected.append(target.environment)
        try:
            yield self.acts[target.environment]
        finally:
            self.dropped.append(target.environment)

    def watch(self, *, once: bool = False, interval: float = 0.01, timeout: float = 0.3, policy: Policy | None = None,
              today: Callable[[], date] = date.today) -> Watcher:  # fmt: skip
        """Return what watches one target in each environment."""
        targets = [Target(name, "db", "made", host=f"{name}.example", port=1) for name in self.acts]
        return Watcher(
            list(self.acts), targets, {"made": self.service}, policy or Policy(), interval=interval, timeout=timeout,
            once=once, today=today,
        )  # fmt: skip


async def fine() -> Reading:
    """Answer at once."""
    return Reading("Thing", "1.0", {"a": Fact("1")})


async def silent() -> Reading:
    """Never answer."""
    await asyncio.Event().wait()
    raise AssertionError


def ignoring(release: asyncio.Event) -> Act:
    """Return an answer that swallows every cancellation until it is released."""

    async def act() -> Reading:
        while not release.is_set():
            try:
                await release.wait()
            except asyncio.CancelledError:
                continue
        return await fine()

    return act


def failing(error: BaseException) -> Act:
    """Return an answer that is an error."""

    async def act() -> Reading:
        raise error

    return act


async def once(kind: Kind) -> Board:
    """Read every target once."""
    watch = kind.watch(once=True)
    async with asyncio.timeout(20):
        async for _ in watch.boards():
            pass
    return watch.board


async def until(watch: Watcher, ready: Callable[[Board], bool]) -> Board:
    """Watch until the board is as wanted."""
    async with asyncio.timeout(20), aclosing(watch.boards()) as boards:  # type: ignore[type-var]
        async for board in boards:
            if ready(board):
                return board
    raise AssertionError("the boards have ended")


def outcome(board: Board, environment: str) -> Outcome:
    """Return what is known of an environment."""
    (found,) = [outcome for outcome in board.outcomes() if outcome.target.environment == environment]
    return found


def failure(board: Board, environment: str = "dev") -> Failure:
    """Return why an environment could not be read."""
    found = outcome(board, environment).failure
    assert found is not None
    return found


async def test_the_first_board_comes_before_any_connection() -> None:
    """The screen is painted first."""
    kind = Kind(dev=fine)
    boards = kind.watch().boards()
    board = await anext(boards)
    assert (board.complete, kind.connected) == (False, [])


async def test_a_server_that_hangs_costs_its_deadline_and_nothing_else() -> None:
    """The others are shown as ever, and the silent one in words."""
    board = await once(Kind(dev=silent, production=fine))
    assert failure(board) == Failure(Reason.TIMEOUT, "no answer in 0.3 s (dev.example:1)")
    assert outcome(board, "production").reading is not None


async def test_a_driver_that_cannot_be_interrupted_holds_up_nobody() -> None:
    """It swallows its cancellation, again and again."""
    release = asyncio.Event()
    stubborn = ignoring(release)
    board = await once(Kind(dev=stubborn, production=fine))
    release.set()
    await asyncio.sleep(0)
    assert failure(board).reason == "timeout"


@pytest.mark.parametrize(
    ("error", "reason", "words"),
    [
        (ServiceError(Reason.AUTH, "the password was rejected"), "auth", "the password was rejected"),
        (ConnectionRefusedError(), "refused", "dev.example:1 refused the connection"),
        (OSError("Multiple exceptions: [Errno 111] Connect call failed, [Errno 111] x"), "refused", "refused"),
        (ConnectionResetError(), "closed", "closed the connection"),
        (asyncio.IncompleteReadError(b"", 3), "closed", "closed the connection"),
        (asyncio.CancelledError(), "closed", "closed the connection"),
        (IndexError("bytearray index out of range"), "protocol", "not understood"),
        (ImportError("no module x"), "driver", "cannot be loaded"),
        (ValueError(), "protocol", "ValueError"),
    ],
)
async def test_every_error_becomes_words(error: BaseException, reason: str, words: str) -> None:
    """Whatever class a driver raises."""
    found = failure(await once(Kind(dev=failing(error), production=fine)))
    assert found.reason == reason
    assert words in found.message


async def test_no_secret_gets_into_the_words_and_no_escape_either() -> None:
    """Drivers quote what they were given."""
    Secret("sw0rd/fish")
    found = failure(await once(Kind(dev=failing(ValueError("bad DSN a://u:sw0rd%2Ffish@h \x1b[2J sw0rd/fish")))))
    assert "sw0rd" not in found.message
    assert "\x1b" not in found.message


async def test_what_cannot_even_be_tried_is_said() -> None:
    """A variable that is not set fails its target and nothing else."""
    problem = Failure(Reason.CONFIG, "the variable X is not set")
    kind = Kind(dev=fine, production=fine)
    targets = [Target("dev", "db", "made", problem=problem), Target("production", "db", "made")]
    watch = Watcher(["dev", "production"], targets, {"made": kind.service}, Policy(), once=True)
    async for _ in watch.boards():
        pass
    assert failure(watch.board) is problem
    assert kind.connected == ["production"]


async def test_a_target_that_is_not_let_in_yet_is_pending_beyond_its_deadline_and_holds_up_nobody() -> None:
    """The others are read meanwhile; once it is let in, it is read as they are."""
    gate = asyncio.Event()
    kind = Kind(dev=fine, production=fine)
    watch = kind.watch()

    async def wait_until_available(target: Target) -> None:
        """Keep development waiting."""
        if target.environment == "dev":
            await gate.wait()

    watch.wait_until_available = wait_until_available
    began = time.monotonic()

    def read(board: Board) -> bool:
        """Let it in once its deadline is long over; tell whether it has been read."""
        if time.monotonic() - began > 3 * watch.timeout and outcome(board, "production").reading:
            gate.set()
        assert gate.is_set() or outcome(board, "dev").pending
        assert outcome(board, "dev").failure is None
        return not outcome(board, "dev").pending

    await until(watch, read)
    assert kind.connected == ["production", "dev"]


async def test_the_end_does_not_wait_for_a_target_that_is_not_let_in() -> None:
    """Whoever waits for it is told to stop."""
    left: list[str] = []

    async def wait_until_available(target: Target) -> None:
        """Never let development in."""
        try:
            await asyncio.sleep(3600 if target.environment == "dev" else 0)
        except asyncio.CancelledError:
            left.append(target.environment)
            raise

    watch = Kind(dev=fine, production=fine).watch()
    watch.wait_until_available = wait_until_available
    await until(watch, lambda board: outcome(board, "production").reading is not None)
    assert left == ["dev"]


async def test_a_connection_is_kept_from_reading_to_reading() -> None:
    """One connection, as many readings as there is time for; dropped at the end."""
    reads = 0

    async def counting() -> Reading:
        nonlocal reads
        reads += 1
        return Reading("Thing", str(reads), {})

    kind = Kind(dev=counting)
    await until(kind.watch(), lambda board: reads >= 5)
    assert kind.connected == ["dev"]
    assert kind.dropped == ["dev"]


async def test_a_rejected_password_is_tried_once_and_again_when_asked() -> None:
    """Nobody locks an account by watching."""
    kind = Kind(dev=failing(ServiceError(Reason.AUTH, "no")), production=fine)
    watch = kind.watch()
    beats = 0

    def after_some_refreshes(board: Board) -> bool:
        nonlocal beats
        beats += 1
        if beats == 10:
            assert kind.connected.count("dev") == 1
            watch.refresh()
        return kind.connected.count("dev") == 2

    await until(watch, after_some_refreshes)


async def test_an_idle_connection_that_the_server_closes_is_made_anew_without_a_word() -> None:
    """Many servers drop idle clients; that is no outage."""
    reads = 0

    async def closing() -> Reading:
        nonlocal reads
        reads += 1
        if reads % 2 == 0:
            raise ConnectionResetError
        return await fine()

    kind = Kind(dev=closing)

    def no_failure_seen(board: Board) -> bool:
        assert outcome(board, "dev").failure is None
        return len(kind.connected) >= 3

    await until(kind.watch(), no_failure_seen)


async def test_however_many_drivers_do_not_let_go_the_end_is_waited_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not once for each of them: the end of the program, and another configuration, wait for it."""
    release = asyncio.Event()
    stubborn = ignoring(release)
    waits: list[int] = []
    wait = asyncio.wait

    async def counted(tasks: Sequence[asyncio.Task[None]], timeout: float) -> object:
        waits.append(len(tasks))
        return await wait(tasks, timeout=timeout)

    watch = Kind(**{f"dev{number}": stubborn for number in range(9)}).watch(timeout=20)
    async with aclosing(watch.boards()) as boards:  # type: ignore[type-var]
        await anext(boards)
        following = asyncio.ensure_future(anext(boards))
        await asyncio.sleep(0.05)
        monkeypatch.setattr(asyncio, "wait", counted)
        following.cancel()
        with suppress(asyncio.CancelledError):
            await following
    release.set()
    assert waits == [18]


async def test_another_watch_begins_with_what_was_known_of_the_same_servers() -> None:
    """Fault 41: Until they are read; a server at another address is another one."""
    before = await until(Kind(dev=fine, production=fine).watch(), lambda board: board.complete)
    kind = Kind(dev=silent, production=silent)
    watch = kind.watch()
    watch.targets = (watch.targets[0], replace(watch.targets[1], port=2))
    board = watch.resume_from(before)
    assert outcome(board, "dev").reading is not None
    assert outcome(board, "dev").connection == 0, "whoever restarts it meanwhile is to be told"
    assert outcome(board, "production").pending
    assert board is await anext(watch.boards())


async def test_a_target_that_fails_keeps_its_last_values_and_comes_back() -> None:
    """Stale while it is away; replaced when it answers again, without anybody asking."""
    state = {"up": True}

    async def unsteady() -> Reading:
        if state["up"]:
            return await fine()
        raise ConnectionRefusedError

    watch = Kind(dev=unsteady, production=fine).watch()
    seen: list[str] = []

    def story(board: Board) -> bool:
        one = outcome(board, "dev")
        if one.reading and not one.failure and not seen:
            seen.append("live")
            state["up"] = False
        elif one.stale and len(seen) == 1:
            seen.append("stale")
            (row,) = [row for row in board.sections[0].rows if row.setting == "a"]
            assert (row.verdict, row.cells[0].state, row.cells[0].raw) == (Verdict.UNKNOWN, State.UNKNOWN, "1")
            state["up"] = True
            watch.refresh()
        return len(seen) == 2 and not one.stale

    await until(watch, story)


async def test_while_paused_nothing_is_read() -> None:
    """Going on reads at once."""
    reads = 0

    async def counting() -> Reading:
        nonlocal reads
        reads += 1
        return Reading("Thing", str(reads), {})

    watch = Kind(dev=counting).watch()
    async with aclosing(watch.boards()) as boards:  # type: ignore[type-var]
        await anext(boards)
        await anext(boards)
        watch.pause(True)
        await asyncio.sleep(0.05)
        before = reads
        await asyncio.sleep(0.1)
        assert reads == before
        watch.pause(False)
        async with asyncio.timeout(10):
            while reads == before:
                await anext(boards)


async def test_another_baseline_is_another_board() -> None:
    """Without reading anything again."""
    watch = Kind(dev=fine, production=fine).watch(interval=100)
    watch.set_baseline("dev")
    assert (await until(watch, lambda board: board.policy.baseline == "dev")).policy.baseline == "dev"


async def test_an_expectation_ends_at_midnight_while_the_board_is_open() -> None:
    """The day is asked for at each board."""
    today = [date(2027, 3, 31)]

    async def other() -> Reading:
        return Reading("Thing", "1.0", {"a": Fact("2")})

    policy = Policy(expectations=(Expectation("db", "a", "migration", until=today[0]),))
    watch = Kind(dev=fine, production=other).watch(policy=policy, today=lambda: today[0])

    def drift(board: Board) -> bool:
        verdicts = [row.verdict for row in board.sections[0].rows if row.setting == "a"]
        if verdicts == [Verdict.EXPECTED]:
            today[0] = date(2027, 4, 1)
        return verdicts == [Verdict.DRIFT]

    await until(watch, drift)


async def test_secrets_among_the_facts_never_reach_the_board() -> None:
    """A kind that forgets to hide a password: it is compared by a keyed hash."""

    async def leaking() -> Reading:
        return Reading("Thing", "1.0", {"requirepass": Fact("swordfish"), "url": Fact("amqp://u:swordfish@h")})

    board = await once(Kind(dev=leaking, production=leaking))
    reading = outcome(board, "dev").reading
    assert reading is not None
    assert {fact.state for fact in reading.facts.values()} == {State.SECRET}
    assert "swordfish" not in repr(board)

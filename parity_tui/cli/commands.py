"""The commands that print. Imports are local, so that each command loads only its own packages."""

from __future__ import annotations

import argparse
import sys
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from parity_tui.cli.exit import Exit, check_reference
from parity_tui.cli.exit import exit_code as exit_code
from parity_tui.cli.golden import compare_with_golden, load_golden
from parity_tui.cli.output import print_report, style_of
from parity_tui.cli.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Sequence

    from parity_tui.config import Config
    from parity_tui.doctor import Diagnosis
    from parity_tui.drift.board import Board
    from parity_tui.history import HistoryState
    from parity_tui.model import Target
    from parity_tui.transport.head_start import HeadStart
    from parity_tui.watcher import Watcher


def load_config(options: argparse.Namespace) -> Config:
    """Return the configuration with the overrides and filters of the command line. Raises ConfigError."""
    with _without_typing_extensions():
        from parity_tui import config

    loaded = config.load(getattr(options, "config", None), getattr(options, "env_file", ()))
    names = ("baseline", "interval", "timeout")
    overridden = loaded.override(**{name: getattr(options, name) for name in names if hasattr(options, name)})
    selected = select(overridden, getattr(options, "environment", ()), getattr(options, "service", ()))
    every = [environment.name for environment in selected.environments]
    targets = (*selected.targets, *(outcome.target for outcome in selected.kept))
    return selected.with_warnings(*config.pair_notes(targets, every))


@contextmanager
def _without_typing_extensions() -> Iterator[None]:
    """Let msgspec take the names of `typing`: the package of their newer versions imports for 9 ms."""
    name = "typing_extensions"
    if name in sys.modules:
        yield
        return
    sys.modules[name] = None  # type: ignore[assignment]  # how Python marks a module that cannot be imported
    try:
        yield
    finally:
        del sys.modules[name]


def select(config: Config, environments: Sequence[str], services: Sequence[str]) -> Config:
    """Return the configuration of these environments and services; what is left out of others does not count."""
    only = config.only(environments, services)
    if not services or not only.left_out:
        return only
    from msgspec.structs import replace

    from parity_tui.config.dotenv import service_name  # here: it is about dotenv files only

    return replace(only, left_out=tuple(item for item in only.left_out if service_name(item.name) in services))


def create_watcher(
    config: Config,
    *,
    once: bool,
    wait_until_available: Callable[[Target], Awaitable[None]] | None = None,
    head_start: HeadStart | None = None,
) -> Watcher:
    """Return a watcher of the targets of a configuration; the arguments are those of :class:`Watcher`."""
    from parity_tui.config.eol_data import shipped
    from parity_tui.drift.policy import Policy
    from parity_tui.services import kinds
    from parity_tui.transport.git import Repository
    from parity_tui.watcher import Watcher

    if config.hub and not once:
        from parity_tui.snapshot.key import use_stored_key  # here: it is for watchers of a shared history

        with suppress(OSError):  # without the key, secrets are unknown on boards that follow the hub
            use_stored_key()
    lifecycle = config.lifecycle or shipped()
    return Watcher(
        [environment.name for environment in config.environments],
        (*config.targets, *_left_out_targets(config)),
        kinds(),
        Policy(
            config.baseline,
            config.expectations,
            config.severities,
            migrations_age=config.migrations_age,
            lifecycle=lifecycle,
        ),
        interval=config.interval,
        timeout=config.timeout,
        once=once,
        wait_until_available=wait_until_available,
        left_out=config.left_out,
        repository=Repository(config.repository) if config.repository else None,
        kept=config.kept,
        head_start=head_start,
    )


def begin_connecting(config: Config) -> HeadStart:
    """Begin to connect to the targets of a configuration that are read at once."""
    from parity_tui.services import kinds
    from parity_tui.transport.head_start import HeadStart

    return HeadStart(config.targets, kinds())


def _left_out_targets(config: Config) -> list[Target]:
    """Return a target that fails for each variable that is left out of a service which other environments have.

    Without it the environment would seem to lack the service.
    """
    if not config.left_out:
        return []
    from parity_tui.config.dotenv import service_name
    from parity_tui.model import Failure, Reason, Target

    every = (*config.targets, *(outcome.target for outcome in config.kept))
    known = {(target.environment, target.service) for target in every}
    targets = {}
    for item in config.left_out:
        key = item.environment, service_name(item.name)
        if key[1] in config.services and key not in known:
            problem = Failure(Reason.CONFIG, f"{item.name} is left out: {item.reason}")
            targets[key] = Target(*key, kind="", problem=problem)
    return list(targets.values())


def check(options: argparse.Namespace) -> Exit:
    """Read every target once, print the drift."""
    config = load_config(options)
    check_reference(config, options.min_grade)
    for warning in config.warnings:
        print(warning, file=sys.stderr)  # noqa: T201
    golden = load_golden(options.against) if options.against else None
    head_start = begin_connecting(config)
    from parity_tui.transport.event_loop import run

    board, state = run(read_with_history(config, head_start=head_start))
    compared = compare_with_golden(board, golden, str(options.against)) if golden else None
    if note := outdated_facts(board):
        print(note, file=sys.stderr)  # noqa: T201
    print_report(board, options, config.name, state, compared)
    return exit_code(board, options.fail_on, options.min_grade, compared)


def outdated_facts(board: Board) -> str:
    """Return a sentence on facts about release lines that are too old to prove anything, "" without any."""
    from parity_tui.drift.end_of_life import outdated, outdated_note

    readings = [reading for outcome in board.outcomes() for reading in outcome.answers]
    return outdated_note(outdated(board.policy.lifecycle, readings, board.policy.today))


def recorded(config: Config, *, events: bool) -> HistoryState | None:
    """Return the history of a configuration, None if it cannot be read: a report does without. Writes nothing."""
    from parity_tui.history import StoreError, read_history

    try:
        return read_history(
            config.files, lambda store: store.load_events() if events else store.load_moves(), config.hub
        )
    except (OSError, StoreError):
        return None


async def read_with_history(
    config: Config, *, events: bool = False, head_start: HeadStart | None = None
) -> tuple[Board, HistoryState | None]:
    """Return the board and the history, which a thread reads meanwhile: its present values, or all its events."""
    from parity_tui.history import path
    from parity_tui.transport.threads import in_thread

    if not events and not config.hub and not path.exists(config.files):
        return await read_once(create_watcher(config, once=True, head_start=head_start)), None
    import asyncio

    from parity_tui.history.since import dated  # here: most machines that check have no history

    history = asyncio.ensure_future(in_thread(lambda: recorded(config, events=events)))
    board, state = await read_once(create_watcher(config, once=True, head_start=head_start)), await history
    return (dated(state, board) if state else board), state


async def read_once(watcher: Watcher) -> Board:
    """Return the board after every target has answered or failed; show progress on the terminal."""
    progress = Progress(sys.stderr)
    try:
        async for board in watcher.boards():
            progress.show(board)
    finally:
        progress.end()
    return watcher.board


def doctor(options: argparse.Namespace) -> Exit:
    """Take each step to each target once and print the first that fails."""
    from parity_tui.report import diagnosis as report
    from parity_tui.transport.event_loop import run

    config = load_config(options)
    for warning in config.warnings:
        print(warning, file=sys.stderr)  # noqa: T201
    for origin in config.origins:
        print(f"{origin.environment} {origin.service}: {origin.sentence}", file=sys.stderr)  # noqa: T201
    diagnoses = run(_examine(config, print_each=options.format == "text"))
    if options.format == "json":
        sys.stdout.write(report.to_json(diagnoses, datetime.now(UTC), config.left_out) + "\n")
    else:
        sys.stdout.write(report.conclusion(diagnoses, config.left_out) + "\n")
    well = not config.left_out and all(diagnosis.state == "ok" for diagnosis in diagnoses)
    return Exit.PARITY if well else Exit.UNKNOWN


async def _examine(config: Config, *, print_each: bool) -> list[Diagnosis]:
    """Return the diagnosis of every target; with ``print_each`` print each in order, as soon as it is ready."""
    from parity_tui.doctor import examine
    from parity_tui.drift.policy import Policy
    from parity_tui.report.diagnosis import to_text
    from parity_tui.report.text import Style
    from parity_tui.services import kinds

    progress, style, diagnoses = Progress(sys.stderr), style_of(sys.stdout, Style), []
    policy = Policy(config.baseline, config.expectations, config.severities, migrations_age=config.migrations_age)
    try:
        async for diagnosis in examine(config.targets, kinds(), policy, config.timeout, progress.show):
            progress.clear()
            diagnoses.append(diagnosis)
            if print_each:
                sys.stdout.write(to_text(diagnosis, style) + "\n")
                sys.stdout.flush()
    finally:
        progress.end()
    return diagnoses


def allow(options: argparse.Namespace) -> Exit:
    """Let a parity.toml start the programs and send what it names; print both."""
    from parity_tui import config
    from parity_tui.drift.values import printable

    path, phrases = config.allow(getattr(options, "config", None))
    if not phrases:
        print(f"{path} starts no program and sends only logins: allowed")  # noqa: T201
        return Exit.PARITY
    print(f"{path} is allowed, until it changes, to:")  # noqa: T201
    for phrase in phrases:
        print(f"    {printable(phrase)}")  # noqa: T201
    return Exit.PARITY


def kinds(options: argparse.Namespace) -> Exit:
    """Print the kinds of service."""
    from parity_tui.services import kinds, schemes_of

    for kind, service in kinds().items():
        port = f", port {service.port}" if service.port else ""
        print(f"{kind}: {service.title}\n  schemes: {' '.join(schemes_of(kind, service))}{port}")  # noqa: T201
        print("  least privilege:", *service.privilege.strip().splitlines(), sep="\n    ")  # noqa: T201
    return Exit.PARITY

"""The commands that show the board; Textual is imported only by them."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from parity_tui.cli.commands import begin_connecting, create_watcher, exit_code, load_config, read_once, recorded
from parity_tui.cli.exit import Exit
from parity_tui.cli.gaps import print_gaps
from parity_tui.cli.guardian import guarded
from parity_tui.cli.output import print_report
from parity_tui.cli.progress import Progress

if TYPE_CHECKING:
    from pathlib import Path

    from parity_tui.config import Config
    from parity_tui.demo import Demo
    from parity_tui.drift.board import Board
    from parity_tui.history import History
    from parity_tui.report.gaps import Delivery
    from parity_tui.ui.protocols import BoardServices, BoardSource, Loaded


def board(options: argparse.Namespace) -> int:
    """Show the board."""
    return guarded(lambda: _board(options))


def _board(options: argparse.Namespace) -> int:
    from parity_tui.ui.terminal.capabilities import refusal

    return show(*_load(options, None, at_once=not refusal(os.environ)), getattr(options, "ascii", False))


def _load(options: argparse.Namespace, history: History | None, *, at_once: bool = False) -> Loaded:
    """Return the source, the first board and the services for a board, which reads ``at_once``. Raises ConfigError."""
    from msgspec.structs import replace

    config = load_config(options)
    watcher = create_watcher(config, once=False, head_start=begin_connecting(config) if at_once else None)
    history = history or _history(config, options)
    services = board_services(config, history=history, reload=lambda: _reload(options, history))
    services = replace(services, delivery=lambda board: _delivery(board, config))
    return watcher, watcher.board, _with_files(services, config, options)


def _history(config: Config, options: argparse.Namespace) -> History:
    from parity_tui.history import History, Recording

    complete = not (getattr(options, "environment", ()) or getattr(options, "service", ()))
    return History(
        config.files, Recording(config.history_keep, complete=complete, every=config.interval), hub=config.hub
    )


async def _delivery(board: Board, config: Config) -> Mapping[str, Delivery]:
    """Return the gaps of time and of personnel, as the command gaps measures them."""
    from parity_tui.cli.delivery import delivery_of
    from parity_tui.transport.threads import in_thread

    state = await in_thread(lambda: recorded(config, events=True))
    return await delivery_of(board, state, config.repository, time.time())


def _with_files(services: BoardServices, config: Config, options: argparse.Namespace) -> BoardServices:
    """Return the services with what keys may write: expectations go to the only parity.toml of a configuration."""
    from msgspec.structs import replace

    services = replace(services, changed=config_change(config.files))
    read_only = getattr(options, "read_only", False)
    if read_only or len(config.files) != 1 or getattr(options, "env_file", ()):
        return replace(services, read_only=read_only)
    path = config.files[0]
    return replace(services, write_expectation=lambda table: _append(path, table), expectation_file=str(path))


def config_change(files: Sequence[Path]) -> Callable[[], str]:
    """Return a function that names the file which has changed since now, "" without one."""
    before = {path: _status(path) for path in files}
    return lambda: next((path.name for path in files if _status(path) not in (before[path], None)), "")


def _status(path: Path) -> tuple[int, int, int] | None:
    """Return the time, size and inode of a file; None where it is missing, as for a moment while editors save."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


def _append(path: Path, table: str) -> str:
    """Append a table to the configuration; return the error as text, "" without one."""
    from parity_tui.config import ConfigError, append_table

    try:
        append_table(path, table)
    except ConfigError as error:
        return error.problems[0].split("\n")[0]
    return ""


def _reload(options: argparse.Namespace, history: History) -> Loaded | str:
    """Load the configuration again; return its first problem if it is invalid."""
    from parity_tui.config import ConfigError

    try:
        return _load(options, history)
    except ConfigError as error:
        more = len(error.problems) - 1
        return error.problems[0].split("\n")[0] + (f" (and {more} more)" if more else "")


def show(source: BoardSource, board: Board, wiring: BoardServices, ascii_only: bool) -> int:
    """Show a board until the user quits; return the exit code."""
    from parity_tui import ui

    return ui.run(source, board=board, services=wiring, ascii_only=ascii_only)


def board_services(
    config: Config,
    notes: Sequence[str] = (),
    history: History | None = None,
    reload: Callable[[], Loaded | str] | None = None,
) -> BoardServices:
    """Return the services that the board takes from other packages, for one configuration."""
    from parity_tui import ui
    from parity_tui.services import remediation

    names = [environment.name for environment in config.environments]

    def markdown(board: Board) -> str:
        from parity_tui.report import origin  # here: no board waits for what its export takes
        from parity_tui.report.markdown import to_markdown

        return to_markdown(board, origin=origin(datetime.now(UTC), config.name))

    def as_json(board: Board) -> str:
        from parity_tui.report.json_report import to_json

        return to_json(board, datetime.now(UTC))

    return ui.BoardServices(
        remediate=lambda row, index: remediation(row, names, index),
        exports={"md": markdown, "json": as_json},
        colours={environment.name: environment.colour for environment in config.environments},
        notes=(*config.warnings, *notes),
        history=history,
        reload=reload,
    )


def check_demo_options(options: argparse.Namespace) -> None:
    """Raise ConfigError for options without effect and a terminal without a board, before a dozen servers start."""
    from parity_tui.config import ConfigError
    from parity_tui.ui.terminal.capabilities import refusal

    if options.check_only:
        return
    formats = ("text", "json", "markdown") if options.gaps else ("text",)
    given = {
        f"--format {options.format}": options.format not in formats,
        "--fail-on": options.fail_on,
        "--min-grade": options.min_grade,
        "--all": options.all,
    }
    if names := [name for name, is_given in given.items() if is_given]:
        raise ConfigError(f"{', '.join(names)} needs the report of `parity-tui demo --check`")
    if not options.gaps and (reason := refusal(os.environ, "parity-tui demo --check")):
        raise ConfigError(reason)


def demo(options: argparse.Namespace) -> int:
    """Show the demo's servers as three environments, or print the report on them."""
    if not (options.check_only or options.gaps):
        return guarded(lambda: _demo(options))
    from parity_tui.demo import Demo
    from parity_tui.transport.event_loop import run

    progress = Progress(sys.stderr)
    return run(_check_demo(Demo(say=progress.say), progress, options))


def _demo(options: argparse.Namespace) -> int:
    from msgspec.structs import replace

    from parity_tui.demo import Demo, running

    progress = Progress(sys.stderr)
    with running(Demo(say=progress.say)) as demo:
        progress.end()
        config = demo_config(demo)
        watcher = create_watcher(config, once=False, wait_until_available=demo.wait_until_available)
        demo.suggested_fix = lambda *setting: suggested_fix(watcher.board, *setting)
        services = replace(
            board_services(config, demo.missing),
            hint=lambda: demo.hint,
            delivery=lambda board: _demo_delivery(board, demo, config),
        )
        code = show(watcher, watcher.board, services, getattr(options, "ascii", False))
        progress = Progress(sys.stderr)
        progress.say(f"stopping {demo.running} servers …")
    progress.end()
    return code


def suggested_fix(board: Board, environment: str, service: str, setting: str) -> str:
    """Return the text that a board suggests for a setting of an environment, "" without one."""
    from parity_tui.services import remediation

    names = list(board.environments)
    rows = (row for section in board.sections for row in section.rows)
    row = next((row for row in rows if (row.service, row.setting) == (service, setting)), None)
    return remediation(row, names, names.index(environment)) if row else ""


async def _check_demo(demo: Demo, progress: Progress, options: argparse.Namespace) -> Exit:
    """Print the report on the demo's servers, once all of them are up."""
    async with demo:
        await demo.ready()
        progress.clear()
        for note in demo.missing:
            print(note, file=sys.stderr)  # noqa: T201
        config = demo_config(demo)
        board = await read_once(create_watcher(config, once=True))
        delivery = await _demo_delivery(board, demo, config) if options.gaps else {}
        progress.say(f"stopping {demo.running} servers …")
    progress.clear()
    if options.gaps:
        return print_gaps(board, delivery, options.format)
    print_report(board, options, config.name)
    return exit_code(board, options.fail_on, options.min_grade)


async def _demo_delivery(board: Board, demo: Demo, config: Config) -> Mapping[str, Delivery]:
    """Return the delivery of the demo's app, out of its deploys as a board would have recorded them."""
    from parity_tui.cli.delivery import delivery_of
    from parity_tui.drift.changes import Change, ChangeKind, TimedChange
    from parity_tui.history import HistoryState

    state = HistoryState()
    for deploy in demo.deploys:
        change = Change(deploy.environment, "app", "revision", deploy.before, deploy.after, kind=ChangeKind.DEPLOY)
        state.changes.append(TimedChange(deploy.at, change))
    return await delivery_of(board, state, config.repository, time.time())


def demo_config(demo: Demo) -> Config:
    """Return the configuration of the demo's servers."""
    from parity_tui.config import parse

    return parse(demo.config_text, "the demo's parity.toml", {}, demo.home)

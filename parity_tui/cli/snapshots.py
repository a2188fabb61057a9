"""The commands `snapshot`, `open` and `diff`."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from parity_tui.cli.commands import create_watcher, load_config, outdated_facts, read_once, select
from parity_tui.cli.exit import Exit, check_reference, exit_code
from parity_tui.cli.golden import compare_with_golden, objections, prepare_key
from parity_tui.cli.output import print_report

if TYPE_CHECKING:
    from parity_tui.config import Config
    from parity_tui.drift.board import Board
    from parity_tui.snapshot.document import Snapshot


def snapshot(options: argparse.Namespace) -> Exit:
    """Read every target once and write the readings."""
    from parity_tui.secrets import key_id
    from parity_tui.snapshot.document import snapshot_of, to_text
    from parity_tui.snapshot.file import write
    from parity_tui.transport.event_loop import run

    path = None if options.output == "-" else Path(options.output)
    _check_output(path, approve=options.approve)
    prepare_key("other processes cannot compare its secrets")
    config = load_config(options)
    if options.approve and path is not None:
        _check_whole(config, path, selected=hasattr(options, "environment") or hasattr(options, "service"))
    for warning in config.warnings:
        _say(warning)
    board = run(read_once(create_watcher(config, once=True)))
    if options.approve and (reasons := list(objections(board))):
        for reason in reasons:
            _say(reason)
        _say("not approved, and nothing is written: a golden file holds only what is known")
        return Exit.UNKNOWN
    taken = snapshot_of(board, time.time(), config.name, key_id())
    if path is None:
        sys.stdout.write(to_text(taken))
        sys.stdout.flush()
    else:
        if options.approve:
            _say_approved(board, path)
        write(path, taken)
        _say(f"{path}: {_contents(taken)}")
    return Exit.UNKNOWN if board.summary.failed or board.summary.unknown else Exit.PARITY


def _check_output(path: Path | None, *, approve: bool) -> None:
    """Raise ConfigError for a file that is not to be written, before servers are asked."""
    from parity_tui.config import ConfigError

    if path is None and approve:
        raise ConfigError("--approve rewrites a golden file: name it, as in -o parity.lock.json")
    if path is not None and path.is_dir():
        raise ConfigError(f"{path} is a folder: name a file in it")
    if path is not None and not approve and path.is_file():
        raise ConfigError(f"{path} exists already: --approve rewrites it if everything is known; or name another file")


def _check_whole(config: Config, path: Path, *, selected: bool) -> None:
    """Raise ConfigError where options leave out what the golden file has: it would be lost."""
    from parity_tui.config import ConfigError
    from parity_tui.snapshot.file import SnapshotError, read

    try:
        before = read(path)
    except SnapshotError:  # damaged, or none: it is replaced
        return
    dropped = [name for name in before.environments if name not in {each.name for each in config.environments}]
    dropped += [name for name in before.services if name not in config.services]
    if dropped and selected:
        raise ConfigError(f"{path} has {', '.join(dropped)} too: approve all of it, or name another file")


def _say_approved(board: Board, path: Path) -> None:
    """Say what is approved with a golden file that replaces another."""
    from parity_tui.drift.golden import Status
    from parity_tui.report.golden import sentence
    from parity_tui.snapshot.file import SnapshotError, read

    try:
        before = read(path)
    except SnapshotError:  # damaged, or none: it is replaced all the same
        return
    for one in compare_with_golden(board, before, str(path)).rows:
        if one.status is not Status.UNCHANGED:
            _say(f"{one.status.value}: {sentence(one)}")


def _contents(taken: Snapshot) -> str:
    from parity_tui.drift.words import plural

    settings = sum(len(outcome.reading.facts) for outcome in taken.outcomes if outcome.reading)
    parts = (
        plural(len(taken.environments), "environment"),
        plural(len(taken.services), "service"),
        plural(settings, "setting"),
    )
    return ", ".join(parts)


def open_(options: argparse.Namespace) -> int:
    """Show the board on a snapshot, or on a shared history."""
    from parity_tui.cli.guardian import guarded

    if not options.file or "://" in options.file:
        from parity_tui.cli.shared import open_hub

        return open_hub(options)

    config = snapshot_config(options)  # here: a file that cannot be read is no matter of the terminal
    return guarded(lambda: _open(options, config))


def _open(options: argparse.Namespace, config: Config) -> int:
    from msgspec.structs import replace

    from parity_tui.cli.board import board_services, show
    from parity_tui.config import ConfigError
    from parity_tui.snapshot.file import SnapshotError
    from parity_tui.ui.protocols import Loaded

    def load(config: Config) -> Loaded:
        watcher = create_watcher(config, once=False)
        services = replace(board_services(config, reload=reload), read_only=getattr(options, "read_only", False))
        return watcher, watcher.board, services

    def reload() -> Loaded | str:
        try:
            return load(snapshot_config(options))
        except (ConfigError, SnapshotError) as error:
            return str(error)

    return show(*load(config), getattr(options, "ascii", False))


def snapshot_config(options: argparse.Namespace) -> Config:
    """Return the configuration of all environments of a snapshot. Raises ConfigError, SnapshotError."""
    from msgspec.structs import replace

    from parity_tui.config.snapshots import of_snapshot
    from parity_tui.snapshot.file import read

    config = of_snapshot(read(Path(options.file)), options.file)
    if hasattr(options, "config"):  # its expectations, instead of those of the file
        named = load_config(argparse.Namespace(config=options.config, baseline=""))
        config = replace(config, expectations=named.expectations, severities=named.severities)
    overridden = config.override(baseline=getattr(options, "baseline", None))
    return select(overridden, getattr(options, "environment", ()), getattr(options, "service", ()))


def diff(options: argparse.Namespace) -> Exit:
    """Compare snapshots with each other, or with live environments."""
    from parity_tui.cli.sides import config_of_sides
    from parity_tui.transport.event_loop import run

    config = config_of_sides(options)
    check_reference(config, options.min_grade)
    for warning in config.warnings:
        _say(warning)
    board = run(read_once(create_watcher(config, once=True)))
    if note := outdated_facts(board):
        _say(note)
    print_report(board, options, config.name)
    return exit_code(board, options.fail_on, options.min_grade)


def _say(text: str) -> None:
    print(text, file=sys.stderr)  # noqa: T201

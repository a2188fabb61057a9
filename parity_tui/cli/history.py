"""The command `history`."""

from __future__ import annotations

import argparse
import re
import sys
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from parity_tui.cli.commands import load_config
from parity_tui.cli.exit import Exit
from parity_tui.cli.output import style_of

if TYPE_CHECKING:
    from parity_tui.config import Config
    from parity_tui.drift.changes import TimedChange
    from parity_tui.history import HistoryState

_AGE = re.compile(r"(\d{1,6})(m|h|d|w)", re.ASCII)
_SECONDS = {"m": 60, "h": 3600, "d": 86_400, "w": 604_800}


def history(options: argparse.Namespace) -> Exit:
    """Print the events that boards of this configuration have recorded, newest first."""
    from parity_tui.history import describe_skipped, history_path

    config = load_config(options)
    if options.create:
        return _create(config)
    state = read_events(config, options.since)
    selected = _selected(state, config, options.since)
    sys.stdout.write(_formatted(selected, options.format))
    recorded = bool(state.recorded or state.changes)
    name = config.hub.address if config.hub else history_path(config.files)
    scope = "" if recorded and not selected else f" (history: {name})"
    nothing = "" if selected else f"no changes recorded{' for this selection' if recorded else ' yet'}{scope}"
    for message in filter(None, (nothing, describe_skipped(state))):
        print(message, file=sys.stderr)  # noqa: T201
    return Exit.PARITY


def _create(config: Config) -> Exit:
    """Make the tables of a shared history, and print SQL: the GRANTs, or all of it where the login may not create."""
    from parity_tui.config import ConfigError
    from parity_tui.history import StoreError
    from parity_tui.history.hub.create import GRANTS, ForbiddenError, create, sql

    if config.hub is None:
        raise ConfigError(f'{config.name} names no shared history: history = "postgresql://USER@HOST/DATABASE"')
    try:
        made = create(config.hub)
    except ForbiddenError as error:
        print(f"{error}: run these statements as the owner of the database", file=sys.stderr)  # noqa: T201
        sys.stdout.write(sql())
        return Exit.USAGE
    except StoreError as error:
        raise ConfigError(f"cannot make the history: {error}") from None
    note = (
        "the history is made; its users need these rights"
        if made
        else "the history exists; its users have these rights"
    )
    print(f"{config.hub.address}: {note}", file=sys.stderr)  # noqa: T201
    sys.stdout.write(GRANTS)
    return Exit.PARITY


def read_events(config: Config, since: float) -> HistoryState:
    """Return the events of a configuration since a time. Raises ConfigError."""
    from parity_tui.config import ConfigError
    from parity_tui.history import StoreError, read_history

    try:
        return read_history(config.files, lambda store: store.load_events(since or None), config.hub)
    except StoreError as error:
        raise ConfigError(f"cannot read the history: {error}") from None
    except OSError as error:
        raise ConfigError(f"cannot read the history: {(error.strerror or str(error)).lower()}") from None


def _selected(state: HistoryState, config: Config, since: float) -> list[TimedChange]:
    """Return the events of the configured environments and services, newest first; flapping servers are folded."""
    from parity_tui.drift.changes import ChangeKind, folded

    names, services = {environment.name for environment in config.environments}, config.services

    def is_wanted(timed: TimedChange) -> bool:
        lasting = timed.change.kind is ChangeKind.FAILED and (timed.ended is None or timed.ended >= since)
        recent = timed.at >= since or lasting
        return recent and timed.change.environment in names and timed.change.service in services

    return [timed for timed in reversed(folded(state.changes)) if is_wanted(timed)]


def _formatted(changes: list[TimedChange], format_: str) -> str:
    from parity_tui.report import changes as report
    from parity_tui.report.text import Style

    match format_:
        case "json":
            return report.to_json(changes, datetime.now(UTC)) + "\n"
        case "markdown":
            return report.to_markdown(changes) if changes else ""
    return report.to_text(changes, style_of(sys.stdout, Style))


def moment(text: str) -> float:
    """Return an age or a local time as seconds since the epoch; for argparse.

    >>> moment("1970-01-01T00:01+00:00"), abs(time.time() - 86_400 - moment("24h")) < 60
    (60.0, True)
    """
    if age := _AGE.fullmatch(text):
        return time.time() - int(age[1]) * _SECONDS[age[2]]
    try:
        return datetime.fromisoformat(text).astimezone().timestamp()
    except (ValueError, OverflowError, OSError):
        message = f"{text!r} is not an age (24h, 90m, 7d) or a date (2026-11-23, 2026-11-23T06:00)"
        raise argparse.ArgumentTypeError(message) from None

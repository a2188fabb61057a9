"""The command `watch`."""

from __future__ import annotations

import argparse
import gc
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from parity_tui.cli.commands import create_watcher, load_config

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractAsyncContextManager

    from parity_tui.cli.parser import Parser
    from parity_tui.config import Config
    from parity_tui.daemon import Daemon, Setup
    from parity_tui.daemon.metrics import Metrics
    from parity_tui.daemon.outbox import Sink
    from parity_tui.history.election import Election


def add_watch(subparsers: argparse._SubParsersAction[Parser], common: Parser) -> None:
    """Add the command."""
    parser = subparsers.add_parser(
        "watch",
        parents=[common],
        help="the board without a screen, as a service",
        description="Read every target again and again until a signal ends it: keep the history, print each event as "
        "one line of JSON, and pass events on as [notify] of parity.toml says. SIGHUP reads the configuration again.",
    )
    parser.add_argument(
        "--metrics", metavar="FILE", type=Path, help="keep metrics in a file, for Prometheus' textfile collector"
    )
    parser.add_argument(
        "--listen",
        metavar="ADDRESS",
        help="let Prometheus scrape /metrics: PORT on 127.0.0.1, or HOST:PORT; needs the extra metrics",
    )
    parser.set_defaults(command=watch)


def watch(options: argparse.Namespace) -> int:
    """Watch until a signal."""
    from parity_tui.transport.event_loop import run

    gc.enable()
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # until it reloads
    config = load_config(options)
    for warning in config.warnings:
        say(warning)
    return run(_watch(options, config))


async def _watch(options: argparse.Namespace, config: Config) -> int:
    return await _daemon(options, config).run()


def say(text: str) -> None:
    """Print a sentence for a person."""
    with suppress(OSError):  # to watch goes on without a reader
        print(f"parity-tui: {text}", file=sys.stderr, flush=True)  # noqa: T201


def _daemon(options: argparse.Namespace, config: Config) -> Daemon:
    from parity_tui.daemon import Daemon, Outputs
    from parity_tui.daemon.announcer import Announcer
    from parity_tui.daemon.metrics import Metrics
    from parity_tui.history import History, Recording

    selection = [*getattr(options, "environment", ()), "", *getattr(options, "service", ())]
    complete = not any(selection)
    announcer = Announcer(_state_path(config.files, () if complete else selection), say)
    metrics = Metrics(announcer)
    recording = Recording(config.history_keep, role="watcher", complete=complete, every=config.interval)
    return Daemon(
        _setup(config),
        Outputs(say),
        history=History(config.files, recording, hub=config.hub),
        election=_election(config) if complete or config.hub else None,
        announcer=announcer,
        metrics=metrics,
        services=list(_services(options, metrics, config.interval)),
        reload=lambda: _reload(options),
    )


def _election(config: Config) -> Election:
    from parity_tui.history.election import Election

    return Election(config.files, hub=config.hub, targets=config.targets, every=config.interval)


def _services(
    options: argparse.Namespace, metrics: Metrics, interval: float
) -> Iterator[AbstractAsyncContextManager[object]]:
    """Yield the outputs of the metrics. Raises ConfigError."""
    from parity_tui.config import ConfigError

    if path := options.metrics:
        from parity_tui.daemon.textfile import Textfile

        if not path.absolute().parent.is_dir() or path.is_dir():
            raise ConfigError(f"--metrics {path}: must be a file in a folder that exists")
        yield Textfile(path, metrics, min(max(interval, 1.0), 15.0), say)
    if options.listen:
        from parity_tui.daemon.scrape import Scraper

        yield Scraper(options.listen, metrics)


def _setup(config: Config) -> Setup:
    """Return the configuration as the daemon uses it. Raises ConfigError."""
    from parity_tui.config import ConfigError
    from parity_tui.daemon import Setup
    from parity_tui.daemon.sinks import CommandSink, WebhookSink

    notify = config.notify
    if notify is None:
        return Setup(create_watcher(config, once=False), config.name, config.hub)
    if notify.problem:
        raise ConfigError(f"{config.name}: notify: {notify.problem}")
    sinks: dict[str, Sink] = {}
    if notify.command:
        sinks["command"] = CommandSink(notify.command)
    if notify.webhook is not None:
        sinks["webhook"] = WebhookSink(notify.webhook, notify.host)
    return Setup(create_watcher(config, once=False), config.name, config.hub, sinks, notify.min_severity)


def _state_path(files: Sequence[Path], selection: Sequence[str]) -> Path | None:
    from parity_tui.daemon.state_file import state_path

    try:
        return state_path(files, selection)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        say(f"nothing is remembered across restarts: {reason}")
        return None


def _reload(options: argparse.Namespace) -> Setup | str:
    """Return the configuration as it is now, or in words why it is invalid."""
    from parity_tui.config import ConfigError

    try:
        config = load_config(options)
        setup = _setup(config)
    except ConfigError as error:
        return str(error)
    for warning in config.warnings:
        say(warning)
    return setup

"""The board on a shared history: `open postgresql://…`, or `open` alone for that of the configuration."""

from __future__ import annotations

import argparse
import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from parity_tui.cli.commands import create_watcher, load_config, select

if TYPE_CHECKING:
    from parity_tui.config import Config
    from parity_tui.drift.board import Board
    from parity_tui.history.hub.follow import Follower
    from parity_tui.model import Outcome, Target, TargetKey
    from parity_tui.ui.protocols import Loaded
    from parity_tui.watcher import Watcher

    Reload = Callable[[], Loaded | str]


def hub_of(options: argparse.Namespace) -> Target:
    """Return the hub that the command line or the configuration names. Raises ConfigError."""
    from parity_tui.config import ConfigError, hub_at

    if options.file:
        return hub_at(options.file, os.environ, Path.cwd())
    config = load_config(argparse.Namespace(config=getattr(options, "config", None)))
    if config.hub is None:
        raise ConfigError("open what? FILE of parity-tui snapshot, or postgresql://USER@HOST/DATABASE of a history")
    return config.hub


def open_hub(options: argparse.Namespace) -> int:
    """Show the board on a hub, live."""
    from parity_tui.cli.board import show
    from parity_tui.cli.guardian import guarded
    from parity_tui.config import ConfigError

    hub = hub_of(options)
    config = shared_config(hub, options)  # here: a hub that cannot be read is no matter of the terminal

    def reload() -> Loaded | str:
        try:
            return loaded(hub, shared_config(hub, options), options, reload)
        except ConfigError as error:
            return str(error)

    return guarded(lambda: show(*loaded(hub, config, options, reload), getattr(options, "ascii", False)))


def shared_config(hub: Target, options: argparse.Namespace) -> Config:
    """Return the configuration of a hub's board. Raises ConfigError."""
    from parity_tui.config import ConfigError
    from parity_tui.config.snapshots import of_snapshot
    from parity_tui.history import StoreError
    from parity_tui.history.hub.follow import Follower
    from parity_tui.transport.event_loop import EventLoop

    with asyncio.Runner(loop_factory=EventLoop) as runner:
        try:
            config = of_snapshot(runner.run(Follower(hub).load()), hub.address)
        except StoreError as error:
            raise ConfigError(f"cannot open the shared history: {error}") from None
    overridden = config.override(baseline=getattr(options, "baseline", None))
    return select(overridden, getattr(options, "environment", ()), getattr(options, "service", ()))


def loaded(hub: Target, config: Config, options: argparse.Namespace, reload: Reload) -> Loaded:
    """Return the source, the first board and the services of a hub's board."""
    from msgspec.structs import replace

    from parity_tui.cli.board import board_services
    from parity_tui.history.hub.follow import Follower
    from parity_tui.history.view import View

    source = SharedSource(create_watcher(config, once=False), Follower(hub))
    services = board_services(config, history=View(hub), reload=reload)
    services = replace(
        services, shared=True, read_only=getattr(options, "read_only", False), hint=source.hint, changed=source.changed
    )
    return source, source.board, services


class SharedSource:
    """Boards of the readings that a hub keeps; no server is asked."""

    def __init__(self, watcher: Watcher, follower: Follower) -> None:
        self.interval = watcher.interval
        """seconds between two repaints of ages"""
        self._watcher = watcher
        self._follower = follower

    @property
    def board(self) -> Board:
        """The latest."""
        return self._watcher.board

    async def boards(self) -> AsyncIterator[Board]:
        """Yield the present board, then a new one for news of the hub."""
        following = asyncio.create_task(self._follower.run(self._show), name="hub")
        try:
            async for board in self._watcher.boards():
                yield board
        finally:
            following.cancel()
            with suppress(asyncio.CancelledError):
                await following

    def _show(self, outcomes: Iterable[Outcome]) -> None:
        from parity_tui.model import target_key

        wanted = {target_key(outcome.target) for outcome in self._watcher.board.servers()}
        for outcome in outcomes:
            key = target_key(outcome.target)
            if key in wanted:
                self._watcher.record(outcome)
                if outcome.failed_since:
                    self._watcher.recall_outages({key: outcome.failed_since})

    def resume_from(self, before: Board) -> Board:
        """Return the first board: it has the readings of the hub already."""
        return self.board

    def recall_outages(self, since: Mapping[TargetKey, float]) -> None:
        """Ignore the begins of outages: the readings have them."""

    def refresh(self) -> None:
        """Ask the hub now."""
        self._follower.wake()

    def pause(self, on: bool) -> None:
        """Stop following, or go on."""
        self._follower.paused = on
        self._follower.wake()

    def set_baseline(self, baseline: str) -> None:
        """Compare with another baseline, "" for none."""
        self._watcher.set_baseline(baseline)

    def hint(self) -> str:
        """Return why the readings are old, "" while all is well."""
        return self._follower.problem

    def changed(self) -> str:
        """Return the name of the configuration if it has changed, "" otherwise."""
        return "the configuration of the hub" if self._follower.changed else ""

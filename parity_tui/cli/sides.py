"""The sides of `diff`: files, NAME=FILE, and environments of the configuration."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from parity_tui.cli.commands import load_config
from parity_tui.config import Config, ConfigError, coloured, service_names
from parity_tui.config.errors import nearest
from parity_tui.config.snapshots import comparable
from parity_tui.drift.words import listing
from parity_tui.snapshot.file import SnapshotError, read
from parity_tui.snapshot.select import Taken, choose, take

if TYPE_CHECKING:
    from parity_tui.snapshot.document import Snapshot


class Side(Struct, frozen=True):
    """One side: a pane of the comparison."""

    name: str
    file: str = ""
    """as the user wrote it; "" for an environment of the configuration"""
    snapshot: Snapshot | None = None


def config_of_sides(options: argparse.Namespace) -> Config:
    """Return the configuration whose environments are the sides. Raises ConfigError, SnapshotError."""
    words: Sequence[str] = options.sides
    if len(words) < 2:
        raise ConfigError("diff compares two sides or more: files of snapshots, NAME=FILE, or names of environments")
    files = {word for word in words if "=" in word or Path(word).is_file()}
    live = _live_config(options, [word for word in words if word not in files])
    sides = _named([_side(word, word in files) for word in words])
    names = [side.name for side in sides]
    baseline = getattr(options, "baseline", None) or ""
    if baseline and baseline not in names:
        raise ConfigError(f'no side is called "{baseline}"{nearest(baseline, names)}')
    targets = tuple(target for target in live.targets if target.environment in names)
    taken = _taken(sides, getattr(options, "environment", ()))
    kept = comparable(taken, live=bool(targets))
    every = (*targets, *(outcome.target for outcome in kept))
    one = len({target.origin or target.environment for target in every}) == 1
    config = replace(
        live,
        # An expectation is about environments that differ, not about one that has changed.
        expectations=() if one else live.expectations,
        name=", ".join(words),
        environments=coloured([(name, "") for name in names]),
        services=service_names(every),
        targets=targets,
        kept=kept,
        baseline=baseline,
        left_out=tuple(item for item in live.left_out if item.environment in names),
    )
    return config.only((), getattr(options, "service", ()))


def _live_config(options: argparse.Namespace, words: Sequence[str]) -> Config:
    """Return the configuration that has the live sides; an empty one where no side is live and none is named."""
    if not words and not hasattr(options, "config") and not hasattr(options, "env_file"):
        return Config("", (), (), ())
    given = {name: getattr(options, name) for name in ("config", "env_file", "timeout") if hasattr(options, name)}
    try:
        config = load_config(argparse.Namespace(**given, baseline=""))
    except ConfigError as error:
        if hasattr(options, "config") or hasattr(options, "env_file") or not words:
            raise
        problems = (f"{words[0]}: there is no such file, and no configuration with an environment of this name",)
        raise ConfigError(*problems, *error.problems[:1]) from None
    known = [environment.name for environment in config.environments]
    for word in words:
        if word not in known:
            raise ConfigError(f'"{word}" is neither a file nor an environment{nearest(word, known)}')
    of_snapshots = tuple(outcome for outcome in config.kept if outcome.target.environment in words)
    if of_snapshots:
        raise ConfigError(f"{of_snapshots[0].target.environment} is an environment of a snapshot: name its file")
    return config


def _side(word: str, is_file: bool) -> Side:
    if not is_file:
        return Side(word)
    name, equals, file = word.partition("=")
    if equals and not Path(word).is_file():
        if not name or not file:
            raise ConfigError(f'"{word}" is not NAME=FILE, as in monday=snapshots/2026-11-23.json')
        return Side(name, file, read(Path(file)))
    return Side(Path(word).stem, word, read(Path(word)))


def _named(sides: Sequence[Side]) -> list[Side]:
    """Return the sides with distinct names: files of one name get their ending, and then a number."""
    named: list[Side] = []
    taken = [side.name for side in sides if not side.file]
    for side in sides:
        if side.file:
            path = Path(side.file)
            choices = [side.name, path.name, *(f"{path.name} {number}" for number in range(2, len(sides) + 2))]
            side = replace(side, name=next(name for name in choices if name not in taken))
            taken.append(side.name)
        named.append(side)
    return named


def _taken(sides: Iterable[Side], wanted: Sequence[str]) -> list[Taken]:
    """Return the outcomes of the files.

    Where each has one environment that is meant, these are compared; else each environment with itself, as services
    of their own.
    """
    files = [(side, side.snapshot) for side in sides if side.snapshot is not None]
    live = [side.name for side in sides if side.snapshot is None]
    if len(wanted) < 2:
        try:
            chosen = [_chosen(side, snapshot, wanted, live) for side, snapshot in files]
        except SnapshotError:
            if live or wanted:
                raise
        else:
            pairs = zip(files, chosen, strict=True)
            return [_labelled(take(snapshot, name, side.name), side) for (side, snapshot), name in pairs]
    shared = [name for name in files[0][1].environments if all(name in each.environments for _, each in files)]
    names = [name for name in shared if not wanted or name in wanted]
    if not names or live:
        every = listing(list(dict.fromkeys(name for _, each in files for name in each.environments)))
        raise ConfigError(f"no environment is in every file, which have {every}: --environment NAME")
    return [_labelled(take(each, name, side.name, f"{name} "), side) for side, each in files for name in names]


def _chosen(side: Side, snapshot: Snapshot, wanted: Sequence[str], live: Sequence[str]) -> str:
    """Return the environment of a file that is meant. Raises SnapshotError."""
    alike = live[0] if len(live) == 1 else side.name
    try:
        return choose(snapshot, side.file, "".join(wanted), alike)
    except SnapshotError as error:
        raise SnapshotError(str(error).replace("name one of them", "--environment NAME names one of them")) from None


def _labelled(taken: Taken, side: Side) -> Taken:
    """Return outcomes that name their side: a file given twice is no server that two environments share."""
    label = f"{side.name}={side.file}"
    return replace(taken, outcomes=tuple(replace(o, target=replace(o.target, snapshot=label)) for o in taken.outcomes))

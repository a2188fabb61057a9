"""Environments taken out of snapshots, under names of the user's choice, and fingerprints of one key among them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from parity_tui.drift.words import listing
from parity_tui.model import Outcome
from parity_tui.snapshot.codec import has_secrets, with_other_key
from parity_tui.snapshot.document import Snapshot
from parity_tui.snapshot.file import SnapshotError


class Taken(Struct, frozen=True):
    """The outcomes of one environment of a snapshot."""

    outcomes: tuple[Outcome, ...]
    key: str = ""
    """name of the key of their fingerprints"""


def choose(snapshot: Snapshot, name: str, wanted: str = "", alike: str = "") -> str:
    """Return which environment of a snapshot is meant: the wanted one, the only one, or the one of the same name.

    Args:
        snapshot: the snapshot.
        name: of its file.
        wanted: the environment that the user names, "" for none.
        alike: the name that the environment gets.

    Raises:
        SnapshotError: the file lacks the wanted one, or has several.
    """
    names = snapshot.environments
    if wanted and wanted not in names:
        raise SnapshotError(f'{name} has no environment "{wanted}": it has {listing(names)}')
    if chosen := wanted or (names[0] if len(names) == 1 else alike if alike in names else ""):
        return chosen
    raise SnapshotError(f"{name} has several environments: {listing(names)}: name one of them")


def take(snapshot: Snapshot, environment: str, alias: str, prefix: str = "") -> Taken:
    """Return the outcomes of one environment of a snapshot as those of an environment called ``alias``.

    ``prefix`` is put before the names of its services.
    """
    outcomes = tuple(
        replace(
            outcome,
            target=replace(
                outcome.target, environment=alias, origin=environment, service=f"{prefix}{outcome.target.service}"
            ),
        )
        for outcome in snapshot.outcomes
        if outcome.target.environment == environment
    )
    return Taken(outcomes, snapshot.key)


def under_one_key(taken: Sequence[Taken], own: str = "") -> tuple[Outcome, ...]:
    """Return all outcomes; secrets whose fingerprints are not of the key that most have are unknown.

    ``own`` is the key of servers that are read now, which counts before any other; "" without such servers.
    """
    keys = Counter(one.key for one in taken if one.key and has_secrets(one.outcomes))
    key = own or (keys.most_common(1)[0][0] if keys else "")
    return tuple(
        outcome if one.key == key or not has_secrets([outcome]) else with_other_key(outcome)
        for one in taken
        for outcome in one.outcomes
    )

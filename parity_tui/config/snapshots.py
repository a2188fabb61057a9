"""Environments that snapshots fill: `snapshot = FILE` in parity.toml."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from parity_tui.config.config import Config, LeftOut, coloured
from parity_tui.config.errors import InvalidValue
from parity_tui.model import Outcome
from parity_tui.secrets import key_id
from parity_tui.snapshot.codec import has_secrets
from parity_tui.snapshot.document import Snapshot
from parity_tui.snapshot.file import SnapshotError, read
from parity_tui.snapshot.key import use_stored_key
from parity_tui.snapshot.select import Taken as Taken
from parity_tui.snapshot.select import choose, take, under_one_key


def environment_of(file: str, folder: Path, wanted: str, environment: str) -> Taken:
    """Return the outcomes of one environment of a snapshot. Raises InvalidValue.

    Args:
        file: as written; a relative path begins in ``folder``.
        folder: of the configuration.
        wanted: name of the environment in the file, "" for the only one, or for the one of the same name.
        environment: the name that it gets.
    """
    try:
        snapshot = read(folder / Path(file).expanduser(), file)
        taken = take(snapshot, choose(snapshot, file, wanted, environment), environment)
    except RuntimeError:  # ~ of a user without a home folder
        raise InvalidValue(f"{file}: there is no such home folder") from None
    except SnapshotError as error:
        raise InvalidValue(str(error).replace("name one of them", 'environment = "NAME" names one of them')) from None
    if not taken.outcomes:
        raise InvalidValue(f"{file} has no service of that environment")
    return taken


def of_snapshot(snapshot: Snapshot, name: str) -> Config:
    """Return the configuration of all environments of a snapshot, with its own expectations and severities."""
    items = (LeftOut(item.environment, item.name, item.reason) for item in snapshot.left_out)
    return Config(
        name=name,
        environments=coloured([(environment, "") for environment in snapshot.environments]),
        services=snapshot.services,
        targets=(),
        baseline=snapshot.baseline,
        expectations=snapshot.expectations,
        severities=snapshot.severities,
        left_out=tuple(items),
        kept=snapshot.outcomes,
    )


def comparable(taken: Iterable[Taken], *, live: bool) -> tuple[Outcome, ...]:
    """Return the outcomes; secrets that cannot be compared are unknown.

    With ``live`` servers beside them, these get fingerprints of the user's own key from now on.
    """
    taken = list(taken)
    if not live or not any(has_secrets(one.outcomes) for one in taken):
        return under_one_key(taken)
    with suppress(OSError):  # without the key, all secrets of the files are unknown
        use_stored_key()
    return under_one_key(taken, key_id())

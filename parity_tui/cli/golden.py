"""A golden file on the command line: `check --against FILE`, `snapshot --approve`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parity_tui.drift.board import Board
    from parity_tui.drift.golden import Comparison
    from parity_tui.snapshot.document import Snapshot


def prepare_key(purpose: str) -> None:
    """Make fingerprints with the user's own key from now on; say what is lost without it."""
    from parity_tui.snapshot.key import use_stored_key

    try:
        use_stored_key()
    except OSError as error:
        reason = ": ".join(filter(None, ((error.strerror or str(error)), str(error.filename or ""))))
        print(f"no key for fingerprints, so {purpose}: {reason}", file=sys.stderr)  # noqa: T201


def load_golden(path: Path) -> Snapshot:
    """Return the snapshot of a golden file, before servers are asked. Raises SnapshotError."""
    from parity_tui.snapshot.file import SnapshotError, read

    try:
        snapshot = read(path)
    except SnapshotError as error:
        if path.exists():
            raise
        raise SnapshotError(f"{error}: parity-tui snapshot --approve -o {path} writes one") from None
    if snapshot.key:
        prepare_key(f"secrets cannot be compared with those of {path}")
    return snapshot


def compare_with_golden(board: Board, snapshot: Snapshot, name: str) -> Comparison:
    """Return a board beside a golden file, both judged by the present rules and expectations."""
    from parity_tui.drift.board import Board
    from parity_tui.drift.golden import Comparison, judge
    from parity_tui.secrets import key_id
    from parity_tui.services import kinds

    services = {section.service for section in board.sections}
    kept = [
        outcome
        for outcome in snapshot.outcomes
        if outcome.target.environment in board.environments and outcome.target.service in services
    ]
    missing = [each for each in board.environments if each not in snapshot.environments]
    if missing:
        print(f"{name} has no environment {', '.join(missing)}: drift there is new", file=sys.stderr)  # noqa: T201
    targets = [outcome.target for outcome in kept]
    golden = Board.of(board.environments, targets, kinds(), board.policy).with_outcomes(kept)
    judged = judge(board, golden, same_key=snapshot.key in ("", key_id()))
    return Comparison(name, snapshot.taken_at, judged)


def objections(board: Board) -> Iterator[str]:
    """Yield why a board cannot be approved, a sentence each: whatever is not known; never that it drifts."""
    from parity_tui.drift.values import printable
    from parity_tui.model import Verdict
    from parity_tui.report import left_out, state_of

    for section in board.sections:
        for server in section.failed:
            yield f"{server.target.environment} {section.service} was not read: {state_of(server)}"
        for row in section.rows:
            if row.listed and row.verdict is Verdict.UNKNOWN:
                yield f"{section.service} {printable(row.setting)} is not known: {printable(row.note)}"
    yield from left_out(board)

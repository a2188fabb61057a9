"""The state of an environment in the head of its pane."""

from __future__ import annotations

from collections.abc import Sequence

from parity_tui.model import Outcome
from parity_tui.report.symbols import Symbols
from parity_tui.ui.view.labels import age


def state_of(outcomes: Sequence[Outcome], symbols: Symbols, now: float, is_read: bool) -> tuple[str, str]:
    """Return the state as a symbol and in words, "" if the environment is simply live.

    Args:
        outcomes: of the targets of the environment.
        symbols: of the screen.
        now: seconds since the epoch.
        is_read: whether servers are being read: if not, no value is live, whatever its last reading said.
    """
    failed = sum(outcome.failure is not None for outcome in outcomes)
    pending = sum(outcome.pending for outcome in outcomes)
    kept = [one.at for one in outcomes if one.at and (one.target.snapshot or not (is_read or one.failure))]
    stale = kept or [one.at for one in outcomes if one.stale]
    if stale and (kept or failed == len(outcomes)):
        return symbols.stale, age(max(now - min(stale), 0))
    if failed and failed == len(outcomes):
        return symbols.failed, "failed"
    if pending == len(outcomes):
        return symbols.reading, symbols.text("reading…") if outcomes else "nothing to show"
    if failed:
        return symbols.live, f"{failed} failed"
    return symbols.reading if pending else symbols.live, ""

"""Removes old events, but never one that explains a present value."""

from __future__ import annotations

from parity_tui.history.store.database import Database

MAX_EVENTS = 500_000
"""that are kept at most: a setting that flaps every second must not fill the disk"""
_MINUTE = 60.0
_USED = "SELECT seq FROM state WHERE seq IS NOT NULL UNION SELECT seq FROM outage"


def prune(database: Database, now: float, keep: float, most: int = MAX_EVENTS) -> None:
    """Remove old events and intervals; call it in a transaction.

    Does nothing unless some process watched before, within half of that time: after a jump of the clock everything
    would seem old.
    """
    earlier = (now - keep / 2, now - _MINUTE)
    if not database.query("SELECT 1 FROM watched WHERE began BETWEEN ? AND ? OR seen BETWEEN ? AND ?", earlier * 2):
        return
    cutoff = now - keep
    database.execute(
        f"DELETE FROM event WHERE at < ? AND seq < (SELECT max(seq) FROM event) AND seq NOT IN ({_USED})",  # noqa: S608
        [(cutoff,)],
    )
    database.execute(
        f"DELETE FROM event WHERE seq <= (SELECT max(seq) FROM event) - ? AND seq NOT IN ({_USED})",  # noqa: S608
        [(most,)],
    )
    database.execute("DELETE FROM watched WHERE seen < ?", [(cutoff,)])

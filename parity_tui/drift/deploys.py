"""Deploys, their frequency and the lead time for changes, out of the recorded events and the repository's commits.

Change failure rate and time to restore service need incidents, which nothing here knows: they are not measured.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from statistics import median

from msgspec import Struct

from parity_tui.drift.changes import Change, ChangeKind, TimedChange
from parity_tui.drift.revisions import same_revision

ROLLING = 3600.0
"""seconds in which the servers of one environment get one revision: a single deploy"""
DAY = 86_400.0

Commits = Mapping[tuple[str, str], Sequence[tuple[str, float]]]
"""(revision before, after) -> hash and commit time of each commit that only the later one has"""


class Deploy(Struct, frozen=True):
    """One revision that came to one service of one environment."""

    environment: str
    service: str
    at: float
    """when it was first seen, seconds since the epoch"""
    before: str
    after: str
    rollback: bool = False
    since: float | None = None
    """when the revision before was last seen, if no board was open in between; None: `at` is certain"""

    @property
    def move(self) -> tuple[str, str]:
        """The revisions before and after: the key of :data:`Commits`."""
        return self.before, self.after


class Delivery(Struct, frozen=True):
    """How often one service of one environment was deployed, and how old its changes were then."""

    days: float
    """that were observed"""
    deploys: int = 0
    """without rollbacks"""
    rollbacks: int = 0
    uncertain: int = 0
    """deploys that happened at an unknown time, as no board was open"""
    interval: float | None = None
    """median of the seconds between two deploys, None for fewer than two"""
    lead_time: float | None = None
    """median over the commits of the seconds from commit to first sight, None without a repository"""
    commits: int = 0
    """over which that is the median"""

    @property
    def per_day(self) -> float:
        """Deploys a day, 0.0 where nothing was observed."""
        return self.deploys / self.days if self.days > 0 else 0.0


def deploys(changes: Iterable[TimedChange]) -> list[Deploy]:
    """Return the deploys among recorded events, oldest first as given.

    Servers of one service that get one revision within an hour are one deploy. A balancer that answers now with one
    revision and then with the other, while it is rolled out, is one deploy too.
    """
    found: list[Deploy] = []
    for timed in changes:
        if timed.change.kind is ChangeKind.DEPLOY:
            _add(found, _deploy(timed, timed.change))
    return found


def _add(found: list[Deploy], deploy: Deploy) -> None:
    """Append a deploy unless it is a part of an earlier one; a rollback that is undone at once was a balancer's."""
    recent = list(_recent(found, deploy))
    if any(same_revision(deploy.after, other.after) for other in recent):
        for other in recent:
            if other.rollback and not deploy.rollback and same_revision(other.before, deploy.after):
                found.remove(other)
    elif deploy.rollback or not any(_undoes(deploy, other) for other in recent):
        found.append(deploy)


def _undoes(deploy: Deploy, other: Deploy) -> bool:
    return same_revision(deploy.before, other.after) and same_revision(deploy.after, other.before)


def _deploy(timed: TimedChange, change: Change) -> Deploy:
    return Deploy(
        change.environment, change.service, timed.at, change.before, change.after, change.rollback, timed.since
    )


def _recent(found: Sequence[Deploy], deploy: Deploy) -> Iterator[Deploy]:
    """Yield the latest deploys of the same service in the same environment that may be the same one."""
    for other in reversed(found):
        if deploy.at - other.at > ROLLING:
            return
        if (other.environment, other.service) == (deploy.environment, deploy.service):
            yield other


def lead_times(deployed: Iterable[Deploy], commits: Commits) -> list[float]:
    """Return the seconds from each commit to its first sight in an environment; each commit counts once.

    A rollback brings no change, and what it took away is not new when it comes again.
    """
    seen: set[tuple[str, str, str]] = set()
    times: list[float] = []
    for deploy in deployed:
        for commit, committed in commits.get(deploy.move, ()) if not deploy.rollback else ():
            key = (deploy.environment, deploy.service, commit)
            if key not in seen:
                seen.add(key)
                times.append(max(deploy.at - committed, 0.0))
    return times


def delivery(deployed: Iterable[Deploy], commits: Commits, start: float, end: float) -> Delivery:
    """Return the figures of the deploys of one service in one environment, seen from ``start`` to ``end``.

    Args:
        deployed: all known deploys, oldest first; earlier ones tell which commits are not new.
        commits: of each move, as far as the repository knows them.
        start: seconds since the epoch, when the observation began; likewise ``end``.
    """
    known = list(deployed)
    within = [deploy for deploy in known if start <= deploy.at <= end]
    forward = [deploy for deploy in within if not deploy.rollback]
    before = [deploy for deploy in known if deploy.at < start]
    times = lead_times([*before, *forward], commits)[len(lead_times(before, commits)) :]
    moments = [deploy.at for deploy in forward]
    gaps = [later - earlier for earlier, later in pairwise(moments)]
    return Delivery(
        days=max(end - start, 0.0) / DAY,
        deploys=len(forward),
        rollbacks=len(within) - len(forward),
        uncertain=sum(deploy.since is not None for deploy in within),
        interval=median(gaps) if gaps else None,
        lead_time=median(times) if times else None,
        commits=len(times),
    )


def of_target(deployed: Iterable[Deploy], environment: str, service: str) -> list[Deploy]:
    """Return the deploys of one service in one environment."""
    return [deploy for deploy in deployed if (deploy.environment, deploy.service) == (environment, service)]


def moves(deployed: Iterable[Deploy]) -> list[tuple[str, str]]:
    """Return the moves whose commits are needed: those to ask the repository about, each once."""
    return list(dict.fromkeys(deploy.move for deploy in deployed if not deploy.rollback))

"""Events of a server itself: it fails, answers again, restarts, or its name leads elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

from parity_tui.drift.changes.change import VERSION, Change, ChangeKind
from parity_tui.drift.words import without_address
from parity_tui.model import RETRY_HINT, Failure, Outcome, Severity, Target


def server_changes(old: Outcome, new: Outcome) -> Iterator[Change]:
    """Yield the events of one server between two outcomes."""
    if old.reading and not old.failure and new.failure:
        yield failed(new.target, new.failure)
    if old.failure and old.failed_since and new.reading and not new.failure:
        yield recovered(new.target, old.failure, new.recovered_at - old.failed_since)
    moved = list(_moved(old, new))
    yield from moved
    if not moved and _restarted(old, new) and old.reading and new.reading:
        target = new.target
        yield Change(
            target.environment, target.service, VERSION, old.reading.version, new.reading.version,
            Severity.INFO, ChangeKind.RESTART, target.node, new.reading.instance,
        )  # fmt: skip


def failed(target: Target, failure: Failure) -> Change:
    """Return the begin of an outage."""
    message = without_address(failure.message.removesuffix(RETRY_HINT), target.address)
    return Change(
        target.environment, target.service, severity=Severity.CRITICAL, kind=ChangeKind.FAILED, node=target.node,
        reason=failure.reason, message=message,
    )  # fmt: skip


def recovered(target: Target, failure: Failure, seconds: float) -> Change:
    """Return the end of an outage."""
    begin = failed(target, failure)
    return Change(
        target.environment, target.service, kind=ChangeKind.RECOVERED, node=target.node,
        reason=begin.reason, message=begin.message, seconds=max(round(seconds, 3), 0.0),
    )  # fmt: skip


def _moved(old: Outcome, new: Outcome) -> Iterator[Change]:
    """Yield each name that leads to another address."""
    target, known = new.target, dict(old.peers)
    for name, address in new.peers:
        if known.get(name, address) != address:
            yield Change(
                target.environment, target.service, name, known[name], address,
                Severity.WARNING, ChangeKind.ADDRESS, target.node,
            )  # fmt: skip


def _restarted(was: Outcome, server: Outcome) -> bool:
    # On one connection another instance is no restart: a pooler forwards to several servers.
    if was.reading is None or server.reading is None or was.connection == server.connection:
        return False
    old, new = was.reading.instance, server.reading.instance
    return bool(old and new and old != new)

"""The typed model of events: one change of a value or of a server, and when it was seen."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from msgspec import Struct

from parity_tui.drift.words import duration
from parity_tui.model import Severity

VERSION = "version"
ROLLBACK = "rollback"
ABSENT_TEXT = "absent"
"""stands for the value of a setting that does not exist"""


class ChangeKind(StrEnum):
    """The fixed vocabulary of events; each is one word of the history file and of the JSON report."""

    SETTING = "setting"
    """a value changed"""
    APPEARED = "appeared"
    """a setting that was absent has a value"""
    VANISHED = "vanished"
    """a setting that had a value is absent"""
    ROLE = "role"
    """a primary became a replica, or the reverse"""
    RELEASE = "release"
    """another product or version, without a restart that was seen"""
    RESTART = "restart"
    """the server restarted or was replaced; `setting` is "version", whose value may be unchanged"""
    FAILED = "failed"
    """an outage began"""
    RECOVERED = "recovered"
    """an outage ended"""
    DEPLOY = "deploy"
    """a server runs another revision; `message` has the number of commits, `reason` is "rollback" for an older one"""
    ADDRESS = "address"
    """a name leads to another address; `setting` is the name"""

    @property
    def outage(self) -> bool:
        """Whether it is the begin or the end of an outage."""
        return self in (ChangeKind.FAILED, ChangeKind.RECOVERED)


class Change(Struct, frozen=True):
    """One event: a value that changed between two boards, a restart, the begin or the end of an outage."""

    environment: str
    service: str
    setting: str = ""
    """"" for an outage"""
    before: str = ""
    after: str = ""
    """both as shown to a person"""
    severity: Severity = Severity.INFO
    kind: ChangeKind = ChangeKind.SETTING
    node: str = ""
    """the node that it happened to, "" if the target has only one server"""
    instance: str = ""
    """identifies the run of the server that began with a restart"""
    reason: str = ""
    """of an outage: one word of :class:`Reason`; of a deploy: "rollback" or "" """
    message: str = ""
    """of an outage: the failure as a sentence, without the address; of a deploy: how far the revision moved"""
    seconds: float = 0.0
    """of the end of an outage: its duration"""

    @property
    def rollback(self) -> bool:
        """Whether it is the deploy of an ancestor of what ran before."""
        return self.kind is ChangeKind.DEPLOY and self.reason == ROLLBACK

    @property
    def restarted(self) -> bool:
        """Whether the server restarted or was replaced."""
        return self.kind is ChangeKind.RESTART

    @property
    def subject(self) -> str:
        """The service and its node, with the setting or the word "restarted".

        >>> restart = Change("eu", "cache", "version", "9.1", "9.1", kind=ChangeKind.RESTART, node="10.0.0.7:6379")
        >>> restart.subject, Change("eu", "cache", kind=ChangeKind.FAILED, message="refused the connection").subject
        ('cache 10.0.0.7:6379 restarted', 'cache')
        """
        if self.kind is ChangeKind.ADDRESS:
            return " ".join(filter(None, (self.service, self.node)))
        return " ".join(filter(None, (self.service, self.node, "restarted" if self.restarted else self.setting)))

    @property
    def transition(self) -> str:
        """The old and the new value, or the event in words; "" for a restart without a new version.

        >>> Change("staging", "database", "version", "15.3", "15.4", kind=ChangeKind.RESTART).transition
        '15.3 → 15.4'
        >>> Change("staging", "database", kind=ChangeKind.RECOVERED, seconds=41).transition
        'answers again after 41 s'
        >>> Change("eu", "app", "revision", "3f7868", "89e6c9", kind=ChangeKind.DEPLOY, message="3 commits").transition
        '3f7868 → 89e6c9, 3 commits'
        """
        match self.kind:
            case ChangeKind.FAILED:
                return self.message or self.reason
            case ChangeKind.RECOVERED:
                return f"answers again after {duration(self.seconds)}"
            case ChangeKind.ADDRESS:
                return f"{self.setting} is {self.after} now, it was {self.before}"
            case ChangeKind.DEPLOY:
                return ", ".join(filter(None, (f"{self.before} → {self.after}", self.message)))
            case ChangeKind.SETTING if self.before == self.after:  # a secret, in a record
                return "has another value"
        return "" if self.before == self.after else f"{self.before} → {self.after}"

    @property
    def server(self) -> tuple[str, str, str]:
        """Environment, service and node."""
        return self.environment, self.service, self.node


class TimedChange(Struct, frozen=True):
    """One change and the time at which it was seen."""

    at: float
    """seconds since the epoch"""
    change: Change
    since: float | None = None
    """when the old state was last seen, if no board was open in between"""
    count: int = 1
    """of a flapping server: the number of outages that are folded into this one"""
    first: float = 0.0
    """of a flapping server: when the first of them began"""
    ended: float | None = None
    """of an outage: when it ended, None while the server still fails"""

    def words(self, clock: Callable[[float], str]) -> str:
        """Return the transition, with the end and the number of outages; ``clock`` writes a time.

        >>> failed = Change("eu", "cache", kind=ChangeKind.FAILED, message="refused the connection")
        >>> TimedChange(10, failed, ended=51).words(lambda at: f"0:{at:02}")
        'refused the connection, until 0:51'
        >>> TimedChange(90, failed, count=7, first=10, ended=92).words(lambda at: f"0:{at:02}")
        'refused the connection, 7 times since 0:10, answers again'
        """
        text = self.change.transition
        if self.count > 1:
            return f"{text}, {self.count} times since {clock(self.first)}{', answers again' * (self.ended is not None)}"
        return f"{text}, until {clock(self.ended)}" if self.ended is not None else text

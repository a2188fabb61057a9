"""How revisions are apart, as a repository counts their commits: pure data, and its words."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, field

from parity_tui.drift.words import plural

LEAST_DIGITS = 7
"""of a hash that may be the beginning of another one"""


class Apart(Struct, frozen=True):
    """The commits that only one of two revisions has."""

    ahead: int
    """only here"""
    behind: int
    """only there"""

    @property
    def diverged(self) -> bool:
        """Whether each has commits that the other lacks."""
        return bool(self.ahead and self.behind)

    @property
    def words(self) -> str:
        """The distance in words, "" for none.

        >>> Apart(0, 17).words, Apart(3, 17).words, Apart(0, 0).words
        ('17 behind', 'diverged: 3 only here, 17 only there', '')
        """
        if self.diverged:
            return f"diverged: {self.ahead:,} only here, {self.behind:,} only there"
        return f"{self.ahead:,} ahead" if self.ahead else f"{self.behind:,} behind" if self.behind else ""


class Ancestry(Struct, frozen=True):
    """The answers of a repository about the revisions of a board; empty without a repository."""

    problem: str = ""
    """why it has no numbers, in words"""
    branch: str = ""
    """name of its default branch"""
    head: str = ""
    """full hash of that branch"""
    commits: Mapping[str, str] = field(default_factory=dict)
    """revision as shown by a server -> full hash; "" for one that the repository lacks"""
    times: Mapping[str, float] = field(default_factory=dict)
    """full hash -> when it was committed, seconds since the epoch"""
    counts: Mapping[tuple[str, str], tuple[int, int]] = field(default_factory=dict)
    """(one full hash, another) -> commits only in the first, only in the second"""

    def commit(self, revision: str) -> str:
        """Return the full hash of a revision, "" where it is not known.

        >>> known = Ancestry(commits={"3f786850e387": "3f786850e387" + "0" * 28})
        >>> known.commit("3f786850e3") == known.commit("3f786850e387"), known.commit("deadbee")
        (True, '')
        """
        if revision in self.commits:
            return self.commits[revision]
        if len(revision) < LEAST_DIGITS:
            return ""
        found = {full for full in (*self.commits.values(), self.head) if full and full.startswith(revision)}
        return found.pop() if len(found) == 1 else ""

    def apart(self, one: str, other: str) -> Apart | None:
        """Return how one revision is apart from another one, None where that is not known."""
        here, there = self.commit(one), self.commit(other)
        if not here or not there:
            return None
        if here == there:
            return Apart(0, 0)
        if (here, there) in self.counts:
            return Apart(*self.counts[here, there])
        ahead_behind = self.counts.get((there, here))
        return Apart(ahead_behind[1], ahead_behind[0]) if ahead_behind else None

    def move(self, before: str, after: str) -> tuple[str, bool]:
        """Return the move from one revision to another in words, and whether it is a rollback.

        >>> known = Ancestry(commits={"a" * 7: "a" * 40, "b" * 7: "b" * 40}, counts={("a" * 40, "b" * 40): (0, 3)})
        >>> known.move("aaaaaaa", "bbbbbbb"), known.move("bbbbbbb", "aaaaaaa"), known.move("aaaaaaa", "ccccccc")
        (('3 commits', False), ('rollback by 3 commits', True), ('', False))
        """
        apart = self.apart(after, before)
        if apart is None or not apart.words:
            return "", False
        if apart.diverged:
            return f"diverged: {plural(apart.ahead, 'new commit')}, {apart.behind:,} gone", False
        if apart.behind:
            return f"rollback by {plural(apart.behind, 'commit')}", True
        return plural(apart.ahead, "commit"), False

"""The personnel gap, counted: of the authors whose commits reached an environment, how many also deployed there.

Counts leave this module, names do not. A team may separate duties on purpose: this is information, no judgement.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from msgspec import Struct

DAYS = 90
"""how far back deploys count"""

AUTHORS_FORMAT = "%aN%x00%aE%x01"
"""of `git log`, which applies the mailmap to both"""


class Author(Struct, frozen=True):
    """The author of a commit, as the mailmap has it."""

    name: str
    email: str


class Deploy(Struct, frozen=True):
    """One deploy, with the commits that it brought."""

    at: float
    """seconds since the epoch"""
    by: str
    """the user as the record of the deploy names it; "" where there is no record"""
    authors: tuple[Author, ...] = ()
    """of the commits that it brought, one entry for each"""


class People(Struct, frozen=True):
    """Counts of authors and deployers."""

    problem: str = ""
    """why nothing is counted; the numbers are 0 then"""
    authors: int = 0
    """whose commits arrived"""
    deploying: int = 0
    """of them, those who also deployed"""
    commits: int = 0
    own: int = 0
    """commits that their author deployed"""

    @property
    def words(self) -> str:
        """The counts in words.

        >>> People(authors=5, deploying=2, commits=8, own=4).words
        '2 of 5 authors deploy, 50 % of 8 commits by their author'
        """
        if self.problem:
            return f"not measured: {self.problem}"
        share = round(100 * self.own / self.commits)
        authors = "author deploys" if self.authors == 1 else "authors deploy"
        commits = "commit" if self.commits == 1 else "commits"
        return f"{self.deploying} of {self.authors} {authors}, {share} % of {self.commits} {commits} by their author"


def parse_authors(output: str) -> tuple[Author, ...]:
    r"""Return the authors in the output of `git log` with AUTHORS_FORMAT, one for each commit.

    >>> parse_authors("Ann\0ann@x\1\nBob\0bob@x\1\n")
    (Author(name='Ann', email='ann@x'), Author(name='Bob', email='bob@x'))
    """
    pairs = (entry.strip("\n").partition("\0") for entry in output.split("\1"))
    return tuple(Author(name, email) for name, separator, email in pairs if separator)


def people(deploys: Iterable[Deploy], now: float) -> People:
    """Count authors and deployers of the deploys of the last 90 days.

    A deploy without a record leaves the result unknown: its deployer is never guessed.
    """
    recent = [deploy for deploy in deploys if now - DAYS * 86_400 <= deploy.at <= now]
    if not recent:
        return People(f"no deploy is known of the last {DAYS} days")
    if unrecorded := sum(not deploy.by for deploy in recent):
        return People(f"{unrecorded} of {len(recent)} deploys have no record of who deployed")
    commits = [(author, deploy) for deploy in recent for author in deploy.authors]
    if not commits:
        return People("the commits of the deploys are not known")
    authors = {_identity(author): author for author, _ in commits}
    deployers = {deploy.by: _match(deploy.by, list(authors.values())) for deploy in recent}
    deploying = {deployer for deployer in deployers.values() if deployer}
    own = Counter(deployers[deploy.by] == _identity(author) for author, deploy in commits)
    return People(authors=len(authors), deploying=len(deploying), commits=len(commits), own=own[True])


def _identity(author: Author) -> str:
    return (author.email or author.name).casefold()


def _match(user: str, authors: Sequence[Author]) -> str:
    """Return the identity of the only author that a user's name belongs to, "" for none or several.

    It is the author's name, the address, or what is before its @.

    >>> known = [Author("Ann Lee", "ann@x"), Author("Bob", "bob@x"), Author("Bobby", "bob@y")]
    >>> [_match(user, known) for user in ("ann", "Ann Lee", "bob", "bob@y", "eve")]
    ['ann@x', 'ann@x', '', 'bob@y', '']
    """
    wanted = user.strip().casefold()
    for names in (lambda a: (a.email,), lambda a: (a.name, a.email.partition("@")[0])):
        found = {_identity(author) for author in authors if wanted in (name.casefold() for name in names(author))}
        if found:
            return found.pop() if len(found) == 1 else ""
    return ""

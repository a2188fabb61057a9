"""Asks a git repository of this machine how revisions are apart; it is only read, and nothing is ever fetched."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import combinations
from pathlib import Path

from parity_tui.drift.ancestry import Ancestry
from parity_tui.drift.people import AUTHORS_FORMAT, Author, parse_authors
from parity_tui.model import ServiceError
from parity_tui.transport.child_environ import child_environ
from parity_tui.transport.commands import Exchange
from parity_tui.transport.foreign import foreign
from parity_tui.transport.supervised import LocalProcess

LIMIT = 10.0
"""seconds for all answers to one question"""
_CAP = 4 * 1024 * 1024
"""bytes of one answer"""
MOST_REVISIONS = 16
"""the latest ones, of which every pair is counted"""
_BRANCHES = (
    "refs/remotes/origin/HEAD", "refs/remotes/origin/main", "refs/remotes/origin/master", "refs/heads/main",
    "refs/heads/master",
)  # fmt: skip
"""the first that exists is the default branch"""

# Settings of the repository must start no program and no transfer.
_OPTIONS = (
    "-c", "safe.directory=*", "-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c",
    "protocol.allow=never", "-c", "gc.auto=0", "-c", "maintenance.auto=false", "--no-pager",
)  # fmt: skip
# The input of a supervised command stays open; git reads its questions up to their end.
_FEED = ("sh", "-c", 'questions=$1; shift; printf %s "$questions" | "$@"', "sh")
_VARIABLES = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "true",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",
    "LC_ALL": "C",
}


class GitError(Exception):
    """Why a repository gives no answer, in words."""


class Repository:
    """A repository and its answers so far, which never change: a hash names its history."""

    def __init__(self, path: str, limit: float = LIMIT) -> None:
        self._path = path
        self._limit = limit
        self._counts: dict[tuple[str, str], tuple[int, int]] = {}
        self._times: dict[str, float] = {}

    async def ancestry(self, revisions: Collection[str]) -> Ancestry:
        """Return how the latest of the revisions are apart from each other and from the default branch."""
        wanted = list(dict.fromkeys(revisions))[-MOST_REVISIONS:]
        commits: dict[str, str] = {}
        branch = head = ""
        try:
            async with asyncio.timeout(self._limit):
                await self._check()
                branch, head = await self._default_branch()
                commits = await self._commits(wanted)
                await self._add_times({*commits.values(), head} - {""})
                await self._count({*commits.values(), head} - {""})
        except TimeoutError:
            return self._answer(f"git has not answered within {self._limit:g} s", branch, head, commits)
        except GitError as error:
            return self._answer(str(error), branch, head, commits)
        return self._answer("", branch, head, commits)

    async def between(self, before: str, after: str) -> list[tuple[str, float]]:
        """Return (hash, seconds since the epoch) of each commit that only the later of two revisions has.

        Raises GitError where the repository has no such answer.
        """
        try:
            async with asyncio.timeout(self._limit):
                await self._check()
                commits = await self._commits([before, after])
                if not all(commits.values()):
                    raise GitError("the repository lacks one of the revisions")
                out = await self._git("rev-list", "--timestamp", f"{commits[before]}..{commits[after]}")
        except TimeoutError:
            raise GitError(f"git has not answered within {self._limit:g} s") from None
        pairs = (line.split() for line in out.splitlines())
        return [(commit, float(time)) for time, commit in pairs]

    async def authors(self, before: str, after: str) -> tuple[Author, ...]:
        """Return the author of each commit that only the later of two revisions has, as the mailmap has them.

        Raises GitError where the repository has no such answer.
        """
        try:
            async with asyncio.timeout(self._limit):
                commits = await self._commits([before, after])
                if not all(commits.values()):
                    raise GitError("the repository lacks one of the revisions")
                range_ = f"{commits[before]}..{commits[after]}"
                return parse_authors(
                    await self._git("log", "--no-show-signature", f"--format={AUTHORS_FORMAT}", range_)
                )
        except TimeoutError:
            raise GitError(f"git has not answered within {self._limit:g} s") from None

    def _answer(self, problem: str, branch: str, head: str, commits: Mapping[str, str]) -> Ancestry:
        return Ancestry(problem, branch, head, dict(commits), dict(self._times), dict(self._counts))

    async def _check(self) -> None:
        """Raise GitError where there is no complete repository."""
        if not os.path.isdir(self._path):  # noqa: ASYNC240 - of this machine
            raise GitError(f"the repository {self._path} is no folder")
        out = await self._git("rev-parse", "--is-shallow-repository", "--git-common-dir", fails="is no git repository")
        shallow, _, folder = out.partition("\n")
        if shallow.strip() == "true":
            raise GitError("the repository is a shallow clone, which would count too few commits")
        self._folder = Path(self._path, folder.strip())

    async def _default_branch(self) -> tuple[str, str]:
        """Return name and commit of the default branch, ("", "") for an empty repository."""
        out = await self._git("for-each-ref", "--format=%(refname) %(objectname) %(symref)", *_BRANCHES)
        found = {line.split(" ")[0]: line.split(" ")[1:] for line in out.splitlines()}
        for name in _BRANCHES:
            if name in found:
                commit, target = found[name]
                return (target or name).removeprefix("refs/").removeprefix("remotes/").removeprefix("heads/"), commit
        out = await self._git("rev-parse", "--quiet", "--verify", "HEAD^{commit}", fails="")
        return ("HEAD", out.strip()) if out.strip() else ("", "")

    async def _commits(self, revisions: Sequence[str]) -> dict[str, str]:
        """Return the full hash of each revision, "" for one that the repository lacks."""
        if not revisions:
            return {}
        questions = "".join(f"{revision.removesuffix('-dirty')}^{{commit}}\n" for revision in revisions)
        check = ("cat-file", "--batch-check=%(objectname) %(objecttype)")
        out = await self._git(*check, text=questions, fails="")
        if not out:  # a partial clone fails at the first object that it would have to fetch
            out = "\n".join(
                [await self._git(*check, text=line, fails="") or "?" for line in questions.splitlines(True)]
            )
        answers = [line.split(" ") for line in out.splitlines() if line]
        found = [words[0] if words[-1] == "commit" else "" for words in answers]
        if not all(found) and self._is_fetching():
            raise GitError("a fetch into the repository is under way")
        return dict(zip(revisions, found, strict=True))

    def _is_fetching(self) -> bool:
        """Return whether a pack is being written."""
        try:
            return any((self._folder / "objects" / "pack").glob("tmp_pack_*"))
        except OSError:
            return False

    async def _add_times(self, commits: Collection[str]) -> None:
        unknown = sorted(set(commits) - self._times.keys())
        if unknown:
            out = await self._git("rev-list", "--no-walk=unsorted", "--timestamp", *unknown)
            for line in out.splitlines():
                time, commit = line.split()
                self._times[commit] = float(time)

    async def _count(self, commits: Iterable[str]) -> None:
        """Count the commits that only one of each pair has."""
        for one, other in combinations(sorted(commits), 2):
            if (one, other) not in self._counts:
                out = await self._git("rev-list", "--left-right", "--count", f"{one}...{other}")
                left, right = out.split()
                self._counts[one, other] = int(left), int(right)

    async def _git(self, *arguments: str, text: str = "", fails: str | None = None) -> str:
        """Return the output of git; ``fails`` completes the message of its failure, "" makes an empty output of it."""
        argv = ("git", *_OPTIONS, "-C", self._path, *arguments)
        environ = {name: value for name, value in child_environ().items() if not name.startswith("GIT_")}
        try:
            process = LocalProcess((*_FEED, text, *argv) if text else argv, {**environ, **_VARIABLES})
        except ServiceError as error:
            raise GitError(error.message) from None
        exchange = Exchange(process, "", _CAP, "git")
        try:
            output = await exchange.output()
        except ServiceError as error:
            raise GitError(error.message) from None
        finally:
            exchange.close()
            process.close()
        if output.code and fails != "":
            raise GitError(f"the repository {self._path} {fails or _complaint(output.error)}")
        return output.out.decode(errors="replace") if not output.code else ""


def _complaint(error: bytes) -> str:
    lines = error.decode(errors="replace").strip().splitlines()
    return f"gives no answer: {foreign(lines[0])[:200]}" if lines else "gives no answer"

"""Asks the repository about the revisions on a board; a slow one delays a board once and shortly."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from parity_tui.drift.ancestry import Ancestry
from parity_tui.drift.board import Board
from parity_tui.drift.revisions import revisions_of
from parity_tui.transport.git import LIMIT, MOST_REVISIONS, Repository

_WAIT = 1.0
"""seconds that a board with a new revision waits, so that its deploy is known as a rollback"""
_AGAIN = 60.0
"""seconds until a repository is asked again: somebody may fetch into it"""


class Lineage:
    """The revisions of one watcher, and the answers about them."""

    def __init__(self, repository: Repository, changed: Callable[[], None]) -> None:
        self._repository = repository
        self._changed = changed
        self._seen: dict[str, None] = {}
        """revisions, the latest last"""
        self._answer = Ancestry()
        self._asked: frozenset[str] = frozenset()
        self._asked_at = 0.0
        self._question: asyncio.Task[None] | None = None

    async def of(self, board: Board, *, wait: bool = False) -> Ancestry:
        """Return the answers about the revisions of a board, as far as they come in time; all with ``wait``."""
        for outcome in board.outcomes():
            for revision in revisions_of(board.tables[outcome.target.kind], outcome):
                self._seen.pop(revision, None)
                self._seen[revision] = None
        revisions = list(self._seen)[-MOST_REVISIONS:]
        if revisions and self._question is None and self._must_ask(revisions):
            self._asked, self._asked_at = frozenset(revisions), asyncio.get_running_loop().time()
            self._question = asyncio.create_task(self._ask(revisions))
        if self._question is not None and not self._answer.commits.keys() >= set(revisions):
            await asyncio.wait((self._question,), timeout=LIMIT + 1 if wait else _WAIT)
        return self._answer

    def _must_ask(self, revisions: Sequence[str]) -> bool:
        old = asyncio.get_running_loop().time() - self._asked_at > _AGAIN
        return old or not self._asked.issuperset(revisions)

    async def _ask(self, revisions: Sequence[str]) -> None:
        try:
            answer = await self._repository.ancestry(revisions)
        finally:
            self._question = None
        if answer != self._answer:
            self._answer = answer
            self._changed()

    def stop(self) -> None:
        """End a question that is still open."""
        if self._question is not None:
            self._question.cancel()

"""The gaps of time and of personnel: out of the history, the repository, and the records of deploys."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from parity_tui.drift import deploys as events
from parity_tui.drift.board import Board
from parity_tui.drift.people import DAYS, Author, People, people
from parity_tui.drift.people import Deploy as Record
from parity_tui.drift.revisions import same_revision
from parity_tui.drift.words import plural
from parity_tui.history import HistoryState
from parity_tui.model import Fact, State
from parity_tui.report.gaps import Delivery, Span
from parity_tui.transport.git import GitError, Repository

_RECORD = "deployed by"
"""fact of an app that has a record of its deploy"""

Authors = Mapping[tuple[str, str], Sequence[Author]]
"""of the commits that a move brought"""


async def delivery_of(board: Board, state: HistoryState | None, repository: str, now: float) -> dict[str, Delivery]:
    """Return the delivery of each environment that has an app, of the app that was deployed most often.

    Args:
        board: the board, read.
        state: the recorded events, None if they cannot be read.
        repository: folder of the app's git repository, "" for none.
        now: seconds since the epoch.
    """
    start = now - DAYS * events.DAY
    deployed = events.deploys(state.changes) if state else []
    begun = max(start, min((timed.at for timed in state.changes), default=now)) if state else now
    moves = events.moves(deploy for deploy in deployed if start <= deploy.at <= now)
    commits, authors, problem = await _commits(repository, moves)
    found = {}
    for index, environment in enumerate(board.environments):
        apps = [
            events.of_target(deployed, environment, section.service)
            for section in board.sections
            if (outcome := section.outcomes[index]) and board.tables[outcome.target.kind].revisions
        ]
        if apps:
            own = max(apps, key=len)
            figures = events.delivery(own, commits, begun, now)
            found[environment] = Delivery(
                _between(figures, state is not None),
                _lead(figures, problem),
                _people(board, index, own, authors, now),
            )
    return found


async def _commits(repository: str, moves: Iterable[tuple[str, str]]) -> tuple[events.Commits, Authors, str]:
    """Return the commits and the authors of each move that the repository knows, and why it knows none."""
    if not repository:
        return {}, {}, "no repository is configured"
    git, problem = Repository(repository), ""
    commits, authors = {}, {}
    for move in moves:
        try:
            commits[move], authors[move] = await git.between(*move), await git.authors(*move)
        except GitError as error:
            problem = str(error)
    return commits, authors, problem


def _between(figures: events.Delivery, recorded: bool) -> Span:
    if figures.interval is None:
        seen = plural(figures.deploys, "deploy") if figures.deploys else "no deploy"
        return Span(problem=f"{seen} seen, two are needed" if recorded else "the history cannot be read")
    days = plural(max(round(figures.days), 1), "day")
    return Span(figures.interval, basis=f"{plural(figures.deploys, 'deploy')} in {days}")


def _lead(figures: events.Delivery, problem: str) -> Span:
    if figures.lead_time is None:
        return Span(problem=problem or "no deploy with new commits seen")
    return Span(figures.lead_time, basis=f"median of {plural(figures.commits, 'commit')}")


def _people(board: Board, index: int, own: Sequence[events.Deploy], authors: Authors, now: float) -> People:
    """Return the people of the deploys; without a log an app records only its latest deploy."""
    forward = [deploy for deploy in own if not deploy.rollback]
    record = _record(board, index, own[-1].service) if own else None
    return people(
        [
            Record(deploy.at, _deployer(record, deploy, own[-1]), tuple(authors.get(deploy.move, ())))
            for deploy in forward
        ],
        now,
    )


def _record(board: Board, index: int, service: str) -> Fact | None:
    outcome = next(section.outcomes[index] for section in board.sections if section.service == service)
    fact = outcome.reading.facts.get(_RECORD) if outcome and outcome.reading else None
    return fact if fact and fact.state is State.VALUE else None


def _deployer(record: Fact | None, deploy: events.Deploy, latest: events.Deploy) -> str:
    """Return the user who deployed, "" where the record names none, or several for one revision."""
    if record is None:
        return ""
    if deploy is latest:
        return record.raw or ""
    entries = record.ledger.entries if record.ledger else ()
    found = {entry.by for entry in entries if same_revision(entry.id, deploy.after)}
    return found.pop() if len(found) == 1 else ""

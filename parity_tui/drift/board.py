"""The latest outcome of every target and the compared rows, as one immutable value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import takewhile
from operator import attrgetter
from typing import Protocol

from msgspec import Struct
from msgspec.structs import replace

from parity_tui.drift.compare import compare_service, order
from parity_tui.drift.end_of_life import alarm_rows
from parity_tui.drift.nodes import merge_nodes
from parity_tui.drift.policy import Policy
from parity_tui.drift.recompare import recompared
from parity_tui.drift.row import ALARMS, SAME_SERVER, SIBLINGS, Row
from parity_tui.drift.rows import Basis, Rows, Summary
from parity_tui.drift.rules import NO_KIND, RuleTable, under_policy
from parity_tui.drift.same_server import are_apart, same_server_rows
from parity_tui.drift.siblings import sibling_rows
from parity_tui.model import Outcome, Service, Target, TargetKey, target_key


class LeftOut(Protocol):
    """A variable of a dotenv file that holds the URL of a service which cannot be compared."""

    @property
    def environment(self) -> str:
        """Name of the environment."""

    @property
    def name(self) -> str:
        """Name of the variable."""

    @property
    def reason(self) -> str:
        """Why it cannot be compared."""


class Section(Struct, frozen=True, dict=True):
    """One service across the environments; what follows from its outcomes is worked out once."""

    service: str
    outcomes: tuple[Outcome | None, ...]
    """in the order of the environments; None for one without this service"""
    rows: Rows = Rows()

    @cached_property
    def failed(self) -> tuple[Outcome, ...]:
        """The servers that fail, by environment: each node of a target counts; see their `failed_since`."""
        servers = (server for outcome in self.outcomes if outcome for server in outcome.nodes or (outcome,))
        return tuple(server for server in servers if server.failure is not None)

    @cached_property
    def complete(self) -> bool:
        """Whether every target has answered or failed at least once."""
        return not any(outcome.pending for outcome in self.outcomes if outcome)

    def servers(self, index: int) -> tuple[Outcome, ...]:
        """Return the outcome of each server of one environment: of each node if the target has several."""
        outcome = self.outcomes[index]
        return (outcome.nodes or (outcome,)) if outcome else ()


class Board(Struct, frozen=True):
    """Every environment and service, and the differences."""

    environments: tuple[str, ...]
    sections: tuple[Section, ...]
    policy: Policy
    tables: Mapping[str, RuleTable]
    left_out: tuple[LeftOut, ...] = ()
    """never compared, so never equal"""

    def __repr__(self) -> str:
        """Name only its size: asyncio logs the results of tasks, and a full repr takes long."""
        return f"<Board of {len(self.environments)} environments, {len(self.sections)} services>"

    @classmethod
    def of(
        cls,
        environments: Sequence[str],
        targets: Iterable[Target],
        kinds: Mapping[str, Service],
        policy: Policy,
        left_out: Iterable[LeftOut] = (),
    ) -> Board:
        """Return the board before anything is read: a section for each service, in the order of the targets."""
        by_service: dict[tuple[str, str], list[Target]] = {}
        for target in targets:
            by_service.setdefault((target.service, target.environment), []).append(target)
        used = {target.kind for nodes in by_service.values() for target in nodes}
        tables = {kind: RuleTable(kinds.get(kind, NO_KIND), kind, policy) for kind in used}
        sections = tuple(
            Section(service, tuple(_pending(by_service.get((service, name), ()), tables) for name in environments))
            for service in dict.fromkeys(service for service, _ in by_service)
        )
        board = cls(tuple(environments), sections, policy, tables, tuple(left_out))
        return replace(board, sections=tuple(map(board._compared, sections)))

    def _compared(self, section: Section, previous: Section | None = None) -> Section:
        """Return a section with its rows; rows of the previous one are reused where nothing changed."""
        if previous and (few := recompared(previous.rows, previous.outcomes, section.outcomes)) is not None:
            return replace(section, rows=few)
        old_rows, old_outcomes = (_without_siblings(previous.rows), previous.outcomes) if previous else ((), ())
        compared = [row for row in old_rows if row.setting not in (SAME_SERVER, *ALARMS)]  # these are made below
        arguments = (section.service, self.environments, section.outcomes, self.tables, self.policy)
        unsorted, contexts = compare_service(*arguments, compared, old_outcomes)
        same = same_server_rows(*arguments)
        made = (*same, *alarm_rows(section.service, self.environments, section.outcomes, self.policy))
        rows = Rows(sorted((*unsorted, *_reused(made, old_rows)), key=order))
        rows.basis = Basis(contexts, not same and are_apart(section.outcomes))
        return replace(section, rows=rows)

    def with_policy(self, policy: Policy) -> Board:
        """Return the board with the same outcomes under another policy."""
        *_, last = self.steps((), policy)
        return last

    def with_outcomes(self, outcomes: Iterable[Outcome]) -> Board:
        """Return the board with newer outcomes; sections and rows that did not change stay the same objects."""
        *_, last = self.steps(outcomes, self.policy)
        return last

    def steps(self, outcomes: Iterable[Outcome], policy: Policy) -> Iterator[Board]:
        """Yield boards, service by service, on the way to newer outcomes and a policy; the last one is complete.

        Comparing many targets takes long: an event loop can handle other events between two steps.
        """
        latest: dict[str, dict[TargetKey, Outcome]] = {}
        for outcome in outcomes:
            latest.setdefault(outcome.target.service, {})[target_key(outcome.target)] = outcome
        tables = under_policy(self.tables, self.policy, policy)
        board = self if tables is self.tables else replace(self, policy=policy, tables=tables)
        yield board
        for number, old in enumerate(self.sections):
            section = board._with_outcomes(old, latest[old.service]) if old.service in latest else old
            if tables is not self.tables and any(tables[kind] is not self.tables[kind] for kind in _kinds(old)):
                section = board._compared(section)
            elif section is not old and any(map(_is_news, old.outcomes, section.outcomes)):
                section = board._compared(section, old)
            if section is not old:
                board = replace(board, sections=(*board.sections[:number], section, *board.sections[number + 1 :]))
            yield board
        changed = (old for new, old in zip(board.sections, self.sections, strict=True) if new is not old)
        has_siblings = tables is not self.tables or any(tables[kind].revisions for s in changed for kind in _kinds(s))
        if has_siblings and (complete := board._with_siblings()) is not board:
            yield complete

    def _with_siblings(self) -> Board:
        """Return the board with a row in the first of several apps whose revisions differ within an environment."""
        rows = sibling_rows(
            self.environments, [(s.service, s.outcomes) for s in self.sections], self.tables, self.policy
        )
        sections = tuple(_with_sibling(section, rows.get(section.service)) for section in self.sections)
        unchanged = all(new is old for new, old in zip(sections, self.sections, strict=True))
        return self if unchanged else replace(self, sections=sections)

    def _with_outcomes(self, section: Section, latest: Mapping[TargetKey, Outcome]) -> Section:
        environments = {environment for _, environment, _ in latest}
        updated = tuple(
            self._updated(outcome, latest) if outcome and outcome.target.environment in environments else outcome
            for outcome in section.outcomes
        )
        return section if updated == section.outcomes else replace(section, outcomes=updated)

    def _updated(self, old: Outcome, latest: Mapping[TargetKey, Outcome]) -> Outcome:
        """Return the newest outcome of one target, merged from its nodes if it has several."""
        if not old.nodes:
            new = latest.get(target_key(old.target))
            return self._with_reused_reading(old, new) if new else old
        nodes = tuple(self._updated(node, latest) for node in old.nodes)
        if nodes == old.nodes:
            return old
        merged = merge_nodes(nodes, self.tables[old.target.kind])
        return replace(merged, reading=old.reading) if merged.reading == old.reading else merged

    def _with_reused_reading(self, old: Outcome, new: Outcome) -> Outcome:
        """Return the new outcome with the old reading object if they are equal, or if it has none."""
        if new.reading is None:
            return replace(new, reading=old.reading, at=old.at, connection=old.connection, peers=new.peers or old.peers)
        if new.reading is old.reading:
            return new
        reading = self.tables[new.target.kind].resolve(new.reading)
        return replace(new, reading=old.reading if reading == old.reading else reading)

    def outcomes(self) -> Iterator[Outcome]:
        """Return the outcome of every target, section by section; nodes are merged."""
        return (outcome for section in self.sections for outcome in section.outcomes if outcome)

    def servers(self) -> Iterator[Outcome]:
        """Return the outcome of every server: of each node if a target has several."""
        return (server for outcome in self.outcomes() for server in outcome.nodes or (outcome,))

    @property
    def complete(self) -> bool:
        """Whether every target has answered or failed at least once."""
        return all(section.complete for section in self.sections)

    @property
    def summary(self) -> Summary:
        """Counts of all sections and of the failures."""
        counts = [section.rows.counts for section in self.sections]
        return Summary(
            critical=sum(one.critical for one in counts),
            warning=sum(one.warning for one in counts),
            info=sum(one.info for one in counts),
            expected=sum(one.expected for one in counts),
            unknown=sum(one.unknown for one in counts) + len(self.left_out),
            failed=sum(len(section.failed) for section in self.sections),
        )


def _reused(rows: Sequence[Row], previous: Iterable[Row]) -> list[Row]:
    """Return the rows, with the previous objects for those that did not change."""
    return [next((old for old in previous if old == row), row) for row in rows]


def _about_siblings(rows: Rows) -> Row | None:
    """Return the row that is made of other services too, None without one."""
    return next((row for row in takewhile(attrgetter("listed"), rows) if row.setting == SIBLINGS), None)


def _without_siblings(rows: Rows) -> Rows:
    old = _about_siblings(rows)
    return Rows(row for row in rows if row is not old) if old else rows


def _with_sibling(section: Section, row: Row | None) -> Section:
    """Return a section with this row about its siblings in place of an older one."""
    if _about_siblings(section.rows) == row:
        return section
    rows = (*_without_siblings(section.rows), *([row] if row else []))
    return replace(section, rows=Rows(sorted(rows, key=order)))


def _pending(nodes: Sequence[Target], tables: Mapping[str, RuleTable]) -> Outcome | None:
    """Return the outcome of a target before it is read, None without any target."""
    outcomes = [Outcome(target) for target in nodes]
    if len(outcomes) < 2:
        return outcomes[0] if outcomes else None
    return merge_nodes(outcomes, tables[nodes[0].kind])


def _kinds(section: Section) -> set[str]:
    return {outcome.target.kind for outcome in section.outcomes if outcome}


def _is_news(old: Outcome | None, new: Outcome | None) -> bool:
    """Whether a target has another reading or failure than before."""
    return old is not new and bool(old and new and (new.reading is not old.reading or new.failure != old.failure))

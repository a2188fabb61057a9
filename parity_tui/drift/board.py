"""The latest outcome of every target and what comparing them gave: one immutable value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import takewhile
from operator import attrgetter

from msgspec import Struct
from msgspec.structs import replace

from parity_tui.drift.compare import compare
from parity_tui.drift.nodes import merge_nodes
from parity_tui.drift.policy import Policy
from parity_tui.drift.row import Row
from parity_tui.drift.rules import NO_KIND, RuleTable
from parity_tui.model import Outcome, Service, Severity, Target, Verdict


class Summary(Struct, frozen=True):
    """How many of what."""

    critical: int = 0
    warning: int = 0
    info: int = 0
    expected: int = 0
    unknown: int = 0
    """blind spots: settings that a target which answers does not show"""
    failed: int = 0
    """targets that could not be read, and nodes of targets"""

    @property
    def drift(self) -> int:
        """How many settings differ."""
        return self.critical + self.warning + self.info

    @property
    def worst(self) -> Severity | None:
        """The severity of the worst difference, None where there is none."""
        found = ((Severity.CRITICAL, self.critical), (Severity.WARNING, self.warning), (Severity.INFO, self.info))
        return next((severity for severity, count in found if count), None)


class Rows(tuple[Row, ...]):
    """The rows of a service, worst first, and what is counted of them: once, for they may be very many.

    Those that are listed stand before all others; those that agree are there too.
    """

    @cached_property
    def counts(self) -> Summary:
        """How many are shown without being asked for."""
        listed = list(takewhile(attrgetter("listed"), self))
        drift = [row.severity for row in listed if row.verdict is Verdict.DRIFT]
        verdicts = [row.verdict for row in listed]
        return Summary(
            critical=drift.count(Severity.CRITICAL),
            warning=drift.count(Severity.WARNING),
            info=drift.count(Severity.INFO),
            expected=verdicts.count(Verdict.EXPECTED),
            unknown=verdicts.count(Verdict.UNKNOWN),
        )

    @cached_property
    def compared(self) -> int:
        """How many settings are compared: not those that are ignored, nor those of which too little is known."""
        return sum(row.verdict not in (Verdict.IGNORED, Verdict.UNKNOWN) for row in self)


class Section(Struct, frozen=True):
    """One service across the environments."""

    service: str
    outcomes: tuple[Outcome | None, ...]
    """in the order of the environments; None where an environment has no such service"""
    rows: Rows = Rows()


class Board(Struct, frozen=True):
    """Every environment and service, and where they differ."""

    environments: tuple[str, ...]
    sections: tuple[Section, ...]
    policy: Policy
    tables: Mapping[str, RuleTable]

    def __repr__(self) -> str:
        """Say its size and no more: asyncio writes out the result of a task at its end, and all of this takes long."""
        return f"<Board of {len(self.environments)} environments, {len(self.sections)} services>"

    @classmethod
    def of(
        cls,
        environments: Sequence[str],
        targets: Iterable[Target],
        kinds: Mapping[str, Service],
        policy: Policy,
    ) -> Board:
        """Return the board before anything is known: a section for each service, in the order of the targets."""
        by_place: dict[tuple[str, str], list[Target]] = {}
        for target in targets:
            by_place.setdefault((target.service, target.environment), []).append(target)
        used = {target.kind for nodes in by_place.values() for target in nodes}
        tables = {kind: RuleTable(kinds.get(kind, NO_KIND), kind, policy) for kind in used}
        sections = tuple(
            Section(service, tuple(_unheard(by_place.get((service, name), ()), tables) for name in environments))
            for service in dict.fromkeys(service for service, _ in by_place)
        )
        board = cls(tuple(environments), sections, policy, tables)
        return replace(board, sections=tuple(map(board._compared, sections)))

    def _compared(self, section: Section, previous: Section | None = None) -> Section:
        """Return a section with its rows; what did not move since the previous one is taken from there."""
        rows, heard = (previous.rows, previous.outcomes) if previous else ((), ())
        found = compare(section.service, self.environments, section.outcomes, self.tables, self.policy, rows, heard)
        return replace(section, rows=Rows(found))

    def with_policy(self, policy: Policy) -> Board:
        """Return the same readings under another policy: another baseline, another day."""
        *_, last = self.steps((), policy)
        return last

    def with_outcomes(self, outcomes: Iterable[Outcome]) -> Board:
        """Return the board with newer outcomes. What did not change costs a comparison, and stays the same object."""
        *_, last = self.steps(outcomes, self.policy)
        return last

    def steps(self, outcomes: Iterable[Outcome], policy: Policy) -> Iterator[Board]:
        """Yield on the way to the board with newer outcomes under a policy, service by service; the last one is whole.

        Comparing many targets takes a while: whoever has keys to answer does so between two services.
        """
        latest = {target_key(outcome.target): outcome for outcome in outcomes}
        board, anew = self, policy != self.policy
        if anew:
            tables = {kind: RuleTable(table.service, kind, policy) for kind, table in self.tables.items()}
            board = replace(self, policy=policy, tables=tables)
        yield board
        for number, old in enumerate(self.sections):
            section = board._with_outcomes(old, latest)
            if anew:
                section = board._compared(section)
            elif any(map(_moved_on, old.outcomes, section.outcomes)):
                section = board._compared(section, old)
            if section is not old:
                board = replace(board, sections=(*board.sections[:number], section, *board.sections[number + 1 :]))
            yield board

    def _with_outcomes(self, section: Section, latest: Mapping[TargetKey, Outcome]) -> Section:
        """Return a section with those of the newer outcomes that are its own, not yet compared."""
        updated = tuple(self._updated(outcome, latest) if outcome else None for outcome in section.outcomes)
        return section if updated == section.outcomes else replace(section, outcomes=updated)

    def _updated(self, old: Outcome, latest: Mapping[TargetKey, Outcome]) -> Outcome:
        """Return the outcome of one target, with what is newer of it or of its nodes."""
        if not old.nodes:
            new = latest.get(target_key(old.target))
            return self._settled(old, new) if new else old
        nodes = tuple(self._updated(node, latest) for node in old.nodes)
        if nodes == old.nodes:
            return old
        whole = merge_nodes(nodes, self.tables[old.target.kind])
        return replace(whole, reading=old.reading) if whole.reading == old.reading else whole

    def _settled(self, old: Outcome, new: Outcome) -> Outcome:
        """Return the new outcome, keeping the old reading where it says the same or where there is no new one."""
        if new.reading is None:
            return replace(new, reading=old.reading, at=old.at)
        if new.reading is old.reading:
            return new
        reading = self.tables[new.target.kind].resolve(new.reading)
        return replace(new, reading=old.reading if reading == old.reading else reading)

    def outcomes(self) -> Iterator[Outcome]:
        """Return every target's outcome, section by section; one for all of its nodes."""
        return (outcome for section in self.sections for outcome in section.outcomes if outcome)

    def servers(self) -> Iterator[Outcome]:
        """Return the outcome of every server: that of each node where a target has several."""
        return (server for outcome in self.outcomes() for server in outcome.nodes or (outcome,))

    @property
    def complete(self) -> bool:
        """Tell whether every target has answered or failed at least once."""
        return not any(outcome.pending for outcome in self.outcomes())

    @property
    def summary(self) -> Summary:
        """Count what is listed."""
        counts = [section.rows.counts for section in self.sections]
        return Summary(
            critical=sum(one.critical for one in counts),
            warning=sum(one.warning for one in counts),
            info=sum(one.info for one in counts),
            expected=sum(one.expected for one in counts),
            unknown=sum(one.unknown for one in counts),
            failed=sum(outcome.failure is not None for outcome in self.servers()),
        )


TargetKey = tuple[str, str, str]
"""service, environment and node"""


def target_key(target: Target) -> TargetKey:
    """Return what tells a target, and the node of it, from all others of a board."""
    return target.service, target.environment, target.node


def _unheard(nodes: Sequence[Target], tables: Mapping[str, RuleTable]) -> Outcome | None:
    """Return the outcome of a target before anything is known, None where there is no such service."""
    outcomes = [Outcome(target) for target in nodes]
    if len(outcomes) < 2:
        return outcomes[0] if outcomes else None
    return merge_nodes(outcomes, tables[nodes[0].kind])


def _moved_on(old: Outcome | None, new: Outcome | None) -> bool:
    """Tell whether a target says something else, or answers otherwise, than before."""
    return old is not new and bool(old and new and (new.reading is not old.reading or new.failure != old.failure))

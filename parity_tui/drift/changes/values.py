"""Values that changed between two readings of one server; absence is a value, a hidden setting has no value."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from parity_tui.drift.ancestry import Ancestry
from parity_tui.drift.board import Section
from parity_tui.drift.changes.change import ABSENT_TEXT, ROLLBACK, VERSION, Change, ChangeKind
from parity_tui.drift.nodes import missing_fact
from parity_tui.drift.revisions import is_revision, same_value
from parity_tui.drift.row import FOLDING, Row
from parity_tui.drift.values import display_text
from parity_tui.model import Fact, Outcome, Reading, Rule, Severity, State

NOT_KNOWN = (State.HIDDEN, State.UNKNOWN)
_PRODUCT = "product"


class ReadTwice(Struct, frozen=True):
    """One server, read by two boards with different results."""

    outcome: Outcome
    """the newer one"""
    before: Reading
    after: Reading


def value_changes(before: Section, after: Section, ancestry: Ancestry) -> Iterator[Change]:
    """Yield each known value of a server that differs from its last known value, node by node.

    ``ancestry`` has the repository's answers about both boards.
    """
    servers = list(_read_twice(before, after))
    if not servers:
        return
    moved, new = _moved(before.rows, after.rows)
    rest = {(row.kind, row.setting): row for row in moved}
    changed = [row for row in new if rest.pop((row.kind, row.setting), None) is not row]
    for row in (*changed, *rest.values()):
        if is_event(row):
            yield from filter(None, (_change(row, server, ancestry) for server in servers))


def _moved(before: Sequence[Row], after: Sequence[Row]) -> tuple[Sequence[Row], Sequence[Row]]:
    """Return the rows before and after, without those that are the same objects in the same places."""
    if len(before) != len(after):
        return before, after
    pairs = [pair for pair in zip(before, after, strict=True) if pair[0] is not pair[1]]
    return [old for old, _ in pairs], [new for _, new in pairs]


def is_event(row: Row) -> bool:
    """Return whether a change of this row is one: of a setting that is compared, or whose rule has `notify`."""
    return not row.summarizes and (row.severity is not Severity.IGNORED or row.rule.notify)


def kind_of(rule: Rule, setting: str, before: Fact, after: Fact) -> ChangeKind:
    """Return the kind of a change from one fact to another."""
    if State.ABSENT in (before.state, after.state):
        return ChangeKind.APPEARED if before.state is State.ABSENT else ChangeKind.VANISHED
    if setting in FOLDING:
        return ChangeKind.RELEASE
    if is_revision(rule):
        return ChangeKind.DEPLOY
    return ChangeKind.ROLE if rule.notify else ChangeKind.SETTING


def fact_of(reading: Reading, setting: str) -> Fact:
    """Return the fact of a setting, product or version; HIDDEN or ABSENT where the reading lacks it."""
    if setting not in FOLDING:
        return reading.facts.get(setting) or missing_fact(setting, reading)
    if any(name == setting for name, _ in reading.hidden):
        return missing_fact(setting, reading)
    return Fact(reading.version if setting == VERSION else reading.product)


def text_of(fact: Fact, rule: Rule) -> str:
    """Return a value for a person, "absent" for none."""
    return ABSENT_TEXT if fact.state is State.ABSENT else display_text(fact, rule)


def _read_twice(before: Section, after: Section) -> Iterator[ReadTwice]:
    for old, new in server_pairs(before, after):
        if old.reading and new.reading and old.reading is not new.reading:
            yield ReadTwice(new, old.reading, new.reading)


def server_pairs(before: Section, after: Section) -> Iterator[tuple[Outcome, Outcome]]:
    """Yield the outcomes of each server before and after: of each node if a target has several."""
    for old, new in zip(before.outcomes, after.outcomes, strict=True):
        if old is not None and new is not None and old is not new:
            yield from zip(old.nodes or (old,), new.nodes or (new,), strict=True)


def _change(row: Row, server: ReadTwice, ancestry: Ancestry) -> Change | None:
    target = server.outcome.target
    if row.kind != target.kind and row.setting != _PRODUCT:
        return None
    was, now = fact_of(server.before, row.setting), fact_of(server.after, row.setting)
    if was == now or was.state in NOT_KNOWN or now.state in NOT_KNOWN:
        return None
    if same_value(was, now, row.rule) or _has_cause(row.rule, row.setting, was, now, server):
        return None
    severity = Severity.INFO if row.severity is Severity.IGNORED else row.severity
    kind = kind_of(row.rule, row.setting, was, now)
    before, after = text_of(was, row.rule), text_of(now, row.rule)
    change = Change(target.environment, target.service, row.setting, before, after, severity, kind, target.node)
    return with_move(change, ancestry, was.raw or "", now.raw or "")


def with_move(change: Change, ancestry: Ancestry, before: str = "", after: str = "") -> Change:
    """Return a deploy with the commits between two revisions, as far as they are known; other changes unchanged."""
    if change.kind is not ChangeKind.DEPLOY:
        return change
    words, back = ancestry.move(before or change.before, after or change.after)
    if not back:
        return replace(change, message=words)
    severity = min(change.severity, Severity.WARNING, key=lambda severity: severity.rank)
    return replace(change, message=words, reason=ROLLBACK, severity=severity)


def _has_cause(rule: Rule, setting: str, was: Fact, now: Fact, server: ReadTwice) -> bool:
    """Return whether another change explains this one: of the version, or of a setting that it is computed from."""
    absent = State.ABSENT in (was.state, now.state)
    causes = causes_of(rule, setting) if absent or rule.derived else ()
    return any(fact_of(server.before, cause) != fact_of(server.after, cause) for cause in causes)


def causes_of(rule: Rule, setting: str) -> tuple[str, ...]:
    """Return the settings whose change explains that of another one; product and version go together."""
    causes = rule.causes(setting)
    return () if setting in causes else FOLDING if VERSION in causes else causes

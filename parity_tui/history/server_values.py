"""Compares the values of one server with those that the history has. No I/O."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Set

from msgspec import Struct

from parity_tui import __version__
from parity_tui.drift.changes import VERSION, Change, ChangeKind
from parity_tui.drift.changes.change import ABSENT_TEXT
from parity_tui.drift.changes.values import NOT_KNOWN, causes_of, fact_of, is_event, kind_of, with_move
from parity_tui.drift.nodes import missing_fact
from parity_tui.drift.revisions import is_revision, same_revision
from parity_tui.drift.row import FOLDING, Row
from parity_tui.drift.rules import RuleTable
from parity_tui.drift.values import display_text, printable
from parity_tui.history.record import ServerKey, truncate
from parity_tui.history.state import HistoryState
from parity_tui.model import Fact, Outcome, Reading, Rule, Severity, State
from parity_tui.secrets import REDACTED

_LONGEST_NAME = 1500
"""characters: the record of a setting with a longer one would not fit into a line"""


class ValueNews(Struct):
    """What the reading of one server adds to the history."""

    changes: list[Change]
    first_seen: dict[str, str]
    """values that are no event"""
    withheld: list[str]
    """names and globs of further settings without a recorded value"""
    gone: list[str]
    """settings that the server lacks now, which is no event"""


class ServerValues(Struct, frozen=True):
    """One server, as it is now and as the history knows it."""

    state: HistoryState
    server: ServerKey
    reading: Reading
    previous: Reading | None
    """of the same board, None for its first one"""
    table: RuleTable

    def news(self, rows: Iterable[Row], restarted: bool) -> ValueNews:
        """Return the news of the rows that may have changed.

        ``restarted``: the new version is in the history already.
        """
        known, news = self.state.values.get(self.server, {}), ValueNews([], {}, [], [])
        for row in rows:
            setting, text = printable(row.setting), self._text(row.setting, row.rule)
            if text is None and self._is_new_secret(row.setting):
                news.changes.append(self._event(setting, REDACTED, REDACTED, row.severity, ChangeKind.SETTING))
            if text is None or is_recorded(row.rule, known.get(setting), text) or self._is_unmoved(row, text):
                continue
            change = None if restarted and setting == VERSION else self._change(row, text, known)
            if change:
                news.changes.append(change)
            else:
                news.first_seen[setting] = text
        self._add_vanished(news, known)
        news.withheld = self._withheld(known, news.first_seen)
        return news

    def _text(self, setting: str, rule: Rule) -> str | None:
        """Return the value of a setting if it is worth a record."""
        fact = fact_of(self.reading, setting)
        if fact.state is not State.VALUE or (setting in FOLDING and not fact.raw) or len(setting) > _LONGEST_NAME:
            return None
        return truncate(display_text(fact, rule))

    def _is_unmoved(self, row: Row, text: str) -> bool:
        """Return whether the same board had read this value before: another one sees another value there."""
        if self.previous is None:
            return False
        was = fact_of(self.previous, row.setting)
        return was.state is State.VALUE and truncate(display_text(was, row.rule)) == text

    def _is_new_secret(self, setting: str) -> bool:
        """Return whether the same board has read another secret before: its digests are those of one process."""
        if self.previous is None:
            return False
        was, now = fact_of(self.previous, setting), fact_of(self.reading, setting)
        return was.state is now.state is State.SECRET and was.raw != now.raw

    def _withheld(self, *recorded: Container[str]) -> list[str]:
        """Return names and globs of settings without a value, as far as the history lacks them."""
        names: Set[str] = self.reading.facts.keys()
        if self.previous is not None:
            names = names - self.previous.facts.keys()
        globs = (printable(glob) for glob, why in self.reading.hidden if why)
        known = (*recorded, self.state.withheld.get(self.server, set()))
        return sorted(name for name in {*map(printable, names), *globs} if not any(name in some for some in known))

    def _change(self, row: Row, text: str, known: Mapping[str, str]) -> Change | None:
        """Return the event of a value that the history lacks, None if it has another cause or may be old."""
        setting = printable(row.setting)
        absent = setting not in known
        if (absent and not self._was_absent(row.setting)) or self._has_cause(row.rule, row.setting, absent, known):
            return None
        was = Fact(state=State.ABSENT) if absent else Fact("")
        kind = kind_of(row.rule, setting, was, fact_of(self.reading, row.setting))
        return self._event(setting, known.get(setting, ABSENT_TEXT), text, row.severity, kind)

    def _was_absent(self, setting: str) -> bool:
        if self.previous is not None:
            return fact_of(self.previous, setting).state is State.ABSENT
        return self._same_program() and not self.state.may_exist(self.server, printable(setting))

    def _same_program(self) -> bool:
        return self.previous is not None or self.state.programs.get(self.server) == __version__

    def _has_cause(self, rule: Rule, setting: str, absent: bool, known: Mapping[str, str]) -> bool:
        """Return whether another change explains this one: of the version, or of a setting it is computed from."""
        causes = causes_of(rule, setting) if absent or rule.derived else ()
        return any(known.get(cause) != self._text(cause, self.table.rule(cause)) for cause in causes)

    def _add_vanished(self, news: ValueNews, known: Mapping[str, str]) -> None:
        candidates = self._candidates(known)
        exist = set(map(printable, self.reading.facts)) if candidates else set()
        for setting in candidates - exist:
            if setting in FOLDING or missing_fact(setting, self.reading).state in NOT_KNOWN:
                continue
            rule = self.table.rule(setting)
            silent = (rule.severity is Severity.IGNORED and not rule.notify) or not self._same_program()
            if silent or self._has_cause(rule, setting, True, known):
                news.gone.append(setting)
            else:
                vanished = (known[setting], ABSENT_TEXT, rule.severity, ChangeKind.VANISHED)
                news.changes.append(self._event(setting, *vanished))

    def _candidates(self, known: Mapping[str, str]) -> set[str]:
        """Return the recorded settings that may have vanished: of the same board, those that it read before."""
        if self.previous is None or self.previous.hidden != self.reading.hidden:
            return set(known)
        return {printable(name) for name in self.previous.facts.keys() - self.reading.facts.keys()} & known.keys()

    def _event(self, setting: str, before: str, after: str, severity: Severity, kind: ChangeKind) -> Change:
        environment, service, node = self.server
        severity = Severity.INFO if severity is Severity.IGNORED else severity
        change = Change(environment, service, setting, before, after, severity, kind, node)
        return with_move(change, self.table.policy.ancestry)


def is_recorded(rule: Rule, recorded: str | None, text: str | None) -> bool:
    """Return whether the recorded text of a setting is its value; a revision may have had more or fewer digits."""
    if recorded and text and is_revision(rule):
        return same_revision(recorded, text)
    return recorded == text


def rows_of(rows: Iterable[Row], outcome: Outcome, unchanged: Container[int]) -> Iterator[Row]:
    """Yield the rows whose values are recorded for a server, but for those that another board had as well."""
    kind = outcome.target.kind
    compared = (row for row in rows if row.kind == kind or row.setting == "product")
    return (row for row in compared if id(row) not in unchanged and is_event(row))

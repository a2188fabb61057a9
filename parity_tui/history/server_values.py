"""Compares the values of one server with those that the history has. No I/O."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from parity_tui import __version__
from parity_tui.drift.changes import VERSION, Change, ChangeKind
from parity_tui.drift.changes.change import ABSENT_TEXT
from parity_tui.drift.changes.values import NOT_KNOWN, causes_of, fact_of, is_event, kind_of
from parity_tui.drift.nodes import missing_fact
from parity_tui.drift.row import FOLDING, Row
from parity_tui.drift.rules import RuleTable
from parity_tui.drift.values import display_text, printable
from parity_tui.history.record import ServerKey, truncate
from parity_tui.history.state import HistoryState
from parity_tui.model import Fact, Outcome, Reading, Rule, Severity, State

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

    def news(self, rows: Sequence[Row], restarted: bool) -> ValueNews:
        """Return the news; ``restarted``: the new version is in the history already."""
        known, texts = self.state.values.get(self.server, {}), self._texts(rows)
        news = ValueNews([], {}, [], [])
        for row in rows:
            setting = printable(row.setting)
            text = texts.get(setting)
            if text is None or known.get(setting) == text:
                continue
            change = None if restarted and setting == VERSION else self._change(row, known, texts)
            if change:
                news.changes.append(change)
            else:
                news.first_seen[setting] = text
        self._add_vanished(news, known, texts)
        exists = {*map(printable, self.reading.facts), *(printable(glob) for glob, why in self.reading.hidden if why)}
        news.withheld = sorted(exists - texts.keys() - self.state.withheld.get(self.server, set()))
        return news

    def _texts(self, rows: Sequence[Row]) -> dict[str, str]:
        """Return the values that are worth a record, by printable setting."""
        facts = ((row, fact_of(self.reading, row.setting)) for row in rows)
        return {
            printable(row.setting): truncate(display_text(fact, row.rule))
            for row, fact in facts
            if fact.state is State.VALUE and not (row.setting in FOLDING and not fact.raw)
            if len(row.setting) <= _LONGEST_NAME
        }

    def _change(self, row: Row, known: Mapping[str, str], texts: Mapping[str, str]) -> Change | None:
        """Return the event of a value that the history lacks, None if it has another cause or may be old."""
        setting = printable(row.setting)
        absent = setting not in known
        if (absent and not self._was_absent(row.setting)) or self._has_cause(
            row.rule, row.setting, absent, known, texts
        ):
            return None
        was = Fact(state=State.ABSENT) if absent else Fact("")
        kind = kind_of(row.rule, setting, was, fact_of(self.reading, row.setting))
        return self._event(setting, known.get(setting, ABSENT_TEXT), texts[setting], row.severity, kind)

    def _was_absent(self, setting: str) -> bool:
        if self.previous is not None:
            return fact_of(self.previous, setting).state is State.ABSENT
        return self._same_program() and not self.state.may_exist(self.server, printable(setting))

    def _same_program(self) -> bool:
        return self.previous is not None or self.state.programs.get(self.server) == __version__

    def _has_cause(
        self, rule: Rule, setting: str, absent: bool, known: Mapping[str, str], texts: Mapping[str, str]
    ) -> bool:
        """Return whether another change explains this one: of the version, or of a setting it is computed from."""
        causes = causes_of(rule, setting) if absent or rule.derived else ()
        return any(known.get(cause) != texts.get(cause) for cause in causes)

    def _add_vanished(self, news: ValueNews, known: Mapping[str, str], texts: Mapping[str, str]) -> None:
        exist = set(map(printable, self.reading.facts))
        for setting in known:
            if setting in exist or setting in FOLDING or missing_fact(setting, self.reading).state in NOT_KNOWN:
                continue
            rule = self.table.rule(setting)
            silent = (rule.severity is Severity.IGNORED and not rule.notify) or not self._same_program()
            if silent or self._has_cause(rule, setting, True, known, texts):
                news.gone.append(setting)
            else:
                vanished = (known[setting], ABSENT_TEXT, rule.severity, ChangeKind.VANISHED)
                news.changes.append(self._event(setting, *vanished))

    def _event(self, setting: str, before: str, after: str, severity: Severity, kind: ChangeKind) -> Change:
        environment, service, node = self.server
        severity = Severity.INFO if severity is Severity.IGNORED else severity
        return Change(environment, service, setting, before, after, severity, kind, node)


def rows_of(rows: Sequence[Row], outcome: Outcome) -> Iterator[Row]:
    """Yield the rows whose values are recorded for a server."""
    kind = outcome.target.kind
    return (row for row in rows if is_event(row) and (row.kind == kind or row.setting == "product"))

"""From boards to lines: what a board has that the lines so far do not tell. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from parity_tui.drift.board import Board, Section
from parity_tui.drift.changes import VERSION, Change, TimedChange, restarts
from parity_tui.drift.row import Row
from parity_tui.drift.values import printable
from parity_tui.history.state import LONGEST, SCHEMA, HistoryState, Place, Record, kept, moment
from parity_tui.model import Outcome, Severity, State

_UNSEEN = 10.0
"""seconds for which nobody has looked before that is worth a word"""


class Recorder:
    """Takes boards, one after the other, and says what is to be written down."""

    def __init__(self, past: HistoryState) -> None:
        self.past = past
        self._before: Board | None = None
        self._met: set[Place] = set()

    def enter(self, board: Board, now: float) -> tuple[list[Record], list[TimedChange]]:
        """Return what is to be written of a board, and what of that had moved before anybody looked.

        ``now`` is in seconds since the epoch.
        """
        if board is self._before:
            return [], []
        before, self._before = self._before, board
        anew = restarts(before, board) if before else []
        lines = [self._change(change, now, None)[0] for change in anew]
        told = {(change.environment, change.service) for change in anew}
        missed: list[TimedChange] = []
        old = {id(row) for section in before.sections for row in section.rows} if before else set()
        for section in board.sections:
            for index, environment in enumerate(board.environments):
                outcome = section.outcomes[index]
                if outcome and outcome.reading and not outcome.failure:
                    place = (environment, section.service)
                    moved = self._moved(place, section, index, old)
                    lines += self._target(place, outcome, moved, now, missed, VERSION if place in told else "")
        return lines, missed

    def close(self) -> list[Record]:
        """Return until when everything was as it is known, target by target."""
        heard = self.past.heard
        return [Record(SCHEMA, moment(heard[place]), *place, {}) for place in heard if place in self._met]

    def everything(self, now: float) -> list[Record]:
        """Return all that is known, for a new file."""
        known = self.past.values.items()
        heard = {place: self.past.heard.get(place, now) for place, _ in known}
        return [
            Record(SCHEMA, moment(heard[place]), *place, part) for place, values in known for part in _parts(values)
        ]

    def _moved(self, place: Place, section: Section, index: int, old: set[int]) -> Iterator[tuple[str, str, Severity]]:
        """Return settings of which a target says something else than is known, with that; not yet met, look at all."""
        known = self.past.values.get(place, {})
        met = place in self._met
        for row in section.rows:
            if met and id(row) in old:
                continue
            name, text = printable(row.setting), _text(row, index)
            if text is not None and known.get(name) != text:
                yield name, text, Severity.INFO if row.severity is Severity.IGNORED else row.severity

    def _target(
        self,
        place: Place,
        outcome: Outcome,
        moved: Iterator[tuple[str, str, Severity]],
        now: float,
        missed: list[TimedChange],
        told: str,
    ) -> Iterator[Record]:
        """Return what is to be written of one target; ``told`` is a setting whose change is known otherwise."""
        since = self.past.heard.get(place, now)
        known = dict(self.past.values.get(place, {}))
        fresh = {}
        for setting, text, severity in moved:
            if setting not in known or setting == told:
                fresh[setting] = text
                continue
            change = Change(*place, setting, known[setting], text, severity)
            line, move = self._change(change, now, since if now - since > _UNSEEN else None)
            if move and place not in self._met:
                missed.append(move)
            yield line
        for part in _parts(fresh):
            line = Record(SCHEMA, moment(now), *place, part)
            self.past.take(line)
            yield line
        self._met.add(place)
        self.past.heard[place] = outcome.at or now

    def _change(self, change: Change, now: float, since: float | None) -> tuple[Record, TimedChange | None]:
        """Return the line of a change, and what comes of taking it."""
        line = Record(
            SCHEMA,
            moment(now),
            change.environment,
            change.service,
            setting=change.setting,
            before=kept(change.before),
            after=kept(change.after),
            severity=change.severity,
            since=None if since is None else moment(since),
            restarted=change.restarted,
            node=change.node,
            instance=kept(printable(change.instance)),
        )
        return line, self.past.take(line)


def _text(row: Row, index: int) -> str | None:
    """Return what an environment says of a setting; None where that is not known, not shown, or no news."""
    if row.cells[index].state is not State.VALUE or (row.severity is Severity.IGNORED and not row.rule.notify):
        return None
    return kept(row.text(index))


def _parts(values: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Return the values in parts that fit a line each."""
    part: dict[str, str] = {}
    size = 0
    for setting, text in values.items():
        length = len(f"{setting}{text}".encode("utf-8", "replace")) + 6
        if part and size + length > LONGEST // 2:
            yield part
            part, size = {}, 0
        part[setting] = text
        size += length
    if part:
        yield part

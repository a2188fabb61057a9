"""Reads the events of a store, and the state after them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from parity_tui.drift.changes import Change, ChangeKind, TimedChange
from parity_tui.history.record import ServerKey
from parity_tui.history.state import HistoryState, OpenOutage
from parity_tui.history.store.database import Database, Value, typed
from parity_tui.history.store.schema import ADDRESS, INSTANCE, VALUE, note
from parity_tui.model import Failure, Reason, Severity

_SEVERITIES = {severity.value: severity for severity in Severity}
_KINDS = {kind.value: kind for kind in ChangeKind}
_EventRow = tuple[
    int, float, str, str, str, str, str, str, str, str, str, str, str, float, float | None
]  # fmt: skip
_ServerRow = tuple[int, str, str, str, float | None, str]
_OutageRow = tuple[int, float, float, str, str]
_StateRow = tuple[int, str, str, str | None]
_EVENTS = """SELECT event.seq, event.at, environment, service, setting, old_value, new_value, severity, kind, node,
    instance, reason, message, seconds, since FROM event JOIN server ON server.id = event.server"""
_OUTAGES = "event.kind IN ('failed', 'recovered')"
_RECENT = f"""{_EVENTS} WHERE event.at >= ? UNION {_EVENTS} WHERE {_OUTAGES} AND event.at >= ? AND event.server IN (
    SELECT server FROM event WHERE at >= ? AND {_OUTAGES} UNION SELECT server FROM outage) ORDER BY 1"""  # noqa: S608
"""with earlier outages of the servers that failed lately: one may last, or belong to a flapping server"""
_BEGINS = """SELECT min(began) FROM (SELECT began FROM outage
    UNION SELECT at - seconds FROM event WHERE at >= ? AND kind = 'recovered') AS outages"""
_FLAPPING = 7 * 86_400.0
"""seconds for which a server may have flapped before"""

_MOVES = f"""{_EVENTS} WHERE event.seq IN (SELECT seq FROM state WHERE seq IS NOT NULL AND aspect = 'value')
    ORDER BY event.seq"""  # noqa: S608 - constants
"""the events that gave settings their present values"""


def events(database: Database, since: float | None = None) -> list[TimedChange]:
    """Return the events in their order: all, or at least those since a time."""
    if since is None:
        return _timed(database, f"{_EVENTS} ORDER BY event.seq")
    begins = typed(database, list[tuple[float | None]], _BEGINS, (since,))[0][0]
    earliest = min(since - _FLAPPING, (since if begins is None else begins) - 1)
    return _timed(database, _RECENT, (since, earliest, since))


def latest_events(database: Database, count: int) -> list[TimedChange]:
    """Return the newest events in their order."""
    return _timed(database, f"{_EVENTS} ORDER BY event.seq DESC LIMIT ?", (count,))[::-1]


def moves(database: Database) -> list[TimedChange]:
    """Return, in their order, the event that gave each setting its present value."""
    return _timed(database, _MOVES)


def _timed(database: Database, sql: str, values: Sequence[Value] = ()) -> list[TimedChange]:
    """Return events; those of a kind that only newer versions know are left out."""
    found = []
    for row in typed(database, list[_EventRow], sql, values):
        _, at, environment, service, setting, old, new, severity, kind = row[:9]
        node, instance, reason, message, lasted, since = row[9:]
        if kind in _KINDS:
            level = _SEVERITIES.get(severity, Severity.INFO)
            change = Change(
                environment, service, setting, old, new, level, _KINDS[kind], node, instance, reason, message, lasted
            )
            found.append(TimedChange(at, change, since))
    return found


def state(database: Database, changes: Iterable[TimedChange], *, values: bool = True) -> HistoryState:
    """Return the open outages, with these changes; with the last known values as well unless the caller needs none."""
    loaded = HistoryState(None)
    loaded.changes.extend(changes)
    skipped = note(database, "skipped lines")
    loaded.broken = int(skipped) if skipped.isdecimal() else 0
    loaded.recorded = bool(database.query("SELECT 1 FROM event LIMIT 1"))
    if values:
        refresh(database, loaded)
    else:
        _read_outages(database, loaded, _names(database))
    return loaded


def _names(database: Database) -> dict[int, ServerKey]:
    rows = typed(database, list[tuple[int, str, str, str]], "SELECT id, environment, service, node FROM server")
    return {id_: (environment, service, node) for id_, environment, service, node in rows}


def refresh(database: Database, loaded: HistoryState, only: Iterable[ServerKey] | None = None) -> None:
    """Replace the values and outages of servers, of all by default, by those of the store."""
    wanted = None if only is None else set(only)
    names = {}
    for id_, environment, service, node, seen, program in typed(
        database, list[_ServerRow], "SELECT id, environment, service, node, seen, program FROM server"
    ):
        key = (environment, service, node)
        if wanted is None or key in wanted:
            names[id_] = key
            loaded.forget(key)
            if seen is not None:
                loaded.confirmed[key] = seen
                loaded.values[key] = {}
                if program:
                    loaded.programs[key] = program
    _read_state(loaded, names, _rows(database, "SELECT server, aspect, name, value FROM state", names, wanted))
    _read_outages(database, loaded, names)


def _read_outages(database: Database, loaded: HistoryState, names: Mapping[int, ServerKey]) -> None:
    for server, began, seen, reason, message in typed(
        database, list[_OutageRow], "SELECT server, began, seen, reason, message FROM outage"
    ):
        if server in names:
            failure = Failure(Reason(reason) if reason in set(Reason) else Reason.SERVER, message)
            loaded.outages[names[server]] = OpenOutage(began, failure, seen)


def _rows(
    database: Database, sql: str, names: dict[int, ServerKey], wanted: set[ServerKey] | None
) -> Iterator[_StateRow]:
    """Yield the rows of the wanted servers; None: of all."""
    if wanted is None:
        yield from typed(database, list[_StateRow], sql)
        return
    for server in names:
        yield from typed(database, list[_StateRow], f"{sql} WHERE server = ?", (server,))


def _read_state(loaded: HistoryState, names: dict[int, ServerKey], rows: Iterable[_StateRow]) -> None:
    for server, aspect, name, value in rows:
        key = names.get(server)
        if key is None:
            continue
        if aspect == VALUE:
            if value is not None:
                loaded.values.setdefault(key, {})[name] = value
        elif aspect == INSTANCE:
            loaded.instances[key] = value or ""
        elif aspect == ADDRESS:
            loaded.addresses[key, name] = value or ""
        else:
            loaded.withheld.setdefault(key, set()).add(name)

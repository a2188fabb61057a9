"""What cannot be seen of a target, and the text to copy that would show it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from msgspec import Struct

from parity_tui.drift.nodes import missing_fact
from parity_tui.drift.rules import RuleTable
from parity_tui.model import Reading, Service, Severity, State

_REMEDY = re.compile(r"(?:^needs |: )((?:GRANT|CREATE|ALTER|ACL SETUSER|rabbitmqctl) .*?)(?: \([^()]*\))?$")
"""what follows the words of a kind, as text to copy"""


class HiddenSettings(Struct, frozen=True):
    """What cannot be seen, for one reason."""

    why: str
    settings: tuple[str, ...]
    """names, or globs where the names are not known"""
    remedy: str
    """text to copy that would show them, "" where nobody knows any"""


def unseen(reading: Reading, table: RuleTable) -> Iterator[HiddenSettings]:
    """Yield what is hidden, a reason each; what is never compared is not missed."""
    groups: dict[str, dict[str, None]] = {}
    for name in _names(reading, table.service):
        fact = reading.facts.get(name) or missing_fact(name, reading)
        if fact.state is State.HIDDEN and table.rule(name).severity is not Severity.IGNORED:
            groups.setdefault(fact.note, {})[name] = None
    for glob, why in reading.hidden:
        if why and "*" in glob and (glob != "*" or why not in groups):
            groups.setdefault(why, {})[glob] = None
    for why, names in groups.items():
        yield HiddenSettings(why, tuple(names), _remedy(why))


def _remedy(why: str) -> str:
    """Return the text to copy that a reason ends with.

    >>> _remedy("needs GRANT pg_read_all_settings TO app"), _remedy("may not ask: ACL SETUSER app +config|get")
    ('GRANT pg_read_all_settings TO app;', 'ACL SETUSER app +config|get')
    >>> _remedy("needs the tag monitoring: rabbitmqctl set_user_tags app monitoring (not a user of that)")
    'rabbitmqctl set_user_tags app monitoring'
    """
    found = _REMEDY.search(why)
    end = ";" if found and found[1].startswith(("GRANT", "CREATE", "ALTER")) else ""
    return f"{found[1]}{end}" if found else ""


def _names(reading: Reading, service: Service) -> Iterable[str]:
    """Return every name that a reading could have: what it has, what it says to be hidden, what the kind knows."""
    known = [row.name for row in service.rules if row.name not in ("product", "version")]
    names = dict.fromkeys([*(name for name, _ in reading.hidden), *known, *reading.facts])
    return [name for name in names if not re.search(r"[*?]", name)]


def count(blind: Iterable[HiddenSettings]) -> str:
    """Return how many cannot be seen, in words.

    >>> count([HiddenSettings("", ("a", "b"), "")]), count([HiddenSettings("", ("a", "b.*"), "")]), count([HiddenSettings("", ("b.*",), "")])
    ('2', '1 and b.*', 'b.*')
    """
    names = [name for each in blind for name in each.settings]
    globs = [name for name in names if "*" in name]
    counted = [str(len(names) - len(globs))] if len(names) > len(globs) else []
    return " and ".join([*counted, ", ".join(globs)] if globs else counted)

"""The settings that a target does not show, with the command that would show them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from parity_tui.drift.blind_spots import Unseen
from parity_tui.drift.row import SAME_SERVER
from parity_tui.model import HiddenGroup


class HiddenSettings(Struct, frozen=True):
    """The settings that are hidden for one reason."""

    why: str
    settings: tuple[str, ...]
    """names, or globs where the names are unknown"""
    remedy: str
    """command that would show them, for a person to copy; "" if none is known"""


def hidden_settings(spots: Iterable[Unseen], groups: Sequence[HiddenGroup]) -> Iterator[HiddenSettings]:
    """Yield the blind spots that the user does not accept, each with its remedy."""
    for spot in spots:
        if not spot.expected:
            yield HiddenSettings(spot.why, spot.settings, remedy(spot.why, groups))


def remedy(why: str, groups: Sequence[HiddenGroup]) -> str:
    """Return the command of the first group whose ``why`` fits this text, "" if none fits.

    >>> groups = [HiddenGroup("*", "needs SHOW ON {path} FOR {user}", "GRANT SHOW ON {path} TO {user};")]
    >>> remedy('needs SHOW ON shop FOR "Ann"', groups), remedy("needs SHOW ON shop FOR ann (a reply)", groups)
    ('GRANT SHOW ON shop TO "Ann";', 'GRANT SHOW ON shop TO ann;')
    >>> remedy("needs SHOW ON nothing", groups)
    ''
    """
    for group in groups:
        if (values := _placeholder_values(group.why, why)) is not None:
            return _PLACEHOLDER.sub(lambda match: values.get(match[1], match[0]), group.remedy)
    return ""


_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")


def _placeholder_values(template: str, text: str) -> dict[str, str] | None:
    """Return the text that each placeholder of a template stands for, None if the rest of the text differs.

    The text may end with a server's reply in parentheses.
    """
    pattern, names = "", set[str]()
    for index, part in enumerate(_PLACEHOLDER.split(template)):
        if index % 2 == 0:
            pattern += re.escape(part)
        else:
            pattern += f"(?P={part})" if part in names else f"(?P<{part}>.+?)"
            names.add(part)
    match = re.fullmatch(rf"{pattern}(?: \([^()]*\))?", text, re.DOTALL)
    return match.groupdict() if match else None


def count(groups: Iterable[HiddenSettings]) -> str:
    """Return the number of hidden settings, and the globs, in words; "" if all are shown and not compared.

    >>> named, open_ended = HiddenSettings("", ("a", "b"), ""), HiddenSettings("", ("b.*",), "")
    >>> count([named]), count([named, open_ended]), count([open_ended])
    ('2', '2 and b.*', 'b.*')
    """
    names = [name for group in groups for name in group.settings if name != SAME_SERVER]
    globs = [name for name in names if "*" in name]
    counted = [str(len(names) - len(globs))] if len(names) > len(globs) else []
    return " and ".join([*counted, ", ".join(globs)] if globs else counted)

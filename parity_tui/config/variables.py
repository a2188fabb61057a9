"""References to variables as in a shell: ``${VAR}``, ``${VAR:-default}``, ``${VAR:?}``, ``${VAR:+text}``, nested."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from parity_tui.config.errors import InvalidValue, UnsetVariable

MALFORMED = "has a ${ that begins neither ${NAME} nor ${NAME:-default}"
_REFERENCE = re.compile(r"\$(?:(?P<dollar>\$)|\{(?P<name>[A-Za-z_]\w*)?|(?P<bare>[A-Za-z_]\w*))", re.ASCII)
_OPERATOR = re.compile(r":?[-?+]")
_BRACES = re.compile(r"\$\{|\}")
_LONGEST = 100_000
"""characters that filling in references may add to a text"""
TOO_LONG = f"is longer than {_LONGEST:,} characters with its references filled in"
_DEEPEST = 20
"""levels of references within defaults"""


class Interpolated(Struct, frozen=True):
    """A text with its references filled in; an unset variable is an empty text."""

    text: str
    unset: tuple[str, ...] = ()
    """names of the variables that are not set, and that have no default"""
    malformed: bool = False
    """a reference cannot be understood; it was left in place"""


def interpolate(text: str, variables: Mapping[str, str], *, bare: bool = False, escape: bool = True) -> Interpolated:
    """Return a text with its references filled in. The values of variables are not filled in again.

    Args:
        text: any text.
        variables: name -> value.
        bare: ``$NAME`` is a reference too.
        escape: ``$$`` is a dollar.

    >>> interpolate("${A:-${B-x}}, ${C:+set}, ${D?secret}, ${E-}", {"A": "", "C": "1"})
    Interpolated(text='x, set, , ', unset=('D',), malformed=False)
    """
    interpolation = _Interpolation(variables, bare, escape)
    filled = interpolation.fill(text, 0)
    return Interpolated(filled, tuple(interpolation.unset), interpolation.malformed)


class _Interpolation:
    """Fills in one text, and remembers what was wrong."""

    def __init__(self, variables: Mapping[str, str], bare: bool, escape: bool) -> None:
        self.unset: list[str] = []
        self.malformed = False
        self._variables = variables
        self._bare = bare
        self._escape = escape

    def fill(self, text: str, depth: int) -> str:
        parts: list[str] = []
        position = length = 0
        while match := _REFERENCE.search(text, position):
            filled, end = self._reference(text, match, depth)
            parts += [text[position : match.start()], filled]
            position = end
            length += len(filled)
            if length > _LONGEST + len(text):
                raise InvalidValue(TOO_LONG)
        return "".join([*parts, text[position:]])

    def _reference(self, text: str, match: re.Match[str], depth: int) -> tuple[str, int]:
        """Return the text in place of one reference, and where that one ends."""
        if match["dollar"]:
            return "$", match.end() - (not self._escape)  # the second dollar may begin a reference
        if match["bare"]:
            return self._variables.get(match["bare"], "") if self._bare else match[0], match.end()
        begin, end = match.end(), _end_of_reference(text, match.end())
        operator = _OPERATOR.match(text, begin, max(begin, end))
        if match["name"] is None or end < begin or depth > _DEEPEST or (operator is None and end > begin):
            self.malformed = True
            return text[match.start() : match.start() + 2], match.start() + 2
        word = text[operator.end() : end] if operator else ""
        return self._value(match["name"], operator[0] if operator else "", word, depth), end + 1

    def _value(self, name: str, operator: str, word: str, depth: int) -> str:
        value = self._variables.get(name)
        is_set = bool(value) if operator.startswith(":") else value is not None
        if operator.endswith("+"):
            return self.fill(word, depth + 1) if is_set else ""
        if is_set or operator.endswith("-"):
            return value or "" if is_set else self.fill(word, depth + 1)
        self.unset.append(name)
        return ""


def _end_of_reference(text: str, position: int) -> int:
    """Return the index of the brace that ends a reference, -1 for none."""
    level = 1
    for brace in _BRACES.finditer(text, position):
        level += 1 if brace[0] == "${" else -1
        if not 0 < level <= _DEEPEST:
            return brace.start() if not level else -1
    return -1


def expand(text: str, environ: Mapping[str, str]) -> str:
    """Return the text with its variables filled in, see :func:`interpolate`.

    Raises UnsetVariable, or InvalidValue for a malformed reference.

    >>> expand("${USER}@${HOST:-localhost} for 5$$, not $5", {"USER": "ann"})
    'ann@localhost for 5$, not $5'
    """
    interpolated = interpolate(text, environ)
    if interpolated.malformed:
        raise InvalidValue(f"{MALFORMED}; a dollar is written $$")
    if interpolated.unset:
        raise UnsetVariable(interpolated.unset[0])
    return interpolated.text


def expand_or_blank(text: str, environ: Mapping[str, str]) -> str:
    """Return the text as :func:`expand` does, with nothing for an unset variable: for inspection only.

    >>> expand_or_blank("postgresql://${USER}@db", {})
    'postgresql://@db'
    """
    return interpolate(text, environ).text


def expand_all(value: Any, environ: Mapping[str, str]) -> Any:
    """Return the value with the variables of every text filled in, within lists and tables too."""
    if isinstance(value, str):
        return expand(value, environ)
    if isinstance(value, list):
        return [expand_all(item, environ) for item in value]
    if isinstance(value, dict):
        return {key: expand_all(item, environ) for key, item in value.items()}
    return value

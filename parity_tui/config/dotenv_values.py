"""The variables of a dotenv file, with references filled in as the dotenv of Ruby, Symfony and Compose does."""

from __future__ import annotations

import io
import os
import re
from collections import ChainMap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from parity_tui.config.errors import ConfigError, InvalidValue, UnsetVariable
from parity_tui.config.variables import TOO_LONG, expand, expand_or_blank

_SINGLE_QUOTED = re.compile(r"\s*(?:export\s+)?[^=\s#]+\s*=\s*'")
_DOLLAR = re.compile(r"\\\$|\$(?P<name>[A-Za-z_]\w*)|\$(?=\{)", re.ASCII)
_REFERENCE = re.compile(r"\$\{?([A-Za-z_]\w*)", re.ASCII)
_BRACE = re.compile(r"\$\{|\}")
_CONSTANT = re.compile(r"[A-Z_][A-Z0-9_]*")
_PROJECT_FOLDER = "%kernel.project_dir%/"
"""Symfony's project folder, where its dotenv files are"""
_PRISMA = "prisma"
"""the folder of Prisma's schema, where its relative files of SQLite begin"""
_LONGEST = 100_000
_LONGEST_TOGETHER = 2_000_000
"""characters of all values with their references filled in"""


class Variable(Struct, frozen=True):
    """One variable of the file."""

    line: int
    name: str
    value: str
    """with references filled in; without them where that fails"""
    problem: str = ""
    """why a reference cannot be filled in"""
    holds: str = ""
    """the value with nothing for its references but their defaults: what the file itself holds"""
    refers_to: tuple[str, ...] = ()
    """the variables of its references"""

    def __repr__(self) -> str:
        return f"Variable({self.name!r})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return [("name", self.name)]


def variables(text: str, name: str, environ: Mapping[str, str]) -> tuple[list[Variable], list[str]]:
    """Return the variables of a file, the last line of each, and a warning for each malformed line."""
    from dotenv.parser import parse_stream  # here: most starts read no such file

    values: dict[str, str] = {}
    found: dict[str, Variable] = {}
    warnings = []
    room = _LONGEST_TOGETHER
    known = ChainMap(values, dict(environ))
    for binding in parse_stream(io.StringIO(text)):
        raw = binding.original.string
        line = binding.original.line + raw[: len(raw) - len(raw.lstrip())].count("\n")
        if binding.error:
            warnings.append(f"{name}:{line} cannot be understood and is left out")
        elif binding.key is not None and binding.value is not None:
            literal = bool(_SINGLE_QUOTED.match(raw))
            variable = _variable(line, binding.key, binding.value, known, literal)
            room -= len(variable.value)
            if room < 0:
                raise ConfigError(f"{name}: its values have more than {_LONGEST_TOGETHER:,} characters in all")
            values[binding.key] = variable.value
            found[binding.key] = variable
    return list(found.values()), warnings


def _variable(line: int, name: str, raw: str, known: Mapping[str, str], literal: bool) -> Variable:
    if literal or "$" not in raw:
        return Variable(line, name, raw, holds=raw)
    try:
        names = tuple(_REFERENCE.findall(raw))
        return Variable(line, name, filled_in(raw, known), holds=expand_or_blank(raw, {}), refers_to=names)
    except (UnsetVariable, InvalidValue) as error:
        return Variable(line, name, _blanked(raw), _problem(error), expand_or_blank(raw, {}))


def _problem(error: UnsetVariable | InvalidValue) -> str:
    return str(error) if isinstance(error, UnsetVariable) else f"its value {str(error).partition(';')[0]}"


def filled_in(raw: str, known: Mapping[str, str]) -> str:
    r"""Return a value with its references filled in. Raises UnsetVariable, or InvalidValue for a malformed reference.

    A dollar before a name that is not set and not in capitals is a dollar, as in python-dotenv.

    >>> filled_in(r"a\$PW,$PW,${PW}s,${B:-x},p$w,5$", {"PW": "pw"})
    'a$PW,pw,pws,x,p$w,5$'
    """
    result, at = [], 0
    while match := _DOLLAR.search(raw, at):
        result.append(raw[at : match.start()])
        at = match.end()
        name = match["name"]
        if name is not None:
            result.append(_bare(name, match[0], known))
        elif match[0] == "$":
            at = _end_of_braces(raw, at)
            result.append(expand(raw[match.start() : at], known))
        else:
            result.append("$")
        if sum(map(len, result)) > _LONGEST:
            raise InvalidValue(TOO_LONG)
    return "".join((*result, raw[at:]))


def _bare(name: str, text: str, known: Mapping[str, str]) -> str:
    if name in known:
        return known[name]
    if _CONSTANT.fullmatch(name):
        raise UnsetVariable(name)
    return text


def _end_of_braces(text: str, start: int) -> int:
    """Return the end of the brace at ``start``, with references within; the end of the text if it has none."""
    depth = 1
    for match in _BRACE.finditer(text, start + 1):
        depth += 1 if match[0] == "${" else -1
        if depth == 0:
            return match.end()
    return len(text)


def _blanked(raw: str) -> str:
    """Return a value with nothing for its references."""
    result, at = [], 0
    while match := _DOLLAR.search(raw, at):
        result.append(raw[at : match.start()])
        at = _end_of_braces(raw, match.end()) if match[0] == "$" else match.end()
    return "".join((*result, raw[at:]))


def in_project(value: str, folder: Path) -> str:
    """Return the value with the folder of a SQLite file as its framework understands it.

    Args:
        value: of a variable.
        folder: the folder of the dotenv file, which is the project's.
    """
    value = value.replace(_PROJECT_FOLDER, "")
    name = value.removeprefix("file:")
    if name == value or name.startswith("/") or not os.path.isfile(folder / _PRISMA / "schema.prisma"):
        return value
    return f"file:{_PRISMA}/{name}"

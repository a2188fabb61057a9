"""The text of a TOML file with its data: finds the line of each key and collects problems.

A line shown beneath a problem holds no value that may be a password, because mistakes are often made next to one.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from parity_tui.config.errors import ConfigError
from parity_tui.secrets import REDACTED

KeyPath = tuple[str | int, ...]
"""the keys and indexes that lead to a value"""

_MAX_PROBLEMS = 20
"""problems that are shown; the line of each has to be searched for"""

_PUBLIC_KEYS = {"baseline", "interval", "timeout", "expect", "severity"}
_PUBLIC_LINE = re.compile(
    r"\s*(?:\[{1,2}\s*[A-Za-z][\w.\"' -]*\]{0,2}"
    r"|(?:baseline|interval|timeout|colou?r|service|setting|reason|owner|until)\b[^=#]*(?:=[^=#]*)?)\s*"
)
_KEY = re.compile(r"\s*[\w.-]+\s*=")
_TOKEN = re.compile(r"""\"{3}.*|'{3}.*|"(?:\\.|[^"\\])*"|'[^']*'|\#.*|[^\s=,{}\[\]"'#]+|.""", re.DOTALL)
_POSITION = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
_DUPLICATE = re.compile(r"Cannot (?:overwrite|declare|mutate)|Duplicate")


_DEEP_KEY = re.compile(r"""(?:^|[{,\[])[ \t]*+(?:[\w"'-]++[ \t]*+\.[ \t]*+){50}""", re.MULTILINE)
_MOST_SEARCHED = 2_000_000
"""characters that are parsed again to find the line of one problem"""


class TomlDocument:
    """The text of one configuration file, its data, and the problems found in it. Raises ConfigError if invalid."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.lines = text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
        self._problems: dict[str, int] = {}
        self._unshown = 0
        self.data = self._parse()

    def report(self, path: KeyPath, message: str) -> None:
        """Add a problem of the value at ``path``, or of the innermost existing table on the way to it."""
        if len(self._problems) >= _MAX_PROBLEMS:
            self._unshown += 1
            return
        line = self.line(path)
        text = self._text(line)
        shown = text if self._is_public(path, line) else redact_values(text)
        self._problems.setdefault(_with_line(f"{self.name}:{line}: {message}", shown), line)

    def raise_problems(self) -> None:
        """Raise ConfigError with all reported problems, ordered by line, if there are any."""
        if self._problems:
            more = [f"{self.name}: and {self._unshown} more"] if self._unshown else []
            raise ConfigError(*sorted(self._problems, key=lambda problem: self._problems[problem]), *more)

    def line(self, path: KeyPath) -> int:
        """Return the line, counted from 1, on which the statement begins that defines ``path``.

        Found by bisection with tomllib, which reports no positions: the smallest number of lines that can be parsed
        and contain the path ends with that statement.
        """
        while path and not _contains(self.data, path):
            path = path[:-1]
        if not path:
            return 1
        low, high = 0, len(self.lines)
        while low < high:
            end, data = self._parsable_prefix((low + high) // 2, high)
            if _contains(data, path):
                high = (low + high) // 2
            else:
                low = end + 1
        return low

    def _parsable_prefix(self, count: int, limit: int) -> tuple[int, Any]:
        """Return the smallest number of lines, ``count`` or more, that can be parsed, and their data."""
        for end in range(count, min(limit, count + self._attempts)):
            try:
                return end, tomllib.loads("\n".join(self.lines[:end]))
            except ValueError:  # within a value of several lines
                continue
        return limit, self.data

    def _statement_start(self, end: int) -> int:
        """Return the first line of the statement that ends, or becomes invalid, on line ``end``."""
        for count in range(end - 1, max(0, end - 1 - self._attempts), -1):
            try:
                tomllib.loads("\n".join(self.lines[:count]))
            except ValueError:
                continue
            return count + 1
        return 1

    @property
    def _attempts(self) -> int:
        """How often the text may be parsed again: each time takes as long as the text."""
        return 1 + _MOST_SEARCHED // (1 + sum(map(len, self.lines)))

    def _parse(self) -> dict[str, Any]:
        text = "\n".join(self.lines)
        if deep := _DEEP_KEY.search(text):
            line = text.count("\n", 0, deep.start()) + 1
            raise ConfigError(f"{self.name}:{line}: a key has more than 50 parts")
        try:
            return tomllib.loads(text)
        except RecursionError:
            raise ConfigError(f"{self.name}: lists or tables are nested too deeply") from None
        except ValueError as error:
            raise ConfigError(self._syntax_problem(str(error))) from None

    def _syntax_problem(self, message: str) -> str:
        """Return a message of tomllib with its position in our form."""
        position, duplicate = _POSITION.search(message), bool(_DUPLICATE.match(message))
        problem = message[: position.start()] if position else "a number is too long"
        if not position or not position[1] or duplicate:
            last = max((number for number, line in enumerate(self.lines, 1) if line.strip()), default=1)
            line, column = self._statement_start(int(position[1]) if position and position[1] else last), 0
        else:
            line, column = int(position[1]), int(position[2])
        problem = "this key or table is defined twice" if duplicate else problem[:1].lower() + problem[1:]
        place = f"{line}:{column}" if column else str(line)
        return _with_line(f"{self.name}:{place}: {problem}", _safe_part(self.lines[: line - 1], self._text(line)))

    def _text(self, line: int) -> str:
        return self.lines[line - 1] if line <= len(self.lines) else ""

    def _is_public(self, path: KeyPath, line: int) -> bool:
        """Return whether no value of the statement can be a password."""
        if not path or not _contains(self.data, path):
            return False
        return path[0] in _PUBLIC_KEYS or (
            len(path) == 3 and path[2] == "color" and bool(_PUBLIC_LINE.fullmatch(self._text(line)))
        )


def redact_values(line: str) -> str:
    """Return a line of TOML with its keys and without its values.

    >>> print(redact_values('database = { url = "redis://:hunter2@db", port = 1 } # mine'))
    database = { url = "•••", port = ••• }
    """
    if line.lstrip().startswith("["):
        return line.split("#")[0].rstrip()
    shown = []
    for token in _TOKEN.finditer(line):
        text = token[0]
        is_key = re.match(r"\s*[.=]", line[token.end() :])
        if text.startswith("#"):
            break
        if text[0] in "\"'" and len(text) > 1 and not is_key:
            text = f'"{REDACTED}"'
        elif len(text.strip("={}[], \t")) and not is_key and text[0] not in "\"'":
            text = REDACTED
        shown.append(text)
    return "".join(shown).rstrip()


def dotted(path: Sequence[str | int]) -> str:
    """Return a path as it is written in a sentence.

    >>> dotted(("environments", "dev", "services")), dotted(("expect", 0, "until"))
    ('environments.dev.services', 'expect[1].until')
    """
    return "".join(f"[{key + 1}]" if isinstance(key, int) else f".{key}" for key in path).lstrip(".")


def _safe_part(before: Sequence[str], line: str) -> str:
    """Return the part of an invalid line that cannot be a password."""
    if re.search(r"\"{3}|'{3}", "\n".join(before)):  # within a multi-line string a key cannot be told from its text
        return ""
    if _PUBLIC_LINE.fullmatch(line) and "://" not in line:
        return line
    key = _KEY.match(line)
    return f"{key[0]} {REDACTED}" if key else ""


def _with_line(message: str, line: str) -> str:
    return f"{message}\n    {line.strip()[:200]}" if line.strip() else message


def _contains(data: Any, path: KeyPath) -> bool:
    try:
        for key in path:
            data = data[key]
    except (LookupError, TypeError):
        return False
    return True


def leaves(table: Mapping[str, Any], keys: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield (keys, value) of a table and the tables within it."""
    for key, value in table.items():
        if isinstance(value, dict):
            yield from leaves(value, (*keys, key))
        else:
            yield (*keys, key), value

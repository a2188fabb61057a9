"""A TOML text: its tables, the line on which each key stands, and what is wrong there.

The lines shown beneath a problem hold no value that can be a password: a mistake is most often made
where one stands.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from typing import Any

from parity_tui.config.errors import ConfigError
from parity_tui.secrets import REDACTED

KeyPath = tuple[str | int, ...]
"""the keys and indexes that lead to a value"""

_MOST = 20
"""problems that are located and shown: more at once help nobody, and each has to be searched for"""

_OPEN = {"baseline", "interval", "timeout", "expect", "severity"}
_OPEN_LINE = re.compile(
    r"\s*(?:\[{1,2}\s*[A-Za-z][\w.\"' -]*\]{0,2}"
    r"|(?:baseline|interval|timeout|colou?r|service|setting|reason|owner|until)\b[^=#]*(?:=[^=#]*)?)\s*"
)
_KEY = re.compile(r"\s*[\w.-]+\s*=")
_PIECE = re.compile(r"""\"{3}.*|'{3}.*|"(?:\\.|[^"\\])*"|'[^']*'|\#.*|[^\s=,{}\[\]"'#]+|.""", re.DOTALL)
_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
_TWICE = re.compile(r"Cannot (?:overwrite|declare|mutate)|Duplicate")


class TomlDocument:
    """The text of one configuration file."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.lines = text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
        self._problems: dict[str, int] = {}
        self._more = 0
        self.data = self._load()

    def get(self, path: KeyPath) -> Any:
        """Return the value that ``path`` leads to."""
        return _walk(self.data, path)

    def complain(self, path: KeyPath, message: str) -> None:
        """Keep a problem with what ``path`` leads to, or with the table it would stand in."""
        if len(self._problems) >= _MOST:
            self._more += 1
            return
        line = self.line(path)
        self._problems.setdefault(self._shown(line, message, self._harmless(path, line)), line)

    def check(self) -> None:
        """Raise everything that was complained about, in the order of the lines."""
        if self._problems:
            more = [f"{self.name}: and {self._more} more"] if self._more else []
            raise ConfigError(*sorted(self._problems, key=lambda problem: self._problems[problem]), *more)

    def line(self, path: KeyPath) -> int:
        """Return the line, counted from 1, on which the statement begins that first holds ``path``.

        There is no other TOML parser here: one line less than these, and what can be read does not hold the path.
        """
        while path and not _holds(self.data, path):
            path = path[:-1]
        if not path:
            return 1
        low, high = 0, len(self.lines)
        while low < high:
            end, data = self._readable((low + high) // 2, high)
            if _holds(data, path):
                high = (low + high) // 2
            else:
                low = end + 1
        return low

    def _readable(self, count: int, most: int) -> tuple[int, Any]:
        """Return the first number of lines from ``count`` that can be read, and what they hold."""
        for end in range(count, most):
            try:
                return end, tomllib.loads("\n".join(self.lines[:end]))
            except ValueError:  # the middle of a value that goes over several lines
                continue
        return most, self.data

    def _begin(self, end: int) -> int:
        """Return the line on which the statement begins that ends with, or breaks at, line ``end``."""
        for count in range(end - 1, 0, -1):
            try:
                tomllib.loads("\n".join(self.lines[:count]))
            except ValueError:
                continue
            return count + 1
        return 1

    def _load(self) -> dict[str, Any]:
        """Read the text, or say where it is no TOML."""
        try:
            return tomllib.loads("\n".join(self.lines))
        except RecursionError:
            raise ConfigError(f"{self.name}: lists or tables are nested too deeply") from None
        except ValueError as error:
            raise ConfigError(self._syntax(str(error))) from None

    def _syntax(self, said: str) -> str:
        """Return what tomllib says, with the line."""
        place = _PLACE.search(said)
        what = said[: place.start()] if place else "a number is too long"
        if not place or not place[1] or _TWICE.match(said):
            last = max((n for n, line in enumerate(self.lines, 1) if line.strip()), default=1)
            line, column = self._begin(int(place[1]) if place and place[1] else last), 0
        else:
            line, column = int(place[1]), int(place[2])
        what = "this stands in the file a second time" if _TWICE.match(said) else what[:1].lower() + what[1:]
        where = f"{line}:{column}" if column else str(line)
        return _with_line(f"{self.name}:{where}: {what}", _broken(self.lines[: line - 1], self._text(line)))

    def _text(self, line: int) -> str:
        """Return a line by its number."""
        return self.lines[line - 1] if line <= len(self.lines) else ""

    def _shown(self, line: int, message: str, harmless: bool) -> str:
        """Return a problem as it is printed."""
        text = self._text(line)
        return _with_line(f"{self.name}:{line}: {message}", text if harmless else redact_strings(text))

    def _harmless(self, path: KeyPath, line: int) -> bool:
        """Tell whether no value of the statement can be a password."""
        if not path or not _holds(self.data, path):
            return False
        return path[0] in _OPEN or (
            len(path) == 3 and path[2] == "color" and bool(_OPEN_LINE.fullmatch(self._text(line)))
        )


def redact_strings(line: str) -> str:
    """Return a line of TOML with its keys and without its values.

    >>> print(redact_strings('database = { url = "redis://:hunter2@db", port = 1 } # mine'))
    database = { url = "•••", port = ••• }
    """
    if line.lstrip().startswith("["):
        return line.split("#")[0].rstrip()
    pieces = list(_PIECE.finditer(line))
    shown = []
    for piece in pieces:
        text = piece[0]
        is_key = re.match(r"\s*[.=]", line[piece.end() :])
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


def _broken(before: Sequence[str], line: str) -> str:
    """Return a line that is no TOML as far as nothing in it can be a password."""
    if re.search(r"\"{3}|'{3}", "\n".join(before)):  # what is a key and what stands in a text is not to be told apart
        return ""
    if _OPEN_LINE.fullmatch(line) and "://" not in line:
        return line
    key = _KEY.match(line)
    return f"{key[0]} {REDACTED}" if key else ""


def _with_line(message: str, line: str) -> str:
    """Return a message with a line of the file beneath."""
    return f"{message}\n    {line.strip()[:200]}" if line.strip() else message


def _walk(data: Any, path: KeyPath) -> Any:
    """Return what ``path`` leads to; raises LookupError or TypeError."""
    for key in path:
        data = data[key]
    return data


def _holds(data: Any, path: KeyPath) -> bool:
    """Tell whether ``path`` leads to something."""
    try:
        _walk(data, path)
    except (LookupError, TypeError):
        return False
    return True

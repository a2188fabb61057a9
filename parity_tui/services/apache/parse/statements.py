"""The output of DUMP_CONFIG as a tree of statements."""

from __future__ import annotations

import re

from msgspec import Struct

from parity_tui.model import Reason, ServiceError
from parity_tui.services.apache.parse.spelling import spelled

_DEPTH = 40
_STATUS = {"permanent": "301", "temp": "302", "seeother": "303", "gone": "410"}
_LINE_NUMBER = re.compile(r"# +(\d+):$")
_OPEN = re.compile(r"<(\w+)(?:\s++(.*))?>$")
_ARGUMENT = re.compile(r'"([^"\\]*+(?:\\.[^"\\]*+)*+)"|\'([^\'\\]*+(?:\\.[^\'\\]*+)*+)\'|(\S++)')


class Statement(Struct):
    """A directive, or a section with its content."""

    name: str
    args: list[str]
    source: str
    """file:line"""
    block: list[Statement] | None = None
    """content of a section"""


def statements(text: str) -> list[Statement]:
    r"""Return the statements of a dump. Raises ServiceError if sections are nested too deeply.

    >>> dump = statements("# In file: /a.conf\n#   1:\n<Directory \"/x y\">\n  #   2:\n  Options None\n</Directory>")
    >>> dump[0].args, dump[0].block[0].name, dump[0].block[0].source
    (['/x y'], 'Options', '/a.conf:2')
    """
    top: list[Statement] = []
    open_blocks = [top]
    file = number = ""
    for line in map(str.strip, text.split("\n")):
        if line.startswith("# In file: "):
            file = line.removeprefix("# In file: ")
        elif match := _LINE_NUMBER.fullmatch(line):
            number = match[1]
        elif line.startswith("</"):
            if len(open_blocks) > 1:
                open_blocks.pop()
        elif line:
            statement = _statement(line, f"{file}:{number}")
            open_blocks[-1].append(statement)
            if statement.block is not None:
                if len(open_blocks) > _DEPTH:
                    raise ServiceError(Reason.SERVER, "the configuration is nested too deeply")
                open_blocks.append(statement.block)
    return top


def _statement(line: str, source: str) -> Statement:
    if section := _OPEN.fullmatch(line):
        name, args = spelled(section[1]), _arguments(section[2] or "")
        if name in ("Directory", "Location", "Files", "Proxy") and len(args) == 2 and args[0] == "~":
            name, args = f"{name}Match", args[1:]
        elif name in ("Limit", "LimitExcept"):
            args = sorted(set(args))
        return Statement(name, _without_slash(args) if name == "Directory" else args, source, [])
    name, _, rest = line.partition(" ")
    return _renamed(Statement(spelled(name), _arguments(rest), source))


def _without_slash(args: list[str]) -> list[str]:
    """Return the arguments of <Directory> without a final slash, which means nothing there."""
    return [*args[:-1], args[-1].rstrip("/") or "/"] if args else args


def _renamed(statement: Statement) -> Statement:
    """Return a directive under the name that means the same, with its status as a number.

    >>> _renamed(Statement("RedirectPermanent", ["/", "/x"], "")).args
    ['301', '/', '/x']
    """
    if statement.name in ("RedirectPermanent", "RedirectTemp"):
        code = "301" if statement.name == "RedirectPermanent" else "302"
        return Statement("Redirect", [code, *statement.args], statement.source)
    if statement.name in ("Redirect", "RedirectMatch") and statement.args:
        first, *rest = statement.args
        code = _STATUS.get(first.lower(), first if first.isdecimal() else "")
        args = [code, *rest] if code else ["302", first, *rest]
        return Statement(statement.name, args, statement.source)
    return statement


def _arguments(text: str) -> list[str]:
    r"""Return the arguments of a directive.

    >>> _arguments('always set X "a b" \'c\' d\\ e')
    ['always', 'set', 'X', 'a b', 'c', 'd\\', 'e']
    """
    return [next((group for group in match.groups() if group is not None), "") for match in _ARGUMENT.finditer(text)]

"""Makes docs/parity-tui.1, the manual page, from the parser of the command line.

``python -m tests.manpage`` writes it; tests/cli/test_manpage.py checks it; the wheel installs it.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from pathlib import Path

from parity_tui import __version__
from parity_tui.cli.exit import Exit
from parity_tui.cli.options import create_parser
from parity_tui.cli.parser import Parser

PAGE = Path(__file__).parent.parent / "docs" / "parity-tui.1"

_EXIT_CODES = {
    Exit.PARITY: "parity, or the command did what it was asked for",
    Exit.DRIFT: "drift of at least the severity of --fail-on",
    Exit.USAGE: "wrong usage or configuration",
    Exit.UNKNOWN: "no such drift, but something could not be read or compared",
    Exit.FAULT: "an error of the program itself",
    Exit.UNWRITTEN: "the output could not be written",
    Exit.HUNG_UP: "hung up: the terminal is gone",
    Exit.INTERRUPTED: "interrupted",
    Exit.BROKEN_PIPE: "the reader of the output is gone",
    Exit.TERMINATED: "terminated",
}

_VARIABLES = {
    "PARITY_CONFIG": "the configuration, where --config names none",
    "NO_COLOR": "no colours, whatever else is set",
    "FORCE_COLOR, CLICOLOR_FORCE": "colours in text also where the output is no terminal; 0 or empty: no effect",
    "COLUMNS": "the width of text, where the output is no terminal too",
    "LC_ALL, LC_CTYPE, LANG": "without UTF-8 only ASCII is shown",
}

_FILES = {
    "./parity.toml": "the configuration of the project",
    "~/.config/parity-tui/parity.toml": "that of the user, where the folder has none",
    "~/.local/state/parity-tui/": "the recorded changes",
}


def make() -> str:
    """Return the page as troff."""
    parser, commands = create_parser()
    lines = [
        f'.TH PARITY\\-TUI 1 "" "parity\\-tui {_text(__version__)}" "User commands"',
        ".SH NAME",
        f"parity\\-tui \\- {_text(_lower(str(parser.description).rstrip('.')))}",
        ".SH SYNOPSIS",
        ".B parity\\-tui",
        "[\\fIOPTIONS\\fR]",
        *(
            f".br\n.B parity\\-tui {_text(name)}\n[\\fIOPTIONS\\fR]{_positional(each)}"
            for name, each in commands.items()
        ),
        ".SH DESCRIPTION",
        "Without a command the board is shown.",
        _text(str(parser.epilog)),
        ".SH OPTIONS",
        *_options(parser),
        ".SH COMMANDS",
    ]
    for name, command in commands.items():
        lines += [f".SS {_text(name)}", _text(str(command.description)), *_options(command)]
    lines += [".SH EXIT STATUS", *_definitions((str(int(code)), text) for code, text in _EXIT_CODES.items())]
    lines += [".SH ENVIRONMENT", *_definitions(_VARIABLES.items()), ".SH FILES", *_definitions(_FILES.items())]
    return "\n".join(lines) + "\n"


def _positional(parser: Parser) -> str:
    found = [action for action in parser._actions if not action.option_strings]
    names = [(f"\\fI{_text(str(action.metavar))}\\fR", action.nargs) for action in found]
    return "".join(f" {name} ..." if count == "+" else f" [{name}]" for name, count in names)


def _options(parser: Parser) -> Iterator[str]:
    for action in parser._actions:
        if action.help == argparse.SUPPRESS or isinstance(action, argparse._SubParsersAction):
            continue
        names = ", ".join(f"\\fB{_text(name)}\\fR" for name in action.option_strings)
        value = f"\\fI{_text(_value(action))}\\fR" if _value(action) else ""
        help_text = (action.help or "") % {**vars(action), "prog": parser.prog}
        yield from (".TP", " ".join(filter(None, (names, value))), _text(help_text) or "\\&")


def _value(action: argparse.Action) -> str:
    """Return the value of an option as help shows it, "" for a switch."""
    if action.nargs == 0:
        return ""
    if action.metavar is None:
        return "|".join(map(str, action.choices or ()))
    if isinstance(action.metavar, tuple):
        first, *further = action.metavar
        return f"{first} [{' '.join(further)} ...]" if action.nargs == "+" else " ".join(action.metavar)
    return action.metavar + (" ..." if action.nargs == "+" else "")


def _definitions(pairs: Iterable[tuple[str, str]]) -> Iterator[str]:
    for name, text in pairs:
        yield from (".TP", f".B {_text(name)}", _text(text))


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _text(text: str) -> str:
    r"""Return a text as troff that every pager shows as it is, in ASCII.

    >>> _text(".a-b … ‘c’")
    '\\&.a\\-b \\[u2026] \\[u2018]c\\[u2019]'
    """
    escaped = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\[aq]").replace("`", "\\[ga]")
    escaped = "".join(each if each.isascii() else f"\\[u{ord(each):04X}]" for each in escaped)
    return f"\\&{escaped}" if escaped.startswith(".") else escaped


if __name__ == "__main__":
    PAGE.write_text(make(), "utf-8")

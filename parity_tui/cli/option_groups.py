"""Options that several commands have."""

from __future__ import annotations

import argparse
from pathlib import Path

from parity_tui.cli.parser import Parser

LETTERS = ("A+", "A", "B", "C", "D")
"""grades, from the best; those of drift/grades.py, which only some commands import"""

OVERRIDES = {
    "baseline": ("NAME", 'environment to compare against; "" for none'),
    "timeout": ("TIME", "limit for connecting and for each reading, e.g. 3s"),
    "interval": ("TIME", "time between refreshes, e.g. 5s"),
}
"""options that override keys of the configuration -> metavar and help"""


def common_options(*overrides: str) -> Parser:
    """Return the options of commands that use targets, allowed before and after the command.

    ``overrides`` are the names of those in ``OVERRIDES`` that apply.
    """
    common = Parser(add_help=False, argument_default=argparse.SUPPRESS)
    common.add_argument("--config", metavar="FILE", type=file_path, help="default: $PARITY_CONFIG, ./parity.toml, …")
    common.add_argument(
        "--env-file", metavar="NAME=FILE", action="append", type=named_file, help="an environment from a dotenv file"
    )
    common.add_argument("--environment", metavar="NAME", action="extend", nargs="+", help="limit to these environments")
    common.add_argument("--service", metavar="NAME", action="extend", nargs="+", help="limit to these services")
    add_screen_options(common)
    common.add_argument("--read-only", action="store_true", help="the board writes no file")
    for name in overrides:
        metavar, text = OVERRIDES[name]
        common.add_argument(f"--{name}", metavar=metavar, help=text)
    return common


def add_screen_options(parser: Parser) -> None:
    """Add the options of what is drawn."""
    parser.add_argument("--ascii", action="store_true", help="ASCII only, on the board and in text reports")
    parser.add_argument("--no-color", action="store_true", help="no colors, as with NO_COLOR")


def add_report_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of a report on drift."""
    parser.add_argument("--format", choices=("text", "json", "markdown", "junit", "github"), default="text")
    parser.add_argument(
        "--fail-on", choices=("critical", "warning", "info"), help="default: warning; with --min-grade nothing"
    )
    parser.add_argument("--min-grade", choices=LETTERS, default="", help="least grade of each environment, such as B")
    parser.add_argument("--all", action="store_true", help="also list settings that agree or are ignored")


def file_name(text: str) -> str:
    """Return the name of a file; "" comes from a variable that is not set. Raises ArgumentTypeError."""
    if not text:
        raise argparse.ArgumentTypeError("the name of the file is empty")
    return text


def file_path(text: str) -> Path:
    """Return a path. Raises ArgumentTypeError where it is empty."""
    return Path(file_name(text))


def named_file(text: str) -> tuple[str, Path]:
    """Return the name and the file of NAME=FILE. Raises ArgumentTypeError."""
    name, equals, file = text.partition("=")
    if not (name and equals and file):
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=FILE, as in production=.env.production")
    return name, Path(file)

"""What the command line may hold."""

from __future__ import annotations

import argparse
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from parity_tui import __version__
from parity_tui.cli import board, commands

if TYPE_CHECKING:
    Groups: TypeAlias = "argparse._SubParsersAction[Parser]"

_TUNED = {
    "baseline": ("NAME", 'the environment that is right; "" for none'),
    "timeout": ("TIME", "for connecting and for each reading, such as 3s"),
    "interval": ("TIME", "between refreshes, such as 5s"),
}
"""what the command line says over the configuration: the value and the help of each option"""


class Parser(argparse.ArgumentParser):
    """A parser that says of a word it does not know which one may be meant."""

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        """Refuse a word that is none of the choices."""
        if action.choices is not None and value not in action.choices:
            from parity_tui.config.errors import nearest

            raise argparse.ArgumentError(action, f'there is no "{value}"{nearest(value, action.choices)}')


def parse_arguments(arguments: Sequence[str]) -> argparse.Namespace:
    """Return what the words of a command line say; where they are wrong, say so and end the program."""
    parser, names = _parser()
    at = _command_at(arguments, names)
    return parser.parse_args(arguments[at:], parser.parse_args(arguments[:at]))


def _command_at(arguments: Sequence[str], names: Collection[str]) -> int:
    """Return where the command begins: `--environment dev check` does not name an environment "check".

    A word right behind an option is its value whatever it is. Where there is no command, the end is returned.
    """
    for at, word in enumerate(arguments):
        before = arguments[at - 1] if at else ""
        if word in names and (not before.startswith("-") or "=" in before):
            return at
    return len(arguments)


def _parser() -> tuple[Parser, Collection[str]]:
    """Return what the command line may hold, and the names of the commands."""
    parser = Parser(
        prog="parity-tui",
        description="The backing services of every environment side by side, live, with the drift highlighted.",
        epilog="Try `parity-tui demo` first: it brings its own servers.",
        parents=[_common(*_TUNED)],
    )
    parser.add_argument("--version", action="version", version=f"parity-tui {__version__}")
    parser.set_defaults(command=board.board)
    groups = parser.add_subparsers(title="commands", metavar="COMMAND", help="without one: the board")
    _add_check(groups)
    _add_demo(groups)
    _add_init(groups)
    _add_doctor(groups)
    _add_history(groups)
    _add_kinds(groups)
    return parser, groups.choices


def _common(*tuned: str) -> Parser:
    """Return the options of commands that look at targets, and those of ``_TUNED`` that are named.

    They may stand before or behind the command.
    """
    common = Parser(add_help=False, argument_default=argparse.SUPPRESS)
    common.add_argument("--config", metavar="FILE", type=Path, help="default: $PARITY_CONFIG, ./parity.toml, …")
    common.add_argument(
        "--env-file", metavar="NAME=FILE", action="append", type=_named_file, help="an environment from a dotenv file"
    )
    common.add_argument("--environment", metavar="NAME", action="extend", nargs="+", help="only these")
    common.add_argument("--service", metavar="NAME", action="extend", nargs="+", help="only these")
    for name in tuned:
        metavar, words = _TUNED[name]
        common.add_argument(f"--{name}", metavar=metavar, help=words)
    return common


def _add_check(groups: Groups) -> None:
    """Add the report."""
    check = groups.add_parser(
        "check",
        parents=[_common(*_TUNED)],
        help="read every target once, print the drift, exit",
        description="Read every target once, print how the environments differ, and exit: 0 parity, 1 drift, "
        "2 wrong usage, 3 something could not be read or compared.",
    )
    _add_report_options(check)
    check.set_defaults(command=commands.check)


def _add_demo(groups: Groups) -> None:
    """Add the servers to try it on."""
    demo = groups.add_parser(
        "demo",
        help="real servers on this machine, as three environments, and the board on them",
        description="Start real servers on this machine as three environments and show the board on them; "
        "nothing of it is left at the end.",
    )
    demo.add_argument("--check", action="store_true", dest="check_only", help="print the report of `check` and end")
    _add_report_options(demo)
    demo.set_defaults(command=board.demo)


def _add_report_options(parser: argparse.ArgumentParser) -> None:
    """Add what says how a report looks and when it fails."""
    parser.add_argument("--format", choices=("text", "json", "markdown", "junit"), default="text")
    parser.add_argument(
        "--fail-on", choices=("critical", "warning", "info"), default="warning", help="default: %(default)s"
    )
    parser.add_argument("--all", action="store_true", help="rows that agree or are ignored, too")


def _add_init(groups: Groups) -> None:
    """Add what a new configuration is made from; without any of it, questions are asked."""
    parser = groups.add_parser(
        "init",
        help="writes a commented parity.toml, without a password in it",
        description="Write a commented parity.toml, without a password in it: from dotenv files, from compose files, "
        "or by asking.",
    )
    parser.add_argument(
        "--env-file", metavar="NAME=FILE", action="append", type=_named_file, help="an environment from a dotenv file"
    )
    parser.add_argument(
        "--compose", metavar=("FILE", "NAME"), action="append", nargs="+", help="an environment from a compose file"
    )
    parser.add_argument(
        "-o", "--output", metavar="FILE", default="parity.toml", help="default: ./%(default)s; - prints"
    )
    parser.set_defaults(command=commands.init)


def _add_doctor(groups: Groups) -> None:
    """Add the steps to each target."""
    doctor = groups.add_parser(
        "doctor",
        parents=[_common("timeout")],
        help="each step to each target, and what is hidden",
        description="Take each step to each target once, say the first that fails, and what would show what is hidden.",
    )
    doctor.add_argument("--format", choices=("text", "json"), default="text")
    # Nothing is compared: there is no warning of a baseline that is left out.
    doctor.set_defaults(command=commands.doctor, baseline="")


def _add_history(groups: Groups) -> None:
    """Add what boards have seen."""
    history = groups.add_parser(
        "history",
        parents=[_common()],
        help="what changed, where and when, as boards have seen it",
        description="Print what changed, where and when, as boards of this configuration have seen it; "
        "no server is asked.",
    )
    history.add_argument("--format", choices=("text", "json"), default="text")
    history.set_defaults(command=commands.history)


def _add_kinds(groups: Groups) -> None:
    """Add what there is to read."""
    kinds = groups.add_parser(
        "kinds",
        help="the kinds of service, their schemes, the least privilege of each",
        description="Print the kinds of service, their schemes and ports, and the least privilege that each needs.",
    )
    kinds.set_defaults(command=commands.kinds)


def _named_file(text: str) -> tuple[str, Path]:
    """Return the two sides of NAME=FILE."""
    name, equals, file = text.partition("=")
    if not (name and equals and file):
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=FILE, as in production=.env.production")
    return name, Path(file)

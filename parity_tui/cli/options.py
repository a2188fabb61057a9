"""The parser of the command line."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

from parity_tui import __version__
from parity_tui.cli import board, commands
from parity_tui.cli.completion import NAMES, SHELLS, complete
from parity_tui.cli.gaps import gaps as gaps_command
from parity_tui.cli.history import history as history_command
from parity_tui.cli.history import moment
from parity_tui.cli.init import init as init_command
from parity_tui.cli.option_groups import (
    OVERRIDES,
    add_report_options,
    add_screen_options,
    common_options,
    file_name,
    file_path,
    named_file,
)
from parity_tui.cli.parser import Parser
from parity_tui.cli.snapshots import diff as diff_command
from parity_tui.cli.snapshots import open_ as open_command
from parity_tui.cli.snapshots import snapshot as snapshot_command
from parity_tui.cli.watch import add_watch

if TYPE_CHECKING:
    Subparsers: TypeAlias = "argparse._SubParsersAction[Parser]"


def parse_arguments(arguments: Sequence[str]) -> argparse.Namespace:
    """Parse a command line; on an error print it and exit with :attr:`Exit.USAGE`."""
    index = _command_index(arguments)
    before, rest = arguments[:index], arguments[index:]
    parser, commands = create_parser(rest[:1] if rest or not arguments else None)
    parser.refuse_unknown_options(before, _parsers_of_commands)
    options = parser.parse_args(before)
    if rest:
        command = commands[rest[0]]
        command.refuse_unknown_options(rest[1:], _parsers_of_commands)
        options, unknown = parser.parse_known_args(rest, options)
        command.refuse_words(unknown)
    return options


def _command_index(arguments: Sequence[str]) -> int:
    """Return the index of the command, or the length of ``arguments`` without one.

    In `--environment dev check` the last word is the command, not another environment; a word directly after an
    option is always its value.
    """
    for index, word in enumerate(arguments):
        before = arguments[index - 1] if index else ""
        if word in _COMMANDS and (not before.startswith("-") or "=" in before):
            return index
    return len(arguments)


def create_parser(names: Iterable[str] | None = None) -> tuple[Parser, Mapping[str, Parser]]:
    """Return the parser and those of the commands by name.

    Args:
        names: of the commands; None for all. Making all of them takes some milliseconds.
    """
    parser = Parser(
        prog="parity-tui",
        description="Compare the backing services of every environment, side by side, with the drift highlighted.",
        epilog="Try `parity-tui demo` first: it starts its own servers.",
        parents=[common_options(*OVERRIDES)],
    )
    parser.add_argument("-V", "--version", action="version", version=f"parity-tui {__version__}")
    parser.set_defaults(command=board.board)
    subparsers = parser.add_subparsers(prog=parser.prog, title="commands", metavar="COMMAND", help="default: the board")
    for name in _COMMANDS if names is None else names:
        _COMMANDS[name](subparsers)
    return parser, subparsers.choices


def _parsers_of_commands() -> Mapping[str, Parser]:
    return create_parser()[1]


def _add_check(subparsers: Subparsers) -> None:
    check = subparsers.add_parser(
        "check",
        parents=[common_options(*OVERRIDES)],
        help="read every target once, print the drift, exit",
        description="Read every target once, print the drift, and exit: 0 parity, 1 drift, "
        "2 wrong usage, 3 something failed, is hidden or was not compared.",
    )
    add_report_options(check)
    check.add_argument(
        "--against", metavar="FILE", type=file_path, help="a golden file: only drift that is new, and not in it, counts"
    )
    check.set_defaults(command=commands.check)


def _add_demo(subparsers: Subparsers) -> None:
    demo = subparsers.add_parser(
        "demo",
        help="start real servers as three environments on this machine and open the board",
        description="Start real servers as three environments on this machine and open the board; "
        "everything is removed at the end.",
    )
    report = demo.add_mutually_exclusive_group()
    report.add_argument("--check", action="store_true", dest="check_only", help="print the report of `check` and exit")
    report.add_argument("--gaps", action="store_true", help="print the report of `gaps` and exit")
    add_report_options(demo)
    add_screen_options(demo)
    demo.set_defaults(command=board.demo, precondition=board.check_demo_options)


def _add_init(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser(
        "init",
        help="write a commented parity.toml, without passwords",
        description="Write a commented parity.toml, without passwords: from dotenv files, from compose files, "
        "from namespaces of Kubernetes, or from your answers.",
    )
    parser.add_argument(
        "--env-file", metavar="NAME=FILE", action="append", type=named_file, help="an environment from a dotenv file"
    )
    parser.add_argument(
        "--compose",
        metavar=("FILE", "NAME"),
        action="append",
        nargs="+",
        help="an environment from a compose file and those that override it; the last word may be its NAME",
    )
    parser.add_argument(
        "--kube",
        metavar=("CONTEXT/NAMESPACE", "NAME"),
        action="append",
        nargs=2,
        help="an environment from a namespace of Kubernetes, read with your kubectl; no Secret is read",
    )
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        type=file_name,
        default="parity.toml",
        help="default: ./%(default)s; - prints to stdout",
    )
    parser.add_argument("--schema", action="store_true", help="print the JSON Schema of a parity.toml, for editors")
    parser.set_defaults(command=init_command)


def _add_snapshot(subparsers: Subparsers) -> None:
    snapshot = subparsers.add_parser(
        "snapshot",
        parents=[common_options(*OVERRIDES)],
        help="write the readings of every target into a file",
        description="Read every target once and write the readings, redacted, one setting a line, so that `git diff` "
        "reads well. Such a file is opened by `open`, compared by `diff`, and a golden file for `check --against`.",
    )
    snapshot.add_argument(
        "-o", "--output", metavar="FILE", type=file_name, default="-", help="default: stdout; an existing file stays"
    )
    snapshot.add_argument(
        "--approve",
        action="store_true",
        help="rewrite FILE as a golden file: its drift is approved; refused while anything is unknown",
    )
    snapshot.set_defaults(command=snapshot_command)


def _add_open(subparsers: Subparsers) -> None:
    opened = subparsers.add_parser(
        "open",
        parents=[common_options("baseline")],
        help="the board on a snapshot, or on a shared history: no server is asked",
        description="Show the board on a snapshot, or live on a shared history; no server is asked.",
    )
    opened.add_argument(
        "file",
        metavar="FILE",
        nargs="?",
        default="",
        help="of `parity-tui snapshot`; postgresql://… of a shared history; default: that of parity.toml",
    )
    opened.set_defaults(command=open_command)


def _add_diff(subparsers: Subparsers) -> None:
    diff = subparsers.add_parser(
        "diff",
        parents=[common_options("baseline", "timeout")],
        help="compare snapshots with each other, or with live environments",
        description="Compare snapshots with each other, or with live environments, and exit as `check` does. "
        "Of files with several environments, each is compared with itself; --environment NAME chooses.",
    )
    diff.add_argument(
        "sides", metavar="FILE", nargs="+", help="a snapshot, NAME=FILE, or an environment of the configuration"
    )
    add_report_options(diff)
    diff.set_defaults(command=diff_command)


def _add_doctor(subparsers: Subparsers) -> None:
    doctor = subparsers.add_parser(
        "doctor",
        parents=[common_options("timeout")],
        help="test the connection to each target, and list hidden settings",
        description="Test each step of the connection to each target, print the first failure, "
        "and how to show hidden settings.",
    )
    doctor.add_argument("--format", choices=("text", "json"), default="text")
    # Nothing is compared, so a baseline that is left out needs no warning.
    doctor.set_defaults(command=commands.doctor, baseline="")


def _add_gaps(subparsers: Subparsers) -> None:
    gaps = subparsers.add_parser(
        "gaps",
        parents=[common_options(*OVERRIDES)],
        help="the three gaps of each environment, measured: time, personnel, tools",
        description="Read every target once and print the three gaps between the environments, measured: time between "
        "deploys, authors and deployers, dev/prod parity with its grade and reason.",
    )
    gaps.add_argument("--format", choices=("text", "json", "markdown"), default="text")
    gaps.set_defaults(command=gaps_command)


def _add_history(subparsers: Subparsers) -> None:
    history = subparsers.add_parser(
        "history",
        parents=[common_options()],
        help="list recorded changes, restarts and outages",
        description="Print the changes, restarts and outages that boards of this configuration have recorded, "
        "newest first; no server is asked.",
    )
    history.add_argument("--format", choices=("text", "json", "markdown"), default="text")
    history.add_argument("--since", metavar="TIME", type=moment, default=0.0, help="an age (24h, 7d) or a date")
    history.add_argument(
        "--create",
        action="store_true",
        help="make the tables of the shared history that parity.toml names, and print the GRANTs for its users",
    )
    history.set_defaults(command=history_command)


def _add_allow(subparsers: Subparsers) -> None:
    allow = subparsers.add_parser(
        "allow",
        help="allow ./parity.toml to run its commands and send its secrets",
        description="Allow the present ./parity.toml to run its commands and send its secrets, and list them. "
        "A file named by --config or $PARITY_CONFIG needs no permission.",
    )
    allow.add_argument(
        "--config", metavar="FILE", type=file_path, default=argparse.SUPPRESS, help="instead of ./parity.toml"
    )
    allow.set_defaults(command=commands.allow)


def _add_kinds(subparsers: Subparsers) -> None:
    kinds = subparsers.add_parser(
        "kinds",
        help="list kinds of service, schemes and minimum privileges",
        description="Print the kinds of service, their schemes and ports, and the minimum privileges of each.",
    )
    kinds.set_defaults(command=commands.kinds)


def _add_completion(subparsers: Subparsers) -> None:
    completion = subparsers.add_parser(
        "completion",
        help="completion for bash, zsh or fish",
        description="Print a script that completes commands, options and names in a shell. "
        'For bash and zsh: eval "$(parity-tui completion bash)"; for fish: parity-tui completion fish | source.',
    )
    completion.add_argument("shell", metavar="SHELL", nargs="?", choices=SHELLS, help=", ".join(SHELLS))
    completion.add_argument("--names", choices=NAMES, help=argparse.SUPPRESS)
    completion.set_defaults(command=complete, create_parser=create_parser)


_COMMANDS: Mapping[str, Callable[[Subparsers], None]] = {
    "check": _add_check,
    "demo": _add_demo,
    "init": _add_init,
    "snapshot": _add_snapshot,
    "open": _add_open,
    "diff": _add_diff,
    "doctor": _add_doctor,
    "gaps": _add_gaps,
    "history": _add_history,
    "watch": lambda subparsers: add_watch(subparsers, common_options(*OVERRIDES)),
    "allow": _add_allow,
    "kinds": _add_kinds,
    "completion": _add_completion,
}
"""name -> adds its parser"""

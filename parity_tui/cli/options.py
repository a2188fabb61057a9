"""What the command line may hold."""

from __future__ import annotations

import argparse
from pathlib import Path

from parity_tui import __version__
from parity_tui.cli import board, commands


def parser() -> argparse.ArgumentParser:
    """Return what the command line may hold."""
    common = _common()
    parser = argparse.ArgumentParser(
        prog="parity-tui",
        description="The backing services of every environment side by side, live, with the drift highlighted.",
        epilog="Without a command: the board. Try `parity-tui demo` first: it brings its own servers.",
        parents=[common],
    )
    parser.add_argument("--version", action="version", version=f"parity-tui {__version__}")
    parser.set_defaults(command=board.board)
    groups = parser.add_subparsers(title="commands", metavar="")
    check = groups.add_parser("check", parents=[common], help="read every target once, print the drift, exit")
    _add_report_options(check)
    check.set_defaults(command=commands.check)
    demo = groups.add_parser("demo", help="real servers on this machine, as three environments, and the board on them")
    demo.add_argument("--check", action="store_true", dest="check_only", help="print the report of `check` and end")
    _add_report_options(demo)
    demo.set_defaults(command=board.demo)
    _add_init(groups.add_parser("init", help="writes a commented parity.toml, without a password in it"))
    _add_doctor(groups.add_parser("doctor", parents=[common], help="each step to each target, and what is hidden"))
    history = groups.add_parser(
        "history", parents=[common], help="what changed, where and when, as boards have seen it"
    )
    history.add_argument("--format", choices=("text", "json"), default="text")
    history.set_defaults(command=commands.history)
    kinds = groups.add_parser("kinds", help="the kinds of service, their schemes, the least privilege of each")
    kinds.set_defaults(command=commands.kinds)
    return parser


def _common() -> argparse.ArgumentParser:
    """Return the options of every command that reads targets; they may stand before or behind its name."""
    common = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    common.add_argument("--config", metavar="FILE", type=Path, help="default: $PARITY_CONFIG, ./parity.toml, …")
    common.add_argument(
        "--env-file", metavar="NAME=FILE", action="append", type=_named_file, help="an environment from a dotenv file"
    )
    common.add_argument("--environment", metavar="NAME", action="extend", nargs="+", help="only these")
    common.add_argument("--service", metavar="NAME", action="extend", nargs="+", help="only these")
    common.add_argument("--baseline", metavar="NAME", help='the environment that is right; "" for none')
    common.add_argument("--timeout", metavar="TIME", help="for connecting and for each reading, such as 3s")
    common.add_argument("--interval", metavar="TIME", help="between refreshes, such as 5s")
    return common


def _add_report_options(parser: argparse.ArgumentParser) -> None:
    """Add what says how a report looks and when it fails."""
    parser.add_argument("--format", choices=("text", "json", "markdown", "junit"), default="text")
    parser.add_argument(
        "--fail-on", choices=("critical", "warning", "info"), default="warning", help="default: %(default)s"
    )
    parser.add_argument("--all", action="store_true", help="rows that agree or are ignored, too")


def _add_init(parser: argparse.ArgumentParser) -> None:
    """Add what a new configuration is made from; without any of it, questions are asked."""
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


def _add_doctor(parser: argparse.ArgumentParser) -> None:
    """Add how the doctor's findings look."""
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.set_defaults(command=commands.doctor)


def _named_file(text: str) -> tuple[str, Path]:
    """Return the two sides of NAME=FILE."""
    name, equals, file = text.partition("=")
    if not (name and equals and file):
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=FILE, as in production=.env.production")
    return name, Path(file)

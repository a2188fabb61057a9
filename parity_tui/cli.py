"""The commands; stdout is data, stderr is for people. The board is imported only when it is wanted."""

from __future__ import annotations

import argparse
import errno
import os
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from parity_tui import __version__

if TYPE_CHECKING:
    from parity_tui.config import Config
    from parity_tui.demo import Demo
    from parity_tui.doctor import Checkup
    from parity_tui.drift.board import Board
    from parity_tui.init import Deploy
    from parity_tui.report.text import Style
    from parity_tui.ui import Wiring
    from parity_tui.watch import Watch

PATIENCE = 0.7
"""seconds after which a person is told what is waited for"""


_OUTPUT = frozenset({errno.EPIPE, errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})
"""errors of whatever takes what is printed"""


class Exit(IntEnum):
    """How the program ends."""

    PARITY = 0
    DRIFT = 1
    """at or above --fail-on"""
    USAGE = 2
    """wrong usage or configuration"""
    UNKNOWN = 3
    """no such drift, but something could not be read"""
    FAULT = 70
    """of our own: a log is written"""
    UNWRITTEN = 74
    """the disk is full, or the output is gone in another way"""
    HUNG_UP = 129
    INTERRUPTED = 130
    BROKEN_PIPE = 141
    TERMINATED = 143


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    options = _parser().parse_args(arguments)
    try:
        code = int(options.command(options))
        sys.stdout.flush()
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    except Exception as error:
        return _failed(error)
    return code


def _failed(error: Exception) -> Exit:
    """Say why a command could not be done, and return the exit code that stands for it."""
    from parity_tui.config import ConfigError

    if isinstance(error, ConfigError):
        print(error, file=sys.stderr)  # noqa: T201
        return Exit.USAGE
    if isinstance(error, OSError) and error.errno in _OUTPUT:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is left to be written goes there
        if error.errno == errno.EPIPE:  # whoever read us has gone, as in `| head`
            return Exit.BROKEN_PIPE
        print(f"parity-tui: cannot write: {os.strerror(error.errno).lower()}", file=sys.stderr)  # noqa: T201
        return Exit.UNWRITTEN
    from parity_tui import crash

    print(crash.ending(error), file=sys.stderr)  # noqa: T201
    return Exit.FAULT


def _parser() -> argparse.ArgumentParser:
    """Return what the command line may hold."""
    common = _common()
    parser = argparse.ArgumentParser(
        prog="parity-tui",
        description="The backing services of every environment side by side, live, with the drift highlighted.",
        epilog="Without a command: the board. Try `parity-tui demo` first: it brings its own servers.",
        parents=[common],
    )
    parser.add_argument("--version", action="version", version=f"parity-tui {__version__}")
    parser.set_defaults(command=_board)
    commands = parser.add_subparsers(title="commands", metavar="")
    check = commands.add_parser("check", parents=[common], help="read every target once, print the drift, exit")
    _add_report_options(check)
    check.set_defaults(command=_check)
    demo = commands.add_parser(
        "demo", help="real servers on this machine, as three environments, and the board on them"
    )
    demo.add_argument("--check", action="store_true", dest="check_only", help="print the report of `check` and end")
    _add_report_options(demo)
    demo.set_defaults(command=_demo)
    _add_init(commands.add_parser("init", help="writes a commented parity.toml, without a password in it"))
    _add_doctor(commands.add_parser("doctor", parents=[common], help="each step to each target, and what is hidden"))
    kinds = commands.add_parser("kinds", help="the kinds of service, their schemes, the least privilege of each")
    kinds.set_defaults(command=_kinds)
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
    parser.set_defaults(command=_init)


def _add_doctor(parser: argparse.ArgumentParser) -> None:
    """Add how the doctor's findings look."""
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.set_defaults(command=_doctor)


def _named_file(text: str) -> tuple[str, Path]:
    """Return the two sides of NAME=FILE."""
    name, equals, file = text.partition("=")
    if not (name and equals and file):
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=FILE, as in production=.env.production")
    return name, Path(file)


def _configured(options: argparse.Namespace) -> Config:
    """Return the configuration with what the command line says over it. Raises ConfigError."""
    from parity_tui import config

    found = config.load(getattr(options, "config", None), getattr(options, "env_file", ()))
    return _narrowed(found, options)


def _narrowed(found: Config, options: argparse.Namespace) -> Config:
    """Return the configuration as the command line wants it."""
    names = ("baseline", "interval", "timeout")
    changed = found.with_(**{name: getattr(options, name) for name in names if hasattr(options, name)})
    return changed.only(getattr(options, "environment", ()), getattr(options, "service", ()))


def _watch(config: Config, *, once: bool) -> Watch:
    """Return what reads the targets of a configuration."""
    from parity_tui.drift.policy import Policy
    from parity_tui.services import kinds
    from parity_tui.watch import Watch

    return Watch(
        [environment.name for environment in config.environments],
        config.targets,
        kinds(),
        Policy(config.baseline, config.expectations, config.severities),
        interval=config.interval,
        timeout=config.timeout,
        once=once,
    )


def _check(options: argparse.Namespace) -> Exit:
    """Read every target once, print the drift."""
    from parity_tui.reach.loop import run

    config = _configured(options)
    for warning in config.warnings:
        print(warning, file=sys.stderr)  # noqa: T201
    board = run(_read_once(_watch(config, once=True)))
    _print_report(board, options)
    return _verdict(board, options.fail_on)


async def _read_once(watch: Watch) -> Board:
    """Return the board once every target has answered or failed; say on the terminal what is waited for."""
    progress = Progress(sys.stderr)
    async for board in watch.boards():
        progress.show(board)
    progress.clear()
    return watch.board


class Progress:
    """One line on a terminal that says what is waited for, gone when there is nothing more to wait for."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._on = stream.isatty()
        self._started = time.monotonic()
        self._length = 0

    def show(self, board: Board) -> None:
        """Say which targets have not answered, if it takes long."""
        if self._on and time.monotonic() - self._started > PATIENCE:
            waiting = [f"{o.target.environment} {o.target.service}" for o in board.outcomes() if o.pending]
            self.say(f"waiting for {', '.join(waiting)}" if waiting else "")

    def say(self, text: str) -> None:
        """Show a line in place of the one before."""
        if self._on:
            self._stream.write(f"\r{text[:78]:<{self._length}}")
            self._stream.flush()
            self._length = len(text[:78])

    def end(self) -> None:
        """Take the line away and say nothing more: the terminal is somebody else's now."""
        self.clear()
        self._on = False

    def clear(self) -> None:
        """Take the line away."""
        if self._length:
            self._stream.write(f"\r{'':<{self._length}}\r")
            self._stream.flush()
            self._length = 0


def _print_report(board: Board, options: argparse.Namespace) -> None:
    """Print a board in the format that was asked for."""
    sys.stdout.write(_report(board, options) + "\n")
    sys.stdout.flush()


def _report(board: Board, options: argparse.Namespace) -> str:
    """Return a board in the format that was asked for."""
    from parity_tui.model import Severity

    match options.format:
        case "json":
            from parity_tui.report.document import to_json

            return to_json(board, datetime.now(UTC), everything=options.all)
        case "markdown":
            from parity_tui.report.markdown import to_markdown

            return to_markdown(board, everything=options.all)
        case "junit":
            from parity_tui.report.junit import to_junit

            return to_junit(board, Severity(options.fail_on), everything=options.all)
        case _:
            from parity_tui.report.text import Style, to_text

            return to_text(board, _style(sys.stdout, Style), everything=options.all)


def _style(stream: TextIO, style: type[Style]) -> Style:
    """Return what a stream can show."""
    import shutil

    terminal = stream.isatty()
    colour = terminal and "NO_COLOR" not in os.environ and os.environ.get("TERM") not in (None, "", "dumb", "unknown")
    unicode = (stream.encoding or "").lower().replace("-", "") == "utf8"
    width = shutil.get_terminal_size((80, 24)).columns if terminal else 80
    return style(width=max(40, min(width, 200)), colour=colour, unicode=unicode)


def _verdict(board: Board, fail_on: str) -> Exit:
    """Return the exit code that a board stands for."""
    from parity_tui.model import Severity

    summary = board.summary
    drift = (summary.critical, summary.warning, summary.info)
    if any(drift[: Severity(fail_on).rank + 1]):
        return Exit.DRIFT
    return Exit.UNKNOWN if summary.unknown or summary.failed else Exit.PARITY


def _doctor(options: argparse.Namespace) -> Exit:
    """Take every way once and say where it ends."""
    from parity_tui.reach.loop import run
    from parity_tui.report import checkup as report

    config = _configured(options)
    for warning in config.warnings:
        print(warning, file=sys.stderr)  # noqa: T201
    checkups = run(_examine(config, told=options.format == "text"))
    if options.format == "json":
        sys.stdout.write(report.to_json(checkups, datetime.now(UTC)) + "\n")
    else:
        sys.stdout.write(report.conclusion(checkups) + "\n")
    return Exit.PARITY if all(checkup.state == "ok" for checkup in checkups) else Exit.UNKNOWN


async def _examine(config: Config, *, told: bool) -> list[Checkup]:
    """Return what there is to say of every target; print each as soon as those before it are printed."""
    from parity_tui.doctor import examine
    from parity_tui.drift.policy import Policy
    from parity_tui.report.checkup import to_text
    from parity_tui.report.text import Style
    from parity_tui.services import kinds

    progress, style, checkups = Progress(sys.stderr), _style(sys.stdout, Style), []
    policy = Policy(config.baseline, config.expectations, config.severities)
    async for checkup in examine(config.targets, kinds(), policy, config.timeout, progress.show):
        progress.clear()
        checkups.append(checkup)
        if told:
            sys.stdout.write(to_text(checkup, style) + "\n")
            sys.stdout.flush()
    progress.clear()
    return checkups


def _init(options: argparse.Namespace) -> Exit:
    """Write a parity.toml out of what there is already, or out of a few answers."""
    from parity_tui import init

    path = None if options.output == "-" else Path(options.output)
    folder = path.absolute().parent if path else Path.cwd()
    if path:
        init.free(path)
    deploys = init.gather(options.env_file or (), _compose_files(options)) or _asked(folder)
    text = init.written(deploys, options.output, folder)
    if path:
        init.save(path, text)
    else:
        sys.stdout.write(text)
    print(init.farewell(deploys, path), file=sys.stderr)  # noqa: T201
    return Exit.PARITY


def _compose_files(options: argparse.Namespace) -> list[tuple[str, Path]]:
    """Return the environments that are made of compose files. Raises ConfigError."""
    from parity_tui.config import ConfigError

    given = options.compose or []
    if any(len(words) > 2 for words in given):
        raise ConfigError("--compose is FILE or FILE NAME, as in --compose docker-compose.yml dev")
    return [(words[1] if len(words) == 2 else "dev", Path(words[0])) for words in given]


def _asked(folder: Path) -> list[Deploy]:
    """Return the environments that a person names at the terminal. Raises ConfigError where there is none."""
    from parity_tui.config import ConfigError
    from parity_tui.init.questions import Questions

    if not sys.stdin.isatty():
        raise ConfigError("init needs --env-file NAME=FILE, --compose FILE, or a terminal to ask at")
    return Questions(folder, sys.stdin, sys.stderr).ask()


def _kinds(options: argparse.Namespace) -> Exit:
    """Print the kinds of service."""
    from parity_tui.services import kinds, schemes_of

    for kind, service in kinds().items():
        port = f", port {service.port}" if service.port else ""
        print(f"{kind}: {service.title}\n  schemes: {' '.join(schemes_of(kind, service))}{port}")  # noqa: T201
        print("  least privilege:", *service.privilege.strip().splitlines(), sep="\n    ")  # noqa: T201
    return Exit.PARITY


def _board(options: argparse.Namespace) -> int:
    """Show the board."""
    return _show(_configured(options))


def _show(config: Config, notes: Sequence[str] = ()) -> int:
    """Show the board of a configuration until the user has enough of it."""
    from parity_tui import ui

    watch = _watch(config, once=False)
    return ui.run(watch, board=watch.board, wiring=wiring(config, notes))


def wiring(config: Config, notes: Sequence[str] = ()) -> Wiring:
    """Return what the board cannot know by itself."""
    from parity_tui import ui
    from parity_tui.report.document import to_json
    from parity_tui.report.markdown import to_markdown
    from parity_tui.services import alignment

    names = [environment.name for environment in config.environments]
    return ui.Wiring(
        align=lambda row, index: alignment(row, names, index),
        exports={"md": to_markdown, "json": lambda board: to_json(board, datetime.now(UTC))},
        colours={environment.name: environment.colour for environment in config.environments},
        notes=(*config.warnings, *notes),
    )


def _demo(options: argparse.Namespace) -> int:
    """Show real servers of this machine as three environments, or print the report on them."""
    from parity_tui.demo import Demo, running

    progress = Progress(sys.stderr)
    if options.check_only:
        from parity_tui.reach.loop import run

        return run(_check_demo(Demo(say=progress.say), progress, options))
    with running(Demo(say=progress.say)) as demo:
        progress.end()
        return _show(_demo_config(demo), demo.missing)


async def _check_demo(demo: Demo, progress: Progress, options: argparse.Namespace) -> Exit:
    """Print the report on the servers of the demo, once all of them are up."""
    async with demo:
        await demo.ready()
        progress.clear()
        for words in demo.missing:
            print(words, file=sys.stderr)  # noqa: T201
        board = await _read_once(_watch(_demo_config(demo), once=True))
    _print_report(board, options)
    return _verdict(board, options.fail_on)


def _demo_config(demo: Demo) -> Config:
    """Return the configuration of the demo's servers."""
    from parity_tui.config import parse

    return parse(demo.config_text, "the demo's parity.toml", {}, demo.home)

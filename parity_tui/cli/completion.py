"""`parity-tui completion`: the script that completes commands, options, files and names in a shell, made by shtab."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping

from parity_tui.cli.exit import Exit
from parity_tui.cli.parser import Parser

SHELLS = ("bash", "zsh", "fish")
NAMES = ("environment", "service")
"""names that the configuration has"""

_LISTED = {"--environment": "environment", "--baseline": "environment", "--service": "service"}
"""options whose value is one of the names -> which"""


def complete(options: argparse.Namespace) -> Exit:
    """Print the script for a shell, or, for these scripts, the names of the configuration that was found."""
    if options.names:
        sys.stdout.write("".join(f"{name}\n" for name in _names(options.names)))
        return Exit.PARITY
    if options.shell is None:
        from parity_tui.config import ConfigError

        raise ConfigError(f"parity-tui completion needs a shell: {', '.join(SHELLS)}")
    sys.stdout.write(script(options.shell, *options.create_parser()) + "\n")
    return Exit.PARITY


def script(shell: str, parser: Parser, commands: Mapping[str, Parser]) -> str:
    """Return the completion script of a shell; ``commands`` has the parsers of the commands by name."""
    import shtab

    for action in (action for each in (parser, *commands.values()) for action in each._actions):
        if name := next((_LISTED[option] for option in action.option_strings if option in _LISTED), ""):
            action.complete = shtab.cmd(f"parity-tui completion --names {name}")  # type: ignore[attr-defined]
        elif "FILE" in (action.metavar or ""):
            action.complete = shtab.FILE  # type: ignore[attr-defined]
    return shtab.complete(parser, shell)


def _names(which: str) -> Iterator[str]:
    """Yield names of the configuration that a shell takes as one word; nothing without a valid configuration."""
    from parity_tui import config

    try:
        found = config.load()
    except config.ConfigError:
        return
    names = [environment.name for environment in found.environments] if which == "environment" else found.services
    yield from (name for name in names if not any(character.isspace() for character in name))

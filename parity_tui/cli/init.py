"""The command `init`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from parity_tui.cli.exit import Exit

if TYPE_CHECKING:
    from parity_tui.init import EnvironmentDraft

_FILE = "parity.toml"
"""the default of -o"""


def init(options: argparse.Namespace) -> Exit:
    """Write a parity.toml from existing files or from answers at the terminal, and its JSON Schema beside it."""
    from parity_tui import init
    from parity_tui.config import ConfigError

    if options.schema:
        if options.env_file or options.compose or options.kube or options.output not in ("-", _FILE):
            raise ConfigError("--schema prints the schema to stdout: it goes with no other option")
        sys.stdout.write(init.schema_text())
        return Exit.PARITY
    path = None if options.output == "-" else Path(options.output)
    folder = path.absolute().parent if path else Path.cwd()
    if path:
        init.check_absent(path)
    namespaces = [(name, kube) for kube, name in options.kube or ()]
    deploys = init.collect(options.env_file or (), _compose_files(options), namespaces) or _ask(folder)
    text = init.render_config(deploys, options.output, folder)
    if path:
        init.save(path, text)
        init.allow(path)
        init.save_schema(folder)
    else:
        sys.stdout.write(text)
    if steps := init.next_steps(deploys, path):
        print(steps, file=sys.stderr)  # noqa: T201
    return Exit.PARITY


def _compose_files(options: argparse.Namespace) -> list[tuple[str, Path]]:
    """Return (environment, file) for each file of a --compose option, whose last word may be the name.

    Raises ConfigError.
    """
    from parity_tui.config import ConfigError

    found = []
    for first, *rest in options.compose or []:
        names = [word for word in rest if not _is_compose_file(word)]
        if len(names) > 1 or (names and names[0] != rest[-1]):
            raise ConfigError("--compose takes FILE… NAME, for example --compose compose.yaml compose.ci.yaml dev")
        files = [first, *(word for word in rest if word not in names)]
        found += [(names[0] if names else "dev", Path(file)) for file in files]
    return found


def _is_compose_file(word: str) -> bool:
    return word.endswith((".yml", ".yaml", ".json")) or Path(word).is_file()


def _ask(folder: Path) -> list[EnvironmentDraft]:
    """Return the environments that a person describes at the terminal. Raises ConfigError without a terminal."""
    from parity_tui.config import ConfigError
    from parity_tui.init.questions import Questions

    if not sys.stdin.isatty():
        raise ConfigError(
            "init needs --env-file NAME=FILE, --compose FILE, --kube CONTEXT/NAMESPACE NAME, or a terminal"
        )
    return Questions(folder, sys.stdin, sys.stderr).ask()

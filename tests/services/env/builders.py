"""Readings of variables: of real files and processes, and of made-up ones."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from parity_tui.config import parse as parse_config
from parity_tui.model import Reading, Target
from parity_tui.services import kinds, redact_reading
from parity_tui.services.env.parse import parse
from parity_tui.transport.dialer import NetworkDialer
from tests import builders

rows = partial(builders.rows, kind="env")


def of(**variables: str) -> Reading:
    """Return the reading of some variables."""
    return redact_reading(parse(variables, ".env"), kinds()["env"])


def listed(*readings: Reading) -> dict[str, str]:
    """Return setting -> severity of the rows that are shown by default."""
    return {name: str(row.severity) for name, row in rows(*readings).items() if row.listed}


def target(url: str, folder: Path = Path("/")) -> Target:
    """Return the target of a URL in a parity.toml."""
    return parse_config(f"[environments.dev.services]\nenv = '{url}'\n", "parity.toml", {}, folder).targets[0]


async def read(url: str, folder: Path = Path("/")) -> Reading:
    """Connect and read once."""
    where = target(url, folder)
    async with kinds()["env"].connect(where, NetworkDialer(where, 20)) as read_once:
        return redact_reading(await read_once(), kinds()["env"])


@contextmanager
def process(variables: Mapping[str, str]) -> Iterator[int]:
    """Start a process with these variables and no others; yield its number."""
    started = subprocess.Popen(["/bin/cat"], stdin=subprocess.PIPE, env=variables)
    try:
        yield started.pid
    finally:
        started.communicate()


def first_on_path(folder: Path) -> str:
    return f"{folder}:{os.environ['PATH']}"

"""Readings of machines: real ones, folders entered by chroot, recorded output."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

import pytest

from parity_tui.model import Reading, Target
from parity_tui.services.host import SERVICE
from parity_tui.services.host.parse import parse
from parity_tui.services.host.parse.output import split_output
from parity_tui.transport.dialer import NetworkDialer
from tests import builders

RECORDED = Path(__file__).parent
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="chroot takes root")


def target(url: str = "host+local", packages: str = "") -> Target:
    """Return the target of a machine; ``url`` is KIND+WAY or KIND+WAY://NAME."""
    scheme, _, name = url.partition("://")
    return Target("dev", "host", "host", scheme, name, options={"packages": packages} if packages else {})


async def read(url: str = "host+local", packages: str = "") -> Reading:
    """Connect to a machine and read it once."""
    machine = target(url, packages)
    async with SERVICE.connect(machine, NetworkDialer(machine, 20)) as read_once:
        return await read_once()


rows = partial(builders.rows, kind="host")


def listed(*readings: Reading) -> set[str]:
    """Return the names of the rows that are shown by default."""
    return {name for name, row in rows(*readings).items() if row.listed}


def recorded(name: str, packages: str = "", clock: str = "synchronized") -> Reading:
    """Return the reading of a recorded output."""
    output = split_output((RECORDED / f"{name}.txt").read_bytes(), b"", "@@mark")
    return parse(output, clock, target(packages=packages))


def text_of(file: str) -> str:
    """Return the text of a file, "" if it does not exist."""
    return Path(file).read_text() if Path(file).exists() else ""


def raw_values(reading: Reading) -> dict[str, str | None]:
    """Return setting -> raw value."""
    return {name: fact.raw for name, fact in reading.facts.items()}

"""Finds the programs of the servers that only tests start: of this system, and of the other Debian."""

from __future__ import annotations

import functools
import os
from collections.abc import Iterator
from pathlib import Path

from parity_tui.demo.programs import Program, program_version
from tests import other_debian
from tests.conftest import missing

PATHS = {"pgbouncer": "usr/sbin/pgbouncer", "nats": "usr/sbin/nats-server", "exim": "usr/sbin/exim4"}
"""product -> Debian's path of its program"""


def find(product: str, version: str = "") -> Program:
    """Return the newest program with this version prefix; skip the test where there is none."""
    reason = other_debian.prepare()
    for program in programs(product):
        if not version or f"{program.version}.".startswith(f"{version}."):
            return program
    missing(f"no {product} {version} here ({reason})")
    raise AssertionError


@functools.cache
def programs(product: str) -> tuple[Program, ...]:
    return tuple(sorted(_candidates(product), key=lambda program: program.version, reverse=True))


def _candidates(product: str) -> Iterator[Program]:
    path = Path(PATHS[product])
    if version := program_version(Path("/") / path):
        yield Program(product, version, Path("/") / path, ())
    home = Path(os.environ.get("PARITY_TEST_SERVERS", "/nonexistent"))
    for root in sorted(home.glob("*")):
        inside = (root / "ready").exists() and (root / path).exists()
        if inside and (version := program_version(Path("/") / path, "chroot", str(root))):
            yield Program(product, version, root / path, (), root)

"""Web servers read as the board does it, and laid side by side."""

from __future__ import annotations

import asyncio

from parity_tui.demo.server import Server
from parity_tui.drift.compare import compare
from parity_tui.drift.policy import Policy
from parity_tui.drift.row import Row
from parity_tui.drift.rules import RuleTable
from parity_tui.model import Outcome, Reading, Target, Verdict
from parity_tui.services import kinds, redact_reading
from parity_tui.transport.dialer import NetworkDialer


def at(url: str) -> Target:
    """Return the target of a server here that is read with commands."""
    scheme, _, path = url.partition("://")
    return Target("dev", "web", scheme.partition("+")[0], scheme, path=path)


async def read(where: Target | Server) -> Reading:
    """Connect, read once and leave; a server has started, which says that its files are good, and is ended."""
    if isinstance(where, Server):
        where.kill()
        where = at(where.url())
    service = kinds()[where.kind]
    async with asyncio.timeout(20), service.connect(where, NetworkDialer(where, 20)) as reads:
        return redact_reading(await reads(), service)


def rows(*readings: Reading, kind: str, others: str = "") -> dict[str, Row]:
    """Return the rows of these readings side by side, by name; the last may be of another kind."""
    used = [kind] * len(readings)
    used[-1] = others or kind
    outcomes = [
        Outcome(Target(f"env{number}", "web", each), reading)
        for number, (each, reading) in enumerate(zip(used, readings, strict=True))
    ]
    tables = {each: RuleTable(kinds()[each], each) for each in used}
    found = compare("web", [outcome.target.environment for outcome in outcomes], outcomes, tables, Policy())
    return {row.setting: row for row in found}


def drift(*readings: Reading, kind: str) -> set[str]:
    """Return the names of the settings that drift."""
    return {name for name, row in rows(*readings, kind=kind).items() if row.verdict is Verdict.DRIFT}

"""Real servers of old release lines: their ends, and what a distribution backports."""

from __future__ import annotations

from datetime import date

import pytest

from parity_tui.config.eol_data import shipped
from parity_tui.demo.servers import Servers
from parity_tui.drift.policy import Policy
from parity_tui.model import Severity
from parity_tui.services import kinds
from tests.builders import board, row, target
from tests.default_readings import read_default


@pytest.mark.parametrize(
    ("product", "version", "ends", "severity", "upstream"),
    [
        ("postgres", "15", "ends 2027-11-11, upstream", Severity.WARNING, True),
        ("mariadb", "10.11", "ends 2028-02-16, upstream", Severity.WARNING, True),
        ("redis", "7.0", "ended 2024-07-29", Severity.CRITICAL, False),
        ("rabbitmq", "3.10", "ended 2022-09-28", Severity.CRITICAL, False),
    ],
)
async def test_old_server_is_reported_though_all_agree(
    product: str, version: str, ends: str, severity: Severity, upstream: bool, servers: Servers
) -> None:
    kind, reading = await read_default(product, version, servers)
    policy = Policy(today=date(2027, 11, 1), lifecycle=shipped())
    both = [(target(name, kind=kind), reading) for name in ("staging", "production")]
    made = board(both, {kind: kinds()[kind]}, policy)
    found = row(made, "end of life")
    assert (found.cells[0].raw, found.severity, found.odd) == (ends, severity, ("staging", "production"))
    assert ("upstream" in (found.cells[0].raw or "")) is upstream

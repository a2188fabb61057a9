"""What an app uses in place of a server: products without facts, which differ from every server."""

from __future__ import annotations

from pathlib import Path

import pytest

from parity_tui.cli import Exit
from parity_tui.cli.commands import exit_code
from parity_tui.config import load, parse
from parity_tui.drift.board import Board
from parity_tui.drift.policy import Policy
from parity_tui.model import Outcome, Severity, Target
from parity_tui.services import kinds
from parity_tui.transport.dialer import NetworkDialer
from tests import builders

PRODUCTS = {
    "memory": "in-process memory",
    "file": "local disk",
    "console": "printed to the console",
    "sync": "run in process",
}


async def outcome(target: Target) -> Outcome:
    async with kinds()[target.kind].connect(target, NetworkDialer(target, 3)) as read:
        return Outcome(target, await read())


@pytest.mark.parametrize("scheme", PRODUCTS)
async def test_reading_has_a_product_and_no_facts(scheme: str) -> None:
    config = parse(f"[environments.dev.services]\nit = '{scheme}://'\n", "parity.toml", {}, Path("/srv"))
    reading = (await outcome(config.targets[0])).reading
    assert reading is not None
    assert (reading.product, reading.facts) == (PRODUCTS[scheme], {})


@pytest.mark.parametrize("scheme", PRODUCTS)
async def test_stand_in_is_drift_of_type(scheme: str) -> None:
    server = Target("production", "it", "redis", "redis", "h", 6379)
    outcomes = [await outcome(Target("dev", "it", scheme, scheme)), Outcome(server, builders.reading({"a": "1"}))]
    board = Board.of(("dev", "production"), [each.target for each in outcomes], kinds(), Policy())
    row = builders.row(board.with_outcomes(outcomes), "product")
    assert (row.severity, row.listed, row.text(0)) == (Severity.CRITICAL, True, PRODUCTS[scheme])


async def test_two_equal_stand_ins_are_parity() -> None:
    outcomes = [await outcome(Target(name, "it", "file", "file")) for name in ("dev", "production")]
    board = Board.of(("dev", "production"), [each.target for each in outcomes], kinds(), Policy())
    assert exit_code(board.with_outcomes(outcomes), "info") is Exit.PARITY


@pytest.mark.parametrize(
    ("variable", "kind"),
    [
        ("CACHE_URL=locmemcache://", "memory"),
        ("CACHE_URL=locmem://", "memory"),
        ("MESSENGER_TRANSPORT_DSN=in-memory://", "memory"),
        ("MESSENGER_TRANSPORT_DSN=sync://", "sync"),
        ("EMAIL_URL=consolemail://", "console"),
        ("EMAIL_URL=console://", "console"),
    ],
)
def test_spellings_of_frameworks_are_understood(variable: str, kind: str, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"{variable}\n")
    (target,) = load(env_files=[("dev", tmp_path / ".env")], environ={}).targets
    assert (target.kind, target.problem) == (kind, None)

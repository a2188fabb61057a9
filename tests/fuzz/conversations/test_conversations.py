"""At least 2,000 damaged conversations of each protocol, and 300 damaged outputs of each script."""

from __future__ import annotations

import asyncio
from itertools import islice
from pathlib import Path

import msgspec
import pytest

from parity_tui.services import kinds
from tests.fuzz.conversations.conversation import COMMANDS, load, names
from tests.fuzz.conversations.damage import Damage, damages
from tests.fuzz.conversations.pool import Tally, certificates, run

SEED = 1
COUNTS = {
    "postgres": {"postgres": 1500, "postgres+tls": 500},
    "mysql": {"mariadb": 1500, "mariadb+tls": 500},
    "redis": {"redis": 1000, "valkey": 500, "valkey+tls": 100, "redis+tls": 400},
    "memcached": {"memcached": 1500, "memcached+tls": 500},
    "elasticsearch": {"elasticsearch": 1500, "elasticsearch+tls": 500},
    "haproxy": {"haproxy": 1500, "haproxy+tls": 500},
    "mongodb": {"mongodb": 1500, "mongodb+tls": 500},
    "rabbitmq": {"rabbitmq": 1500, "rabbitmq+tls": 500},
    "http": {"web": 1500, "web+tls": 500},
    "pgbouncer": {"pgbouncer": 500, "pgbouncer+tls": 200},
    "nats": {"nats": 600, "nats+tls": 200},
    "smtp": {"smtp": 600, "smtp+tls": 200},
    **{kind: {kind: 300} for kind in COMMANDS},
}
"""kind -> recording -> number of inputs"""
FOUND = msgspec.json.decode(Path(__file__).with_name("found.json").read_bytes(), type=dict[str, list[Damage]])
"""inputs that have failed once"""
pytestmark = pytest.mark.slow


async def fuzz(inputs: dict[str, list[Damage]]) -> list[Tally]:
    """Try the inputs of some recordings at the same time."""
    with certificates() as folder:
        return await asyncio.gather(*(run(name, each, folder) for name, each in inputs.items()))


def assert_survived(tallies: list[Tally]) -> None:
    wrong = [line for tally in tallies for line in (tally.line(), *tally.details()) if tally.wrong]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("kind", COUNTS)
async def test_damaged_conversation_is_never_read_as_whole(kind: str) -> None:
    """Nor does it end, freeze or bloat the process, or print anything."""
    inputs = {name: list(islice(damages(load(name), SEED), count)) for name, count in COUNTS[kind].items()}
    tallies = await fuzz(inputs)
    assert_survived(tallies)
    assert sum(tally.tried for tally in tallies) == sum(COUNTS[kind].values())
    assert all(tally.ends["read"] and tally.ends["failed"] for tally in tallies)


@pytest.mark.parametrize("name", FOUND)
async def test_inputs_that_have_failed_are_survived(name: str) -> None:
    assert_survived(await fuzz({name: FOUND[name]}))


def test_every_recording_is_fuzzed() -> None:
    """The kinds that are left out have no connection, or that of http."""
    assert {name for counts in COUNTS.values() for name in counts} == {*names()}
    assert {*kinds()} - {*COUNTS} == {"app", "console", "file", "memory", "sqlite", "sync"}

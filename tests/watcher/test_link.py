"""A reading stays the same object while nothing changes, also when its connection is renewed."""

from __future__ import annotations

from contextlib import AsyncExitStack

from msgspec.structs import replace

from parity_tui.model import Fact, Reading, Target
from parity_tui.services import kinds
from parity_tui.transport.dialer import NetworkDialer
from parity_tui.watcher.link import Latest, Link

REDIS = kinds()["redis"]


def link(value: str, latest: Latest | None = None, note: str = "") -> Link:
    """Return a link whose readings are equal, and each another object; the note is one of its connection."""
    target = replace(Target("dev", "cache", "redis", "redis"), notes=(note,) if note else ())

    async def read() -> Reading:
        return Reading("Redis", "8.0", {"requirepass": Fact("s3cr"), "hz": Fact(value)})

    return Link(read, NetworkDialer(target, 20), AsyncExitStack(), 0.0, latest)


async def test_equal_readings_are_one_object() -> None:
    one = link("10")
    assert await one.read(REDIS) is await one.read(REDIS)


async def test_renewed_connection_gives_the_same_object() -> None:
    old = link("10", note="via a pooler")
    first = await old.read(REDIS)
    new = link("10", old.latest, note="via a pooler")
    assert await new.read(REDIS) is await new.read(REDIS) is first
    assert "s3cr" not in repr(first)


async def test_renewed_connection_shows_what_is_new() -> None:
    old = link("10")
    await old.read(REDIS)
    assert (await link("11", old.latest).read(REDIS)).facts["hz"].raw == "11"
    assert (await link("10", old.latest, note="via a pooler").read(REDIS)).notes == ("via a pooler",)

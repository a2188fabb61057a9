"""Readings of real servers, compared."""

from __future__ import annotations

import asyncio

import pytest

from parity_tui.demo.memcached import Memcached
from parity_tui.demo.servers import Servers
from parity_tui.drift.rules import RuleTable
from parity_tui.services.memcached import SERVICE
from parity_tui.transport.dialer import NetworkDialer
from tests.services.memcached.builders import NAME, PASSWORD, drift, reading, rows, target


async def test_reading_names_product_and_version(each_memcached: Memcached) -> None:
    seen = await reading(each_memcached.port)
    assert (seen.product, seen.version) == ("Memcached", each_memcached.version)
    assert seen.facts["item_size_max"].raw == "1048576"
    assert seen.facts["pointer_size"].raw == "64"


async def test_equal_servers_do_not_drift(servers: Servers, each_memcached: Memcached) -> None:
    other = servers.memcached(each_memcached.version)
    assert drift(await reading(each_memcached.port), await reading(other.port)) == set()


async def test_exactly_the_given_options_drift(servers: Servers, each_memcached: Memcached) -> None:
    other = servers.memcached(each_memcached.version, options=["-I", "2m", "-M", "-C", "-m", "640"])
    both = await reading(each_memcached.port), await reading(other.port)
    assert drift(*both) == {"item_size_max", "evictions", "cas_enabled", "maxbytes"}
    assert rows(*both)["item_size_max"].text(1) == "2 MB"


async def test_path_of_the_login_file_does_not_drift(servers: Servers, each_memcached: Memcached) -> None:
    """Only the presence of a login file is compared."""
    logins = [servers.memcached(each_memcached.version, login=(NAME, word)) for word in (PASSWORD, "other")]
    readings = [await reading(logins[0].port, PASSWORD), await reading(logins[1].port, "other")]
    assert readings[0].facts["auth_enabled_ascii"].raw != readings[1].facts["auth_enabled_ascii"].raw
    assert drift(*readings) == set()
    # With such a file the server speaks the text protocol only.
    assert drift(readings[0], await reading(each_memcached.port)) == {"auth_enabled_ascii"}


@pytest.mark.parametrize(
    ("options", "names"),
    [
        (["-t", "8"], {"num_threads"}),
        (["-o", "no_modern"], {"modern"}),
        (["-o", "no_modern,slab_reassign"], {"modern"}),
        (["-o", "no_lru_crawler"], {"lru_crawler"}),
        (["-o", "slab_chunk_max=256"], {"slab_chunk_max"}),
        (["-B", "ascii"], {"binding_protocol"}),
    ],
)
async def test_one_option_is_one_row(
    servers: Servers, each_memcached: Memcached, options: list[str], names: set[str]
) -> None:
    """K16: what follows another setting is folded under its row."""
    other = servers.memcached(each_memcached.version, options=options)
    assert drift(await reading(each_memcached.port), await reading(other.port)) == names


async def test_second_cache_on_disk_drifts(servers: Servers, each_memcached: Memcached) -> None:
    """A8: only `stats` shows its size."""
    other = servers.memcached(each_memcached.version)
    other.restart(options=["-o", f"ext_path={other.inside(other.folder)}/cache:64M"])
    both = await reading(each_memcached.port), await reading(other.port)
    assert "extstore_limit_maxbytes" in drift(*both)
    assert rows(*both)["extstore_limit_maxbytes"].text(1) == "64 MB"


async def test_settings_have_a_reason(each_memcached: Memcached) -> None:
    """At least 95 % of the settings of every version."""
    table = RuleTable(SERVICE, "memcached")
    names = (await reading(each_memcached.port)).facts.keys()
    without = sorted(name for name in names if not table.rule(name).why)
    assert len(without) <= 0.05 * len(names), without


@pytest.mark.slow
async def test_instance_changes_with_a_restart_only(servers: Servers) -> None:
    """It is constant over two seconds, as the server takes both of its times from one tick."""
    server = servers.memcached()
    where = target(server.port)
    async with SERVICE.connect(where, NetworkDialer(where, 10)) as read:
        first = await read()
        for _ in range(20):
            await asyncio.sleep(0.1)
            assert await read() == first
    server.restart()
    assert (await reading(server.port)).instance != first.instance


async def test_cache_that_survives_a_restart_is_a_row(servers: Servers) -> None:
    """Where its file is belongs to the host."""
    folder = servers.file("memory", "").parent
    folder.chmod(0o777)
    plain, *kept = [
        await reading(servers.memcached("1.6.18", options=options).port)
        for options in ((), ("-e", f"{folder}/one"), ("-e", f"{folder}/two"))
    ]
    assert drift(*kept) == set()
    assert drift(plain, kept[0]) == {"memory_file"}

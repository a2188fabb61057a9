"""Readings of real servers, compared."""

from __future__ import annotations

import asyncio

import pytest

from parity_tui.demo.memcached import Memcached
from parity_tui.demo.servers import Servers
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
    # The server derives the size of the largest chunk from that of the largest item.
    assert drift(*both) - {"slab_chunk_max"} == {"item_size_max", "evictions", "cas_enabled", "maxbytes"}
    assert rows(*both)["item_size_max"].text(1) == "2 MB"


async def test_path_of_the_login_file_does_not_drift(servers: Servers, each_memcached: Memcached) -> None:
    """Only the presence of a login file is compared."""
    logins = [servers.memcached(each_memcached.version, login=(NAME, word)) for word in (PASSWORD, "other")]
    readings = [await reading(logins[0].port, PASSWORD), await reading(logins[1].port, "other")]
    assert readings[0].facts["auth_enabled_ascii"].raw != readings[1].facts["auth_enabled_ascii"].raw
    assert drift(*readings) == set()
    # With such a file the server speaks the text protocol only.
    both = {"auth_enabled_ascii", "binding_protocol"}
    assert drift(readings[0], await reading(each_memcached.port)) == both


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

"""Memcached: two questions in one round trip, nothing written, and no peer that can hang or flood the asker."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parity_tui.demo.memcached import Memcached
from parity_tui.demo.servers import Servers
from parity_tui.drift.compare import compare
from parity_tui.drift.policy import Policy
from parity_tui.drift.row import Row
from parity_tui.drift.rules import RuleTable
from parity_tui.model import ABSENT, Outcome, Reading, ServiceError, State, Target, Verdict
from parity_tui.secrets import Secret
from parity_tui.services.memcached import SERVICE
from parity_tui.services.memcached.connection import BOTH
from parity_tui.services.memcached.parse import parse
from parity_tui.transport.dialer import NetworkDialer
from tests.proxy import Script, floods, listening, proxy, says

NAME, PASSWORD = "app", "p/a%@s:s&=#w"


def target(port: int, password: str | None = None) -> Target:
    """Return what is connected to, with a login where there is a password."""
    user = NAME if password is not None else ""
    own = (lambda: Secret(password)) if password is not None else None
    return Target("dev", "cache", "memcached", "memcached", "127.0.0.1", port, user=user, password=own)


async def reading(port: int, password: str | None = None) -> Reading:
    """Connect, read once and leave."""
    where = target(port, password)
    async with asyncio.timeout(10), SERVICE.connect(where, NetworkDialer(where, 10)) as read:
        return await read()


def rows(*readings: Reading) -> dict[str, Row]:
    """Return the rows of these readings side by side, by name."""
    names = [f"env{number}" for number, _ in enumerate(readings)]
    outcomes = [Outcome(target(1), each) for each in readings]
    found = compare("cache", names, outcomes, {"memcached": RuleTable(SERVICE, "memcached")}, Policy())
    return {row.setting: row for row in found}


def drift(*readings: Reading) -> set[str]:
    """Return the names of the settings that drift."""
    return {name for name, row in rows(*readings).items() if row.verdict is Verdict.DRIFT}


async def failure(script: Script) -> Exception:
    """Return how reading from a made-up server fails."""
    async with listening(script) as port:
        with pytest.raises((ServiceError, EOFError)) as caught:
            await reading(port)
    return caught.value


async def test_it_names_product_and_version(each_memcached: Memcached) -> None:
    """The version is the server's own, as text."""
    got = await reading(each_memcached.port)
    assert (got.product, got.version) == ("Memcached", each_memcached.version)
    assert got.facts["item_size_max"].raw == "1048576"
    assert got.facts["pointer_size"].raw == "64"


async def test_equal_servers_give_no_drift(servers: Servers, each_memcached: Memcached) -> None:
    """Another port, another login, another process: none of these is drift."""
    other = servers.memcached(each_memcached.version)
    assert drift(await reading(each_memcached.port), await reading(other.port)) == set()


async def test_settings_that_differ_are_seen(servers: Servers, each_memcached: Memcached) -> None:
    """Exactly the options that were given are drift, whatever the words the server has for them."""
    other = servers.memcached(each_memcached.version, options=["-I", "2m", "-M", "-C", "-m", "640"])
    both = await reading(each_memcached.port), await reading(other.port)
    # The server derives the size of the largest chunk from that of the largest item.
    assert drift(*both) - {"slab_chunk_max"} == {"item_size_max", "evictions", "cas_enabled", "maxbytes"}
    assert rows(*both)["item_size_max"].text(1) == "2 MB"


async def test_a_login_is_drift_and_the_path_of_its_file_is_not(servers: Servers, each_memcached: Memcached) -> None:
    """The server shows the file of its users: what is compared is whether there is one."""
    logins = [servers.memcached(each_memcached.version, login=(NAME, word)) for word in (PASSWORD, "other")]
    readings = [await reading(logins[0].port, PASSWORD), await reading(logins[1].port, "other")]
    assert readings[0].facts["auth_enabled_ascii"].raw != readings[1].facts["auth_enabled_ascii"].raw
    assert drift(*readings) == set()
    # With such a file the server speaks the text protocol only.
    both = {"auth_enabled_ascii", "binding_protocol"}
    assert drift(readings[0], await reading(each_memcached.port)) == both


async def test_one_connection_is_kept_and_a_reading_is_one_round_trip(each_memcached: Memcached) -> None:
    """Fault 6: Three readings: three bursts of the two questions, byte for byte, and nothing else."""
    async with proxy(each_memcached.host, each_memcached.port) as between:
        where = target(between.port)
        async with SERVICE.connect(where, NetworkDialer(where, 10)) as read:
            readings = [await read() for _ in range(3)]
    assert between.sent == BOTH * 3
    assert (between.connections, between.bursts) == (1, 3)
    assert readings[0] == readings[1] == readings[2]


async def test_the_sign_of_a_run_stands_still_and_changes_with_a_restart(servers: Servers) -> None:
    """Readings over two seconds say the same: the server takes both of its times from one tick."""
    server = servers.memcached()
    where = target(server.port)
    async with SERVICE.connect(where, NetworkDialer(where, 10)) as read:
        first = await read()
        for _ in range(20):
            await asyncio.sleep(0.1)
            assert await read() == first
    server.restart()
    assert (await reading(server.port)).instance != first.instance


async def test_a_password_is_sent_only_where_it_is_asked_for(servers: Servers) -> None:
    """To a server without a login it would be an item that anybody can read."""
    async with proxy("127.0.0.1", servers.memcached().port) as between:
        await reading(between.port, PASSWORD)
    assert between.sent == BOTH


async def test_the_right_password_is_let_in(servers: Servers) -> None:
    """The first connection hears that a login is wanted, the second brings it; nothing but that is sent."""
    async with proxy("127.0.0.1", servers.memcached(login=(NAME, PASSWORD)).port) as between:
        got = await reading(between.port, PASSWORD)
    words = f"{NAME} {PASSWORD}"
    assert got.facts["maxconns"].raw == "1024"
    assert between.sent == BOTH + f"set auth 0 0 {len(words)}\r\n{words}\r\n".encode() + BOTH


@pytest.mark.parametrize(
    ("password", "says"), [(None, "none is configured"), ("wrong/pass%word", "rejects the password of app")]
)
async def test_no_password_or_a_wrong_one_is_said(servers: Servers, password: str | None, says: str) -> None:
    """Fault 21: In words, with the address, without the password."""
    port = servers.memcached(login=(NAME, PASSWORD)).port
    with pytest.raises(ServiceError) as caught:
        await reading(port, password)
    assert caught.value.reason == "auth"
    assert says in caught.value.message
    assert str(port) in caught.value.message
    assert "wrong/pass" not in caught.value.message


@pytest.mark.parametrize(
    ("greeting", "who"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "HTTP"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "SSH"),
        (b"-ERR unknown command 'stats'\r\n", "Redis"),
        (b"AMQP\x00\x00\x09\x01", "AMQP"),
        (b"J\x00\x00\x00\n8.0.36\x00", "MySQL"),
    ],
)
async def test_another_service_is_named(greeting: bytes, who: str) -> None:
    """Fault 9: What answers is said, not what could not be parsed."""
    error = await failure(says(greeting))
    assert isinstance(error, ServiceError)
    assert error.reason == "wrong-service"
    assert who in error.message


async def test_a_peer_that_ends_the_connection_does_not_stop_the_loop() -> None:
    """Fault 4: The library alone would spin here for ever, beyond the reach of any deadline."""
    unheard = await failure(says())
    assert isinstance(unheard, ServiceError)
    assert (unheard.reason, "before it said anything" in unheard.message) == ("closed", True)
    assert isinstance(await failure(says(b"STAT pid 1\r\nSTAT ver")), EOFError)


async def test_a_peer_that_ends_the_connection_during_the_login_does_not_stop_the_loop() -> None:
    """Fault 4: The one other call of the library reads in the same way."""
    answers = iter([says(b"CLIENT_ERROR unauthenticated\r\n"), says()])

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await next(answers)(reader, writer)

    async with listening(script) as port:
        with pytest.raises(EOFError):
            await reading(port, PASSWORD)


@pytest.mark.parametrize("chunk", [b"STAT a b\r\n" * 999, b"x" * 65536, b"\0" * 65536])
async def test_a_peer_that_never_ends_is_left(chunk: bytes) -> None:
    """Fault 8: Valid lines, or bytes without any line: half a megabyte is enough."""
    error = await failure(floods(chunk))
    assert isinstance(error, ServiceError)
    assert error.reason == "protocol"


async def test_a_proxy_shows_its_version_and_says_what_it_hides() -> None:
    """Fault 24: mcrouter and its like refuse `stats settings`: what is not shown is hidden, not absent."""
    async with listening(says(b"STAT version 37.0\r\nEND\r\nERROR\r\n")) as port:
        got = await reading(port)
    assert got.version == "37.0"
    assert got.hidden[0][0] == "*"
    full = parse({b"version": b"37.0"}, {b"maxconns": b"1"}, "")
    assert rows(got, full)["maxconns"].cells[0].state is State.HIDDEN


@given(st.dictionaries(st.binary(), st.none() | st.binary()), st.dictionaries(st.binary(), st.none() | st.binary()))
def test_any_answer_gives_a_reading(stats: dict[bytes, bytes | None], settings: dict[bytes, bytes | None]) -> None:
    """Faults 27, 28: Whatever the names and values are, none of them is an error."""
    got = parse(stats, settings, "")
    assert len(got.facts) <= len(settings) + 2
    assert all(isinstance(fact.raw, str) for fact in got.facts.values())


TEXTS = [
    ("maxconns", "2048", "memcached -c 2048"),
    ("cas_enabled", "no", "memcached -C"),
    ("cas_enabled", "yes", "memcached, without -C"),
    ("item_size_max", "1; rm -rf /", ""),
    ("tcpport", "11211", ""),
]


@pytest.mark.parametrize(("setting", "wanted", "says"), TEXTS)
def test_the_text_that_aligns_is_an_option_of_the_command_line(setting: str, wanted: str, says: str) -> None:
    """Nothing that could do harm when copied comes from a server."""
    assert SERVICE.remediate is not None
    assert SERVICE.remediate(setting, wanted, ABSENT).split("  #")[0] == says

"""Redis and its kin: one round trip, the product by its own sign, and words for whatever is refused."""

from __future__ import annotations

import asyncio
import re
import ssl
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from parity_tui.demo.process import free_port
from parity_tui.demo.redis import Redis
from parity_tui.demo.servers import Servers
from parity_tui.drift.compare import compare
from parity_tui.drift.policy import Policy
from parity_tui.drift.row import Row
from parity_tui.drift.rules import RuleTable
from parity_tui.model import Fact, Outcome, Reading, ServiceError, State, Target, TlsMode, ValueType, Verdict
from parity_tui.secrets import Secret
from parity_tui.services import redact_reading
from parity_tui.services.redis import PRIVILEGE, SERVICE
from parity_tui.services.redis.errors import Refusal, Reply
from parity_tui.services.redis.parse import parse
from parity_tui.services.redis.remediation import remediate
from parity_tui.transport.dialer import LimitedReader, NetworkDialer, describe
from tests.conftest import REDIS, VALKEY
from tests.proxy import Script, listening, proxy, says

PASSWORD = "p/a%@s:s&=#w é"
RIGHTS = ["resetkeys", "resetchannels", "-@all", "+info", "+config|get", "+ping"]
ASKED = b"*1\r\n$4\r\nINFO\r\n*3\r\n$6\r\nCONFIG\r\n$3\r\nGET\r\n$1\r\n*\r\n"
HERE = Target("dev", "cache", "redis", host="cache", port=6379)


@pytest.fixture(params=[*(f"redis {version}" for version in REDIS), *(f"valkey {version}" for version in VALKEY)])
def each(request: pytest.FixtureRequest) -> Redis:
    """Every product and version in turn."""
    product, version = request.param.split()
    server: Redis = request.getfixturevalue(f"{product}_servers")[version]
    return server


def another(servers: Servers, like: Redis, **more: object) -> Redis:
    """Return a second server of the same product and version."""
    return servers.redis(like.program.version, product=like.program.product, **more)  # type: ignore[arg-type]


def target(port: int, user: str = "", password: str | None = None, path: str = "", tls: str = "off") -> Target:
    """Return what is connected to, with a login where there is a password."""
    own = (lambda: Secret(password)) if password is not None else None
    return Target("dev", "cache", "redis", "redis", "127.0.0.1", port, path, user, own, TlsMode(tls))


async def read_once(where: Target) -> Reading:
    """Connect, read once and leave."""
    async with asyncio.timeout(10), SERVICE.connect(where, NetworkDialer(where, 10)) as read:
        return redact_reading(await read(), SERVICE)


async def reading(port: int, user: str = "", password: str | None = None, path: str = "", tls: str = "off") -> Reading:
    """Connect to a port of this machine, read once and leave."""
    return await read_once(target(port, user, password, path, tls))


def rows(*readings: Reading) -> dict[str, Row]:
    """Return the rows of these readings side by side, by name."""
    names = [f"env{number}" for number, _ in enumerate(readings)]
    outcomes = [Outcome(target(1), each) for each in readings]
    found = compare("cache", names, outcomes, {"redis": RuleTable(SERVICE, "redis")}, Policy())
    return {row.setting: row for row in found}


def drift(*readings: Reading) -> set[str]:
    """Return the names of the settings that drift."""
    return {name for name, row in rows(*readings).items() if row.verdict is Verdict.DRIFT}


async def failure(script: Script, password: str | None = None) -> tuple[str, str]:
    """Return how reading from a made-up server fails: reason and message, as they are shown."""
    async with listening(script) as port:
        with pytest.raises((ServiceError, OSError, EOFError)) as caught:
            await reading(port, password=password)
        why = describe(caught.value, target(port), 10)
        return why.reason, why.message.replace(str(port), "PORT")


def bulk(*words: str) -> bytes:
    """Return bulk strings as they go over the wire, INFO and the like."""
    return b"".join(f"${len(word.encode())}\r\n{word}\r\n".encode() for word in words)


def settings(**pairs: str) -> list[object]:
    """Return a reply to CONFIG GET; underscores stand for dashes."""
    return [word.encode() for name, raw in pairs.items() for word in (name.replace("_", "-"), raw)]


# Real servers.


async def test_it_names_product_and_version(each: Redis) -> None:
    """By the product's own field: Valkey claims to be Redis 7.2.4 as well, which is a fact of its own."""
    got = await reading(each.port)
    assert (got.product, got.version) == (each.product, each.version)
    assert ("redis compatibility" in got.facts) == (each.product == "Valkey")
    assert got.facts["maxmemory-policy"] == Fact("noeviction", source="CONFIG GET")
    assert got.facts["mode"].raw == "standalone"
    assert got.facts["password required"].raw == "no"
    assert got.address == each.address()
    assert re.fullmatch("[0-9a-f]{40}", got.instance)


async def test_equal_servers_give_no_drift(servers: Servers, each: Redis) -> None:
    """Two fresh servers, another port and folder, another password: nothing but what is ignored differs."""
    words = "one", "two"
    others = [another(servers, each, password=word) for word in words]
    readings = [await reading(o.port, password=w) for o, w in zip(others, words, strict=True)]
    assert drift(*readings) == set()
    assert readings[0].facts["requirepass"].state is State.SECRET
    assert drift(readings[0], await reading(each.port)) == {"password required"}


async def test_settings_that_differ_are_seen(servers: Servers, each: Redis) -> None:
    """Exactly those that were set are drift, and they read well."""
    given = {"maxmemory": "100mb", "maxmemory-policy": "allkeys-lru", "notify-keyspace-events": "KEA", "timeout": "90"}
    other = another(servers, each, settings=given)
    both = await reading(each.port), await reading(other.port)
    assert drift(*both) == given.keys()
    assert [rows(*both)[name].text(1) for name in given] == ["100 MB", "allkeys-lru", "KEA", "90 s"]


async def test_the_same_meaning_in_other_words_is_no_drift(servers: Servers, each: Redis) -> None:
    """The order of snapshots, flags and percentiles says nothing."""
    some = {"save": "900 1 300 10", "notify-keyspace-events": "KEg$lshzxetd"}
    same = {"save": "300 10 900 1", "notify-keyspace-events": "AKE"}
    readings = [await reading(another(servers, each, settings=given).port) for given in (some, same)]
    assert drift(*readings) == set()
    assert {name for name in some if name in drift(readings[0], await reading(each.port))} == some.keys()


async def test_a_change_is_seen_at_the_next_reading(servers: Servers, each: Redis) -> None:
    """The connection is kept, and what moved meanwhile is read, with no sign of a restart."""
    server = another(servers, each)
    where = target(server.port)
    async with SERVICE.connect(where, NetworkDialer(where, 10)) as read:
        before = await read()
        server.do("CONFIG", "SET", "appendonly", "yes")
        after = await read()
    assert drift(before, after) == {"appendonly"}
    assert before.instance == after.instance
    server.restart()
    assert (await reading(server.port)).instance != after.instance


async def test_one_connection_is_kept_and_a_reading_is_one_round_trip(servers: Servers, each: Redis) -> None:
    """Three readings: three bursts, the first with the login, byte for byte, and nothing else."""
    server = another(servers, each, password=PASSWORD)
    async with proxy(server.host, server.port) as between:
        where = target(between.port, password=PASSWORD)
        async with SERVICE.connect(where, NetworkDialer(where, 10)) as read:
            readings = [await read() for _ in range(3)]
    word = PASSWORD.encode()
    assert between.sent == b"*2\r\n$4\r\nAUTH\r\n$%d\r\n%s\r\n" % (len(word), word) + ASKED * 3
    assert (between.connections, between.bursts) == (1, 3)
    assert readings[0] == readings[1] == readings[2]


async def test_the_documented_rights_suffice(servers: Servers, each: Redis) -> None:
    """The user of the privilege text sees all that the administrator sees, and is denied nothing."""
    assert PRIVILEGE.endswith(" ".join(RIGHTS))
    server = another(servers, each, acl=[["parity", "on", f">{PASSWORD}", *RIGHTS]])
    seen, all_of_it = await reading(server.port, "parity", PASSWORD), await reading(server.port)
    assert seen.hidden == (("password required", seen.hidden[0][1]),)
    assert seen.facts == {name: fact for name, fact in all_of_it.facts.items() if name != "password required"}
    assert server.do("ACL", "LOG") == "*0"


async def test_without_the_right_to_config_the_version_is_read_and_the_rest_hidden(
    servers: Servers, each: Redis
) -> None:
    """What INFO tells counts under the settings' names; CONFIG is asked once, not at each refresh."""
    server = another(servers, each, acl=[["parity", "on", f">{PASSWORD}", "-@all", "+info"]])
    async with proxy(server.host, server.port) as between:
        where = target(between.port, "parity", PASSWORD)
        async with SERVICE.connect(where, NetworkDialer(where, 10)) as read:
            readings = [await read() for _ in range(3)]
    got, full = readings[0], await reading(each.port)
    assert readings[1:] == [got, got]
    assert (between.sent.count(b"CONFIG"), between.sent.count(b"INFO"), between.bursts) == (1, 3, 3)
    assert (got.product, got.version) == (each.product, each.version)
    compared = rows(got, full)
    same = ("version", "maxmemory", "maxmemory-policy", "hz", "appendonly", "cluster-enabled", "maxclients")
    assert {compared[name].verdict for name in same} == {Verdict.SAME}
    assert drift(got, full) == set()
    save = compared["save"]
    assert (save.verdict, save.cells[0].state, save.listed) == (Verdict.UNKNOWN, State.HIDDEN, True)
    assert save.note == "the user parity may not ask: ACL SETUSER parity +config|get"


async def test_config_under_another_name_is_a_state_too(servers: Servers, each: Redis) -> None:
    """CONFIG renamed away: the version is there, and why there are no settings."""
    server = another(servers, each, settings={"rename-command": "CONFIG hush"})
    got = await reading(server.port)
    assert got.version == each.version
    assert got.hidden[-1] == ("*", "this server does not offer CONFIG, or under another name only")


async def test_a_wrong_or_missing_password_is_said_in_words(servers: Servers, each: Redis) -> None:
    """Whatever is wrong with the login, the message names it, and never the password."""
    server = another(servers, each, password="right")
    said = {}
    for user, word in (("", "wrong-é"), ("nobody", "wrong-é"), ("", None)):
        with pytest.raises(ServiceError) as caught:
            await reading(server.port, user, word)
        said[user, word] = caught.value.message
        assert caught.value.reason == "auth"
        assert "wrong-é" not in repr(caught.value)
    address = server.address()
    assert list(said.values()) == [
        f"{address} rejects the password of the user default",
        f"{address} rejects the password of the user nobody",
        f"{address} wants a password, and none is configured",
    ]


async def test_a_password_where_none_is_wanted_is_said(each: Redis) -> None:
    """An app with that address fails too."""
    with pytest.raises(ServiceError, match="has no password, and one is configured") as caught:
        await reading(each.port, password=PASSWORD)
    assert caught.value.reason == "auth"


async def test_a_user_who_may_not_even_ask_info_is_told_the_right_that_is_missing(
    servers: Servers, each: Redis
) -> None:
    """The grant is in the message."""
    server = another(servers, each, acl=[["parity", "on", f">{PASSWORD}", "-@all"]])
    with pytest.raises(ServiceError, match=r"ACL SETUSER parity \+info") as caught:
        await reading(server.port, "parity", PASSWORD)
    assert caught.value.reason == "forbidden"


async def test_a_full_server_is_quoted(servers: Servers, each: Redis) -> None:
    """The server says why before it hangs up."""
    server = another(servers, each, settings={"maxclients": "1"})
    where = target(server.port)
    async with SERVICE.connect(where, NetworkDialer(where, 10)) as read:
        await read()
        with pytest.raises(ServiceError, match="says: ERR max number of clients reached") as caught:
            await reading(server.port)
    assert caught.value.reason == "server"


async def test_leaving_drops_the_connection_at_once(servers: Servers, each: Redis) -> None:
    """A server that is frozen is not waited for, neither after a deadline nor at the end."""
    server = another(servers, each)
    where = target(server.port)
    server.pause()
    try:
        begun = asyncio.get_running_loop().time()
        with pytest.raises(TimeoutError):
            async with SERVICE.connect(where, NetworkDialer(where, 10)) as read, asyncio.timeout(0.2):
                await read()
        assert asyncio.get_running_loop().time() - begun < 5
    finally:
        server.resume()


async def test_after_a_failure_the_connection_stays_lost(servers: Servers, each: Redis) -> None:
    """It is the caller who connects anew."""
    server = another(servers, each)
    where = target(server.port)
    async with SERVICE.connect(where, NetworkDialer(where, 10)) as read:
        await read()
        server.kill()
        for _ in range(2):
            with pytest.raises(ConnectionError):
                await read()


async def test_the_number_of_a_database_is_no_setting(each: Redis) -> None:
    """It may be in the address and is not sent; a word in its place is a mistake."""
    assert await reading(each.port, path="0") == await reading(each.port)
    with pytest.raises(ServiceError, match="number of a database, not 'abc'"):
        await reading(each.port, path="abc")


async def test_a_replica_and_its_primary_are_no_drift(servers: Servers, each: Redis) -> None:
    """The role and the address copied from are ignored, with a reason."""
    replica = another(servers, each, settings={"replicaof": f"{each.host} {each.port}"})
    both = await reading(each.port), await reading(replica.port)
    assert both[1].facts["role"].raw == "slave"
    assert drift(*both) == set()
    assert rows(*both)["role"].note == "A replica beside a primary is a role, not drift."


async def test_a_cluster_is_critical_drift(servers: Servers, each: Redis) -> None:
    """The mode that follows is folded under it; newer servers cut the number of databases too."""
    other = another(servers, each, settings={"cluster-enabled": "yes", "cluster-port": str(free_port())})
    found = rows(await reading(each.port), await reading(other.port))
    drifting = {name for name, row in found.items() if row.verdict is Verdict.DRIFT}
    assert drifting - {"databases"} == {"cluster-enabled"}
    assert found["mode"].explained_by == "cluster-enabled"


async def test_old_and_new_names_are_one_setting(each: Redis) -> None:
    """A reply has many settings twice; each is there once, under the name of today."""
    facts = (await reading(each.port)).facts
    assert not [name for name in facts if "slave" in name or "ziplist" in name or name.startswith("master")]
    for row in SERVICE.rules:
        assert facts.keys().isdisjoint(row.aliases)


async def test_another_release_is_one_row_and_explains_what_it_brought(servers: Servers) -> None:
    """Settings and built-in modules of one release only are no rows of their own."""
    both = [await reading(servers.valkey(version).port) for version in VALKEY]
    assert drift(*both) == {"version"}


# Made-up servers.


@pytest.mark.parametrize(
    ("answer", "who"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "like HTTP"),
        (b"SSH-2.0-OpenSSH_9.2p1\r\n", "like SSH"),
        (b"ERROR\r\nERROR\r\n", "like Memcached"),
        (b"AMQP\x00\x00\x09\x01", "like AMQP (RabbitMQ)"),
        (b"J\x00\x00\x00\n8.0.36\x00", "like MySQL"),
        (b"\x15\x03\x03\x00\x02\x02\n", "like TLS"),
        (b"hm\x1b[2J\n", "'hm\\x1b[2J'"),
    ],
)
async def test_what_is_no_redis_is_named(answer: bytes, who: str) -> None:
    """Whoever answers there."""
    assert await failure(says(answer)) == ("wrong-service", f"127.0.0.1:PORT answers {who}, not like Redis")


@pytest.mark.parametrize(
    ("answer", "reason", "words"),
    [
        (b"-LOADING Redis is loading the dataset in memory\r\n" * 2, "server", "is starting: Redis is loading"),
        (b"-MASTERDOWN Link with MASTER is down\r\n" * 2, "server", "MASTERDOWN Link with MASTER"),
        (b"-BUSY a \x1b[2J script\r\n" * 2, "server", "BUSY a ·[2J script"),
        (b"-DENIED Redis is running in protected mode because ...\r\n", "forbidden", "protected mode"),
        (b"-ERR max number of clients reached\r\n", "server", "max number of clients"),
        (b"+OK\r\n+OK\r\n", "wrong-service", "without a version"),
        (b"$2\r\n:)\r\n*0\r\n", "wrong-service", "without a version"),
        (b":1\r\n*0\r\n", "protocol", "answers INFO as no Redis does"),
        (bulk("redis_version:1") + b"*1\r\n$1\r\na\r\n", "protocol", "answers CONFIG GET as no Redis does"),
        (bulk("redis_version:1") + b"*2\r\n$1\r\na\r\n*0\r\n", "protocol", "answers CONFIG GET as no Redis does"),
        (b"$abc\r\n", "protocol", "answers what no Redis does"),
        (b"*999999999\r\n$-7\r\n", "protocol", "answers what no Redis does"),
        (b"+OK\r\nHTTP/1.1\r\n", "protocol", "answers what no Redis does"),
        (b"$536870912\r\n", "protocol", "536,870,914 bytes"),
        (b"*30000\r\n" + b":1\r\n" * 30000, "protocol", "sends more than any Redis has to say"),
        (b"*1\r\n" * 5000, "protocol", "answers what no Redis does"),
        (b"", "closed", "hangs up before it has said anything: perhaps it wants TLS (rediss://)"),
        (b"$10\r\nabc", "closed", "closed the connection"),
    ],
)
async def test_whatever_is_answered_ends_in_words(answer: bytes, reason: str, words: str) -> None:
    """States of the server are quoted; nonsense is called so."""
    got, message = await failure(says(answer))
    assert got == reason
    assert words in message


@pytest.mark.parametrize("begins", [b"", b"*1000000000\r\n"])
@pytest.mark.parametrize("goes_on", [b"x" * 65536, b":1\r\n" * 10000, b"$65536\r\n" + b"x" * 65536 + b"\r\n"])
async def test_a_flood_is_cut_off(begins: bytes, goes_on: bytes) -> None:
    """Endless bytes, endless elements, endless replies, each as fast as they come."""
    sent = 0

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(begins)
        while True:
            writer.write(goes_on)
            await writer.drain()
            sent += len(goes_on)

    async with listening(script) as port:
        with pytest.raises(ServiceError) as caught:
            await reading(port)
    assert caught.value.reason in ("protocol", "wrong-service")
    assert sent < 30_000_000  # most of it in the buffers of the system


async def test_what_is_left_after_nonsense_answers_no_other_question() -> None:
    """The stream is never used again, even though a fine answer waits in it."""
    async with listening(says(b"$abc\r\n" + bulk("redis_version:6.0.1") + b"*0\r\n")) as port:
        where = target(port)
        async with SERVICE.connect(where, NetworkDialer(where, 10)) as read:
            with pytest.raises(ServiceError, match="answers what no Redis does"):
                await read()
            with pytest.raises(ConnectionError):
                await read()


async def test_a_failure_of_tls_while_reading_is_told_as_one() -> None:
    """With TLS 1.3 a server says only after the handshake that it wants a certificate."""

    class Broken(NetworkDialer):
        async def open(
            self, host: str, port: int, tls: ssl.SSLContext | None = None, cap: int = 0, name: str = ""
        ) -> tuple[LimitedReader, asyncio.StreamWriter]:
            reader, writer = await super().open(host, port)
            reader.set_exception(ssl.SSLError(1, "certificate required"))
            return reader, writer

    async with listening(says(b"")) as port:
        where = target(port)
        async with SERVICE.connect(where, Broken(where, 10)) as read:
            with pytest.raises(ssl.SSLError, match="certificate required"):
                await read()


async def test_a_password_that_a_server_repeats_is_not_shown() -> None:
    """Redis repeats the arguments of a command that it does not know."""
    said = b"-ERR unknown command 'AUTH', with args beginning with: 'hu' \r\n-NOAUTH no\r\n-NOAUTH no\r\n"
    assert await failure(says(said), "hu") == (
        "auth",
        "127.0.0.1:PORT refuses the login: ERR unknown command 'AUTH'",
    )


async def test_a_server_older_than_users_is_said_to_be_so() -> None:
    """Redis 5 takes a password only."""
    async with listening(
        says(b"-ERR wrong number of arguments for 'auth' command\r\n-NOAUTH a\r\n-NOAUTH a\r\n")
    ) as port:
        with pytest.raises(ServiceError, match="too old to know users: leave ann out of its address"):
            await reading(port, "ann", PASSWORD)


async def test_settings_that_cannot_be_told_just_now_are_a_failure_and_not_a_state() -> None:
    """A refusal that goes by does not count as a right that is missing."""
    answer = bulk("redis_version:6.0.1") + b"-LOADING soon\r\n"
    assert await failure(says(answer)) == ("server", "127.0.0.1:PORT is starting: soon")


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """Return the paths of a certificate for 127.0.0.1, which signs itself, and of its key."""
    folder = tmp_path_factory.mktemp("tls")
    cert, key = folder / "cert.pem", folder / "key.pem"
    words = ["-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=test", "-addext", "subjectAltName=IP:127.0.0.1"]
    command = ["openssl", "req", *words, "-out", str(cert), "-keyout", str(key)]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    return str(cert), str(key)


@pytest.fixture
def with_tls(servers: Servers, certificate: tuple[str, str]) -> Redis:
    """Redis that wants TLS and a certificate of its clients; its plain port is another one."""
    server = servers.redis("7.0")
    for name, path in zip(("cert.pem", "key.pem"), certificate, strict=True):
        server.home.write(server.folder / name, Path(path).read_text())
    plain, server.port = server.port, free_port()
    cert, key = server.inside(server.folder / "cert.pem"), server.inside(server.folder / "key.pem")
    files = {"tls-cert-file": cert, "tls-key-file": key, "tls-ca-cert-file": cert}
    server.restart({"port": str(plain), "tls-port": str(server.port), **files})
    return server


async def test_tls_is_verified_and_shows_a_certificate(with_tls: Redis, certificate: tuple[str, str]) -> None:
    """With both certificates it reads; without verifying it says so."""
    cert, key = certificate
    where = Target(
        "d", "c", "redis", host=with_tls.host, port=with_tls.port, tls=TlsMode.VERIFY_FULL, cert=cert, key=key
    )
    checked = await read_once(replace(where, ca=cert))
    assert (checked.product, checked.notes) == ("Redis", ())
    assert (await read_once(replace(where, tls=TlsMode.REQUIRE))).notes == ("TLS, not verified",)
    with pytest.raises(ssl.SSLCertVerificationError):
        await read_once(where)


async def test_what_is_missing_for_tls_is_guessed(with_tls: Redis) -> None:
    """The server just hangs up, on plain text as on a client without a certificate."""
    with pytest.raises(ServiceError, match=r"perhaps it wants TLS \(rediss://\)"):
        await reading(with_tls.port)
    with pytest.raises((ServiceError, ssl.SSLError), match=r"certificate"):
        await reading(with_tls.port, tls=TlsMode.REQUIRE)


async def test_tls_to_a_plain_server_and_a_stranger_is_an_error_of_tls() -> None:
    """The exception of the dialer comes through the driver as it is."""
    async with listening(says(b"-ERR what\r\n")) as port:
        with pytest.raises(ssl.SSLError):
            await reading(port, tls=TlsMode.VERIFY_FULL)


# Replies as other products give them, from their documentation and their users' reports: not measured here.


def made(info: Sequence[str], config: Reply = None) -> Reading:
    """Return the reading of an INFO of these lines."""
    return parse("\r\n".join(info).encode(), [] if config is None else config, HERE)


@pytest.mark.parametrize(
    ("info", "product", "version"),
    [
        (("redis_version:7.4.0", "dragonfly_version:df-v1.40.1"), "Dragonfly", "1.40.1"),
        (("redis_version:6.3.4", "executable:/data/keydb-server"), "KeyDB", "6.3.4"),
        (("redis_version:6.3.4", "# KeyDB", "mvcc_depth:0"), "KeyDB", "6.3.4"),
        (("redis_version:7.4.3", "garnet_version:2.1.5"), "Garnet", "2.1.5"),
        (("redis_version:7.0.0", "kvrocks_version:2.12.1"), "Kvrocks", "2.12.1"),
        (("redis_version:7.2.4", "server_name:valkey", "valkey_version:8.10"), "Valkey", "8.10"),
        (("redis_version:8.10",), "Redis", "8.10"),
    ],
)
def test_each_product_is_known_by_its_own_sign(info: Sequence[str], product: str, version: str) -> None:
    """The redis_version that all of them give is the version of Redis and KeyDB only; 8.10 stays 8.10."""
    got = made(info)
    assert (got.product, got.version) == (product, version)
    claimed = got.facts.get("redis compatibility")
    assert (claimed.raw if claimed else version) == info[0].partition(":")[2]


def test_a_server_without_a_run_id_is_told_by_its_replication() -> None:
    """Dragonfly has no run_id."""
    assert made(["redis_version:7.4.0", "dragonfly_version:df-v1.40.1", "master_replid:4da0"]).instance == "4da0"


def test_elasticache_is_noted_and_says_why_there_are_no_settings() -> None:
    """Its INFO still tells the policy."""
    refusal = Refusal.of("ERR unknown command `CONFIG`, with args beginning with: `GET`, `*`, ")
    got = made(["redis_version:7.1.0", "os:Amazon ElastiCache", "maxmemory_policy:volatile-lru", "hz:10"], refusal)
    assert (got.product, got.notes) == ("Redis", ("Amazon ElastiCache",))
    assert got.hidden[-1] == ("*", "Amazon ElastiCache does not offer CONFIG, or under another name only")
    assert {name: got.facts[name].raw for name in ("maxmemory-policy", "hz")} == {
        "maxmemory-policy": "volatile-lru",
        "hz": "10",
    }
    assert remediate("hz", "20", got.facts["hz"]).endswith("a hosted server has a parameter group for it")


def test_modules_are_rows_of_their_own_and_their_absence_is_drift() -> None:
    """Whoever lacks one, and whoever has another version of it."""
    some = made(
        ["redis_version:7.4.0", "module:name=search,ver=21005,api=1,filters=0,usedby=[]", "module:name=ReJSON,ver=1"]
    )
    other = made(["redis_version:7.4.0", "module:name=search,ver=21015,api=1"])
    assert drift(some, other) == {"module.search", "module.ReJSON"}


def test_a_switch_of_info_is_the_same_as_that_of_config() -> None:
    """INFO writes 1 where CONFIG writes yes."""
    closed = made(["redis_version:7.4.0", "aof_enabled:1", "cluster_enabled:0"], Refusal("NOPERM", ""))
    shown = made(["redis_version:7.4.0"], settings(appendonly="yes", cluster_enabled="no"))
    assert {rows(closed, shown)[name].verdict for name in ("appendonly", "cluster-enabled")} == {Verdict.SAME}


def test_a_settings_own_name_wins_over_its_old_one() -> None:
    """Whichever comes first in the reply."""
    for config in (
        settings(slave_priority="1", replica_priority="2"),
        settings(replica_priority="2", slave_priority="1"),
    ):
        assert made(["redis_version:7.4.0"], config).facts["replica-priority"].raw == "2"
    assert made(["redis_version:4.0.1"], settings(slave_priority="1")).facts["replica-priority"].raw == "1"


def test_passwords_are_fingerprints_before_anybody_sees_them() -> None:
    """Under all their names."""
    names = ("requirepass", "masterauth", "masteruser", "tls-key-file-pass", "tls-client-key-file-pass")
    got = redact_reading(made(["redis_version:7.4.0"], [w for n in names for w in (n.encode(), b"hunter2")]), SERVICE)
    assert "hunter2" not in repr(got)
    assert sum(fact.state is State.SECRET for fact in got.facts.values()) == len(names)
    kinds = {row.name for row in SERVICE.rules if row.type is ValueType.SECRET}
    assert {name for name, fact in got.facts.items() if fact.state is State.SECRET} <= kinds


@pytest.mark.parametrize(
    ("logged_in", "user", "requirepass", "required"),
    [
        (False, "", "", "no"),
        (True, "", "", "yes"),
        (True, "parity", "hunter2", "yes"),
        (True, "parity", "", None),
    ],
)
def test_whether_a_password_is_required_is_said_where_it_can_be_known(
    logged_in: bool, user: str, requirepass: str, required: str | None
) -> None:
    """A login by name says nothing of those without a name."""
    where = Target("d", "c", "redis", host="h", user=user)
    got = parse(b"redis_version:7.4.0", settings(requirepass=requirepass), where, logged_in=logged_in)
    assert got.facts.get("password required", Fact()).raw == required
    assert bool(got.hidden) == (required is None)


def test_what_would_align_a_server_is_text_to_copy() -> None:
    """A statement where there is one, the file where it takes a restart, nothing for facts and secrets."""
    fact = Fact("noeviction", source="CONFIG GET")
    after = "   # then CONFIG REWRITE, or it is lost at the next restart"
    assert remediate("maxmemory-policy", "allkeys-lru", fact) == f"CONFIG SET maxmemory-policy allkeys-lru{after}"
    assert remediate("save", "", fact) == f'CONFIG SET save ""{after}'
    assert remediate("appendonly", "1", fact) == f"CONFIG SET appendonly yes{after}"
    assert remediate("io-threads", "4", fact) == "io-threads 4   # in the server's configuration file, then a restart"
    for name in ("module.search", "os", "role", "version", "requirepass", "password required"):
        assert remediate(name, "x", fact) == ""
    assert remediate("hz", "10", Fact(state=State.HIDDEN)) == ""


async def test_what_would_align_is_obeyed(servers: Servers, each: Redis) -> None:
    """The statement, sent to the odd server as it is, ends the drift; what takes a restart is refused."""
    server = another(servers, each)
    fact = Fact("", source="CONFIG GET")
    for name, wanted in (("save", "900 1 300 10"), ("client-output-buffer-limit", "pubsub 0 0 0"), ("hz", "20")):
        words = re.findall(r'"[^"]*"|\S+', remediate(name, wanted, fact).partition("   #")[0])
        assert server.do(*(word.strip('"') for word in words)) == "+OK"
    assert drift(await reading(each.port), await reading(server.port)) == {"save", "client-output-buffer-limit", "hz"}


replies = st.recursive(
    st.one_of(st.binary(), st.integers(), st.none(), st.builds(Refusal, st.text(), st.text())),
    lambda inner: st.lists(inner, max_size=6),
    max_leaves=8,
)
info_lines = st.lists(
    st.sampled_from(
        (
            b"redis_version:1",
            b"valkey_version:",
            b"module:name=x",
            b"module:,,=,",
            b"module:",
            b"os:\x1b[2J\xff",
            b":",
            b"maxmemory:",
        )
    )
    | st.binary(max_size=20)
).map(b"\r\n".join)
configs = st.lists(st.sampled_from((b"save", b"client-output-buffer-limit", b"notify-keyspace-events")) | st.binary())


@given(info=replies | info_lines, config=replies | configs, logged_in=st.booleans())
def test_no_answer_can_break_the_parser(info: Reply, config: Reply, logged_in: bool) -> None:
    """It gives a reading of text, or says in words why not."""
    try:
        got = parse(info, config, HERE, logged_in)
    except ServiceError:
        return
    assert got.version
    assert all(isinstance(fact.raw, str) for fact in got.facts.values())
    assert rows(got, got)["version"].verdict is Verdict.SAME

"""RabbitMQ: a login without a channel, the HTTP API by GET, and in words whatever is not shown."""

from __future__ import annotations

import asyncio
import re
import ssl
import subprocess
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import Any
from urllib.parse import quote

import pamqp.frame
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from pamqp import commands, heartbeat

from parity_tui.demo.process import wait_until
from parity_tui.demo.rabbitmq import RabbitMQ
from parity_tui.demo.servers import Servers
from parity_tui.drift.compare import compare
from parity_tui.drift.policy import Policy
from parity_tui.drift.row import Row
from parity_tui.drift.rules import RuleTable
from parity_tui.model import Fact, Outcome, Reading, ServiceError, State, Target, TlsMode, Verdict
from parity_tui.secrets import Secret
from parity_tui.services.rabbitmq import SERVICE, connection
from parity_tui.services.rabbitmq.parse import parse
from parity_tui.services.rabbitmq.queries import PATHS, Refused
from parity_tui.services.rabbitmq.remediation import remediate
from parity_tui.transport.dialer import NetworkDialer, describe
from tests.conftest import RABBITMQ
from tests.proxy import Script, floods, listening, proxy, says

PASSWORD = "p/a%@s:s&=#w ö"
ODD = "a/b?c#d é"
"""a virtual host with the signs that URLs trip over"""


def _user(name: str, tags: str) -> dict[str, str]:
    return {"name": name, "password": PASSWORD, "tags": tags}


def _nothing(user: str, vhost: str = "/") -> dict[str, str]:
    return {"user": user, "vhost": vhost, "configure": "^$", "write": "^$", "read": "^$"}


DEFINITIONS = {
    "users": [_user("parity", "monitoring"), _user("clerk", "management"), _user("nobody", "")],
    "permissions": [_nothing("parity"), _nothing("clerk"), _nothing("nobody")],
}


@pytest.fixture(scope="session", params=RABBITMQ)
def broker(request: pytest.FixtureRequest, servers: Servers) -> RabbitMQ:
    """Every version in turn, with other names, ports and passwords than those of `rabbitmq_servers`."""
    login = ("boss", PASSWORD)
    return settled(servers.rabbitmq(request.param, node="other", administrator=login, definitions=DEFINITIONS))


def settled(server: RabbitMQ) -> RabbitMQ:
    """Return the server once it has gathered its figures, some seconds after its start."""
    assert wait_until(lambda: "os_pid" in server.api("GET", "/api/nodes")[0], 60, pause=0.2)
    return server


def target(
    port: int, user: str = "parity", password: str | None = PASSWORD, vhost: str = "/", management: str = ""
) -> Target:
    """Return what is connected to."""
    own = (lambda: Secret(password)) if password is not None else None
    options = {"management": management} if management else {}
    return Target("dev", "queue", "rabbitmq", "amqp", "127.0.0.1", port, vhost, user, own, options=options)


async def reading(where: Target, then: Callable[[], Awaitable[object]] | None = None) -> Reading:
    """Connect, read once and leave."""
    async with asyncio.timeout(20), SERVICE.connect(where, NetworkDialer(where, 20)) as read:
        got = await read()
        if then is not None:
            await then()
            got = await read()
    return got


async def seen(server: RabbitMQ, user: str = "parity", password: str = PASSWORD) -> Reading:
    """Return what a user is shown, with the HTTP API."""
    return await reading(target(server.port, user, password, management=server.management))


async def failure(where: Target) -> tuple[str, str]:
    """Return reason and message with which reading fails."""
    try:
        await reading(where)
    except Exception as error:
        failed = describe(error, where, 3)
        return failed.reason, failed.message
    pytest.fail("it did not fail")


def rows(*readings: Reading) -> dict[str, Row]:
    """Return the rows of these readings side by side, by name."""
    names = [f"env{number}" for number, _ in enumerate(readings)]
    outcomes = [Outcome(target(1), each) for each in readings]
    found = compare("queue", names, outcomes, {"rabbitmq": RuleTable(SERVICE, "rabbitmq")}, Policy())
    return {row.setting: row for row in found}


def drift(*readings: Reading) -> set[str]:
    """Return the names of the settings that drift."""
    return {name for name, row in rows(*readings).items() if row.verdict is Verdict.DRIFT}


@contextmanager
def changed(server: RabbitMQ, path: str, body: dict[str, Any]) -> Iterator[None]:
    """Have the server so for a while."""
    server.api("PUT", path, body)
    try:
        yield
    finally:
        server.api("DELETE", path)


def marshal(frame: Any) -> bytes:
    """Return the bytes of a frame that is for the connection itself."""
    return pamqp.frame.marshal(frame, 0)


START: dict[str, Any] = {
    "product": "LavinMQ",
    "version": "2.4.1",
    "platform": "Crystal 1.16.3",
    "capabilities": {"basic.nack": True},
}


def broker_like(
    properties: dict[str, Any] = START, then: Callable[[asyncio.StreamWriter], Awaitable[None]] | None = None
) -> Script:
    """Return a made-up broker that lets everybody in, and then does something."""
    start = commands.Connection.Start(0, 9, properties, "PLAIN", "en_US")
    answers = [start, commands.Connection.Tune(2048, 131072, 300), commands.Connection.OpenOk()]

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(8)
        writer.write(marshal(answers[0]))
        for number, answer in ((1, answers[1]), (2, None), (3, answers[2])):
            head = await reader.readexactly(7)
            await reader.readexactly(int.from_bytes(head[3:]) + 1)
            if number and answer is not None:
                writer.write(marshal(answer))
        if then is not None:
            await then(writer)
        await reader.read()

    return script


@asynccontextmanager
async def at(script: Script) -> AsyncIterator[Target]:
    """Give the target of a made-up server."""
    async with listening(script) as port:
        yield target(port)


async def test_it_names_product_and_version(broker: RabbitMQ) -> None:
    """AMQP alone is enough for these, and for Erlang and the limits."""
    got = await reading(target(broker.port))
    assert (got.product, got.version) == ("RabbitMQ", broker.version)
    assert re.fullmatch(r"2\d(\.\d+)+", got.facts["erlang"].raw or "")
    assert (got.facts["frame_max"].raw, got.facts["channel_max"].raw) == ("131072", "2047")


async def test_equal_brokers_give_no_drift(broker: RabbitMQ, rabbitmq_servers: Mapping[str, RabbitMQ]) -> None:
    """Other ports, node names, users and passwords: none of these is drift."""
    twin = settled(next(rabbitmq_servers[own] for own in rabbitmq_servers if broker.version.startswith(own)))
    both = await seen(twin, "guest", "guest"), await seen(broker, "boss")
    assert len(both[0].facts) > 20
    assert drift(*both) == set()
    assert both[0].instance != both[1].instance


async def test_what_differs_is_seen_whole(broker: RabbitMQ) -> None:
    """A virtual host, a limit and policies: each is a row of its own, and nothing else moves."""
    before = await seen(broker, "boss")
    vhost = quote(ODD, safe="")
    policy = {"pattern": "^jobs", "definition": {"max-length": 5, "message-ttl": 60000}, "apply-to": "queues"}
    with (
        changed(broker, f"/api/vhosts/{vhost}", {}),
        changed(broker, f"/api/vhost-limits/{vhost}/max-queues", {"value": 7}),
        changed(broker, f"/api/policies/{vhost}/ttl", policy),
        changed(broker, "/api/operator-policies/%2F/cap", {**policy, "priority": 2}),
    ):
        after = await seen(broker, "boss")
    assert drift(before, after) == {
        f"vhost.{ODD}",
        f"vhost_limit.{ODD}.max-queues",
        f"policy.{ODD}.ttl",
        "operator_policy./.cap",
    }
    assert rows(before, after)["operator_policy./.cap"].text(1) == (
        "queues ^jobs: max-length=5, message-ttl=60000; priority 2"
    )


async def test_the_documented_privilege_shows_what_an_administrator_sees(broker: RabbitMQ) -> None:
    """Except, before 4.0, the feature flags: there it is said which tag shows them."""
    ours, boss = await seen(broker), await seen(broker, "boss")
    missing = {name for name in boss.facts if name not in ours.facts}
    old = broker.version.startswith("3.")
    assert all(name.startswith("feature_flag.") for name in missing)
    assert bool(missing) == old
    if old:
        flag = rows(ours, boss)[min(missing)]
        assert flag.verdict is Verdict.UNKNOWN
        assert "rabbitmqctl set_user_tags parity administrator" in flag.cells[0].note


async def test_a_virtual_host_without_a_permission_hides_its_policies(broker: RabbitMQ) -> None:
    """The list of policies leaves them out without a word: they are hidden, not absent, until the grant."""
    vhost = quote(ODD, safe="")
    policy = {"pattern": "x", "definition": {"max-length": 5}, "apply-to": "all"}
    with changed(broker, f"/api/vhosts/{vhost}", {}), changed(broker, f"/api/policies/{vhost}/ttl", policy):
        ours, boss = await seen(broker), await seen(broker, "boss")
        grant = f"/api/permissions/{vhost}/parity"
        with changed(broker, grant, {"configure": "^$", "write": "^$", "read": "^$"}):
            granted = await seen(broker)
    row = rows(ours, boss)[f"policy.{ODD}.ttl"]
    assert row.cells[0].state is State.HIDDEN
    assert f"set_permissions -p '{ODD}' parity" in row.cells[0].note
    assert drift(granted, boss) == set()


@pytest.mark.parametrize(("user", "says"), [("clerk", "Not monitor user"), ("nobody", "Not management user")])
async def test_rights_that_are_missing_are_named(broker: RabbitMQ, user: str, says: str) -> None:
    """Fault 23: part of it is shown, the rest is hidden, with the very command that would show it."""
    ours, boss = await seen(broker, user), await seen(broker, "boss")
    found = rows(ours, boss)
    assert found["mem_limit"].cells[0].state is State.HIDDEN
    assert f"rabbitmqctl set_user_tags {user} monitoring" in found["mem_limit"].cells[0].note
    assert says in found["mem_limit"].cells[0].note
    assert found["frame_max"].verdict is Verdict.SAME
    assert drift(ours, boss) == set()


async def test_an_environment_without_the_http_api_is_no_drift(broker: RabbitMQ) -> None:
    """Beside one with it, everything that AMQP does not show is hidden, and a note says why."""
    bare, full = await reading(target(broker.port)), await seen(broker)
    assert drift(bare, full) == set()
    row = rows(bare, full)["plugin.rabbitmq_management"]
    assert row.cells[0].state is State.HIDDEN
    assert "set management" in row.cells[0].note
    assert "without `management` only what AMQP shows is compared" in bare.notes


async def test_a_reading_costs_one_round_trip_and_writes_nothing(broker: RabbitMQ) -> None:
    """Three readings: one AMQP connection with a login and no channel; GETs only, one burst each."""
    async with (
        proxy(broker.host, broker.port) as over_amqp,
        proxy(broker.host, broker.management_port) as over_http,
    ):
        where = target(over_amqp.port, management=f"http://127.0.0.1:{over_http.port}")
        async with SERVICE.connect(where, NetworkDialer(where, 20)) as read:
            readings = [await read() for _ in range(3)]
    assert readings[0] == readings[1] == readings[2]
    assert over_amqp.connections == over_http.connections == 1
    login = {"Connection.StartOk", "Connection.TuneOk", "Connection.Open", "Connection.Close", "Heartbeat"}
    assert {"Connection.Open"} < set(frames(over_amqp.sent)) <= login
    assert over_amqp.bursts <= 3 + frames(over_amqp.sent).count("Heartbeat") + 1
    # The first time the virtual hosts are tried for whether their policies are shown.
    assert over_http.bursts == 3 + 1
    lines = re.findall(rb"^(?:GET|HEAD|POST|PUT|PATCH|DELETE) .*(?=\r$)", over_http.sent, re.MULTILINE)
    allowed = {f"GET {path} HTTP/1.1".encode() for path in (*PATHS.values(), "/api/policies/%2F")}
    assert set(lines) <= allowed
    assert over_http.sent.count(b"\r\n\r\n") == len(lines)


def frames(sent: bytes) -> list[str]:
    """Return the names of the frames that a client has sent."""
    assert sent.startswith(b"AMQP\0\0\x09\x01")
    rest, names = sent[8:], []
    while rest:
        length, channel, frame = pamqp.frame.unmarshal(rest)
        assert channel == 0
        names.append(frame.name)
        rest = rest[length:]
    return names


async def test_what_was_refused_is_not_asked_again(broker: RabbitMQ) -> None:
    """Fault 24: the broker writes every refusal into its log."""
    async with proxy(broker.host, broker.management_port) as over_http:
        where = target(broker.port, "clerk", management=f"http://127.0.0.1:{over_http.port}")
        async with SERVICE.connect(where, NetworkDialer(where, 20)) as read:
            readings = [await read() for _ in range(3)]
    assert over_http.sent.count(b"GET /api/nodes") == 1
    assert over_http.sent.count(b"GET /api/overview") == 3
    assert readings[0] == readings[2]


async def test_leaving_is_not_written_into_the_brokers_log(broker: RabbitMQ) -> None:
    """A goodbye is said, though no answer is waited for."""
    before = broker.words().count("unexpectedly closed")
    await reading(target(broker.port))
    await asyncio.sleep(0.5)
    assert broker.words().count("unexpectedly closed") == before


async def test_every_virtual_host_can_be_connected_to(broker: RabbitMQ) -> None:
    """Whatever signs its name has; that of no name is `/`."""
    vhost = quote(ODD, safe="")
    with (
        changed(broker, f"/api/vhosts/{vhost}", {}),
        changed(broker, f"/api/permissions/{vhost}/parity", _nothing("parity", ODD)),
    ):
        await reading(target(broker.port, vhost=ODD))
    await reading(target(broker.port, vhost=""))


@pytest.mark.parametrize(
    ("user", "password", "vhost", "reason", "says"),
    [
        ("parity", "wrong/password", "/", "auth", "rejects user or password of parity"),
        ("stranger", PASSWORD, "/", "auth", "rejects user or password of stranger"),
        ("parity", "", "/", "auth", "there is no password for parity"),
        ("parity", None, "/", "auth", "there is no password for parity"),
        ("parity", PASSWORD, "nowhere", "forbidden", "vhost nowhere not found"),
    ],
)
async def test_a_login_that_fails_is_said_in_words(
    broker: RabbitMQ, user: str, password: str | None, vhost: str, reason: str, says: str
) -> None:
    """Fault 21: with the broker's own words, and without the password."""
    got = await failure(target(broker.port, user, password, vhost))
    assert got[0] == reason
    assert says in got[1]
    assert "wrong/password" not in got[1]


async def test_a_virtual_host_that_is_not_for_us_is_said(broker: RabbitMQ) -> None:
    """No permission and no such host are told apart by the broker's own words."""
    with changed(broker, "/api/vhosts/theirs", {}):
        reason, message = await failure(target(broker.port, vhost="theirs"))
    assert reason == "forbidden"
    assert "access to vhost 'theirs' refused for user 'parity'" in message


async def test_nobody_named_means_guest_and_is_said(each_rabbitmq: RabbitMQ) -> None:
    """As every client of RabbitMQ has it; somebody should know."""
    got = await reading(target(each_rabbitmq.port, "", None))
    assert "logged in as guest: no user is configured" in got.notes


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """Return the paths of a certificate for 127.0.0.1, which signs itself, and of its key."""
    folder = tmp_path_factory.mktemp("tls")
    cert, key = str(folder / "cert.pem"), str(folder / "key.pem")
    words = ["-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=test", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run(["openssl", "req", *words, "-out", cert, "-keyout", key], check=True, capture_output=True)
    return cert, key


async def test_tls_is_verified_for_both_ways(broker: RabbitMQ, certificate: tuple[str, str]) -> None:
    """AMQP and the HTTP API trust the target's authority; without verifying it is said."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(*certificate)
    async with (
        proxy(broker.host, broker.port, tls) as over_amqp,
        proxy(broker.host, broker.management_port, tls) as over_http,
    ):
        where = target(over_amqp.port, management=f"https://127.0.0.1:{over_http.port}")
        trusting = replace(where, scheme="amqps", tls=TlsMode.VERIFY_FULL, ca=certificate[0])
        got = await reading(trusting)
        assert (got.facts["nodes"].raw, any("TLS" in note for note in got.notes)) == ("1", False)
        assert "TLS, not verified" in (await reading(replace(trusting, tls=TlsMode.REQUIRE))).notes
        reason, message = await failure(replace(trusting, ca=""))
        assert (reason, "self-signed certificate" in message) == ("tls", True)
        over = replace(target(broker.port, management=where.options["management"]), ca="")
        hidden = rows(await reading(over), got)["nodes"].cells[0].note
        assert f"certificate of 127.0.0.1:{over_http.port} is not accepted" in hidden


async def test_an_http_api_that_cannot_be_read_hides_its_part_only(broker: RabbitMQ) -> None:
    """Fault 23: what AMQP shows is still shown, and each of the other facts says what was wrong."""
    full = await seen(broker)
    async with listening(says()) as port:
        pass
    cases = {
        f"http://127.0.0.1:{port}": f"127.0.0.1:{port} refused the connection",
        f"http://127.0.0.1:{broker.port}": "does not answer like HTTP",
        f"http://parity:wrong@127.0.0.1:{broker.management_port}": "rejects user or password of parity",
        f"http://127.0.0.1:{broker.management_port}/elsewhere": "",
    }
    for management, says_why in cases.items():
        got = await reading(target(broker.port, management=management))
        assert got.version == broker.version
        if says_why:
            assert says_why in rows(got, full)["mem_limit"].cells[0].note
            assert drift(got, full) == set()


async def test_the_login_and_the_http_api_have_own_users(broker: RabbitMQ) -> None:
    """A user in the API's URL goes before that of AMQP, and the grants that are missing are that user's."""
    management = f"http://clerk:{quote(PASSWORD, safe='')}@127.0.0.1:{broker.management_port}"
    got = await reading(target(broker.port, management=management))
    assert any("set_user_tags clerk monitoring" in why for _, why in got.hidden)


@pytest.mark.parametrize(
    ("script", "reason", "says_who"),
    [
        (says(), "closed", "closed the connection"),
        (says(b"\x01\0\0\0"), "closed", "closed the connection"),
        (says(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "wrong-service", "like HTTP"),
        (says(b"SSH-2.0-OpenSSH_9.2\r\n"), "wrong-service", "like SSH"),
        (says(b"J\0\0\0\n8.0.36\0"), "wrong-service", "like MySQL"),
        (says(b"AMQP\x00\x01\x00\x00"), "wrong-service", "like AMQP 1.0"),
        (says(b"\x15\x03\x01\x00\x02\x02\x46"), "tls", "like TLS"),
        (says(b"\x01\0\0\xff\xff\xff\xff" + b"x" * 100), "protocol", "more than a broker has to say"),
        (says(b"\x01\0\0\0\0\0\x04\0\x0a\0\x0b\xce"), "protocol", ""),
        (floods(b"\0" * 65536), "protocol", "more than any server"),
        (floods(marshal(heartbeat.Heartbeat()) * 999), "protocol", ""),
    ],
)
async def test_a_peer_that_is_no_broker_is_named_and_left(
    script: Script, reason: str, says_who: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """Faults 4, 8, 9, 10: closed, endless or another service; the library writes nothing to the terminal."""
    async with at(script) as where:
        got = await failure(where)
    assert got[0] == reason
    assert says_who in got[1]
    assert capfd.readouterr() == ("", "")


async def test_a_broker_that_floods_after_the_login_is_left(capfd: pytest.CaptureFixture[str]) -> None:
    """Fault 8: signs of life without end; a few bytes are owed between two readings and no more."""
    logged_in = asyncio.Event()

    async def flood(writer: asyncio.StreamWriter) -> None:
        await logged_in.wait()
        while True:
            writer.write(marshal(heartbeat.Heartbeat()) * 500)
            await writer.drain()

    async with at(broker_like(then=flood)) as where, SERVICE.connect(where, NetworkDialer(where, 3)) as read:
        logged_in.set()
        await asyncio.sleep(0.3)
        with pytest.raises(ServiceError):
            await read()
    assert capfd.readouterr() == ("", "")


async def test_a_broker_that_ends_the_connection_is_quoted() -> None:
    """Fault 5: a shutdown is told in the broker's own words."""
    close = commands.Connection.Close(320, "CONNECTION_FORCED - broker shuts down", 0, 0)

    async def shut_down(writer: asyncio.StreamWriter) -> None:
        writer.write(marshal(close))

    async with at(broker_like(then=shut_down)) as where, SERVICE.connect(where, NetworkDialer(where, 3)) as read:
        await asyncio.sleep(0.1)
        with pytest.raises(ServiceError) as caught:
            await read()
    assert caught.value.reason == "closed"
    assert "broker shuts down" in caught.value.message


async def test_a_broker_that_is_frozen_is_noticed(broker: RabbitMQ, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fault 6: no sign of life for too long: the reading waits for one, until the deadline of the caller."""
    monkeypatch.setattr(connection, "HEARTBEAT", 1)
    where = target(broker.port)
    async with SERVICE.connect(where, NetworkDialer(where, 3)) as read:
        await asyncio.sleep(2.5)
        first = await read()  # it has been silent, but for its signs of life
        broker.pause()
        try:
            await asyncio.sleep(2.5)
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.5):
                    await read()
        finally:
            broker.resume()
    assert first.version == broker.version


async def test_nothing_is_left_behind_by_a_cancelled_connection() -> None:
    """A peer that says nothing is left at once, and no task of the library's goes on."""

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        await asyncio.sleep(60)

    async with at(silent) as where:
        await asyncio.sleep(0)
        before = asyncio.all_tasks()
        async with asyncio.timeout(5) as patience:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.3), SERVICE.connect(where, NetworkDialer(where, 3)):
                    pytest.fail("there is nobody to connect to")
            assert not patience.expired()
        await asyncio.sleep(0.05)
        left = {task for task in asyncio.all_tasks() - before if "serve" not in repr(task)}
    assert left == set()


async def test_lavinmq_is_named_by_its_own_sign() -> None:
    """The same protocol, another product: its version is its own, and there is no Erlang."""
    async with at(broker_like()) as where:
        got = await reading(where)
    assert (got.product, got.version) == ("LavinMQ", "2.4.1")
    assert got.facts["platform"].raw == "Crystal 1.16.3"
    assert "erlang" not in got.facts


NODE = {
    "name": "rabbit@a",
    "running": True,
    "os_pid": "17",
    "mem_limit": 1000,
    "enabled_plugins": ["rabbitmq_management", "rabbitmq_delayed_message_exchange"],
    "applications": [
        {"name": "rabbitmq_management", "version": "4.0.5"},
        {"name": "rabbitmq_delayed_message_exchange", "version": "4.0.2"},
    ],
}


def of(*nodes: dict[str, Any], **answers: Any) -> Reading:
    """Return the reading of a cluster of these nodes."""
    given_answers = {"overview": {"node": "rabbit@a"}, "nodes": list(nodes), **answers}
    return parse({"product": "RabbitMQ", "version": "4.0.5"}, {}, given_answers, "parity")


def test_plugins_of_the_broker_have_its_version_and_others_their_own() -> None:
    """A newer broker does not make a row of every plug-in that it brings."""
    facts = of(NODE).facts
    assert facts["plugin.rabbitmq_management"].canonical == "on"
    assert facts["plugin.rabbitmq_delayed_message_exchange"].raw == "4.0.2"
    older = {**NODE, "applications": [{"name": "rabbitmq_delayed_message_exchange", "version": "3.12.0"}]}
    assert drift(of(NODE), of(older)) == {"plugin.rabbitmq_delayed_message_exchange"}
    assert drift(of(NODE), of({**NODE, "enabled_plugins": ["rabbitmq_management"]})) == {
        "plugin.rabbitmq_delayed_message_exchange"
    }


def test_nodes_that_agree_are_one_value_and_others_are_counted() -> None:
    """The order in which the nodes come says nothing; those that are down are not asked."""
    second = {**NODE, "name": "rabbit@b", "os_pid": "18"}
    third = {**second, "name": "rabbit@c", "mem_limit": 2000, "enabled_plugins": ["rabbitmq_management"]}
    down = {"name": "rabbit@d", "running": False}
    assert of(NODE, second).facts["mem_limit"].raw == "1000"
    got = of(third, NODE, second, down).facts
    assert got["mem_limit"].canonical == "1000 on 2 of 3 nodes, 2000 on 1 of 3 nodes"
    assert got["plugin.rabbitmq_delayed_message_exchange"].canonical == "4.0.2 on 2 of 3 nodes, off on 1 of 3 nodes"
    assert got["plugin.rabbitmq_management"].canonical == "on"
    assert got["nodes"].raw == "4"
    assert of(third, NODE, second) == of(NODE, second, third)


def test_a_broker_that_has_just_started_hides_its_figures() -> None:
    """For some seconds a node has a name and no more: that is not the absence of plug-ins and limits."""
    fresh = of({"name": "rabbit@a", "running": True})
    assert drift(fresh, of(NODE)) == set()
    cell = rows(fresh, of(NODE))["plugin.rabbitmq_management"].cells[0]
    assert (cell.state, "just started" in cell.note) == (State.HIDDEN, True)


def test_lavinmq_shows_the_figures_of_its_node_to_administrators() -> None:
    """It answers others too, with less in it: that is hidden, and the tag that it takes is named."""
    less = of({"name": "host", "running": True, "applications": [{"name": "lavinmq", "version": "2.4.1"}]})
    more = of({"name": "host", "running": True, "os_pid": "7", "fd_total": 1024, "mem_limit": 5000})
    assert more.facts["fd_total"].raw == "1024"
    assert drift(less, more) == set()
    assert "set_user_tags parity administrator" in rows(less, more)["fd_total"].cells[0].note


def test_the_order_of_a_policys_definition_does_not_matter() -> None:
    """Two ways to write the same policy are the same; a priority of 0 is none."""
    first = {
        "vhost": "/",
        "name": "a",
        "pattern": "x",
        "apply-to": "all",
        "definition": {"b": 1, "c": [2]},
        "priority": 0,
    }
    second = {**first, "definition": {"c": [2], "b": 1}}
    assert drift(of(policies=[first]), of(policies=[second])) == set()
    assert drift(of(policies=[first]), of(policies=[{**first, "definition": {"b": 2}}])) == {"policy./.a"}


def test_a_virtual_host_without_a_type_has_that_of_the_node() -> None:
    """Nothing said means the node's default, and where there is no such thing, classic; old names are the same."""
    said = [{"name": "/", "default_queue_type": "undefined"}]
    old = of(vhosts=[{"name": "/", "default_queue_type": "rabbit_classic_queue"}])
    assert drift(of(vhosts=said), old) == set()
    quorum = of(vhosts=said, overview={"default_queue_type": "quorum"})
    assert rows(old, quorum)["vhost./"].text(1) == "quorum queues by default"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["name", "value", "vhost", "listeners", "definition", "x"]), inner)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([*PATHS]), JSON), st.dictionaries(st.sampled_from([*START]), JSON))
def test_any_answer_gives_a_reading(answers: dict[str, Any], properties: dict[str, Any]) -> None:
    """Faults 27, 28, 31: whatever JSON comes, none of it is an error."""
    got = parse(properties, {}, answers, "parity")
    assert all(isinstance(fact.raw, str) for fact in got.facts.values())


def test_a_version_that_has_no_such_thing_hides_nothing() -> None:
    """404 means absent; every other refusal means hidden."""
    assert not any(glob == "deprecated_feature.*" for glob, _ in of(**{"deprecated-features": Refused(404, "")}).hidden)
    assert any(glob == "deprecated_feature.*" for glob, _ in of(**{"deprecated-features": Refused(500, "")}).hidden)


POLICY = '{"vhost":"a b","name":"it\'s","pattern":"^x","apply-to":"queues","definition":{"max-length":5},"priority":3}'


@pytest.mark.parametrize(
    ("setting", "wanted", "fact", "text"),
    [
        ("plugin.rabbitmq_shovel", "4.0.5", Fact(), "rabbitmq-plugins enable rabbitmq_shovel"),
        ("plugin.rabbitmq_shovel", "", Fact("4.0.5"), "rabbitmq-plugins disable rabbitmq_shovel"),
        ("plugin.x; rm -rf /", "on", Fact(), "rabbitmq-plugins enable 'x; rm -rf /'"),
        ("feature_flag.khepri_db", "enabled", Fact("disabled"), "rabbitmqctl enable_feature_flag khepri_db"),
        ("feature_flag.khepri_db", "disabled", Fact("enabled"), ""),
        (
            "vhost.a b",
            '{"name":"a b","default_queue_type":"quorum"}',
            Fact(),
            "rabbitmqctl add_vhost 'a b' --default-queue-type quorum",
        ),
        ("vhost.a b", "", Fact("{}"), ""),
        ("vhost_limit.a.b.max-queues", "7", Fact(), "rabbitmqctl set_vhost_limits -p a.b '{\"max-queues\": 7}'"),
        ("policy.a b.it's", "", Fact(POLICY), "rabbitmqctl clear_policy -p 'a b' 'it'\"'\"'s'"),
        (
            "operator_policy.a b.it's",
            POLICY,
            Fact(),
            "rabbitmqctl set_operator_policy -p 'a b' --priority 3 --apply-to queues "
            "'it'\"'\"'s' '^x' '{\"max-length\":5}'",
        ),
        ("frame_max", "131072", Fact("4096"), "frame_max = 131072"),
        ("frame_max", "1\nx = 2", Fact("4096"), ""),
        ("cluster_name", "x", Fact("y"), ""),
    ],
)
def test_the_text_that_aligns_is_a_command_to_copy(setting: str, wanted: str, fact: Fact, text: str) -> None:
    """Quoted, as names and patterns come from a server; a virtual host is never taken away."""
    assert remediate(setting, wanted, fact).split("  #")[0] == text


def test_a_connection_that_was_given_up_leaves_nothing_to_the_collector() -> None:
    """The library would close it there, in whichever loop there is by then, and complain where there is none."""
    target = Target("dev", "q", "rabbitmq", "amqp", "h", 1)

    async def made() -> connection.AMQPConnection:
        return connection.AMQPConnection(target, NetworkDialer(target, 1), "u", None, "/")

    loop = asyncio.new_event_loop()
    link = [loop.run_until_complete(made())]
    elsewhere = threading.Thread(target=link.clear)
    elsewhere.start()
    elsewhere.join()
    loop.close()

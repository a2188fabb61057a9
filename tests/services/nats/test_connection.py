"""Greetings, TLS, logins, refusals and departures."""

from __future__ import annotations

import json

import pytest

from parity_tui.demo.process import wait_until
from parity_tui.demo.servers import Servers
from parity_tui.services.nats import SERVICE
from parity_tui.services.nats.queries import CORE, Refused, parse_reply
from parity_tui.transport.dialer import NetworkDialer
from parity_tui.transport.http import Reply
from tests.authority import Authority
from tests.client_requests import forbidden
from tests.doctor.builders import diagnose_one
from tests.proxy import greets, listening, proxy
from tests.services.nats.builders import VERSIONS, Nats, failure, nats, of, reading, target

USERS = "authorization { users: [ { user: app, password: s3cr3t } ] }"


@pytest.fixture(scope="module", params=VERSIONS)
def guarded(request: pytest.FixtureRequest, servers: Servers) -> Nats:
    # It logs everything.
    return nats(servers, request.param, USERS, options=["-DV"])


async def test_greeting_needs_no_login(guarded: Nats) -> None:
    seen = await reading(of(guarded))
    assert seen.facts["auth_required"].raw == "yes"
    assert seen.notes == ("not logged in: no user is configured",)


async def test_login_is_checked_where_a_user_is_configured(guarded: Nats) -> None:
    seen = await reading(target(guarded.port, guarded.monitoring, "app", "s3cr3t"))
    assert seen.notes == ()
    refused = await failure(target(guarded.port, user="app", password="wrong"))
    assert (refused.reason, refused.message.partition("refuses ")[2]) == (
        "auth",
        "the login of app: Authorization Violation",
    )


async def test_token_is_the_user_of_the_url(servers: Servers) -> None:
    server = nats(servers, VERSIONS[0], 'authorization { token: "t0ken" }')
    assert (await reading(target(server.port, user="t0ken"))).notes[-1:] != ("not logged in: no user is configured",)
    refused = await failure(target(server.port, user="wr0ng"))
    assert refused.reason == "auth"
    assert "the login of the token" in refused.message


async def test_departure_leaves_no_error(servers: Servers) -> None:
    """Nor is the default log longer than before."""
    server = nats(servers)
    before = server.words()
    await reading(of(server))
    traced = nats(servers, VERSIONS[1], options=["-DV"])
    await reading(of(traced))
    assert wait_until(lambda: "Client Closed" in traced.words(), 20)
    assert "[ERR]" not in traced.words()
    assert server.words() == before


async def test_two_readings_of_one_server_are_equal(guarded: Nats) -> None:
    where = of(guarded)
    async with SERVICE.connect(where, NetworkDialer(where, 30)) as read:
        first = await read()
        assert [await read() for _ in range(3)] == [first] * 3


async def test_server_gets_allowed_requests(guarded: Nats) -> None:
    """One greeting for each reading, and one request on a kept connection."""
    async with proxy(guarded.host, guarded.port) as clients, proxy(guarded.host, guarded.monitoring_port) as http:
        where = target(clients.port, f"http://127.0.0.1:{http.port}", "app", "s3cr3t")
        async with SERVICE.connect(where, NetworkDialer(where, 30)) as read:
            for _ in range(3):
                await read()
    assert (clients.connections, http.connections) == (3, 1)
    assert forbidden("nats", clients.sent) == []
    assert forbidden("varz", http.sent) == []
    assert http.bursts == 3


async def test_tls_starts_where_the_server_requires_it(servers: Servers, authority: Authority) -> None:
    pem = authority.lent("valid", servers)
    server = nats(servers, VERSIONS[0], f'tls {{ cert_file: "{pem}", key_file: "{pem}" }}', USERS)
    for mode in ("", "prefer", "require", "verify-full"):
        where = target(server.port, "", "app", "s3cr3t", mode, authority.path("ca"))
        dialer = NetworkDialer(where, 30)
        async with SERVICE.connect(where, dialer) as read:
            seen = dialer.with_connection_facts(await read())
        assert seen.facts["tls.version"].raw == "TLSv1.3"
    _, steps = await diagnose_one(target(server.port, ca=authority.path("ca")), timeout=30)
    assert (steps["TLS"].state, steps["TLS"].words) == ("ok", "TLS, verified, as the server requires it")
    assert "[ERR]" not in server.words()
    unknown = await failure(target(server.port))
    assert (unknown.reason, "certificate" in unknown.message) == ("tls", True)


async def test_required_tls_is_not_given_up(guarded: Nats) -> None:
    refused = await failure(target(guarded.port, user="app", password="s3cr3t", tls="require"))
    assert (refused.reason, refused.message.partition(" ")[2]) == ("tls", "offers no TLS")
    refused = await failure(target(guarded.port, user="app", password="s3cr3t", tls="prefer"))
    assert (refused.reason, "clear text" in refused.message) == ("tls", True)


async def test_broken_monitoring_hides_its_settings(guarded: Nats, servers: Servers) -> None:
    other = nats(servers)
    for address, words in (
        ("http://127.0.0.1:1", "refused"),
        (other.monitoring, "that of a different server"),
        (f"{guarded.monitoring}/none", "/varz answers with 404"),
    ):
        seen = await reading(target(guarded.port, address))
        assert words in seen.hidden[-1][1]
        assert seen.facts["max_payload"].raw == "1048576"


def test_part_of_the_monitoring_is_no_whole_answer() -> None:
    """Also where both sides send it: what it lacks is not absent."""
    body = dict.fromkeys(CORE, 1)
    assert parse_reply(Reply(200, json.dumps(body).encode())) == body
    for name in CORE:
        part = json.dumps({key: value for key, value in body.items() if key != name}).encode()
        assert isinstance(parse_reply(Reply(200, part)), Refused)


@pytest.mark.parametrize(
    ("greeting", "reason", "words"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "wrong-service", "answers like HTTP, not NATS"),
        (b"-ERR 'maximum connections exceeded'\r\n", "server", "refuses: maximum connections exceeded"),
        (b"INFO {}\r\n", "protocol", "the greeting is malformed"),
        (b"INFO " + b"[" * 100_000 + b"\r\n", "wrong-service", "not NATS"),
        (b'INFO {"a":' + b"[" * 100_000 + b"\r\n", "protocol", "the greeting is malformed"),
        (b'INFO {"server_id":"a","version":"1","max_payload":1}', "closed", "closed the connection"),
        (b"", "closed", "without a greeting"),
        (b'INFO {"server_id":"a","version":"1","max_payload":1}\r\nPONG\r\n', "protocol", "more than it was asked for"),
        (b"INFO {" + b" " * 400_000, "protocol", "sends more than any NATS server greets with"),
    ],
)
async def test_strange_greeting_is_explained(greeting: bytes, reason: str, words: str) -> None:
    async with listening(greets(greeting)) as port:
        result = await failure(target(port))
    assert result.reason == reason
    assert words in result.message


async def test_ping_of_the_server_is_no_reply() -> None:
    """It comes at any time, also before the reply to ours."""
    info = b'INFO {"server_id":"a","version":"1","max_payload":1}\r\n'
    async with listening(greets(info + b"PING\r\n")) as port:
        assert (await reading(target(port))).version == "1"
    async with listening(greets(info, b"PING\r\n" + info + b"PONG\r\n")) as port:
        assert (await reading(target(port, user="token"))).notes[1:] == ()


async def test_bytes_before_tls_are_refused() -> None:
    """They would pass for bytes within it."""
    info = {"server_id": "a", "version": "1", "max_payload": 1, "tls_required": True}
    async with listening(greets(f"INFO {json.dumps(info)}\r\nPONG\r\n".encode())) as port:
        result = await failure(target(port, tls="require"))
    assert (result.reason, "more than it was asked for" in result.message) == ("protocol", True)

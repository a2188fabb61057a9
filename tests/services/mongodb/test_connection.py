"""The connection: what is sent, logins, rights, the guard, and peers that misbehave."""

from __future__ import annotations

import asyncio
import builtins
import socket
import ssl
import struct
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from parity_tui.config import target as configured
from parity_tui.model import State, Target, TlsMode, Verdict
from parity_tui.services import identify
from parity_tui.services.mongodb import SERVICE
from parity_tui.transport import lazy_import
from parity_tui.transport.dialer import NetworkDialer, describe
from tests import client_requests
from tests.authority import Authority
from tests.doctor.builders import diagnose_one
from tests.proxy import Script, floods, listening, proxy, says
from tests.services.mongodb.builders import failure, read, reading, rows, target
from tests.services.mongodb.stand_in import OP_MSG, StandIn, message, read_message, running

USER, PASSWORD = "parity", "sw0rd/%@fish"


async def test_reading_sends_allowed_commands_on_one_connection() -> None:
    """One round trip for each of two commands; the login and what cannot change come first, once."""
    async with running(user=USER, password=PASSWORD) as (server, port), proxy("127.0.0.1", port) as between:
        where = target(between.port, USER, PASSWORD)
        async with SERVICE.connect(where, NetworkDialer(where, 10)) as read_once:
            first = await read_once()
            trips = between.bursts
            assert await read_once() == await read_once() == first
    assert (server.connections, between.connections) == (1, 1)
    assert client_requests.forbidden("mongodb", between.sent) == []
    assert (trips, between.bursts - trips) == (
        client_requests.trips("mongodb")[0],
        2 * client_requests.trips("mongodb")[1],
    )
    assert server.asked.count("buildInfo 1") == server.asked.count("getCmdLineOpts 1") == 1


class Elsewhere(NetworkDialer):
    """Leads every connection to another port, as a tunnel does."""

    def __init__(self, target: Target, port: int) -> None:
        super().__init__(target, 10, identify=identify)
        self._port = port
        self.streams: list[tuple[str, int]] = []

    async def stream(self, host: str, port: int) -> socket.socket:
        self.streams.append((host, port))
        return await super().stream("127.0.0.1", self._port)


async def test_driver_opens_no_socket_beside_the_dialer() -> None:
    """So that routes, the guard and the deadline hold."""
    async with running(replica_set="rs0") as (server, port):
        where = target(27017, host="db.internal")
        dialer = Elsewhere(where, port)
        async with SERVICE.connect(where, dialer) as read_once:
            await read_once()
            await read_once()
        assert (dialer.streams, server.connections) == ([("db.internal", 27017)], 1)
        assert len(asyncio.all_tasks()) <= 4, "no monitor runs"


@pytest.mark.parametrize(
    ("user", "password", "words"),
    [
        (USER, None, "requires a password for parity, and none is configured"),
        (USER, "wrong/pass", "rejects the password of the user parity of the database admin"),
        ("nobody", PASSWORD, "rejects the password of the user nobody"),
        ("", None, "requires a login, and the URL has no user"),
    ],
)
async def test_missing_or_wrong_login_is_described(user: str, password: str | None, words: str) -> None:
    """Fault 21."""
    server = StandIn(user=USER, password=PASSWORD)
    if not user:
        server.replies = {"buildInfo": {"ok": 0.0, "code": 13, "errmsg": "Command buildInfo requires authentication"}}
    error = await failure(server, user, password)
    assert (error.reason, words in error.message) == ("auth", True)
    assert "wrong/pass" not in error.message


async def test_login_without_rights_hides_the_settings() -> None:
    async with running(user=USER, password=PASSWORD, rights=False) as (_, port):
        diagnosis, steps = await diagnose_one(target(port, USER, PASSWORD))
    assert (diagnosis.state, steps["rights"].state) == ("partly", "partly")
    assert {group.why for group in diagnosis.hidden} == {"needs the role clusterMonitor"}
    assert "clusterMonitor" in diagnosis.hidden[0].remedy
    compared = rows(await reading(), await reading(rights=False))
    assert {compared[name].cells[1].state for name in ("notablescan", "option.security.authorization")} == {
        State.HIDDEN
    }
    assert {row.verdict for row in compared.values()} <= {"same", "unknown", "ignored"}


async def test_refused_command_is_hidden_in_the_words_of_the_server() -> None:
    """As by hosted servers, which offer no options."""
    no = {"ok": 0.0, "code": 8000, "errmsg": "getCmdLineOpts is not allowed"}
    seen = await reading(replies={"getCmdLineOpts": no})
    assert seen.hidden == (("option.*", "the server refuses: getCmdLineOpts is not allowed"),)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"authMechanism": "MONGODB-AWS"}, "authMechanism must be one of SCRAM-SHA-1"),
        ({"authMechanism": "GSSAPI"}, "authMechanism must be one of SCRAM-SHA-1"),
    ],
)
async def test_mechanism_that_asks_others_is_refused(options: Mapping[str, str], words: str) -> None:
    error = await failure(StandIn(), USER, PASSWORD, options=options)
    assert (error.reason, words in error.message) == ("config", True)


async def test_plain_password_is_sent_over_tls_only() -> None:
    server = StandIn()
    error = await failure(server, USER, PASSWORD, options={"authMechanism": "PLAIN"})
    assert error.reason == "tls"
    assert server.asked == []


async def test_tls_is_verified(authority: Authority) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority.path("valid"))
    async with listening(StandIn(user=USER, password=PASSWORD).serve, context) as port:
        where = target(port, USER, PASSWORD, tls=TlsMode.VERIFY_FULL, ca=authority.path("ca"))
        assert (await read(where)).product == "MongoDB"
        with pytest.raises(ssl.SSLError):
            await read(target(port, tls=TlsMode.VERIFY_FULL))


async def test_unix_socket_is_read(tmp_path: Path) -> None:
    server = await asyncio.start_unix_server(StandIn().serve, tmp_path / "mongodb-27017.sock")
    async with server:
        where = configured("dev", "db", f"mongodb://localhost/?socket={tmp_path}/mongodb-27017.sock", Path("/"), {})
        assert (await read(where)).version == "7.0.14"


async def test_missing_driver_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def refuse(name: str, *arguments: Any, **options: Any) -> Any:
        if name.startswith("pymongo"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return real(name, *arguments, **options)

    for name in [
        name for name in sys.modules if name.startswith(("pymongo", SERVICE.connect.__module__ + ".connection"))
    ]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(builtins, "__import__", refuse)
    monkeypatch.setattr(lazy_import, "_imported", set())
    error = await failure(StandIn())
    assert (error.reason, "pip install 'parity-tui[mongodb]'" in error.message) == ("driver", True)


def header(size: int, code: int = OP_MSG) -> bytes:
    return struct.pack("<iiii", size, 1, 1, code)


def twice(document: Mapping[str, Any]) -> Script:
    """Return a script that answers the first request two times."""

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        _, request = await read_message(reader)
        writer.write(message(document, request) * 2)
        await reader.read()

    return script


@pytest.mark.parametrize(
    ("script", "reason", "words"),
    [
        (says(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "wrong-service", "like HTTP, not MongoDB"),
        (says(b"-ERR unknown command\r\n"), "wrong-service", "like Redis, not MongoDB"),
        (says(b"SSH-2.0-OpenSSH_9.2\r\n"), "wrong-service", "like SSH, not MongoDB"),
        (says(b"J\x00\x00\x00\n8.0.36\x00abcdefgh"), "wrong-service", "not MongoDB"),
        (says(), "closed", "perhaps it requires TLS"),
        (says(header(48_000_000)), "protocol", "a message of 48,000,000 bytes"),
        (says(header(3)), "protocol", "a message of 3 bytes"),
        (says(header(40, 2012)), "wrong-service", "not MongoDB"),
        (twice(StandIn().greeting()), "protocol", "a message without a request"),
        (floods(header(4_000_000) + b"x" * 65536), "protocol", ""),
    ],
)
async def test_other_peers_are_failures_in_words(script: Script, reason: str, words: str) -> None:
    """Faults 4, 8, 9."""
    error = await failure(script)
    assert (error.reason, words in error.message) == (reason, True), error.message


@pytest.mark.parametrize(
    ("command", "document", "words"),
    [
        ("buildInfo", {"ok": 1.0}, "without a version"),
        ("getParameter", {"ok": 1.0, "logLevel": 0}, "1 parameters, fewer than any"),
        ("buildInfo", {"ok": 0.0, "code": 1, "errmsg": "internal error"}, "says: internal error"),
        ("hello", {"ok": 0.0, "code": 11600, "errmsg": "interrupted at shutdown"}, "interrupted at shutdown"),
    ],
)
async def test_partial_or_failing_reply_is_a_failure(command: str, document: dict[str, Any], words: str) -> None:
    server = StandIn(replies={command: document})
    if command == "hello":
        server.replies = {"hello": document}
    assert words in (await failure(server)).message


async def test_login_cannot_demand_endless_work() -> None:
    """Pymongo would compute any number of iterations, during which nothing else runs."""
    error = await failure(StandIn(user=USER, password=PASSWORD, iterations=2_000_000_000), USER, PASSWORD)
    assert (error.reason, "too many iterations" in error.message) == ("protocol", True)


async def test_silent_server_ends_with_the_deadline() -> None:
    """Fault 3."""

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with listening(silent) as port:
        where = target(port)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5), SERVICE.connect(where, NetworkDialer(where, 0.5)) as read_once:
                await read_once()


async def test_server_that_leaves_later_has_closed_the_connection() -> None:
    async with running() as (_, port):
        where = target(port)
        async with proxy("127.0.0.1", port) as between:
            where = target(between.port)
            context = SERVICE.connect(where, NetworkDialer(where, 10))
            read_once = await context.__aenter__()
            await read_once()
        with pytest.raises(ConnectionResetError) as caught:
            await read_once()
        await context.__aexit__(None, None, None)
    assert describe(caught.value, where, 10).message == f"127.0.0.1:{where.port} closed the connection"


async def test_options_that_are_not_shown_are_hidden() -> None:
    """Compatible servers answer getCmdLineOpts without them."""
    part = await reading(StandIn(replies={"getCmdLineOpts": {"argv": ["x"], "ok": 1.0}}))
    assert dict(part.hidden)["option.*"] == "the server shows no options"
    whole = await reading()
    assert {name for name, row in rows(part, whole).items() if row.verdict is Verdict.DRIFT} == set()

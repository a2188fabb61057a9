"""HTTP: many GETs in one round trip on one connection, also from misbehaving servers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from parity_tui.model import ServiceError, Target, TlsMode
from parity_tui.secrets import Secret
from parity_tui.transport.dialer import NetworkDialer
from parity_tui.transport.guard import unread
from parity_tui.transport.http import Http, Reply
from tests.proxy import Proxy, Script, floods, listening, proxy, says

PASSWORD = "p/a%@s:s&=#w ö"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"


def new_dialer(tls: str = "off") -> NetworkDialer:
    """Return the dialer of a target with another address."""
    return NetworkDialer(Target("dev", "queue", "rabbitmq", "amqp", "127.0.0.1", 1, tls=TlsMode(tls)), 3)


def answering(make: Callable[[bytes], bytes], lasts: int = 1000) -> Script:
    """Return a server that replies with a body made from the request, and closes after ``lasts`` replies."""

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(lasts):
            head = await reader.readuntil(b"\r\n\r\n")
            body = make(head)
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        await writer.drain()
        writer.write_eof()
        await reader.read()

    return script


def first_line(head: bytes) -> bytes:
    """Return the first line of a request."""
    return head.split(b"\r\n")[0]


@asynccontextmanager
async def server(script: Script) -> AsyncIterator[tuple[Http, Proxy]]:
    """Yield a client of a made-up server, and the recorder between them."""
    async with listening(script) as port, proxy("127.0.0.1", port) as between:
        http = Http(new_dialer(), f"http://127.0.0.1:{between.port}/base/", "app", Secret(PASSWORD))
        try:
            async with asyncio.timeout(20):
                yield http, between
        finally:
            http.end()


async def failure(script: Script) -> ServiceError:
    """Return the error of two GETs from a made-up server."""
    async with server(script) as (http, _):
        with pytest.raises(ServiceError) as caught:
            await http.get("/a", "/b")
    return caught.value


async def test_many_paths_take_one_round_trip() -> None:
    async with server(answering(first_line)) as (http, between):
        for _ in range(2):
            assert [reply.body for reply in await http.get("/a", "/b?c=d", "/e")] == [
                b"GET /base/a HTTP/1.1",
                b"GET /base/b?c=d HTTP/1.1",
                b"GET /base/e HTTP/1.1",
            ]
    assert (between.connections, between.bursts) == (1, 2)


async def test_request_names_login_and_program() -> None:
    async with server(answering(lambda head: head)) as (http, between):
        head = (await http.get("/"))[0].body
    assert b"\r\nAuthorization: Basic YXBwOnAvYSVAczpzJj0jdyDDtg==\r\n" in head
    assert b"\r\nAccept: application/json\r\n" in head
    assert b"\r\nUser-Agent: parity-tui\r\n" in head
    assert f"\r\nHost: 127.0.0.1:{between.port}\r\n".encode() in head


async def test_login_in_the_url_takes_precedence() -> None:
    async with listening(answering(lambda head: head)) as port:
        http = Http(new_dialer(), f"http://me:a%2Fb@127.0.0.1:{port}", "app", Secret(PASSWORD))
        head = (await http.get("/"))[0].body
        http.end()
    assert b"\r\nAuthorization: Basic bWU6YS9i\r\n" in head


async def test_rest_is_requested_after_an_early_close() -> None:
    async with server(answering(first_line, lasts=2)) as (http, between):
        bodies = [reply.body for reply in await http.get("/1", "/2", "/3", "/4", "/5")]
    assert bodies == [b"GET /base/%d HTTP/1.1" % number for number in range(1, 6)]
    assert between.connections == 3


async def test_closed_kept_connection_is_replaced() -> None:
    async with server(answering(first_line, lasts=1)) as (http, between):
        for _ in range(3):
            assert len(await http.get("/a")) == 1
            await asyncio.sleep(0.05)
    assert between.connections == 3


async def test_reply_that_nobody_asked_for_fails() -> None:
    """The replies before it may belong to other requests."""
    error = await failure(says((OK + b"[]") * 3))
    assert (error.reason, "more than it was asked for" in error.message) == ("protocol", True)


async def test_farewell_of_an_idle_connection_answers_nothing() -> None:
    """Servers send 408 before they close a connection that is kept for long."""
    answered = asyncio.Event()

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(OK + b"[]")
        if not answered.is_set():  # the first connection
            await answered.wait()
            writer.write(b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.write_eof()
        await reader.read()

    async with server(script) as (http, between):
        assert [(reply.status, reply.body) for reply in await http.get("/a")] == [(200, b"[]")]
        answered.set()
        while http._streams and not unread(http._streams[0]):  # noqa: ASYNC110 - nothing announces received bytes
            await asyncio.sleep(0.01)
        assert [(reply.status, reply.body) for reply in await http.get("/b")] == [(200, b"[]")]
    assert between.connections == 2


async def test_body_may_be_chunked_or_end_with_connection() -> None:
    chunked = b"HTTP/1.1 302 Found\r\nLocation: /x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n[\r\n1\r\n]\r\n0\r\n\r\n"
    until_the_end = b"HTTP/1.0 404 Not Found\r\n\r\n{}"
    async with server(says(chunked + until_the_end)) as (http, _):
        first, second = await http.get("/a", "/b")
        assert (first.status, first.body, first.headers["location"]) == (302, b"[]", "/x")
        assert (second.status, second.body) == (404, b"{}")


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (says(), "closed"),
        (says(b""), "closed"),
        (says(b"HTTP/1.1 200 OK\r\nContent-Le"), "closed"),
        (says(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}"), "closed"),
        (says(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"), "wrong-service"),
        (says(b"AMQP\0\0\x09\x01"), "wrong-service"),
        (floods(b"x" * 65536), "wrong-service"),
        (floods(b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 9999), "wrong-service"),
        (floods(OK.replace(b": 2", b": 9999999999") + b"[" * 65536), "protocol"),
    ],
)
async def test_misbehaving_peer_is_described(script: Script, reason: str) -> None:
    """Faults 4, 8 and 9."""
    assert (await failure(script)).reason == reason


async def test_refused_connection_is_named_by_its_address() -> None:
    async with listening(says()) as port:
        pass
    with pytest.raises(ServiceError) as caught:
        await Http(new_dialer(), f"http://127.0.0.1:{port}").get("/")
    assert caught.value.reason == "refused"
    assert str(port) in caught.value.message


async def test_cancelled_call_leaves_no_half_read_reply() -> None:
    hold = asyncio.Event()

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = first_line(await reader.readuntil(b"\r\n\r\n"))
        if b"/slow" in line:
            await hold.wait()
        writer.write(OK.replace(b": 2", b": %d" % len(line)) + line)
        await reader.read()

    async with server(script) as (http, _):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await http.get("/slow")
        hold.set()
        assert (await http.get("/fast"))[0].body == b"GET /base/fast HTTP/1.1"


async def test_https_is_verified_by_default() -> None:
    assert Http(new_dialer(), "https://h:1")._target.tls == "verify-full"
    assert Http(new_dialer("require"), "https://h:1")._target.tls == "require"
    assert Http(new_dialer("verify-full"), "http://h:1")._target.tls == "off"


async def test_plain_text_instead_of_tls_is_described() -> None:
    """Fault 10."""
    async with listening(says(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as port:
        with pytest.raises(ServiceError) as caught:
            await Http(new_dialer(), f"https://127.0.0.1:{port}").get("/")
    assert caught.value.reason == "tls"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mq.prod:15672",
        "ftp://mq:1",
        "http://",
        "http://h:pass/word@x",
        "http://h:99999",
        "http://[::1",
        "http://h/ö",
    ],
)
def test_malformed_url_is_not_quoted(url: str) -> None:
    with pytest.raises(ServiceError) as caught:
        Http(new_dialer(), url)
    assert caught.value.reason == "config"
    assert "word" not in caught.value.message


@pytest.mark.parametrize("body", [b"", b"\xff", b"{", b"[" * 100_000, b"<html>"])
def test_malformed_json_is_described(body: bytes) -> None:
    with pytest.raises(ServiceError):
        Reply(200, body).json()

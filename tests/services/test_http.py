"""Web servers seen from outside: real ones, with and without TLS, and scripted peers."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from parity_tui.demo.nginx import Nginx
from parity_tui.demo.process import free_port
from parity_tui.demo.servers import Servers
from parity_tui.model import Reading, ReadOnce, ServiceError, Severity, State, Target, TlsMode, Verdict
from parity_tui.secrets import Secret
from parity_tui.services import redact_reading
from parity_tui.services.http import SERVICE
from parity_tui.services.http.connection import Handshake, Page
from parity_tui.services.http.parse import UNNAMED, parse
from parity_tui.transport.dialer import NetworkDialer, describe
from tests.proxy import Script, floods, listening, proxy, says
from tests.services import web


def at(port: int, path: str = "", scheme: str = "http", **more: object) -> Target:
    """Return the target of a port of this machine."""
    tls = "off" if scheme == "http" else "verify-full"
    target = Target("dev", "web", "http", scheme, "127.0.0.1", port, path, tls=TlsMode(tls))
    return replace(target, **more)


@asynccontextmanager
async def reader(target: Target) -> AsyncIterator[ReadOnce]:
    """Connect and yield a function that reads as the watcher does."""
    dialer = NetworkDialer(target, 10)
    async with asyncio.timeout(10), SERVICE.connect(target, dialer) as read:

        async def read_with_connection_facts() -> Reading:
            return dialer.with_connection_facts(await read())

        yield read_with_connection_facts


async def reading(target: Target) -> Reading:
    """Connect, read once and close."""
    async with reader(target) as read:
        return redact_reading(await read(), SERVICE)


async def test_missing_login_is_named_with_its_remedy(servers: Servers) -> None:
    page = 'if ($http_authorization = "Basic YW5uOmZpc2g=") { return 204; } return 401;'  # ann:fish
    server = servers.nginx("1.22", server=f"location /in {{ {page} }}")
    nobody = await reading(at(server.port, "in"))
    wanted = "the page requires a login: put a user into the URL, and set password_env"
    assert dict(nobody.hidden)["*"] == f"{wanted} (401)"
    wrong = await reading(at(server.port, "in", user="ann", password=lambda: Secret("wrong")))
    assert dict(wrong.hidden)["*"] == "the page rejects this user and password (401)"
    right = await reading(at(server.port, "in", user="ann", password=lambda: Secret("fish")))
    assert "login" not in dict(right.hidden).get("*", "")


async def failure(script: Script) -> tuple[str, str]:
    """Return reason and message of the failure to read from a scripted peer, with PORT for its port."""
    async with listening(script) as port:
        with pytest.raises((ServiceError, OSError, EOFError)) as caught:
            await reading(at(port))
        described = describe(caught.value, at(port), 10)
        return described.reason, described.message.replace(str(port), "PORT")


def drift(*readings: Reading) -> set[str]:
    """Return the names of the settings that drift."""
    return web.drift(*readings, kind="http")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """Return the paths of a self-signed certificate for 127.0.0.1 and of its key."""
    folder = tmp_path_factory.mktemp("tls")
    cert, key = str(folder / "cert.pem"), str(folder / "key.pem")
    words = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    words += ["-keyout", key, "-out", cert, "-days", "20", "-subj", "/CN=here"]
    subprocess.run([*words, "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
    return cert, key


@pytest.fixture(scope="module")
def with_tls(servers: Servers, certificate: tuple[str, str]) -> Nginx:
    """Return an nginx with a second port that has TLS, HTTP/2 and HSTS."""
    cert, key = (servers.file(f"web-{Path(name).name}", Path(name).read_text()) for name in certificate)
    secured = f"ssl_certificate {cert}; ssl_certificate_key {key}; ssl_protocols TLSv1.2 TLSv1.3;"
    secured += " add_header Strict-Transport-Security max-age=9;"
    return servers.nginx("1.22", sites=f"server {{ listen 127.0.0.1:{free_port()} ssl http2; {secured} }}")


def tls_port(server: Nginx) -> int:
    """Return the second port, with TLS."""
    return int(server.text["sites"].partition("127.0.0.1:")[2].split()[0])


async def test_server_header_names_the_product(servers: Servers) -> None:
    """With the defaults of nginx and Apache, and with the header shortened or left out."""
    shown = await reading(at(servers.nginx("1.22").port))
    apache = await reading(at(servers.apache().port))
    hidden = await reading(at(servers.nginx("1.22", http="server_tokens off;").port))
    assert (shown.product, shown.version) == ("nginx", "1.22.1")
    assert (apache.product, apache.version) == ("Apache httpd", servers.apache().version)
    assert (hidden.product, hidden.version) == ("nginx", "")
    assert dict(hidden.hidden) == {"version": "the server hides its version"}
    assert parse(Page(200, "1.1", {}), Handshake(), at(1)).product == UNNAMED


async def test_equal_servers_do_not_drift(servers: Servers) -> None:
    one, other = servers.nginx("1.22"), servers.nginx("1.22")
    assert drift(await reading(at(one.port)), await reading(at(other.port))) == set()


@pytest.mark.parametrize(
    ("text", "setting"),
    [
        ("gzip on;", "compression"),
        ("return 404;", "status"),
        ("add_header X-Frame-Options DENY;", "frame options"),
        ("add_header Strict-Transport-Security max-age=1;", "strict transport security"),
        ("add_header Alt-Svc 'h3=\":443\"';", "http/3"),
        ("keepalive_timeout 0;", "keeps connections"),
    ],
)
async def test_changed_directive_drifts(servers: Servers, text: str, setting: str) -> None:
    plain, changed = servers.nginx("1.22"), servers.nginx("1.22", server=text)
    drifting = drift(await reading(at(plain.port)), await reading(at(changed.port)))
    follows = {"gzip on;": {"vary", "etag", "accept ranges"}}
    assert setting in drifting
    assert drifting - {setting} <= follows.get(text, set())


async def test_redirect_is_shown_without_its_host(servers: Servers) -> None:
    """It is not followed; every environment has its own host."""
    server = servers.nginx("1.22", server="location = /a { return 302 http://127.0.0.1:1/b; }")
    seen = await reading(at(server.port, "a"))
    assert seen.facts["status"].raw == "302"
    assert seen.facts["redirect"].canonical == "http://…/b"


async def test_reading_costs_one_round_trip(servers: Servers) -> None:
    """Only GET of the configured page is sent."""
    server = servers.nginx("1.22")
    async with proxy("127.0.0.1", server.port) as between, reader(at(between.port, "index.html")) as read:
        for _ in range(3):
            await read()
        assert (between.connections, between.bursts) == (1, 3)
        assert between.sent.count(b"GET /index.html HTTP/1.1\r\n") == between.sent.count(b"HTTP/1.1\r\n") == 3


async def test_closed_connection_is_replaced(servers: Servers) -> None:
    """Apache closes it after five idle seconds, the default interval of refreshes."""
    server = servers.nginx("1.22", http="keepalive_requests 1;")
    async with reader(at(server.port)) as read:
        first = await read()
        assert await read() == first
    silent = servers.nginx("1.22", http="keepalive_timeout 1s;")
    async with reader(at(silent.port)) as read:
        first = await read()
        silent.kill()
        silent.start()
        assert await read() == first


async def test_tls_facts_are_read(with_tls: Nginx, certificate: tuple[str, str]) -> None:
    """The version in use, the other versions accepted, and how long the certificate is valid."""
    seen = await reading(at(tls_port(with_tls), scheme="https", ca=certificate[0]))
    assert {name: seen.facts[name].raw for name in ("tls.version", "tls.1.2", "http/2", "tls.certificate")} == {
        "tls.version": "TLSv1.3",
        "tls.1.2": "taken",
        "http/2": "offered",
        "tls.certificate": "expires in less than 30 days",
    }
    assert seen.facts["certificate.issuer"].raw == "here"
    assert seen.facts["strict transport security"].raw == "max-age=9"


async def test_refused_tls_1_2_is_seen(with_tls: Nginx, certificate: tuple[str, str]) -> None:
    port = tls_port(with_tls)
    with_tls.text["sites"] = with_tls.text["sites"].replace("TLSv1.2 TLSv1.3", "TLSv1.3")
    with_tls.kill()
    with_tls.start()
    seen = await reading(at(port, scheme="https", ca=certificate[0]))
    assert (seen.facts["tls.1.2"].raw, seen.facts["tls.version"].raw) == ("refused", "TLSv1.3")


async def test_missing_tls_explains_its_facts(with_tls: Nginx, certificate: tuple[str, str]) -> None:
    compared = web.rows(
        await reading(at(with_tls.port)),
        await reading(at(tls_port(with_tls), scheme="https", ca=certificate[0])),
        kind="http",
    )
    assert compared["tls.version"].severity is Severity.WARNING
    assert compared["tls.version"].verdict is Verdict.DRIFT
    assert {compared[name].explained_by for name in ("http/2", "tls.1.2", "certificate.issuer")} == {"tls.version"}
    assert (compared["tls.certificate"].verdict, compared["tls.certificate"].odd) == (Verdict.DRIFT, ("env1",))


async def test_issuer_is_unknown_without_verification(with_tls: Nginx) -> None:
    """With verification the same certificate is a failure."""
    loose = await reading(at(tls_port(with_tls), scheme="https", tls=TlsMode.REQUIRE))
    assert loose.facts["certificate.issuer"].state is State.UNKNOWN
    assert loose.facts["tls.certificate"].note.endswith("issued by here, not verified")
    target = at(tls_port(with_tls), scheme="https")
    with pytest.raises(OSError) as caught:  # noqa: PT011 - the description is checked below
        await reading(target)
    assert describe(caught.value, target, 1).reason == "tls"


async def test_password_is_sent_and_never_shown(servers: Servers) -> None:
    """As basic authentication."""
    server = servers.nginx("1.22")
    target = at(server.port, user="ann", password=lambda: Secret("p/a%@s"))
    async with proxy("127.0.0.1", server.port) as between:
        seen = await reading(replace(target, port=between.port))
        assert b"Authorization: Basic YW5uOnAvYSVAcw==" in between.sent
    assert "p/a%@s" not in repr(seen)


async def test_large_page_is_not_read_to_its_end() -> None:
    """Its headers suffice."""
    head = b"HTTP/1.1 200 OK\r\nServer: nginx/1.2\r\nContent-Length: 999999999999999\r\n\r\n"

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(head)
        await floods(b"x" * 65536)(reader, writer)

    async with listening(script) as port:
        assert (await reading(at(port))).version == "1.2"


@pytest.mark.parametrize(
    ("answer", "reason", "words"),
    [
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", "wrong-service", "127.0.0.1:PORT does not speak HTTP"),
        (b"-ERR unknown command\r\n\r\n", "wrong-service", "127.0.0.1:PORT does not speak HTTP"),
        (b"", "closed", "127.0.0.1:PORT closed the connection"),
        (b"HTT", "closed", "127.0.0.1:PORT closed the connection"),
    ],
)
async def test_other_protocol_is_described(answer: bytes, reason: str, words: str) -> None:
    assert await failure(says(answer)) == (reason, words)


async def test_error_closes_the_connection_at_once() -> None:
    closed = asyncio.Event()

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while await reader.read(65536):
                pass
        closed.set()

    async with listening(script) as port:
        with pytest.raises(RuntimeError):
            async with reader(at(port)):
                raise RuntimeError
        await asyncio.wait_for(closed.wait(), 5)


@given(st.dictionaries(st.sampled_from(["server", "location", "alt-svc", "connection"]), st.text(max_size=30)))
def test_any_header_gives_a_reading(headers: dict[str, str]) -> None:
    assert parse(Page(200, "1.1", headers), Handshake(), at(1)).product

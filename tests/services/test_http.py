"""Web servers asked from outside: real ones, with and without TLS, and peers that answer nonsense."""

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
    """Connect, and end it all in time."""
    dialer = NetworkDialer(target, 10)
    async with asyncio.timeout(10), SERVICE.connect(target, dialer) as read:

        async def told() -> Reading:
            """Read as the board does."""
            return dialer.with_connection_facts(await read())

        yield told


async def reading(target: Target) -> Reading:
    """Connect, read once and leave."""
    async with reader(target) as read:
        return redact_reading(await read(), SERVICE)


async def failure(script: Script) -> tuple[str, str]:
    """Return how reading from a made-up server fails: reason and message, as they are shown."""
    async with listening(script) as port:
        with pytest.raises((ServiceError, OSError, EOFError)) as caught:
            await reading(at(port))
        why = describe(caught.value, at(port), 10)
        return why.reason, why.message.replace(str(port), "PORT")


def drift(*readings: Reading) -> set[str]:
    """Return the names of the settings that drift."""
    return web.drift(*readings, kind="http")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """Make a certificate for this machine: the names of its file and of its key."""
    folder = tmp_path_factory.mktemp("tls")
    cert, key = str(folder / "cert.pem"), str(folder / "key.pem")
    words = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    words += ["-keyout", key, "-out", cert, "-days", "20", "-subj", "/CN=here"]
    subprocess.run([*words, "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
    return cert, key


@pytest.fixture(scope="module")
def with_tls(servers: Servers, certificate: tuple[str, str]) -> Nginx:
    """Start an nginx that has another port with TLS, HTTP/2 and HSTS."""
    cert, key = (servers.file(f"web-{Path(name).name}", Path(name).read_text()) for name in certificate)
    secured = f"ssl_certificate {cert}; ssl_certificate_key {key}; ssl_protocols TLSv1.2 TLSv1.3;"
    secured += " add_header Strict-Transport-Security max-age=9;"
    return servers.nginx("1.22", sites=f"server {{ listen 127.0.0.1:{free_port()} ssl http2; {secured} }}")


def tls_port(server: Nginx) -> int:
    """Return the port with TLS."""
    return int(server.text["sites"].partition("127.0.0.1:")[2].split()[0])


async def test_the_product_is_what_the_header_says(servers: Servers) -> None:
    """As nginx and Apache show themselves, and as they hide."""
    shown = await reading(at(servers.nginx("1.22").port))
    apache = await reading(at(servers.apache().port))
    hidden = await reading(at(servers.nginx("1.22", http="server_tokens off;").port))
    assert (shown.product, shown.version) == ("nginx", "1.22.1")
    assert (apache.product, apache.version) == ("Apache httpd", servers.apache().version)
    assert (hidden.product, hidden.version) == ("nginx", "")
    assert dict(hidden.hidden) == {"version": "the server does not show its version to everybody"}
    assert parse(Page(200, "1.1", {}), Handshake(), at(1)).product == UNNAMED


async def test_equal_servers_give_no_drift(servers: Servers) -> None:
    """Other ports, folders and names are no drift."""
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
async def test_what_is_planted_is_seen(servers: Servers, text: str, setting: str) -> None:
    """One directive, and the row that shows it."""
    plain, planted = servers.nginx("1.22"), servers.nginx("1.22", server=text)
    found = drift(await reading(at(plain.port)), await reading(at(planted.port)))
    assert setting in found
    assert found - {setting} <= {"content type"}


async def test_a_redirect_is_shown_and_not_followed(servers: Servers) -> None:
    """The host that it leads to is each environment's own."""
    server = servers.nginx("1.22", server="location = /a { return 302 http://127.0.0.1:1/b; }")
    found = await reading(at(server.port, "a"))
    assert found.facts["status"].raw == "302"
    assert found.facts["redirect"].canonical == "http://…/b"


async def test_one_connection_is_kept_and_a_reading_is_one_round_trip(servers: Servers) -> None:
    """Nothing but GET is ever sent, and nothing but the one page asked for."""
    server = servers.nginx("1.22")
    async with proxy("127.0.0.1", server.port) as between, reader(at(between.port, "index.html")) as read:
        for _ in range(3):
            await read()
        assert (between.connections, between.bursts) == (1, 3)
        assert between.sent.count(b"GET /index.html HTTP/1.1\r\n") == between.sent.count(b"HTTP/1.1\r\n") == 3


async def test_a_connection_that_the_server_has_ended_is_replaced(servers: Servers) -> None:
    """Apache ends it after five seconds, and a refresh comes every five."""
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


async def test_tls_tells_versions_and_the_certificate(with_tls: Nginx, certificate: tuple[str, str]) -> None:
    """What is agreed on, what is taken too, and how long the certificate lasts, in words."""
    found = await reading(at(tls_port(with_tls), scheme="https", ca=certificate[0]))
    told = {name: found.facts[name].raw for name in ("tls.version", "tls.1.2", "http/2", "tls.certificate")}
    assert told == {
        "tls.version": "TLSv1.3",
        "tls.1.2": "taken",
        "http/2": "offered",
        "tls.certificate": "expires in less than 30 days",
    }
    assert found.facts["certificate.issuer"].raw == "here"
    assert found.facts["strict transport security"].raw == "max-age=9"


async def test_that_old_tls_is_refused_is_seen(with_tls: Nginx, certificate: tuple[str, str]) -> None:
    """A server that takes nothing before TLS 1.3."""
    port = tls_port(with_tls)
    with_tls.text["sites"] = with_tls.text["sites"].replace("TLSv1.2 TLSv1.3", "TLSv1.3")
    with_tls.kill()
    with_tls.start()
    found = await reading(at(port, scheme="https", ca=certificate[0]))
    assert (found.facts["tls.1.2"].raw, found.facts["tls.version"].raw) == ("refused", "TLSv1.3")


async def test_a_server_without_tls_beside_one_with_it_is_one_row(
    with_tls: Nginx, certificate: tuple[str, str]
) -> None:
    """What only TLS brings is explained by it."""
    found = web.rows(
        await reading(at(with_tls.port)),
        await reading(at(tls_port(with_tls), scheme="https", ca=certificate[0])),
        kind="http",
    )
    assert found["tls.version"].severity is Severity.WARNING
    assert found["tls.version"].verdict is Verdict.DRIFT
    assert {found[name].explained_by for name in ("http/2", "tls.1.2", "certificate.issuer")} == {"tls.version"}
    assert (found["tls.certificate"].verdict, found["tls.certificate"].odd) == (Verdict.DRIFT, ("env1",))


async def test_a_certificate_that_is_not_verified_is_not_known(with_tls: Nginx) -> None:
    """Nor is it accepted where it has to be verified."""
    loose = await reading(at(tls_port(with_tls), scheme="https", tls=TlsMode.REQUIRE))
    assert loose.facts["certificate.issuer"].state is State.UNKNOWN
    assert loose.facts["tls.certificate"].note.endswith("issued by here, not verified")
    target = at(tls_port(with_tls), scheme="https")
    with pytest.raises(OSError) as caught:  # noqa: PT011 - explained below
        await reading(target)
    assert describe(caught.value, target, 1).reason == "tls"


async def test_the_password_is_sent_and_nowhere_shown(servers: Servers) -> None:
    """As basic authentication, to where it belongs."""
    server = servers.nginx("1.22")
    target = at(server.port, user="ann", password=lambda: Secret("p/a%@s"))
    async with proxy("127.0.0.1", server.port) as between:
        found = await reading(replace(target, port=between.port))
        assert b"Authorization: Basic YW5uOnAvYSVAcw==" in between.sent
    assert "p/a%@s" not in repr(found)


async def test_a_large_page_is_not_read_to_its_end() -> None:
    """What its headers say is enough."""
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
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", "wrong-service", "127.0.0.1:PORT does not answer like HTTP"),
        (b"-ERR unknown command\r\n\r\n", "wrong-service", "127.0.0.1:PORT does not answer like HTTP"),
        (b"", "closed", "127.0.0.1:PORT closed the connection"),
        (b"HTT", "closed", "127.0.0.1:PORT closed the connection"),
    ],
)
async def test_what_is_no_web_server_is_said(answer: bytes, reason: str, words: str) -> None:
    """In words, with its address."""
    assert await failure(says(answer)) == (reason, words)


async def test_leaving_ends_the_connection_at_once(servers: Servers) -> None:
    """By an error too."""
    gone = asyncio.Event()

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while await reader.read(65536):
                pass
        gone.set()

    async with listening(script) as port:
        with pytest.raises(RuntimeError):
            async with reader(at(port)):
                raise RuntimeError
        await asyncio.wait_for(gone.wait(), 5)


@given(st.dictionaries(st.sampled_from(["server", "location", "alt-svc", "connection"]), st.text(max_size=30)))
def test_no_header_can_break_the_parser(headers: dict[str, str]) -> None:
    """It gives a reading."""
    assert parse(Page(200, "1.1", headers), Handshake(), at(1)).product

"""Banners, STARTTLS, logins, refusals and departures."""

from __future__ import annotations

import re

import pytest

from parity_tui.demo.process import wait_until
from parity_tui.demo.servers import Servers
from parity_tui.services.smtp import READINGS, SERVICE
from parity_tui.transport.dialer import NetworkDialer
from tests.authority import Authority
from tests.client_requests import forbidden
from tests.proxy import greets, listening, proxy
from tests.services.smtp.builders import failure, reading, target
from tests.services.smtp.servers import PASSWORD, Exim, exim, postfix

BANNER, OFFER = b"220 mx ESMTP\r\n", b"250-mx\r\n250-SIZE 1000\r\n250 STARTTLS\r\n"


@pytest.fixture(scope="module")
def secured(servers: Servers, authority: Authority) -> Exim:
    return exim(servers, {"tls_on_connect_ports": ""}, authority.text("valid"))


async def test_certificate_is_verified_where_it_must_be(secured: Exim, authority: Authority) -> None:
    seen = await reading(target(secured.port, tls="verify-full", ca=authority.path("ca")))
    assert (seen.facts["tls.certificate"].raw, seen.notes) == ("valid", ())
    refused = await failure(target(secured.port, tls="verify-full"))
    assert (refused.reason, "certificate" in refused.message) == ("tls", True)
    assert (await reading(target(secured.port))).notes == ("TLS, not verified",)
    assert (await reading(target(secured.port, tls="off"))).notes == ("no TLS",)


@pytest.mark.parametrize("user", ["app", "stranger"])
async def test_login_is_checked_where_a_user_is_configured(secured: Exim, authority: Authority, user: str) -> None:
    where = target(secured.port, user, PASSWORD, "verify-full", authority.path("ca"))
    if user == "app":
        assert (await reading(where)).product == "Exim"
    else:
        result = await failure(where)
        assert (result.reason, "refuses the login of stranger" in result.message) == ("auth", True)


async def test_password_never_leaves_in_clear_text(servers: Servers) -> None:
    plain = exim(servers)
    result = await failure(target(plain.port, "app", PASSWORD))
    assert (result.reason, "clear text" in result.message) == ("tls", True)
    assert (await reading(target(plain.port, "app", PASSWORD, "off"))).product == "Exim"


async def test_departure_is_that_of_every_client(servers: Servers, authority: Authority) -> None:
    """QUIT is the last command, and no connection is lost."""
    server = postfix(servers, None, authority.text("valid"))
    assert wait_until(lambda: "disconnect" in server.words(), 20)  # of the test that it is up
    before = len(server.words())
    where = target(server.port)
    async with SERVICE.connect(where, NetworkDialer(where, 30)) as read:
        first = await read()
        assert [await read() for _ in range(READINGS)] == [first] * READINGS
    assert wait_until(lambda: server.words()[before:].count("disconnect from") == 2, 20)
    lines = [line for line in server.words()[before:].splitlines() if "disconnect" in line]
    counted = [re.search(r"ehlo=(\d+) starttls=1 quit=1 commands", line) for line in lines]
    assert [match and match[1] for match in counted] == [str(READINGS + 1), "2"]
    assert not re.search("lost connection|warning|error|timeout", server.words()[before:])


async def test_exim_drops_no_connection(secured: Exim) -> None:
    """It ends those with more than ten commands that concern no mail."""
    where = target(secured.port)
    async with SERVICE.connect(where, NetworkDialer(where, 30)) as read:
        for _ in range(2 * READINGS + 1):
            await read()
    assert "dropped" not in secured.words()
    assert "unexpected disconnection" not in secured.words()


async def test_server_gets_allowed_requests(secured: Exim) -> None:
    async with proxy(secured.host, secured.port) as between:
        where = target(between.port, "app", PASSWORD, "off")
        async with SERVICE.connect(where, NetworkDialer(where, 30)) as read:
            for _ in range(3):
                await read()
            before = between.bursts
            await read()
            assert between.bursts == before + 1
    assert forbidden("smtp", between.sent) == []
    assert between.connections == 1


@pytest.mark.parametrize(
    ("answers", "tls", "reason", "words"),
    [
        ((b"554 5.7.1 Go away, SMTP\r\n",), "off", "server", "refuses: 554 5.7.1 Go away, SMTP"),
        ((b"421 mx too busy\r\n",), "off", "closed", "closes the connection: mx too busy"),
        ((b"+OK POP3\r\n",), "off", "wrong-service", "not SMTP"),
        ((b"220 (vsFTPd 3.0.3)\r\n",), "off", "wrong-service", "like FTP"),
        ((BANNER, b"502 no\r\n"), "off", "server", "refuses EHLO: 502 no"),
        ((BANNER, b"250-a\r\n251 b\r\n"), "off", "protocol", "no reply of SMTP"),
        ((BANNER, b"250-a\r\n" * 200), "off", "protocol", "no reply of SMTP"),
        ((BANNER, b"250-a\r\n250 b\r\n250 c\r\n"), "off", "protocol", "more than it was asked for"),
        ((BANNER, b"250-a\r\x8a250 b\r\n"), "off", "protocol", "no reply of SMTP"),
        ((BANNER, b"250-a\r\n250 b"), "off", "closed", "closed the connection"),
        ((BANNER, OFFER, b"454 no certificate\r\n"), "prefer", "tls", "offers STARTTLS and refuses it: 454 no cert"),
        ((BANNER, OFFER, b"220 go\r\n250 injected\r\n"), "prefer", "protocol", "more than it was asked for"),
        ((BANNER, b"250 mx\r\n"), "require", "tls", "offers no TLS (STARTTLS)"),
    ],
)
async def test_strange_server_is_explained(answers: tuple[bytes, ...], tls: str, reason: str, words: str) -> None:
    async with listening(greets(*answers)) as port:
        result = await failure(target(port, tls=tls))
    assert result.reason == reason
    assert words in result.message


async def test_missing_login_is_explained() -> None:
    async with listening(greets(BANNER, b"250 mx\r\n")) as port:
        result = await failure(target(port, "app", "x", "off"))
    assert (result.reason, "offers no login" in result.message) == ("auth", True)
    async with listening(greets(BANNER, b"250-mx\r\n250 AUTH XOAUTH2\r\n")) as port:
        seen = await reading(target(port, "app", "x", "off"))
    assert seen.notes == ("no TLS", "not logged in: the server offers XOAUTH2 only")

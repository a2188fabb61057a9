"""TLS of every kind that has it, on real servers: its facts, and the messages of its failures."""

from __future__ import annotations

import re
import ssl
from collections.abc import Callable, Mapping

import pytest
from msgspec.structs import replace

from parity_tui.demo.memcached import Memcached
from parity_tui.demo.rabbitmq import RabbitMQ
from parity_tui.demo.redis import Redis
from parity_tui.demo.server import Server
from parity_tui.demo.servers import Servers
from parity_tui.drift.policy import Policy
from parity_tui.model import Failure, Reason, Target, TlsMode
from parity_tui.report import text
from parity_tui.services import kinds, remediation
from parity_tui.watcher import Watcher
from tests.authority import Authority
from tests.builders import target
from tests.conftest import Shared
from tests.faults.observed_target import FaultyService
from tests.faults.tls_servers import SCHEMES, STRICT_USER, TlsServers, read_failure, read_once
from tests.proxy import listening, proxy

KINDS = ("postgres", "mysql", "redis", "rabbitmq", "memcached", "http")
TLS_FIRST = ("redis", "rabbitmq", "memcached", "http")
"""kinds whose connections begin with TLS; the other kinds ask for it first"""


@pytest.fixture(scope="module")
def tls_servers(servers: Servers, authority: Authority) -> TlsServers:
    return TlsServers(servers, authority)


@pytest.fixture(scope="module")
def plain(
    redis_servers: Shared[Redis],
    rabbitmq_servers: Shared[RabbitMQ],
    memcached_servers: Shared[Memcached],
    servers: Servers,
) -> Callable[[str], Target]:
    """Return the target of a server without TLS, by kind."""

    def find(kind: str) -> Target:
        shared: Mapping[str, Mapping[str, Server]] = {
            "redis": redis_servers,
            "rabbitmq": rabbitmq_servers,
            "memcached": memcached_servers,
        }
        port = servers.nginx("1.22").port if kind == "http" else next(iter(shared[kind].values())).port
        return target(kind=kind, scheme=kind, port=port)

    return find


@pytest.mark.parametrize("kind", KINDS)
async def test_every_kind_has_version_and_certificate(kind: str, tls_servers: TlsServers, authority: Authority) -> None:
    facts = (await read_once(tls_servers(kind))).facts
    assert facts["tls.version"].raw == "TLSv1.3"
    assert facts["tls.version"].note.startswith("TLS_")
    assert facts["tls.certificate"].raw == "valid"
    assert facts["tls.certificate"].note == f"until {authority.end('valid')}, issued by Good CA"


@pytest.mark.parametrize("kind", TLS_FIRST)
async def test_missing_tls_is_a_value(kind: str, plain: Callable[[str], Target]) -> None:
    """TLS in another environment differs from it."""
    assert (await read_once(plain(kind))).facts["tls.version"].raw == "none"


@pytest.mark.parametrize("kind", KINDS)
async def test_certificate_for_another_name_is_rejected(kind: str, tls_servers: TlsServers) -> None:
    """Fault 11: The certificate is for 127.0.0.1 and not for localhost."""
    failure = await read_failure(replace(tls_servers(kind), host="localhost"))
    assert failure.reason == "tls"
    assert failure.message.endswith("not accepted: Hostname mismatch, certificate is not valid for 'localhost'.")


@pytest.mark.parametrize("kind", KINDS)
async def test_unknown_authority_is_rejected(kind: str, tls_servers: TlsServers) -> None:
    """Fault 11: The message names the option that makes it known."""
    failure = await read_failure(replace(tls_servers(kind), ca=""))
    assert failure.reason == "tls"
    assert failure.message.endswith(" (set ca to the file of its authority)")


@pytest.mark.parametrize("kind", ["postgres", "mysql", "redis", "memcached"])
async def test_expired_certificate_is_rejected_with_its_date(
    kind: str, tls_servers: TlsServers, authority: Authority
) -> None:
    """Fault 11: The server gets nothing but TLS: no user, no password."""
    there = tls_servers(kind, "expired")
    async with proxy("127.0.0.1", there.port) as between:
        failure = await read_failure(replace(there, port=between.port, user="nobody-knows"))
    assert failure.reason == "tls"
    assert failure.message == (
        f"the certificate of 127.0.0.1:{between.port} is not accepted: it expired on {authority.end('expired')}"
    )
    assert b"nobody-knows" not in between.sent
    assert between.connections == 1


@pytest.mark.parametrize("kind", ["rabbitmq", "http"])
async def test_expired_certificate_of_a_proxy_is_rejected(
    kind: str, plain: Callable[[str], Target], authority: Authority
) -> None:
    """Fault 11: A proxy ends TLS in front of the server."""
    there = plain(kind)
    async with proxy("127.0.0.1", there.port, server_context(authority, "expired")) as between:
        secure = replace(
            there, scheme=SCHEMES[kind], tls=TlsMode.VERIFY_FULL, ca=authority.path("ca"), port=between.port
        )
        failure = await read_failure(secure)
    assert (failure.reason, failure.message.endswith(f"it expired on {authority.end('expired')}")) == ("tls", True)
    assert between.sent == b""


def server_context(authority: Authority, name: str) -> ssl.SSLContext:
    """Return the TLS settings of a server with a certificate."""
    settings = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    settings.load_cert_chain(authority.path(name))
    return settings


@pytest.mark.parametrize("kind", KINDS)
async def test_missing_client_certificate_is_a_failure_in_words(
    kind: str, tls_servers: TlsServers, authority: Authority
) -> None:
    """Fault 11: With a certificate the target is read. MariaDB's message has the user only."""
    there = tls_servers(kind, strict=True)
    failure = await read_failure(there)
    if kind == "mysql":
        assert (failure.reason, STRICT_USER in failure.message) == ("auth", True)
    else:
        assert failure.reason in (("auth",) if kind == "postgres" else ("tls", "closed")), failure
        assert "certificate" in failure.message
        assert "client" in failure.message
    pem = authority.path("client")
    assert (await read_once(replace(there, cert=pem, key=pem))).product


@pytest.mark.parametrize("kind", TLS_FIRST)
async def test_tls_to_plain_port_is_a_failure(kind: str, plain: Callable[[str], Target], authority: Authority) -> None:
    """Fault 10: Never plain text instead, whatever the server does with a handshake."""
    there = plain(kind)
    async with proxy("127.0.0.1", there.port) as between:
        failure = await read_failure(
            replace(there, tls=TlsMode.VERIFY_FULL, ca=authority.path("ca"), port=between.port), 2
        )
    assert failure.reason == "tls"
    assert re.search(r"does not speak TLS on this port$|: perhaps it has no TLS$", failure.message), failure.message
    assert between.sent.startswith(b"\x16\x03")
    assert between.connections == 1


@pytest.mark.parametrize("kind", TLS_FIRST)
async def test_unanswered_handshake_has_a_shorter_deadline(kind: str, authority: Authority) -> None:
    """Fault 10: So that the message can mention TLS."""
    async with listening(FaultyService().script("silent")) as port:
        there = target(kind=kind, scheme=kind, port=port, tls=TlsMode.VERIFY_FULL, ca=authority.path("ca"))
        failure = await read_failure(there, 0.5)
    words = f"127.0.0.1:{port} accepts the connection and does not answer the TLS handshake: perhaps it has no TLS"
    assert failure == Failure(Reason.TLS, words)


@pytest.mark.parametrize("kind", TLS_FIRST)
async def test_plain_text_to_tls_port_is_a_failure(kind: str, tls_servers: TlsServers) -> None:
    """Fault 10: Recognized by the answer, or by an immediate end of the connection."""
    failure = await read_failure(replace(tls_servers(kind), tls=TlsMode.OFF, scheme=kind, ca="", cert="", key=""))
    assert "TLS" in failure.message


@pytest.mark.parametrize("mode", ["require", "verify-full"])
async def test_certificate_expiring_soon_is_a_fact(mode: str, tls_servers: TlsServers, authority: Authority) -> None:
    """Verified or not."""
    there = tls_servers("redis", "soon")
    found = await read_once(there if mode == "verify-full" else replace(there, tls=mode, ca=""))
    fact = found.facts["tls.certificate"]
    assert fact.raw == "expires in less than 30 days"
    assert fact.note.startswith(f"until {authority.end('soon')}, issued by Good CA")
    assert fact.note.endswith("not verified") == (mode == "require")


async def test_unverified_certificate_is_a_fact(tls_servers: TlsServers) -> None:
    """An expired one as well."""
    loose = await read_once(replace(tls_servers("redis"), tls=TlsMode.REQUIRE, ca=""))
    assert loose.facts["tls.certificate"].raw == "not verified"
    ended = await read_once(replace(tls_servers("redis", "expired"), tls=TlsMode.REQUIRE, ca=""))
    assert ended.facts["tls.certificate"].raw == "expired"


async def test_broker_api_has_its_own_tls_facts(
    plain: Callable[[str], Target], rabbitmq_servers: Shared[RabbitMQ], authority: Authority
) -> None:
    """AMQP without TLS beside an API with TLS."""
    there, broker = plain("rabbitmq"), rabbitmq_servers["3.10"]
    async with proxy("127.0.0.1", broker.management_port, server_context(authority, "soon")) as between:
        options = {"management": f"https://127.0.0.1:{between.port}"}
        found = await read_once(replace(there, options=options, ca=authority.path("ca")))
    assert found.facts["tls.version"].raw == "none"
    assert found.facts["management.tls.version"].raw == "TLSv1.3"
    assert found.facts["management.tls.certificate"].raw == "expires in less than 30 days"


async def test_report_of_one_environment_has_expiring_certificate(tls_servers: TlsServers) -> None:
    """Without another environment to compare with, and without a remediation."""
    there = tls_servers("redis", "soon")
    watch = Watcher([there.environment], [there], kinds(), Policy(), timeout=20, once=True)
    async for _ in watch.boards():
        pass
    (row,) = [row for row in watch.board.sections[0].rows if row.listed]
    assert (row.setting, row.odd) == ("tls.certificate", ("dev",))
    assert remediation(row, ["dev"], 0) == ""
    assert "expires in less than 30 days" in text.to_text(watch.board, text.Style())

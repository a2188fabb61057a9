"""TLS of every kind that has it, on real servers: what it tells, and in which words it fails."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Mapping

import pytest
from msgspec.structs import replace

from parity_tui.demo.memcached import Memcached
from parity_tui.demo.process import free_port
from parity_tui.demo.rabbitmq import RabbitMQ
from parity_tui.demo.redis import Redis
from parity_tui.demo.server import Server
from parity_tui.demo.servers import Servers
from parity_tui.drift.compare import compare
from parity_tui.drift.policy import Expectation, Policy
from parity_tui.drift.row import Row
from parity_tui.drift.rules import RuleTable
from parity_tui.model import Failure, Outcome, Reading, Reason, Service, Severity, Target, TlsMode, Verdict
from parity_tui.report import text
from parity_tui.secrets import Secret
from parity_tui.services import kinds, redact_reading, remediation
from parity_tui.transport.dialer import NetworkDialer, describe
from parity_tui.transport.tls import Tls
from parity_tui.watcher import Watcher
from tests.authority import Authority
from tests.conftest import Shared
from tests.faults.observed_target import FaultyService
from tests.proxy import listening, proxy

KINDS = ("postgres", "mysql", "redis", "rabbitmq", "memcached", "http")
TLS_FIRST = ("redis", "rabbitmq", "memcached", "http")
"""kinds whose connections begin with TLS, where the others ask for it first"""
SCHEMES = {"http": "https", "redis": "rediss", "rabbitmq": "amqps"}
STRICT = "strict"
"""the user who must show a certificate, where a server has such users"""


async def reading(target: Target, seconds: float = 20) -> Reading:
    """Connect, read once as the board does, and leave."""
    service, dialer = kinds()[target.kind], NetworkDialer(target, seconds)
    async with asyncio.timeout(seconds), service.connect(target, dialer) as read:
        return redact_reading(dialer.with_connection_facts(await read()), service)


async def failure(target: Target, seconds: float = 20) -> Failure:
    """Return why a target cannot be read, as it is shown."""
    try:
        await reading(target, seconds)
    except Exception as error:
        return describe(error, target, seconds)
    raise AssertionError("it could be read")


class Secured:
    """Real servers that speak TLS, by kind and certificate, each started when it is first asked for."""

    def __init__(self, servers: Servers, authority: Authority) -> None:
        self._servers = servers
        self._authority = authority
        self._up: dict[tuple[str, str, bool], Target] = {}

    def __call__(self, kind: str, certificate: str = "valid", *, strict: bool = False) -> Target:
        """Return the target of a server, verified; a strict one wants a certificate of its clients."""
        about = (kind, certificate, strict and kind in ("redis", "memcached", "http"))
        if about not in self._up:
            port = getattr(self, f"_{kind}")(self._authority.lent(certificate, self._servers), about[2])
            self._up[about] = Target(
                "dev", "it", kind, SCHEMES.get(kind, kind), "127.0.0.1", port,
                password=(lambda: Secret("guest")) if kind == "rabbitmq" else None,
                tls=TlsMode.VERIFY_FULL, ca=self._authority.path("ca"),
            )  # fmt: skip
        target = self._up[about]
        user = {"postgres": "postgres", "mysql": "root", "rabbitmq": "guest"}.get(kind, "")
        if strict:
            return replace(target, user=STRICT if kind in ("postgres", "mysql") else user)
        both = self._authority.path("client") if kind == "rabbitmq" else ""  # one node is dear: it is always strict
        return replace(target, user=user, cert=both, key=both)

    @property
    def _ca(self) -> str:
        return self._authority.lent("ca", self._servers)

    def _postgres(self, file: str, strict: bool) -> int:
        settings = {"ssl": "on", "ssl_cert_file": file, "ssl_key_file": file, "ssl_ca_file": self._ca}
        server = self._servers.postgres("15", settings=settings, sql=[f"CREATE ROLE {STRICT} LOGIN"])
        lines = f"hostssl all {STRICT} 127.0.0.1/32 trust clientcert=verify-ca\nhostssl all all 127.0.0.1/32 trust\n"
        server.home.write(server.folder / "data" / "pg_hba.conf", lines)
        server.restart()
        return server.port

    def _mysql(self, file: str, strict: bool) -> int:
        users = [f"CREATE USER {STRICT}@'%' IDENTIFIED BY '' REQUIRE X509"]
        settings = {"ssl_cert": file, "ssl_key": file, "ssl_ca": self._ca}
        return self._servers.mariadb("10.11", settings=settings, sql=users).port

    def _redis(self, file: str, strict: bool) -> int:
        server = self._servers.redis("7.0")
        files = {"tls-cert-file": file, "tls-key-file": file, "tls-ca-cert-file": self._ca}
        server.restart(
            {"port": "0", "tls-port": str(server.port), "tls-auth-clients": "yes" if strict else "no"} | files
        )
        return server.port

    def _memcached(self, file: str, strict: bool) -> int:
        words = f"ssl_chain_cert={file},ssl_key={file},ssl_ca_cert={self._ca},ssl_verify_mode={2 if strict else 0}"
        return self._servers.memcached("1.6.18", options=["-Z", "-o", words]).port

    def _http(self, file: str, strict: bool) -> int:
        port, client = free_port(), f"ssl_verify_client on; ssl_client_certificate {self._ca};" if strict else ""
        secured = f"ssl_protocols TLSv1.2 TLSv1.3; ssl_certificate {file}; ssl_certificate_key {file}; {client}"
        self._servers.nginx("1.22", sites=f"server {{ listen 127.0.0.1:{port} ssl; {secured} }}")
        return port

    def _rabbitmq(self, file: str, strict: bool) -> int:
        files = {"cacertfile": self._ca, "certfile": file, "keyfile": file}
        asking = {"verify": "verify_peer", "fail_if_no_peer_cert": "true"}
        port = free_port()
        settings = {"listeners.ssl.1": f"127.0.0.1:{port}"}
        settings |= {f"ssl_options.{name}": value for name, value in (files | asking).items()}
        self._servers.rabbitmq("3.10", settings=settings)
        return port


@pytest.fixture(scope="module")
def secured(servers: Servers, authority: Authority) -> Secured:
    """Give servers that speak TLS."""
    return Secured(servers, authority)


@pytest.fixture(scope="module")
def plain(
    redis_servers: Shared[Redis],
    rabbitmq_servers: Shared[RabbitMQ],
    memcached_servers: Shared[Memcached],
    servers: Servers,
) -> Callable[[str], Target]:
    """Give servers that speak no TLS."""

    def find(kind: str) -> Target:
        shared: Mapping[str, Mapping[str, Server]] = {
            "redis": redis_servers,
            "rabbitmq": rabbitmq_servers,
            "memcached": memcached_servers,
        }
        port = servers.nginx("1.22").port if kind == "http" else next(iter(shared[kind].values())).port
        return Target("dev", "it", kind, kind, "127.0.0.1", port)

    return find


@pytest.mark.parametrize("kind", KINDS)
async def test_every_kind_tells_version_and_certificate(kind: str, secured: Secured, authority: Authority) -> None:
    """The same facts for each, in words that stay the same until something happens."""
    facts = (await reading(secured(kind))).facts
    assert facts["tls.version"].raw == "TLSv1.3"
    assert facts["tls.version"].note.startswith("TLS_")
    assert facts["tls.certificate"].raw == "valid"
    assert facts["tls.certificate"].note == f"until {authority.end('valid')}, issued by Good CA"


@pytest.mark.parametrize("kind", TLS_FIRST)
async def test_a_kind_without_tls_tells_that(kind: str, plain: Callable[[str], Target]) -> None:
    """As a value, so that TLS elsewhere differs from it."""
    assert (await reading(plain(kind))).facts["tls.version"].raw == "none"


@pytest.mark.parametrize("kind", KINDS)
async def test_a_server_by_another_name_is_not_accepted(kind: str, secured: Secured) -> None:
    """Fault 11: The certificate is for 127.0.0.1 and not for this name of it."""
    said = await failure(replace(secured(kind), host="localhost"))
    assert said.reason == "tls"
    assert said.message.endswith("not accepted: Hostname mismatch, certificate is not valid for 'localhost'.")


@pytest.mark.parametrize("kind", KINDS)
async def test_an_unknown_authority_is_not_accepted(kind: str, secured: Secured) -> None:
    """Fault 11: With a word on how it would be known; the system does not know it either."""
    said = await failure(replace(secured(kind), ca=""))
    assert said.reason == "tls"
    assert said.message.endswith(" (ca names the file of its authority)")


@pytest.mark.parametrize("kind", ["postgres", "mysql", "redis", "memcached"])
async def test_an_expired_certificate_is_not_accepted_and_its_end_is_said(
    kind: str, secured: Secured, authority: Authority
) -> None:
    """Fault 11: The day is told, and nothing but TLS was said to the server: no name, no password."""
    there = secured(kind, "expired")
    async with proxy("127.0.0.1", there.port) as between:
        said = await failure(replace(there, port=between.port, user="nobody-knows"))
    assert said.reason == "tls"
    assert said.message == (
        f"the certificate of 127.0.0.1:{between.port} is not accepted: it expired on {authority.end('expired')}"
    )
    assert b"nobody-knows" not in between.sent
    assert between.connections == 1


@pytest.mark.parametrize("kind", ["rabbitmq", "http"])
async def test_an_expired_certificate_of_a_proxy_is_not_accepted(
    kind: str, plain: Callable[[str], Target], authority: Authority
) -> None:
    """Fault 11: Where something else ends TLS before the server."""
    there = plain(kind)
    async with proxy("127.0.0.1", there.port, shown(authority, "expired")) as between:
        secure = replace(
            there, scheme=SCHEMES[kind], tls=TlsMode.VERIFY_FULL, ca=authority.path("ca"), port=between.port
        )
        said = await failure(secure)
    assert (said.reason, said.message.endswith(f"it expired on {authority.end('expired')}")) == ("tls", True)
    assert between.sent == b""


def shown(authority: Authority, name: str) -> ssl.SSLContext:
    """Return the side of a server that shows a certificate."""
    settings = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    settings.load_cert_chain(authority.path(name))
    return settings


@pytest.mark.parametrize("kind", KINDS)
async def test_a_server_that_wants_a_certificate_of_ours_says_so(
    kind: str, secured: Secured, authority: Authority
) -> None:
    """Fault 11: In words, and with one it is read. MariaDB says no more than that it does not take the user."""
    there = secured(kind, strict=True)
    said = await failure(there)
    if kind == "mysql":
        assert (said.reason, STRICT in said.message) == ("auth", True)
    else:
        assert said.reason in (("auth",) if kind == "postgres" else ("tls", "closed")), said
        assert "certificate" in said.message
        assert "client" in said.message
    both = authority.path("client")
    assert (await reading(replace(there, cert=both, key=both))).product


@pytest.mark.parametrize("kind", TLS_FIRST)
async def test_tls_to_a_port_without_it_is_said(
    kind: str, plain: Callable[[str], Target], authority: Authority
) -> None:
    """Fault 10: Never plain text instead, however the server takes a handshake."""
    there = plain(kind)
    async with proxy("127.0.0.1", there.port) as between:
        said = await failure(replace(there, tls=TlsMode.VERIFY_FULL, ca=authority.path("ca"), port=between.port), 2)
    assert said.reason == "tls"
    assert "speak" in said.message
    assert between.sent.startswith(b"\x16\x03")
    assert between.connections == 1


@pytest.mark.parametrize("kind", TLS_FIRST)
async def test_a_server_without_tls_that_waits_for_more_is_said_too(kind: str, authority: Authority) -> None:
    """Fault 10: A handshake that is not answered has a shorter deadline, so that there is a word on TLS."""
    async with listening(FaultyService().script("silent")) as port:
        there = Target("dev", "it", kind, kind, "127.0.0.1", port, tls=TlsMode.VERIFY_FULL, ca=authority.path("ca"))
        said = await failure(there, 0.5)
    words = f"127.0.0.1:{port} takes the connection and does not answer to TLS: perhaps it speaks none"
    assert said == Failure(Reason.TLS, words)


@pytest.mark.parametrize("kind", TLS_FIRST)
async def test_plain_text_to_a_port_with_tls_is_said(kind: str, secured: Secured) -> None:
    """Fault 10: By what the server answers, or by its hanging up at once."""
    said = await failure(replace(secured(kind), tls=TlsMode.OFF, scheme=kind, ca="", cert="", key=""))
    assert "TLS" in said.message


@pytest.mark.parametrize("mode", ["require", "verify-full"])
async def test_a_certificate_that_ends_soon_is_told_verified_or_not(
    mode: str, secured: Secured, authority: Authority
) -> None:
    """Its end is known even where nobody vouches for it."""
    there = secured("redis", "soon")
    found = await reading(there if mode == "verify-full" else replace(there, tls=mode, ca=""))
    fact = found.facts["tls.certificate"]
    assert fact.raw == "expires in less than 30 days"
    assert fact.note.startswith(f"until {authority.end('soon')}, issued by Good CA")
    assert fact.note.endswith("not verified") == (mode == "require")


async def test_a_certificate_that_nobody_vouches_for_is_told(secured: Secured) -> None:
    """An expired one too, where the configuration does not want it verified."""
    loose = await reading(replace(secured("redis"), tls=TlsMode.REQUIRE, ca=""))
    assert loose.facts["tls.certificate"].raw == "not verified"
    ended = await reading(replace(secured("redis", "expired"), tls=TlsMode.REQUIRE, ca=""))
    assert ended.facts["tls.certificate"].raw == "expired"


async def test_the_http_api_of_a_broker_has_facts_of_its_own(
    plain: Callable[[str], Target], rabbitmq_servers: Shared[RabbitMQ], authority: Authority
) -> None:
    """Two connections, two certificates; an API without TLS beside AMQP with it is seen."""
    there, broker = plain("rabbitmq"), rabbitmq_servers["3.10"]
    async with proxy("127.0.0.1", broker.management_port, shown(authority, "soon")) as between:
        options = {"management": f"https://127.0.0.1:{between.port}"}
        found = await reading(replace(there, options=options, ca=authority.path("ca")))
    assert found.facts["tls.version"].raw == "none"
    assert found.facts["management.tls.version"].raw == "TLSv1.3"
    assert found.facts["management.tls.certificate"].raw == "expires in less than 30 days"


# What comparing makes of it


def rows(*connections: Tls, policy: Policy | None = None) -> dict[str, Row]:
    """Return the rows of environments with these connections, by name."""
    service = Service("It", ("it",), kinds()["redis"].connect, "none", ())
    outcomes = [
        Outcome(Target(f"env{number}", "it", "it"), Reading("It", "1.0", tls.facts("tls", now=0)))
        for number, tls in enumerate(connections)
    ]
    names = [outcome.target.environment for outcome in outcomes]
    found = compare("it", names, outcomes, {"it": RuleTable(service, "it")}, policy or Policy())
    return {row.setting: row for row in found}


DAY = 86400.0
GOOD = Tls("TLSv1.3", "A", until=300 * DAY, verified=True)
SOON = replace(GOOD, until=10 * DAY)


@pytest.mark.parametrize("both", [Tls(), GOOD, replace(GOOD, verified=False)])
def test_two_servers_alike_give_no_row(both: Tls) -> None:
    """Whatever it is that they have; the days of two certificates are no difference."""
    other = replace(both, until=both.until and both.until + DAY)
    assert [row.setting for row in rows(both, other).values() if row.listed] == []


def test_tls_on_one_side_only_is_a_warning_and_explains_the_certificate() -> None:
    """One row, not two."""
    found = rows(GOOD, GOOD, Tls())
    assert (found["tls.version"].verdict, found["tls.version"].severity) == (Verdict.DRIFT, Severity.WARNING)
    assert found["tls.version"].odd == ("env2",)
    assert (found["tls.certificate"].explained_by, found["tls.certificate"].listed) == ("tls.version", False)


@pytest.mark.parametrize(
    ("connections", "odd"),
    [
        ((GOOD, SOON), ("env1",)),
        ((SOON, SOON, GOOD), ("env0", "env1")),
        ((SOON, SOON), ("env0", "env1")),
        ((SOON,), ("env0",)),
        ((Tls(), SOON), ("env1",)),
        ((replace(SOON, until=-DAY), SOON), ("env0", "env1")),
    ],
)
def test_a_certificate_that_ends_soon_is_a_warning_wherever_it_is(
    connections: tuple[Tls, ...], odd: tuple[str, ...]
) -> None:
    """Not only where the others have a better one, and it is those who are odd."""
    row = rows(*connections)["tls.certificate"]
    assert (row.verdict, row.severity, row.listed) == (Verdict.DRIFT, Severity.WARNING, True)
    assert row.odd == odd


async def test_the_one_environment_that_there_is_shows_it(secured: Secured) -> None:
    """From the server to the report, where there is nothing to compare with; nothing is offered to align it."""
    there = secured("redis", "soon")
    watch = Watcher([there.environment], [there], kinds(), Policy(), timeout=20, once=True)
    async for _ in watch.boards():
        pass
    (row,) = [row for row in watch.board.sections[0].rows if row.listed]
    assert (row.setting, row.odd) == ("tls.certificate", ("dev",))
    assert remediation(row, ["dev"], 0) == ""
    assert "expires in less than 30 days" in text.to_text(watch.board, text.Style())


def test_a_certificate_that_ends_soon_can_be_expected() -> None:
    """By the same word of the configuration as drift; for one environment it holds for that one."""
    policy = Policy(expectations=(Expectation("it", "tls.certificate", "renewed on Sundays", ("env0",)),))
    assert rows(SOON, policy=policy)["tls.certificate"].verdict is Verdict.EXPECTED
    assert rows(SOON, SOON, policy=policy)["tls.certificate"].verdict is Verdict.DRIFT

"""Real servers that speak TLS, of every kind, and one reading from them."""

from __future__ import annotations

import asyncio

from msgspec.structs import replace

from parity_tui.demo.process import free_port
from parity_tui.demo.servers import Servers
from parity_tui.model import Failure, Reading, Target, TlsMode
from parity_tui.services import kinds, redact_reading
from parity_tui.transport.dialer import NetworkDialer, describe
from tests.authority import Authority
from tests.builders import target

SCHEMES = {"http": "https", "redis": "rediss", "rabbitmq": "amqps"}
STRICT_USER = "strict"
"""must show a certificate, where the server has users"""


async def read_once(target: Target, seconds: float = 20) -> Reading:
    """Connect, read once as the watcher does, and disconnect."""
    service, dialer = kinds()[target.kind], NetworkDialer(target, seconds)
    async with asyncio.timeout(seconds), service.connect(target, dialer) as read:
        return redact_reading(dialer.with_connection_facts(await read()), service)


async def read_failure(target: Target, seconds: float = 20) -> Failure:
    """Return the failure of reading a target, as the watcher shows it."""
    try:
        await read_once(target, seconds)
    except Exception as error:
        return describe(error, target, seconds)
    raise AssertionError("the target was read")


class TlsServers:
    """Real servers that speak TLS, by kind and certificate, each started on first use."""

    def __init__(self, servers: Servers, authority: Authority) -> None:
        self._servers = servers
        self._authority = authority
        self._started: dict[tuple[str, str, bool], Target] = {}

    def __call__(self, kind: str, certificate: str = "valid", *, strict: bool = False) -> Target:
        """Return the target of a server that verifies it; a strict server demands a client certificate."""
        key = (kind, certificate, strict and kind in ("redis", "memcached", "http"))
        if key not in self._started:
            port = getattr(self, f"_{kind}")(self._authority.lent(certificate, self._servers), key[2])
            self._started[key] = target(
                kind=kind, scheme=SCHEMES.get(kind, kind), port=port, password="guest" if kind == "rabbitmq" else None,
                tls=TlsMode.VERIFY_FULL, ca=self._authority.path("ca"),
            )  # fmt: skip
        found = self._started[key]
        user = {"postgres": "postgres", "mysql": "root", "rabbitmq": "guest"}.get(kind, "")
        if strict:
            return replace(found, user=STRICT_USER if kind in ("postgres", "mysql") else user)
        pem = self._authority.path("client") if kind == "rabbitmq" else ""  # its only node is strict: starting is slow
        return replace(found, user=user, cert=pem, key=pem)

    @property
    def _ca(self) -> str:
        return self._authority.lent("ca", self._servers)

    def _postgres(self, file: str, strict: bool) -> int:
        settings = {"ssl": "on", "ssl_cert_file": file, "ssl_key_file": file, "ssl_ca_file": self._ca}
        server = self._servers.postgres("15", settings=settings, sql=[f"CREATE ROLE {STRICT_USER} LOGIN"])
        lines = (
            f"hostssl all {STRICT_USER} 127.0.0.1/32 trust clientcert=verify-ca\nhostssl all all 127.0.0.1/32 trust\n"
        )
        server.home.write(server.folder / "data" / "pg_hba.conf", lines)
        server.restart()
        return server.port

    def _mysql(self, file: str, strict: bool) -> int:
        users = [f"CREATE USER {STRICT_USER}@'%' IDENTIFIED BY '' REQUIRE X509"]
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

"""An hour of a board, compressed: servers log and count what their own clients would have left, and nothing more."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import aclosing
from pathlib import Path

import pytest
from msgspec.structs import replace

from parity_tui.config import target
from parity_tui.demo.mysql import MariaDB
from parity_tui.demo.postgres import Postgres
from parity_tui.demo.process import free_port
from parity_tui.demo.redis import Redis
from parity_tui.demo.server import Server
from parity_tui.demo.servers import Servers
from parity_tui.drift.board import Board
from parity_tui.drift.policy import Policy
from parity_tui.model import Outcome, Target, TlsMode
from parity_tui.services import kinds
from parity_tui.watcher import Watcher
from tests.authority import Authority
from tests.watcher.clients import client, lines, lived

PART = 15
"""renewals of a connection: a quarter of an hour"""

Make = Callable[[Servers, str], tuple[Server, int]]
"""servers, file with certificate and key -> a server with two logins, and its port for TLS"""


def postgres(servers: Servers, pem: str) -> tuple[Server, int]:
    settings = {"ssl": "on", "ssl_cert_file": pem, "ssl_key_file": pem}
    loud = {"log_connections": "on", "log_disconnections": "on"}
    sql = [f"CREATE ROLE {user} LOGIN PASSWORD 'sesame'" for user in ("parity", "rotated")]
    server = servers.postgres("15", password="boss", settings={**settings, **loud}, sql=sql)
    return server, server.port


def redis(servers: Servers, pem: str) -> tuple[Server, int]:
    port = free_port()
    files = {"tls-cert-file": pem, "tls-key-file": pem, "tls-ca-cert-file": pem, "tls-auth-clients": "no"}
    acl = [[user, "on", ">sesame", "~*", "+@all"] for user in ("parity", "rotated")]
    return servers.redis("7.0", settings={"loglevel": "verbose", "tls-port": str(port), **files}, acl=acl), port


def mariadb(servers: Servers, pem: str) -> tuple[Server, int]:
    sql = [f"CREATE USER {user}@'%' IDENTIFIED BY 'sesame'" for user in ("parity", "rotated")]
    server = servers.mariadb("10.11", settings={"ssl_cert": pem, "ssl_key": pem, "log_warnings": "9"}, sql=sql)
    return server, server.port


def rotate(server: Server, ca: str) -> None:
    """Change the password of a login, with connections open."""
    if isinstance(server, Postgres):
        server.sql("ALTER ROLE rotated PASSWORD 'other'")
    elif isinstance(server, Redis):
        server.do("ACL", "SETUSER", "rotated", "resetpass", ">other")
    else:
        assert client(server, ca).run("root", "", question="ALTER USER rotated IDENTIFIED BY 'other'").returncode == 0


def aborted(server: Server, ca: str) -> dict[str, int]:
    """Return the errors of clients that MariaDB counts; no other server does."""
    if not isinstance(server, MariaDB):
        return {}
    found = client(server, ca).run("root", "", question="SHOW GLOBAL STATUS LIKE 'Aborted_c%'").stdout
    counts = dict(line.split("\t") for line in found.splitlines()[1:])
    return {name: int(counts[name]) for name in ("Aborted_clients", "Aborted_connects")}


def targets(server: Server, tls_port: int, ca: str) -> list[Target]:
    """Return a good login, one whose password changes, and one that knows another authority only."""
    path = "postgres" if isinstance(server, Postgres) else ""
    urls = {user: server.url(user, "sesame", path) for user in ("parity", "rotated")}
    good, rotated = (target("dev", user, url, Path("/"), {}) for user, url in urls.items())
    return [good, rotated, replace(good, service="rejected", tls=TlsMode.VERIFY_FULL, ca=ca, port=tls_port)]


async def until(boards: AsyncIterator[Board], met: Callable[[Mapping[str, Outcome]], bool]) -> None:
    while not met({outcome.target.service: outcome for outcome in (await anext(boards)).outcomes()}):
        pass


async def read(boards: AsyncIterator[Board], count: int) -> None:
    """Wait until the good login has been read so often."""
    times: set[float] = set()

    def enough(found: Mapping[str, Outcome]) -> bool:
        if found["parity"].failure is None:
            times.add(found["parity"].at)
        return len(times) > count

    await until(boards, enough)


def refused(found: Mapping[str, Outcome]) -> bool:
    reasons = {name: outcome.failure.reason for name, outcome in found.items() if outcome.failure}
    return reasons == {"rotated": "auth", "rejected": "tls"}


@pytest.mark.parametrize("make", [postgres, redis, mariadb])
async def test_hour_leaves_no_line_that_a_client_would_not(servers: Servers, authority: Authority, make: Make) -> None:
    """A rejected certificate, a rotated password and a restart; the logs are read after the board has left."""
    pem, ca = authority.lent("own", servers), authority.path("ca")
    (server, port), (other, other_port) = make(servers, pem), make(servers, pem)
    of_clients = await asyncio.to_thread(lambda: list(lived(other, client(other, ca, other_port))))
    watcher = Watcher(["dev"], targets(server, port, ca), kinds(), Policy(), interval=0.02, timeout=20, renewal=0)
    async with asyncio.timeout(300), aclosing(watcher.boards()) as boards:  # type: ignore[type-var]
        await read(boards, PART)
        await asyncio.to_thread(rotate, server, ca)
        await until(boards, refused)
        await read(boards, PART)
        first = await asyncio.to_thread(aborted, server, ca)
        watcher.renewal, watcher.interval = 3600.0, 2.0  # which question a stopping server interrupts is chance
        await read(boards, 1)
        await asyncio.to_thread(server.stop)
        log = server.words()
        await asyncio.to_thread(server.start)
        watcher.renewal, watcher.interval = 0, 0.02
        await until(boards, refused)
        await read(boards, PART)
    second = await asyncio.to_thread(aborted, server, ca)
    await asyncio.to_thread(server.stop)
    log += server.words()
    assert lines(server, log) - lines(other, "".join(of_clients)) == set()
    assert first.get("Aborted_connects", 0) <= 2, "one for the certificate, one for the password"
    assert first.get("Aborted_clients", 0) == 0
    assert not any(second.values()), "what only a person can mend is not tried again by itself"
    assert log.count("unknown ca") <= 1
    assert log.count("password authentication failed") + log.count("Access denied") <= 1

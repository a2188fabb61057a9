"""Logins, refusals and departures."""

from __future__ import annotations

from collections.abc import Mapping

import asyncpg
import pytest
from msgspec.structs import replace

from parity_tui.demo.postgres import Postgres
from parity_tui.demo.process import wait_until
from parity_tui.demo.servers import Servers
from parity_tui.services.pgbouncer import SERVICE
from parity_tui.services.pgbouncer.connection import CONSOLE
from parity_tui.transport.dialer import NetworkDialer
from tests.authority import Authority
from tests.proxy import listening, says
from tests.services.pgbouncer.builders import (
    ADMINISTRATOR,
    VERSIONS,
    PgBouncer,
    failure,
    pgbouncer,
    reading,
    target,
)
from tests.test_read_only import assert_reads_allowed


@pytest.fixture(scope="module", params=VERSIONS)
def console(request: pytest.FixtureRequest, servers: Servers) -> PgBouncer:
    return pgbouncer(servers, request.param)


async def test_documented_user_sees_what_an_administrator_sees(console: PgBouncer) -> None:
    both = [await reading(target(console.port, user)) for user in (ADMINISTRATOR, "parity")]
    assert both[0] == both[1]
    assert both[0].hidden == ()


@pytest.mark.parametrize(
    ("user", "password", "reason", "words"),
    [
        ("nobody", "p/a%@s:s&=# w", "forbidden", "nobody: it is neither in stats_users nor in admin_users"),
        ("parity", "wrong", "auth", "password"),
        ("ghost", "wrong", "auth", "password"),
        ("parity", None, "auth", "none is configured"),
    ],
)
async def test_refused_login_is_explained(
    console: PgBouncer, user: str, password: str | None, reason: str, words: str
) -> None:
    result = await failure(target(console.port, user, password))
    assert result.reason == reason
    assert words in result.message


async def test_two_readings_of_one_connection_are_equal(console: PgBouncer) -> None:
    where = target(console.port)
    async with SERVICE.connect(where, NetworkDialer(where, 30)) as read:
        first = await read()
        assert [await read() for _ in range(3)] == [first] * 3
    assert first.notes == ("no TLS",)


async def test_reloaded_configuration_is_read_on_the_same_connection(servers: Servers) -> None:
    server = pgbouncer(servers, databases=["shop = host=db1", "blog = host=db1"])
    where = target(server.port)
    async with SERVICE.connect(where, NetworkDialer(where, 30)) as read:
        assert {"database.shop", "database.blog"} <= (await read()).facts.keys()
        server.databases, server.settings = ["shop = host=db1"], {"pool_mode": "transaction"}
        server.configure()
        await command(server, "RELOAD")
        second = await read()
    assert ("database.blog" in second.facts, second.facts["pool_mode"].raw) == (False, "transaction")


async def command(server: PgBouncer, text: str) -> None:
    """Run a command of the console's administrator."""
    console = await asyncpg.connect(
        host=server.host, port=server.port, user=ADMINISTRATOR, password=server.password, database=CONSOLE, ssl=False
    )
    try:
        await console.execute(text)
    finally:
        console.terminate()


async def test_console_gets_allowed_requests(console: PgBouncer) -> None:
    await assert_reads_allowed("pgbouncer", target(console.port))


async def test_departure_is_that_of_every_client(servers: Servers) -> None:
    server = pgbouncer(servers)
    await reading(server)
    assert wait_until(lambda: "closing because" in server.words(), 20)
    (line,) = [line for line in server.words().splitlines() if "closing because" in line]
    assert "client close request" in line
    assert "WARNING" not in server.words()
    assert "ERROR" not in server.words()


async def test_server_without_a_console_is_named(postgres_servers: Mapping[str, Postgres]) -> None:
    result = await failure(target(postgres_servers["16"].port, "postgres", None))
    assert (result.reason, result.message.endswith("is a PostgreSQL server: it has no database pgbouncer")) == (
        "wrong-service",
        True,
    )


async def test_other_protocol_is_named() -> None:
    async with listening(says(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as port:
        result = await failure(target(port))
    assert (result.reason, result.message.split("answers ")[1]) == ("wrong-service", "like HTTP, not PostgreSQL")


async def test_database_behind_the_pooler_is_no_console() -> None:
    result = await failure(target(1, path="shop"))
    assert result.reason == "config"
    assert "postgresql:// URL" in result.message


async def test_disabled_simple_protocol_is_explained(servers: Servers) -> None:
    server = pgbouncer(servers, settings={"disable_pqexec": "1"})
    result = await failure(target(server.port))
    assert (result.reason, "disable_pqexec is on" in result.message) == ("server", True)


async def test_password_in_clear_text_is_not_sent_without_tls(servers: Servers) -> None:
    server = pgbouncer(servers, settings={"auth_type": "plain"})
    assert (await failure(target(server.port))).reason == "tls"
    assert (await reading(target(server.port, tls="off"))).facts["auth_type"].raw == "plain"


async def test_console_is_read_over_tls(servers: Servers, authority: Authority) -> None:
    file = authority.lent("valid", servers)
    files = {"client_tls_key_file": file, "client_tls_cert_file": file}
    server = pgbouncer(servers, settings={"client_tls_sslmode": "require", **files})
    where = replace(target(server.port, tls="verify-full"), ca=authority.path("ca"))
    seen = await reading(where)
    assert seen.notes[0].startswith("TLS 1.")
    assert seen.facts == (await reading(target(server.port))).facts
    refused = await failure(target(server.port, tls="off"))
    assert "SSL required" in refused.message

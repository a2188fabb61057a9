"""Logins to a hub: passwords, TLS and the words for what fails."""

import asyncio
from pathlib import Path

import pytest
from msgspec.structs import replace

from parity_tui.demo.postgres import Postgres
from parity_tui.demo.servers import Servers
from parity_tui.history import StoreError
from parity_tui.history.hub.connection import connect
from parity_tui.model import Failure, Reason, Target, TlsMode
from parity_tui.secrets import Secret
from tests.authority import Authority
from tests.history.hub.conftest import target_of

PASSWORD = "swordfish-7"


@pytest.fixture(scope="module")
def secured(servers: Servers, authority: Authority) -> Postgres:
    """Start a server that requires TLS and a password."""
    server = servers.postgres("15", password=PASSWORD)
    server.home.write(server.folder / "data" / "pg_hba.conf", "hostssl all all 127.0.0.1/32 scram-sha-256\n")
    pem = authority.lent("valid", servers)
    server.restart({"ssl": "on", "ssl_cert_file": pem, "ssl_key_file": pem})
    return server


def login(server: Postgres, password: str = PASSWORD, tls: TlsMode = TlsMode.PREFER, ca: str = "") -> Target:
    return replace(target_of(server), password=lambda: Secret(password), tls=tls, ca=ca)


async def failure(hub: Target) -> str:
    with pytest.raises(StoreError) as caught:
        (await connect(hub)).terminate()
    return str(caught.value)


@pytest.mark.parametrize(("tls", "ca"), [("prefer", ""), ("require", ""), ("verify-ca", "ca"), ("verify-full", "ca")])
async def test_password_is_accepted_over_tls(secured: Postgres, authority: Authority, tls: str, ca: str) -> None:
    connection = await connect(login(secured, tls=TlsMode(tls), ca=authority.path(ca) if ca else ""))
    assert await connection.fetchval("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
    await connection.close()


async def test_refused_logins_are_described(secured: Postgres, authority: Authority) -> None:
    assert "rejects the password of postgres" in await failure(login(secured, "wrong"))
    assert "certificate" in await failure(login(secured, tls=TlsMode.VERIFY_FULL))
    assert "no pg_hba.conf entry" in await failure(login(secured, tls=TlsMode.OFF))
    assert 'has no database "nowhere"' in await failure(replace(login(secured), path="nowhere"))
    unset = Failure(Reason.CONFIG, "the variable PW is not set")
    assert await failure(replace(login(secured), problem=unset)) == "the hub: the variable PW is not set"


async def test_variables_and_files_of_other_clients_are_ignored(
    secured: Postgres, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "pass").write_text(f"*:*:*:*:{PASSWORD}\n")
    (tmp_path / "pass").chmod(0o600)
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    monkeypatch.setenv("PGPASSFILE", str(tmp_path / "pass"))
    words = await failure(replace(login(secured), password=None))
    assert "password" in words
    assert PASSWORD not in words


async def test_password_is_not_sent_to_other_hosts_without_tls(hub_server: Postgres) -> None:
    """The address counts as another machine's, for this name is no loopback."""
    local = login(hub_server)
    (await connect(local)).terminate()
    assert "sent over TLS only" in await failure(replace(local, host="0.0.0.0"))
    (await connect(replace(local, host="0.0.0.0", tls=TlsMode.OFF))).terminate()


async def test_other_service_and_silence_are_described() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        words = await failure(Target("", "history", "postgres", host="127.0.0.1", port=port, user="ann"))
    assert words.startswith("the hub")

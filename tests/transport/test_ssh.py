"""Services behind SSH hosts: equal readings, TLS, one login for all targets."""

from __future__ import annotations

import asyncio
import os
import ssl
import subprocess
import sys
from pathlib import Path

import pytest
from msgspec.structs import replace

from parity_tui.demo.server import Server
from parity_tui.demo.servers import Servers
from parity_tui.model import ServiceError, Target, TlsMode
from parity_tui.transport.dialer import NetworkDialer, describe
from parity_tui.transport.routes import Routes
from tests.proxy import listening
from tests.transport.ssh_targets import reading, target
from tests.transport.sshd import Hosts

KINDS = {"valkey": "redis", "memcached": "memcached", "postgres": "postgres", "mariadb": "mysql"}
"""products, and the kind that reads each"""


@pytest.fixture(scope="module", params=KINDS)
def server(request: pytest.FixtureRequest) -> tuple[str, Server]:
    """Yield the kind and a server of each product in turn."""
    servers = request.getfixturevalue(f"{request.param}_servers")
    return KINDS[request.param], servers[list(servers)[-1]]


@pytest.mark.parametrize("by", ["bastion", "inner"])
async def test_reading_through_ssh_equals_the_direct_one(
    server: tuple[str, Server], by: str, hosts: Hosts, routes: Routes
) -> None:
    kind, database = server
    last = hosts.bastion if by == "bastion" else hosts.inner
    before = last.carried(database.port)
    assert await reading(target(kind, database.port, by), routes) == await reading(target(kind, database.port), routes)
    assert last.carried(database.port) > before


def test_check_recognizes_one_server_behind_several_routes(servers: Servers, hosts: Hosts, tmp_path: Path) -> None:
    cache, database = servers.valkey(), servers.postgres()
    roles = f'cache = "redis://{{0}}:{cache.port}"\ndatabase = "postgresql://postgres@{{0}}:{database.port}"\n'
    text = "[environments.dev.services]\n" + roles.format("127.0.0.1")
    for name in ("bastion", "inner"):
        text += f'[environments.{name}]\nssh = "{name}"\n[environments.{name}.services]\n' + roles.format("localhost")
    text += "[severity]\n'*.patches behind' = 'ignore'\n'*.end of life' = 'ignore'\n"
    (tmp_path / "parity.toml").write_text(text)
    argv = [sys.executable, "-m", "parity_tui", "check", "--timeout", "20s", "--config", str(tmp_path / "parity.toml")]
    result = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 3, result.stdout + result.stderr
    assert result.stdout.count("dev, bastion and inner are the same server") == 2
    assert "2 blind spots" in result.stdout.splitlines()[-1]


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return the paths of a certificate for localhost and its key."""
    folder = tmp_path_factory.mktemp("tls")
    files = {name: str(folder / name) for name in ("cert", "key")}
    argv = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=it", "-addext",
            "subjectAltName=DNS:localhost", "-out", files["cert"], "-keyout", files["key"]]  # fmt: skip
    subprocess.run(argv, check=True, capture_output=True, timeout=60)
    return files


@pytest.mark.parametrize("product", ["postgres", "mariadb", "redis"])
async def test_tls_verifies_the_name_of_the_server(
    product: str, servers: Servers, hosts: Hosts, routes: Routes, certificates: dict[str, str]
) -> None:
    """Fault 11: verify-full checks the configured name or address."""
    direct = with_tls(product, servers, certificates)
    tunneled = replace(direct, host="localhost", tls=TlsMode.VERIFY_FULL, ca=certificates["cert"], ssh="bastion")
    assert (await reading(tunneled, routes)).version
    with pytest.raises((ServiceError, ssl.SSLError)) as caught:
        await reading(replace(tunneled, host="127.0.0.1"), routes)
    assert "not valid for '127.0.0.1'" in describe(caught.value, tunneled, 20).message


def with_tls(product: str, servers: Servers, files: dict[str, str]) -> Target:
    """Start a server with a certificate and return its target."""
    cert, key = (str(servers.file(Path(files[name]).name, Path(files[name]).read_text())) for name in ("cert", "key"))
    if product == "postgres":
        settings = {"ssl": "on", "ssl_cert_file": cert, "ssl_key_file": key}
        return target("postgres", servers.postgres("15", settings=settings).port)
    if product == "mariadb":
        return target("mysql", servers.mariadb("10.11", settings={"ssl_cert": cert, "ssl_key": key}).port)
    redis = servers.redis("7.0")
    settings = {
        "port": "0",
        "tls-port": str(redis.port),
        "tls-cert-file": cert,
        "tls-key-file": key,
        "tls-auth-clients": "no",
    }
    redis.restart(settings)
    return target("redis", redis.port)


async def test_targets_of_a_host_share_one_login(hosts: Hosts, routes: Routes) -> None:
    before = hosts.bastion.logins()
    async with listening(echo) as one, listening(echo) as other:
        ports = [one, other] * 10
        async with asyncio.timeout(20):
            echoes = await asyncio.gather(*(echoed(port, routes) for port in ports))
            echoes.append(await echoed(one, routes))
    assert (echoes, hosts.bastion.logins() - before) == ([b"hello\n"] * 21, 1)


async def test_own_jump_hosts_are_shared(hosts: Hosts, routes: Routes) -> None:
    before = [host.logins() for host in (hosts.bastion, hosts.inner, hosts.strict)]
    for alias in ("bastion", "inner", "deep"):
        await NetworkDialer(target("redis", 1, alias), 20, routes).open_tunnel()
    after = [host.logins() for host in (hosts.bastion, hosts.inner, hosts.strict)]
    assert [now - then for now, then in zip(after, before, strict=True)] == [1, 1, 1]


async def test_several_own_jump_hosts_lead_there(hosts: Hosts, routes: Routes) -> None:
    before = hosts.bastion.carried(hosts.inner.port), hosts.inner.carried(hosts.strict.port)
    await NetworkDialer(target("redis", 1, "deeper"), 20, routes).open_tunnel()
    after = hosts.bastion.carried(hosts.inner.port), hosts.inner.carried(hosts.strict.port)
    assert after == (before[0] + 1, before[1] + 1)


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send received bytes back."""
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()


async def echoed(port: int, routes: Routes) -> bytes:
    """Return a line that an echo server sent back through the bastion."""
    reader, writer = await NetworkDialer(target("redis", port, "bastion"), 20, routes).open("127.0.0.1", port)
    writer.write(b"hello\n")
    line = await reader.readline()
    writer.transport.abort()
    return line


async def test_closing_one_end_closes_the_other(hosts: Hosts, routes: Routes) -> None:
    ended = asyncio.Event()
    sent = os.urandom(3 * 1024 * 1024)

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Send much data; wait until the first client closes, then close the second one."""
        writer.write(sent)
        await writer.drain()
        if not ended.is_set():
            await reader.read()
            ended.set()

    async with asyncio.timeout(20), listening(script) as port:
        dialer = NetworkDialer(target("redis", port, "bastion"), 20, routes)
        reader, writer = await dialer.open("127.0.0.1", port)
        assert await reader.readexactly(len(sent)) == sent
        writer.transport.abort()
        await ended.wait()
        reader, writer = await dialer.open("127.0.0.1", port)
        assert await reader.read() == sent
        writer.transport.abort()


async def test_forwards_and_commands_of_the_alias_are_ignored(hosts: Hosts, routes: Routes) -> None:
    async with asyncio.timeout(20), listening(echo) as port:
        await NetworkDialer(target("redis", port, "greedy"), 20, routes).open_tunnel()

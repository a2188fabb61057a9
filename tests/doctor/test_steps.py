"""The steps of the way to a target."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import ssl
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from parity_tui.demo.mysql import MariaDB
from parity_tui.demo.redis import Redis
from parity_tui.model import Target, TlsMode
from tests.doctor.builders import diagnose_all, diagnose_one, failed_step, states, target_at
from tests.proxy import listening, proxy


async def test_silent_server_fails_at_login_not_tcp() -> None:
    async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with listening(mute) as port:
        _, steps = await diagnose_one(target_at("postgres", port, "parity", tls=TlsMode.PREFER), timeout=0.5)
    assert states(steps) == {"name": "ok", "TCP": "ok", "TLS": "skipped", "login": "failed", "rights": "skipped"}
    assert "connected, no reply" in steps["login"].words
    assert "it may hang, or be a different kind of service" in steps["login"].words


async def test_hanging_targets_do_not_delay_others(valkey_servers: Mapping[str, Redis]) -> None:
    async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with listening(mute) as port:
        hanging = [target_at("redis", port)] * 10
        found = await diagnose_all(*hanging, target_at("redis", valkey_servers["9"].port), timeout=4)
    assert [diagnosis.state for diagnosis in found] == ["failed"] * 10 + ["ok"]
    assert failed_step(found[0]).words.startswith("no answer in 4 s")


async def test_answering_address_of_several_is_named(valkey_servers: Mapping[str, Redis]) -> None:
    loop, port = asyncio.get_running_loop(), valkey_servers["9"].port
    addresses = [*await loop.getaddrinfo("127.0.0.9", 1), *await loop.getaddrinfo("127.0.0.1", port)]
    streams = [address for address in addresses if address[1] == socket.SOCK_STREAM]
    connect, refused = loop.sock_connect, asyncio.Event()

    async def both(*words: Any, **more: Any) -> Any:
        return streams

    async def in_turn(sock: socket.socket, where: Any) -> None:
        if where[1] == port:
            await refused.wait()
        try:
            await connect(sock, where)
        finally:
            refused.set()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loop, "getaddrinfo", both)
        patch.setattr(loop, "sock_connect", in_turn)
        found, steps = await diagnose_one(target_at("redis", port, host="cache.test"))
    assert found.state == "ok"
    assert steps["name"].words == "cache.test is 127.0.0.9, 127.0.0.1"
    assert steps["TCP"].words == "127.0.0.1 answers; 127.0.0.9 does not (connection refused)"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file with a self-signed certificate of localhost and its key."""
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    argv = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost/O=Us", "-addext",
            "subjectAltName=DNS:localhost", "-days", "9", "-keyout", str(path), "-out", f"{path}.crt"]  # fmt: skip
    subprocess.run(argv, check=True, capture_output=True, timeout=30)
    path.write_text(path.read_text() + Path(f"{path}.crt").read_text())
    return path


async def test_tls_step_names_issuer_and_expiry(certificate: Path, valkey_servers: Mapping[str, Redis]) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    async with proxy("127.0.0.1", valkey_servers["9"].port, context) as between:
        secure = target_at("redis", between.port, host="localhost", tls=TlsMode.VERIFY_FULL, scheme="rediss")
        _, steps = await diagnose_one(replace(secure, ca=str(certificate)))
        _, open_to_all = await diagnose_one(replace(secure, tls=TlsMode.REQUIRE))
        _, unknown = await diagnose_one(secure)
    assert (steps["TLS"].state, steps["rights"].state) == ("ok", "ok")
    assert steps["TLS"].milliseconds
    assert "TLS 1.3, verified: issued by Us, until 20" in steps["TLS"].words
    assert "(8 days)" in steps["TLS"].words
    assert "TLS 1.3, accepted without verification: issued by Us, until 20" in open_to_all["TLS"].words
    assert states(unknown) == {"name": "ok", "TCP": "ok", "TLS": "failed", "login": "skipped", "rights": "skipped"}
    assert "not accepted" in unknown["TLS"].words


async def test_tls_within_a_protocol_is_timed(mariadb_servers: Mapping[str, MariaDB]) -> None:
    _, steps = await diagnose_one(target_at("mysql", mariadb_servers["11.8"].port, "root", tls=TlsMode.REQUIRE))
    assert steps["TLS"].state == "ok"
    assert steps["TLS"].milliseconds
    assert steps["TLS"].words.startswith("TLS 1.3, accepted without verification: issued by MariaDB Server, until 20")


async def test_commands_have_a_step() -> None:
    found, steps = await diagnose_one(Target("dev", "it", "host", "host+local"))
    assert list(steps) == ["command", "rights"]
    assert steps["command"].words == "run here"
    assert found.product
    missing, _ = await diagnose_one(Target("dev", "it", "host", "host+docker", "no-such-container"))
    assert failed_step(missing).name == "command"


@pytest.mark.skipif(not shutil.which("nginx", path="/usr/sbin:/usr/bin"), reason="needs nginx")
async def test_refused_sudo_fails_at_the_rights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sudo").write_text("#!/bin/sh\necho 'sudo: a password is required' >&2\nexit 1\n")
    (tmp_path / "sudo").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    refused, steps = await diagnose_one(Target("dev", "it", "nginx", "nginx+local", path="/n.conf", sudo=True))
    assert [(step.name, step.state) for step in steps.values()] == [("command", "ok"), ("rights", "failed")]
    assert "NOPASSWD: /usr/sbin/nginx -T -c /n.conf" in failed_step(refused).words

"""TLS, with and without verification, and with a client certificate."""

from __future__ import annotations

import asyncio
import ssl
import subprocess
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from parity_tui.demo.process import free_port
from parity_tui.demo.redis import Redis
from parity_tui.demo.servers import Servers
from parity_tui.model import ServiceError, Target, TlsMode
from parity_tui.services.redis import SERVICE
from parity_tui.transport.dialer import LimitedReader, NetworkDialer
from tests.proxy import listening, says
from tests.services.redis.builders import read_once, reading, target


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """Return the paths of a self-signed certificate for 127.0.0.1 and of its key."""
    folder = tmp_path_factory.mktemp("tls")
    cert, key = folder / "cert.pem", folder / "key.pem"
    words = ["-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=test", "-addext", "subjectAltName=IP:127.0.0.1"]
    command = ["openssl", "req", *words, "-out", str(cert), "-keyout", str(key)]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    return str(cert), str(key)


@pytest.fixture
def with_tls(servers: Servers, certificate: tuple[str, str]) -> Redis:
    """Return a server that demands TLS and a client certificate on `port`; its plain port is another."""
    server = servers.redis("7.0")
    for name, path in zip(("cert.pem", "key.pem"), certificate, strict=True):
        server.home.write(server.folder / name, Path(path).read_text())
    plain, server.port = server.port, free_port()
    cert, key = server.inside(server.folder / "cert.pem"), server.inside(server.folder / "key.pem")
    files = {"tls-cert-file": cert, "tls-key-file": key, "tls-ca-cert-file": cert}
    server.restart({"port": str(plain), "tls-port": str(server.port), **files})
    return server


async def test_certificates_are_verified_on_both_sides(with_tls: Redis, certificate: tuple[str, str]) -> None:
    """Without verification the reading has a note."""
    cert, key = certificate
    where = Target(
        "d", "c", "redis", host=with_tls.host, port=with_tls.port, tls=TlsMode.VERIFY_FULL, cert=cert, key=key
    )
    verified = await read_once(replace(where, ca=cert))
    assert (verified.product, verified.notes) == ("Redis", ())
    assert (await read_once(replace(where, tls=TlsMode.REQUIRE))).notes == ("TLS, not verified",)
    with pytest.raises(ssl.SSLCertVerificationError):
        await read_once(where)


async def test_missing_tls_or_certificate_is_guessed(with_tls: Redis) -> None:
    """The server closes the connection without a word in both cases."""
    with pytest.raises(ServiceError, match=r"perhaps it requires TLS \(rediss://\)"):
        await reading(with_tls.port)
    with pytest.raises((ServiceError, ssl.SSLError), match=r"certificate"):
        await reading(with_tls.port, tls=TlsMode.REQUIRE)


async def test_tls_to_a_plain_peer_is_an_error() -> None:
    async with listening(says(b"-ERR what\r\n")) as port:
        with pytest.raises(ssl.SSLError):
            await reading(port, tls=TlsMode.VERIFY_FULL)


async def test_tls_error_while_reading_is_kept() -> None:
    """With TLS 1.3 a server demands a certificate only after the handshake."""

    class Broken(NetworkDialer):
        async def open(
            self, host: str, port: int, tls: ssl.SSLContext | None = None, cap: int = 0, name: str = "", **checks: Any
        ) -> tuple[LimitedReader, asyncio.StreamWriter]:
            reader, writer = await super().open(host, port)
            reader.set_exception(ssl.SSLError(1, "certificate required"))
            return reader, writer

    async with listening(says(b"")) as port:
        where = target(port)
        async with SERVICE.connect(where, Broken(where, 10)) as read:
            with pytest.raises(ssl.SSLError, match="certificate required"):
                await read()

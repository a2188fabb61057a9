"""URLs, and names that are looked up as SRV."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import dns.asyncresolver
import dns.name
import pytest
from dns.rdtypes.IN.SRV import SRV

from parity_tui.config import target as configured
from parity_tui.model import ServiceError
from parity_tui.services.mongodb import SERVICE, connection
from parity_tui.transport.dialer import NetworkDialer
from tests.services.mongodb.builders import read, target
from tests.services.mongodb.stand_in import running


async def test_srv_name_leads_to_the_first_host_that_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    async with running() as (_, port):

        async def hosts(name: str) -> list[tuple[str, int]]:
            return [("127.0.0.1", 1), ("127.0.0.1", port)]

        monkeypatch.setattr(connection, "srv_hosts", hosts)
        where = target(0, host="cluster.example", scheme="mongodb+srv")
        assert (await read(where)).version == "7.0.14"


async def test_srv_name_is_refused_through_ssh() -> None:
    where = target(0, host="cluster.example", scheme="mongodb+srv", ssh="bastion")
    with pytest.raises(ServiceError, match="cannot be looked up at the far end of a route") as caught:
        async with SERVICE.connect(where, NetworkDialer(target(1), 5)):
            pass
    assert caught.value.reason == "config"


@pytest.mark.parametrize(
    ("url", "scheme", "port", "path", "tls"),
    [
        ("mongodb://ann@db1/shop", "mongodb", 27017, "shop", "off"),
        (
            "mongodb://ann@db1:27018/shop?authSource=admin&tls=true&retryWrites=true",
            "mongodb",
            27018,
            "shop",
            "verify-full",
        ),
        ("mongodb+srv://ann@cluster.example/shop?w=majority", "mongodb+srv", 27017, "shop", "verify-full"),
    ],
)
def test_url_gives_scheme_port_and_tls(url: str, scheme: str, port: int, path: str, tls: str) -> None:
    where = configured("dev", "db", url, Path("/"), {})
    assert (where.kind, where.scheme, where.port, where.path, where.tls) == ("mongodb", scheme, port, path, tls)


@pytest.mark.parametrize(
    ("query", "tls", "files"),
    [
        ("tls=true&tlsCAFile=/ca.pem", "verify-full", ("/ca.pem", "")),
        ("tlsCAFile=/ca.pem&tlsAllowInvalidHostnames=true", "verify-ca", ("/ca.pem", "")),
        ("tls=true&tlsCertificateKeyFile=/both.pem", "verify-full", ("", "/both.pem")),
        ("tls=true&tlsAllowInvalidCertificates=true", "require", ("", "")),
        ("tls=true&tlsInsecure=true", "require", ("", "")),
        ("tls=true&tlsInsecure=false", "verify-full", ("", "")),
        ("TLS=true", "verify-full", ("", "")),
    ],
)
def test_keys_of_tls_are_understood_as_drivers_spell_them(query: str, tls: str, files: tuple[str, str]) -> None:
    for app in (True, False):
        where = configured("dev", "db", f"mongodb://ann@db/shop?{query}", Path("/"), {}, app=app)
        assert (where.tls, (where.ca, where.cert)) == (tls, files)


@pytest.mark.parametrize("name", ["localhost", "cluster.example"])
async def test_records_of_another_domain_are_not_followed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def resolve(*_: Any) -> list[Any]:
        return [SRV(1, 33, 0, 0, 27017, dns.name.from_text("db.evil.test"))]  # type: ignore[no-untyped-call]

    monkeypatch.setattr(dns.asyncresolver, "resolve", resolve)
    with pytest.raises(ServiceError, match="lead to another domain"):
        await connection.srv_hosts(name)

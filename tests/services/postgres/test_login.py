"""PostgreSQL's login: passwords, refusals, TLS."""

from __future__ import annotations

import ssl
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from msgspec.structs import replace

from parity_tui.demo.postgres import Postgres
from parity_tui.demo.servers import Servers
from parity_tui.model import Failure, Reason, TlsMode
from parity_tui.services.postgres import SERVICE
from parity_tui.transport.dialer import NetworkDialer
from tests.conftest import Shared
from tests.proxy import proxy
from tests.services.postgres.connections import ASKED_FOR_TLS, PASSWORD, failure, reading, target, with_password


@pytest.fixture(scope="module")
def guarded(servers: Servers) -> Postgres:
    """Start a server that requires passwords."""
    rules = [
        "CREATE ROLE web LOGIN PASSWORD 'web'",
        "CREATE DATABASE shut",
        "REVOKE CONNECT ON DATABASE shut FROM PUBLIC",
    ]
    return servers.postgres("16", password=PASSWORD, sql=[*rules, "CREATE ROLE one LOGIN CONNECTION LIMIT 0"])


async def test_unconfigured_password_is_not_found_elsewhere(
    guarded: Postgres, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".pgpass").write_text(f"*:*:*:*:{PASSWORD.replace(':', chr(92) + ':')}\n")
    (tmp_path / ".pgpass").chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert (await failure(target(guarded.port))).reason == "auth"
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    assert (await failure(target(guarded.port))).reason == "auth"


async def test_password_may_have_any_characters(guarded: Postgres) -> None:
    assert (await reading(with_password(target(guarded.port)))).product == "PostgreSQL"


@pytest.mark.parametrize("password", ["wrong/pass%word", ""])
async def test_wrong_password_is_tried_once_and_hidden(guarded: Postgres, password: str) -> None:
    """Fault 21."""
    async with proxy("127.0.0.1", guarded.port) as between:
        result = await failure(with_password(target(between.port), password))
    db = f"127.0.0.1:{between.port}"
    rejected = f"{db} rejects the password of postgres: it is wrong or has expired"
    missing = f"{db} requires a password for postgres, and none is configured: set password_env"
    assert result == Failure(Reason.AUTH, rejected if password else missing)
    assert between.connections == 1


async def test_no_password_is_not_tried_as_an_empty_one(servers: Servers) -> None:
    """The server would log and count it as a failed login."""
    server = servers.postgres("16", password=PASSWORD, settings={"log_connections": "on"})
    result = await failure(target(server.port))
    assert (result.reason, "none is configured: set password_env" in result.message) == ("auth", True)
    assert "FATAL" not in server.words()


async def test_clear_password_is_sent_only_where_tls_is_off(servers: Servers) -> None:
    """As for MySQL."""
    server = servers.postgres("16", password=PASSWORD)
    server.home.write(server.folder / "data" / "pg_hba.conf", "host all all 127.0.0.1/32 password\n")
    server.restart()
    async with proxy("127.0.0.1", server.port) as between:
        db = with_password(target(between.port))
        result = await failure(db)
        assert PASSWORD.encode() not in between.sent
        words = 'requests the password in clear text, which is sent over TLS only, unless tls = "off" is set'
        assert result == Failure(Reason.TLS, f"127.0.0.1:{between.port} {words}")
        assert (await reading(replace(db, tls=TlsMode.OFF))).product == "PostgreSQL"


async def test_timeout_of_the_role_is_named(servers: Servers) -> None:
    sql = ["CREATE ROLE web LOGIN", "ALTER ROLE web SET statement_timeout = '1ms'"]
    server = servers.postgres("16", sql=sql)
    result = await failure(target(server.port, "web"))
    words = "aborted our statement: statement_timeout is too short, perhaps by a setting of the role web"
    assert result == Failure(Reason.SERVER, f"127.0.0.1:{server.port} {words}")


async def test_refusals_are_described(guarded: Postgres, servers: Servers) -> None:
    """Faults 20, 22, 23: unknown database, no right to it, unknown role, too many connections."""
    db = with_password(target(guarded.port))
    result = await failure(replace(db, path="nowhere"))
    assert result == Failure(Reason.CONFIG, f'127.0.0.1:{guarded.port} has no database "nowhere"')
    result = await failure(with_password(replace(db, path="shut", user="web"), "web"))
    assert (result.reason, "permission denied" in result.message) == ("forbidden", True)
    open_to_all = servers.postgres("16", settings={"max_connections": "4"}, sql=["CREATE ROLE web LOGIN"])
    result = await failure(target(open_to_all.port, "nobody"))
    assert (result.reason, 'role "nobody" does not exist' in result.message) == ("auth", True)
    web = target(open_to_all.port, "web")
    async with SERVICE.connect(web, NetworkDialer(web, 20)):
        result = await failure(web)
    assert (result.reason, "reserved" in result.message) == ("server", True)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """Return the paths of a certificate for 127.0.0.1 and its key, and of one for another host."""
    folder = tmp_path_factory.mktemp("tls")
    paths: dict[str, str] = {}
    for name, host in {"cert": "IP:127.0.0.1", "other": "DNS:db.example"}.items():
        cert, key = str(folder / f"{name}.pem"), str(folder / f"{name}.key")
        words = ["-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=postgres", "-addext", f"subjectAltName={host}"]
        subprocess.run(
            ["openssl", "req", *words, "-out", cert, "-keyout", key], check=True, capture_output=True, timeout=60
        )
        paths |= {name: cert, f"{name}-key": key}
    return paths


@pytest.fixture(scope="module")
def with_tls(servers: Servers, files: Mapping[str, str]) -> Postgres:
    """Start a server that requires TLS: Debian's, as the wheels are built without."""
    server = servers.postgres("15", password=PASSWORD)
    for name, path in (("server.crt", files["cert"]), ("server.key", files["cert-key"])):
        server.home.write(server.folder / "data" / name, Path(path).read_text())
    server.home.write(server.folder / "data" / "pg_hba.conf", "hostssl all all 127.0.0.1/32 scram-sha-256\n")
    server.restart({"ssl": "on"})
    return server


@pytest.mark.parametrize(
    ("tls", "ca", "note"),
    [
        ("prefer", "", "TLS 1.3, not verified"),
        ("require", "", "TLS 1.3, not verified"),
        ("verify-ca", "cert", "TLS 1.3, host name not verified"),
        ("verify-full", "cert", "TLS 1.3"),
    ],
)
async def test_notes_name_the_verification_of_tls(
    with_tls: Postgres, files: Mapping[str, str], tls: str, ca: str, note: str
) -> None:
    result = await reading(with_password(target(with_tls.port, tls=tls, ca=files.get(ca, ""))))
    assert result.notes == (note,)


async def test_rejected_certificate_ends_the_connection(with_tls: Postgres, files: Mapping[str, str]) -> None:
    """Fault 11: neither user nor password is sent, and no connection without TLS follows."""
    async with proxy("127.0.0.1", with_tls.port) as between:
        result = await failure(with_password(target(between.port, tls=TlsMode.VERIFY_FULL)))
        assert (result.reason, "not accepted" in result.message) == ("tls", True)
        result = await failure(with_password(target(between.port, tls=TlsMode.VERIFY_CA, ca=files["other"])))
        assert result.reason == "tls"
    assert between.connections == 2
    assert b"postgres\0" not in between.sent


async def test_required_tls_is_never_dropped(postgres_servers: Shared[Postgres]) -> None:
    """Fault 10: nothing is sent to a server without TLS."""
    async with proxy("127.0.0.1", postgres_servers["16"].port) as between:
        result = await failure(with_password(target(between.port, tls=TlsMode.REQUIRE)))
    assert result == Failure(Reason.TLS, f"127.0.0.1:{between.port} offers no TLS")
    assert between.sent == ASKED_FOR_TLS


async def test_server_that_requires_tls_is_quoted(with_tls: Postgres) -> None:
    """Fault 10."""
    result = await failure(with_password(target(with_tls.port, tls=TlsMode.OFF)))
    assert (result.reason, "no encryption" in result.message) == ("auth", True)


async def test_refresh_with_tls_takes_one_round_trip(with_tls: Postgres) -> None:
    async with proxy("127.0.0.1", with_tls.port) as between:
        db = with_password(target(between.port, tls=TlsMode.REQUIRE))
        async with SERVICE.connect(db, NetworkDialer(db, 20)) as read:
            await read()
            before = between.bursts
            await read()
            assert between.bursts == before + 1


def test_tls_context_is_never_weaker_than_its_mode() -> None:
    checks = {mode: NetworkDialer(target(1, tls=mode), 1).context() for mode in ("prefer", "require", "verify-full")}
    assert checks["prefer"] is not None
    assert checks["prefer"].verify_mode is ssl.CERT_NONE
    assert checks["verify-full"] is not None
    assert checks["verify-full"].check_hostname

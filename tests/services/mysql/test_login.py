"""MySQL's login: passwords, refusals, TLS."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from asyncmy.errors import OperationalError

from parity_tui.demo.mysql import MariaDB
from parity_tui.demo.process import wait_until
from parity_tui.demo.servers import Servers
from parity_tui.model import Failure, Reason, TlsMode
from parity_tui.services.mysql import SERVICE
from parity_tui.services.mysql.errors import describe_error
from parity_tui.transport.dialer import NetworkDialer
from tests.conftest import Shared
from tests.proxy import proxy
from tests.services.mysql.connections import PASSWORD, bursts, failure, reading, target


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """Return the paths of a certificate for 127.0.0.1 and its key, and of one for another host."""
    folder = tmp_path_factory.mktemp("tls")
    paths: dict[str, str] = {}
    for name, host in {"cert": "IP:127.0.0.1", "other": "DNS:db.example"}.items():
        cert, key = str(folder / f"{name}.pem"), str(folder / f"{name}.key")
        words = ["-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=mysql", "-addext", f"subjectAltName={host}"]
        subprocess.run(
            ["openssl", "req", *words, "-out", cert, "-keyout", key], check=True, capture_output=True, timeout=60
        )
        paths |= {name: cert, f"{name}-key": key}
    return paths


@pytest.fixture(scope="module")
def guarded(servers: Servers, files: Mapping[str, str]) -> MariaDB:
    """Start a server with TLS whose users need passwords, with two authentication plug-ins."""
    cert, key = (str(servers.file(f"mysql-{name}", Path(files[name]).read_text())) for name in ("cert", "cert-key"))
    quoted = PASSWORD.replace("'", "''")
    users = [
        f"CREATE USER web@'%' IDENTIFIED BY '{quoted}'",
        f"CREATE USER sealed@'%' IDENTIFIED BY '{quoted}' REQUIRE SSL",
        "CREATE USER one@'%' IDENTIFIED BY 'one' WITH MAX_USER_CONNECTIONS 1",
        "CREATE USER curved@'%' IDENTIFIED VIA ed25519 USING PASSWORD('curved')",
    ]
    settings = {"ssl_cert": cert, "ssl_key": key, "plugin_load_add": "auth_ed25519"}
    return servers.mariadb("10.11", settings=settings, sql=users)


async def test_refresh_with_tls_takes_one_round_trip(guarded: MariaDB) -> None:
    async with proxy("127.0.0.1", guarded.port) as between:
        assert await bursts(between, target(between.port, "web", password=PASSWORD)) == [2, 3, 6]


@pytest.mark.parametrize("tls", ["off", "require"])
async def test_password_may_have_any_characters(guarded: MariaDB, tls: str) -> None:
    assert (await reading(target(guarded.port, "web", tls, password=PASSWORD))).product == "MariaDB"


@pytest.mark.parametrize("password", ["wrong/pass%word", ""])
async def test_wrong_password_is_tried_once_and_hidden(guarded: MariaDB, password: str) -> None:
    """Fault 21."""
    async with proxy("127.0.0.1", guarded.port) as between:
        result = await failure(target(between.port, "web", password=password))
    db = f"127.0.0.1:{between.port}"
    certificate = "(or wants a client certificate: cert, key)"
    rejected = f"{db} refuses web with this password, or from this host {certificate}"
    missing = f"{db} requires a password for web, and none is configured: set password_env"
    assert result == Failure(Reason.AUTH, rejected if password else missing)
    assert between.connections == 1


async def test_driver_failure_counts_no_handshake_error(servers: Servers) -> None:
    """After max_connect_errors of them the server blocks the whole host."""
    users = ["CREATE USER curved@'%' IDENTIFIED VIA ed25519 USING PASSWORD('curved')"]
    server = servers.mariadb("10.11", settings={"plugin_load_add": "auth_ed25519", "log_warnings": "9"}, sql=users)
    for _ in range(3):
        result = await failure(target(server.port, "curved", password="curved"))
        assert (result.reason, "pip install 'parity-tui[mysql]'" in result.message) == ("driver", True)
    assert await asyncio.to_thread(wait_until, lambda: server.words().count("Access denied for user 'curved'") == 3, 10)
    assert "Aborted connection" not in server.words()
    assert "read packet" not in server.words()


async def test_user_that_requires_tls_gets_a_hint(guarded: MariaDB) -> None:
    """Fault 10: the server's message is that of a wrong password."""
    result = await failure(target(guarded.port, "sealed", "off", password=PASSWORD))
    assert result.message.endswith("(connected without TLS, which it may require)")
    assert (await reading(target(guarded.port, "sealed", "prefer", password=PASSWORD))).product == "MariaDB"


async def test_server_that_requires_tls_is_described(servers: Servers) -> None:
    """Fault 10: before any password is requested."""
    server = servers.mariadb("11.8", settings={"require_secure_transport": "ON"})
    result = await failure(target(server.port, tls=TlsMode.OFF))
    assert result == Failure(Reason.TLS, f"127.0.0.1:{server.port} accepts TLS connections only")
    assert (await reading(target(server.port))).facts["require_secure_transport"].raw == "ON"


@pytest.mark.parametrize(("number", "setting"), [(1969, "max_statement_time"), (3024, "max_execution_time")])
def test_time_limit_of_the_user_is_named(number: int, setting: str) -> None:
    """A real server counts in milliseconds, within which our statement may end."""
    described = describe_error(OperationalError(number, "interrupted"), target(1, "web"), encrypted=False)
    words = f"aborted our statement: {setting} is too short, perhaps that of the user web (SHOW GRANTS)"
    assert str(described) == f"127.0.0.1:1 {words}"


async def test_refusals_are_described(guarded: MariaDB, servers: Servers) -> None:
    """Faults 20, 22, 23: too many connections of one user, and of all; an unsupported authentication plug-in."""
    one = target(guarded.port, "one", password="one")
    async with SERVICE.connect(one, NetworkDialer(one, 20)):
        result = await failure(one)
    assert (result.reason, "max_user_connections" in result.message) == ("server", True)
    result = await failure(target(guarded.port, "curved", password="curved"))
    assert (result.reason, "pynacl" in result.message) == ("driver", True)
    narrow = servers.mariadb("10.11", settings={"max_connections": "10"}, sql=["CREATE USER web@'%'"])
    db = target(narrow.port, "web")
    connects = [SERVICE.connect(db, NetworkDialer(db, 20)) for _ in range(10)]
    for connect in connects:
        await connect.__aenter__()
    try:
        result = await failure(db)
    finally:
        for connect in connects:
            await connect.__aexit__(None, None, None)
    assert result == Failure(Reason.SERVER, f"127.0.0.1:{narrow.port}: Too many connections")


@pytest.mark.parametrize(
    ("tls", "ca", "note"),
    [
        ("off", "", "no TLS"),
        ("prefer", "", "TLS 1.3, not verified"),
        ("require", "", "TLS 1.3, not verified"),
        ("verify-ca", "cert", "TLS 1.3, host name not verified"),
        ("verify-full", "cert", "TLS 1.3"),
    ],
)
async def test_notes_name_the_verification_of_tls(
    guarded: MariaDB, files: Mapping[str, str], tls: str, ca: str, note: str
) -> None:
    result = await reading(target(guarded.port, "web", tls, files.get(ca, ""), PASSWORD))
    assert result.notes == (note,)


async def test_rejected_certificate_ends_the_connection(guarded: MariaDB, files: Mapping[str, str]) -> None:
    """Fault 11: neither user nor password is sent, and no connection without TLS follows."""
    async with proxy("127.0.0.1", guarded.port) as between:
        result = await failure(target(between.port, "web", "verify-full", password=PASSWORD))
        assert (result.reason, "not accepted" in result.message) == ("tls", True)
        result = await failure(target(between.port, "web", "verify-ca", files["other"], PASSWORD))
        assert result.reason == "tls"
    assert between.connections == 2
    assert b"web\0" not in between.sent


@pytest.mark.parametrize("tls", ["require", "verify-ca", "verify-full"])
async def test_required_tls_is_never_dropped(mariadb_servers: Shared[MariaDB], tls: str) -> None:
    """Fault 10: nothing is sent to a server without TLS."""
    async with proxy("127.0.0.1", mariadb_servers["10.11"].port) as between:
        result = await failure(target(between.port, tls=tls, password=PASSWORD))
    assert result == Failure(Reason.TLS, f"127.0.0.1:{between.port} offers no TLS")
    assert between.sent == b""

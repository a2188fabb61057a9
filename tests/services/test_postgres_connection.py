"""PostgreSQL's connection: how often it is used, with TLS and without, by way of a pooler, and to strangers."""

from __future__ import annotations

import asyncio
import shutil
import signal
import ssl
import struct
import subprocess
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from msgspec.structs import replace

from parity_tui.demo.postgres import Postgres
from parity_tui.demo.process import answers, free_port, wait_until
from parity_tui.demo.servers import Servers
from parity_tui.model import Failure, Reading, Reason, ServiceError, Target, TlsMode
from parity_tui.secrets import Secret
from parity_tui.services.postgres import SERVICE
from parity_tui.services.postgres.connection import is_greeting
from parity_tui.transport.dialer import CAP, NetworkDialer, describe
from tests.conftest import Shared
from tests.proxy import Script, floods, listening, proxy, says

PASSWORD = "p/a%@s:s&=# w"
ASKED_FOR_TLS = struct.pack("!II", 8, 80877103)


def target(port: int, user: str = "postgres", database: str = "", tls: str = "prefer", ca: str = "") -> Target:
    """Return what is connected to."""
    return Target(
        "dev", "database", "postgres", "postgresql", "127.0.0.1", port, database, user, tls=TlsMode(tls), ca=ca
    )


def with_password(where: Target, password: str = PASSWORD) -> Target:
    """Return the same with a password."""
    return replace(where, password=lambda: Secret(password))


async def reading(where: Target) -> Reading:
    """Connect, read once and leave."""
    async with asyncio.timeout(20), SERVICE.connect(where, NetworkDialer(where, 20)) as read:
        return await read()


async def failure(where: Target, seconds: float = 20.0) -> Failure:
    """Return how reading fails, as it is shown."""
    try:
        async with asyncio.timeout(seconds), SERVICE.connect(where, NetworkDialer(where, seconds)) as read:
            await read()
    except (OSError, ServiceError) as error:
        return describe(error, where, seconds)
    raise AssertionError("it did not fail")


@asynccontextmanager
async def a_stranger(script: Script, tls: str) -> AsyncIterator[Target]:
    """Give the target of a made-up server."""
    async with listening(script) as port:
        yield target(port, tls=tls)


# How often it is used


async def test_a_refresh_is_one_round_trip_on_the_connection_that_is_kept(postgres_servers: Shared[Postgres]) -> None:
    """TLS is asked for, the name said, the statement described, and from then on one burst a reading."""
    async with proxy("127.0.0.1", postgres_servers["18"].port) as between:
        where = target(between.port)
        async with SERVICE.connect(where, NetworkDialer(where, 20)) as read:
            assert between.bursts == 2
            await read()
            assert between.bursts == 4
            for _ in range(3):
                await read()
            assert (between.connections, between.bursts) == (1, 7)


async def test_nothing_but_the_applications_name_is_set_at_the_start(postgres_servers: Shared[Postgres]) -> None:
    """Any other parameter would be refused by poolers, and would hide the server's own value."""
    async with proxy("127.0.0.1", postgres_servers["16"].port) as between:
        await reading(target(between.port))
    assert between.sent.startswith(ASKED_FOR_TLS)
    size = int.from_bytes(between.sent[8:12], "big")
    words = between.sent[16 : 8 + size].rstrip(b"\0").split(b"\0")
    told = dict(zip(words[::2], words[1::2], strict=True))
    assert told.pop(b"client_encoding").strip(b"'").lower().replace(b"-", b"") == b"utf8"
    assert told == {b"user": b"postgres", b"database": b"postgres", b"application_name": b"parity-tui"}


async def test_nothing_is_taken_from_the_surroundings(
    postgres_servers: Shared[Postgres], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """PG… variables and files in the home folder are another environment's: none of them counts."""
    folder = tmp_path / ".postgresql"
    folder.mkdir()
    (folder / "postgresql.crt").write_text("no certificate")
    (folder / "root.crt").write_text("no certificate either")
    monkeypatch.setenv("HOME", str(tmp_path))
    for name, value in {
        "HOST": "192.0.2.1", "PORT": "1", "USER": "nobody", "PASSWORD": "wrong", "DATABASE": "nowhere",
        "SSLMODE": "verify-full", "SSLCERT": "/nowhere", "TARGETSESSIONATTRS": "standby", "OPTIONS": "-c jit=off",
        "TZ": "Asia/Tokyo", "APPNAME": "x", "SERVICE": "nowhere", "SSLNEGOTIATION": "direct", "GSSLIB": "none",
    }.items():  # fmt: skip
        monkeypatch.setenv(f"PG{name}", value)
    got = await reading(target(postgres_servers["16"].port))
    assert got.facts["jit"].default is True
    assert got.facts["application_name"].raw == "parity-tui"


async def test_a_password_that_is_not_configured_is_not_found_elsewhere(
    guarded: Postgres, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The right one in PGPASSWORD and in ~/.pgpass would be sent to every environment."""
    (tmp_path / ".pgpass").write_text(f"*:*:*:*:{PASSWORD.replace(':', chr(92) + ':')}\n")
    (tmp_path / ".pgpass").chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert (await failure(target(guarded.port))).reason == "auth"
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    assert (await failure(target(guarded.port))).reason == "auth"


async def test_without_host_or_user_nothing_is_guessed(postgres_servers: Shared[Postgres]) -> None:
    """The driver would take a local socket and the name of whoever runs this."""
    where = target(postgres_servers["16"].port)
    assert (await failure(replace(where, host=""))).reason == "config"
    assert "no user is given" in (await failure(replace(where, user=""))).message


async def test_a_server_of_the_wrong_role_is_refused_where_that_is_asked_for(
    postgres_servers: Shared[Postgres],
) -> None:
    """target_session_attrs, as libpq has it, but for one server."""
    where = target(postgres_servers["16"].port)
    assert (await reading(replace(where, options={"target_session_attrs": "primary"}))).version == "16.14"
    refused = await failure(replace(where, options={"target_session_attrs": "standby"}))
    assert refused.message.endswith("is not standby, which target_session_attrs asks for")
    unknown = await failure(replace(where, options={"target_session_attrs": "fastest"}))
    assert (unknown.reason, "primary, standby" in unknown.message) == ("config", True)


# Being let in


@pytest.fixture(scope="module")
def guarded(servers: Servers) -> Postgres:
    """Give a server that asks everybody for a password."""
    rules = [
        "CREATE ROLE web LOGIN PASSWORD 'web'",
        "CREATE DATABASE shut",
        "REVOKE CONNECT ON DATABASE shut FROM PUBLIC",
    ]
    return servers.postgres("16", password=PASSWORD, sql=[*rules, "CREATE ROLE one LOGIN CONNECTION LIMIT 0"])


async def test_a_password_of_any_characters_is_taken(guarded: Postgres) -> None:
    """It is handed over as it is, not as a part of a URL."""
    assert (await reading(with_password(target(guarded.port)))).product == "PostgreSQL"


@pytest.mark.parametrize("password", ["wrong/pass%word", ""])
async def test_a_wrong_password_is_said_once_and_never_shown(guarded: Postgres, password: str) -> None:
    """Fault 21: One attempt, in words, without the password."""
    async with proxy("127.0.0.1", guarded.port) as between:
        said = await failure(with_password(target(between.port), password))
    assert said == Failure(
        Reason.AUTH, f"127.0.0.1:{between.port} rejects the password of postgres: it is wrong or has expired"
    )
    assert between.connections == 1


async def test_what_else_is_refused_is_said_in_words(guarded: Postgres, servers: Servers) -> None:
    """Fault 20, 22, 23: No such database, no right to it, no role of that name, too many connections."""
    where = with_password(target(guarded.port))
    said = await failure(replace(where, path="nowhere"))
    assert said == Failure(Reason.CONFIG, f'127.0.0.1:{guarded.port} has no database "nowhere"')
    said = await failure(with_password(replace(where, path="shut", user="web"), "web"))
    assert (said.reason, "permission denied" in said.message) == ("forbidden", True)
    open_to_all = servers.postgres("16", settings={"max_connections": "4"}, sql=["CREATE ROLE web LOGIN"])
    said = await failure(target(open_to_all.port, "nobody"))
    assert (said.reason, 'role "nobody" does not exist' in said.message) == ("auth", True)
    web = target(open_to_all.port, "web")
    async with SERVICE.connect(web, NetworkDialer(web, 20)):
        said = await failure(web)
    assert (said.reason, "reserved" in said.message) == ("server", True)


async def test_a_restart_is_a_closed_connection_and_a_new_instance(servers: Servers) -> None:
    """Fault 5, 17: The reading fails in words; the next connection has another sign of the run."""
    server = servers.postgres("18")
    where = target(server.port)
    async with SERVICE.connect(where, NetworkDialer(where, 20)) as read:
        first = await read()
        server.restart()
        with pytest.raises(ServiceError, match=r"closed the connection|is shutting down") as caught:
            await read()
        assert caught.value.reason == "closed"
        with pytest.raises(ServiceError, match="closed the connection"):
            await read()
    assert (await reading(where)).instance != first.instance


async def test_leaving_a_frozen_server_takes_no_time_and_asks_nothing_more(servers: Servers) -> None:
    """Fault 6: The deadline ends the reading, and the connection is dropped: no second one is made to say so."""
    server = servers.postgres("16")
    async with proxy("127.0.0.1", server.port) as between:
        where = target(between.port)
        connect = SERVICE.connect(where, NetworkDialer(where, 20))
        read = await connect.__aenter__()
        await read()
        server.pause()
        try:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.3):
                    await read()
            async with asyncio.timeout(5):
                await connect.__aexit__(None, None, None)
            await asyncio.sleep(0.1)
            assert between.connections == 1
        finally:
            server.resume()


# TLS


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
    """Give a server with TLS that takes nothing else: Debian's, since the wheels are built without."""
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
async def test_tls_is_used_and_how_far_it_is_checked_is_said(
    with_tls: Postgres, files: Mapping[str, str], tls: str, ca: str, note: str
) -> None:
    """Each mode with a certificate that signs itself."""
    got = await reading(with_password(target(with_tls.port, tls=tls, ca=files.get(ca, ""))))
    assert got.notes == (note,)


async def test_a_certificate_that_is_not_accepted_ends_it(with_tls: Postgres, files: Mapping[str, str]) -> None:
    """Fault 11: Never without TLS instead, and never a password to whoever it is."""
    async with proxy("127.0.0.1", with_tls.port) as between:
        said = await failure(with_password(target(between.port, tls=TlsMode.VERIFY_FULL)))
        assert (said.reason, "not accepted" in said.message) == ("tls", True)
        said = await failure(with_password(target(between.port, tls=TlsMode.VERIFY_CA, ca=files["other"])))
        assert said.reason == "tls"
    assert between.connections == 2
    assert b"postgres\0" not in between.sent


async def test_tls_is_not_dropped_where_it_is_required(postgres_servers: Shared[Postgres]) -> None:
    """Fault 10: A server without TLS is said to be one; nothing is sent to it."""
    async with proxy("127.0.0.1", postgres_servers["16"].port) as between:
        said = await failure(with_password(target(between.port, tls=TlsMode.REQUIRE)))
    assert said == Failure(Reason.TLS, f"127.0.0.1:{between.port} offers no TLS")
    assert between.sent == ASKED_FOR_TLS


async def test_a_server_that_takes_tls_only_says_so(with_tls: Postgres) -> None:
    """Fault 10: In the server's own words, which name the missing encryption."""
    said = await failure(with_password(target(with_tls.port, tls=TlsMode.OFF)))
    assert (said.reason, "no encryption" in said.message) == ("auth", True)


async def test_with_tls_a_refresh_is_one_round_trip_too(with_tls: Postgres) -> None:
    """The connection is watched within TLS as well, and nothing is added to it."""
    async with proxy("127.0.0.1", with_tls.port) as between:
        where = with_password(target(between.port, tls=TlsMode.REQUIRE))
        async with SERVICE.connect(where, NetworkDialer(where, 20)) as read:
            await read()
            before = between.bursts
            await read()
            assert between.bursts == before + 1


# By way of a pooler


@pytest.fixture(scope="module")
def pooled(servers: Servers, postgres_servers: Shared[Postgres]) -> Iterator[int]:
    """Give the port of a PgBouncer that hands out a backend for each transaction."""
    program = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
    if program is None:
        pytest.skip("no pgbouncer here")
    port, home = free_port(), servers.home
    folder = home.folder("pgbouncer")
    users = home.write(folder / "users", '"postgres" ""\n')
    file = home.write(
        folder / "pgbouncer.ini",
        f"[databases]\npostgres = host=127.0.0.1 port={postgres_servers['16'].port}\n"
        f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = trust\n"
        f"auth_file = {users}\npool_mode = transaction\ndefault_pool_size = 2\nadmin_users = postgres\n",
    )
    process = home.start("pgbouncer", [program, str(file)])
    assert wait_until(lambda: answers(port), 20), process.last_words()
    yield port
    process.signal(signal.SIGKILL)
    process.wait(5)


async def test_behind_a_pooler_every_refresh_works_in_one_round_trip(pooled: int) -> None:
    """Fault 15: Three clients share two backends, at once and again: no statement is lost, none is another's."""
    async with proxy("127.0.0.1", pooled) as between:
        where = target(between.port)
        connects = [SERVICE.connect(where, NetworkDialer(where, 20)) for _ in range(3)]
        reads = [await connect.__aenter__() for connect in connects]
        try:
            first = await asyncio.gather(*(read() for read in reads))
            before = between.bursts
            for _ in range(4):
                assert await asyncio.gather(*(read() for read in reads)) == first
            assert between.bursts == before + 12
        finally:
            for connect in connects:
                await connect.__aexit__(None, None, None)
    assert first[0].notes == ("no TLS", "via a pooler")


async def test_the_poolers_own_console_is_not_taken_for_a_database(pooled: int) -> None:
    """It speaks the protocol, and knows no settings of a server."""
    said = await failure(target(pooled, database="pgbouncer"))
    assert said.reason == "wrong-service"
    assert "is the console of PgBouncer 1." in said.message
    assert (await failure(target(pooled, database="nowhere"))).reason == "config"


# Strangers


def after_login(chunk: bytes) -> Script:
    """Return a server that lets everybody in without TLS, and then sends the same, twice as much as is taken."""

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert await reader.readexactly(8) == ASKED_FOR_TLS
        writer.write(b"N")
        await reader.read(1000)
        writer.write(b"R\0\0\0\x08\0\0\0\0")
        for _ in range(2 * CAP // len(chunk)):
            writer.write(chunk)
            await writer.drain()
            await asyncio.sleep(0)
        await reader.read()

    return script


@pytest.mark.parametrize("tls", ["off", "prefer", "verify-full"])
@pytest.mark.parametrize(
    ("script", "who"),
    [
        (says(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "HTTP"),
        (floods(b"SSH-2.0-OpenSSH_9.2\r\n" * 1000), "SSH"),
        (says(b"ERROR\r\n", b"ERROR\r\n"), "Memcached"),
        (says(b"-ERR unknown command\r\n"), "Redis"),
        (floods(b"J\0\0\0\n8.0.36\0" * 1000), "MySQL"),
        (floods(b"\0" * 65536), "something else"),
        (floods(b"hello\r\n" * 1000), "something else"),
        (floods(b"R" * 65536), "something else"),
        (says(b"\x15\x03\x01\0\x02\x02\x46"), "TLS"),
    ],
    ids=["http", "ssh", "memcached", "redis", "mysql", "zeros", "lines", "letters", "tls"],
)
async def test_another_service_is_recognised_by_its_first_bytes(script: Script, who: str, tls: str) -> None:
    """Fault 8, 9, 10: At once, in words."""
    async with a_stranger(script, tls) as where:
        said = await failure(where)
    assert said == Failure(Reason.WRONG_SERVICE, f"{where.address} answers like {who}, not PostgreSQL")


@pytest.mark.parametrize(
    "chunk",
    [b"D\x7f\xff\xff\xff" + b"\0" * 65536, b"S\0\0\0\x0eabc\0defg\0\0" * 5000, b"N\0\0\0\x05\0" * 10000],
    ids=["one message", "parameters", "notices"],
)
async def test_a_peer_that_never_ends_is_cut_off(chunk: bytes) -> None:
    """Fault 8: After some megabytes, whatever it is that it sends."""
    async with a_stranger(after_login(chunk), "prefer") as where:
        said = await failure(where, seconds=10)
    assert said == Failure(Reason.PROTOCOL, f"{where.address} sends more than any PostgreSQL would")


@pytest.mark.parametrize("tls", ["off", "prefer", "verify-full"])
async def test_a_peer_that_hangs_up_has_closed_the_connection(tls: str) -> None:
    """Fault 4: Whichever of its bytes it has sent before."""
    for script in (says(), says(b"N"), says(b"S")):
        async with a_stranger(script, tls) as where:
            said = await failure(where)
        assert said.reason in ("closed", "tls", "wrong-service")
        assert said.message


async def test_an_error_before_anything_is_asked_is_the_servers() -> None:
    """What it says there is not to be trusted nor shown: anybody may have put it in."""
    error = b"SFATAL\0C53300\0Mbuy this\0\0"
    async with a_stranger(says(b"E" + struct.pack("!I", len(error) + 4) + error), "prefer") as where:
        said = await failure(where)
    assert said == Failure(Reason.SERVER, f"{where.address} answers with an error before anything is asked")


async def test_a_server_that_starts_up_says_so() -> None:
    """Fault 19: In its own words, as a state of the server."""
    error = b"SFATAL\0VFATAL\0C57P03\0Mthe database system is starting up\0\0"
    async with a_stranger(says(b"N", b"E" + struct.pack("!I", len(error) + 4) + error), "prefer") as where:
        said = await failure(where)
    assert said == Failure(Reason.SERVER, f"{where.address} is starting: the database system is starting up")


async def test_a_refused_port_is_an_error_of_the_system() -> None:
    """Fault 1: The caller has the words for it."""
    assert (await failure(target(free_port()))).reason == "refused"


def test_a_greeting_in_pieces_is_one() -> None:
    """The first packet may hold no more than one letter."""
    assert is_greeting(b"R")
    assert is_greeting(b"E\0\0")
    assert not is_greeting(b"E\xff\xff\xff\xff")


def test_the_context_of_a_mode_is_never_weaker_than_the_mode() -> None:
    """Only “prefer” may go on without TLS, and asyncpg does so only where nothing is verified."""
    checks = {mode: NetworkDialer(target(1, tls=mode), 1).context() for mode in ("prefer", "require", "verify-full")}
    assert checks["prefer"] is not None
    assert checks["prefer"].verify_mode is ssl.CERT_NONE
    assert checks["verify-full"] is not None
    assert checks["verify-full"].check_hostname

"""MySQL's connection: how often it is used, with TLS and without, being let in, and to strangers."""

from __future__ import annotations

import asyncio
import struct
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from asyncmy.errors import OperationalError
from msgspec.structs import replace

from parity_tui.demo.mysql import MariaDB
from parity_tui.demo.servers import Servers
from parity_tui.model import Failure, Reading, Reason, ServiceError, Target, TlsMode
from parity_tui.secrets import Secret
from parity_tui.services.mysql import SERVICE
from parity_tui.services.mysql.connection import MySQLConnection
from parity_tui.transport.dialer import NetworkDialer, describe
from tests.conftest import Shared
from tests.proxy import Proxy, Script, floods, listening, proxy
from tests.services import scripted_mysql as scripted

PASSWORD = "p/a%@s:s&=# w'ö漢"
QUOTED = PASSWORD.replace("'", "''")


def target(port: int, user: str = "root", tls: str = "prefer", ca: str = "", password: str = "") -> Target:
    """Return what is connected to."""
    secret = (lambda: Secret(password)) if password else None
    return Target("dev", "database", "mysql", "mysql", "127.0.0.1", port, "", user, secret, tls=TlsMode(tls), ca=ca)


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
    """Give a server with TLS whose users need passwords, by three ways of logging in."""
    cert, key = (str(servers.file(f"mysql-{name}", Path(files[name]).read_text())) for name in ("cert", "cert-key"))
    users = [
        f"CREATE USER web@'%' IDENTIFIED BY '{QUOTED}'",
        f"CREATE USER sealed@'%' IDENTIFIED BY '{QUOTED}' REQUIRE SSL",
        "CREATE USER one@'%' IDENTIFIED BY 'one' WITH MAX_USER_CONNECTIONS 1",
        "CREATE USER curved@'%' IDENTIFIED VIA ed25519 USING PASSWORD('curved')",
    ]
    settings = {"ssl_cert": cert, "ssl_key": key, "plugin_load_add": "auth_ed25519"}
    return servers.mariadb("10.11", settings=settings, sql=users)


# How often it is used


async def _used(between: Proxy, where: Target) -> list[int]:
    """Return how often the client has begun to speak: after the login, after the first reading, after three more."""
    async with SERVICE.connect(where, NetworkDialer(where, 20)) as read:
        bursts = [between.bursts]
        await read()
        bursts.append(between.bursts)
        for _ in range(3):
            await read()
        return [*bursts, between.bursts]


async def test_a_refresh_is_one_round_trip_on_the_connection_that_is_kept(each_mariadb: MariaDB) -> None:
    """One to log in, one to read all, and one for each reading from then on."""
    async with proxy("127.0.0.1", each_mariadb.port) as between:
        assert await _used(between, target(between.port, tls=TlsMode.OFF)) == [1, 2, 5]
        assert between.connections == 1


async def test_with_tls_a_refresh_is_one_round_trip_too(guarded: MariaDB) -> None:
    """TLS takes one more when it begins, and none after that."""
    async with proxy("127.0.0.1", guarded.port) as between:
        assert await _used(between, target(between.port, "web", password=PASSWORD)) == [2, 3, 6]


async def test_nothing_is_taken_from_the_surroundings(
    mariadb_servers: Shared[MariaDB], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Variables and files in the home folder are another environment's: none of them counts."""
    (tmp_path / ".my.cnf").write_text("[client]\nuser = nobody\npassword = wrong\nport = 1\nhost = 192.0.2.1\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    for name, value in {"PWD": "wrong", "TCP_PORT": "1", "HOST": "192.0.2.1", "UNIX_PORT": "/nowhere"}.items():
        monkeypatch.setenv(f"MYSQL_{name}", value)
    assert (await reading(target(mariadb_servers["10.11"].port))).product == "MariaDB"


async def test_without_host_or_user_nothing_is_guessed(mariadb_servers: Shared[MariaDB]) -> None:
    """The driver would take this machine and the name of whoever runs this."""
    where = target(mariadb_servers["10.11"].port)
    assert (await failure(replace(where, host=""))).reason == "config"
    assert "no user is given" in (await failure(replace(where, user=""))).message


# Being let in


@pytest.mark.parametrize("tls", ["off", "require"])
async def test_a_password_of_any_characters_is_taken(guarded: MariaDB, tls: str) -> None:
    """Those too that the driver has no encoding for."""
    assert (await reading(target(guarded.port, "web", tls, password=PASSWORD))).product == "MariaDB"


@pytest.mark.parametrize("password", ["wrong/pass%word", ""])
async def test_a_wrong_password_is_said_once_and_never_shown(guarded: MariaDB, password: str) -> None:
    """Fault 21: One attempt, in words, without the password."""
    async with proxy("127.0.0.1", guarded.port) as between:
        said = await failure(target(between.port, "web", password=password))
    where = f"127.0.0.1:{between.port}"
    assert said == Failure(Reason.AUTH, f"{where} does not take web with this password, or not from here")
    assert between.connections == 1


async def test_a_user_who_must_use_tls_is_told_so_where_there_is_none(guarded: MariaDB) -> None:
    """Fault 10: The server's own words are those of a wrong password."""
    said = await failure(target(guarded.port, "sealed", "off", password=PASSWORD))
    assert said.message.endswith("(we are here without TLS, which it may insist on)")
    assert (await reading(target(guarded.port, "sealed", "prefer", password=PASSWORD))).product == "MariaDB"


async def test_a_server_that_takes_tls_only_says_so(servers: Servers) -> None:
    """Fault 10: Before any password is asked for."""
    server = servers.mariadb("11.8", settings={"require_secure_transport": "ON"})
    said = await failure(target(server.port, tls=TlsMode.OFF))
    assert said == Failure(Reason.TLS, f"127.0.0.1:{server.port} takes connections with TLS only")
    assert (await reading(target(server.port))).facts["require_secure_transport"].raw == "ON"


async def test_what_else_is_refused_is_said_in_words(guarded: MariaDB, servers: Servers) -> None:
    """Fault 20, 22, 23: Too many connections of one user, and of all; a way of logging in that the driver lacks."""
    one = target(guarded.port, "one", password="one")
    async with SERVICE.connect(one, NetworkDialer(one, 20)):
        said = await failure(one)
    assert (said.reason, "max_user_connections" in said.message) == ("server", True)
    said = await failure(target(guarded.port, "curved", password="curved"))
    assert (said.reason, "pynacl" in said.message) == ("driver", True)
    narrow = servers.mariadb("10.11", settings={"max_connections": "10"}, sql=["CREATE USER web@'%'"])
    where = target(narrow.port, "web")
    connects = [SERVICE.connect(where, NetworkDialer(where, 20)) for _ in range(10)]
    for connect in connects:
        await connect.__aenter__()
    try:
        said = await failure(where)
    finally:
        for connect in connects:
            await connect.__aexit__(None, None, None)
    assert said == Failure(Reason.SERVER, f"127.0.0.1:{narrow.port}: Too many connections")


async def test_a_restart_is_a_closed_connection_and_a_new_instance(servers: Servers) -> None:
    """Fault 5, 17: The reading fails in words; the next connection has another sign of the run."""
    server = servers.mariadb("10.11")
    where = target(server.port)
    async with SERVICE.connect(where, NetworkDialer(where, 20)) as read:
        first = await read()
        await asyncio.sleep(3)  # the server counts in seconds
        server.restart()
        for _ in range(2):
            with pytest.raises(ServiceError, match="closed the connection") as caught:
                await read()
            assert caught.value.reason == "closed"
    assert (await reading(where)).instance != first.instance


@pytest.mark.parametrize("tls", ["off", "require"])
async def test_leaving_a_frozen_server_takes_no_time_and_asks_nothing_more(servers: Servers, tls: str) -> None:
    """Fault 6: The deadline ends the reading, and the connection is gone: no farewell is said or waited for."""
    server = servers.mariadb("11.8")
    gone = asyncio.Event()

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", server.port)
        answers = asyncio.create_task(_carry(there, writer))
        try:
            await _carry(reader, back)
        finally:
            gone.set()
            answers.cancel()
            back.transport.abort()

    async with listening(script) as port:
        where = target(port, tls=tls)
        connect = SERVICE.connect(where, NetworkDialer(where, 20))
        read = await connect.__aenter__()
        await read()
        server.pause()
        try:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.3):
                    await read()
            async with asyncio.timeout(10):
                await connect.__aexit__(None, None, None)
                await gone.wait()
        finally:
            server.resume()


async def _carry(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    """Carry one way until it ends."""
    while data := await source.read(65536):
        sink.write(data)


# TLS


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
async def test_tls_is_used_and_how_far_it_is_checked_is_said(
    guarded: MariaDB, files: Mapping[str, str], tls: str, ca: str, note: str
) -> None:
    """Each mode with a certificate that signs itself."""
    got = await reading(target(guarded.port, "web", tls, files.get(ca, ""), PASSWORD))
    assert got.notes == (note,)


async def test_a_certificate_that_is_not_accepted_ends_it(guarded: MariaDB, files: Mapping[str, str]) -> None:
    """Fault 11: Never without TLS instead, and never a name or a password to whoever it is."""
    async with proxy("127.0.0.1", guarded.port) as between:
        said = await failure(target(between.port, "web", "verify-full", password=PASSWORD))
        assert (said.reason, "not accepted" in said.message) == ("tls", True)
        said = await failure(target(between.port, "web", "verify-ca", files["other"], PASSWORD))
        assert said.reason == "tls"
    assert between.connections == 2
    assert b"web\0" not in between.sent


@pytest.mark.parametrize("tls", ["require", "verify-ca", "verify-full"])
async def test_tls_is_not_dropped_where_it_is_required(mariadb_servers: Shared[MariaDB], tls: str) -> None:
    """Fault 10: A server without TLS is said to be one; nothing is sent to it."""
    async with proxy("127.0.0.1", mariadb_servers["10.11"].port) as between:
        said = await failure(target(between.port, tls=tls, password=PASSWORD))
    assert said == Failure(Reason.TLS, f"127.0.0.1:{between.port} offers no TLS")
    assert between.sent == b""


async def test_where_tls_is_preferred_and_not_offered_the_reading_says_so(mariadb_servers: Shared[MariaDB]) -> None:
    """It is never given up silently."""
    assert (await reading(target(mariadb_servers["10.11"].port))).notes == ("no TLS",)


# Peers that want too much


@pytest.mark.parametrize(
    ("plugin", "then"),
    [
        (b"mysql_clear_password", b""),
        (b"dialog", b""),
        (b"sha256_password", b""),
        (b"caching_sha2_password", b"\x01\x04"),
    ],
    ids=["clear", "dialog", "sha256", "caching"],
)
async def test_the_password_itself_is_not_sent_without_tls(plugin: bytes, then: bytes) -> None:
    """Whoever listens, or pretends to be the server, may ask for it as it is, or for it under a key of its own."""
    asked = b"\x04Password: " if plugin == b"dialog" else b"saltsaltsaltsaltsalt\0"
    script = scripted.asks(plugin, then, asked)
    async with listening(script) as port, proxy("127.0.0.1", port) as between:
        said = await failure(target(between.port, password=PASSWORD), 5)
    assert said.message.endswith("wants the password itself, which is only sent over TLS")
    assert said.reason == "tls"
    assert PASSWORD.encode() not in between.sent


async def test_no_long_answer_is_given_without_tls() -> None:
    """As the password under a key that the server has handed out would be."""
    where = target(1, password=PASSWORD)
    wire = MySQLConnection(where, Secret(PASSWORD), NetworkDialer(where, 5))
    with pytest.raises(OperationalError):  # the first packet may be: it is the login, and there is nobody here
        wire.write_packet(b"x" * 256)
    with pytest.raises(ServiceError, match="only sent over TLS"):
        wire.write_packet(b"x" * 256)


async def test_a_file_that_the_server_asks_for_is_not_sent(tmp_path: Path) -> None:
    """Any server may answer any statement with "send me this file"."""
    words = "not for anybody else"
    file = tmp_path / "file"
    file.write_text(words)
    request = scripted.packet(1, b"\xfb" + str(file).encode())

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(scripted.greeting())
        await scripted.received(reader)
        writer.write(scripted.packet(2, scripted.OK))
        await scripted.received(reader)
        writer.write(request)
        await reader.read()

    async with listening(script) as port, proxy("127.0.0.1", port) as between:
        said = await failure(target(between.port), 5)
    assert said.reason == "protocol"
    assert words.encode() not in between.sent


# Strangers


def greets(*parts: bytes, pause: float = 0.0) -> Script:
    """Return a peer that speaks first, and waits."""

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(pause)
        await reader.read()

    return script


@pytest.mark.parametrize(
    ("first", "who"),
    [
        (b"SSH-2.0-OpenSSH_9.2\r\n", "SSH"),
        (b"220 mail.example ESMTP\r\n", "a mail or FTP server"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "HTTP"),
        (b"-ERR unknown\r\n", "Redis"),
        (b"\x05\0\0\0\x0b\x08\x05\x1a\0", "MySQL's X protocol"),
        (b"\x15\x03\x03\0\x02\x02\x0a", "TLS"),
        (b"\0" * 64, "something else"),
        (bytes(range(7, 200)), "something else"),
    ],
    ids=["ssh", "smtp", "http", "redis", "mysqlx", "tls", "zeros", "bytes"],
)
async def test_another_service_is_named(first: bytes, who: str) -> None:
    """Fault 9: By the first that it says, at once, and nothing is sent to it."""
    async with listening(greets(first)) as port, proxy("127.0.0.1", port) as between:
        said = await failure(target(between.port, password=PASSWORD), 5)
    assert said == Failure(Reason.WRONG_SERVICE, f"127.0.0.1:{between.port} answers like {who}, not MySQL")
    assert between.sent == b""


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (greets(scripted.failed(1040, "Too many connections", 0)), "server"),
        (greets(scripted.failed(1130, "Host is not allowed to connect", 0)), "auth"),
        (greets(scripted.packet(0, b"\x0a8.0")), "protocol"),
        (greets(scripted.packet(0, b"\x0a\xff\xff\0\0")), "protocol"),
        (greets(*[bytes([sign]) for sign in scripted.failed(1040, "Full", 0)], pause=0.001), "server"),
        (greets(scripted.greeting(), scripted.packet(9, scripted.OK)), "protocol"),
        (greets(scripted.greeting(), scripted.packet(2, b"\xfe\0")), "driver"),
    ],
    ids=["full", "host", "short", "garbled", "slow", "order", "ancient"],
)
async def test_a_greeting_that_is_none_ends_in_words(script: Script, reason: str) -> None:
    """Whatever the driver makes of it, a person reads a sentence."""
    async with listening(script) as port:
        said = await failure(target(port, password=PASSWORD), 5)
    assert (said.reason, len(said.message) > 20) == (reason, True)
    assert PASSWORD not in said.message


async def test_a_peer_that_hangs_up_is_said_to() -> None:
    """Fault 4: Before the greeting and after it."""

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(scripted.greeting())
        await scripted.received(reader)

    async def nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Hang up."""

    for each in (script, nothing):
        async with listening(each) as port:
            assert await failure(target(port), 5) == Failure(Reason.CLOSED, f"127.0.0.1:{port} closed the connection")


async def test_a_port_that_nobody_listens_on_is_refused() -> None:
    """Fault 1: In the words of every kind."""
    async with listening(greets()) as port:
        pass
    assert await failure(target(port), 5) == Failure(Reason.REFUSED, f"127.0.0.1:{port} refused the connection")


@pytest.mark.parametrize("when", ["before the greeting", "after the login", "within TLS"])
async def test_a_silent_peer_is_left_at_once_when_the_time_is_over(when: str) -> None:
    """Fault 3: The caller's deadline ends it, and the peer sees the connection go."""
    gone = asyncio.Event()
    says = {"within TLS": scripted.greeting(capabilities=scripted.CAPABILITIES | scripted.SSL)}
    first = says.get(when, b"" if when.startswith("before") else scripted.greeting())

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            writer.write(first)
            while await reader.read(4096):
                pass
        finally:
            gone.set()

    async with listening(script) as port:
        assert (await failure(target(port), 0.3)).reason == "timeout"
        async with asyncio.timeout(5):
            await gone.wait()


async def test_a_flood_is_cut_off() -> None:
    """Fault 8: An answer that does not end is more than any server has to say."""
    flood = floods(scripted.packet(1, b"x" * 1000) * 50)

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(scripted.greeting())
        await scripted.received(reader)
        await flood(reader, writer)

    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(scripted.greeting())
        await scripted.received(reader)
        writer.write(scripted.packet(2, scripted.OK))
        await scripted.received(reader)
        writer.write(scripted.table([])[:-9])
        number = 4
        while True:
            writer.write(
                b"".join(scripted.packet(number + n, b"\xfc" + struct.pack("<H", 900) + b"x" * 900) for n in range(256))
            )
            await writer.drain()

    for each in (script, endless):
        async with listening(each) as port:
            said = await failure(target(port), 20)
            assert said.reason == "protocol", said


async def test_tls_that_speaks_something_else_is_said_to_have_failed() -> None:
    """The offer was a lie, or somebody stands between."""
    first = scripted.greeting(capabilities=scripted.CAPABILITIES | scripted.SSL)

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(first)
        await scripted.received(reader)
        writer.write(b"no TLS at all" * 100)
        await reader.read()

    async with listening(script) as port:
        assert (await failure(target(port, tls=TlsMode.REQUIRE), 5)).reason == "tls"

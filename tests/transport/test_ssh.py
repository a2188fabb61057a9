"""Another host in between: the same readings, one login for all, words where it fails, nothing left behind."""

from __future__ import annotations

import asyncio
import os
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from parity_tui.demo.server import Server
from parity_tui.demo.servers import Servers
from parity_tui.demo.supervisor import family
from parity_tui.drift.board import Board
from parity_tui.drift.policy import Policy
from parity_tui.model import Failure, Outcome, Reading, Reason, ServiceError, Target, TlsMode
from parity_tui.services import kinds, redact_reading
from parity_tui.transport.dialer import NetworkDialer, describe
from parity_tui.transport.ssh import Destination, SSHConnections, describe_exit
from parity_tui.watcher import Watcher
from tests.live import gone, running
from tests.proxy import listening
from tests.transport.sshd import Hosts

KINDS = {"valkey": "redis", "memcached": "memcached", "postgres": "postgres", "mariadb": "mysql"}
"""products, and the kind that reads each"""


@pytest.fixture(scope="module", params=KINDS)
def server(request: pytest.FixtureRequest) -> tuple[str, Server]:
    """Give a server of each product in turn, with its kind."""
    servers = request.getfixturevalue(f"{request.param}_servers")
    return KINDS[request.param], servers[list(servers)[-1]]


def target(kind: str, port: int, by: str = "", host: str = "127.0.0.1", environment: str = "dev") -> Target:
    """Return what is connected to, by way of a host where one is given."""
    user = {"postgres": "postgres", "mysql": "root"}.get(kind, "")
    return Target(environment, "it", kind, kind, host, port, user=user, ssh=by)


async def reading(where: Target, lines: SSHConnections) -> Reading:
    """Connect, read once and leave."""
    service = kinds()[where.kind]
    async with asyncio.timeout(20), service.connect(where, NetworkDialer(where, 20, lines)) as read:
        return redact_reading(await read(), service)


async def failure(where: Target, lines: SSHConnections, seconds: float = 20) -> Failure:
    """Return why there is no way to a target, as it is shown."""
    dialer = NetworkDialer(where, seconds, lines)
    try:
        async with asyncio.timeout(20):
            await dialer.open_tunnel()
            (await dialer.open(where.host, where.port))[1].transport.abort()
    except (ServiceError, OSError) as error:
        return describe(error, where, seconds)
    raise AssertionError("it did not fail")


# The same as without it


@pytest.mark.parametrize("by", ["bastion", "inner"])
async def test_a_service_reads_the_same_by_way_of_another_host(
    server: tuple[str, Server], by: str, hosts: Hosts, lines: SSHConnections
) -> None:
    """The bastion, and a host behind it: what is read is what is read directly."""
    kind, it = server
    last = hosts.bastion if by == "bastion" else hosts.inner
    before = last.carried(it.port)
    assert await reading(target(kind, it.port, by), lines) == await reading(target(kind, it.port), lines)
    assert last.carried(it.port) > before


def test_check_finds_no_drift_between_the_two_ways(servers: Servers, hosts: Hosts, tmp_path: Path) -> None:
    """The whole program, from its configuration to its exit code, with names that the far end looks up."""
    cache, database = servers.valkey(), servers.postgres()
    roles = f'cache = "redis://{{0}}:{cache.port}"\ndatabase = "postgresql://postgres@{{0}}:{database.port}"\n'
    text = "[environments.dev.services]\n" + roles.format("127.0.0.1")
    for name in ("bastion", "inner"):
        text += f'[environments.{name}]\nssh = "{name}"\n[environments.{name}.services]\n' + roles.format("localhost")
    (tmp_path / "parity.toml").write_text(text)
    argv = [sys.executable, "-m", "parity_tui", "check", "--timeout", "20s", "--config", str(tmp_path / "parity.toml")]
    result = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return the files of a certificate for localhost."""
    folder = tmp_path_factory.mktemp("tls")
    files = {name: str(folder / name) for name in ("cert", "key")}
    argv = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=it", "-addext",
            "subjectAltName=DNS:localhost", "-out", files["cert"], "-keyout", files["key"]]  # fmt: skip
    subprocess.run(argv, check=True, capture_output=True, timeout=60)
    return files


@pytest.mark.parametrize("product", ["postgres", "mariadb", "redis"])
async def test_tls_checks_the_name_of_the_server_and_no_other(
    product: str, servers: Servers, hosts: Hosts, lines: SSHConnections, certificates: dict[str, str]
) -> None:
    """Fault 11: verify-full knows the server by the name that is configured, and an address by that address."""
    where = with_tls(product, servers, certificates)
    there = replace(where, host="localhost", tls=TlsMode.VERIFY_FULL, ca=certificates["cert"], ssh="bastion")
    assert (await reading(there, lines)).version
    with pytest.raises((ServiceError, ssl.SSLError)) as caught:
        await reading(replace(there, host="127.0.0.1"), lines)
    assert "not valid for '127.0.0.1'" in describe(caught.value, there, 20).message


def with_tls(product: str, servers: Servers, files: dict[str, str]) -> Target:
    """Start a server with a certificate and return it."""
    cert, key = (str(servers.file(Path(files[name]).name, Path(files[name]).read_text())) for name in ("cert", "key"))
    if product == "postgres":
        settings = {"ssl": "on", "ssl_cert_file": cert, "ssl_key_file": key}
        return target("postgres", servers.postgres("15", settings=settings).port)
    if product == "mariadb":
        return target("mysql", servers.mariadb("10.11", settings={"ssl_cert": cert, "ssl_key": key}).port)
    it = servers.redis("7.0")
    own = {"port": "0", "tls-port": str(it.port), "tls-cert-file": cert, "tls-key-file": key, "tls-auth-clients": "no"}
    it.restart(own)
    return target("redis", it.port)


# One login, kept


async def test_all_targets_of_a_host_share_one_login(hosts: Hosts, lines: SSHConnections) -> None:
    """Twenty connections at once to two servers, and more of them later."""
    before = hosts.bastion.logins()
    async with listening(echo) as one, listening(echo) as other:
        ports = [one, other] * 10
        async with asyncio.timeout(20):
            said = await asyncio.gather(*(echoed(port, lines) for port in ports))
            said.append(await echoed(one, lines))
    assert (said, hosts.bastion.logins() - before) == ([b"hello\n"] * 21, 1)


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send back what comes."""
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()


async def echoed(port: int, lines: SSHConnections) -> bytes:
    """Return what comes back by way of the bastion."""
    reader, writer = await NetworkDialer(target("redis", port, "bastion"), 20, lines).open("127.0.0.1", port)
    writer.write(b"hello\n")
    line = await reader.readline()
    writer.transport.abort()
    return line


async def test_both_sides_hear_at_once_that_the_other_has_gone(hosts: Hosts, lines: SSHConnections) -> None:
    """What is dropped here is dropped at the server; what the server ends, ends here; megabytes pass whole."""
    ended = asyncio.Event()
    sent = os.urandom(3 * 1024 * 1024)

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Send a lot; then wait for the end of the first client, and end the second."""
        writer.write(sent)
        await writer.drain()
        if not ended.is_set():
            await reader.read()
            ended.set()

    async with asyncio.timeout(20), listening(script) as port:
        dialer = NetworkDialer(target("redis", port, "bastion"), 20, lines)
        reader, writer = await dialer.open("127.0.0.1", port)
        assert await reader.readexactly(len(sent)) == sent
        writer.transport.abort()
        await ended.wait()
        reader, writer = await dialer.open("127.0.0.1", port)
        assert await reader.read() == sent
        writer.transport.abort()


async def test_the_users_own_forwards_and_commands_do_not_get_in_the_way(hosts: Hosts, lines: SSHConnections) -> None:
    """An alias may open a port that is taken, run a command and want a terminal: none of that is wanted here."""
    async with asyncio.timeout(20), listening(echo) as port:
        await NetworkDialer(target("redis", port, "greedy"), 20, lines).open_tunnel()


# Words


@pytest.mark.parametrize(
    ("alias", "said"),
    [
        ("wrongkey", "wrongkey: Permission denied (publickey); `ssh wrongkey` in a terminal may help"),
        ("behind-wrongkey", "behind-wrongkey: Permission denied (publickey); `ssh behind-wrongkey` in a terminal"),
        ("stranger", "stranger: the host key is not known here; run `ssh stranger` in a terminal once"),
        ("changed", "changed: the host key has changed"),
        ("refusing", "refusing: connect to host 127.0.0.1 port 1: Connection refused"),
        ("behind-refusing", "behind-refusing: connect to host 127.0.0.1 port 1: Connection refused"),
        ("refused-behind", "refused-behind: connect failed: Connection refused"),
        ("nowhere", "nowhere: Could not resolve hostname nowhere.invalid: "),
    ],
)
async def test_a_host_that_cannot_be_reached_is_said_to_be(
    hosts: Hosts, lines: SSHConnections, alias: str, said: str
) -> None:
    """Fault 12: the reason is the tunnel, and the client's own words are given without what follows from them."""
    failed = await failure(target("redis", 1, alias), lines)
    assert (failed.reason, failed.message[: len(said)]) == ("tunnel", said)


async def test_a_host_that_says_nothing_is_named(hosts: Hosts, lines: SSHConnections) -> None:
    """It costs what a server costs that says nothing, and the client does not survive the end."""

    async def silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Say nothing."""
        await reader.read()
        writer.close()

    quiet = await asyncio.start_server(silence, "127.0.0.1", hosts.silent)
    async with quiet:
        failed = await failure(target("redis", 1, "silent"), lines, seconds=0.3)
        assert failed == Failure(Reason.TUNNEL, "silent: no login within 0.3 s")
        await lines.close()


async def test_without_the_client_that_is_said(
    all_hosts: Hosts, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """It is a program of its own, and not ours to bring."""
    monkeypatch.setenv("PATH", str(tmp_path))
    failed = await failure(target("redis", 1, "bastion"), SSHConnections())
    assert failed == Failure(Reason.TUNNEL, "the command ssh is not installed here")


async def test_what_the_far_end_refuses_is_told_as_if_it_were_direct(hosts: Hosts, lines: SSHConnections) -> None:
    """Faults 1 and 12: refused is refused, and an unknown name is one, with who says so."""
    assert await failure(target("redis", 1, "bastion"), lines) == Failure(
        Reason.REFUSED, "127.0.0.1:1 refused the connection of bastion"
    )
    assert await failure(target("redis", 1, "inner", host="db.invalid"), lines) == Failure(
        Reason.DNS, "the name db.invalid is not known at inner"
    )
    forbidden = await failure(target("redis", 2, "strict"), lines)
    assert forbidden.reason == "tunnel"
    assert forbidden.message.startswith("strict forbids connections to 127.0.0.1:2")


async def test_refusals_at_the_same_time_are_not_taken_for_each_other(hosts: Hosts, lines: SSHConnections) -> None:
    """Where it is not certain which is which, the words are those that fit both."""
    await NetworkDialer(target("redis", 1, "bastion"), 20, lines).open_tunnel()
    both = await asyncio.gather(
        *(failure(target("redis", 1, "bastion", host=host), lines) for host in ("127.0.0.1", "db.invalid") * 5)
    )
    refused, unknown = both[::2], both[1::2]
    assert not [each for each in refused if each.reason == "dns"]
    assert not [each for each in unknown if each.reason == "refused"]


async def test_a_rejected_key_is_offered_once_until_a_person_asks_again(hosts: Hosts, lines: SSHConnections) -> None:
    """Fault 21: hosts ban those who fail often. The other targets of the host hear the same words."""
    tried = hosts.bastion.words().count("Failed publickey")
    first = [await failure(target("redis", port, "wrongkey"), lines) for port in (1, 2, 3)]
    once = hosts.bastion.words().count("Failed publickey")
    lines.forget()
    assert await failure(target("redis", 1, "wrongkey"), lines) == first[0] == first[1] == first[2]
    assert hosts.bastion.words().count("Failed publickey") - once == once - tried > 0


@given(
    st.text()
    | st.lists(st.sampled_from(["Warning: x", "ssh: ", "@@@", "a: terminating, 1", "\r", "z."])).map("\n".join)
)
def test_whatever_the_client_says_there_are_words(said: str) -> None:
    """Never none, and never many lines."""
    sentence = describe_exit(said, "bastion")
    assert sentence.startswith("bastion: ")
    assert len(sentence) > len("bastion: ")
    assert len(sentence.splitlines()) == 1


# It dies


async def seen(boards: AsyncIterator[Board], wanted: Callable[[dict[str, Outcome]], bool]) -> dict[str, Outcome]:
    """Return what is known of each environment, once it is as wanted."""
    async with asyncio.timeout(40):
        async for board in boards:
            found = {outcome.target.environment: outcome for outcome in board.outcomes()}
            if wanted(found):
                return found
    raise AssertionError("the boards have ended")


def watching(port: int) -> Watcher:
    """Return what watches one server directly and by way of the inner host."""
    targets = [
        target("redis", port, environment="direct"),
        target("redis", port, "inner", environment="far"),
    ]
    return Watcher(["direct", "far"], targets, kinds(), Policy(), interval=0.05, timeout=20)


async def test_a_client_that_dies_is_replaced_and_nobody_else_notices(servers: Servers, hosts: Hosts) -> None:
    """Its connections end with it; the next reading is made over a new one."""
    watch = watching(servers.valkey().port)
    async with aclosing(watch.boards()) as boards:  # type: ignore[type-var]
        await seen(boards, lambda found: all(outcome.reading for outcome in found.values()))
        line = watch.ssh_connections.to(Destination("inner"))
        process, logins = line._process, hosts.inner.logins()
        assert process is not None
        (client,) = [pid for pid in family(process.pid) if name_of(pid) == "ssh" and parent_is(pid, process.pid)]
        os.kill(client, signal.SIGKILL)
        late = time.time()
        found = await seen(boards, lambda found: hosts.inner.logins() > logins and found["far"].at > late + 0.2)
    assert found["direct"].failure is None
    assert found["far"].failure is None


def name_of(pid: int) -> str:
    """Return the name of a process, "" where it has gone."""
    argv = ["ps", "-o", "comm=", "-p", str(pid)]
    return Path(subprocess.run(argv, capture_output=True, text=True, check=False).stdout.strip()).name


def parent_is(pid: int, leader: int) -> bool:
    """Tell whether a process is the client itself, and not the one that it reaches its own host by."""
    argv = ["ps", "-o", "args=", "-p", str(pid)]
    return "-N" in subprocess.run(argv, capture_output=True, text=True, check=False).stdout.split() and pid != leader


async def test_a_host_that_dies_and_comes_back_is_waited_for(servers: Servers, hosts: Hosts) -> None:
    """Fault 5: the last values stay, the words are those of the tunnel, and what is reached directly is read on."""
    watch = watching(servers.valkey().port)
    async with aclosing(watch.boards()) as boards:  # type: ignore[type-var]
        await seen(boards, lambda found: all(outcome.reading for outcome in found.values()))
        hosts.inner.end()
        try:
            found = await seen(boards, lambda found: found["far"].failure is not None)
            assert found["far"].failure is not None
            assert found["far"].failure.reason == "tunnel"
            assert found["far"].reading is not None
            late = time.time()
            await seen(boards, lambda found: found["direct"].at > late and found["direct"].failure is None)
        finally:
            hosts.inner.start()
        await seen(boards, lambda found: found["far"].failure is None)
    assert watch.ssh_connections.to(Destination("inner"))._process is None


# Nothing is left

USES = """
import asyncio, os, sys
from parity_tui.model import Target
from parity_tui.transport.dialer import Dial
from parity_tui.transport.event_loop import run
from parity_tui.transport.ssh import Lines

async def main():
    lines = Lines()
    far = Target("a", "b", "host", "host+ssh", "inner")
    await Dial(far, 20, lines).ready()
    there = asyncio.create_task(Dial(far, 20, lines).sh("echo; sleep 1000"))
    here = asyncio.create_task(Dial(Target("a", "b", "host", "host+local"), 20).sh("sleep 1000"))
    await asyncio.sleep(0.5)
    folders = [line._folder for line in lines._lines.values()]
    print(*folders, flush=True)
    if sys.argv[1] == "end":
        await asyncio.to_thread(sys.stdin.read)
        here.cancel(), there.cancel()
        await lines.close()
        return
    await asyncio.sleep(1000)

run(main())
"""


@pytest.mark.parametrize("how", ["end", "SIGINT", "SIGTERM", "SIGHUP", "SIGKILL"])
def test_nothing_is_left_whatever_ends_the_program(how: str, hosts: Hosts) -> None:
    """Fault 46: no client, no command, no folder, neither after an orderly end nor after SIGKILL."""
    process = subprocess.Popen(
        [sys.executable, "-c", USES, how], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout
    folder = Path(process.stdout.readline().decode().split()[0])
    everybody = family(process.pid)
    names = sorted(name_of(pid) for pid in everybody)
    assert (folder.is_dir(), names.count("sleep"), names.count("ssh")) == (True, 1, 3)
    if how == "end":
        process.communicate(b"", timeout=20)
    else:
        process.send_signal(signal.Signals[how])
        process.communicate(timeout=20)
    assert gone(folder, everybody), [(pid, name_of(pid)) for pid in running(everybody)]

"""Sockets and scripts; peers that are something else or misbehave."""

from __future__ import annotations

import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from parity_tui.demo.process import wait_until
from parity_tui.demo.servers import Servers
from parity_tui.drift.policy import Policy
from parity_tui.model import ServiceError, Severity
from parity_tui.services.haproxy import SERVICE
from parity_tui.services.haproxy.queries import COMMANDS, QUESTION
from parity_tui.transport.dialer import NetworkDialer
from tests.doctor.builders import diagnose_all, diagnose_one
from tests.proxy import floods, listening, proxy, says
from tests.services.haproxy.builders import VERSIONS, failure, reading, target

INFO = (
    b"0.Name.1:POS:str:HAProxy\n1.Version.1:POS:str:3.0.11\n6.Pid.1:SGP:u32:7\n15.Maxconn.1:CLP:u32:100\n"
    b"70.Start_time_sec.1:MDP:u32:9\n"
)
HEAD = b"# pxname,svname,slim,status,bck,type,rate_lim,check_rise,check_fall,cookie,mode,algo,\n"
WEB = b"web,FRONTEND,100,OPEN,,0,0,,,,http,,\n"
WHOLE = INFO + b"\n" + HEAD + WEB + b"\nuser\n\n"
TOOLS = ("perl", "python3", "socat", "nc")


async def test_reading_costs_one_question_on_one_connection(servers: Servers) -> None:
    """Nothing else is sent, and no connection is held between two readings."""
    server = servers.haproxy("2.6")
    async with proxy(server.host, server.port) as between:
        where = target(between.port)
        async with SERVICE.connect(where, NetworkDialer(where, 20)) as read:
            readings = [await read() for _ in range(3)]
    assert between.sent == QUESTION * 3
    assert (between.connections, between.bursts) == (3, 3)
    assert readings[0] == readings[1] == readings[2]


@pytest.mark.parametrize("version", VERSIONS)
async def test_socket_script_and_port_give_the_same_facts(servers: Servers, version: str) -> None:
    server = servers.haproxy(version)
    by_port = await reading(server.port)
    by_socket = await reading(target(socket=str(server.socket)))
    by_script = await reading(target(way="local", path=str(server.socket)))
    assert by_port.facts == by_socket.facts == by_script.facts
    assert by_port.instance == by_script.instance
    assert by_script.version == server.version


@contextmanager
def answering(path: Path, reply: bytes) -> Iterator[list[bytes]]:
    """Serve a Unix socket that replies to each question; yield the questions."""
    asked: list[bytes] = []
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen()

        def serve() -> None:
            while True:
                try:
                    client, _ = server.accept()
                except OSError:
                    return
                with client:
                    asked.append(client.recv(1000))
                    client.sendall(reply)

        threading.Thread(target=serve, daemon=True).start()
        yield asked
        server.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize("tool", TOOLS)
async def test_each_program_can_ask_the_socket(tool: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = shutil.which(tool)
    if program is None or (tool == "nc" and b"U" not in nc_help(program)):
        pytest.skip(f"{tool} is not installed")
    alone_on_path(tmp_path, monkeypatch, program)
    with answering(tmp_path / "s", WHOLE) as asked:
        seen = await reading(target(way="local", path=str(tmp_path / "s")))
    assert (seen.version, seen.facts["frontend.web"].raw) == ("3.0.11", "http")
    assert asked == [QUESTION]


def nc_help(program: str) -> bytes:
    return subprocess.run([program, "-h"], capture_output=True, check=False).stderr


def alone_on_path(folder: Path, monkeypatch: pytest.MonkeyPatch, *programs: str) -> None:
    """Leave the shell nothing but itself, grep and the programs."""
    only = folder / "bin"
    only.mkdir()
    for program in (*programs, *filter(None, map(shutil.which, ("sh", "grep", "sleep", "kill", "mktemp", "rm")))):
        (only / Path(program).name).symlink_to(
            Path(program).resolve() if "shims" not in program else "/usr/bin/python3"
        )
    monkeypatch.setenv("PATH", str(only))


async def test_host_without_such_a_program_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alone_on_path(tmp_path, monkeypatch)
    with answering(tmp_path / "s", WHOLE), pytest.raises(ServiceError, match="install socat, perl, python3") as caught:
        await reading(target(way="local", path=str(tmp_path / "s")))
    assert caught.value.reason == "driver"


@pytest.mark.parametrize(
    ("path", "words"),
    [("/nowhere/x.sock", "no stats socket"), ("/a,b!", "must be that of a socket"), ("/a'b", "must be that of a")],
)
async def test_wrong_path_of_a_script_is_explained(path: str, words: str) -> None:
    with pytest.raises(ServiceError, match=words):
        await reading(target(way="local", path=path))


def replies(path: Path) -> bool:
    """Return whether a socket answers a question; a master that starts closes the connection."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(5)
        if client.connect_ex(str(path)):
            return False
        client.sendall(b"help\n")
        return client.recv(100) != b""


@contextmanager
def master(program: Path, folder: Path) -> Iterator[None]:
    (folder / "h.cfg").write_text(f"global\n stats socket {folder}/worker level user\n")
    command: list[str | Path] = [program, "-W", "-S", f"{folder}/master", "-f", folder / "h.cfg"]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            assert wait_until(lambda: replies(folder / "worker") and replies(folder / "master"), 30)
            yield
        finally:
            process.terminate()


async def test_master_process_is_told_from_a_worker(servers: Servers, tmp_path: Path) -> None:
    with master(servers.program("haproxy", "2.6").path, tmp_path):
        with pytest.raises(ServiceError, match="socket of a master process"):
            await reading(target(socket=f"{tmp_path}/master"))
        assert (await reading(target(socket=f"{tmp_path}/worker"))).product == "HAProxy"


async def test_missing_socket_is_a_step_of_doctor(tmp_path: Path) -> None:
    diagnosis, steps = await diagnose_one(target(socket=str(tmp_path / "none.sock")))
    assert (diagnosis.state, steps["socket"].words) == ("failed", f"no Unix socket {tmp_path}/none.sock")


async def test_documented_level_suffices_and_doctor_names_another(servers: Servers) -> None:
    where = target(servers.haproxy("3.0").port)
    assert (await diagnose_one(where))[0].state == "ok"
    grave = Policy(severities=(("haproxy.backend.*.balance", Severity.WARNING),))
    (diagnosis,) = await diagnose_all(where, policy=grave)
    assert diagnosis.state == "partly"
    assert [group.remedy.rpartition(" ")[2] for group in diagnosis.hidden] == ["operator"]


@pytest.mark.parametrize(
    ("greeting", "protocol"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "HTTP"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "SSH"),
        (b"-ERR unknown command 'show'\r\n", "Redis"),
        (b"STAT pid 1\r\n", "not the stats socket of HAProxy"),
    ],
)
async def test_other_protocol_is_named(greeting: bytes, protocol: str) -> None:
    """Fault 9."""
    error = await failure(says(greeting))
    assert isinstance(error, ServiceError)
    assert (error.reason, protocol in error.message) == ("wrong-service", True)


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (WHOLE[:-1], "cut short"),
        (INFO, "cut short"),
        (WHOLE.replace(b"Version", b"Fashion"), "no version"),
        (WHOLE.replace(b"6.Pid", b"0.Pid"), "another form"),
        (WHOLE.replace(INFO, b"0.Name: HAProxy\n"), "another form"),
        (WHOLE.replace(WEB, WEB + b"\n"), "cut short"),
        (WHOLE * 2, "cut short"),
        (WHOLE.replace(b"http,,", b"http,"), "number of columns"),
        (WHOLE.replace(b",slim,", b",slimy,"), "lacks a column"),
        (WHOLE.replace(b"OPEN,,0", b"OPEN,,9"), "neither a frontend"),
        (b"Permission denied\n", "does not permit"),
    ],
)
async def test_damaged_reply_is_a_failure(reply: bytes, words: str) -> None:
    error = await failure(says(reply))
    assert isinstance(error, ServiceError)
    assert words in error.message


async def test_closing_peer_is_explained() -> None:
    """Fault 4."""
    error = await failure(says())
    assert isinstance(error, ServiceError)
    assert (error.reason, "limit of connections" in error.message) == ("closed", True)


@pytest.mark.parametrize("chunk", [b"0.Name.1:POS:str:HAProxy\n" * 999, b"0." + b"x" * 65534])
async def test_endless_answer_is_cut_off(chunk: bytes) -> None:
    """Fault 8."""
    error = await failure(floods(chunk))
    assert isinstance(error, ServiceError)
    assert error.reason == "protocol"


def test_no_question_shows_the_environment_or_writes() -> None:
    """`show env` shows the variables of the process, secrets among them."""
    assert COMMANDS.split(";") == ["show info typed", "show stat -1 7 -1", "show cli level"]


async def test_bytes_of_a_value_are_kept() -> None:
    """Those that are no UTF-8 equal no other text."""
    seen = [await read_reply(WHOLE.replace(b"http", raw)) for raw in (b"a\xff", b"a\\xff")]
    assert seen[0] != seen[1]


async def read_reply(reply: bytes) -> str | None:
    async with listening(says(reply)) as port:
        return (await reading(port)).facts["frontend.web"].raw

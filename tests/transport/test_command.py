"""Shell scripts: on this machine, over SSH, in a container; no process outlives them."""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from pathlib import Path

import pytest

from parity_tui.model import Output, ServiceError, Target
from parity_tui.transport.commands import Commands
from parity_tui.transport.dialer import NetworkDialer
from parity_tui.transport.leash import on_leash
from parity_tui.transport.routes import Routes
from parity_tui.transport.supervised import LocalProcess
from tests.live import gone
from tests.transport.sshd import Hosts
from tests.transport.ways import failure, output, target


async def run(argv: list[str], text: str, cap: int) -> Output:
    """Return the output of a local command that reads a text."""
    return await Commands().run("key", LocalProcess(argv), text, cap, 20, argv[0])


# On this machine


async def test_output_and_exit_code_are_returned() -> None:
    text = "cat <<'EOF'\nit's \"2\" %s\\n $HOME\nEOF\nprintf 'a\\tb\\0' >&2\nexit 7"
    assert await output(target("local"), text) == Output(b'it\'s "2" %s\\n $HOME\n', b"a\tb\0", 7)


async def test_script_inherits_variables_and_no_input(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    assert (await output(target("local"), "echo $TZ\ncat")).out == b"Asia/Tokyo\n"


async def test_command_may_ignore_its_input() -> None:
    assert await run(["true"], "#" * 100_000, 10) == Output(b"", b"", 0)


async def test_missing_command_is_described() -> None:
    with pytest.raises(ServiceError) as caught:
        await run(["parity-tui-has-no-such-command"], "", 10)
    assert (caught.value.reason, caught.value.message) == (
        "driver",
        "the command parity-tui-has-no-such-command is not installed here",
    )


def pids(path: Path) -> list[int]:
    """Return the process ids in a file that a script has written."""
    return [int(word) for word in path.read_text().split()]


async def test_endless_output_ends_the_command(tmp_path: Path) -> None:
    """Fault 8."""
    text = f"echo $$ > {tmp_path}/pids; while :; do echo yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy; done"
    with pytest.raises(ServiceError) as caught:
        async with asyncio.timeout(20):
            await run(["sh", "-s"], on_leash(text, 20), 100_000)
    assert (caught.value.reason, caught.value.message) == ("protocol", "sh prints more than 100,000 bytes")
    assert gone(tmp_path / "none", pids(tmp_path / "pids"))


async def test_pipes_of_a_killed_command_are_closed() -> None:
    """Even full ones."""
    before = os.listdir("/dev/fd")
    for text in ("head -c 1000000 /dev/zero; sleep 100", "head -c 1000000 /dev/zero >&2; sleep 100"):
        commands = Commands()
        with suppress(ServiceError, TimeoutError):
            async with asyncio.timeout(0.5):
                await commands.run("key", LocalProcess(["sh", "-s"]), on_leash(text, 20), 100, 20, "sh")
        await commands.close()
    assert os.listdir("/dev/fd") == before


async def test_only_the_first_errors_are_kept() -> None:
    text = "i=0; while [ $i -lt 20000 ]; do echo wwwwwwwwwwwwwwwwwwww >&2; i=$((i + 1)); done; echo done"
    result = await output(target("local"), text)
    assert (result.out, result.error[:4], len(result.error)) == (b"done\n", b"wwww", 65536)


async def test_cancelling_kills_all_processes_of_a_script(tmp_path: Path) -> None:
    text = (
        f"sleep 1000 & echo $! > {tmp_path}/pids\n(trap '' TERM INT HUP; sleep 1000) & echo $! >> {tmp_path}/pids\n"
        f"echo $$ >> {tmp_path}/pids\ntouch {tmp_path}/ready\nsleep 1000"
    )
    task = asyncio.create_task(NetworkDialer(target("local"), 20).sh(text))
    async with asyncio.timeout(20):
        while not (tmp_path / "ready").exists():  # noqa: ASYNC110 - a file
            await asyncio.sleep(0.02)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert gone(tmp_path / "none", pids(tmp_path / "pids"))


# On another host


async def test_script_runs_on_the_host_of_the_url(hosts: Hosts, routes: Routes) -> None:
    result = await output(target("ssh", "bastion"), "echo $SSH_CONNECTION; echo here >&2; exit 4", routes)
    assert result.out.split()[-1] == str(hosts.bastion.port).encode()
    assert (result.error[-5:], result.code) == (b"here\n", 4)


async def test_local_locale_is_not_sent(hosts: Hosts, routes: Routes, monkeypatch: pytest.MonkeyPatch) -> None:
    hosts.bastion.settings["AcceptEnv"] = "LC_*"
    hosts.bastion.end()
    hosts.bastion.start()
    monkeypatch.setenv("LC_TIME", "de_AT.UTF-8")
    assert (await output(target("ssh", "bastion"), "echo $LC_TIME", routes)).out == b"\n"


async def test_jump_host_is_logged_in_to_once(hosts: Hosts, routes: Routes) -> None:
    before = hosts.strict.logins(), hosts.bastion.logins(), hosts.bastion.carried(hosts.strict.port)
    for _ in range(3):
        result = await output(target("ssh", "strict", jump="bastion"), "echo $SSH_CONNECTION", routes)
        assert result.out.split()[-1] == str(hosts.strict.port).encode()
    await NetworkDialer(
        Target("dev", "cache", "redis", "redis", "127.0.0.1", 1, ssh="bastion"), 20, routes
    ).open_tunnel()
    after = hosts.strict.logins(), hosts.bastion.logins(), hosts.bastion.carried(hosts.strict.port)
    assert [now - then for then, now in zip(before, after, strict=True)] == [1, 1, 1]


async def test_jump_host_itself_is_reached_directly(hosts: Hosts, routes: Routes) -> None:
    before = hosts.bastion.carried(hosts.bastion.port)
    assert (await output(target("ssh", "bastion", jump="bastion"), "echo a", routes)).out == b"a\n"
    assert hosts.bastion.carried(hosts.bastion.port) == before


@pytest.mark.parametrize(
    ("host", "jump", "message"),
    [
        ("wrongkey", "", "wrongkey: Permission denied (publickey)"),
        ("strict", "wrongkey", "via wrongkey: Permission denied (publickey)"),
        ("refusing", "bastion", "refusing: bastion cannot connect to it"),
        ("nowhere", "", "nowhere: Could not resolve hostname nowhere.invalid"),
    ],
)
async def test_unreachable_host_is_named(hosts: Hosts, routes: Routes, host: str, jump: str, message: str) -> None:
    reason, text = await failure(target("ssh", host, jump), routes=routes)
    assert (reason, text[: len(message)]) == ("tunnel", message)


def test_every_way_has_a_scheme() -> None:
    from parity_tui.transport.command import WAYS, way_of

    assert [way_of(target(way, "x")) for way in WAYS] == list(WAYS)
    assert way_of(Target("dev", "cache", "redis", "redis")) == ""

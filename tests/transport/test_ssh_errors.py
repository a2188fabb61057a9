"""Failures of SSH: hosts that cannot be reached, streams that are refused, and their words."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parity_tui.model import Failure, Reason
from parity_tui.transport.dialer import NetworkDialer
from parity_tui.transport.routes import Routes
from parity_tui.transport.ssh import describe_exit
from tests.transport.ssh_targets import failure, target
from tests.transport.sshd import Hosts


@pytest.mark.parametrize(
    ("alias", "words"),
    [
        ("wrongkey", "via wrongkey: Permission denied (publickey); `ssh wrongkey` in a terminal may help"),
        (
            "behind-wrongkey",
            "via wrongkey: Permission denied (publickey); `ssh wrongkey` in a terminal",
        ),
        ("stranger", "via stranger: the host key is not known; run `ssh stranger` in a terminal once"),
        ("changed", "via changed: the host key has changed"),
        ("refusing", "via refusing: connect to host 127.0.0.1 port 1: Connection refused"),
        ("behind-refusing", "via refusing: connect to host 127.0.0.1 port 1: Connection refused"),
        ("refused-behind", "via refused-behind: bastion cannot connect to it: Connection refused"),
        ("circle", "via round: its ProxyJump points back to it"),
        ("nowhere", "via nowhere: Could not resolve hostname nowhere.invalid: "),
    ],
)
async def test_unreachable_host_is_described(hosts: Hosts, routes: Routes, alias: str, words: str) -> None:
    """Fault 12."""
    failed = await failure(target("redis", 1, alias), routes)
    assert (failed.reason, failed.message[: len(words)]) == ("tunnel", words)


async def test_silent_host_is_named(hosts: Hosts, routes: Routes) -> None:

    async def silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Send nothing."""
        await reader.read()
        writer.close()

    quiet = await asyncio.start_server(silence, "127.0.0.1", hosts.silent)
    async with quiet:
        failed = await failure(target("redis", 1, "silent"), routes, seconds=0.3)
        assert failed == Failure(Reason.TUNNEL, "via silent: no login within 0.3 s")
        await routes.close()


async def test_missing_client_is_described(all_hosts: Hosts, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    failed = await failure(target("redis", 1, "bastion"), Routes())
    assert failed == Failure(Reason.TUNNEL, "the command ssh is not installed here")


async def test_refusal_at_the_far_end_is_described(hosts: Hosts, routes: Routes) -> None:
    """Faults 1 and 12."""
    assert await failure(target("redis", 1, "bastion"), routes) == Failure(
        Reason.REFUSED, "127.0.0.1:1 refused the connection of bastion"
    )
    assert await failure(target("redis", 1, "inner", host="db.invalid"), routes) == Failure(
        Reason.DNS, "the name db.invalid does not exist at inner"
    )
    forbidden = await failure(target("redis", 2, "strict"), routes)
    assert forbidden.reason == "tunnel"
    assert forbidden.message.startswith("strict forbids connections to 127.0.0.1:2")


async def test_simultaneous_refusals_are_not_confused(hosts: Hosts, routes: Routes) -> None:
    await NetworkDialer(target("redis", 1, "bastion"), 20, routes).open_tunnel()
    both = await asyncio.gather(
        *(failure(target("redis", 1, "bastion", host=host), routes) for host in ("127.0.0.1", "db.invalid") * 5)
    )
    refused, unknown = both[::2], both[1::2]
    assert not [each for each in refused if each.reason == "dns"]
    assert not [each for each in unknown if each.reason == "refused"]


async def test_rejected_key_is_offered_once(hosts: Hosts, routes: Routes) -> None:
    """Fault 21: hosts ban addresses whose logins fail often."""
    tried = hosts.bastion.words().count("Failed publickey")
    first = [await failure(target("redis", port, "wrongkey"), routes) for port in (1, 2, 3)]
    once = hosts.bastion.words().count("Failed publickey")
    routes.forget()
    assert await failure(target("redis", 1, "wrongkey"), routes) == first[0] == first[1] == first[2]
    assert hosts.bastion.words().count("Failed publickey") - once == once - tried > 0


@given(
    st.text()
    | st.lists(st.sampled_from(["Warning: x", "ssh: ", "@@@", "a: terminating, 1", "\r", "z."])).map("\n".join)
)
def test_any_output_of_the_client_is_one_sentence(output: str) -> None:
    sentence = describe_exit(output, "bastion")
    assert sentence.startswith("bastion: ")
    assert len(sentence) > len("bastion: ")
    assert len(sentence.splitlines()) == 1

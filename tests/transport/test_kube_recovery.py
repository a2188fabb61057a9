"""Pods that are replaced and kubectls that end while a board is open; nothing outlives the program."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from contextlib import aclosing
from pathlib import Path

import pytest

from parity_tui.demo.servers import Servers
from parity_tui.demo.supervisor import family
from parity_tui.drift.policy import Policy
from parity_tui.model import Outcome
from parity_tui.services import kinds
from parity_tui.watcher import Watcher, supervisor
from tests.live import gone, running
from tests.transport.kube_double import Cluster
from tests.transport.kube_targets import in_cluster, kubectls
from tests.transport.test_ssh_recovery import name_of, outcomes


@pytest.fixture
def port(servers: Servers, cluster: Cluster) -> int:
    """Return the port of a server that is the Service cache."""
    port = servers.valkey().port
    cluster.pod("shop", "cache-a", {6379: port})
    cluster.service("shop", "cache", {6379: 6379}, ["cache-a"])
    return port


def new_watcher() -> Watcher:
    return Watcher(["far"], in_cluster("redis://svc/cache"), kinds(), Policy(), interval=0.1, timeout=20)


def failed(latest: dict[str, Outcome]) -> bool:
    return latest["far"].failure is not None


def well(latest: dict[str, Outcome]) -> bool:
    return latest["far"].reading is not None and latest["far"].failure is None


async def test_replaced_pod_is_back_within_three_seconds(
    cluster: Cluster, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pause after several failures is longer: the pod itself ends it."""
    for name in ("_FIRST_DELAY", "_LONGEST_DELAY"):
        monkeypatch.setattr(supervisor, name, 60.0)
    watcher = new_watcher()
    async with aclosing(watcher.boards()) as boards:  # type: ignore[type-var]
        await outcomes(boards, well)
        cluster.delete_pod("shop", "cache-a")
        cluster.service("shop", "cache", {6379: 6379}, [])
        found = await outcomes(boards, failed)
        assert found["far"].failure is not None
        assert (found["far"].failure.reason, found["far"].failure.message) == ("refused", "svc/cache has no ready pod")
        assert found["far"].reading is not None
        await asyncio.sleep(0.5)
        cluster.pod("shop", "cache-b", {6379: port})
        cluster.service("shop", "cache", {6379: 6379}, ["cache-b"])
        ready = time.monotonic()
        await outcomes(boards, well)
        assert time.monotonic() - ready < 3
    assert any("pods/cache-b/portforward" in path for _, path in cluster.requests)


async def test_pod_replaced_at_once_is_no_outage(cluster: Cluster, port: int) -> None:
    watcher = new_watcher()
    async with aclosing(watcher.boards()) as boards:  # type: ignore[type-var]
        await outcomes(boards, well)
        cluster.pod("shop", "cache-b", {6379: port})
        cluster.service("shop", "cache", {6379: 6379}, ["cache-b"])
        cluster.delete_pod("shop", "cache-a")
        late = time.time()
        found = await outcomes(boards, lambda latest: latest["far"].at > late + 0.5 or failed(latest))
    assert found["far"].failure is None


async def test_killed_kubectl_is_replaced(cluster: Cluster, port: int) -> None:
    watcher = new_watcher()
    async with aclosing(watcher.boards()) as boards:  # type: ignore[type-var]
        await outcomes(boards, well)
        (pid,) = kubectls(os.getpid())
        os.kill(pid, signal.SIGKILL)
        late = time.time()
        await outcomes(boards, lambda latest: well(latest) and latest["far"].at > late + 0.5)
        (other,) = kubectls(os.getpid())
        assert other != pid
    assert kubectls(os.getpid()) == []


async def test_cluster_that_hangs_is_named(cluster: Cluster, port: int) -> None:
    watcher = new_watcher()
    watcher.timeout = 1.0
    async with aclosing(watcher.boards()) as boards:  # type: ignore[type-var]
        await outcomes(boards, well)
        cluster.hung.set()
        cluster.end_streams()
        found = await outcomes(boards, failed)
        assert found["far"].failure is not None
        assert found["far"].failure.reason == "tunnel"
        assert found["far"].failure.message.startswith("via context prod: ")
        cluster.hung.clear()
        await outcomes(boards, well)


PROGRAM = """
import asyncio, sys
from parity_tui.transport.event_loop import run
from parity_tui.transport.routes import Routes
from tests.transport.kube_targets import in_cluster
from tests.transport.ssh_targets import reading

async def main():
    (target,) = in_cluster("redis://svc/cache")
    routes = Routes([target])
    await reading(target, routes)
    (proxy,) = routes._proxies.values()
    print(proxy._path, flush=True)
    if sys.argv[1] == "end":
        await asyncio.to_thread(sys.stdin.read)
        await routes.close()
        return
    await asyncio.sleep(1000)

run(main())
"""


@pytest.mark.parametrize("how", ["end", "SIGKILL"])
def test_no_kubectl_outlives_the_program(how: str, cluster: Cluster, port: int) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, how], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout
    folder = Path(process.stdout.readline().decode().strip()).parent
    processes = family(process.pid)
    assert (folder.is_dir(), [name_of(pid) for pid in processes].count("kubectl")) == (True, 1)
    if how == "end":
        process.communicate(b"", timeout=20)
    else:
        process.send_signal(signal.Signals[how])
        process.communicate(timeout=20)
    assert gone(folder, processes, 3), [(pid, name_of(pid)) for pid in running(processes)]

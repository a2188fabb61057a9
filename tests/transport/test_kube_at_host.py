"""kubectl that lives on the bastion: `ssh` and `kube` together."""

from __future__ import annotations

import asyncio
import glob
import shutil
import subprocess
from pathlib import Path

import pytest
from msgspec.structs import replace

from parity_tui.demo.process import wait_until
from parity_tui.demo.servers import Servers
from parity_tui.doctor import examine
from parity_tui.drift.policy import Policy
from parity_tui.model import ServiceError, Target
from parity_tui.services import kinds
from parity_tui.transport.dialer import NetworkDialer
from parity_tui.transport.routes import Routes
from tests.transport.kube_double import Cluster
from tests.transport.kube_targets import in_cluster
from tests.transport.ssh_targets import reading
from tests.transport.sshd import Hosts


@pytest.fixture
def far_cluster(
    cluster: Cluster, servers: Servers, hosts: Hosts, far: Path, routes: Routes, monkeypatch: pytest.MonkeyPatch
) -> Cluster:
    """Return a cluster that only the host knows: no kubeconfig is here."""
    kubectl = far / "kubectl"
    config = cluster.kubeconfig(far / "kubeconfig", "prod")
    kubectl.write_text(f'#!/bin/sh\nKUBECONFIG={config} exec {shutil.which("kubectl")} "$@"\n')
    kubectl.chmod(0o755)
    monkeypatch.delenv("KUBECONFIG")
    monkeypatch.setenv("HOME", str(far))
    cluster.pod("shop", "cache-0", {6379: servers.valkey().port})
    cluster.service("shop", "cache", {6379: 6379}, ["cache-0"])
    return cluster


def runs(mark: str, far: Path) -> bool:
    """Return whether a process with these words in its arguments runs with the host's kubeconfig: others run more."""
    lines = subprocess.run(
        ["ps", "axeww", "-o", "stat=,args="], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    own = f"KUBECONFIG={far / 'kubeconfig'}"
    return any(mark in line and own in line and not line.startswith("Z") for line in lines)


def at(url: str, host: str = "bastion") -> Target:
    return replace(in_cluster(url)[0], ssh=host)


async def test_server_is_read_by_kubectl_at_host(far_cluster: Cluster, far: Path, routes: Routes) -> None:
    target = at("redis://svc/cache")
    for _ in range(2):
        assert (await reading(target, routes)).product == "Valkey"
    route = routes.of(target)
    assert route is not None
    assert route.hosts() == ["bastion", "context prod"]
    assert runs("--unix-socket=/tmp/parity-kube-", far)
    assert not runs("--port", far)
    await routes.close()
    assert wait_until(lambda: not runs("--unix-socket=/tmp/parity-kube-", far), 20)
    assert glob.glob("/tmp/parity-kube-*/s") == []


async def test_commands_run_in_pod_by_kubectl_at_host(far_cluster: Cluster, routes: Routes) -> None:
    async with asyncio.timeout(20):
        output = await NetworkDialer(at("host+kube://svc/cache"), 20, routes).sh("echo in the pod; exit 3")
    assert (output.out, output.code) == (b"in the pod\n", 3)


def without_kubectl(far: Path) -> None:
    (far / "kubectl").write_text("#!/bin/sh\necho 'sh: 1: exec: kubectl: not found' >&2\nexit 127\n")


async def doctors_steps(host: str = "bastion") -> list[tuple[str, str]]:
    """Return doctor's steps to the Service, up to the forwarded port."""
    target = at("redis://svc/cache", host)
    (diagnosis,) = [each async for each in examine([target], kinds(), Policy(), 20)]
    return [(str(step.name), str(step.state)) for step in diagnosis.steps[:6]]


async def test_doctor_shows_login_at_host_before_kubectl(far_cluster: Cluster, far: Path) -> None:
    steps = ["route", "kubectl", "context", "namespace", "pod", "port"]
    assert await doctors_steps() == [(step, "ok") for step in steps]
    behind = [(step, "skipped") for step in steps[2:]]
    assert await doctors_steps("wrongkey") == [("route", "failed"), ("kubectl", "skipped"), *behind]
    without_kubectl(far)
    assert await doctors_steps() == [("route", "ok"), ("kubectl", "failed"), *behind]


async def test_kubectl_that_is_missing_at_host_is_named(far_cluster: Cluster, far: Path, routes: Routes) -> None:
    without_kubectl(far)
    with pytest.raises(ServiceError) as caught:
        await NetworkDialer(at("redis://svc/cache"), 20, routes).open_tunnel()
    assert caught.value.message == "via context prod: the command kubectl is not installed at bastion"

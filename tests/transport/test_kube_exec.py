"""Kinds that are read with commands, in a pod: `kubectl exec` on a leash, with its exit status."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator

import pytest

from parity_tui.config import ConfigError
from parity_tui.model import Output, ServiceError, Target
from parity_tui.transport.dialer import NetworkDialer
from parity_tui.transport.routes import Routes
from tests.transport.kube_double import Cluster
from tests.transport.kube_targets import in_cluster, kubectls
from tests.transport.ssh_targets import reading


@pytest.fixture
async def routes(cluster: Cluster) -> AsyncIterator[Routes]:
    cluster.pod("shop", "web-0", images={"nginx": "nginx:1.27", "log": "fluentd"})
    cluster.service("shop", "web", {80: 80}, ["web-0"])
    result = Routes()
    yield result
    await result.close()


async def sh(target: Target, routes: Routes, script: str) -> Output:
    async with asyncio.timeout(20):
        return await NetworkDialer(target, 20, routes).sh(script)


@pytest.mark.parametrize("host", ["pod/web-0", "svc/web"])
async def test_script_runs_in_pod(host: str, routes: Routes) -> None:
    (target,) = in_cluster(f"host+kube://{host}")
    output = await sh(target, routes, "cat; echo out; echo error >&2; exit 7")
    assert (output.out, output.error.splitlines()[0], output.code) == (b"out\n", b"error", 7)


async def test_container_is_named_in_url_or_beside(cluster: Cluster, routes: Routes) -> None:
    (within,) = in_cluster("host+kube://pod/web-0?container=log")
    (beside,) = in_cluster("host+kube://pod/web-0", keys=', container = "log"')
    for target in (within, beside):
        await sh(target, routes, "true")
    asked = [path for _, path in cluster.requests if "/exec?" in path]
    assert [("container=log" in path) for path in asked] == [True, True]


async def test_kind_is_read_in_pod(routes: Routes) -> None:
    (target,) = in_cluster("host+kube://svc/web")
    here = await reading(Target("dev", "it", "host", "host+local"), routes)
    assert (await reading(target, routes)).facts["kernel"] == here.facts["kernel"]


@pytest.mark.parametrize(
    ("url", "reason", "words"),
    [
        ("host+kube://pod/web-0?container=web", "server", "pod/web-0 has no container web, but nginx, log"),
        ("host+kube://pod/web-1", "dns", "pod/web-1 does not exist in the namespace shop of prod"),
    ],
)
async def test_failure_of_kubectl_is_no_result(url: str, reason: str, words: str, routes: Routes) -> None:
    (target,) = in_cluster(url)
    with pytest.raises(ServiceError) as caught:
        await sh(target, routes, "echo x")
    assert (caught.value.reason, caught.value.message) == (reason, words)


async def test_right_to_run_commands_is_named(cluster: Cluster, routes: Routes) -> None:
    cluster.forbidden |= {("get", "pods/exec"), ("create", "pods/exec")}
    (target,) = in_cluster("host+kube://pod/web-0")
    with pytest.raises(ServiceError) as caught:
        await sh(target, routes, "echo x")
    assert caught.value.reason == "forbidden"
    assert 'a Role needs the rule {apiGroups: [""], resources: [pods/exec], verbs: [get, create]}' in str(caught.value)


async def test_script_that_is_given_up_ends_in_pod(routes: Routes) -> None:
    (target,) = in_cluster("host+kube://pod/web-0")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(1):
            await NetworkDialer(target, 20, routes).sh("sleep 1000")
    async with asyncio.timeout(20):
        while len(kubectls(os.getpid())) > 1:  # noqa: ASYNC110 - processes announce nothing
            await asyncio.sleep(0.05)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("host+kube://web-0", r"leads to a pod: write host\+kube://pod/NAME"),
        ("host+kube://", r"names no place to run commands: host\+kube://pod/NAME"),
        ("host+ssh://pod/web-0", r"write host\+kube://pod/web-0"),
        ("host+kube://pod/web-0?a=b", 'unknown key "a"'),
    ],
)
def test_url_without_a_pod_is_rejected(url: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        in_cluster(url)

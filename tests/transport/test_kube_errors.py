"""Clusters that cannot be reached, or do not let this user in: each in words, never with a login that is asked for."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from parity_tui.demo.process import free_port
from parity_tui.demo.servers import Servers
from parity_tui.drift.policy import Policy
from parity_tui.services import kinds
from parity_tui.watcher import Watcher
from tests.transport.kube_double import Cluster
from tests.transport.kube_targets import in_cluster, kubectls

REFUSED = "svc/cache:6379 refused the connection: nothing listens in the pod"
INVALID = "the login at the cluster is not valid"
OF_PODS = '{apiGroups: [""], resources: [pods], verbs: [get]}'
OF_SLICES = '{apiGroups: ["discovery.k8s.io"], resources: [endpointslices], verbs: [list]}'
OF_FORWARD = '{apiGroups: [""], resources: [pods/portforward], verbs: [get, create]}'


async def failure(url: str = "redis://svc/cache", kube: str = "prod/shop", timeout: float = 20) -> tuple[str, str]:
    """Return the reason and the words of a target that cannot be read."""
    watcher = Watcher(["far"], in_cluster(url, kube=kube), kinds(), Policy(), timeout=timeout, once=True)
    async with aclosing(watcher.boards()) as boards:  # type: ignore[type-var]
        async for board in boards:
            latest = board
    (outcome,) = latest.outcomes()
    assert outcome.failure is not None
    assert kubectls(os.getpid()) == []
    return str(outcome.failure.reason), outcome.failure.message


@pytest.fixture(autouse=True)
def service(cluster: Cluster) -> None:
    """Add a Service whose pod listens nowhere."""
    cluster.pod("shop", "cache-0", {6379: free_port()})
    cluster.service("shop", "cache", {6379: 6379}, ["cache-0"])


@pytest.mark.parametrize(
    ("url", "reason", "words"),
    [
        ("redis://svc/cache", "refused", REFUSED),
        ("redis://svc/cache:6380", "refused", "svc/cache has no port 6380; its 1 port: 6379"),
        ("redis://svc/cash", "dns", "svc/cash does not exist in the namespace shop of prod"),
        ("redis://pod/cache-1", "dns", "pod/cache-1 does not exist in the namespace shop of prod"),
        (
            "postgresql://ann@svc/cache:6379",
            "refused",
            "svc/cache:6379 refused the connection: nothing listens in the pod",
        ),
    ],
)
async def test_host_that_leads_nowhere_is_named(url: str, reason: str, words: str) -> None:
    assert await failure(url) == (reason, words)


async def test_namespace_that_does_not_exist_is_named(cluster: Cluster) -> None:
    words = "the namespace store does not exist in prod"
    assert await failure(kube="prod/store") == await failure("redis://pod/x", "prod/store") == ("dns", words)
    cluster.forbidden.add(("get", "namespaces"))
    assert await failure(kube="prod/store") == ("dns", "svc/cache does not exist in the namespace store of prod")


async def test_node_that_is_not_reached_is_named(cluster: Cluster) -> None:
    cluster.broken.add(("get", "pods/portforward"))
    reason, words = await failure()
    why = "the API server does not forward to pod/cache-0 (500): error dialing backend: no route to host"
    assert (reason, words) == ("closed", f"svc/cache:6379: {why}")


async def test_pod_that_does_not_run_is_named(cluster: Cluster) -> None:
    pod = cluster.pod("shop", "cache-0", phase="Pending", ready=False)
    pod["status"]["containerStatuses"] = [{"state": {"waiting": {"reason": "ImagePullBackOff"}}}]
    cluster.service("shop", "cache", {6379: 6379}, ["cache-0"])
    assert await failure() == ("refused", "svc/cache has no ready pod: cache-0 is not ready")
    assert await failure("redis://pod/cache-0") == ("refused", "pod/cache-0 does not run (Pending: ImagePullBackOff)")


@pytest.mark.parametrize(
    ("url", "verb", "resource", "rule"),
    [
        ("redis://pod/cache-0", "get", "pods", OF_PODS),
        ("redis://svc/cache", "list", "endpointslices", OF_SLICES),
        ("redis://svc/cache", "get", "pods/portforward", OF_FORWARD),
    ],
)
async def test_missing_right_is_named_with_its_rule(
    url: str, verb: str, resource: str, rule: str, cluster: Cluster
) -> None:
    cluster.forbidden.add((verb, resource))
    reason, words = await failure(url)
    assert reason == "forbidden"
    assert words.startswith(f"context prod: no right to {verb}")
    assert words.endswith(f"{resource} in the namespace shop: a Role needs the rule {rule}")


async def test_unknown_context_is_named() -> None:
    reason, words = await failure(kube="prd/shop")
    assert reason == "tunnel"
    assert words == "via context prd: kubectl has no such context: see `kubectl config get-contexts`"


async def test_missing_kubectl_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "ps").symlink_to(shutil.which("ps") or "ps")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert await failure() == ("tunnel", "via context prod: the command kubectl is not installed here")


def plugin(script: str) -> dict[str, Any]:
    """Return a user of a kubeconfig whose login is the output of a script."""
    api = "client.authentication.k8s.io/v1"
    return {"exec": {"apiVersion": api, "command": "sh", "args": ["-c", script], "interactiveMode": "IfAvailable"}}


def gone(cluster: Cluster) -> None:
    cluster.shutdown()
    cluster.server_close()


def other_token(cluster: Cluster) -> None:
    cluster.token = "another"


@pytest.mark.parametrize(
    ("user", "change", "words"),
    [
        (
            plugin("echo Token has expired >&2; exit 1"),
            None,
            "the login at the cluster is not valid (Token has expired)",
        ),
        (plugin("echo Code: >&2; read x && sleep 100; exit 1"), None, f"{INVALID} (Code:)"),
        (None, other_token, f"{INVALID} (Unauthorized)"),
        (None, gone, "no answer from the API server: dial tcp 127.0.0.1:"),
    ],
)
async def test_refused_login_is_named(
    user: dict[str, Any] | None, change: Callable[[Cluster], None] | None, words: str, cluster: Cluster, tmp_path: Path
) -> None:
    cluster.kubeconfig(tmp_path / "kubeconfig", "prod", user=user)
    if change is not None:
        await asyncio.to_thread(change, cluster)
    reason, message = await failure()
    assert reason == "tunnel"
    assert message.startswith(f"via context prod: {words}")
    assert ("`kubectl --context prod get pods` in a terminal may help" in message) is ("login" in words)


async def test_plugin_that_hangs_meets_the_deadline(cluster: Cluster, tmp_path: Path) -> None:
    cluster.kubeconfig(tmp_path / "kubeconfig", "prod", user=plugin("sleep 100"))
    reason, message = await failure(timeout=1)
    assert (reason, message) == ("tunnel", "via context prod: no login within 1 s")


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("exit 3", "kubectl has ended without an error message"),
        ("echo error: no luck >&2; exit 1", "kubectl has ended: no luck"),
        ("exec sleep 100", "kubectl does not serve within 1 s"),
        ("yes >&2", "kubectl does not serve within 1 s"),
        ("yes", "kubectl does not serve within 1 s"),
        ("echo Starting to serve on /nowhere/s; exec sleep 100", "kubectl has ended without an error message"),
    ],
)
async def test_kubectl_that_misbehaves_meets_the_deadline(
    script: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "kubectl").write_text(f"#!/bin/sh\n{script}\n")
    (tmp_path / "kubectl").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert await failure(timeout=1) == ("tunnel", f"via context prod: {words}")


async def test_host_outside_of_the_cluster_is_read_directly(servers: Servers) -> None:
    (target,) = in_cluster(f"redis://127.0.0.1:{servers.valkey().port}")
    assert (target.kube, target.consent) == ("", ())

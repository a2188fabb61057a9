"""Doctor's way to a Service of Kubernetes: kubectl, context, namespace, pod, port, login, rights."""

from __future__ import annotations

import asyncio
import os
import ssl
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from parity_tui.demo.process import free_port
from parity_tui.demo.rabbitmq import RabbitMQ
from parity_tui.demo.servers import Servers
from parity_tui.doctor import Diagnosis, examine
from parity_tui.doctor.steps import StepPlan
from parity_tui.drift.policy import Policy
from parity_tui.model import Failure, Reason
from parity_tui.services import kinds
from parity_tui.transport.kube import KubeRoute
from parity_tui.transport.route import Steps
from parity_tui.transport.tracing import TracingDialer
from tests.transport import kube_double
from tests.transport.kube_double import Cluster
from tests.transport.kube_streams import Channels
from tests.transport.kube_targets import in_cluster

STEPS = ["kubectl", "context", "namespace", "pod", "port", "TLS", "login", "rights"]
OF_COMMANDS = ["kubectl", "context", "namespace", "pod", "command", "rights"]
CACHE, WEB = "redis://svc/cache", "host+kube://svc/cache"


async def diagnosed(*urls: str, kube: str = "prod/shop", timeout: float = 20) -> list[Diagnosis]:
    return [each async for each in examine(in_cluster(*urls, kube=kube), kinds(), Policy(), timeout)]


async def words_of_failed(step: str, url: str = CACHE, kube: str = "prod/shop", timeout: float = 20) -> str:
    """Return the words of the failed step: all before it are well, and all behind it are not tried."""
    (diagnosis,) = await diagnosed(url, kube=kube, timeout=timeout)
    steps = OF_COMMANDS if "+kube" in url else STEPS
    assert [str(each.name) for each in diagnosis.steps] == steps
    at = steps.index(step)
    states = ["ok"] * at + ["failed"] + ["skipped"] * (len(steps) - at - 1)
    assert [str(each.state) for each in diagnosis.steps] == states
    later = {each.words for each in diagnosis.steps[at + 1 :] if each.name != "TLS"}
    assert later == {"not tried"}
    return diagnosis.steps[at].words


@pytest.fixture(autouse=True)
def service(cluster: Cluster, servers: Servers) -> None:
    cluster.pod("shop", "cache-0", {7000: servers.valkey().port})
    cluster.service("shop", "cache", {6379: 7000}, ["cache-0"])


@pytest.fixture
def be_kubectl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Return what makes a script the kubectl of this machine."""

    def written(script: str) -> None:
        (tmp_path / "kubectl").write_text(script)
        (tmp_path / "kubectl").chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")

    return written


async def test_every_step_to_a_service_is_shown() -> None:
    (diagnosis,) = await diagnosed(CACHE)
    assert [str(step.name) for step in diagnosis.steps] == STEPS
    assert [str(step.state) for step in diagnosis.steps] == ["ok"] * 5 + ["skipped", "ok", "ok"]
    path, *words = [step.words for step in diagnosis.steps[:5]]
    assert path.endswith("/kubectl runs")
    assert words == [
        "logged in to the context prod",
        "shop can be read",
        "pod/cache-0",
        "svc/cache:6379 is forwarded to port 7000 of pod/cache-0",
    ]
    assert all(step.milliseconds is not None for step in diagnosis.steps[:5])


async def test_every_step_of_commands_is_shown() -> None:
    (diagnosis,) = await diagnosed(WEB)
    assert [str(step.name) for step in diagnosis.steps] == OF_COMMANDS
    assert [str(step.state) for step in diagnosis.steps[:5]] == ["ok"] * 5
    assert [step.words for step in diagnosis.steps[3:5]] == ["pod/cache-0", "run in svc/cache"]


async def test_port_of_a_further_address_is_shown(cluster: Cluster, rabbitmq_servers: Mapping[str, RabbitMQ]) -> None:
    broker = rabbitmq_servers["3.10"]
    cluster.pod("shop", "mq-0", {5672: broker.port, 15672: int(broker.management.rpartition(":")[2])})
    cluster.service("shop", "mq", {5672: 5672, 15672: 15672}, ["mq-0"])
    (target,) = in_cluster("amqp://guest:guest@svc/mq", keys=', management = "http://svc/mq:15672"')
    (diagnosis,) = [each async for each in examine([target], kinds(), Policy(), 20)]
    assert [str(step.name) for step in diagnosis.steps] == [*STEPS[:-1], "pod", "port", "rights"]
    assert diagnosis.steps[-2].words == "svc/mq:15672: svc/mq:15672 is forwarded to port 15672 of pod/mq-0"


async def test_missing_kubectl_fails_its_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert await words_of_failed("kubectl") == "via context prod: the command kubectl is not installed here"


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("exec sleep 100", "kubectl does not serve within 1 s"),
        ("echo 'error: unknown flag: --unix-socket' >&2; exit 1", "kubectl has ended: unknown flag: --unix-socket"),
    ],
)
async def test_kubectl_that_hangs_or_refuses_fails_its_step(
    script: str, words: str, be_kubectl: Callable[[str], None]
) -> None:
    be_kubectl(f"#!/bin/sh\n{script}\n")
    assert await words_of_failed("kubectl", timeout=1) == f"via context prod: {words}"


@pytest.mark.parametrize("url", [CACHE, WEB])
async def test_unknown_context_fails_its_step(url: str) -> None:
    words = await words_of_failed("context", url, "prd/shop")
    assert words == "via context prd: kubectl has no such context: see `kubectl config get-contexts`"


async def test_every_target_of_a_context_has_its_steps() -> None:
    first, second = await diagnosed(CACHE, WEB, kube="prd/shop")
    assert [str(step.state) for step in first.steps] == ["ok", "failed"] + ["skipped"] * 6
    assert [str(step.state) for step in second.steps] == ["ok", "failed"] + ["skipped"] * 4


def unreadable(cluster: Cluster, config: Path) -> None:
    config.write_text("{")


def without_certificate(cluster: Cluster, config: Path) -> None:
    cluster.kubeconfig(config, "prod", user={"client-certificate": "/no.crt", "client-key": "/no.key"})


def expired(cluster: Cluster, config: Path) -> None:
    cluster.token = "another"


def hangs(cluster: Cluster, config: Path) -> None:
    cluster.hung.set()


def without_answer(cluster: Cluster, config: Path) -> None:
    cluster.shutdown()
    cluster.server_close()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (unreadable, "error loading config file"),
        (without_certificate, "unable to read client-key /no.key"),
        (expired, "the login at the cluster is not valid (Unauthorized)"),
        (hangs, "no login within 2 s"),
        (without_answer, "no answer from the API server"),
    ],
)
async def test_context_of_no_use_fails_its_step(
    change: Callable[[Cluster, Path], None], words: str, cluster: Cluster, tmp_path: Path
) -> None:
    await asyncio.to_thread(change, cluster, tmp_path / "kubeconfig")
    assert words in await words_of_failed("context", timeout=2)


async def test_login_that_ends_on_the_way_fails_the_context(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    find = KubeRoute.find

    async def late(route: KubeRoute, host: str, step: Steps) -> None:
        cluster.token = "another"
        await find(route, host, step)

    monkeypatch.setattr(KubeRoute, "find", late)
    assert "the login at the cluster is not valid" in await words_of_failed("context")


@pytest.mark.parametrize("url", [CACHE, "redis://pod/cache-0", WEB])
async def test_namespace_that_does_not_exist_fails_its_step(url: str) -> None:
    assert await words_of_failed("namespace", url, "prod/store") == "the namespace store does not exist in prod"


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("redis://svc/cash", "svc/cash does not exist in the namespace shop of prod"),
        ("redis://pod/x", "pod/x does not exist in the namespace shop of prod"),
        ("host+kube://pod/x", "pod/x does not exist in the namespace shop of prod"),
        ("redis://svc/idle", "svc/idle has no ready pod"),
        ("redis://pod/new", "pod/new does not run (Pending)"),
    ],
)
async def test_host_that_leads_nowhere_fails_the_pod(url: str, words: str, cluster: Cluster) -> None:
    cluster.service("shop", "idle", {6379: 6379}, [])
    cluster.pod("shop", "new", phase="Pending", ready=False)
    assert await words_of_failed("pod", url) == words


async def test_port_that_is_not_the_services_fails_its_step() -> None:
    assert await words_of_failed("port", f"{CACHE}:1") == "svc/cache has no port 1; its 1 port: 6379"


async def test_port_without_listener_fails_its_step(cluster: Cluster) -> None:
    cluster.backends["shop", "cache-0"] = {7000: free_port()}
    words = await words_of_failed("port")
    assert words == "svc/cache:6379 refused the connection: nothing listens in the pod"


async def test_port_that_the_node_does_not_forward_fails_its_step(cluster: Cluster) -> None:
    cluster.broken.add(("get", "pods/portforward"))
    assert "(500): error dialing backend: no route to host" in await words_of_failed("port")


async def test_port_forward_that_ends_with_an_error_fails_its_step(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(sock: ssl.SSLSocket, pod: str, port: int, *_: object) -> None:
        channels = Channels(sock)
        for channel in (0, 1):
            channels.send(channel, port.to_bytes(2, "little"))
        channels.send(1, b"the network of the pod is gone")
        time.sleep(0.3)  # kubectl may not pass on what comes right before the end
        channels.close()

    monkeypatch.setattr(kube_double, "forward", gone)
    assert await words_of_failed("port") == "svc/cache:6379: the port-forward ended: the network of the pod is gone"


@pytest.mark.parametrize(("reason", "step"), [(Reason.DNS, "pod"), (Reason.REFUSED, "port")])
async def test_further_connection_fails_a_step_of_the_way(reason: Reason, step: str) -> None:
    (target,) = in_cluster(CACHE)
    dialer = TracingDialer(target, 20)
    for name in STEPS[:5]:
        dialer.begin(name).end()
    steps = StepPlan(target, dialer, 20, None).steps(Failure(reason, "gone"), ())
    assert [str(each.name) for each in steps if each.state == "failed"] == [step]


@pytest.mark.parametrize(
    ("url", "right", "step"),
    [
        (CACHE, ("get", "services"), "namespace"),
        (CACHE, ("list", "endpointslices"), "namespace"),
        ("redis://pod/cache-0", ("get", "pods"), "namespace"),
        (WEB, ("get", "services"), "namespace"),
        (CACHE, ("get", "pods/portforward"), "port"),
        ("host+kube://pod/cache-0", ("get", "pods/exec"), "command"),
    ],
)
async def test_missing_right_fails_its_step(url: str, right: tuple[str, str], step: str, cluster: Cluster) -> None:
    cluster.forbidden |= {right, ("create", right[1])}
    assert f"resources: [{right[1]}]" in await words_of_failed(step, url)
    (diagnosis,) = await diagnosed(url)
    assert (diagnosis.privilege, diagnosis.notes) == ("", ("docs/kubernetes.md has the whole Role",))

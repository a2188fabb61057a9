"""Doctor's way to a Service of Kubernetes: kubectl and context, pod, port, login, rights."""

from __future__ import annotations

import pytest

from parity_tui.demo.process import free_port
from parity_tui.demo.servers import Servers
from parity_tui.doctor import Diagnosis, examine
from parity_tui.drift.policy import Policy
from parity_tui.services import kinds
from tests.transport.kube_double import Cluster
from tests.transport.kube_targets import in_cluster


async def diagnosed(url: str, kube: str = "prod/shop") -> Diagnosis:
    (diagnosis,) = [each async for each in examine(in_cluster(url, kube=kube), kinds(), Policy(), 20)]
    return diagnosis


def states(diagnosis: Diagnosis) -> list[str]:
    return [f"{step.name} {step.state}" for step in diagnosis.steps]


def failed(diagnosis: Diagnosis) -> tuple[str, str]:
    (step,) = [step for step in diagnosis.steps if step.state == "failed"]
    return str(step.name), step.words


@pytest.fixture(autouse=True)
def service(cluster: Cluster, servers: Servers) -> None:
    cluster.pod("shop", "cache-0", {7000: servers.valkey().port})
    cluster.service("shop", "cache", {6379: 7000}, ["cache-0"])


async def test_every_step_to_a_service_is_shown() -> None:
    diagnosis = await diagnosed("redis://svc/cache")
    assert states(diagnosis) == ["route ok", "pod ok", "TCP ok", "TLS skipped", "login ok", "rights ok"]
    assert [step.words for step in diagnosis.steps[:3]] == [
        "kubectl is logged in to the context prod",
        "pod/cache-0 of the namespace shop, port 7000",
        "svc/cache:6379 is forwarded",
    ]


async def test_every_step_of_commands_is_shown() -> None:
    diagnosis = await diagnosed("host+kube://svc/cache")
    assert [str(step.name) for step in diagnosis.steps] == ["route", "command", "rights"]
    assert diagnosis.steps[1].words == "run in svc/cache"


async def test_unknown_context_fails_the_route() -> None:
    step, words = failed(await diagnosed("redis://svc/cache", "prd/shop"))
    assert (step, words[:16]) == ("route", "via context prd:")


@pytest.mark.parametrize("url", ["redis://svc/cash", "redis://svc/cache:1", "redis://pod/x"])
async def test_host_that_leads_nowhere_fails_the_pod(url: str) -> None:
    assert failed(await diagnosed(url))[0] == "pod"


async def test_port_without_listener_fails_tcp(cluster: Cluster) -> None:
    cluster.backends["shop", "cache-0"] = {7000: free_port()}
    assert failed(await diagnosed("redis://svc/cache"))[0] == "TCP"


@pytest.mark.parametrize(
    ("url", "right", "step"),
    [
        ("redis://svc/cache", ("get", "services"), "pod"),
        ("redis://svc/cache", ("get", "pods/portforward"), "TCP"),
        ("host+kube://pod/cache-0", ("get", "pods/exec"), "command"),
    ],
)
async def test_missing_right_fails_its_step(url: str, right: tuple[str, str], step: str, cluster: Cluster) -> None:
    cluster.forbidden |= {right, ("create", right[1])}
    diagnosis = await diagnosed(url)
    assert failed(diagnosis)[0] == step
    assert f"resources: [{right[1]}]" in failed(diagnosis)[1]
    assert (diagnosis.privilege, diagnosis.notes) == ("", ("docs/kubernetes.md has the whole Role",))

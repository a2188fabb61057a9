"""A namespace of Kubernetes, read with the real kubectl, becomes an environment; no value of a Secret is known."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from parity_tui.config import ConfigError
from parity_tui.init import EnvironmentDraft, kube, render
from parity_tui.init.kube.kubectl import objects_of
from tests.transport.kube_double import Cluster


@pytest.fixture
def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cluster]:
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:/usr/bin:/bin")
    monkeypatch.setenv("HOME", str(tmp_path))
    with Cluster() as double:
        monkeypatch.setenv("KUBECONFIG", str(double.kubeconfig(tmp_path / "config", "prod", "arn:aws:1:cluster/prod")))
        yield double


def secret(name: str, of: str, key: str, kind: str = "secretKeyRef") -> dict[str, Any]:
    return {"name": name, "valueFrom": {kind: {"name": of, "key": key}}}


def plain(**variables: str) -> list[dict[str, Any]]:
    return [{"name": name, "value": value} for name, value in variables.items()]


def container(
    image: str, ports: Sequence[int | tuple[str, int]] = (), env: Sequence[dict[str, Any]] = (), **more: Any
) -> dict[str, Any]:
    named = [each if isinstance(each, tuple) else ("", each) for each in ports]
    listed = [{"containerPort": port, **({"name": name} if name else {})} for name, port in named]
    return {
        "name": image.rpartition("/")[2].partition(":")[0],
        "image": image,
        "ports": listed,
        "env": list(env),
        **more,
    }


def workload(cluster: Cluster, resource: str, name: str, *containers: dict[str, Any], replicas: int = 1) -> None:
    template = {"metadata": {"labels": {"app": name, "role": "x"}}, "spec": {"containers": list(containers)}}
    cluster.add(resource, "shop", name, spec={"replicas": replicas, "template": template})


def service(cluster: Cluster, name: str, of: str, *ports: tuple[int, int | str], **spec: Any) -> None:
    listed = [{"port": port, "targetPort": target, "protocol": "TCP"} for port, target in ports]
    cluster.add("services", "shop", name, spec={"selector": {"app": of}, "ports": listed, **spec})


def read(folder: Path, context: str = "prod") -> EnvironmentDraft:
    return kube.read(f"{context}/shop", "production", folder)


def lines(environment: EnvironmentDraft, folder: Path) -> list[str]:
    text = render.text([environment], folder)
    return [line for line in text.splitlines() if line.startswith(("[env", "url", "kube", "pass", "# or", "manage"))]


def urls(environment: EnvironmentDraft, folder: Path) -> list[str]:
    return [line[7:-1] for line in lines(environment, folder) if line.startswith("url = ")]


def test_namespace_becomes_an_environment(cluster: Cluster, tmp_path: Path) -> None:
    workload(
        cluster, "statefulsets", "shop-postgresql",
        container("bitnami/postgresql:16", [("tcp-postgresql", 5432)], [
            *plain(POSTGRES_USER="app", POSTGRES_DB="shop"), secret("POSTGRES_PASSWORD", "shop-pg", "password"),
        ]),
        container("bitnami/postgres-exporter", [("http-metrics", 9187)]),
    )  # fmt: skip
    service(cluster, "shop-postgresql-hl", "shop-postgresql", (5432, "tcp-postgresql"), clusterIP="None")
    service(cluster, "shop-postgresql", "shop-postgresql", (15432, "tcp-postgresql"))
    service(cluster, "shop-postgresql-metrics", "shop-postgresql", (9187, "http-metrics"))
    workload(cluster, "deployments", "mq", container("rabbitmq:4-management", [5672, 15672]))
    service(cluster, "mq", "mq", (15672, 15672), (5672, 5672))
    workload(
        cluster,
        "deployments",
        "web",
        container("shop/web:1", [8080], plain(CACHE_URL="redis://:s3cr@cache.shop.svc:6379/1")),
    )
    service(cluster, "web", "web", (80, 8080))
    workload(cluster, "statefulsets", "cache", container("valkey/valkey:9", [6379]))
    service(cluster, "cache", "cache", (6379, 6379))
    found = read(tmp_path)
    assert lines(found, tmp_path) == [
        "[environments.production]",
        'kube = "prod/shop"',
        "[environments.production.services.cache]   # valkey/valkey:9",
        'url = "redis://svc/cache:6379/1"',
        'password_env = "PRODUCTION_CACHE_PASSWORD"',
        "[environments.production.services.mq]   # rabbitmq:4-management",
        'url = "amqp://guest@svc/mq:5672"',
        'password_env = "PRODUCTION_MQ_PASSWORD"',
        'management = "http://svc/mq:15672"',
        "[environments.production.services.shop-postgresql]   # bitnami/postgresql:16",
        'url = "postgresql://app@svc/shop-postgresql:15432/shop"',
        'password_env = "PRODUCTION_SHOP_POSTGRESQL_PASSWORD"',
        '# or password_command = ["kubectl", "--context=prod", "--namespace=shop", "get", "secret", "shop-pg", "-o", '
        '"go-template={{index .data \\"password\\" | base64decode}}"]',
    ]
    assert "s3cr" not in render.text([found], tmp_path)
    needed = render.to_set(render.variables([found]))
    assert needed["PRODUCTION_SHOP_POSTGRESQL_PASSWORD"] == "key password of the Secret shop-pg"
    asked = " ".join(path for _, path in cluster.requests)
    assert "secrets" not in asked
    assert "configmaps" not in asked


def test_user_of_a_secret_is_a_variable(cluster: Cluster, tmp_path: Path) -> None:
    env = [secret("DB_USER", "db", "username"), secret("DB_PW", "db", "pw")]
    env += plain(DATABASE_URL="postgres://$(DB_USER):$(DB_PW)@db:5432/app", CACHE_URL="redis://$(DB_HOST)")
    workload(cluster, "deployments", "app", container("app:1", [], env))
    mysql = container(
        "mysql:8", [3306], [secret("MYSQL_USER", "shop", "u", "configMapKeyRef"), secret("MYSQL_PASSWORD", "shop", "p")]
    )
    workload(cluster, "deployments", "legacy", mysql)
    workload(cluster, "deployments", "db", container("postgres:16", [5432], envFrom=[{"secretRef": {"name": "all"}}]))
    workload(cluster, "deployments", "pg2", container("postgres:16", [5432], envFrom=[{"secretRef": {"name": "all"}}]))
    for name, port in (("db", 5432), ("legacy", 3306), ("pg2", 5432)):
        service(cluster, name, name, (port, port))
    found = read(tmp_path)
    assert urls(found, tmp_path) == [
        "postgres://${PRODUCTION_DATABASE_USER}@svc/db:5432/app",
        "postgresql://${PRODUCTION_PG2_USER}@svc/pg2:5432",
        "mysql://${PRODUCTION_LEGACY_USER}@svc/legacy:3306",
    ]
    assert render.to_set(render.variables([found])) == {
        "PRODUCTION_DATABASE_USER": "key username of the Secret db",
        "PRODUCTION_DATABASE_PASSWORD": "DATABASE_URL of app",
        "PRODUCTION_PG2_USER": "a key of the Secret all",
        "PRODUCTION_PG2_PASSWORD": "perhaps a key of the Secret all",
        "PRODUCTION_LEGACY_USER": "key u of the ConfigMap shop",
        "PRODUCTION_LEGACY_PASSWORD": "key p of the Secret shop",
    }
    assert [line.partition(":")[0] for line in found.left_out] == ["CACHE_URL of app"]


def test_address_in_parts_is_a_role(cluster: Cluster, tmp_path: Path) -> None:
    env = [*plain(DB_HOST="pg.shop.svc.cluster.local", DB_PORT="5432", DB_NAME="shop"), secret("DB_USER", "db", "user")]
    env += [secret("DB_PASSWORD", "db", "pw"), secret("REDIS_URL", "app", "cache"), secret("API_TOKEN", "app", "token")]
    workload(cluster, "deployments", "app", container("app:1", [], env))
    workload(cluster, "deployments", "app2", container("app:1", [], plain(ORDERS_DB_HOST="pg", ORDERS_DB_PORT="5432")))
    workload(cluster, "statefulsets", "pg", container("postgres:16", [5432]))
    service(cluster, "pg", "pg", (5432, 5432))
    found = read(tmp_path)
    assert urls(found, tmp_path) == ["postgresql://${PRODUCTION_DATABASE_USER}@svc/pg:5432/shop"]
    assert render.to_set(render.variables([found])) == {
        "PRODUCTION_DATABASE_USER": "key user of the Secret db",
        "PRODUCTION_DATABASE_PASSWORD": "DB_PASSWORD of app",
    }
    assert found.left_out == (
        "REDIS_URL of app: the key cache of the Secret app; if it leads out of the cluster, "
        'redis = "${REDIS_URL}" below [environments.production.services]',
    )


def test_other_ways_to_a_server(cluster: Cluster, tmp_path: Path) -> None:
    workload(cluster, "statefulsets", "lonely", container("redis:8", [6379]))
    workload(cluster, "deployments", "off", container("memcached:1.6", [11211]), replicas=0)
    service(cluster, "off", "off", (11211, 11211))
    workload(cluster, "deployments", "custom", container("acme/store:1", [5432]))
    service(cluster, "custom", "custom", (5432, 5432))
    workload(cluster, "deployments", "moved", container("redis:8", [7000], [], args=["redis-server", "--port", "7000"]))
    service(cluster, "moved", "moved", (6379, 7000))
    cluster.add("services", "shop", "rds", spec={"type": "ExternalName", "externalName": "db.cloud.example"})
    cluster.pod("shop", "operated-1", images={"postgres": "ghcr.io/operator/postgresql:17"})
    cluster.service("shop", "operated-rw", {5432: 5432}, ["operated-1"])
    env = plain(
        A_URL="mysql://u@rds/x",
        B_URL="redis://lonely-0.lonely",
        C_URL="redis://x.other.svc",
        D_URL="redis://nowhere",
        E_URL="redis://localhost",
        F_URL="sqlite:////data/x",
    )
    workload(cluster, "deployments", "app", container("app:1", [], env))
    service(cluster, "lonely", "nothing", (6379, 6379), clusterIP="None")
    found = read(tmp_path)
    assert set(urls(found, tmp_path)) == {
        "mysql://u@db.cloud.example:3306/x",
        "redis://pod/lonely-0:6379",
        "postgresql://postgres@svc/custom:5432/postgres",
        "redis://svc/moved:6379",
        "postgresql://postgres@svc/operated-rw:5432/postgres",
    }
    assert {draft.target.service: draft.obstacle for draft in found.services if draft.obstacle} == {
        "off": ("off is not running: it has 0 replicas",)
    }
    assert found.left_out == (
        "C_URL of app: x.other.svc is in the namespace other, and an environment has one: shop",
        "D_URL of app: the namespace shop has no Service nowhere",
        "E_URL of app: localhost is a pod of app itself: write the host pod/NAME",
        "F_URL of app: /data/x is within a pod of app",
    )


def test_pods_of_operators_and_undeclared_ports_count(cluster: Cluster, tmp_path: Path) -> None:
    for number in (1, 2):
        pod = cluster.pod("shop", f"rollout-{number}", images={"main": "app:1"})
        pod["metadata"]["ownerReferences"] = [{"kind": "ReplicaSet", "name": "rollout"}]
        pod["spec"]["containers"][0]["env"] = plain(QUEUE_URL="amqp://u@mq", X_URL="kafka://k")
    workload(cluster, "deployments", "mq", container("envoy:1", [9000]), container("rabbitmq:4"))
    service(cluster, "mq", "mq", (5672, 5672), (9000, 9000))
    found = read(tmp_path)
    assert urls(found, tmp_path) == ["amqp://u@svc/mq:5672"]
    assert found.services[0].remark == "rabbitmq:4"
    assert found.left_out == ("X_URL of rollout: kafka:// is the URL of no kind that is known here",)


def test_context_may_have_slashes(cluster: Cluster, tmp_path: Path) -> None:
    workload(cluster, "statefulsets", "cache", container("redis:8", [6379]))
    assert 'kube = "arn:aws:1:cluster/prod/shop"' in lines(read(tmp_path, "arn:aws:1:cluster/prod"), tmp_path)


def test_right_that_is_missing_is_named(cluster: Cluster, tmp_path: Path) -> None:
    cluster.pod("shop", "db-0", images={"db": "redis:8"})
    cluster.service("shop", "db", {6379: 6379}, ["db-0"])
    cluster.forbidden |= {("list", "deployments"), ("list", "statefulsets")}
    found = read(tmp_path)
    assert urls(found, tmp_path) == ["redis://svc/db:6379"]
    assert found.left_out == (
        "you have no right to list deployments in the namespace shop",
        "you have no right to list statefulsets in the namespace shop",
    )


def failure(context: str = "prod", namespace: str = "shop", **more: float) -> str:
    with pytest.raises(ConfigError) as caught:
        objects_of(f"{context}/{namespace}", **more)
    return str(caught.value)


def test_failures_are_explained(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "the namespace shop of the context prod has no Service, no workload and no pod" in failure()
    assert "kubectl has no context other: `kubectl config get-contexts`" in failure("other")
    assert '--kube takes CONTEXT/NAMESPACE, as in prod/shop, not "--x/Y"' in failure("--x", "Y")
    cluster.forbidden |= {("list", each) for each in ("services", "endpointslices", "deployments", "pods")}
    cluster.forbidden |= {("list", "statefulsets"), ("list", "daemonsets")}
    assert failure().startswith("you have no right to list services, endpointslices, deployments")
    cluster.token = "another"
    assert "the login of the context prod is missing or has expired" in failure()
    assert "log in: kubectl --context=prod get pods" in failure()
    monkeypatch.setenv("PATH", "/nowhere")
    assert "kubectl is not installed here, or not on PATH" in failure()


def test_server_that_is_away_is_explained(cluster: Cluster) -> None:
    cluster.shutdown()
    cluster.server_close()
    assert "kubectl failed for the context prod: The connection to the server" in failure()


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("sleep 600 & echo $! > pids; wait", "did not end within 1 s and was ended"),
        ("sleep 600 & echo $! > pids; exec >&- 2>&-; wait", "did not end within 1 s and was ended"),
        ("sleep 600 & echo $! > pids; echo 'no JSON'; exit 0", "did not end within 1 s and was ended"),
        ("echo $$ > pids; echo 'no JSON'", "does not answer in JSON"),
        ("echo $$ > pids; printf '[%.0s' $(seq 9000)", "does not answer in JSON"),
        ("echo $$ > pids; echo 'token=s3cr' >&2; exit 1", "kubectl failed"),
        ('echo $$ > pids; echo \'{"items": [1, {}, {"kind": "Pod", "spec": 7}]}\'', ""),
    ],
)
def test_kubectl_that_misbehaves_leaves_no_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, words: str
) -> None:
    stub = tmp_path / "kubectl"
    stub.write_text(f"#!/bin/sh\ncd {tmp_path}\n{script}\n")
    stub.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    if words:
        assert words in failure(deadline=1.0 if "sleep" in script else 30.0)
    else:
        assert kube.read("prod/shop", "production", tmp_path).services == ()
    pid = (tmp_path / "pids").read_text().strip()
    until = time.monotonic() + 60
    while state(pid) not in ("", "Z"):
        assert time.monotonic() < until
        time.sleep(0.01)


def state(pid: str) -> str:
    """Return the state of a process, "" for none."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return ""

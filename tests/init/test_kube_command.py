"""`parity-tui init --kube`: the new file is valid, allowed, and asks for no more than the variables that it names."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tests.init.builders import read, run
from tests.init.test_kube import container, plain, secret, service, workload
from tests.transport.kube_double import Cluster

KUBECTL = str(Path(sys.executable).parent)


def test_namespace_becomes_an_allowed_file(tmp_path: Path) -> None:
    environ = {"PATH": f"{KUBECTL}:{os.environ['PATH']}", "HOME": str(tmp_path)}
    with Cluster() as cluster:
        kubeconfig = str(cluster.kubeconfig(tmp_path / "config", "prod"))
        env = [*plain(POSTGRES_USER="app", POSTGRES_DB="app"), secret("POSTGRES_PASSWORD", "db", "password")]
        workload(cluster, "statefulsets", "db", container("postgres:16", [5432], env))
        service(cluster, "db", "db", (5432, 5432))
        workload(cluster, "deployments", "web", container("nginx:1.27", [80]), container("side/car:1"))
        service(cluster, "web", "web", (80, 80))
        result = run("--kube", "prod/shop", "production", folder=tmp_path, KUBECONFIG=kubeconfig, **environ)
    assert result.returncode == 0, result.stderr
    assert "    PRODUCTION_DB_PASSWORD   (key password of the Secret db)\n" in result.stderr
    found = read((tmp_path / "parity.toml").read_text(), tmp_path, PRODUCTION_DB_PASSWORD="x")
    assert [(target.scheme, target.address, target.kube) for target in found.targets] == [
        ("postgresql", "svc/db:5432", "prod/shop"),
        ("nginx+kube", "svc/web", "prod/shop"),
    ]
    assert found.targets[1].options == {"container": "nginx"}
    assert len(list(tmp_path.glob(".local/state/parity-tui/allowed/*"))) == 1


def test_file_without_a_reachable_service_has_no_kube(tmp_path: Path) -> None:
    environ = {"PATH": f"{KUBECTL}:{os.environ['PATH']}", "HOME": str(tmp_path)}
    with Cluster() as cluster:
        kubeconfig = str(cluster.kubeconfig(tmp_path / "config", "prod"))
        workload(cluster, "deployments", "db", container("redis:8", [6379]), replicas=0)
        service(cluster, "db", "db", (6379, 6379))
        result = run("--kube", "prod/shop", "prod", "-o", "-", folder=tmp_path, KUBECONFIG=kubeconfig, **environ)
    assert result.returncode == 0, result.stderr
    assert "# db is not running: it has 0 replicas\n# [environments.prod.services.db]" in result.stdout
    assert "\n# kube =" in result.stdout

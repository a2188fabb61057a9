"""A host as an app within the cluster writes it -> the host of a URL in parity.toml."""

from __future__ import annotations

from parity_tui.init.kube.manifests import Manifests

_SUFFIXES = (".svc.cluster.local", ".svc")


def cluster_host(host: str, namespace: str, manifests: Manifests, app: str) -> tuple[str, str]:
    """Return the host, svc/NAME or pod/NAME for one of the namespace, and the reason why it cannot be reached.

    Args:
        host: as the app writes it.
        namespace: of the app.
        manifests: the Services of the namespace.
        app: the app's workload.

    >>> from parity_tui.init.kube.manifests import read
    >>> objects = [{"kind": "Service", "metadata": {"name": "db"}, "spec": {"ports": [{"port": 5432}]}}]
    >>> names = ("db", "db.shop.svc.cluster.local", "db-0.db", "db.shop.example", "db.other.svc")
    >>> [cluster_host(name, "shop", read(objects), "web")[0] for name in names]
    ['svc/db', 'svc/db', 'pod/db-0', 'db.shop.example', '']
    """
    name = host.lower().rstrip(".")
    if name in ("localhost", "127.0.0.1", "::1"):
        return "", f"{host} is a pod of {app} itself: write the host pod/NAME"
    suffix = next((suffix for suffix in _SUFFIXES if name.endswith(suffix)), "")
    labels = name.removesuffix(suffix).split(".")
    services = {service.name: service for service in manifests.services}
    if suffix and len(labels) > 1 and labels[-1] != namespace:
        return "", f"{host} is in the namespace {labels[-1]}, and an environment has one: {namespace}"
    if len(labels) > 1 and labels[-1] == namespace and (suffix or labels[-2] in services):
        labels = labels[:-1]
    if len(labels) == 2 and labels[1] in services:
        return f"pod/{labels[0]}", ""
    if len(labels) == 1 and labels[0] in services:
        external = services[labels[0]].external_name
        return external or f"svc/{labels[0]}", ""
    if suffix or (len(labels) == 1 and name and manifests.services):
        return "", f"the namespace {namespace} has no Service {labels[0]}"
    return host, ""

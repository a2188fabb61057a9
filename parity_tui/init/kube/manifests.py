"""The JSON of the Kubernetes API -> Services and the workloads behind them. Values of Secrets never come here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

Object = Mapping[str, Any]

_REFERENCE = re.compile(r"\$\(([A-Za-z_][A-Za-z0-9_.-]{0,200})\)|\$\$")
_WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet")
_LONGEST = 20_000
"""characters of a variable with its references filled in"""


class Reference(Struct, frozen=True):
    """A variable whose value is kept elsewhere."""

    kind: str
    """Secret or ConfigMap"""
    name: str
    key: str


class KubeContainer(Struct, frozen=True):
    """One container of a workload."""

    name: str
    image: str
    command: str
    variables: Mapping[str, str]
    """those with a value of their own; "" for those that are kept elsewhere"""
    kept: Mapping[str, Reference]
    """those that are kept elsewhere"""
    from_objects: tuple[str, ...]
    """objects all of whose keys are variables: "Secret shop" """
    ports: Mapping[str, int]
    """name, or the number as text -> number"""

    def __repr__(self) -> str:
        return f"KubeContainer({self.name!r})"


class Workload(Struct, frozen=True):
    """A Deployment, StatefulSet, DaemonSet, or a pod of its own."""

    kind: str
    name: str
    labels: Mapping[str, str]
    replicas: int
    containers: tuple[KubeContainer, ...]


class ServicePort(Struct, frozen=True):
    """One TCP port of a Service."""

    name: str
    port: int
    target: str
    """number or name of the port of the pods"""


class KubeService(Struct, frozen=True):
    """A Service."""

    name: str
    external_name: str
    headless: bool
    selector: Mapping[str, str]
    ports: tuple[ServicePort, ...]


class Manifests(Struct, frozen=True):
    """The objects of a namespace."""

    services: tuple[KubeService, ...]
    workloads: tuple[Workload, ...]
    pods: Mapping[str, Workload]
    """every pod by its name"""
    owners: Mapping[str, str]
    """pod -> the object that made it; "" for none"""
    slices: Mapping[str, tuple[str, ...]]
    """Service -> the pods of its EndpointSlices"""

    def other_pods(self) -> list[Workload]:
        """Return a pod of each owner that is no workload of the namespace: pods of operators and rollouts."""
        found: dict[str, Workload] = {}
        known = [workload.labels.items() for workload in self.workloads]
        for name, pod in self.pods.items():
            if not any(labels <= pod.labels.items() for labels in known if labels):
                owner = self.owners[name] or name
                found.setdefault(owner, replace(pod, name=owner))
        return list(found.values())

    def behind(self, service: KubeService) -> tuple[Workload, ...]:
        """Return the workloads that a Service leads to, else its pods."""
        if service.selector:
            wanted = service.selector.items()
            found = tuple(each for each in self.workloads if wanted <= each.labels.items())
            return found or tuple(each for each in self.pods.values() if wanted <= each.labels.items())
        return tuple(self.pods[name] for name in self.slices.get(service.name, ()) if name in self.pods)


def read(objects: Iterable[Object]) -> Manifests:
    """Return the Services and workloads of the objects of a namespace; malformed ones count as empty."""
    services, workloads, pods = [], [], {}
    owners: dict[str, str] = {}
    slices: dict[str, tuple[str, ...]] = {}
    for each in objects:
        kind, metadata, spec = each.get("kind"), _table(each, "metadata"), _table(each, "spec")
        name = _text(metadata, "name")
        if kind == "Service":
            services.append(_service(name, spec))
        elif kind in _WORKLOADS:
            template = _table(spec, "template")
            workloads.append(_workload(str(kind), name, template, _number(spec.get("replicas"), 1)))
        elif kind == "Pod":
            pods[name] = _workload("Pod", name, each, 1)
            owners[name] = next((_text(owner, "name") for owner in _tables(metadata, "ownerReferences")), "")
        elif kind == "EndpointSlice":
            of = _text(_table(metadata, "labels"), "kubernetes.io/service-name")
            slices[of] = (*slices.get(of, ()), *_pods_of(each))
    return Manifests(tuple(services), tuple(workloads), pods, owners, slices)


def _service(name: str, spec: Object) -> KubeService:
    ports = [
        ServicePort(_text(port, "name"), number, str(port.get("targetPort") or number))
        for port in _tables(spec, "ports")
        if port.get("protocol", "TCP") == "TCP" and (number := _number(port.get("port"), 0))
    ]
    selector = _texts(_table(spec, "selector"))
    return KubeService(name, _text(spec, "externalName"), spec.get("clusterIP") == "None", selector, tuple(ports))


def _workload(kind: str, name: str, template: Object, replicas: int) -> Workload:
    labels = _texts(_table(_table(template, "metadata"), "labels"))
    containers = tuple(map(_container, _tables(_table(template, "spec"), "containers")))
    return Workload(kind, name, labels, replicas, containers)


def _container(container: Object) -> KubeContainer:
    variables: dict[str, str] = {}
    kept: dict[str, Reference] = {}
    for variable in _tables(container, "env"):
        name, source = _text(variable, "name"), _table(variable, "valueFrom")
        for kind, key in (("Secret", "secretKeyRef"), ("ConfigMap", "configMapKeyRef")):
            if reference := _table(source, key):
                kept[name] = Reference(kind, _text(reference, "name"), _text(reference, "key"))
        variables[name] = "" if name in kept else _filled(_text(variable, "value"), variables, kept)
    ports: dict[str, int] = {}
    for port in _tables(container, "ports"):
        if number := _number(port.get("containerPort"), 0):
            ports |= {str(number): number, _text(port, "name") or str(number): number}
    words = [word for key in ("command", "args") for word in container.get(key) or () if isinstance(word, str)]
    image = _text(container, "image")
    return KubeContainer(
        _text(container, "name"), image, " ".join(words), variables, kept, tuple(_whole_objects(container)), ports
    )


def _whole_objects(container: Object) -> Iterator[str]:
    for source in _tables(container, "envFrom"):
        for kind, key in (("Secret", "secretRef"), ("ConfigMap", "configMapRef")):
            if name := _text(_table(source, key), "name"):
                yield f"{kind} {name}"


def mark(name: str) -> str:
    """Return the text in the place of a variable that is kept elsewhere; it is valid in every part of a URL."""
    return f"kept-elsewhere-{name.lower().replace('_', '-')}"


def _filled(text: str, variables: Mapping[str, str], kept: Mapping[str, Reference]) -> str:
    """Return a value with its references $(NAME) to variables before it; a mark for those that are kept elsewhere."""

    def value(match: re.Match[str]) -> str:
        if match[1] is None:
            return "$"
        return mark(match[1]) if match[1] in kept else variables.get(match[1], match[0])

    return _REFERENCE.sub(value, text[:_LONGEST])[:_LONGEST]


def _pods_of(endpoint_slice: Object) -> Iterator[str]:
    for endpoint in _tables(endpoint_slice, "endpoints"):
        target = _table(endpoint, "targetRef")
        if target.get("kind") == "Pod":
            yield _text(target, "name")


def _table(data: Object, key: str) -> dict[str, Any]:
    value = data.get(key)
    return value if isinstance(value, dict) else {}


def _tables(data: Object, key: str) -> list[dict[str, Any]]:
    value = data.get(key)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _text(data: Object, key: str) -> str:
    value = data.get(key)
    return value if isinstance(value, str) else ""


def _texts(data: Object) -> dict[str, str]:
    return {key: value for key, value in data.items() if isinstance(value, str)}


def _number(value: Any, default: int) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else default

"""A namespace of Kubernetes -> one environment: images and ports give the kinds, Services the hosts, URLs the roles.

- `kubectl.py`: the objects of the namespace, in one call
- `manifests.py`: their JSON -> Services, workloads and containers
- `hosts.py`: a host within the cluster -> the host of a URL in parity.toml
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from parity_tui import config, services
from parity_tui.config import ConfigError
from parity_tui.config.dotenv import service_name
from parity_tui.config.dotenv_parts.names import part_of
from parity_tui.config.toml_writer import toml_string
from parity_tui.init.app_variables import AppService, services_of
from parity_tui.init.drafts import Drafts, EnvironmentDraft, ServiceDraft
from parity_tui.init.images import image_of
from parity_tui.init.kube.hosts import cluster_host
from parity_tui.init.kube.kubectl import objects_of
from parity_tui.init.kube.manifests import KubeContainer, KubeService, Manifests, Reference, Workload, mark
from parity_tui.init.kube.manifests import read as read_manifests
from parity_tui.init.servers import Server, server_of
from parity_tui.model import Target

_URL_ENDINGS = ("_URL", "_URI", "_DSN")
_STAND_IN = "localhost"
"""host of a URL until its target has the one in the cluster"""


def read(kube: str, environment: str, folder: Path) -> EnvironmentDraft:
    """Return the environment of a namespace. Raises ConfigError.

    Args:
        kube: context/namespace.
        environment: name of the environment.
        folder: relative paths of URLs begin here.
    """
    objects, remarks = objects_of(kube)
    collector = _Collector(kube, environment, folder, read_manifests(objects))
    collector.add_urls()
    collector.add_servers()
    left_out = (*remarks, *collector.left_out)
    return EnvironmentDraft(environment, kube, tuple(collector.drafts.all.values()), left_out, kube)


class _Endpoint(Struct, frozen=True):
    """A container behind a host of the cluster."""

    host: str
    """svc/NAME or pod/NAME"""
    port: int
    workload: Workload
    container: KubeContainer
    server: Server


class _Collector:
    """Collects services, by their names, and what had to be left out."""

    def __init__(self, kube: str, environment: str, folder: Path, manifests: Manifests) -> None:
        self.drafts = Drafts()
        self.left_out: list[str] = []
        self._context, _, self._namespace = kube.rpartition("/")
        self._environment = environment
        self._folder = folder
        self._manifests = manifests
        self._endpoints = list(_endpoints(manifests))
        self._named: set[tuple[str, int]] = set()

    def add_urls(self) -> None:
        """Add the services that the apps' variables name; the variables' names become roles."""
        running = sorted(self._manifests.workloads, key=lambda workload: not workload.replicas)
        for workload in (*running, *self._manifests.other_pods()):
            for container in workload.containers:
                self._add_app(workload.name, container)

    def _add_app(self, app: str, container: KubeContainer) -> None:
        """Add the services of one container; the value of a variable that is kept elsewhere is a mark."""
        whole_urls = {name for name in container.kept if name.endswith(_URL_ENDINGS)}
        marks = {name: mark(name) for name in container.kept}
        values = {**container.variables, **{name: marks[name] for name in marks.keys() - whole_urls}}
        found = services_of(values, app)
        for name, reference in container.kept.items():
            if name in whole_urls and part_of(name):
                self.left_out.append(
                    f"{name} of {app}: the {_words(reference)}; if it leads out of the cluster, "
                    f'{service_name(name)} = "${{{name}}}" below [environments.{self._environment}.services]'
                )
        for item in found.left_out:
            if item.variable not in container.kept:
                self.left_out.append(f"{item.variable} of {app}: {item.reason}")
        for service in found.services:
            try:
                target = config.target(self._environment, service.name, service.url, self._folder, app=True)
            except ConfigError as error:
                self.left_out.append(f"{service.origin}: {error}")
                continue
            kept = {marks[name]: reference for name, reference in container.kept.items()}
            self._add_service(replace(target, user=target.user or service.user), service, app, kept)

    def _add_service(self, target: Target, service: AppService, app: str, kept: Mapping[str, Reference]) -> None:
        if reference := next((kept[each] for each in kept if each in target.host), None):
            self.left_out.append(f"{service.origin}: its host is the {_words(reference)}")
            return
        if target.is_unix_socket or (not target.host and target.path.startswith("/")):
            self.left_out.append(f"{service.origin}: {target.address} is within a pod of {app}")
            return
        host, problem = cluster_host(target.host, self._namespace, self._manifests, app)
        if problem:
            self.left_out.append(f"{service.origin}: {problem}")
            return
        endpoint = next((each for each in self._endpoints if (each.host, each.port) == (host, target.port)), None)
        target = replace(target, host=host, path="" if any(each in target.path for each in kept) else target.path)
        if endpoint and service.in_parts:
            target = endpoint.server.as_product(target)
        if not service.has_own_name and "/" in host:
            target = replace(target, service=host.partition("/")[2])
        if service.in_parts and self.drafts.has(target):
            return
        self._named.add((host, target.port))
        user = kept.get(target.user)
        draft = ServiceDraft(
            replace(target, user="" if user else target.user),
            target.password is not None or service.has_password,
            service.origin,
            endpoint.container.image if endpoint else "",
            user_origin=_words(user) if user else "",
            obstacle=_scaled_down(endpoint.workload) if endpoint else (),
        )
        self.drafts.add(draft, app)

    def add_servers(self) -> None:
        """Add the servers that no URL names: their images give the kinds, their variables the logins."""
        taken = {
            (each.workload.name, each.container.name)
            for each in self._endpoints
            if (each.host, each.port) in self._named
        }
        for endpoint in self._endpoints:
            key = (endpoint.workload.name, endpoint.container.name)
            if key not in taken:
                taken.add(key)
                self._add_server(endpoint)

    def _add_server(self, endpoint: _Endpoint) -> None:
        server, container = endpoint.server, endpoint.container
        name = endpoint.host.partition("/")[2]
        try:
            target = self._target(name, endpoint)
        except ConfigError as error:
            self.left_out.append(f"{name}: {error}")
            return
        if target is None:
            self.left_out.append(f"{name}: {container.image} is read with commands, which are not run in pods")
            return
        user = next((each for each in server.image.user if each in container.kept), "")
        unknown = bool(user) or (bool(container.from_objects) and target.user == server.image.default_user != "")
        path = "" if unknown or any(each in container.kept for each in server.image.path) else target.path
        origin, hint = self._password(endpoint)
        draft = ServiceDraft(
            replace(target, user="" if unknown else target.user, path=path),
            bool(origin),
            origin,
            container.image,
            user_origin=_words(container.kept[user])
            if user
            else f"a key of the {container.from_objects[0]}"
            if unknown
            else "",
            password_hint=hint,
            obstacle=_scaled_down(endpoint.workload),
        )
        self.drafts.add(draft)

    def _target(self, name: str, endpoint: _Endpoint) -> Target | None:
        """Return the target of a server, None for a kind that is not read in pods. Raises ConfigError."""
        server = endpoint.server
        if server.port:
            target = config.target(self._environment, name, server.url(_STAND_IN, endpoint.port), self._folder)
            beside = {
                key: f"http://{endpoint.host}:{port}"
                for key, inside in server.image.beside.items()
                if (port := _port_of(self._manifests, endpoint, inside))
            }
            return replace(target, host=endpoint.host, options=beside)
        scheme = f"{server.image.scheme.partition('+')[0]}+kube"
        if scheme not in services.schemes():
            return None
        container = {"container": endpoint.container.name} if len(endpoint.workload.containers) > 1 else {}
        kind = services.schemes()[scheme]
        return Target(self._environment, name, kind, scheme, host=endpoint.host, session=container)

    def _password(self, endpoint: _Endpoint) -> tuple[str, str]:
        """Return where the password of a server is kept, in words, and the command that would read it."""
        server, container = endpoint.server, endpoint.container
        names = [name for name in server.image.password if name in container.variables]
        reference = next((container.kept[name] for name in names if name in container.kept), None)
        if reference is None:
            origin = server.password_origin(endpoint.workload.name)
            if not origin and container.from_objects and server.image.password:
                origin = f"perhaps a key of the {container.from_objects[0]}"
            return origin, ""
        if reference.kind != "Secret":
            return _words(reference), ""
        template = f'go-template={{{{index .data "{reference.key}" | base64decode}}}}'
        scope = ["kubectl", f"--context={self._context}", f"--namespace={self._namespace}"]
        words = [*scope, "get", "secret", reference.name, "-o", template]
        return _words(reference), f"password_command = [{', '.join(map(toml_string, words))}]"


def _endpoints(manifests: Manifests) -> Iterator[_Endpoint]:
    """Yield every server behind a Service, headless ones last, then those of StatefulSets without one."""
    reached: set[str] = set()
    for service in sorted(manifests.services, key=lambda each: (each.headless, len(each.name))):
        for workload in manifests.behind(service):
            reached.add(workload.name)
            for container in sorted(workload.containers, key=lambda each: image_of(each.image) is None):
                others = {port for each in workload.containers if each is not container for port in each.ports.values()}
                found = _behind(service, container, others)
                if found is not None:
                    yield _Endpoint(f"svc/{service.name}", found[0], workload, container, found[1])
    for workload in manifests.workloads:
        for container in workload.containers:
            server = _server(container, tuple(container.ports.values()))
            if workload.kind == "StatefulSet" and workload.name not in reached and server:
                yield _Endpoint(f"pod/{workload.name}-0", server.port, workload, container, server)


def _behind(service: KubeService, container: KubeContainer, others: Collection[int]) -> tuple[int, Server] | None:
    """Return the port of a Service that leads to a container's server, and the server; None for no server.

    A container need not declare its ports: those that the ``others`` of its pod do not declare may be its own.
    """
    ports = {}
    for port in service.ports:
        number = int(port.target) if port.target.isdecimal() else 0
        if inside := container.ports.get(port.target, 0 if number in others else number):
            ports[inside] = port
    server = _server(container, ports)
    if server is None or (not ports and server.port):
        return None
    if server.port in ports or not server.port:
        return ports[server.port].port if server.port else 0, server
    usual = (server.image.scheme, services.schemes()[server.image.scheme], "client", "tcp")
    named = [port for port in ports.values() if any(word in port.name for word in usual)]
    chosen = named or (list(ports.values()) if len(ports) == 1 else [])
    return (chosen[0].port, server) if chosen and not set(server.image.beside.values()) & ports.keys() else None


def _server(container: KubeContainer, ports: Collection[int]) -> Server | None:
    return server_of([container.image], ports, container.variables, container.command)


def _port_of(manifests: Manifests, endpoint: _Endpoint, inside: int) -> int:
    """Return the port of a Service that leads to a port of a container, 0 for none."""
    name = endpoint.host.removeprefix("svc/")
    service = next((each for each in manifests.services if each.name == name), None)
    for port in service.ports if service else ():
        if endpoint.container.ports.get(port.target) == inside or port.target == str(inside):
            return port.port
    return 0


def _scaled_down(workload: Workload) -> tuple[str, ...]:
    return () if workload.replicas else (f"{workload.name} is not running: it has 0 replicas",)


def _words(reference: Reference) -> str:
    return f"key {reference.key} of the {reference.kind} {reference.name}"

"""Compose files -> one environment: images give the kinds, ports the addresses, the app's own URLs the roles.

- `documents.py`: the files, within limits, and their YAML
- `project.py`, `merge.py`: override files, `include` and `extends` -> the services of one project
- `container.py`, `ports.py`, `dockerfile.py`: a service -> names, variables, ports and image of its container
- `addresses.py`: where a container is reached from this machine, or the line that would publish it
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec.structs import replace

from parity_tui import config
from parity_tui.config import ConfigError
from parity_tui.init.app_variables import AppService, services_of
from parity_tui.init.compose.addresses import Address, Addresses
from parity_tui.init.compose.container import Container, read_containers
from parity_tui.init.compose.documents import Documents
from parity_tui.init.compose.project import read_project
from parity_tui.init.drafts import Drafts, EnvironmentDraft, ServiceDraft
from parity_tui.init.servers import Server, server_of
from parity_tui.model import Target

_MOST_NAMED = 12
"""containers of unknown images that are listed by name"""


def read(paths: Sequence[Path], environment: str) -> EnvironmentDraft:
    """Return the environment of compose files, with addresses as seen from this machine. Raises ConfigError.

    Args:
        paths: the files; each overrides those before it. A file of a default name brings its override file.
        environment: name of the environment.
    """
    documents = Documents()
    project = read_project(paths, documents)
    containers, remarks = read_containers(project, documents)
    collector = _Collector(environment, project.files[0].parent, containers)
    for container in sorted(containers.values(), key=lambda container: bool(container.stopped)):
        collector.add_urls(container)
    for container in containers.values():
        collector.add_server(container)
    left_out = (*project.remarks, *remarks, *collector.left_out, *collector.unknown())
    origin = ", ".join(path.name for path in project.files)
    return EnvironmentDraft(environment, origin, tuple(collector.drafts.all.values()), left_out)


class _Collector:
    """Collects services, by their names, and what had to be left out."""

    def __init__(self, environment: str, folder: Path, containers: Mapping[str, Container]) -> None:
        self.environment = environment
        self.folder = folder
        self.containers = containers
        self.drafts = Drafts()
        self.left_out: list[str] = []
        self._addresses = Addresses(containers)
        self._servers = {name: _server(container) for name, container in containers.items()}
        self._servers_with_url: set[str] = set()

    def add_urls(self, container: Container) -> None:
        """Add the services that an app's variables name; the variables' names become roles."""
        found = services_of(container.variables, container.name)
        for item in found.left_out:
            host = container.variables.get(item.variable, "").rpartition("/")[2].partition(":")[0]
            if not self._addresses.resolve(container, host)[0]:
                self.left_out.append(f"{item.variable} of {container.name}: {item.reason}")
        own = self._servers[container.name]
        for service in found.services:
            try:
                target = config.target(self.environment, service.name, service.url, self.folder, app=True)
            except ConfigError as error:
                self.left_out.append(f"{service.origin}: {error}")
                continue
            if own and service.in_parts and own.kind == target.kind:
                continue  # a replica names its primary
            self._add_url(replace(target, user=target.user or service.user), container, service)

    def _add_url(self, target: Target, app: Container, service: AppService) -> None:
        needs_password, origin = target.password is not None or service.has_password, service.origin
        name, host = self._addresses.resolve(app, target.host, target.port)
        server = self._server_at(name, target)
        if server is None:
            target, obstacle = self._on_this_machine(replace(target, host=host), app)
            if obstacle and target.is_unix_socket:
                self.left_out.append(f"{origin}: {obstacle[0]}")
                return
            self.drafts.add(ServiceDraft(target, needs_password, origin, obstacle=obstacle), app.name)
            return
        if not service.has_own_name:
            target = replace(target, service=server.name)
        declared = self._servers[server.name]
        if declared is None or declared.kind == target.kind:
            self._servers_with_url.add(server.name)
        if declared and service.in_parts:
            target = declared.as_product(target)
        login = declared.password_origin(server.name) if declared and (target.user or not declared.image.user) else ""
        address = self._addresses.of(server, target.port, suggest=server is not app or declared is not None)
        if server is app and declared is None and address.obstacle:
            self.left_out.append(f"{origin}: {target.host} is the container {app.name} itself")
            return
        options = {**self._further_addresses(declared, server), **target.options}
        target = replace(target, host=address.host, port=address.port, options=options)
        origin = origin if needs_password else login
        if service.in_parts and self.drafts.has(target):
            return
        draft = ServiceDraft(target, bool(origin), origin, server.image, obstacle=address.obstacle)
        self.drafts.add(draft, app.name)

    def _on_this_machine(self, target: Target, app: Container) -> tuple[Target, tuple[str, ...]]:
        """Return a target whose file or Unix socket is the one of this machine, and why that cannot be.

        A relative path is left alone: it begins in the folder of the compose file, which most projects mount.
        """
        file = target.host if target.is_unix_socket else target.path
        is_file = target.is_unix_socket or (not target.host and file.startswith("/"))
        if not is_file or Path(file).is_relative_to(self.folder):
            return target, ()
        here = app.on_this_machine(file)
        if not here:
            return target, (f"{file} is within the container {app.name}: no volume has it on this machine",)
        return replace(target, **{"host" if target.is_unix_socket else "path": here}), ()

    def _server_at(self, name: str, target: Target) -> Container | None:
        """Return the container that an app's URL means: the one of this name, or one that shares its network."""
        named = self.containers.get(name)
        if named is None:
            return None
        sharing = (
            self.containers[other]
            for other, server in self._servers.items()
            if server and server.port == target.port and self._addresses.share_network(named, self.containers[other])
        )
        return next(sharing, named)

    def add_server(self, container: Container) -> None:
        """Add a server that no URL names: its image gives the kind, its variables the login."""
        server = self._servers[container.name]
        if server is None or container.name in self._servers_with_url:
            return
        address = Address("", 0, self._addresses.stopped(container))
        url, user_origin = f"{server.image.scheme}://{container.container}", ""
        if server.port:
            address = self._addresses.of(container, server.port)
            url = server.url(address.host, address.port)
        try:
            target = config.target(self.environment, container.name, url, self.folder)
        except ConfigError as error:
            url = server.url(address.host, address.port, login=False)
            if not server.port or not server.user_variable:
                self.left_out.append(f"{container.name}: {error}")
                return
            target = config.target(self.environment, container.name, url, self.folder)
            user_origin = f"{server.user_variable} of {container.name}"
        if self.drafts.has(target):
            return  # its network is that of this machine, where a URL names it
        target = replace(target, options=self._further_addresses(server, container))
        origin = server.password_origin(container.name)
        draft = ServiceDraft(
            target, bool(origin), origin, container.image, user_origin=user_origin, obstacle=address.obstacle
        )
        self.drafts.add(draft)

    def _further_addresses(self, server: Server | None, container: Container) -> dict[str, str]:
        """Return the published HTTP addresses of a server by their configuration keys."""
        beside = server.image.beside if server else {}
        found = {key: self._addresses.of(container, inside, suggest=False) for key, inside in beside.items()}
        return {key: f"http://{address.authority}" for key, address in found.items() if not address.obstacle}

    def unknown(self) -> list[str]:
        """Return a sentence about the containers that run no kind of service that is known."""
        names = [name for name in self.containers if self._servers[name] is None and name not in self._servers_with_url]
        if not names:
            return []
        images = (self.containers[name].image for name in names)
        shown = [f"{name} ({image})" if image else name for name, image in zip(names, images, strict=True)]
        more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
        return [
            f"{', '.join(shown[:_MOST_NAMED])}{more}: neither image nor ports are those of a kind that is known here"
        ]


def _server(container: Container) -> Server | None:
    images = dict.fromkeys(name for name in (container.base, container.image) if name)
    ports = (*container.exposed, *(port.inside for port in container.ports))
    return server_of(images, ports, container.variables, container.command, container.name)

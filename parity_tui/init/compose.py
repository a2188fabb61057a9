"""A compose file -> one environment: images give the kinds, ports the addresses, the app's own URLs the roles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import quote

from msgspec.structs import replace

from parity_tui import config, services
from parity_tui.config import ConfigError
from parity_tui.config.dotenv import service_name, url_of
from parity_tui.init.compose_file import Container, read_containers
from parity_tui.init.drafts import EnvironmentDraft, ServiceDraft
from parity_tui.init.images import image_of
from parity_tui.model import Image, Target


def read(path: Path, environment: str) -> EnvironmentDraft:
    """Return the environment of a compose file, with addresses as seen from this machine. Raises ConfigError."""
    containers = read_containers(path)
    collector = _Collector(environment, path.absolute().parent, containers)
    for container in containers.values():
        collector.add_urls(container)
    for container in containers.values():
        collector.add_server(container)
    return EnvironmentDraft(environment, path.name, tuple(collector.drafts.values()), tuple(collector.left_out))


class _Collector:
    """Collects services, by their names, and what had to be left out."""

    def __init__(self, environment: str, folder: Path, containers: Mapping[str, Container]) -> None:
        self.environment = environment
        self.folder = folder
        self.containers = containers
        self.drafts: dict[str, ServiceDraft] = {}
        self.left_out: list[str] = []
        self._servers_with_url: set[str] = set()

    def add_urls(self, container: Container) -> None:
        """Add the services whose URLs an app's variables hold; the variables' names become roles."""
        for variable, value in container.variables.items():
            url = url_of(value)
            if not url:
                continue
            origin = f"{variable} of {container.name}"
            try:
                target = config.target(self.environment, service_name(variable), url, self.folder, app=True)
            except ConfigError as error:
                self.left_out.append(f"{origin}: {error}")
                continue
            self._add_url(target, container, origin)

    def _add_url(self, target: Target, app: Container, origin: str) -> None:
        server, needs_password, remark = self.containers.get(target.host), target.password is not None, ""
        if server is not None:
            self._servers_with_url.add(server.name)
            remark = server.image
            if target.port not in server.ports:
                self.left_out.append(f"{origin}: {server.name} publishes no port {target.port} on this machine")
                return
            host, port = server.ports[target.port]
            options = {**_further_addresses(image_of(server.image), server), **target.options}
            target = replace(target, host=host, port=port, options=options)
        self._add(target, needs_password, origin, remark, app.name)

    def add_server(self, container: Container) -> None:
        """Add a server that no URL names: its image gives the kind, its variables the login."""
        image = image_of(container.image)
        if image is None or container.name in self._servers_with_url:
            return
        url = _server_url(image, container)
        if not url:
            self.left_out.append(f"{container.name}: {container.image} publishes no port on this machine")
            return
        try:
            target = config.target(self.environment, container.name, url, self.folder)
        except ConfigError as error:
            self.left_out.append(f"{container.name}: {error}")
            return
        target = replace(target, options=_further_addresses(image, container))
        origin = _password_origin(image, container)
        self._add(target, bool(origin), origin, container.image)

    def _add(self, target: Target, needs_password: bool, origin: str, remark: str, app: str = "") -> None:
        """Add a service; a second one of the same name is named after its app too."""
        name = target.service
        if name in self.drafts:
            if self.drafts[name].target.address == target.address or not app:
                return
            name = f"{app}_{name}"
        target = replace(target, service=name, password=None)
        draft = ServiceDraft(target, needs_password, origin if needs_password else "", remark)
        self.drafts.setdefault(name, draft)


def _password_origin(image: Image, container: Container) -> str:
    """Return where a server's password is set, in words; "" if it needs none."""
    variable = next((name for name in image.password if name in container.variables), "")
    if variable:
        return f"{variable} of {container.name}"
    if image.default_login:
        return image.default_login
    set_by_command = image.login_argument and image.login_argument in container.command
    return f"the command of {container.name}" if set_by_command else ""


def _server_url(image: Image, container: Container) -> str:
    """Return the URL of a server as seen from this machine, without a password; "" if it publishes no port."""
    if "+" in image.scheme:
        return f"{image.scheme}://{container.container}"
    service = services.kinds()[services.schemes()[image.scheme]]
    inside = next((port for port in (*image.ports, service.port) if port in container.ports), 0)
    if not inside:
        return ""
    host, port = container.ports[inside]
    user = _first_set(image.user, container) or image.default_user
    path = _first_set(image.path, container) or image.default_path.replace("{user}", user)
    login = f"{quote(user, safe='')}@" if user else ""
    return f"{image.scheme}://{login}{host}:{port}{'/' + quote(path, safe='') if path else ''}"


def _first_set(names: Iterable[str], container: Container) -> str:
    return next((value for name in names if (value := container.variables.get(name))), "")


def _further_addresses(image: Image | None, container: Container) -> dict[str, str]:
    """Return the published HTTP addresses of a server by their configuration keys."""
    ports = {key: container.ports.get(inside) for key, inside in (image.beside if image else {}).items()}
    return {key: f"http://{address[0]}:{address[1]}" for key, address in ports.items() if address}

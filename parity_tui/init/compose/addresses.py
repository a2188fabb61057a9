"""Where a container is reached from this machine; or why it is not, with the line that would publish it."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from parity_tui.init.compose.container import Container

_THIS_MACHINE = ("host.docker.internal", "gateway.docker.internal", "host-gateway", "172.17.0.1")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_MAX_NETWORKS = 10
"""containers that share the network of the next"""


class Address(Struct, frozen=True):
    """Host and port; with an obstacle, those that it would have."""

    host: str
    port: int
    obstacle: tuple[str, ...] = ()
    """why it is not reached, and lines that would change that"""

    @property
    def authority(self) -> str:
        """The address as in a URL."""
        return f"{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"


class Addresses:
    """The addresses of the containers of one project."""

    def __init__(self, containers: Mapping[str, Container]) -> None:
        self._containers = containers
        self._names: dict[str, str] = {}
        for container in containers.values():
            self._names |= {host: container.name for host in container.names if host not in self._names}
        self._names |= {name.lower(): name for name in containers}
        self._published = {port.port for container in containers.values() for port in container.ports}
        self._taken = set(self._published)
        self._suggested: dict[tuple[str, int], int] = {}
        self._free: dict[int, int] = {}

    def resolve(self, app: Container, host: str, port: int = 0) -> tuple[str, str]:
        """Return the container that a host means within another container, "" for none, and the host from here.

        With a ``port`` that is published, localhost is this machine: the app's variables also serve it outside.
        """
        name = host.lower()
        if name in _LOOPBACK:
            owner = self._network_owner(app)
            here = owner.network == "host" or (owner is app and port in self._published)
            return ("", host) if here else (owner.name, host)
        if alias := app.links.get(name):
            return (alias, host) if alias in self._containers else ("", host)
        if address := app.extra_hosts.get(name):
            return "", "localhost" if address in _THIS_MACHINE else address
        if name in self._names:
            return self._names[name], host
        if name in _THIS_MACHINE:
            return "", "localhost"
        return "", host

    def of(self, container: Container, inside: int, *, suggest: bool = True) -> Address:
        """Return the address of a port of a container.

        Args:
            container: the container.
            inside: the port that it listens on.
            suggest: whether a port of this machine is kept for one that is not published.
        """
        owner = self._network_owner(container)
        stopped = self.stopped(container)
        if owner.network == "host":
            return Address("localhost", inside, stopped)
        published = owner.published(inside)
        if published and published.port:
            return Address(published.host, published.port, stopped)
        if not suggest:
            return Address("", 0, ("not published",))
        port = self._suggestion(owner.name, inside)
        why = (
            f"{owner.name} publishes port {inside} on a port that changes at each start"
            if published
            else f"{owner.name} publishes no port {inside} on this machine"
        )
        lines = (
            f"{why}; this line below `{owner.name}:` in the compose file publishes it to this machine alone:",
            f'    ports: ["127.0.0.1:{port}:{inside}"]',
            f'without a port, the system within the container: url = "host+docker://{container.container}"',
        )
        return Address("localhost", port, (*stopped, *lines))

    def share_network(self, one: Container, other: Container) -> bool:
        """Return whether two containers have one network, so that they share its ports."""
        return self._network_owner(one) is self._network_owner(other)

    def stopped(self, container: Container) -> tuple[str, ...]:
        """Return why a container does not run, in a sentence; () for one that runs."""
        return (f"{container.name} is not running: {container.stopped}",) if container.stopped else ()

    def _network_owner(self, container: Container) -> Container:
        """Return the container whose network another one uses: itself, in most cases."""
        for _ in range(_MAX_NETWORKS):
            kind, _, name = container.network.partition(":")
            if kind not in ("service", "container"):
                break
            other = self._containers.get(self._names.get(name.lower(), ""))
            if other is None:
                break
            container = other
        return container

    def _suggestion(self, name: str, inside: int) -> int:
        """Return a port of this machine that no container publishes: the same number, or the next one."""
        if (name, inside) not in self._suggested:
            port = self._free.get(inside, inside)
            while port in self._taken:
                port += 1
            self._taken.add(port)
            self._free[inside] = port
            self._suggested[name, inside] = port
        return self._suggested[name, inside]

"""The routes of a process, each shared by all targets that it leads to, and their commands."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable, Iterable
from typing import TYPE_CHECKING, TypeVar, cast

from parity_tui.transport.command import way_of
from parity_tui.transport.commands import Commands
from parity_tui.transport.head_start import HeadStart

if TYPE_CHECKING:
    from parity_tui.model import Target, Tunnel
    from parity_tui.transport.kube import KubeRoute, Proxy
    from parity_tui.transport.route import Route
    from parity_tui.transport.ssh import Destination, SSHConnection
    from parity_tui.transport.tunnel.route import TunnelRoute

R = TypeVar("R", bound="Route")


class Routes:
    """All routes that were needed so far; each comes up when it is first used."""

    def __init__(self, targets: Iterable[Target] = (), head_start: HeadStart | None = None) -> None:
        """Create routes.

        Args:
            targets: those that will be asked for, as far as they are known.
            head_start: connections to targets without a route.
        """
        self.head_start = head_start or HeadStart()
        self._clusters = {target.kube for target in targets if target.kube}
        self._proxies: dict[Hashable, Proxy] = {}
        self._routes: dict[Hashable, Route] = {}
        self._tunnels: dict[Hashable, TunnelRoute] = {}
        self.commands = Commands()
        """commands of all targets, on this machine as well"""

    def of(self, target: Target) -> Route | None:
        """Return the route that leads to a target, None for a direct one."""
        way, alias = way_of(target), target.ssh
        if target.tunnel is not None:
            return self.through(target.tunnel, target.host, target.port)
        if target.in_cluster:
            return self._to_cluster(target)
        if way == "local" or not target.host or target.is_unix_socket or (way != "ssh" and not alias):
            return None
        from parity_tui.transport.ssh import Destination  # here: most environments need none

        if way == "ssh":
            return self.to(Destination(target.host, target.user, target.port, alias if alias != target.host else ""))
        return self.to(Destination(alias))

    def to(self, destination: Destination) -> SSHConnection:
        """Return the connection to a destination of ssh."""
        from parity_tui.transport.ssh import SSHConnection

        return self._shared(destination, lambda: SSHConnection(destination, self.to))

    def _to_cluster(self, target: Target) -> KubeRoute:
        """Return the route to a namespace, or to a pod where commands are run; all contexts have one kubectl each."""
        from parity_tui.transport.kube import KubeRoute, PodRoute, Proxy
        from parity_tui.transport.ssh import Destination

        context, _, namespace = target.kube.rpartition("/")
        every = {namespace, *(kube.rpartition("/")[2] for kube in self._clusters if kube.rpartition("/")[0] == context)}
        key = (context, target.ssh, frozenset(every))
        if key not in self._proxies:
            self._proxies[key] = Proxy(context, every, self.to(Destination(target.ssh)) if target.ssh else None)
        proxy = self._proxies[key]
        if way_of(target) != "kube":
            return self._shared((key, namespace), lambda: KubeRoute(proxy, namespace))
        container = target.options.get("container", "")
        pod = (key, namespace, target.host, container)
        return self._shared(pod, lambda: PodRoute(proxy, namespace, target.host, container))

    def through(self, tunnel: Tunnel, host: str, port: int) -> TunnelRoute:
        """Return the route through a program to ``host``:``port``."""
        from parity_tui.transport.tunnel.placeholders import leads_to
        from parity_tui.transport.tunnel.route import TunnelRoute

        key = tunnel.folder, leads_to(tunnel, host, port), host, port
        if key not in self._tunnels:
            self._tunnels[key] = TunnelRoute(tunnel, host, port, self.through)
        return self._tunnels[key]

    def _shared(self, key: Hashable, make: Callable[[], R]) -> R:
        if key not in self._routes:
            self._routes[key] = make()
        return cast("R", self._routes[key])

    def forget(self) -> None:
        """Forget failures, so that the next use tries again at once."""
        for route in [*self._routes.values(), *self._tunnels.values()]:
            route.forget()

    async def close(self) -> None:
        """Close all routes and end all commands."""
        self.head_start.close()
        await self.commands.close()
        await asyncio.gather(*(tunnel.close() for tunnel in self._tunnels.values()))
        for route in reversed(list(self._routes.values())):  # what lies behind a jump host first
            await route.close()

"""The routes of a process, each shared by all targets that it leads to, and their commands."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, TypeVar, cast

from parity_tui.transport.command import way_of
from parity_tui.transport.commands import Commands

if TYPE_CHECKING:
    from parity_tui.model import Target
    from parity_tui.transport.route import Route
    from parity_tui.transport.ssh import Destination, SSHConnection

R = TypeVar("R", bound="Route")


class Routes:
    """All routes that were needed so far; each comes up when it is first used."""

    def __init__(self) -> None:
        self._routes: dict[Hashable, Route] = {}
        self.commands = Commands()
        """commands of all targets, on this machine as well"""

    def of(self, target: Target) -> Route | None:
        """Return the route that leads to a target, None for a direct one."""
        way, alias = way_of(target), target.ssh
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

    def _shared(self, key: Hashable, make: Callable[[], R]) -> R:
        if key not in self._routes:
            self._routes[key] = make()
        return cast("R", self._routes[key])

    def forget(self) -> None:
        """Forget failures, so that the next use tries again at once."""
        for route in list(self._routes.values()):
            route.forget()

    async def close(self) -> None:
        """Close all routes and end all commands."""
        await self.commands.close()
        for route in list(self._routes.values()):
            await route.close()

"""The draft of a new configuration: environments and their services."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from parity_tui.model import Target


class ServiceDraft(Struct, frozen=True):
    """One service of one environment."""

    target: Target
    needs_password: bool = False
    password_origin: str = ""
    """where the password is found today, in words without it: "POSTGRES_PASSWORD of db" """
    remark: str = ""
    """comment for the person who reads the file: "postgres:16.4" """
    nodes: tuple[Target, ...] = ()
    """the servers that fill the role together; () for a single one"""
    user_origin: str = ""
    """where the user is found today, in words, where it is not known: a variable stands in its place"""
    password_hint: str = ""
    """a comment beside the password: how else it may be read"""
    obstacle: tuple[str, ...] = ()
    """why it cannot be reached yet, and what would change that, as lines; such a service is written commented out"""


class EnvironmentDraft(Struct, frozen=True):
    """One environment."""

    name: str
    origin: str = ""
    """the file that it is taken from"""
    services: tuple[ServiceDraft, ...] = ()
    left_out: tuple[str, ...] = ()
    """what exists but cannot be written, one sentence each"""
    kube: str = ""
    """context/namespace that its Services and pods are in"""


class Drafts:
    """Collects the services of one environment by their names."""

    def __init__(self) -> None:
        self.all: dict[str, ServiceDraft] = {}
        self._servers: set[tuple[str, str]] = set()

    def add(self, draft: ServiceDraft, app: str = "") -> None:
        """Add a service; a second one of its name is named after its app too, unless it is the same server."""
        name = base = draft.target.service
        count = 1
        while name in self.all:
            if self.all[name].target.address == draft.target.address:
                return
            count += 1
            name = f"{app}_{base}" if app and count == 2 else f"{base}_{count}"
        target = replace(draft.target, service=name, password=None)
        origin = draft.password_origin if draft.needs_password else ""
        self.all.setdefault(name, replace(draft, target=target, password_origin=origin))
        self._servers.add((target.kind, target.address))

    def has(self, target: Target) -> bool:
        """Return whether a server has a service already."""
        return (target.kind, target.address) in self._servers

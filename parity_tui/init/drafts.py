"""The draft of a new configuration: environments and their services."""

from __future__ import annotations

from msgspec import Struct

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

"""What a new configuration is made of: environments, and what fills each role in them."""

from __future__ import annotations

from msgspec import Struct

from parity_tui.model import Target


class ServiceDraft(Struct, frozen=True):
    """One service of one environment."""

    target: Target
    password: bool = False
    """a login there needs one"""
    origin: str = ""
    """where the password is found today, in words without it: "POSTGRES_PASSWORD of db" """
    remark: str = ""
    """what a person should know: "postgres:16.4" """


class EnvironmentDraft(Struct, frozen=True):
    """One environment."""

    name: str
    origin: str = ""
    """the file that it is taken from"""
    roles: tuple[ServiceDraft, ...] = ()
    left_out: tuple[str, ...] = ()
    """what is there and could not be written, one sentence each"""

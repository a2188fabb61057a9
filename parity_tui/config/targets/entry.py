"""A service as it is written, and where it stands."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from parity_tui.config.errors import InvalidValue
from parity_tui.config.password import PasswordSource
from parity_tui.secrets import REDACTED


class ServiceEntry(Struct, frozen=True):
    """The keys that every kind of service has; a service written as a text is the URL alone."""

    url: str
    password: str | None = None
    password_env: str | None = None
    password_file: str | None = None
    password_command: list[str] | None = None
    password_keyring: str | list[str] | None = None
    auth: str | None = None
    tls: str = ""
    ca: str = ""
    cert: str = ""
    key: str = ""

    def __repr__(self) -> str:
        return f"Entry({REDACTED})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return []


class EntryContext(Struct, frozen=True):
    """Where an entry stands and what it is read with."""

    environment: str
    service: str
    folder: Path
    """of the file: relative names of files begin here"""
    environ: Mapping[str, str]
    commands: dict[tuple[str, ...], PasswordSource]
    """those of the file that give a password, so that each is run once"""

    def __repr__(self) -> str:
        return f"Place({self.environment!r}, {self.service!r})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return [("environment", self.environment), ("service", self.service)]

    def file(self, name: str) -> str:
        """Return the absolute name of a file, "" for none."""
        if not name:
            return ""
        if "\0" in name:
            raise InvalidValue("the name of a file holds a control character")
        return str(self.folder / os.path.expanduser(name))

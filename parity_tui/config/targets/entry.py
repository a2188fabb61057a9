"""The entry of a service, as a struct, and its context."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from parity_tui.config.errors import InvalidValue
from parity_tui.config.password import PasswordSource
from parity_tui.secrets import REDACTED


class ServiceEntry(Struct, frozen=True):
    """The keys that every kind of service has; an entry that is a text consists of the URL alone."""

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
    sudo: bool = False
    tls_name: str = ""
    container: str = ""
    tunnel: list[str] | None = None

    def __repr__(self) -> str:
        return f"ServiceEntry({REDACTED})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return []


class EntryContext(Struct, frozen=True):
    """The names that an entry belongs to, and the surroundings of its file."""

    environment: str
    service: str
    folder: Path
    """the file's folder: relative paths begin here"""
    environ: Mapping[str, str]
    commands: dict[tuple[str, ...], PasswordSource]
    """the password commands of the file so far, so that each runs once"""
    app: bool = False
    """whether the URL is an app's, with keys of its client library in the query"""
    remarks: list[str] = field(default_factory=list)
    """how the app's URL was understood, a sentence each: added while a target is built"""

    def __repr__(self) -> str:
        return f"EntryContext({self.environment!r}, {self.service!r})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return [("environment", self.environment), ("service", self.service)]

    def file(self, name: str) -> str:
        """Return the absolute path of a file, "" for "". Raises InvalidValue."""
        if not name:
            return ""
        if "\0" in name:
            raise InvalidValue("the name of a file holds a control character")
        return str(self.folder / os.path.expanduser(name))

"""The services that variables describe in parts, and the groups that are none."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, field

from parity_tui.secrets import Secret


class PartService(Struct, frozen=True):
    """A service that several variables describe."""

    name: str
    """its role; a URL of the same role comes first"""
    own_name: str
    """its name where another service has that of the role"""
    kind: str
    urls: tuple[str, ...]
    """as an app's URL, one for each host, without a password"""
    variables: tuple[str, ...]
    """those of the address, without that of the password"""
    password: Secret | None = None
    password_variable: str = ""
    problem: str = ""
    """why the parts are no address"""
    address: str = ""
    """host:port of the first host, or the file"""
    others: tuple[str, ...] = ()
    """the variables that choose the app's cache, session and queue, if none of them names this kind"""

    @property
    def explanation(self) -> str:
        """One line for a person: "DB_HOST, DB_PORT, …: postgres at db:5432"."""
        more = ", …" if len(self.variables) > 2 or self.password_variable else ""
        unused = f" ({', '.join(self.others[:2])} {'names' if len(self.others) == 1 else 'name'} no {self.kind})"
        return f"{', '.join(self.variables[:2])}{more}: {self.kind} at {self.address}{unused if self.others else ''}"


class PartLeftOut(Struct, frozen=True):
    """A group that is no service."""

    variables: tuple[str, ...]
    reason: str


class Login(Struct, frozen=True):
    """User and password beside a URL that has neither."""

    user: str
    password: Secret | None
    user_variable: str = ""
    password_variable: str = ""


class Parts(Struct, frozen=True):
    """The services that variables describe in parts."""

    services: tuple[PartService, ...] = ()
    left_out: tuple[PartLeftOut, ...] = ()
    """groups that name a host, but no known kind"""
    hostless: tuple[PartLeftOut, ...] = ()
    """groups that name no host: those of a server's image, unless the file should describe a client"""
    logins: Mapping[str, Login] = field(default_factory=dict)
    """variable that holds a URL without a login -> the login beside it"""
    encrypted: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """variable that holds a URL without a word on TLS -> its URLs with the TLS that variables beside it ask for"""
    remarks: tuple[str, ...] = ()
    """parts that differ from the URL of their role, a sentence each"""
    problems: Mapping[str, str] = field(default_factory=dict)
    """variable that holds a URL -> why the TLS that variables beside it ask for is not understood"""

"""A target of a connection, and its TLS."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from enum import StrEnum

from msgspec import Struct, field
from msgspec.structs import replace

from parity_tui.model.failure import Failure
from parity_tui.secrets import Secret

NAME = re.compile(r"\w(?:[\w .-]{0,60}\w)?")
"""name of an environment or of a service"""


class TlsMode(StrEnum):
    """How a connection is encrypted and verified; the words are libpq's."""

    UNSET = ""
    """not configured: the native client configuration or the kind's default decides"""
    OFF = "off"
    PREFER = "prefer"
    """TLS where the server offers it, unverified"""
    REQUIRE = "require"
    """TLS, unverified"""
    VERIFY_CA = "verify-ca"
    """the certificate is verified, its host name is not"""
    VERIFY_FULL = "verify-full"

    def note(self, version: str) -> str:
        """Return how a connection is noted whose TLS has this version, "" for none.

        >>> TlsMode.VERIFY_CA.note("TLSv1.3"), TlsMode.PREFER.note("")
        ('TLS 1.3, host name not verified', 'no TLS')
        """
        if not version:
            return "no TLS"
        unverified = {TlsMode.VERIFY_FULL: "", TlsMode.VERIFY_CA: ", host name not verified"}.get(
            self, ", not verified"
        )
        return version.replace("TLSv", "TLS ") + unverified


NO_TLS = "none"
"""the version of TLS that an unencrypted connection reports"""


class CertificateStatus(StrEnum):
    """How a peer's certificate stands; the text does not change from day to day."""

    VALID = "valid"
    NOT_VERIFIED = "not verified"
    EXPIRING = "expires in less than 30 days"
    EXPIRED = "expired"


class Tunnel(Struct, frozen=True):
    """A program of this machine that leads to a target."""

    argv: tuple[str, ...]
    """its words, with the placeholders {port} or {socket}, {host} and {target_port}"""
    folder: str
    """in which it runs"""


class QuickPassword:
    """The source of a password that runs no command and reads no file: it is called without a thread."""

    def __init__(self, read: Callable[[], Secret]) -> None:
        self._read = read

    def __call__(self) -> Secret:
        """Return the password. Raises ServiceError(Reason.SECRET, …)."""
        return self._read()


class Target(Struct, frozen=True):
    """One service of one environment."""

    environment: str
    service: str
    kind: str
    scheme: str = ""
    host: str = ""
    port: int = 0
    path: str = ""
    """the decoded part after the address: database, virtual host, file"""
    user: str = ""
    password: Callable[[], Secret | None] | None = None
    """called at each login, in a thread unless it is quick; raises ServiceError(Reason.SECRET, …)"""
    tls: TlsMode = TlsMode.OFF
    ca: str = ""
    """path of a PEM file, likewise `cert` and `key`"""
    cert: str = ""
    key: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    """the kind's own keys of the configuration and of the URL's query: {"management": "https://…"}"""
    problem: Failure | None = None
    """why no attempt can be made (a variable that is not set)"""
    ssh: str = ""
    """the jump host as OpenSSH knows it ("bastion.prod"); "" for a direct connection"""
    kube: str = ""
    """context/namespace of Kubernetes, for a host that is a Service or a pod there; "" for all others"""
    tls_name: str = ""
    """the name that the server's certificate must have, where it is not the one of the host"""
    tunnel: Tunnel | None = None
    """the program that connections go through, None for none"""
    session: Mapping[str, str] = field(default_factory=dict)
    """options of the URL that change what the app's sessions get: {"search_path": "shop"}"""
    notes: tuple[str, ...] = ()
    """how the URL was understood, where that needs a word"""
    consent: tuple[str, ...] = ()
    """what reading it starts and sends beside passwords, a phrase each: "run pass show db"; a configuration that its
    user neither named nor allowed may do none of it"""
    sudo: bool = False
    """whether the programs of the kind run as root"""
    snapshot: str = ""
    """the file that its outcome was read from; "" for a server that is asked"""
    origin: str = ""
    """name of its environment in that file, "" for the same one: two panes may show two moments of one environment"""
    node: str = ""
    """address of one of several servers that fill the role together; "" for a single server"""

    @property
    def address(self) -> str:
        """host:port; else the path of a Unix socket or of a file; else the scheme."""
        if not self.host:
            return self.path or self.scheme
        if self.is_unix_socket:
            return self.host
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}" if self.port else host

    @property
    def in_cluster(self) -> bool:
        """Whether the host is a Service or a pod of Kubernetes: svc/NAME, pod/NAME."""
        return self.host.startswith(("svc/", "pod/"))

    @property
    def authority(self) -> str:
        """The address by which HTTP names it: that of a Service or a pod is no host and port."""
        return replace(self, host=self.server_name(self.host)).address if self.in_cluster else self.address

    def server_name(self, host: str) -> str:
        """Return the name by which the server at a host knows itself, in TLS and HTTP.

        A Service has its name of the cluster's DNS.

        >>> Target("prod", "db", "postgres", host="svc/db", kube="eu/shop").server_name("svc/db")
        'db.shop.svc'
        """
        if self.tls_name and host == self.host:
            return self.tls_name
        kind, _, name = host.partition("/")
        if kind == "svc" and name:
            return f"{name}.{self.kube.rpartition('/')[2]}.svc"
        return name if kind == "pod" and name else host

    @property
    def is_unix_socket(self) -> bool:
        """Whether the host is the path of a Unix socket."""
        return self.host.startswith("/")


TargetKey = tuple[str, str, str]
"""service, environment and node"""


def target_key(target: Target) -> TargetKey:
    """Return the key that identifies a target, or a node of it, on a board."""
    return target.service, target.environment, target.node

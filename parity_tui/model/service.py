"""A kind of service: the contract between its author and the rest of the program."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Protocol, TypeVar

from msgspec import Struct, field

from parity_tui.model.failure import ServiceError
from parity_tui.model.outcome import Reading
from parity_tui.model.rules import Rule
from parity_tui.model.target import Target, TlsMode
from parity_tui.model.values import Fact

if TYPE_CHECKING:
    import asyncio
    import ssl

ReadOnce = Callable[[], Awaitable[Reading]]
"""Asks the server once, on the open connection. Raises ServiceError where the kind knows why there is no reading;
any other exception is described by the caller."""

FirstBytesCheck = Callable[[bytes], ServiceError | None]
"""(first bytes of a connection, at most 64, all again whenever more arrive) -> None if a server of the kind may begin
like that, else the error that ends the connection"""

P = TypeVar("P", bound="asyncio.BaseProtocol")


class Output(Struct, frozen=True):
    """The output of a command."""

    out: bytes
    error: bytes
    code: int
    """exit code of its last command"""


class Dialer(Protocol):
    """The only way from a kind to its server; handed to :attr:`Service.connect`.

    Everything that is opened here is limited by the caller's deadline, by a byte budget and by checks of the peer's
    first bytes. A kind does not catch timeouts and does not retry.
    """

    @property
    def target(self) -> Target:
        """The target that this dialer leads to."""

    @property
    def timeout(self) -> float:
        """Seconds for one attempt; enforced by the caller, for drivers that require a figure."""

    async def open(
        self,
        host: str,
        port: int,
        tls: ssl.SSLContext | None = None,
        cap: int = ...,
        name: str = "tls",
        *,
        check: FirstBytesCheck | None = None,
        most: str = ...,
        silence: str = "",
        plain: bool = False,
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Open a stream behind the guard.

        Args:
            host: name or address; resolved at the far end of a tunnel, if any.
            port: TCP port.
            tls: settings, usually :meth:`context`; None for plain TCP, which a target refuses whose mode requires TLS.
            cap: byte budget: what the peer may send in reply to one request, that is until the next write.
            name: prefix of the facts about TLS ("tls.version"); "" records none.
            check: whether the first bytes are those of the right protocol, see ``transport.guard.wrong_service``.
            most: completes the message "… sends more than" for a peer that exceeds the budget.
            silence: completes the message of a peer that closes the connection before it has sent anything,
                "db:1 …"; "" raises no error of its own.
            plain: plain TCP is meant, whatever the mode: the protocol starts TLS by itself, or an address of its own
                says so.

        Returns:
            Reader and writer as of asyncio.open_connection, whose reads raise where the peer fails a check. Unlike
            asyncio's, ``readline`` raises EOFError for a line that is cut short.

        Raises:
            ServiceError: the peer fails a check or does not answer to TLS, or TLS is required and not asked for.
            OSError: the connection fails.
        """

    async def connect(
        self,
        factory: Callable[[], P],
        host: str,
        port: int,
        tls: ssl.SSLContext | None = None,
        *,
        plain: bool = False,
    ) -> tuple[asyncio.Transport, P]:
        """Connect an asyncio protocol, as loop.create_connection does. Raises as :meth:`open`."""

    def preconnect(self, host: str, port: int, first: bytes = b"") -> AbstractAsyncContextManager[None]:
        """Start connecting, so that a large driver can be imported meanwhile.

        The first connection inside the block, by :meth:`open` or :meth:`connect`, takes it; an unused one is closed.

        Args:
            host: of the first connection of the driver.
            port: likewise.
            first: bytes that the driver always begins with; they are sent at once, and the driver is not to send them.
        """

    async def sh(self, script: str, cap: int = ..., *, outside: bool = False) -> Output:
        """Run a POSIX shell script where the target lives (here, by ssh, in a container).

        Args:
            script: text of the script; it is sent on standard input.
            cap: bytes that it may print.
            outside: run it on the host of the target's container.

        Raises:
            ServiceError: the host cannot be reached, or the script prints more than ``cap``.
        """

    def is_due(self, what: str) -> bool:
        """Return whether something that seldom changes is to be asked now: once a minute, or for a person's refresh."""

    def context(self) -> ssl.SSLContext | None:
        """Return the TLS settings of the target, None where its mode is OFF. Raises ServiceError(Reason.TLS, …)."""

    def record_tls(self, transport: asyncio.BaseTransport, name: str = "tls") -> None:
        """Record the TLS facts of a connection made by :meth:`connect`; they are named ``name``.*."""

    def identify(self, first: bytes) -> str:
        """Return the protocol of a peer's first bytes ("HTTP", "Redis"), "" if unknown."""


class HiddenGroup(Struct, frozen=True):
    """Settings that a server shows only to a login with more rights."""

    glob: str
    why: str
    """the reason that readings give, where a server's reply may follow in parentheses; placeholders such as `{user}`
    and `{path}` match any text, which the kind has quoted as its language requires"""
    remedy: str = ""
    """the command that would show them, to be run by a person; a placeholder repeats the text it matched in ``why``;
    "" where there is none"""


class Image(Struct, frozen=True):
    """Container images that run one kind of service."""

    scheme: str
    """of the URL that leads to it"""
    names: tuple[str, ...]
    """last part of the image's name, without tag"""
    user: tuple[str, ...] = ()
    """variables that hold the user; the first one set counts"""
    password: tuple[str, ...] = ()
    path: tuple[str, ...] = ()
    """variables that hold the database or the virtual host"""
    default_user: str = ""
    """user that the image creates where no variable names one"""
    default_path: str = ""
    """path where no variable names one; `{user}` stands for the user"""
    login_argument: str = ""
    """word of the container's command that makes the server demand a login"""
    tls_arguments: tuple[tuple[str, ...], ...] = ()
    """arguments of the container's command, or "NAME value" of its variables, which together mean that its port
    demands TLS, with a blank before each value; one of these tuples suffices"""
    default_login: str = ""
    """a documented default login, in words; it is public and no secret"""
    ports: tuple[int, ...] = ()
    """in the container, where it listens elsewhere than on the default port of its kind"""
    beside: Mapping[str, int] = field(default_factory=dict)
    """further HTTP addresses: configuration key -> port in the container"""
    port: tuple[str, ...] = ()
    """variables that hold the port that it listens on"""


class UnixSocket(Struct, frozen=True):
    """How the URLs of one kind name a Unix socket of this machine."""

    options: tuple[str, ...] = ()
    """keys of the URL's query that hold its path"""
    file: str = ""
    """its name in the folder that the URL gives, "{port}" within; "" where the URL gives the file itself"""
    in_path: bool = False
    """whether the path of a URL without a host is the socket: redis:///run/redis.sock"""
    peer_login: bool = False
    """whether a URL without a user logs in as this process's user"""


class Service(Struct, frozen=True):
    """A kind of service: a function that connects and a table of rules. Its module's name is the kind.

    A plug-in exports one as an entry point of the group ``parity_tui.services``; the entry point's name is the kind.
    """

    title: str
    schemes: tuple[str, ...]
    """URL schemes, in lower case"""
    connect: Callable[[Target, Dialer], AbstractAsyncContextManager[ReadOnce]]
    """logs in and yields the function that reads; leaving it closes the connection"""
    privilege: str
    """least privilege as text to copy; "none" where nothing has to be granted"""
    rules: tuple[Rule, ...]
    client_config: Callable[[Target, Mapping[str, str]], Target] | None = None
    """(target as configured, environment variables) -> target completed from the files and variables of the
    service's own clients: address where it is left out, password at each login; raises ServiceError"""
    commands: bool = False
    """read by running commands: KIND+local://, KIND+ssh://ALIAS, KIND+docker://CONTAINER,
    KIND+kube://pod/NAME"""
    programs: Callable[[Target], str] | None = None
    """(target) -> the programs that reading it starts, in words: a configuration that its user never allowed starts
    none. Without it, a kind that is read by commands starts a shell, and any other kind nothing"""
    sudo: Callable[[str], tuple[str, ...]] | None = None
    """(path of the URL) -> the command lines, on Debian, which `sudo = true` runs as root; None: no effect"""
    claims: Callable[[str, str, str], str] | None = None
    """(scheme, name of the service, path) of a URL in parity.toml -> the own scheme where the URL, whose scheme
    belongs to another kind, means this one; "" for all others"""
    port: int = 0
    """default port"""
    tls_port: int = 0
    """default port where the scheme means TLS; 0: the same"""
    scheme_ports: Mapping[str, int] = field(default_factory=dict)
    """default ports of schemes that have one of their own"""
    tls_schemes: tuple[str, ...] = ()
    """schemes that mean TLS, verified"""
    tls: TlsMode = TlsMode.OFF
    """mode where neither scheme nor configuration names one"""
    scheme_aliases: Mapping[str, str] = field(default_factory=dict)
    """spellings that frameworks use in an app's URL -> scheme: {"psql": "postgresql"}"""
    unsupported_schemes: Mapping[str, str] = field(default_factory=dict)
    """schemes of an app's URL that lead to the service in a way which is not followed -> what to write instead"""
    drivers: tuple[str, ...] = ()
    """client libraries that an app's URL may name behind its scheme: postgresql+asyncpg"""
    tls_options: Mapping[str, str | Mapping[str, str]] = field(default_factory=dict)
    """keys of a URL's query that concern TLS, beyond those of all kinds: "ca", "cert" or "key" for a file, else a
    value in lower case -> mode; "on" is TLS as the library verifies it by default, "unverified" and "unnamed" take
    the check of the certificate or of its host name away, "" changes nothing"""
    ca_mode: TlsMode = TlsMode.VERIFY_FULL
    """mode of a URL that names an authority and verifies nothing explicitly"""
    password_alone: Callable[[str], bool] | None = None
    """(what stands alone before the @ of an app's URL) -> whether it is a password or a token; None: always a user"""
    unix_socket: UnixSocket | None = None
    """None where the kind has none"""
    path_pattern: str = ""
    """regular expression of the part of an app's URL path that counts here; "" for all of it"""
    path_is_segment: bool = False
    """whether the path is one percent-encoded segment, behind which an app's library may take more: /%2F/exchange"""
    session_options: tuple[str, ...] = ()
    """keys of a URL's query that change what the app's sessions get from the server: compared as `url.KEY`"""
    options: tuple[str, ...] = ()
    """the kind's own keys of the configuration and of a URL's query, spelled as in client libraries"""
    ignored_options: tuple[str, ...] = ()
    """keys of a URL's query that matter to other programs only"""
    begins: Callable[[Target, bool], bool | bytes] | None = None
    """(target, whether it has a password) -> whether ``connect`` gets as far as connecting to the host and port of the
    target, by TCP and with nothing before it: such a connection may begin early. Bytes: the ``first`` ones of
    ``preconnect``, which may be sent early as well, because a server forgives it if nothing follows. May raise
    ServiceError. None: never"""
    login_in_reading: bool = False
    """whether the first reading brings the reply to the login, because connecting sends nothing"""
    privilege_for: Callable[[Target], str] | None = None
    """the least privilege with the user and the path of a target, as text to copy"""
    release: int = 1
    """how many leading numbers of the version identify a release with its own behaviour"""
    role: str = ""
    """its usual name in an app: "database", "cache"; `init` names services so"""
    images: tuple[Image, ...] = ()
    """container images that `init --compose` recognizes"""
    identify: Callable[[bytes], str] | None = None
    """(first bytes received from a peer) -> name of the protocol if they are typical of this kind, else "" """
    hidden: tuple[HiddenGroup, ...] = ()
    """groups of settings that need more rights, with the command that grants them"""
    overridden: Callable[[str, Collection[str]], tuple[str, bool] | None] | None = None
    """(setting, users of the targets) -> None, or, for a setting that is given to a role or a database only: the name
    of the server's own setting ("" if it has none) and whether the session of one of the users gets the value"""
    explain: Callable[[str], str] | None = None
    """(setting) -> why a difference matters, for settings whose rule has no `why`; "" if unknown. Called when a row is
    first shown, so that a long table of reasons need not be imported to compare"""
    remediate: Callable[[str, str, Fact], str] | None = None
    """(setting, wanted raw value, fact of the odd environment) -> command that would align it, to be copied by a
    person; "" for none"""

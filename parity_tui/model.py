"""The nouns, frozen: what is connected to, what it says, and what comes of comparing it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from enum import Enum, StrEnum
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from parity_tui.secrets import Secret

if TYPE_CHECKING:
    from parity_tui.transport.dialer import Dialer


class Severity(StrEnum):
    """How much a difference matters; the order is that of the members, worst first."""

    CRITICAL = "critical"
    """The same code can fail, lose data or return something else."""
    WARNING = "warning"
    """It can fail under load, in time or on failover, or hides a bug until production."""
    INFO = "info"
    """Capacity, observability, cosmetics."""
    IGNORED = "ignore"
    """Differs by nature (an address, a counter): never drift."""

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return _RANKS[self]


_RANKS = {severity: rank for rank, severity in enumerate(Severity)}


class Verdict(StrEnum):
    """What comparing one setting across the environments gave."""

    SAME = "same"
    DRIFT = "drift"
    EXPECTED = "expected"
    IGNORED = "ignored"
    UNKNOWN = "unknown"
    """Known values agree, or there are none, and at least one is not known: never counted as same."""


class State(StrEnum):
    """What is known of one value."""

    VALUE = "value"
    ABSENT = "absent"
    """This product, version or environment has no such setting."""
    HIDDEN = "hidden"
    """Not shown to us: rights."""
    UNKNOWN = "unknown"
    """Not read."""
    SECRET = "secret"
    """Compared by a keyed hash, never shown."""


class ValueType(Enum):
    """How a value is to be understood, so that the same value written otherwise is the same."""

    TEXT = "text"
    BOOL = "bool"
    """on/off, yes/no, true/false, 1/0"""
    NUMBER = "number"
    """exact decimal; with a unit of bytes or time it is a SIZE or a DURATION"""
    SIZE = "size"
    """bytes; the unit is that of a bare number ("B" if none)"""
    DURATION = "duration"
    """the unit is that of a bare number ("s" if none)"""
    ENUM = "enum"
    """one word, upper or lower case alike"""
    SET = "set"
    """members separated by commas or white space, in any order"""
    LIST = "list"
    """members separated by commas or white space, order matters"""
    MAP = "map"
    """key=value pairs separated by commas, semicolons or white space, in any order"""
    OCTAL = "octal"
    """a file mode"""
    SECRET = "secret"
    """never shown"""


class Fact(Struct, frozen=True, omit_defaults=True, gc=False):
    """One value as a server reports it."""

    raw: str | None = None
    """exactly as the server wrote it; None where the state says that there is nothing to show;
    a fingerprint where the state is SECRET; the last value known where the state is UNKNOWN and there was one"""
    type: ValueType = ValueType.TEXT
    """as declared by the server; the kind's table has the last word"""
    unit: str = ""
    """of a bare number: B kB 8kB MB … us ms s min h d"""
    state: State = State.VALUE
    canonical: str = ""
    """set by a kind for values of a structure of its own: compared and shown instead of the raw text"""
    default: bool | None = None
    """True: nobody configured it; None: the server does not say"""
    source: str = ""
    """where the value comes from, in words: "default", "postgresql.conf:702", "command line" """
    description: str = ""
    """the server's own words"""
    note: str = ""
    """why there is no value, or what is peculiar about it: "restart pending", "needs the role pg_read_all_settings" """
    parts: tuple[Fact, ...] = ()
    """what the nodes of one target say where they do not agree, each value once: this fact then says how many say
    what, and is drift by itself"""


ABSENT = Fact(state=State.ABSENT)


class Reading(Struct, frozen=True):
    """All facts of one target at one moment. Two equal readings say the same: no times, no counters in here."""

    product: str
    """the product by its own sign: "PostgreSQL", "Valkey" """
    version: str
    """the product's own version, as text: "16.14" """
    facts: dict[str, Fact]
    """by the setting's name"""
    hidden: tuple[tuple[str, str], ...] = ()
    """(glob, why) for facts that are missing because our rights do not show them; the first match counts, an
    empty why means really absent"""
    notes: tuple[str, ...] = ()
    """what a person should know of this reading: "via a pooler", "TLS, not verified" """
    address: str = ""
    """where it was read, as host:port or path"""
    instance: str = ""
    """changes when the server restarts"""


REASONS = (
    "refused", "timeout", "closed", "dns", "tls", "auth", "forbidden", "protocol", "wrong-service",
    "config", "secret", "driver", "server", "tunnel",
)  # fmt: skip


class Failure(Struct, frozen=True):
    """Why a target could not be read."""

    reason: str
    """one of REASONS"""
    message: str
    """one sentence for a person; never empty, no secret in it"""


class ServiceError(Exception):
    """What a kind raises when it knows why a target cannot be read."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message


class Target(Struct, frozen=True):
    """One service of one environment: what is connected to."""

    environment: str
    service: str
    kind: str
    scheme: str = ""
    host: str = ""
    port: int = 0
    path: str = ""
    """what follows the address, decoded: database, vhost, file"""
    user: str = ""
    password: Callable[[], Secret | None] | None = None
    """called at each login, in a thread: it may run a command or read a file; raises ServiceError("secret", …)"""
    tls: str = "off"
    """off, prefer, require, verify-ca, verify-full"""
    ca: str = ""
    cert: str = ""
    key: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    """the kind's own keys of the configuration and of the URL's query: {"management": "https://…"}"""
    problem: Failure | None = None
    """why it cannot even be tried (a variable that is not set)"""
    ssh: str = ""
    """the host by way of which it is reached, as OpenSSH knows it: "bastion.prod"; "" where it is reached directly"""
    node: str = ""
    """which of several servers that fill the role together; "" where there is one"""

    @property
    def address(self) -> str:
        """host:port, or the path, or the scheme where there is neither."""
        if not self.host:
            return self.path or self.scheme
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}" if self.port else host


class Outcome(Struct, frozen=True):
    """What is known of one target now."""

    target: Target
    reading: Reading | None = None
    """the last good one; stale where there is a failure"""
    failure: Failure | None = None
    """why the latest attempt failed"""
    milliseconds: float = 0.0
    """how long the latest attempt took"""
    at: float = 0.0
    """when `reading` was last seen to be true, seconds since the epoch"""
    connection: int = 0
    """the connection that `reading` came by, counted from 1"""
    nodes: tuple[Outcome, ...] = ()
    """of each node, where the target has several: everything above sums them up"""

    @property
    def answers(self) -> tuple[Reading, ...]:
        """What `reading` sums up: the nodes that answer, or the last answers where none does any more."""
        nodes = self.nodes or (self,)
        living = tuple(node.reading for node in nodes if node.reading and not node.failure)
        return living or tuple(node.reading for node in nodes if node.reading)

    @property
    def pending(self) -> bool:
        """Tell whether nothing has been heard yet."""
        return self.reading is None and self.failure is None

    @property
    def stale(self) -> bool:
        """Tell whether the values shown are old ones."""
        return self.reading is not None and self.failure is not None


ReadOnce = Callable[[], Awaitable[Reading]]
"""asks the server once, on the connection that is kept"""


class Rule(Struct, frozen=True):
    """One row of a kind's table: what a name, or all names that fit a glob, mean to a comparison."""

    name: str
    """name or glob; the first row that fits counts"""
    severity: Severity = Severity.INFO
    why: str = ""
    """why a difference matters; for IGNORED the reason why it does not"""
    type: ValueType | None = None
    """instead of what the server declares"""
    unit: str = ""
    """of a bare number, where the server declares none"""
    special: Mapping[str, str] = field(default_factory=dict)
    """raw values that are no quantity, in words: {"0": "off", "-1": "as work_mem"}"""
    aliases: tuple[str, ...] = ()
    """other names of the same setting, in other versions and forks"""
    capacity: bool = False
    """sized to the host: info while the values are within a factor of four, warning beyond"""
    derived: bool = False
    """computed from the setting named by `explained_by` while nobody configures it: folded there when that one drifts"""
    notify: bool = False
    """its change is said, even where it is ignored when compared: which of the servers is the primary"""
    always_report: tuple[str, ...] = ()
    """raw values that are a row of their own even where all environments agree"""
    explained_by: str = "version"
    """the row that explains why an environment does not have this setting, and under which it is folded; "" for
    things that can be missing by themselves (an extension, a plugin): those are always rows of their own"""


class Service(Struct, frozen=True):
    """A kind of service: a function and a table. Its file's name is the kind."""

    title: str
    schemes: tuple[str, ...]
    connect: Callable[[Target, Dialer], AbstractAsyncContextManager[ReadOnce]]
    privilege: str
    """the least that it needs, as text to copy; "none" where there is nothing to grant"""
    rules: tuple[Rule, ...]
    client_config: Callable[[Target, Mapping[str, str]], Target] | None = None
    """(what the configuration says, variables) -> the same with what the files and variables of its own clients say:
    where it is, as far as that is left out, and a password, looked for at each login; raises ServiceError"""
    commands: bool = False
    """read with commands, here or elsewhere: KIND+local://, KIND+ssh://ALIAS, KIND+docker://CONTAINER"""
    port: int = 0
    """the default"""
    tls_port: int = 0
    """the default where the scheme means TLS; 0: the same"""
    tls_schemes: tuple[str, ...] = ()
    """the schemes that mean TLS, verified"""
    tls: str = "off"
    """the mode where neither scheme nor configuration says one"""
    options: tuple[str, ...] = ()
    """keys of its own in the configuration and in the URL's query, as libraries' URLs have them"""
    ignored_options: tuple[str, ...] = ()
    """keys of the URL's query that mean something to other programs and nothing here"""
    release: int = 1
    """how many leading numbers of the version make a release whose behaviour differs from the next"""
    remediate: Callable[[str, str, Any], str] | None = None
    """(setting, wanted raw value, Fact of the odd environment) -> the text that would align it, to be copied
    by a person, "" where there is none"""

"""MongoDB and compatible servers: parameters, command-line options, build and topology of one server.

One connection, without a pool and without monitoring: pymongo's connection runs on the dialer's, so that ssh, TLS, the
deadline and the byte budget hold. After the login `buildInfo` and `getCmdLineOpts` are sent once, `hello` and
`getParameter` for each reading. Of several hosts in a URL the first one is read; `urls = […]` compares them all. The
names of `mongodb+srv` are looked up here, which a route through ssh does not allow.

pymongo comes with the extra `parity-tui[mongodb]`. Least privilege: the role `clusterMonitor` on the database admin.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from msgspec.structs import replace

from parity_tui.model import (
    Dialer,
    HiddenGroup,
    Image,
    Reading,
    ReadOnce,
    Reason,
    Service,
    ServiceError,
    Target,
    UnixSocket,
)
from parity_tui.services.mongodb.errors import FORBIDDEN, NOT_INSTALLED, check_login
from parity_tui.services.mongodb.parse import parse
from parity_tui.services.mongodb.remediation import remediate
from parity_tui.services.mongodb.rules import RULES
from parity_tui.transport.lazy_import import import_driver
from parity_tui.transport.password import password_of
from parity_tui.transport.threads import in_thread_if_large

if TYPE_CHECKING:
    from parity_tui.services.mongodb.connection import MongoConnection

SRV = "mongodb+srv"


@asynccontextmanager
async def connect(target: Target, dialer: Dialer) -> AsyncIterator[ReadOnce]:
    """Log in, ask what cannot change on one connection, and yield the function that reads."""
    check_login(target)
    if target.scheme == SRV:
        connection = await _connected_by_srv(target, dialer)
    else:
        async with dialer.preconnect(target.host, target.port):
            await _import()
            connection = await _connected(target, dialer)
    try:
        build, options = await connection.build(), await connection.options()

        async def read() -> Reading:
            hello, parameters = await connection.hello(), await connection.parameters()
            size = connection.received
            return await in_thread_if_large(size, parse, build, options, hello, parameters, target)

        yield read
    finally:
        connection.end()


async def _import() -> None:
    try:
        await import_driver("parity_tui.services.mongodb.connection", round_trips=7)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] in ("pymongo", "bson", "dns"):
            raise ServiceError(Reason.DRIVER, NOT_INSTALLED) from None
        raise


async def _connected(target: Target, dialer: Dialer) -> MongoConnection:
    from parity_tui.services.mongodb.connection import MongoConnection

    password = await password_of(target)
    return await MongoConnection.open(target, dialer, password)


async def _connected_by_srv(target: Target, dialer: Dialer) -> MongoConnection:
    """Connect to the first host of a name of SRV that answers."""
    if target.ssh or target.kube or target.tunnel:
        text = (
            f"the name {target.host} cannot be looked up at the far end of a route: write mongodb://HOST:PORT instead"
        )
        raise ServiceError(Reason.CONFIG, text)
    await _import()
    from parity_tui.services.mongodb.connection import srv_hosts

    failure: Exception | None = None
    for host, port in await srv_hosts(target.host):
        try:
            return await _connected(replace(target, host=host, port=port), dialer)
        except OSError as error:
            failure = failure or error
    raise failure or ServiceError(Reason.DNS, f"the name {target.host} leads to no server")


def identify(first: bytes) -> str:
    r"""Return "MongoDB" for the first bytes of one of its messages, else "".

    >>> identify(b"\x26\0\0\0\1\0\0\0\2\0\0\0\xdd\x07\0\0"), identify(b"HTTP/1.1 400 Bad Request")
    ('MongoDB', '')
    """
    return "MongoDB" if first[12:16] in (b"\xdd\x07\0\0", b"\1\0\0\0") and first[3:4] == b"\0" else ""


def privilege_for(target: Target) -> str:
    """Return the command that makes the target's user, or one for this program.

    >>> privilege_for(Target("dev", "db", "mongodb", user="ann"))
    'db.getSiblingDB("admin").grantRolesToUser("ann", [{role: "clusterMonitor", db: "admin"}])'
    """
    if target.user and target.user.isalnum():
        grant = f'grantRolesToUser("{target.user}", [{{role: "clusterMonitor", db: "admin"}}])'
        return f'db.getSiblingDB("admin").{grant}'
    return SERVICE.privilege


SERVICE = Service(
    title="MongoDB",
    schemes=("mongodb", SRV),
    connect=connect,
    privilege=(
        'db.getSiblingDB("admin").createUser({user: "parity", pwd: "PASSWORD",\n'
        '  roles: [{role: "clusterMonitor", db: "admin"}]})'
    ),
    privilege_for=privilege_for,
    rules=RULES,
    port=27017,
    tls_schemes=(SRV,),
    scheme_aliases={"mongo": "mongodb"},
    drivers=("pymongo", "motor"),
    tls_options={  # in lower case: to MongoDB's drivers the case of a key has no meaning
        "tls": {"true": "on", "false": ""}, "ssl": {"true": "on", "false": ""}, "tlscafile": "ca",
        "tlscertificatekeyfile": "cert", "tlsallowinvalidcertificates": {"true": "unverified", "false": ""},
        "tlsallowinvalidhostnames": {"true": "unnamed", "false": ""},
        "tlsinsecure": {"true": "unverified", "false": ""},
    },
    unix_socket=UnixSocket(("socket",)),
    options=("authSource", "authMechanism"),
    ignored_options=(
        "retryWrites", "retryReads", "w", "wtimeoutMS", "journal", "readConcernLevel", "readPreference", "appName",
        "maxPoolSize", "minPoolSize", "maxIdleTimeMS", "waitQueueTimeoutMS", "connectTimeoutMS", "socketTimeoutMS",
        "serverSelectionTimeoutMS", "heartbeatFrequencyMS", "localThresholdMS", "replicaSet", "directConnection",
        "compressors", "zlibCompressionLevel", "uuidRepresentation", "maxStalenessSeconds", "loadBalanced",
        "srvMaxHosts", "readPreferenceTags",
    ),
    release=2,
    role="database",
    images=(
        Image(
            "mongodb",
            ("mongo", "mongodb", "mongodb-community-server", "mongodb-enterprise-server", "percona-server-mongodb"),
            tls_arguments=(("--tlsMode requireTLS",), ("--sslMode requireSSL",)),
            user=("MONGO_INITDB_ROOT_USERNAME", "MONGODB_INITDB_ROOT_USERNAME", "MONGODB_ROOT_USER"),
            password=("MONGO_INITDB_ROOT_PASSWORD", "MONGODB_INITDB_ROOT_PASSWORD", "MONGODB_ROOT_PASSWORD"),
        ),
    ),
    identify=identify,
    hidden=(
        HiddenGroup(
            "*", FORBIDDEN, "grantRolesToUser(USER, ...) with the role clusterMonitor on the database admin"
        ),
    ),
    remediate=remediate,
)  # fmt: skip

"""Peers that send the worst of what each kind lets pass, and the longest time that they take from the event loop."""

from __future__ import annotations

import asyncio
import json
import time
from asyncio import events
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager

from msgspec.structs import replace

from parity_tui.model import Target, TlsMode
from parity_tui.secrets import Secret
from tests.proxy import Script, listening
from tests.services import scripted_mysql
from tests.services.hostile_peers import script
from tests.services.mysql import conversations as mysql
from tests.services.postgres import conversations as postgres
from tests.services.rabbitmq.builders import scripted_broker

INFO = b"redis_version:7.2.4\r\n"
KEYS = b"-----BEGIN A PRIVATE KEY-----"
"""text whose examination for secrets takes longest"""


class Stalls:
    """CPU time of the longest callback of the event loop, in seconds."""

    def __init__(self) -> None:
        self.longest = 0.0
        self.callback = ""


@contextmanager
def measured() -> Iterator[Stalls]:
    """Measure every callback; CPU time of this thread only, so that a busy machine counts for nothing."""
    stalls, run = Stalls(), events.Handle._run

    def timed(handle: events.Handle) -> None:
        before = time.thread_time()
        run(handle)
        spent = time.thread_time() - before
        if spent > stalls.longest:
            stalls.longest, stalls.callback = spent, repr(handle)[:300]

    events.Handle._run = timed  # type: ignore[assignment, method-assign]
    try:
        yield stalls
    finally:
        events.Handle._run = run  # type: ignore[method-assign]


def unit() -> float:
    """Return the CPU time of a fixed amount of work: about 0.02 s on a usual machine."""

    def once() -> float:
        before = time.thread_time()
        sum(number for number in range(500_000))
        return time.thread_time() - before

    return min(once() for _ in range(5))


def bulk(raw: bytes) -> bytes:
    return b"$%d\r\n%s\r\n" % (len(raw), raw)


def redis(info: bytes, *words: bytes) -> Script:
    return script((bulk(info) + b"*%d\r\n" % len(words) + b"".join(map(bulk, words)),), speaks_first=False)


def memcached(count: int) -> Script:
    lines = b"".join(b"STAT a%d b\r\n" % at for at in range(count))
    return script((b"STAT version 1.6\r\nEND\r\n" + lines + b"END\r\n",), speaks_first=False)


def document(body: bytes) -> Script:
    """Return a PostgreSQL server with this answer."""
    row = postgres.message(b"D", postgres.row(bytes(8), bytes(4), body))
    reply = postgres.PARSED + postgres.message(b"2") + row + postgres.DONE + postgres.READY
    return script((postgres.LOGIN, postgres.PREPARED, reply), speaks_first=False)


def settings(count: int) -> bytes:
    rows = [[f"x{at}", KEYS.decode() * 4, "s", "Memory", ""] for at in range(count)]
    return json.dumps({"version": "PostgreSQL 16.4", "settings": rows}).encode()


def hashing(rounds: int) -> Script:
    """Return a PostgreSQL server whose login takes so many rounds."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(65536)
        writer.write(postgres.method(10, postgres.MECHANISMS))
        nonce = (await reader.read(65536)).rpartition(b"r=")[2]
        writer.write(postgres.method(11, b"r=%sabcd,s=c2FsdA==,i=%d" % (nonce, rounds)))
        await reader.read(65536)
        writer.write(postgres.ERROR)
        await reader.read()

    return serve


def variables(count: int, value: bytes) -> Script:
    rows = [[b"v%d" % at, value, b"GLOBAL", b"", None, None] for at in range(count)]
    version = [b"version", b"8.0.36", b"COMPILED", b"", None, None]
    return script((mysql.GREETING, mysql.ACCEPTED, scripted_mysql.table([version, *rows])), speaks_first=True)


def page(body: bytes, *, in_chunks: bool = False) -> bytes:
    if in_chunks:
        chunks = b"".join(b"1\r\n%c\r\n" % letter for letter in body)
        return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%s0\r\n\r\n" % chunks
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


def repeated(part: bytes, size: int) -> bytes:
    """Return a JSON list of one part, of about so many bytes."""
    return b"[" + b",".join([part] * (size // (len(part) + 1))) + b"]"


NODE = b'{"name":"%s","running":true,"enabled_plugins":[%s],"applications":[%s]}' % (
    b"n",
    b",".join(b'"p%d"' % at for at in range(100_000)),
    b",".join(b'{"name":"p%d"}' % at for at in range(100_000)),
)

PEERS: Mapping[str, tuple[str, Callable[[], Script]]] = {
    "redis: many keys": ("redis", lambda: redis(INFO, *(b"x%d" % at if at % 2 else KEYS * 5 for at in range(9600)))),
    "redis: one name": ("redis", lambda: redis(INFO, b"aA0/" * 250_000, b"x")),
    "redis: lines": ("redis", lambda: redis(INFO + b"module:name=%d,ver=1\r\n" * 60_000 % tuple(range(60_000)))),
    "redis: nested": ("redis", lambda: script((b"*1\r\n" * 20_000,), speaks_first=False)),
    "redis: integer": ("redis", lambda: script((b":" + b"9" * 1_000_000 + b"\r\n",), speaks_first=False)),
    "memcached: lines": ("memcached", lambda: memcached(19_000)),
    "postgres: rounds": ("postgres", lambda: hashing(100_000)),
    "postgres: more rounds": ("postgres", lambda: hashing(2_000_000_000)),
    "postgres: settings": ("postgres", lambda: document(settings(50_000))),
    "postgres: nested": ("postgres", lambda: document(b'{"settings":' + b"[" * 7_000_000)),
    "postgres: number": ("postgres", lambda: document(b'{"version": ' + b"9" * 7_000_000 + b"}")),
    "mysql: variables": ("mysql", lambda: variables(150_000, b"x")),
    "mysql: keys": ("mysql", lambda: variables(30_000, KEYS * 5)),
    "http: chunks": ("http", lambda: script((page(b"a" * 300_000, in_chunks=True),), speaks_first=False)),
    "http: headers": ("http", lambda: script((b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 100_000,), speaks_first=False)),
    "rabbitmq: nested": ("rabbitmq", lambda: api(page(b"[" * 3_900_000))),
    "rabbitmq: deep": ("rabbitmq", lambda: api(page(b'{"a":' * 800 + b"1" + b"}" * 800))),
    "rabbitmq: objects": ("rabbitmq", lambda: api(page(repeated(b"{}", 1_000_000)))),
    "rabbitmq: nodes": ("rabbitmq", lambda: api(page(repeated(b'{"enabled_plugins":["a"]}', 1_000_000)))),
    "rabbitmq: plug-ins": ("rabbitmq", lambda: api(page(b"[%s]" % NODE))),
    "rabbitmq: chunks": ("rabbitmq", lambda: api(page(b" " * 300_000, in_chunks=True))),
}
"""name -> kind, server; RabbitMQ's is its HTTP API, beside a broker"""


def api(reply: bytes) -> Script:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            for _ in range(data.count(b"GET ")):
                writer.write(reply)
                await writer.drain()

    return serve


@asynccontextmanager
async def hostile(name: str) -> AsyncIterator[Target]:
    """Yield the target that a peer serves."""
    kind, make = PEERS[name]
    async with listening(make()) as port:
        target = Target("observed", "it", kind, kind, "127.0.0.1", port, tls=TlsMode.OFF)
        match kind:
            case "postgres":
                yield replace(target, path="db", user="app", password=lambda: Secret("swordfish"))
            case "mysql":
                yield replace(target, user="app", password=lambda: Secret("swordfish"))
            case "rabbitmq":
                async with listening(scripted_broker()) as broker:
                    yield replace(target, port=broker, options={"management": f"http://127.0.0.1:{port}"})
            case _:
                yield target

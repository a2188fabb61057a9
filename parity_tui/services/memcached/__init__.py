"""Memcached: what `stats` and `stats settings` say, asked over the text protocol.

One TCP connection, with TLS where the target says so; both questions leave in one write, so a reading costs
one round trip. Nothing else is ever sent, with one exception: a server that answers "unauthenticated" is
logged in to with `set auth`, on a new connection. To a server that wants no login the same bytes would store
the password as an item for everybody to read, which is why the server is asked first.

Least privilege: none. The protocol knows no rights; where an authentication file is in use, any line of it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from parity_tui.model import Dialer, Fact, Reading, ReadOnce, Reason, Service, ServiceError, Target
from parity_tui.services.memcached.connection import Answer, LoginWantedError, MemcachedConnection, text
from parity_tui.services.memcached.rules import RULES, remediate
from parity_tui.transport.event_loop import in_thread


@asynccontextmanager
async def connect(target: Target, dialer: Dialer) -> AsyncIterator[ReadOnce]:
    """Connect, log in where that is asked for, and give the way to read."""
    wire = await MemcachedConnection.open(target, dialer)
    try:
        try:
            known = [await wire.ask()]
        except LoginWantedError:
            wire.end()
            wire, known = await MemcachedConnection.open(target, dialer), []
            await log_in(wire, target)

        async def read() -> Reading:
            """Ask both questions at once; the first time they are asked already."""
            stats, settings = known.pop() if known else await wire.ask()
            return parse(stats, settings, target.address)

        yield read
    finally:
        wire.end()


async def log_in(wire: MemcachedConnection, target: Target) -> None:
    """Log in as the text protocol does it: with a `set` that the server takes for a login."""
    from aiomcache.exceptions import ClientException

    secret = await in_thread(target.password) if target.password is not None else None
    if secret is None or not target.user:
        raise ServiceError(Reason.AUTH, f"{target.address} asks for a user and a password, and none is configured")
    wire.speaks = True
    try:
        await wire.client.set(b"auth", f"{target.user} {secret.reveal()}".encode())
    except ClientException:
        raise ServiceError(Reason.AUTH, f"{target.address} rejects the password of {target.user}") from None
    wire.speaks = False


def parse(stats: Answer, settings: Answer | str, address: str) -> Reading:
    """Return a reading of both answers.

    >>> reading = parse({b"version": b"1.6.18", b"libevent": b"2.1"}, {b"evictions": b"on"}, "mc:1")
    >>> reading.version, {name: fact.raw for name, fact in reading.facts.items()}
    ('1.6.18', {'libevent': '2.1', 'evictions': 'on'})
    >>> parse({b"version": b"1.6.18"}, "ERROR", "mc:1").hidden
    (('*', 'refuses `stats settings`, as a proxy in front of Memcached does: ERROR'),)
    """
    facts = {text(name): Fact(raw=text(stats[name])) for name in (b"libevent", b"pointer_size") if name in stats}
    hidden: tuple[tuple[str, str], ...] = ()
    if isinstance(settings, str):
        why = f"refuses `stats settings`, as a proxy in front of Memcached does: {settings[:100]}"
        hidden = (("*", why),)
    else:
        facts |= {text(name): fact(text(name), text(raw)) for name, raw in settings.items()}
    return Reading(
        product="Memcached",
        version=text(stats.get(b"version")),
        facts=facts,
        hidden=hidden,
        address=address,
        instance=instance_id(stats),
    )


def fact(name: str, raw: str) -> Fact:
    """Return one setting; where the text is an address or a path, what matters is whether there is one.

    >>> fact("auth_enabled_ascii", "/etc/memcached.auth").canonical, fact("udpport", "0").canonical
    ('yes', 'off')
    """
    match name:
        case "auth_enabled_ascii":
            return Fact(raw=raw, canonical="no" if raw == "no" else "yes")
        case "udpport":
            return Fact(raw=raw, canonical="off" if raw == "0" else "on")
        case _:
            return Fact(raw=raw)


def instance_id(stats: Answer) -> str:
    """Return a sign of this run of the server: its process, and when that began.

    Both times are of the same tick of the server's clock, so that their difference stands still.

    >>> instance_id({b"pid": b"1", b"time": b"1700000100", b"uptime": b"100"})
    '1 since 1700000000'
    """
    time, uptime = text(stats.get(b"time")), text(stats.get(b"uptime"))
    since = str(int(time[:20]) - int(uptime[:20])) if time.isdecimal() and uptime.isdecimal() else "?"
    return f"{text(stats.get(b'pid'))} since {since}"


SERVICE = Service(
    title="Memcached",
    schemes=("memcached",),
    connect=connect,
    privilege="none; where it has an authentication file (-Y), any user of that file",
    rules=RULES,
    port=11211,
    release=2,
    remediate=remediate,
)

"""Replies to `stats` and `stats settings` → Reading."""

from __future__ import annotations

from parity_tui.model import Fact, Reading
from parity_tui.services.memcached.connection import Answer, text


def parse(stats: Answer, settings: Answer | str, address: str) -> Reading:
    """Return a reading of both replies; of `stats settings` it may be the line that refuses it.

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
        facts |= {text(name): setting_fact(text(name), text(raw)) for name, raw in settings.items()}
    return Reading(
        product="Memcached",
        version=text(stats.get(b"version")),
        facts=facts,
        hidden=hidden,
        address=address,
        instance=instance_id(stats),
    )


def setting_fact(name: str, raw: str) -> Fact:
    """Return one setting; of an address or a path only its presence is compared.

    >>> setting_fact("auth_enabled_ascii", "/etc/memcached.auth").canonical, setting_fact("udpport", "0").canonical
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
    """Return process id and start time of the server, which change with a restart.

    The server updates both times in the same tick of its clock, so that their difference is constant.

    >>> instance_id({b"pid": b"1", b"time": b"1700000100", b"uptime": b"100"})
    '1 since 1700000000'
    """
    time, uptime = text(stats.get(b"time")), text(stats.get(b"uptime"))
    since = str(int(time[:20]) - int(uptime[:20])) if time.isdecimal() and uptime.isdecimal() else "?"
    return f"{text(stats.get(b'pid'))} since {since}"

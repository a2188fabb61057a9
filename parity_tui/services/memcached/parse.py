"""Replies to `stats` and `stats settings` → Reading."""

from __future__ import annotations

from collections.abc import Mapping

from parity_tui.model import Fact, Reading, Reason, ServiceError
from parity_tui.services._listening import EVERYWHERE, listening
from parity_tui.transport.foreign import foreign

Answer = Mapping[bytes, bytes | None]
"""reply to one `stats` command"""

OF_STATS = ("libevent", "pointer_size", "extstore_limit_maxbytes")
"""settings that `stats` alone shows; the rest of it are counters and what `stats settings` repeats"""

CORE = frozenset({"maxbytes", "maxconns", "evictions", "cas_enabled", "item_size_max"})
"""settings of every version: a reply without them is a part"""

UNSET = ("", "NULL", "(null)")
"""spellings of "no value" in different versions"""

MODERN: Mapping[str, tuple[str, str]] = {
    "maxconns_fast": ("yes", "no"),
    "slab_reassign": ("yes", "no"),
    "slab_automove": ("1", "0"),
    "lru_crawler": ("yes", "no"),
    "hash_algorithm": ("murmur3", "jenkins"),
    "lru_maintainer_thread": ("yes", "no"),
    "lru_segmented": ("yes", "no"),
    "slab_chunk_max": ("524288", "1048576"),
}
"""setting -> values by default and with -o no_modern"""


def parse(stats: Answer, settings: Answer | str, address: str) -> Reading:
    """Return a reading of both replies; of `stats settings` it may be the line that refuses it.

    Raises ServiceError where `stats` has no version, which every server and proxy shows.

    >>> reading = parse({b"version": b"1.6.18", b"libevent": b"2.1"}, {b"evictions": b"on"}, "mc:1")
    >>> reading.version, {name: fact.raw for name, fact in reading.facts.items()}
    ('1.6.18', {'libevent': '2.1', 'evictions': 'on'})
    >>> reading.hidden
    (('*', '`stats settings` shows 1 setting only, fewer than any Memcached has'),)
    >>> parse({b"version": b"1.6.18"}, "ERROR", "mc:1").hidden
    (('*', 'refuses `stats settings`, as a proxy in front of Memcached does: ERROR'),)
    """
    version = text(stats.get(b"version"))
    if not version:
        raise ServiceError(Reason.PROTOCOL, f"{address} answers `stats` without a version: it is not Memcached")
    facts = {name: Fact(raw=text(stats[name.encode()])) for name in OF_STATS if name.encode() in stats}
    if isinstance(settings, str):
        why = f"refuses `stats settings`, as a proxy in front of Memcached does: {foreign(settings, 100)}"
    else:
        raws = {text(name): text(raw) for name, raw in settings.items()}
        facts |= setting_facts(raws)
        few = f"{len(raws)} setting{'s' * (len(raws) != 1)}"
        whole = raws.keys() >= CORE
        why = "" if whole else f"`stats settings` shows {few} only, fewer than any Memcached has"
    return Reading(
        product="Memcached",
        version=version,
        facts=facts,
        hidden=(("*", why),) if why else (),
        address=address,
        instance=instance_id(stats),
    )


def setting_facts(raws: Mapping[str, str]) -> dict[str, Fact]:
    """Return the settings; those that follow another one unless configured are marked as defaults.

    >>> facts = setting_facts({"num_threads": "8", "num_threads_per_udp": "8"})
    >>> facts["num_threads"].default, facts["num_threads_per_udp"].default
    (None, True)
    """
    values = {name: _normalized(name, raw) for name, raw in raws.items()}
    follows = _following(raws, values)
    facts = {
        name: Fact(raw=raw, canonical=values[name] if values[name] != raw else "", default=follows.get(name))
        for name, raw in raws.items()
    }
    known = [name for name in MODERN if name in raws]
    if len(known) > len(MODERN) // 2:
        facts["modern"] = Fact(raw="yes" if _is_modern(values) else "no")
    return facts


def _is_modern(values: Mapping[str, str]) -> bool:
    """Return whether most settings have the values that they have without -o no_modern."""
    old = sum(values.get(name) == older for name, (_, older) in MODERN.items())
    return 2 * old <= sum(name in values for name in MODERN)


def _following(raws: Mapping[str, str], values: Mapping[str, str]) -> dict[str, bool]:
    """Return whether each setting that follows another has the value that this gives it."""
    profile = 0 if _is_modern(values) else 1
    follows = {name: values[name] == both[profile] for name, both in MODERN.items() if name in values}
    follows["num_threads_per_udp"] = raws.get("num_threads_per_udp") == raws.get("num_threads")
    secured = values.get("auth_enabled_ascii", "no") != "no"
    follows["binding_protocol"] = raws.get("binding_protocol") == ("ascii" if secured else "auto-negotiate")
    return follows


def _normalized(name: str, raw: str) -> str:
    """Return one setting as it is compared; of addresses and paths only the kind.

    >>> _normalized("auth_enabled_ascii", "/etc/memcached.auth"), _normalized("udpport", "0")
    ('yes', 'off')
    >>> _normalized("inter", "0.0.0.0"), _normalized("inter", "10.1.2.3,127.0.0.1")
    ('all interfaces', 'chosen addresses')
    """
    match name:
        case "auth_enabled_ascii":
            return "no" if raw == "no" else "yes"
        case "udpport":
            return "off" if raw == "0" else "on"
        case "inter":
            return EVERYWHERE if raw in UNSET else listening(raw)
        case "memory_file":
            return "no" if raw in UNSET else "yes"
        case _:
            return raw


def lasting(stats: Answer) -> tuple[object, ...]:
    """Return all that a reading takes from `stats`; its counters differ from reply to reply.

    >>> lasting({b"version": b"1.6.18", b"pid": b"1", b"curr_items": b"7"})
    (b'1.6.18', None, None, None, '1 since ?')
    """
    return (stats.get(b"version"), *(stats.get(name.encode()) for name in OF_STATS), instance_id(stats))


def instance_id(stats: Answer) -> str:
    """Return process id and start time of the server, which change with a restart.

    The server updates both times in the same tick of its clock, so that their difference is constant.

    >>> instance_id({b"pid": b"1", b"time": b"1700000100", b"uptime": b"100"})
    '1 since 1700000000'
    """
    time, uptime = text(stats.get(b"time")), text(stats.get(b"uptime"))
    since = str(int(time[:20]) - int(uptime[:20])) if time.isdecimal() and uptime.isdecimal() else "?"
    return f"{text(stats.get(b'pid'))} since {since}"


def text(raw: bytes | bytearray | None) -> str:
    """Return bytes as text; invalid UTF-8 as surrogates, which are shown as escapes and equal no other text."""
    return (raw or b"").decode("utf-8", "surrogateescape")

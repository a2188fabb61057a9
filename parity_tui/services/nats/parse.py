"""A server's greeting and the answer of its monitoring → Reading."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from parity_tui.model import Fact, Reading
from parity_tui.services._listening import listening
from parity_tui.services.nats.queries import Answer, Refused
from parity_tui.services.nats.rules import COUNTERS, KNOWN, NANOSECONDS

SWITCHES = ("headers", "auth_required", "tls_required", "tls_available", "tls_verify", "jetstream")
"""facts of the greeting, which leaves out those that are off"""
GREETED = (*SWITCHES, "nkey_required", "max_payload", "go", "proto", "server_name", "cluster", "domain", "git_commit")
"""facts that need no monitoring"""
NO_MONITORING = 'only the monitoring shows it: set monitoring = "http://HOST:8222"'

ADDRESSES = ("host", "http_host")
"""settings that name an address to listen on"""
COMPUTED = "3/4 of the free disk"
_OF_THE_DISK = "jetstream.config.max_storage"

_DEEP = 5
"""levels of the settings; four are in use"""
_MOST = 1000
"""settings of a server; it has about 70"""


def parse(info: Mapping[str, Any], settings: Answer | None, address: str) -> Reading:
    """Return a reading of the greeting and of the settings; None where no monitoring is configured.

    >>> info = {"server_id": "NA", "version": "2.10.27", "max_payload": 1048576, "headers": True, "nonce": "x"}
    >>> reading = parse(info, {"server_id": "NA", "max_pending": 1, "ping_interval": 2000, "in_msgs": 7}, "nats:4222")
    >>> {name: fact.raw for name, fact in reading.facts.items() if fact.raw != "no"}
    {'headers': 'yes', 'nkey_required': 'yes', 'max_payload': '1048576', 'max_pending': '1', 'ping_interval': '2us'}
    >>> parse(info, None, "nats:4222").hidden[-1]
    ('*', 'only the monitoring shows it: set monitoring = "http://HOST:8222"')
    """
    facts = dict(_greeted(info))
    why = ""
    if settings is None:
        why = NO_MONITORING
    elif isinstance(settings, Refused):
        why = f"the monitoring could not be read: {settings.why}"
    elif settings.get("server_id") != info["server_id"]:
        why = "the monitoring is that of a different server"
    else:
        facts |= {name: fact for name, fact in _configured(settings) if name not in facts}
    return Reading(
        product="NATS",
        version=str(info["version"]),
        facts=facts,
        hidden=((*((name, "") for name in GREETED), ("*", why))) if why else (),
        notes=("without `monitoring` only what the greeting shows is compared",) if settings is None else (),
        address=address,
        instance=str(info["server_id"]),
    )


def _greeted(info: Mapping[str, Any]) -> Iterator[tuple[str, Fact]]:
    for name in SWITCHES:
        yield name, Fact("yes" if info.get(name) is True else "no")
    yield "nkey_required", Fact("yes" if info.get("nonce") else "no")
    for name in GREETED:
        if name in info and name not in SWITCHES:
            yield name, Fact(_text(info[name]))


def _configured(settings: Mapping[str, Any], prefix: str = "", level: int = 1) -> Iterator[tuple[str, Fact]]:
    """Yield the settings by their path, without counters; of unknown ones no numbers, which may count something."""
    for key, value in list(settings.items())[:_MOST]:
        name = f"{prefix}{key}"
        if name in COUNTERS:
            continue
        if isinstance(value, dict):
            if level < _DEEP:
                yield from _configured(value, f"{name}.", level + 1)
        elif isinstance(value, list):
            if value and not isinstance(value[0], dict | list):
                yield name, Fact(", ".join(map(_text, value[:_MOST])))
        elif name in NANOSECONDS and isinstance(value, int) and not isinstance(value, bool):
            yield name, Fact(f"{value // 1000}us" if value % 1000 == 0 else f"{value / 1000}us")
        elif value is not None and (name in KNOWN or isinstance(value, bool | str)):
            yield name, Fact(_text(value), canonical=_canonical(name, value))


def _canonical(name: str, value: object) -> str:
    if name in ADDRESSES and isinstance(value, str):
        return listening(value)
    return COMPUTED if is_computed(name, value) else ""


def is_computed(name: str, value: object) -> bool:
    """Return whether a size is the default, 3/4 of what the disk had free at the start: no round number of bytes.

    >>> is_computed("jetstream.config.max_storage", 41184374784), is_computed("max_payload", 1048577)
    (True, False)
    >>> is_computed("jetstream.config.max_storage", 268435456), is_computed("jetstream.config.max_storage", 10**9)
    (False, False)
    """
    return name == _OF_THE_DISK and isinstance(value, int) and all(value % unit for unit in (1024**2, 1000**2))


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)

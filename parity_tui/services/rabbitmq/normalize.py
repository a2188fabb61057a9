"""JSON values of the broker as text: one spelling for equal values, one value for all nodes of a cluster."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from parity_tui.model import Fact
from parity_tui.services.rabbitmq.queries import objects


def text(value: Any) -> str:
    """Return text unchanged, bytes decoded, None as "", anything else as compact JSON with sorted keys.

    >>> text("a"), text(True), text(None), text({"b": 1, "a": [2]})
    ('a', 'true', '', '{"a":[2],"b":1}')
    """
    if value is None:
        return ""
    if isinstance(value, bytes | bytearray):
        return value.decode("utf-8", "surrogateescape")
    if isinstance(value, str):
        return value
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)


def queue_type(value: str) -> str:
    """Return a queue type by the name that clients use.

    >>> queue_type("rabbit_quorum_queue"), queue_type("quorum")
    ('quorum', 'quorum')
    """
    return value.removeprefix("rabbit_").removesuffix("_queue")


def policy(value: Mapping[str, Any]) -> str:
    """Return a policy in words, its definition in alphabetical order.

    >>> policy({"pattern": "^a", "apply-to": "queues", "definition": {"b": 1, "a": 2}, "priority": 3})
    'queues ^a: a=2, b=1; priority 3'
    """
    definition = sorted(mapping(value.get("definition")).items())
    settings = ", ".join(f"{name}={text(setting)}" for name, setting in definition)
    scope = f"{text(value.get('apply-to')) or 'all'} {text(value.get('pattern'))}"
    priority = text(value.get("priority"))
    return f"{scope}: {settings}" + (f"; priority {priority}" if priority not in ("", "0") else "")


def member_names(answer: Any, key: str, enabled: str = "") -> str:
    """Return one key of each object, sorted, as members of a set; objects whose ``enabled`` flag is off are left out.

    >>> member_names([{"name": "b"}, {"name": "a", "on": False}], "name", "on")
    'b'
    """
    kept = (each for each in objects(answer) if not enabled or each.get(enabled) is not False)
    names: Iterable[str] = {text(each.get(key)) for each in kept}
    return ",".join(sorted(names))


def without_plugins(members: set[str], plugins: set[str] | None, brought: Mapping[str, str]) -> str:
    """Return a set without the members that an enabled plug-in brings; one that should be there is named.

    Where the plug-ins are unknown (None), those are enabled whose members are there.

    >>> brought = {"rabbitmq_mqtt": "mqtt", "rabbitmq_stomp": "stomp"}
    >>> without_plugins({"amqp", "mqtt", "stomp"}, {"rabbitmq_mqtt"}, brought), without_plugins(
    ...     {"amqp"}, {"rabbitmq_mqtt"}, brought
    ... )
    ('amqp, stomp', 'amqp, no mqtt')
    """
    expected = {
        member for plugin, member in brought.items() if (member in members if plugins is None else plugin in plugins)
    }
    return ", ".join([*sorted(members - expected), *(f"no {member}" for member in sorted(expected - members))])


def merge_nodes(name: str, values: list[str]) -> Iterator[tuple[str, Fact]]:
    """Yield one fact for the values of all nodes: the common value, or the count of each.

    >>> [fact.raw for _, fact in merge_nodes("net_ticktime", ["60", "60"])]
    ['60']
    >>> [fact.canonical for _, fact in merge_nodes("net_ticktime", ["60", "60", "30"])]
    ['60 on 2 of 3 nodes, 30 on 1 of 3 nodes']
    """
    counts = Counter(values)
    if len(counts) == 1:
        yield name, Fact(raw=values[0])
    elif counts:
        ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
        words = ", ".join(f"{value} on {count} of {len(values)} nodes" for value, count in ordered)
        yield name, Fact(raw=words, canonical=words, note="the nodes of this cluster differ")


def items(value: Any) -> list[Any]:
    """Return a list, [] for anything else."""
    return value if isinstance(value, list) else []


def mapping(value: Any) -> dict[str, Any]:
    """Return a JSON object, {} for anything else."""
    return value if isinstance(value, dict) else {}


def limits_in(each: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the limits of a virtual host or a user; a negative one lifts it.

    >>> list(limits_in({"vhost": "/", "value": {"max-queues": 5, "max-connections": -1}}))
    [('max-queues', '5')]
    """
    for name, limit in sorted(mapping(each.get("value")).items()):
        if not (isinstance(limit, int | float) and limit < 0):
            yield name, text(limit)

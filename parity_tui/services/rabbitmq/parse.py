"""What a broker said, as a Reading: pure."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from shlex import quote
from typing import Any

from parity_tui.model import Fact, Reading
from parity_tui.services.rabbitmq.queries import Answers, Refused, names_of, objects, tags

AMQP = ("erlang", "platform", "cluster_name", "channel_max", "frame_max")
"""facts that a login shows, without the HTTP API"""

OF_NODES = (
    "mem_limit",
    "disk_free_limit",
    "fd_total",
    "proc_total",
    "net_ticktime",
    "mem_calculation_strategy",
)
"""facts that every node of a cluster has for itself"""

SHOWN_BY = {
    "overview": (
        "default_queue_type", "exchange_types", "protocols", "rates_mode", "disable_stats", "management.tls.*",
    ),
    "nodes": (*OF_NODES, "nodes", "auth_mechanisms", "plugin.*"),
    "vhosts": ("vhost.*",),
    "vhost-limits": ("vhost_limit.*",),
    "policies": ("policy.*",),
    "operator-policies": ("operator_policy.*",),
    "feature-flags": ("feature_flag.*",),
    "deprecated-features": ("deprecated_feature.*",),
}  # fmt: skip
"""which facts an answer of the HTTP API holds"""

OF_VHOSTS = ("vhost_limit", "policy", "operator_policy")
"""what there is of each virtual host"""

MONITORS = {"monitoring", "administrator"}
"""the tags whose users are shown all virtual hosts"""

BAD_LOGIN = ("login failed", "not_authorized")
"""the API's words for a wrong user or password; all others are about rights"""

NO_MANAGEMENT = 'only the HTTP API shows it: set management = "http://HOST:15672"'
TOO_EARLY = "the broker has not gathered its figures: it has just started, or does not gather any"
NOTE = "without `management` only what AMQP shows is compared"
FILE_NOTE = "consumer_timeout, max_message_size and the like are shown by no API: see `rabbitmqctl environment`"


def parse(properties: Mapping[str, Any], limits: Mapping[str, int], answers: Answers | None, user: str) -> Reading:
    """Return a reading of what AMQP said, and of what the HTTP API answered where it was asked.

    >>> said = {"product": "RabbitMQ", "version": "4.0.5", "platform": "Erlang/OTP 27.3"}
    >>> reading = parse(said, {"frame_max": 131072}, None, "parity")
    >>> reading.version, {name: fact.raw for name, fact in reading.facts.items()}
    ('4.0.5', {'erlang': '27.3', 'frame_max': '131072'})
    """
    facts = dict(_of_amqp(properties, limits))
    if answers is not None:
        facts |= _of_management(answers, text(properties.get("version")))
    return Reading(
        product=text(properties.get("product")) or "an AMQP broker",
        version=text(properties.get("version")),
        facts=facts,
        hidden=tuple(_hidden(answers, user)),
        notes=(NOTE,) if answers is None else (FILE_NOTE,),
        instance=_instance(answers or {}),
    )


def _of_amqp(properties: Mapping[str, Any], limits: Mapping[str, int]) -> Iterator[tuple[str, Fact]]:
    """Give what the login shows."""
    platform = text(properties.get("platform"))
    if found := re.fullmatch(r"Erlang/OTP (\S+)", platform):
        yield "erlang", Fact(raw=found[1])
    elif platform:
        yield "platform", Fact(raw=platform)
    if "cluster_name" in properties:
        yield "cluster_name", Fact(raw=text(properties["cluster_name"]))
    for name, limit in limits.items():
        yield name, Fact(raw=str(limit))


def _of_management(answers: Answers, version: str) -> dict[str, Fact]:
    """Return what the HTTP API shows."""
    overview = answers.get("overview")
    overview = overview if isinstance(overview, dict) else {}
    return {
        **dict(_of_overview(overview)),
        **dict(_of_nodes(objects(answers.get("nodes")), version)),
        **dict(_of_vhosts(objects(answers.get("vhosts")), text(overview.get("default_queue_type")))),
        **dict(_of_limits(objects(answers.get("vhost-limits")))),
        **dict(_of_policies("policy", objects(answers.get("policies")))),
        **dict(_of_policies("operator_policy", objects(answers.get("operator-policies")))),
        **dict(_of_states("feature_flag", "state", objects(answers.get("feature-flags")))),
        **dict(_of_states("deprecated_feature", "deprecation_phase", objects(answers.get("deprecated-features")))),
    }


def _of_overview(overview: Mapping[str, Any]) -> Iterator[tuple[str, Fact]]:
    """Give what holds for the whole cluster."""
    for name in ("rates_mode", "disable_stats", "default_queue_type"):
        if name in overview:
            yield name, Fact(raw=text(overview[name]))
    if "exchange_types" in overview:
        yield "exchange_types", Fact(raw=_members(overview["exchange_types"], "name"))
    if objects(overview.get("listeners")):
        listeners = [each for each in objects(overview["listeners"]) if each.get("protocol") != "clustering"]
        yield "protocols", Fact(raw=_members(listeners, "protocol"))


def _of_nodes(nodes: list[dict[str, Any]], version: str) -> Iterator[tuple[str, Fact]]:
    """Give what the nodes have, each one value for all of them."""
    if not nodes:
        return
    yield "nodes", Fact(raw=str(len(nodes)))
    told = [node for node in nodes if _tells(node)]
    for name in OF_NODES:
        yield from _joined(name, [text(node[name]) for node in told if name in node])
    mechanisms = [_members(node.get("auth_mechanisms"), "name", "enabled") for node in told]
    yield from _joined("auth_mechanisms", [each for each in mechanisms if each])
    yield from _plugins(told, version)


def _tells(node: Mapping[str, Any]) -> bool:
    """Tell whether a node runs and its figures are known: for its first seconds it has a name and no more."""
    return node.get("running") is not False and bool({"os_pid", "enabled_plugins", *OF_NODES} & node.keys())


def _plugins(nodes: list[dict[str, Any]], version: str) -> Iterator[tuple[str, Fact]]:
    """Give every plug-in, with its own version where that is not the broker's."""
    enabled = [[text(name) for name in _list(node.get("enabled_plugins"))] for node in nodes]
    for name in sorted({name for own in enabled for name in own}):
        having = [_plugin_version(node, name) for node, own in zip(nodes, enabled, strict=True) if name in own]
        for _, fact in _joined(name, having + ["off"] * (len(nodes) - len(having))):
            bundled = fact.raw in ("", version)
            yield f"plugin.{name}", Fact(raw=fact.raw or "on", canonical="on" if bundled else fact.canonical)


def _plugin_version(node: Mapping[str, Any], name: str) -> str:
    """Return the version of a plug-in on a node, "" where it is not told."""
    own = [each for each in objects(node.get("applications")) if each.get("name") == name]
    return text(own[0].get("version")) if own else ""


def _of_vhosts(vhosts: list[dict[str, Any]], node_default: str) -> Iterator[tuple[str, Fact]]:
    """Give the virtual hosts, each with the type of queue that a client gets which asks for none."""
    for vhost in vhosts:
        own = text(vhost.get("default_queue_type"))
        kind = short(own if own not in ("", "undefined") else node_default or "classic")
        tracing = "; tracing on" if vhost.get("tracing") is True else ""
        own_part = {name: vhost[name] for name in ("name", "default_queue_type", "tracing") if name in vhost}
        yield (
            f"vhost.{text(vhost.get('name'))}",
            Fact(raw=text(own_part), canonical=f"{kind} queues by default{tracing}"),
        )


def _of_limits(limits: list[dict[str, Any]]) -> Iterator[tuple[str, Fact]]:
    """Give the limits of virtual hosts, one fact each."""
    for each in limits:
        for name, limit in sorted(_dict(each.get("value")).items()):
            yield f"vhost_limit.{text(each.get('vhost'))}.{name}", Fact(raw=text(limit))


def _of_policies(kind: str, policies: list[dict[str, Any]]) -> Iterator[tuple[str, Fact]]:
    """Give the policies, written so that the order of their definitions does not matter."""
    for each in policies:
        definition = sorted(_dict(each.get("definition")).items())
        what = ", ".join(f"{name}={text(value)}" for name, value in definition)
        where = f"{text(each.get('apply-to')) or 'all'} {text(each.get('pattern'))}"
        priority = text(each.get("priority"))
        canonical = f"{where}: {what}" + (f"; priority {priority}" if priority not in ("", "0") else "")
        yield f"{kind}.{text(each.get('vhost'))}.{text(each.get('name'))}", Fact(text(each), canonical=canonical)


def _of_states(kind: str, key: str, features: list[dict[str, Any]]) -> Iterator[tuple[str, Fact]]:
    """Give features, each with its state and the broker's own words."""
    for each in features:
        name = f"{kind}.{text(each.get('name'))}"
        yield name, Fact(raw=text(each.get(key)), description=text(each.get("desc")))


def _joined(name: str, values: list[str]) -> Iterator[tuple[str, Fact]]:
    """Give one fact for what the nodes say: the value, or how many say what.

    >>> [fact.raw for _, fact in _joined("net_ticktime", ["60", "60"])]
    ['60']
    >>> [fact.canonical for _, fact in _joined("net_ticktime", ["60", "60", "30"])]
    ['60 on 2 of 3 nodes, 30 on 1 of 3 nodes']
    """
    counts = Counter(values)
    if len(counts) == 1:
        yield name, Fact(raw=values[0])
    elif counts:
        ordered = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
        words = ", ".join(f"{value} on {count} of {len(values)} nodes" for value, count in ordered)
        yield name, Fact(raw=words, canonical=words, note="the nodes of this cluster differ")


def _hidden(answers: Answers | None, user: str) -> Iterator[tuple[str, str]]:
    """Give what is not shown to us, and what would show it; the first that fits counts."""
    if answers is None:
        yield from ((name, "") for name in AMQP)
        yield "*", NO_MANAGEMENT
        return
    closed = answers.get("closed", ())
    for vhost in closed:
        grant = f"rabbitmqctl set_permissions -p {quote(vhost)} {quote(user)} '^$' '^$' '^$'"
        yield f"policy.{vhost}.*", f"needs a permission on the virtual host: {grant}"
        yield f"operator_policy.{vhost}.*", f"needs a permission on the virtual host: {grant}"
    for name, globs in SHOWN_BY.items():
        if why := _why_hidden(name, answers.get(name), user):
            yield from ((glob, why) for glob in globs)
    nodes = objects(answers.get("nodes"))
    if nodes and not any(map(_tells, nodes)):
        # LavinMQ leaves the figures out and gives the rest to whoever is no administrator.
        why = _needs("administrator", user) if "applications" in nodes[0] else TOO_EARLY
        yield from ((glob, why) for glob in SHOWN_BY["nodes"])
    if isinstance(answers.get("whoami"), dict) and not MONITORS & set(tags(answers)):
        for vhost in set(names_of(answers.get("vhosts"))) - set(closed):
            yield from ((f"{kind}.{vhost}.*", "") for kind in OF_VHOSTS)
        yield from ((f"{kind}.*", _needs("monitoring", user)) for kind in ("vhost", *OF_VHOSTS))
        yield "protocols", _needs("monitoring", user)


def _why_hidden(name: str, answer: Any, user: str) -> str:
    """Return what would show the facts of an answer, "" where there are no such facts."""
    match answer:
        case Refused(status=404 | 405 | 406):  # a version that has no such thing
            return ""
        case Refused(status=401 | 403, why=why) if why.lower() in BAD_LOGIN:
            return f"the HTTP API rejects user or password of {user}"
        case Refused(status=401 | 403, why=why):
            tag = "administrator" if name == "feature-flags" else "monitoring"
            return f"{_needs(tag, user)} ({why})"
        case Refused(why=why):
            return f"the HTTP API could not be read: {why}"
    return ""


def _needs(tag: str, user: str) -> str:
    """Return the grant of a tag, as text to copy."""
    return f"needs the tag {tag}: rabbitmqctl set_user_tags {quote(user)} {tag}"


def _instance(answers: Answers) -> str:
    """Return the process of the node that answered: another after a restart."""
    overview = answers.get("overview")
    name = overview.get("node") if isinstance(overview, dict) else None
    found = [text(node.get("os_pid")) for node in objects(answers.get("nodes")) if node.get("name") == name]
    return found[0] if found else ""


def short(queue_type: str) -> str:
    """Return a type of queue as clients name it.

    >>> short("rabbit_quorum_queue"), short("quorum")
    ('quorum', 'quorum')
    """
    return queue_type.removeprefix("rabbit_").removesuffix("_queue")


def text(value: Any) -> str:
    """Return a value as text: text itself, else JSON without spaces and in one order.

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


def _members(items: Any, key: str, only: str = "") -> str:
    """Return a name of each object as members of a set; only those where a flag is not off."""
    named: Iterable[str] = {text(each.get(key)) for each in objects(items) if not only or each.get(only) is not False}
    return ",".join(sorted(named))


def _list(value: Any) -> list[Any]:
    """Return a list, an empty one for anything else."""
    return value if isinstance(value, list) else []


def _dict(value: Any) -> dict[str, Any]:
    """Return a mapping, an empty one for anything else."""
    return value if isinstance(value, dict) else {}

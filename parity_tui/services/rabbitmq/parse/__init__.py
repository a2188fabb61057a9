"""The broker's AMQP properties and the answers of its HTTP API → Reading."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from parity_tui.model import Fact, Reading, Reason, ServiceError, State
from parity_tui.services.rabbitmq.errors import has_figures, hidden_facts, wrong_address
from parity_tui.services.rabbitmq.normalize import (
    items,
    limits_in,
    mapping,
    member_names,
    merge_nodes,
    policy,
    queue_type,
    text,
    without_plugins,
)
from parity_tui.services.rabbitmq.parse.objects import object_facts, user_facts
from parity_tui.services.rabbitmq.queries import Answers, objects
from parity_tui.services.rabbitmq.rules import NODE_FACTS, PLUGIN_EXCHANGES, PLUGIN_PROTOCOLS

AMQP_ONLY = "without `management` only what AMQP shows is compared"
FILE_ONLY = "consumer_timeout, max_message_size and the like are shown by no API: see `rabbitmqctl environment`"


BUILT_IN = {"x-local-random"}
"""types of exchange that newer versions bring along: the version's row states them"""

_MOST_NODES, _MOST_PLUGINS = 200, 1000
"""of a cluster, of a node; work on them grows with the product"""


def parse(
    properties: Mapping[str, Any], limits: Mapping[str, int], answers: Answers | None, user: str, vhost: str = "/"
) -> Reading:
    """Return a reading of the AMQP login, and of the HTTP API's answers; None where the API was not asked.

    ``user`` is the user of the API, for the commands that grant it more rights; ``vhost`` the target's virtual host.

    >>> properties = {"product": "RabbitMQ", "version": "4.0.5", "platform": "Erlang/OTP 27.3"}
    >>> reading = parse(properties, {"frame_max": 131072}, None, "parity")
    >>> reading.version, {name: fact.raw for name, fact in reading.facts.items()}
    ('4.0.5', {'erlang': '27.3', 'frame_max': '131072'})
    """
    facts = dict(_amqp_facts(properties, limits))
    version = text(properties.get("version"))
    if answers is not None and not wrong_address(answers):
        facts |= _management_facts(answers, version)
    return Reading(
        product=text(properties.get("product")) or "an AMQP broker",
        version=version,
        facts=facts,
        hidden=(
            *(
                (name, f"the broker does not show its {name}")
                for name in ("product", "version")
                if not properties.get(name)
            ),
            *hidden_facts(answers, user, version if properties.get("product") == "RabbitMQ" else "", vhost),
        ),
        notes=(AMQP_ONLY,) if answers is None else (FILE_ONLY,),
        instance=_instance_id(answers or {}),
    )


def _instance_id(answers: Answers) -> str:
    """Return the process id of the node that answered, which changes with a restart."""
    overview = answers.get("overview")
    name = overview.get("node") if isinstance(overview, dict) else None
    pids = [text(node.get("os_pid")) for node in objects(answers.get("nodes")) if node.get("name") == name]
    return pids[0] if pids else ""


def _amqp_facts(properties: Mapping[str, Any], limits: Mapping[str, int]) -> Iterator[tuple[str, Fact]]:
    platform = text(properties.get("platform"))
    if match := re.fullmatch(r"Erlang/OTP (\S+)", platform):
        yield "erlang", Fact(raw=match[1])
    elif platform:
        yield "platform", Fact(raw=platform)
    if "cluster_name" in properties:
        yield "cluster_name", Fact(raw=text(properties["cluster_name"]))
    for name, limit in limits.items():
        yield name, Fact(raw=str(limit))


def _management_facts(answers: Answers, version: str) -> dict[str, Fact]:
    overview = mapping(answers.get("overview"))
    return {
        **dict(_overview_facts(overview, _plugins(objects(answers.get("nodes"))))),
        **dict(_node_facts(objects(answers.get("nodes")), version)),
        **dict(_vhost_facts(objects(answers.get("vhosts")), text(overview.get("default_queue_type")))),
        **dict(_limit_facts(objects(answers.get("vhost-limits")))),
        **dict(_policy_facts("policy", objects(answers.get("policies")))),
        **dict(_policy_facts("operator_policy", objects(answers.get("operator-policies")))),
        **dict(_state_facts("feature_flag", "state", objects(answers.get("feature-flags")))),
        **dict(_deprecation_facts(objects(answers.get("deprecated-features")))),
        **dict(object_facts(answers)),
        **dict(user_facts(answers)),
    }


def _overview_facts(overview: Mapping[str, Any], plugins: set[str] | None) -> Iterator[tuple[str, Fact]]:
    """Yield the facts of the whole cluster; a plug-in's row states its types of exchange and its listener."""
    for name in ("rates_mode", "disable_stats", "default_queue_type"):
        if name in overview:
            yield name, Fact(raw=text(overview[name]))
    if "exchange_types" in overview:
        types = set(member_names(overview["exchange_types"], "name").split(","))
        raw = ",".join(sorted(types))
        yield "exchange_types", Fact(raw=raw, canonical=without_plugins(types - BUILT_IN, plugins, PLUGIN_EXCHANGES))
    if objects(overview.get("listeners")):
        listeners = [each for each in objects(overview["listeners"]) if each.get("protocol") != "clustering"]
        protocols = set(member_names(listeners, "protocol").split(","))
        raw = ",".join(sorted(protocols))
        yield "protocols", Fact(raw=raw, canonical=without_plugins(protocols, plugins, PLUGIN_PROTOCOLS))


def _node_facts(nodes: list[dict[str, Any]], version: str) -> Iterator[tuple[str, Fact]]:
    """Yield the facts of the nodes, each merged into one value for all of them.

    A value on which only the running nodes agree is hidden: a stopped node may have another one.
    """
    if not nodes:
        return
    if len(nodes) > _MOST_NODES or any(len(items(node.get("enabled_plugins"))) > _MOST_PLUGINS for node in nodes):
        raise ServiceError(Reason.PROTOCOL, "the HTTP API reports more nodes or plug-ins than any cluster has")
    stopped = sorted(text(node.get("name")) for node in nodes if node.get("running") is False)
    yield "nodes", Fact(raw=str(len(nodes)))
    yield "stopped_nodes", Fact(raw=", ".join(stopped) or "none")
    for name, fact in _merged_facts([node for node in nodes if has_figures(node)], version):
        agreed = " of " not in fact.canonical
        hidden = Fact(state=State.HIDDEN, note=f"not running: {', '.join(stopped)}")
        yield name, hidden if stopped and agreed else fact


def _merged_facts(running: list[dict[str, Any]], version: str) -> Iterator[tuple[str, Fact]]:
    for name in NODE_FACTS:
        yield from merge_nodes(name, [text(node[name]) for node in running if name in node])
    mechanisms = [member_names(node.get("auth_mechanisms"), "name", "enabled") for node in running]
    yield from merge_nodes("auth_mechanisms", [each for each in mechanisms if each])
    yield from _plugin_facts(running, version)


def _plugins(nodes: list[dict[str, Any]]) -> set[str] | None:
    """Return the names of all plug-ins that are enabled on a node, None where no node shows them."""
    if not any("enabled_plugins" in node for node in nodes):
        return None
    return {text(name) for node in nodes for name in items(node.get("enabled_plugins"))}


def _plugin_facts(nodes: list[dict[str, Any]], version: str) -> Iterator[tuple[str, Fact]]:
    """Yield every plug-in, "on" where its version is the broker's own."""
    enabled = [{text(name) for name in items(node.get("enabled_plugins"))} for node in nodes]
    known = [_versions(node) for node in nodes]
    for name in sorted({name for plugins in enabled for name in plugins}):
        versions = [versions.get(name, "") for versions, plugins in zip(known, enabled, strict=True) if name in plugins]
        for _, fact in merge_nodes(name, versions + ["off"] * (len(nodes) - len(versions))):
            bundled = fact.raw in ("", version)
            yield f"plugin.{name}", Fact(raw=fact.raw or "on", canonical="on" if bundled else fact.canonical)


def _versions(node: Mapping[str, Any]) -> dict[str, str]:
    """Return the versions of a node's applications; plug-ins that it does not show are missing."""
    return {text(each.get("name")): text(each.get("version")) for each in reversed(objects(node.get("applications")))}


def _vhost_facts(vhosts: list[dict[str, Any]], node_default: str) -> Iterator[tuple[str, Fact]]:
    """Yield the virtual hosts, and the queue type of a declaration without a type where it is not the broker's."""
    for vhost in vhosts:
        name = text(vhost.get("name"))
        raw = {key: vhost[key] for key in ("name", "default_queue_type", "tracing") if key in vhost}
        yield f"vhost.{name}", Fact(raw=text(raw), canonical="exists")
        default = text(vhost.get("default_queue_type"))
        if default not in ("", "undefined") and queue_type(default) != queue_type(node_default or "classic"):
            yield f"vhost_queue_type.{name}", Fact(raw=default, canonical=queue_type(default))
        if vhost.get("tracing") is True:
            yield f"vhost_tracing.{name}", Fact(raw="on")


def _limit_facts(limits: list[dict[str, Any]]) -> Iterator[tuple[str, Fact]]:
    """Yield the limits of virtual hosts, one fact each."""
    for each in limits:
        for name, limit in limits_in(each):
            yield f"vhost_limit.{text(each.get('vhost'))}.{name}", Fact(raw=limit)


def _policy_facts(prefix: str, policies: list[dict[str, Any]]) -> Iterator[tuple[str, Fact]]:
    for each in policies:
        name = f"{prefix}.{text(each.get('vhost'))}.{text(each.get('name'))}"
        yield name, Fact(text(each), canonical=policy(each))


def _state_facts(prefix: str, key: str, features: list[dict[str, Any]]) -> Iterator[tuple[str, Fact]]:
    """Yield features, each with its state and the broker's description."""
    for each in features:
        yield f"{prefix}.{text(each.get('name'))}", Fact(raw=text(each.get(key)), description=text(each.get("desc")))


def _deprecation_facts(features: list[dict[str, Any]]) -> Iterator[tuple[str, Fact]]:
    """Yield deprecated features: whether they may be used where the broker shows it (since 4.3), else their phase."""
    for each in features:
        phase, state = text(each.get("deprecation_phase")), text(each.get("state"))
        allowed = state or ("permitted" if phase == "permitted_by_default" else "denied")
        fact = Fact(raw=state or phase, canonical=allowed, note=phase, description=text(each.get("desc")))
        yield f"deprecated_feature.{text(each.get('name'))}", fact

"""The replies to the three questions → Reading."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from parity_tui.model import Fact, Reading, Reason, ServiceError, Target, ValueType
from parity_tui.services.elasticsearch.errors import refused, why_hidden
from parity_tui.services.elasticsearch.normalize import fact_of, text_of
from parity_tui.transport.http import Reply

NODE_FACTS = ("nodes", "node versions", "roles", "jvm.*", "plugin.*")
"""facts of the third question"""

MOST_NODES, MOST_PLUGINS = 1000, 500
"""of a cluster, of a node; work on them grows with the product"""

FEWEST = 50
"""settings: every version has hundreds, so that fewer are a part"""

_COMPUTED = re.compile(
    r"(?:esql_worker\.|opendistro\.jobscheduler\.threadpool\.)(?:size|max|core)"
    r"|thread_pool\.search\.queue_size|esql_worker\.queue_size"
    r"|(?:http|transport)\.netty\.worker_count|repository\.azure\.http_client\.event_loop_executor_thread_count",
    re.ASCII,
)
"""settings that follow from node.processors unless configured"""

_OF_HEAP = re.compile(
    r"indexing_pressure\.memory\..*|esql\.values_loading_jumbo_size|.*max_composite_buffer_components"
)
"""settings that follow from the heap unless configured"""


def _follows_processors(name: str) -> bool:
    """Return whether a setting is computed from the number of processors.

    >>> _follows_processors("thread_pool.write.size"), _follows_processors("xpack.ml.thread_pool.max")
    (True, True)
    >>> _follows_processors("esql_worker.size"), _follows_processors("thread_pool.write.queue_size")
    (True, False)
    """
    pool, _, last = name.rpartition(".")
    of_pool = last in ("size", "max", "core") and "thread_pool." in f"{pool}."
    return of_pool or _COMPUTED.fullmatch(name) is not None


def parse(replies: Sequence[Reply], target: Target) -> Reading:
    """Return the reading of the replies to the three questions. Raises ServiceError.

    >>> info = b'{"name": "a", "cluster_uuid": "u", "version": {"number": "9.1.0", "build_flavor": "default"}}'
    >>> replies = [Reply(200, info), Reply(403, b""), Reply(403, b"")]
    >>> reading = parse(replies, Target("dev", "es", "elasticsearch", host="es", port=9200))
    >>> reading.product, reading.version, reading.facts["build_flavor"].raw, reading.hidden[-1]
    ('Elasticsearch', '9.1.0', 'default', ('*', 'needs the cluster privilege monitor'))
    """
    info, settings, nodes = replies
    if info.status != 200:
        raise refused(info, target)
    document = _document(info, target)
    version = _mapping(document.get("version"))
    if not isinstance(version.get("number"), str):
        raise ServiceError(Reason.WRONG_SERVICE, f"{target.address} answers like a web server, not Elasticsearch")
    opensearch = version.get("distribution") == "opensearch" or "OpenSearch" in text_of(document.get("tagline"))
    facts = {name: Fact(text_of(version[name])) for name in ("build_flavor", "build_type") if name in version}
    if "lucene_version" in version:
        facts["lucene"] = Fact(text_of(version["lucene_version"]), default=True)
    shown, total = _nodes(nodes, target) if nodes.status == 200 else ([], 0)
    number = _number(version["number"], shown)
    why = "" if nodes.status == 200 else why_hidden(nodes, opensearch)
    if not why and len(shown) < total:
        why = f"{len(shown)} of {total} nodes answered"
    if not why and not all(map(_is_whole, shown)):
        why = "the nodes do not show their version or their JVM"
    if not why:
        facts |= dict(_node_facts(shown, number))
    if settings.status == 200:
        facts |= dict(_setting_facts(_document(settings, target), target))
    hidden = tuple((name, why) for name in NODE_FACTS if why)
    return Reading(
        product="OpenSearch" if opensearch else "Elasticsearch",
        version=number,
        facts=facts,
        hidden=hidden if settings.status == 200 else (*hidden, ("*", why_hidden(settings, opensearch))),
        address=target.address,
        instance=_instance(document, shown),
    )


def _number(number: str, nodes: Sequence[Mapping[str, Any]]) -> str:
    """Return the version that the nodes show: for old clients, OpenSearch may report another one.

    >>> _number("7.10.2", [{"version": "2.19.1"}, {"version": "2.19.1"}]), _number("9.1.0", [])
    ('2.19.1', '9.1.0')
    """
    own = {text_of(node.get("version")) for node in nodes} - {""}
    return own.pop() if len(own) == 1 else number


def _document(reply: Reply, target: Target) -> Mapping[str, Any]:
    try:
        document = reply.json()
    except ServiceError as error:
        raise ServiceError(error.reason, f"{target.address}: {error.message}") from None
    if not isinstance(document, dict):
        raise ServiceError(Reason.PROTOCOL, f"{target.address} sent an invalid answer: it is no JSON object")
    return document


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _setting_facts(document: Mapping[str, Any], target: Target) -> Iterator[tuple[str, Fact]]:
    """Yield the settings in force: a transient one hides a persistent one, and this one that of the node."""
    layers = [(source, document.get(source)) for source in ("defaults", "persistent", "transient")]
    if not all(isinstance(layer, dict) for _, layer in layers):
        raise ServiceError(Reason.PROTOCOL, f"{target.address} sent an invalid answer: a group of settings is missing")
    values: dict[str, tuple[str, Any]] = {}
    for source, layer in layers:
        values |= {name: (source, value) for name, value in _mapping(layer).items()}
    if len(values) < FEWEST or any(isinstance(value, dict) for _, value in values.values()):
        raise ServiceError(Reason.PROTOCOL, f"{target.address} sent an invalid answer: it shows no flat settings")
    for name, (source, value) in values.items():
        fact = fact_of(value, "" if source == "defaults" else source)
        computed = source == "defaults" and (_follows_processors(name) or _OF_HEAP.fullmatch(name))
        yield (
            name,
            Fact(
                fact.raw,
                fact.type,
                canonical=fact.canonical,
                default=True if computed else False if fact.source else None,
                source=fact.source or "elasticsearch.yml or default",
            ),
        )


def _nodes(reply: Reply, target: Target) -> tuple[list[Mapping[str, Any]], int]:
    """Return the nodes that answered, and the number of all. Raises ServiceError for more than any cluster has."""
    document = _document(reply, target)
    nodes = _mapping(document.get("nodes"))
    total = _mapping(document.get("_nodes")).get("total")
    if not nodes or not all(isinstance(node, dict) for node in nodes.values()) or not isinstance(total, int):
        raise ServiceError(Reason.PROTOCOL, f"{target.address} sent an invalid answer: it shows no nodes")
    if len(nodes) > MOST_NODES or any(len(_items(node.get("plugins"))) > MOST_PLUGINS for node in nodes.values()):
        raise ServiceError(Reason.PROTOCOL, f"{target.address} reports more nodes or plug-ins than any cluster has")
    return list(nodes.values()), total


def _is_whole(node: Mapping[str, Any]) -> bool:
    """Return whether a node shows what every node has; without roles or plug-ins it may be."""
    jvm = _mapping(node.get("jvm"))
    heap = _mapping(jvm.get("mem")).get("heap_max_in_bytes")
    return bool(isinstance(node.get("version"), str) and jvm.get("version") and isinstance(heap, int))


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _node_facts(nodes: Sequence[Mapping[str, Any]], version: str) -> Iterator[tuple[str, Fact]]:
    yield "nodes", Fact(str(len(nodes)), ValueType.NUMBER)
    yield "node versions", Fact(_distinct(text_of(node.get("version")) for node in nodes))
    yield "roles", Fact(_distinct(text_of(role) for node in nodes for role in _items(node.get("roles"))))
    jvm = [_mapping(node.get("jvm")) for node in nodes]
    yield "jvm.version", Fact(_distinct(text_of(each.get("version")) for each in jvm))
    heaps = {text_of(_mapping(each.get("mem")).get("heap_max_in_bytes")) for each in jvm}
    if len(heaps) == 1:
        yield "jvm.heap", Fact(heaps.pop(), ValueType.SIZE, "B")
    else:
        yield "jvm.heap", Fact(_distinct(heaps), canonical=f"{len(heaps)} sizes on {len(nodes)} nodes")
    yield from _plugin_facts(nodes, version)


def _plugin_facts(nodes: Sequence[Mapping[str, Any]], version: str) -> Iterator[tuple[str, Fact]]:
    """Yield every plug-in, "installed" where its version is the server's own."""
    found: dict[str, list[str]] = {}
    for node in nodes:
        for plugin in map(_mapping, _items(node.get("plugins"))):
            found.setdefault(text_of(plugin.get("name")), []).append(text_of(plugin.get("version")))
    for name, versions in sorted(found.items()):
        own = all(each == version or each.startswith(f"{version}.") for each in versions)
        word = "installed" if own else _distinct(versions)
        if len(versions) < len(nodes):
            word += f" on {len(versions)} of {len(nodes)} nodes"
        yield f"plugin.{name}", Fact(_distinct(versions), canonical=word)


def _distinct(values: Iterable[str]) -> str:
    return ", ".join(sorted({*values} - {""})) or "(none)"


def _instance(document: Mapping[str, Any], nodes: Sequence[Mapping[str, Any]]) -> str:
    """Return the cluster and the latest start of a node: a restart changes it, another node that answers does not."""
    starts = [_mapping(node.get("jvm")).get("start_time_in_millis") for node in nodes]
    return f"{text_of(document.get('cluster_uuid'))} {max((s for s in starts if isinstance(s, int)), default='')}"

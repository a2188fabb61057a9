"""The replies to the four commands → Reading."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from parity_tui.model import Fact, Reading, Reason, ServiceError, Target, ValueType
from parity_tui.services.mongodb.errors import why_hidden

OF_BUILD = ("allocator", "bits", "debug", "javascriptEngine", "maxBsonObjectSize", "storageEngines", "modules")
"""parts of the reply to buildInfo; the rest are hashes and flags of the compiler"""

REPEATED = ("setParameter.",)
"""options that the parameters repeat"""

FEWEST = 20
"""parameters: every version has more than a hundred, so that fewer are a part"""

_DEEPEST = 8
"""levels of a document of options"""

Document = Mapping[str, Any]


def parse(build: Document, options: Document, hello: Document, parameters: Document, target: Target) -> Reading:
    """Return the reading of the replies to buildInfo, getCmdLineOpts, hello and getParameter.

    The second and the last may be error documents: their settings are then hidden.

    >>> error = {"ok": 0.0, "code": 13, "errmsg": "not authorized on admin"}
    >>> reading = parse({"version": "7.0.14"}, error, {"setName": "rs0"}, error, Target("dev", "db", "mongodb"))
    >>> reading.product, reading.facts["topology"].raw, reading.hidden[0]
    ('MongoDB', 'replica set', ('option.*', 'needs the role clusterMonitor'))
    """
    version = build.get("version")
    if not isinstance(version, str) or not version:
        raise ServiceError(Reason.PROTOCOL, f"{target.address} answers buildInfo without a version")
    hidden: list[tuple[str, str]] = []
    facts = {**dict(_build_facts(build)), **dict(_topology_facts(hello))}
    if options.get("ok") and isinstance(options.get("parsed"), dict):
        facts |= dict(_option_facts(_mapping(options.get("parsed"))))
    else:
        words = "the server shows no options" if options.get("ok") else why_hidden(options)
        hidden.append(("option.*", words))
    if parameters.get("ok"):
        facts |= _parameter_facts(parameters, target)
    else:
        hidden.append(("*", why_hidden(parameters)))
    return Reading(
        product=_product(build),
        version=version,
        facts=facts,
        hidden=tuple(hidden),
        address=target.address,
        instance=str(_mapping(hello.get("topologyVersion")).get("processId", "")),
    )


def _mapping(value: Any) -> Document:
    return value if isinstance(value, dict) else {}


def _product(build: Document) -> str:
    """Return the product by its own sign.

    >>> _product({}), _product({"psmdbVersion": "7.0"}), _product({"ferretdb": {}})
    ('MongoDB', 'Percona Server for MongoDB', 'FerretDB')
    """
    if "ferretdb" in build or "ferretdbVersion" in build:
        return "FerretDB"
    return "Percona Server for MongoDB" if "psmdbVersion" in build else "MongoDB"


def _build_facts(build: Document) -> Iterator[tuple[str, Fact]]:
    for name in OF_BUILD:
        if name in build:
            yield f"build.{name}", fact_of(build[name])
    running = _mapping(build.get("openssl")).get("running")
    if isinstance(running, str):
        yield "build.openssl", Fact(running)


def _topology_facts(hello: Document) -> Iterator[tuple[str, Fact]]:
    """Yield how the server belongs to others: transactions and change streams depend on it."""
    if hello.get("msg") == "isdbgrid":
        topology = "sharded cluster (mongos)"
    else:
        topology = "replica set" if "setName" in hello or hello.get("isreplicaset") else "standalone"
    yield "topology", Fact(topology)
    if "setName" in hello:
        yield "replica set", fact_of(hello["setName"])
        members = [each for key in ("hosts", "passives", "arbiters") for each in _items(hello.get(key))]
        yield "members", Fact(str(len(members)), ValueType.NUMBER)
        primary = hello.get("isWritablePrimary", hello.get("ismaster"))
        yield "role", Fact("primary" if primary else "arbiter" if hello.get("arbiterOnly") else "secondary")
    for name in ("logicalSessionTimeoutMinutes", "maxMessageSizeBytes", "maxWriteBatchSize", "maxWireVersion"):
        if name in hello:
            yield name, fact_of(hello[name])


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _option_facts(options: Document, prefix: str = "", depth: int = 0) -> Iterator[tuple[str, Fact]]:
    """Yield the options of the configuration file and of the command line, each with its full name.

    >>> [(name, fact.raw) for name, fact in _option_facts({"net": {"port": 1, "tls": {"mode": "requireTLS"}}})]
    [('option.net.port', '1'), ('option.net.tls.mode', 'requireTLS')]
    """
    for name, value in options.items():
        full = f"{prefix}{name}"
        if isinstance(value, dict) and value and depth < _DEEPEST:
            yield from _option_facts(value, f"{full}.", depth + 1)
        elif not full.startswith(REPEATED):
            yield f"option.{full}", fact_of(value, "configuration file or command line")


def _parameter_facts(reply: Document, target: Target) -> dict[str, Fact]:
    """Return the parameters; with details each is a document with its value."""
    facts = {}
    for name, detail in reply.items():
        if name in ("ok", "operationTime", "$clusterTime"):
            continue
        value, source = detail, ""
        if isinstance(detail, dict) and "value" in detail and "settableAtRuntime" in detail:
            value = detail["value"]
            source = "" if detail["settableAtRuntime"] else "set at the start"
        facts[name] = fact_of(value, source)
    if len(facts) < FEWEST:
        raise ServiceError(
            Reason.PROTOCOL, f"{target.address} shows {len(facts)} parameters, fewer than any MongoDB has"
        )
    return facts


def fact_of(value: Any, source: str = "") -> Fact:
    """Return the fact of a value of BSON; documents and lists as JSON with sorted keys.

    >>> fact_of(True).raw, fact_of(2.0).raw, fact_of({"version": "7.0"}).raw, fact_of({"b": 1, "a": [None]}).raw
    ('true', '2', '7.0', '{"a": [null], "b": 1}')
    """
    match value:
        case bool():
            return Fact("true" if value else "false", ValueType.BOOL, source=source)
        case int() | float():
            whole = isinstance(value, float) and value.is_integer() and abs(value) < 1e15
            return Fact(str(int(value) if whole else value), ValueType.NUMBER, source=source)
        case str():
            return Fact(value, canonical="" if value else "(none)", source=source)
        case None:
            return Fact("", canonical="(none)", source=source)
        case {"version": str(version), **rest} if not rest:
            return Fact(version, source=source)
        case dict() | list():
            return Fact(_json(value), source=source)
        case _:
            return Fact(str(value), source=source)


def _json(value: Any) -> str:
    try:
        return json.dumps(value, sort_keys=True, default=str, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        return str(type(value).__name__)

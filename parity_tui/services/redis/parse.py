"""What INFO and CONFIG GET say, as a reading. Raw text throughout: 8.10 is not 8.1."""

from __future__ import annotations

from collections.abc import Mapping

from parity_tui.model import Fact, Reading, Reason, ServiceError, Target, TlsMode
from parity_tui.services.redis.errors import Refusal, Reply, info_refused, rejected, text
from parity_tui.services.redis.normalize import MEANINGS
from parity_tui.services.redis.rules import RULES

PRODUCTS = {
    "valkey_version": "Valkey",
    "dragonfly_version": "Dragonfly",
    "garnet_version": "Garnet",
    "kvrocks_version": "Kvrocks",
}
"""the field in which a product tells its own version; the redis_version beside it is the one it claims to be like"""

BUILD = ("arch_bits", "mem_allocator", "multiplexing_api", "os", "role")
"""fields of INFO that are facts of their own"""

OWN = ("mode", "redis compatibility", "module.*")
"""what else only INFO tells"""

ALSO_IN_INFO = {
    "maxmemory": ("maxmemory",),
    "maxmemory-policy": ("maxmemory_policy",),
    "maxclients": ("maxclients", "max_clients"),
    "hz": ("configured_hz", "hz"),
    "repl-backlog-size": ("repl_backlog_size",),
    "appendonly": ("aof_enabled",),
    "cluster-enabled": ("cluster_enabled",),
    "replica-read-only": ("slave_read_only",),
    "replica-priority": ("slave_priority",),
}
"""settings that INFO tells too, by the fields that hold them"""

SWITCHES = ("appendonly", "cluster-enabled", "replica-read-only")
"""those of them that INFO writes as 0 and 1"""

YES_NO = {"0": "no", "1": "yes", "false": "no", "true": "yes"}

OWN_NAME = {alias: row.name for row in RULES for alias in row.aliases}

OPEN = "password required"


def check_login(reply: Reply, target: Target) -> None:
    """Raise what it means that a login failed; nothing where it did not."""
    if isinstance(reply, Refusal):
        raise rejected(reply, target)
    if reply != b"OK":
        raise ServiceError(Reason.PROTOCOL, f"{target.address} answers a login as no Redis does")


def parse(info: Reply, config: Reply, target: Target, logged_in: bool = False) -> Reading:
    r"""Return a reading of both answers; `logged_in` tells whether a login was needed, or at least sent.

    >>> here = Target("dev", "cache", "redis", host="cache", port=6379)
    >>> reading = parse(b"redis_version:8.10\r\nmaxmemory:0", [b"hz", b"10"], here)
    >>> reading.product, reading.version, [f"{name}={fact.raw}" for name, fact in reading.facts.items()]
    ('Redis', '8.10', ['maxmemory=0', 'hz=10', 'password required=no'])
    """
    if isinstance(info, Refusal):
        raise info_refused(info, target)
    if isinstance(config, Refusal) and not config.lasting:
        raise info_refused(config, target)
    if not isinstance(info, bytes):
        raise ServiceError(Reason.PROTOCOL, f"{target.address} answers INFO as no Redis does")
    fields, modules = fields_of(info)
    product, version = identity(fields, target)
    facts = facts_of(fields, modules, product)
    hidden: tuple[tuple[str, str], ...] = ()
    if isinstance(config, Refusal):
        hidden = (*((name, "") for name in (*BUILD, *OWN)), ("*", closed(config, target, fields)))
    else:
        facts |= settings_of(config, target)
    open_to_all = guarded(facts, target, logged_in)
    if open_to_all is None:
        hidden = ((OPEN, "users are kept by ACL, which is not read: compare `ACL GETUSER default`"), *hidden)
    else:
        facts[OPEN] = open_to_all
    return Reading(
        product=product,
        version=version,
        facts=facts,
        hidden=hidden,
        notes=notes(fields, target),
        address=target.address,
        instance=fields.get("run_id") or fields.get("master_replid", ""),
    )


def fields_of(info: bytes) -> tuple[dict[str, str], dict[str, str]]:
    r"""Return the fields of INFO, each split at its first colon, and the versions of the loaded modules.

    >>> fields_of(b"# Server\r\nos:a:b\r\nmodule:name=search,ver=20813,api=1\r\nnonsense\r\n")
    ({'os': 'a:b'}, {'search': '20813'})
    """
    fields: dict[str, str] = {}
    modules: dict[str, str] = {}
    for line in text(info).split("\n"):
        name, colon, value = line.rstrip("\r").partition(":")
        if name == "module":
            parts = dict(part.partition("=")[::2] for part in value.split(","))
            modules.setdefault(parts.get("name", ""), parts.get("ver", ""))
        elif colon and not name.startswith("#"):
            fields.setdefault(name, value)
    modules.pop("", None)
    return fields, modules


def identity(fields: Mapping[str, str], target: Target) -> tuple[str, str]:
    """Return product and version by the product's own field. KeyDB has none, but signs of its own.

    >>> here = Target("", "", "")
    >>> identity({"redis_version": "7.4.0", "dragonfly_version": "df-v1.40.1"}, here)
    ('Dragonfly', '1.40.1')
    >>> identity({"redis_version": "6.3.4", "mvcc_depth": "0"}, here)
    ('KeyDB', '6.3.4')
    """
    for field, product in PRODUCTS.items():
        if fields.get(field):
            return product, fields[field].removeprefix("df-").removeprefix("v")
    version = fields.get("redis_version")
    if not version:
        raise ServiceError(Reason.WRONG_SERVICE, f"{target.address} answers INFO without a version: it is no Redis")
    keydb = "mvcc_depth" in fields or fields.get("executable", "").endswith("keydb-server")
    return "KeyDB" if keydb else "Redis", version


def facts_of(fields: Mapping[str, str], modules: Mapping[str, str], product: str) -> dict[str, Fact]:
    """Return what INFO tells of the build and of the settings: no counters, no times."""
    facts = {name: Fact(fields[name], source="INFO") for name in BUILD if name in fields}
    if mode := fields.get("server_mode") or fields.get("redis_mode"):
        facts["mode"] = Fact(mode, default=True, source="INFO")  # follows cluster-enabled; nobody sets it
    if product in PRODUCTS.values() and "redis_version" in fields:
        facts["redis compatibility"] = Fact(fields["redis_version"], source="INFO")
    for name, places in ALSO_IN_INFO.items():
        raw = next((fields[place] for place in places if place in fields), None)
        if raw is not None:
            facts[name] = Fact(raw, canonical=YES_NO.get(raw, "") if name in SWITCHES else "", source="INFO")
    return facts | {f"module.{name}": Fact(version, source="INFO") for name, version in modules.items()}


def settings_of(config: Reply, target: Target) -> dict[str, Fact]:
    """Return the settings under the names of today; where a reply has a setting twice, its own name wins."""
    if not isinstance(config, list) or len(config) % 2 or not all(isinstance(word, bytes) for word in config):
        raise ServiceError(Reason.PROTOCOL, f"{target.address} answers CONFIG GET as no Redis does")
    words = [text(word) for word in config if isinstance(word, bytes)]
    raws = dict(zip(words[::2], words[1::2], strict=True))
    facts = {}
    for name, raw in raws.items():
        own = OWN_NAME.get(name, name)
        if own == name or own not in raws:
            facts[own] = setting(own, raw)
    return facts


def setting(name: str, raw: str) -> Fact:
    """Return one setting, with its meaning where the text has a structure of its own.

    >>> setting("save", "900 1 300 10").canonical, setting("rdb_save", "true").canonical
    ('10 in 300 s, 1 in 900 s', 'yes')
    """
    meaning = MEANINGS.get(name)
    canonical = meaning(raw) if meaning else YES_NO.get(raw, "") if not raw.isdecimal() else ""
    return Fact(raw, canonical=canonical, source="CONFIG GET")


def closed(config: Refusal, target: Target, fields: Mapping[str, str]) -> str:
    """Return why there are no settings, with what would show them."""
    user = target.user or "default"
    if config.code == "NOPERM":
        return f"the user {user} may not ask: ACL SETUSER {user} +config|get"
    if "unknown command" in config.message.lower():
        host = fields.get("os", "") if fields.get("os", "").startswith("Amazon") else "this server"
        return f"{host} does not offer CONFIG, or under another name only"
    return f"CONFIG GET is refused: {config.text}"


def guarded(facts: Mapping[str, Fact], target: Target, logged_in: bool) -> Fact | None:
    """Return whether a client without a password is turned away, None where that cannot be known.

    A login by a password alone fails where none is needed; one by a user's name says nothing of other users.
    """
    required = facts.get("requirepass", Fact()).raw
    if logged_in and target.user and not required:
        return None
    return Fact("yes" if logged_in else "no")


def notes(fields: Mapping[str, str], target: Target) -> tuple[str, ...]:
    """Return what a person should know of this reading."""
    os, tls = fields.get("os", ""), target.tls
    unverified = {TlsMode.PREFER: "TLS, not verified", TlsMode.REQUIRE: "TLS, not verified"}
    loading = "starting: it still loads its data" if fields.get("loading", "0") != "0" else ""
    found = (os if os.startswith("Amazon") else "", unverified.get(tls, ""), loading)
    return tuple(filter(None, found))

"""Replies to INFO and CONFIG GET → Reading. Raw text throughout: 8.10 is not 8.1."""

from __future__ import annotations

import re
from collections.abc import Mapping

from msgspec.structs import replace

from parity_tui.model import Fact, Reading, Reason, ServiceError, Target, TlsMode
from parity_tui.services.redis.errors import Refusal, Reply, info_refused, text
from parity_tui.services.redis.normalize import NORMALIZERS
from parity_tui.services.redis.rules import ACL_UNREAD, CONFIG_DENIED, RULES

PRODUCTS = {
    "valkey_version": "Valkey",
    "dragonfly_version": "Dragonfly",
    "garnet_version": "Garnet",
    "kvrocks_version": "Kvrocks",
}
"""field of INFO with a product's own version -> product; redis_version is the Redis that it is compatible with"""

OF_REDIS = ("redis_version", "rlec_version")
"""fields with the version of Redis itself"""

PARTS = frozenset(
    {
        "aof", "api", "bf", "build", "clang", "config", "dotnet", "gcc", "glibc", "go", "graph", "java", "jemalloc",
        "jvm", "kernel", "libc", "lua", "luajit", "malloc", "master", "mimalloc", "module", "musl", "openssl",
        "os", "primary", "protocol", "proxy", "python", "rdb", "redisearch", "rejson", "replica", "resp", "rocksdb",
        "rust", "search", "slave", "ssl", "storage", "timeseries", "tls", "zlib", "zstd",
    }
)  # fmt: skip
"""NAME_version is the version of a part of the server, or of another server, and not the product's"""

_VERSION_FIELD = re.compile(r"([a-z]{2,20})_version", re.ASCII)
_VERSION = re.compile(r"v?\d{1,9}\.\d[\w.+-]{0,40}", re.ASCII)

CORE = frozenset(
    {
        "appendfsync", "appendonly", "databases", "maxclients", "maxmemory", "maxmemory-policy",
        "notify-keyspace-events", "save", "timeout",
    }
)  # fmt: skip
"""settings that Redis, Valkey and KeyDB of every version have: a reply without them is a part"""

BUILD = ("arch_bits", "mem_allocator", "multiplexing_api", "os", "role")
"""fields of INFO that become facts of the same name"""

INFO_ONLY = ("mode", "redis compatibility", "module.*")
"""further facts that CONFIG GET does not hold"""

INFO_FIELDS = {
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
"""setting that INFO repeats -> fields that may hold it"""

SWITCHES = ("appendonly", "cluster-enabled", "replica-read-only")
"""settings among them that INFO writes as 0 and 1"""

YES_NO = {"0": "no", "1": "yes", "false": "no", "true": "yes"}

CURRENT_NAME = {alias: rule.name for rule in RULES for alias in rule.aliases}

LOGIN_REQUIRED = "password required"
TLS = "TLS"


def parse(info: Reply, config: Reply, target: Target, logged_in: bool = False, latest: Latest | None = None) -> Reading:
    r"""Return a reading of both replies.

    Args:
        info: reply to INFO.
        config: reply to CONFIG GET *.
        target: the server.
        logged_in: whether a login was sent and accepted.
        latest: remembers the facts of ``config`` from one reading to the next.

    Raises ServiceError where INFO is refused, or is not that of a Redis.

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
        raise ServiceError(Reason.PROTOCOL, f"{target.address} sent an invalid answer to INFO")
    fields, modules = parse_info(info)
    product, version = identity(fields, target)
    facts = info_facts(fields, modules, product)
    hidden: list[tuple[str, str]] = []
    partial = ""
    if not isinstance(config, Refusal):
        settings = latest.facts(config, target) if latest else config_facts(config, target)
        facts |= settings
        partial = config_partial(settings, product)
        facts |= encryption(settings)
    if required := login_required(facts, target, logged_in):
        facts[LOGIN_REQUIRED] = required
    else:
        hidden.append((LOGIN_REQUIRED, ACL_UNREAD.why))
    if why := config_refused(config, target, fields) if isinstance(config, Refusal) else partial:
        hidden += [*((name, "") for name in (*BUILD, *INFO_ONLY)), ("*", why)]
    return Reading(
        product=product,
        version=version,
        facts=facts,
        hidden=tuple(hidden),
        notes=notes(fields, target),
        address=target.address,
        instance=fields.get("run_id") or fields.get("master_replid", ""),
    )


class Latest:
    """The facts of the latest reply to CONFIG GET."""

    def __init__(self) -> None:
        self._reply: Reply = b""
        self._facts: dict[str, Fact] = {}

    def facts(self, config: Reply, target: Target) -> dict[str, Fact]:
        """Return the facts of a reply; those of the same object are made once."""
        if config is not self._reply:
            self._facts, self._reply = config_facts(config, target), config
        return self._facts


def parse_info(info: bytes) -> tuple[dict[str, str], dict[str, str]]:
    r"""Return the fields of INFO, each split at its first colon, and the versions of the loaded modules.

    >>> parse_info(b"# Server\r\nos:a:b\r\nmodule:name=search,ver=20813,api=1\r\nnonsense\r\n")
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
    """Return product and version, by the product's own field; KeyDB has no such field, but other marks.

    >>> here = Target("", "", "")
    >>> identity({"redis_version": "7.4.0", "dragonfly_version": "df-v1.40.1"}, here)
    ('Dragonfly', '1.40.1')
    >>> identity({"redis_version": "6.3.4", "mvcc_depth": "0"}, here)
    ('KeyDB', '6.3.4')
    """
    for field, product in {**PRODUCTS, **_unknown_products(fields)}.items():
        if fields.get(field):
            stage = fields.get(field.removesuffix("version") + "release_stage", "ga")
            pre_release = f"-{stage}" if stage not in ("", "ga", "dev") else ""
            return product, fields[field].removeprefix("df-").removeprefix("v") + pre_release
    version = fields.get("redis_version")
    if not version:
        raise ServiceError(Reason.WRONG_SERVICE, f"{target.address} answers INFO without a version: it is not Redis")
    keydb = "mvcc_depth" in fields or fields.get("executable", "").endswith("keydb-server")
    return "KeyDB" if keydb else "Redis", version


def _unknown_products(fields: Mapping[str, str]) -> dict[str, str]:
    """Return the fields with the version of an unknown product, and its name: forks name themselves so.

    >>> _unknown_products({"redis_version": "7.2.4", "redict_version": "7.3.1", "gcc_version": "12.2.0"})
    {'redict_version': 'Redict'}
    """
    matches = (_VERSION_FIELD.fullmatch(name) for name in fields if name.endswith("_version"))
    return {
        match[0]: match[1].capitalize()
        for match in matches
        if match and match[0] not in OF_REDIS and match[1] not in PARTS and _VERSION.fullmatch(fields[match[0]])
    }


def info_facts(fields: Mapping[str, str], modules: Mapping[str, str], product: str) -> dict[str, Fact]:
    """Return the facts about build, modules and settings in INFO; counters and times are left out."""
    facts = {name: Fact(fields[name], source="INFO") for name in BUILD if name in fields}
    if mode := fields.get("server_mode") or fields.get("redis_mode"):
        facts["mode"] = Fact(mode, default=True, source="INFO")  # it follows cluster-enabled and is never set itself
    if product not in ("Redis", "KeyDB") and "redis_version" in fields:
        facts["redis compatibility"] = Fact(fields["redis_version"], source="INFO")
    for name, candidates in INFO_FIELDS.items():
        raw = next((fields[field] for field in candidates if field in fields), None)
        if raw is not None:
            facts[name] = Fact(raw, canonical=YES_NO.get(raw, "") if name in SWITCHES else "", source="INFO")
    return facts | {f"module.{name}": Fact(version, source="INFO") for name, version in modules.items()}


def config_facts(config: Reply, target: Target) -> dict[str, Fact]:
    """Return the settings under their current names; the current name wins over an alias in the same reply."""
    if not isinstance(config, list) or len(config) % 2 or not all(isinstance(word, bytes) for word in config):
        raise ServiceError(Reason.PROTOCOL, f"{target.address} sent an invalid answer to CONFIG GET")
    words = [text(word) for word in config if isinstance(word, bytes)]
    raws = dict(zip(words[::2], words[1::2], strict=True))
    facts = {}
    for name, raw in raws.items():
        current = CURRENT_NAME.get(name, name)
        if current == name or current not in raws:
            facts[current] = setting_fact(current, raw)
    if "databases" in facts:
        usual = "1" if raws.get("cluster-enabled") == "yes" else "16"
        facts["databases"] = replace(facts["databases"], default=facts["databases"].raw == usual or None)
    return facts


def setting_fact(name: str, raw: str) -> Fact:
    """Return one setting, with canonical text where its raw text has several spellings.

    >>> setting_fact("save", "900 1 300 10").canonical, setting_fact("rdb_save", "true").canonical
    ('10 in 300 s, 1 in 900 s', 'yes')
    """
    normalize = NORMALIZERS.get(name)
    canonical = normalize(raw) if normalize else YES_NO.get(raw, "") if not raw.isdecimal() else ""
    return Fact(raw, canonical=canonical, source="CONFIG GET")


def config_refused(config: Refusal, target: Target, fields: Mapping[str, str]) -> str:
    """Return the reason for which all settings are hidden, with the command that grants them."""
    if config.code == "NOPERM":
        return CONFIG_DENIED.why.format(user=target.user or "default")
    if "unknown command" in config.message.lower():
        host = fields.get("os", "") if fields.get("os", "").startswith("Amazon") else "this server"
        return f"{host} does not offer CONFIG, or under another name only"
    return f"CONFIG GET is refused: {config.text}"


def config_partial(settings: Mapping[str, Fact], product: str) -> str:
    """Return the reason for which the other settings are hidden, "" where the reply to CONFIG GET is whole.

    >>> config_partial({"maxmemory": Fact("0")}, "Redis")
    'CONFIG GET shows 1 setting only: the provider of this server hides the others'
    >>> config_partial({"maxmemory": Fact("0")}, "Kvrocks"), config_partial({}, "Kvrocks")[:27]
    ('', 'CONFIG GET shows 0 settings')
    """
    if settings.keys() >= CORE or (settings and product not in ("Redis", "Valkey", "KeyDB", "Redict")):
        return ""
    count = f"{len(settings)} setting{'s' * (len(settings) != 1)}"
    return f"CONFIG GET shows {count} only: the provider of this server hides the others"


def encryption(settings: Mapping[str, Fact]) -> dict[str, Fact]:
    """Return whether clients may use TLS, or have to, by the ports; {} where a server shows none of its own.

    >>> [encryption({"port": Fact(port), "tls-port": Fact(tls)})[TLS].raw for port, tls in ("10", "11", "01")]
    ['off', 'offered', 'required']
    """
    port, secured = (settings.get(name) for name in ("port", "tls-port"))
    if port is None or secured is None:
        return {}
    words = "off" if secured.raw == "0" else "required" if port.raw == "0" else "offered"
    return {TLS: Fact(words, source="CONFIG GET")}


def login_required(facts: Mapping[str, Fact], target: Target, logged_in: bool) -> Fact | None:
    """Return whether clients without a password are refused, None where that is unknown.

    A login with only a password fails where none is needed; one with a user's name proves nothing about other users.
    """
    requirepass = facts.get("requirepass", Fact()).raw
    if logged_in and target.user and not requirepass:
        return None
    return Fact("yes" if logged_in else "no")


def notes(fields: Mapping[str, str], target: Target) -> tuple[str, ...]:
    """Return the notes of the reading: host, replica, unverified TLS, still loading."""
    os = fields.get("os", "")
    replica = "the address leads to a replica" if fields.get("role") == "slave" and not target.node else ""
    unverified = "TLS, not verified" if target.tls in (TlsMode.PREFER, TlsMode.REQUIRE) else ""
    loading = "starting: it still loads its data" if fields.get("loading", "0") != "0" else ""
    return tuple(filter(None, (os if os.startswith("Amazon") else "", replica, unverified, loading)))

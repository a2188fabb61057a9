"""Severity, type and reason of every setting, where the facts come from, and which of them need more rights."""

from __future__ import annotations

from msgspec.structs import replace

from parity_tui.drift.rules import CERTIFICATE, TLS
from parity_tui.model import HiddenGroup, Rule, Severity, ValueType

C, W, I, N = Severity.CRITICAL, Severity.WARNING, Severity.INFO, Severity.IGNORED  # noqa: E741
NUMBER, SIZE, DURATION, SET = ValueType.NUMBER, ValueType.SIZE, ValueType.DURATION, ValueType.SET

NO_LIMIT = {"0": "no limit"}
OFF = {"0": "off"}

_PROTOCOL = "Clients of its protocol are refused."
_EXCHANGE = "Declaring an exchange of its type closes the channel."
_LOGIN = "Logins that it checks are refused where it is off."
_MOVES = "Messages that it moves between brokers stay where they are."
_SHOWS = "Only affects metrics or web pages; messages are not affected."

PLUGINS = (
    *(
        Rule(f"plugin.{name}", C, _PROTOCOL, explained_by="", safer="complete")
        for name in (
            "rabbitmq_mqtt", "rabbitmq_stomp", "rabbitmq_stream", "rabbitmq_amqp1_0", "rabbitmq_web_mqtt",
            "rabbitmq_web_stomp",
        )
    ),
    *(
        Rule(f"plugin.{name}", C, _EXCHANGE, explained_by="", safer="complete")
        for name in ("*_exchange", "rabbitmq_sharding")
    ),
    *(
        Rule(f"plugin.{name}", C, _LOGIN, explained_by="", safer="complete")
        for name in ("rabbitmq_auth_*", "*_auth_backend_*")
    ),
    *(
        Rule(f"plugin.{name}", I, _SHOWS, explained_by="")
        for name in (
            "*_management", "rabbitmq_management_agent", "rabbitmq_management_*", "rabbitmq_prometheus",
            "prometheus_rabbitmq_exporter", "rabbitmq_top", "rabbitmq_web_dispatch",
        )
    ),
    *(Rule(f"plugin.{name}", W, _MOVES, explained_by="") for name in ("rabbitmq_shovel", "rabbitmq_federation*")),
    Rule("plugin.rabbitmq_tracing", W, "Copying each message to a trace costs throughput.", explained_by=""),
    Rule("plugin.rabbitmq_peer_discovery_*", I, "Nodes discover each other in a different way.", explained_by=""),
    Rule("plugin.*", W, "A broker feature is enabled on one side only.", explained_by=""),
)  # fmt: skip
"""plug-ins by their effect on clients; the first match counts"""

_DECLARED = "Declaring it as the code does fails with PRECONDITION_FAILED; its limits decide which messages are kept."
_EXPIRY = "Messages expire, move or are dropped by a different rule."
_RIGHTS = "Declaring, publishing or consuming fails with ACCESS_REFUSED."


def _virtual_host(setting: str) -> tuple[str, ...]:
    """Return the settings of the virtual hosts that an object may be in: names may hold dots.

    >>> _virtual_host("queue./.jobs"), _virtual_host("policy.shop.eu.ttl")
    (('vhost./',), ('vhost.shop', 'vhost.shop.eu'))
    """
    parts = setting.split(".")
    return tuple(f"vhost.{'.'.join(parts[1:end])}" for end in range(2, len(parts)))


def _of_virtual_host(setting: str) -> tuple[str, ...]:
    """Return the settings that explain one which only a virtual host has.

    >>> _of_virtual_host("vhost_queue_type.shop")
    ('default_queue_type', 'vhost.shop')
    """
    family, _, name = setting.partition(".")
    return (*(("default_queue_type",) if family == "vhost_queue_type" else ()), f"vhost.{name}")


def _rights(setting: str) -> tuple[str, ...]:
    return ("users", *_virtual_host(setting))


OBJECTS = (
    Rule("default_queue_type", C, "The same declaration makes a classic or a quorum queue.", ValueType.ENUM),
    Rule(
        "vhost./", W, "Clients that name no virtual host use this one; it is often removed on purpose.", explained_by=""
    ),
    Rule("vhost.*", C, "Connections to a missing virtual host are refused.", explained_by=""),
    Rule(
        "vhost_queue_type.*",
        C,
        "The same declaration makes a classic or a quorum queue.",
        explained_by=_of_virtual_host,
    ),
    Rule("vhost_tracing.*", W, "Copying each message to a trace costs throughput.", explained_by=_of_virtual_host),
    Rule("vhost_limit.*", W, "Connections or queues beyond it are refused.", NUMBER, explained_by=_virtual_host),
    Rule("queue.*", C, _DECLARED, explained_by=_virtual_host, presence=W),
    Rule(
        "exchange.*",
        C,
        "Declaring it as the code does fails; bindings decide who gets messages.",
        explained_by=_virtual_host,
        presence=W,
    ),
    Rule("policy.*", C, _EXPIRY, explained_by=_virtual_host),
    Rule("operator_policy.*", C, _EXPIRY, explained_by=_virtual_host),
    Rule("users", I, "Each environment may have users of its own.", SET),
    Rule(
        "user_limit.*", W, "Connections or channels of this user beyond it are refused.", NUMBER, explained_by="users"
    ),
    # Only administrators see these: a severity that parity requires would ask for that tag in every environment.
    Rule("user_tags.*", I, "The user may manage or monitor the broker, or not.", SET, explained_by="users"),
    Rule("permission.*", I, _RIGHTS, explained_by=_rights),
    Rule("topic_permission.*", I, _RIGHTS, explained_by=_rights),
)


def _plugin_of_flag(setting: str) -> tuple[str, ...]:
    """Return the plug-in that brings a feature flag, and the version."""
    return ("plugin.rabbitmq_mqtt", "version") if "mqtt" in setting else ("version",)


RULES = (
    Rule("version", C, "4.0 and 4.3 removed features and changed defaults: mirroring, sizes, limits."),
    Rule("erlang", W, "Erlang brings the defaults of TLS, such as checking certificates of peers."),
    Rule("platform", I, "Language and runtime of the broker; performance differs."),
    Rule("cluster_name", N, "Every cluster has its own name."),
    replace(TLS, name="management.tls.version"),
    replace(CERTIFICATE, name="management.tls.certificate", explained_by="management.tls.version"),
    *PLUGINS,
    Rule("exchange_types", C, "Declaring an exchange of a missing type closes the channel.", SET, safer="complete"),
    *OBJECTS,
    Rule(
        "feature_flag.*",
        W,
        "Features are missing; the next upgrade or node may be refused.",
        explained_by=_plugin_of_flag,
    ),
    Rule("deprecated_feature.*", C, "Using it succeeds on one side and is refused on the other."),
    Rule("auth_mechanisms", W, "A client's login mechanism may not be offered.", SET),
    Rule("protocols", W, "Clients of a protocol are refused.", SET),
    Rule("channel_max", W, "A channel leak fails earlier or later.", NUMBER, special=NO_LIMIT),
    Rule("frame_max", W, "Old clients fail with larger or smaller frames.", SIZE, "B", NO_LIMIT),
    Rule(
        "heartbeat", W, "Idle or busy connections are dropped earlier, or dead ones noticed later.", DURATION, "s", OFF
    ),
    Rule("mem_limit", W, "Publishers are blocked above it.", SIZE, "B", capacity=True),
    Rule("disk_free_limit", W, "Publishers are blocked below it; if it is too low, the disk fills.", SIZE, "B"),
    Rule("fd_total", I, "Connections and queues need file descriptors.", NUMBER, capacity=True),
    Rule("proc_total", I, "Connections, channels and queues are Erlang processes.", NUMBER, capacity=True),
    Rule("nodes", I, "Fewer nodes can fail; a single node hides the effects of partitions.", NUMBER, capacity=True),
    Rule("stopped_nodes", N, "A node that stops is an outage, not drift.", notify=True),
    Rule("net_ticktime", I, "How soon a lost node is noticed.", DURATION, "s"),
    Rule("mem_calculation_strategy", I, "Memory use is measured differently."),
    Rule("rates_mode", I, "Management statistics are more or less detailed.", ValueType.ENUM),
    Rule(
        "disable_stats",
        I,
        "Without statistics the management shows neither nodes' limits nor plug-ins.",
        ValueType.BOOL,
    ),
    # No API shows these today; the rules are ready for one that does.
    Rule(
        "consumer_timeout", C, "Long jobs lose their channel and are delivered again.", DURATION, "ms", safer="higher"
    ),
    Rule(
        "max_message_size",
        C,
        "Larger messages are refused: 128 MiB before 4.0, 16 MiB since.",
        SIZE,
        "B",
        safer="higher",
    ),
    Rule("delivery_limit", C, "A message that fails again and again is dropped, since 4.0 after 20 times."),
    Rule("loopback_users", C, "A login that works on the broker's own host is refused from elsewhere.", SET),
    Rule("vm_memory_high_watermark", W, "Publishers are blocked earlier."),
    Rule("session_max_per_connection", W, "AMQP 1.0 clients are refused.", NUMBER),
    Rule("link_max_per_session", W, "AMQP 1.0 clients are refused.", NUMBER),
    Rule("cluster_partition_handling", W, "In a partition a minority pauses, or continues alone.", ValueType.ENUM),
    Rule("consumer_max_per_channel", I, "Further consumers are refused.", NUMBER),
    Rule("queue_leader_locator", I, "Queue leaders are placed on different nodes.", ValueType.ENUM),
    Rule("collect_statistics_interval", I, "Management statistics are updated more or less often.", DURATION, "ms"),
)

PLUGIN_EXCHANGES = {
    "rabbitmq_consistent_hash_exchange": "x-consistent-hash",
    "rabbitmq_delayed_message_exchange": "x-delayed-message",
    "rabbitmq_event_exchange": "x-event",
    "rabbitmq_jms_topic_exchange": "x-jms-topic",
    "rabbitmq_random_exchange": "x-random",
    "rabbitmq_recent_history_exchange": "x-recent-history",
    "rabbitmq_sharding": "x-modulus-hash",
}
"""plug-in -> type of exchange that it brings: the plug-in's row states it"""

PLUGIN_PROTOCOLS = {
    "rabbitmq_management": "http",
    "rabbitmq_mqtt": "mqtt",
    "rabbitmq_prometheus": "http/prometheus",
    "rabbitmq_stomp": "stomp",
    "rabbitmq_stream": "stream",
    "rabbitmq_web_mqtt": "http/web-mqtt",
    "rabbitmq_web_stomp": "http/web-stomp",
}
"""plug-in -> protocol of the listener that it opens by default: the plug-in's row states it"""

AMQP_FACTS = ("erlang", "platform", "cluster_name", "channel_max", "frame_max", "heartbeat")
"""facts that a login shows, without the HTTP API"""

NODE_FACTS = (
    "mem_limit", "disk_free_limit", "fd_total", "proc_total", "net_ticktime", "mem_calculation_strategy",
)  # fmt: skip
"""facts that every node of a cluster has"""

VHOST_FACTS = ("vhost_limit", "policy", "operator_policy", "queue", "exchange")
"""prefixes of facts that every virtual host has"""

USER_FACTS = ("users", "user_tags.*", "permission.*", "topic_permission.*")
"""globs of the facts that only administrators see"""

ANSWER_FACTS = {
    "overview": (
        "default_queue_type", "exchange_types", "protocols", "rates_mode", "disable_stats", "management.tls.*",
    ),
    "nodes": (*NODE_FACTS, "nodes", "stopped_nodes", "auth_mechanisms", "plugin.*"),
    "vhosts": ("vhost.*", "vhost_queue_type.*", "vhost_tracing.*"),
    "vhost-limits": ("vhost_limit.*",),
    "policies": ("policy.*",),
    "operator-policies": ("operator_policy.*",),
    "feature-flags": ("feature_flag.*",),
    "deprecated-features": ("deprecated_feature.*",),
    "user-limits": ("user_limit.*",),
    "queues": ("queue.*",),
    "exchanges": ("exchange.*",),
    "bindings": ("queue.*", "exchange.*"),
    "users": USER_FACTS,
    "permissions": USER_FACTS,
    "topic-permissions": ("topic_permission.*",),
}  # fmt: skip
"""request to the HTTP API -> globs of the facts in its answer"""

MONITORING = HiddenGroup(
    "*",
    "needs the tag monitoring: rabbitmqctl set_user_tags {user} monitoring",
    "rabbitmqctl set_user_tags {user} monitoring",
)

FLAGS = HiddenGroup(
    "feature_flag.*",
    "before 4.0 only administrators may list them; compare by hand: rabbitmqctl list_feature_flags",
    "rabbitmqctl list_feature_flags",
)
USERS = HiddenGroup(
    "permission.*",
    "only administrators may list them; compare by hand: rabbitmqctl list_permissions -p {path}",
    "rabbitmqctl list_permissions -p {path}",
)
VHOST_PERMISSION = HiddenGroup(
    "policy.*",
    "needs a permission on the virtual host: rabbitmqctl set_permissions -p {path} {user} '^$' '^$' '^$'",
    "rabbitmqctl set_permissions -p {path} {user} '^$' '^$' '^$'",
)
HIDDEN = (
    MONITORING,
    FLAGS,
    VHOST_PERMISSION,
    replace(VHOST_PERMISSION, glob="operator_policy.*"),
    *(replace(USERS, glob=glob) for glob in USER_FACTS),
)
"""{user} and {path}, the virtual host, are quoted for a shell"""

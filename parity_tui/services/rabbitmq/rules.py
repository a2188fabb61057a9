"""Severity, type and reason of every setting, where the facts come from, and which of them need more rights."""

from __future__ import annotations

from msgspec.structs import replace

from parity_tui.drift.rules import CERTIFICATE, TLS
from parity_tui.model import HiddenGroup, Rule, Severity, ValueType

C, W, I, N = Severity.CRITICAL, Severity.WARNING, Severity.INFO, Severity.IGNORED  # noqa: E741
NUMBER, SIZE, DURATION, SET = ValueType.NUMBER, ValueType.SIZE, ValueType.DURATION, ValueType.SET

NO_LIMIT = {"0": "no limit"}

RULES = (
    Rule("version", C, "4.0 and 4.3 took features away and changed defaults: mirroring, sizes, limits."),
    Rule("erlang", W, "Checking of certificates and other defaults of TLS come with Erlang."),
    Rule("platform", I, "What the broker is written in."),
    Rule("cluster_name", N, "Every cluster has a name of its own."),
    replace(TLS, name="management.tls.version"),
    replace(CERTIFICATE, name="management.tls.certificate", explained_by="management.tls.version"),
    Rule("plugin.*", C, "Protocols and types of exchange are there or not.", explained_by=""),
    Rule("exchange_types", C, "Declaring an exchange of a missing type closes the channel.", SET),
    Rule("default_queue_type", C, "The same declaration makes a classic or a quorum queue.", ValueType.ENUM),
    Rule(
        "vhost.*", C, "A missing one refuses the connection; its default decides the type of queues.", explained_by=""
    ),
    Rule("vhost_limit.*", W, "Connections or queues beyond it are refused.", NUMBER, explained_by=""),
    Rule("policy.*", C, "Messages expire, move, are dropped or kept by another rule.", explained_by=""),
    Rule("operator_policy.*", C, "Messages expire, move, are dropped or kept by another rule.", explained_by=""),
    Rule("feature_flag.*", W, "Features are missing; the next upgrade or node may be refused."),
    Rule("deprecated_feature.*", C, "What one side still declares is refused by the other."),
    Rule("auth_mechanisms", W, "A client's way to log in may not be offered.", SET),
    Rule("protocols", W, "Clients of a protocol find nobody listening.", SET),
    Rule("channel_max", W, "A leak of channels fails at another point.", NUMBER, special=NO_LIMIT),
    Rule("frame_max", W, "Old clients fail with larger or smaller frames.", SIZE, "B", NO_LIMIT),
    Rule("mem_limit", W, "Publishers are blocked from here on.", SIZE, "B", capacity=True),
    Rule("disk_free_limit", W, "Publishers are blocked below it; too low, and the disk fills.", SIZE, "B"),
    Rule("fd_total", I, "Connections and queues need file descriptors.", NUMBER, capacity=True),
    Rule("proc_total", I, "Connections, channels and queues are Erlang processes.", NUMBER, capacity=True),
    Rule("nodes", I, "How many nodes can fail; one node never shows what a partition does.", NUMBER, capacity=True),
    Rule("net_ticktime", I, "How soon a node that is gone is noticed.", DURATION, "s"),
    Rule("mem_calculation_strategy", I, "How the memory in use is measured."),
    Rule("rates_mode", I, "How much the management shows.", ValueType.ENUM),
    Rule("disable_stats", I, "How much the management shows.", ValueType.BOOL),
    # No API shows these today; the rules are ready for one that does.
    Rule("consumer_timeout", C, "Long jobs lose their channel and are delivered again.", DURATION, "ms"),
    Rule("max_message_size", C, "Larger messages are refused: 128 MiB before 4.0, 16 MiB since.", SIZE, "B"),
    Rule("delivery_limit", C, "A message that fails again and again is dropped, since 4.0 after 20 times."),
    Rule("loopback_users", C, "A login that works on the broker's own host is refused from elsewhere.", SET),
    Rule("vm_memory_high_watermark", W, "Publishers are blocked earlier."),
    Rule("heartbeat", W, "Idle or busy connections are dropped.", DURATION, "s"),
    Rule("session_max_per_connection", W, "AMQP 1.0 clients are refused.", NUMBER),
    Rule("link_max_per_session", W, "AMQP 1.0 clients are refused.", NUMBER),
    Rule("cluster_partition_handling", W, "A minority pauses, or goes on alone.", ValueType.ENUM),
    Rule("consumer_max_per_channel", I, "Further consumers are refused.", NUMBER),
    Rule("queue_leader_locator", I, "Where leaders of queues are placed.", ValueType.ENUM),
    Rule("collect_statistics_interval", I, "How fresh the management's figures are.", DURATION, "ms"),
)

AMQP_FACTS = ("erlang", "platform", "cluster_name", "channel_max", "frame_max")
"""facts that a login shows, without the HTTP API"""

NODE_FACTS = (
    "mem_limit", "disk_free_limit", "fd_total", "proc_total", "net_ticktime", "mem_calculation_strategy",
)  # fmt: skip
"""facts that every node of a cluster has"""

VHOST_FACTS = ("vhost_limit", "policy", "operator_policy")
"""prefixes of facts that every virtual host has"""

ANSWER_FACTS = {
    "overview": (
        "default_queue_type", "exchange_types", "protocols", "rates_mode", "disable_stats", "management.tls.*",
    ),
    "nodes": (*NODE_FACTS, "nodes", "auth_mechanisms", "plugin.*"),
    "vhosts": ("vhost.*",),
    "vhost-limits": ("vhost_limit.*",),
    "policies": ("policy.*",),
    "operator-policies": ("operator_policy.*",),
    "feature-flags": ("feature_flag.*",),
    "deprecated-features": ("deprecated_feature.*",),
}  # fmt: skip
"""request to the HTTP API -> globs of the facts in its answer"""

MONITORING = HiddenGroup(
    "*",
    "needs the tag monitoring: rabbitmqctl set_user_tags {user} monitoring",
    "rabbitmqctl set_user_tags {user} monitoring",
)
ADMINISTRATOR = HiddenGroup(
    "feature_flag.*",
    "needs the tag administrator: rabbitmqctl set_user_tags {user} administrator",
    "rabbitmqctl set_user_tags {user} administrator",
)
VHOST_PERMISSION = HiddenGroup(
    "policy.*",
    "needs a permission on the virtual host: rabbitmqctl set_permissions -p {path} {user} '^$' '^$' '^$'",
    "rabbitmqctl set_permissions -p {path} {user} '^$' '^$' '^$'",
)
HIDDEN = (MONITORING, ADMINISTRATOR, VHOST_PERMISSION, replace(VHOST_PERMISSION, glob="operator_policy.*"))
"""{user} and {path}, the virtual host, are quoted for a shell"""

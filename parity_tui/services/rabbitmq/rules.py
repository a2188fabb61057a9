"""What RabbitMQ's settings mean to a comparison, and what would set each."""

from __future__ import annotations

import json
from shlex import quote

from msgspec.structs import replace

from parity_tui.drift.rules import CERTIFICATE, TLS
from parity_tui.model import Fact, Rule, Severity, ValueType

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
    # Shown by no API today; here for the day when one shows them.
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


def remediate(setting: str, wanted: str, fact: Fact) -> str:
    """Return the command that would set the value, "" where there is none.

    >>> remediate("plugin.rabbitmq_shovel", "4.0.5", Fact())
    'rabbitmq-plugins enable rabbitmq_shovel'
    >>> policy = '{"vhost":"/","name":"ttl","pattern":"^a","definition":{"max-length":5}}'
    >>> print(remediate("policy./.ttl", policy, Fact()))
    rabbitmqctl set_policy -p / --priority 0 --apply-to all ttl '^a' '{"max-length":5}'
    """
    kind, _, name = setting.partition(".")
    match kind:
        case "plugin":
            return f"rabbitmq-plugins {'enable' if wanted not in ('', 'off') else 'disable'} {quote(name)}"
        case "feature_flag":
            return f"rabbitmqctl enable_feature_flag {quote(name)}" if wanted == "enabled" else ""
        case "policy" | "operator_policy":
            return _align_policy(kind, wanted, fact)
        case "vhost":
            return _align_vhost(name, wanted, fact)
        case "vhost_limit":
            vhost, _, limit = name.rpartition(".")
            value = wanted if wanted.lstrip("-").isdecimal() else "-1"
            return f"rabbitmqctl set_vhost_limits -p {quote(vhost)} {quote(json.dumps({limit: int(value)}))}"
        case _:
            return _align_file(setting, wanted)


def _align_policy(kind: str, wanted: str, fact: Fact) -> str:
    """Return the command that sets a policy as it is elsewhere, or takes away one that is not there."""
    policy = _object(wanted) or _object(fact.raw)
    vhost, name = quote(str(policy.get("vhost", "/"))), quote(str(policy.get("name", "")))
    if not _object(wanted):
        return f"rabbitmqctl clear_{kind} -p {vhost} {name}" if policy else ""
    priority, apply_to = quote(str(policy.get("priority", 0))), quote(str(policy.get("apply-to", "all")))
    definition = json.dumps(policy.get("definition", {}), separators=(",", ":"), ensure_ascii=False)
    return (
        f"rabbitmqctl set_{kind} -p {vhost} --priority {priority} --apply-to {apply_to} {name} "
        f"{quote(str(policy.get('pattern', '')))} {quote(definition)}"
    )


def _align_vhost(name: str, wanted: str, fact: Fact) -> str:
    """Return the command that adds a virtual host, or gives it another default; none is ever taken away."""
    vhost = _object(wanted)
    if not vhost:
        return ""
    kind = str(vhost.get("default_queue_type", "undefined"))
    option = "" if kind == "undefined" else f" --default-queue-type {quote(kind)}"
    command = "update_vhost_metadata" if fact.raw else "add_vhost"
    return f"rabbitmqctl {command} {quote(name)}{option}" if option or not fact.raw else ""


FILE = {
    "default_queue_type": "default_queue_type = {}",
    "channel_max": "channel_max = {}",
    "frame_max": "frame_max = {}",
    "net_ticktime": "net_ticktime = {}",
    "mem_limit": "vm_memory_high_watermark.absolute = {}",
    "disk_free_limit": "disk_free_limit.absolute = {}",
    "mem_calculation_strategy": "vm_memory_calculation_strategy = {}",
    "rates_mode": "management.rates_mode = {}",
}
"""the line of the configuration file that sets a value"""


def _align_file(setting: str, wanted: str) -> str:
    """Return the line of the configuration file, "" where there is none or the value is no plain word."""
    if setting not in FILE or not wanted.isascii() or not wanted.replace("_", "").isalnum():
        return ""
    return f"{FILE[setting].format(wanted)}  # in rabbitmq.conf; then restart the nodes, one after the other"


def _object(raw: str | None) -> dict[str, object]:
    """Return a JSON object, an empty one for anything else."""
    try:
        found = json.loads(raw or "")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}

"""The command or configuration line that would set a value, as text for a person to copy."""

from __future__ import annotations

import json
from shlex import quote

from parity_tui.model import Fact


def remediate(setting: str, wanted: str, fact: Fact) -> str:
    """Return the command or configuration line that sets the value, "" for neither.

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
            return _policy_command(kind, wanted, fact)
        case "vhost":
            return _vhost_command(name, wanted, fact)
        case "vhost_queue_type" if wanted:
            kind = quote(wanted.removeprefix("rabbit_").removesuffix("_queue"))
            return f"rabbitmqctl update_vhost_metadata {quote(name)} --default-queue-type {kind}"
        case "vhost_limit":
            vhost, _, limit = name.rpartition(".")
            value = wanted if wanted.lstrip("-").isdecimal() else "-1"
            return f"rabbitmqctl set_vhost_limits -p {quote(vhost)} {quote(json.dumps({limit: int(value)}))}"
        case _:
            return _file_line(setting, wanted)


def _policy_command(kind: str, wanted: str, fact: Fact) -> str:
    """Return the command that sets a policy, or clears one that the others do not have."""
    policy = _parse_object(wanted) or _parse_object(fact.raw)
    vhost, name = quote(str(policy.get("vhost", "/"))), quote(str(policy.get("name", "")))
    if not _parse_object(wanted):
        return f"rabbitmqctl clear_{kind} -p {vhost} {name}" if policy else ""
    priority, apply_to = quote(str(policy.get("priority", 0))), quote(str(policy.get("apply-to", "all")))
    definition = json.dumps(policy.get("definition", {}), separators=(",", ":"), ensure_ascii=False)
    return (
        f"rabbitmqctl set_{kind} -p {vhost} --priority {priority} --apply-to {apply_to} {name} "
        f"{quote(str(policy.get('pattern', '')))} {quote(definition)}"
    )


def _vhost_command(name: str, wanted: str, fact: Fact) -> str:
    """Return the command that adds a virtual host or sets its default queue type, never one that deletes it."""
    vhost = _parse_object(wanted)
    if not vhost:
        return ""
    kind = str(vhost.get("default_queue_type", "undefined"))
    option = "" if kind == "undefined" else f" --default-queue-type {quote(kind)}"
    command = "update_vhost_metadata" if fact.raw else "add_vhost"
    return f"rabbitmqctl {command} {quote(name)}{option}" if option or not fact.raw else ""


CONFIG_LINES = {
    "default_queue_type": "default_queue_type = {}",
    "channel_max": "channel_max = {}",
    "frame_max": "frame_max = {}",
    "net_ticktime": "net_ticktime = {}",
    "mem_limit": "vm_memory_high_watermark.absolute = {}",
    "disk_free_limit": "disk_free_limit.absolute = {}",
    "mem_calculation_strategy": "vm_memory_calculation_strategy = {}",
    "rates_mode": "management.rates_mode = {}",
}
"""setting -> the line of rabbitmq.conf that sets it"""


def _file_line(setting: str, wanted: str) -> str:
    """Return the line of rabbitmq.conf, "" where the setting has no line or the value is not a plain word."""
    if setting not in CONFIG_LINES or not wanted.isascii() or not wanted.replace("_", "").isalnum():
        return ""
    return f"{CONFIG_LINES[setting].format(wanted)}  # in rabbitmq.conf; then restart the nodes, one after the other"


def _parse_object(raw: str | None) -> dict[str, object]:
    """Return a JSON object, {} for anything else."""
    try:
        value = json.loads(raw or "")
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}

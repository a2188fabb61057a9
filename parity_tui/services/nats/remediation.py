"""The lines of nats-server.conf that would set a value, as text for a person to copy."""

from __future__ import annotations

import re

from parity_tui.model import Fact
from parity_tui.services.nats.rules import NANOSECONDS

KEYS = {
    "max_payload": "max_payload", "max_connections": "max_connections", "max_subscriptions": "max_subscriptions",
    "max_control_line": "max_control_line", "max_pending": "max_pending", "ping_interval": "ping_interval",
    "ping_max": "ping_max", "write_deadline": "write_deadline", "auth_timeout": "authorization.timeout",
    "tls_timeout": "tls.timeout", "jetstream.config.max_memory": "jetstream.max_memory_store",
    "jetstream.config.max_storage": "jetstream.max_file_store", "jetstream.config.domain": "jetstream.domain",
    "jetstream.config.sync_interval": "jetstream.sync_interval",
}  # fmt: skip
"""setting -> its path in the configuration file"""
RESTART = ("jetstream.config.domain", "jetstream.config.max_storage", "jetstream.config.max_memory")

_PLAIN = re.compile(r"[A-Za-z0-9_.-]+")


def remediate(setting: str, wanted: str, fact: Fact) -> str:
    """Return the lines that give a setting its value, "" where none do.

    >>> remediate("max_payload", "2097152", Fact("1048576"))
    'max_payload: 2097152  # in nats-server.conf, then nats-server --signal reload'
    >>> remediate("auth_timeout", "5", Fact("2"))
    'authorization { timeout: 5 }  # in nats-server.conf, then nats-server --signal reload'
    >>> remediate("ping_interval", "30000000us", Fact("120000000us"))
    'ping_interval: "30000ms"  # in nats-server.conf, then nats-server --signal reload'
    """
    if setting not in KEYS or not _PLAIN.fullmatch(wanted):
        return ""
    if setting in NANOSECONDS:
        number = wanted.removesuffix("us")
        if not number.isdecimal():
            return ""
        wanted = f'"{int(number[:20]) // 1000}ms"'
    block, _, key = KEYS[setting].rpartition(".")
    line = f"{block} {{ {key}: {wanted} }}" if block else f"{key}: {wanted}"
    return f"{line}  # in nats-server.conf, then {'a restart' if setting in RESTART else 'nats-server --signal reload'}"

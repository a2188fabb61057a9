"""The command-line option that would set a value, as text for a person to copy."""

from __future__ import annotations

from parity_tui.model import Fact

FLAGS = {
    "item_size_max": "-I {}",
    "maxconns": "-c {}",
    "num_threads": "-t {}",
    "growth_factor": "-f {}",
    "chunk_size": "-n {}",
    "reqs_per_event": "-R {}",
    "tcp_backlog": "-b {}",
    "binding_protocol": "-B {}",
    "idle_timeout": "-o idle_timeout={}",
    "hash_algorithm": "-o hash_algorithm={}",
    "lru_crawler_sleep": "-o lru_crawler_sleep={}",
    "slab_chunk_max": "-o slab_chunk_max={}",
    "temporary_ttl": "-o temporary_ttl={}",
}
"""setting -> the command-line option that sets its value"""

SWITCHES = {
    "evictions": ("off", "-M"),
    "cas_enabled": ("no", "-C"),
    "flush_enabled": ("no", "-F"),
    "dump_enabled": ("no", "-X"),
    "shutdown_command": ("yes", "-A"),
    "auth_enabled_sasl": ("yes", "-S"),
    "ssl_enabled": ("yes", "-Z"),
    "maxconns_fast": ("no", "-o no_maxconns_fast"),
    "lru_crawler": ("no", "-o no_lru_crawler"),
    "lru_maintainer_thread": ("no", "-o no_lru_maintainer"),
    "slab_reassign": ("no", "-o no_slab_reassign"),
}
"""setting -> (value, the command-line option that is given for exactly this value)"""


def remediate(setting: str, wanted: str, fact: Fact) -> str:
    """Return the command-line option that sets the value, "" where no option does.

    >>> remediate("item_size_max", "2097152", Fact())
    'memcached -I 2097152  # on the command line; a restart, which empties the cache'
    >>> remediate("maxbytes", "134217728", Fact())
    'cache_memlimit 128  # at once; and on the command line, for good: memcached -m 128'
    >>> remediate("evictions", "on", Fact(raw="off"))
    'memcached, without -M  # on the command line; a restart, which empties the cache'
    """
    after = "  # on the command line; a restart, which empties the cache"
    if setting == "maxbytes" and wanted.isdecimal():
        size = int(wanted[:20]) // 1024**2
        return f"cache_memlimit {size}  # at once; and on the command line, for good: memcached -m {size}"
    if setting in SWITCHES:
        value, option = SWITCHES[setting]
        return f"memcached {option}{after}" if wanted == value else f"memcached, without {option}{after}"
    safe = wanted.isascii() and wanted.replace(".", "").replace("-", "").replace("_", "").isalnum()
    return f"memcached {FLAGS[setting].format(wanted)}{after}" if setting in FLAGS and safe else ""

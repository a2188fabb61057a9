"""Severity, type and reason of every setting."""

from __future__ import annotations

from parity_tui.model import Rule, Severity, ValueType

C, W, I, N = Severity.CRITICAL, Severity.WARNING, Severity.INFO, Severity.IGNORED  # noqa: E741
BOOL, NUMBER, SIZE, DURATION = ValueType.BOOL, ValueType.NUMBER, ValueType.SIZE, ValueType.DURATION

NONE = {"NULL": "none", "(null)": "none"}
"""spellings of "no value" in different versions"""

_FILES = "The path of a file belongs to the host."
_STORAGE = "Only where a second cache on disk is configured."
_MEMORY = "Memory moves between item sizes earlier or later; the hit rate changes."
_LRU = "Different items are evicted first; the hit rate changes."
_LOGS = "Watchers of the log lose lines when it is too small."
_HANDSHAKE = "Older or newer clients may fail the TLS handshake."


def _modern(name: str, why: str, kind: ValueType, unit: str = "") -> Rule:
    """Return the rule of a setting that -o no_modern changes with others."""
    return Rule(name, I, why, kind, unit, derived=True, explained_by="modern")


RULES = (
    Rule("version", W, "Old versions lack commands: meta commands, gat, touch."),
    Rule("item_size_max", C, "Larger items are silently not cached.", SIZE, "B", safer="higher"),
    Rule("evictions", C, "When off, a full cache refuses to store.", BOOL),
    Rule("cas_enabled", C, "When off, gets and cas fail.", BOOL),
    Rule(
        "binding_protocol",
        C,
        "Clients of the other protocol fail.",
        ValueType.ENUM,
        explained_by="auth_enabled_ascii",
        derived=True,
    ),
    Rule("auth_enabled_sasl", C, "One side refuses clients that do not log in.", BOOL),
    Rule("auth_enabled_ascii", C, "One side refuses clients that do not log in; the other stores the login."),
    Rule("ssl_enabled", C, "One side refuses clients without TLS, the other those with it.", BOOL),
    Rule("maxconns", W, "Clients wait or are refused earlier under load.", NUMBER),
    Rule("flush_enabled", W, "When off, clearing the cache fails.", BOOL),
    Rule("dump_enabled", I, "When off, tools that list keys fail.", BOOL),
    Rule("idle_timeout", W, "Pooled connections are dropped while idle.", DURATION, "s", {"0": "off"}),
    Rule("udpport", W, "An open UDP port allows amplification attacks on other hosts."),
    Rule("inter", W, "On all interfaces, everyone who reaches the host can read and clear the cache."),
    Rule(
        "memory_file",
        W,
        "With a file in memory the cache survives a restart of the server; without one it is empty.",
        BOOL,
    ),
    Rule(
        "extstore_limit_maxbytes",
        W,
        "A second cache on disk holds far more items, or is missing.",
        SIZE,
        "B",
        explained_by="",
    ),
    Rule("maxbytes", I, "The hit rate depends on the size.", SIZE, "B", {"0": "no limit"}, capacity=True),
    Rule("modern", I, "-o no_modern: older hashing, eviction and memory management; the hit rate changes.", BOOL),
    _modern("maxconns_fast", "Clients beyond the limit are refused at once, or wait for a free connection.", BOOL),
    _modern("slab_chunk_max", "Larger items are stored in chunks.", SIZE, "B"),
    _modern("lru_segmented", _LRU, BOOL),
    _modern("lru_crawler", "Expired items are collected in the background, or only when touched.", BOOL),
    _modern("lru_maintainer_thread", _LRU, BOOL),
    _modern("slab_reassign", _MEMORY, BOOL),
    _modern("slab_automove", _MEMORY, NUMBER),
    _modern("hash_algorithm", "Only the speed of lookups changes.", ValueType.ENUM),
    Rule("num_threads", I, "More threads handle more requests; sized to the host.", NUMBER, capacity=True),
    Rule("num_threads_per_udp", I, "Follows the number of threads.", NUMBER, derived=True, explained_by="num_threads"),
    Rule("pointer_size", I, "A 32-bit server cannot hold more than 4 GB.", NUMBER),
    Rule("libevent", I, "The network library has a different version; Memcached itself is the same."),
    Rule("growth_factor", I, "Items waste more or less memory; the hit rate changes.", NUMBER),
    Rule("hot_lru_pct", I, _LRU, NUMBER),
    Rule("warm_lru_pct", I, _LRU, NUMBER),
    Rule("hot_max_factor", I, _LRU, NUMBER),
    Rule("warm_max_factor", I, _LRU, NUMBER),
    Rule("temp_lru", I, "Short-lived items are kept apart and never evicted, or are not.", BOOL),
    Rule("temporary_ttl", I, "Items that live shorter than this are kept apart.", DURATION, "s"),
    Rule("slab_automove_*", I, _MEMORY, NUMBER),
    Rule(
        "tail_repair_time", I, "Items that got stuck are freed after this time, or stay.", DURATION, "s", {"0": "off"}
    ),
    Rule("lru_crawler_sleep", I, "Expired items are collected faster or slower.", DURATION, "us"),
    Rule("lru_crawler_tocrawl", I, "Expired items are collected in larger or smaller steps.", NUMBER, "", {"0": "all"}),
    Rule("hashpower_init", I, "The table of keys starts larger, which avoids growing it later.", NUMBER),
    Rule("reqs_per_event", I, "A busy client yields to others after this many requests.", NUMBER),
    Rule("tcp_backlog", I, "Bursts of new connections are refused when it is too small.", NUMBER),
    Rule("verbosity", I, "Changes what gets logged.", NUMBER),
    Rule("detail_enabled", I, "Statistics per key prefix are collected, at some cost.", BOOL),
    Rule("stat_key_prefix", I, "Statistics use a different key separator."),
    Rule("track_sizes", I, "A size histogram is kept, at some memory per item.", BOOL),
    Rule("inline_ascii_response", I, "Items keep their text header, or save its memory.", BOOL),
    Rule("client_flags_size", W, "Clients that store larger flags lose a part of them.", NUMBER),
    Rule("read_buf_mem_limit", I, "Requests wait when their buffers exceed it.", SIZE, "B", {"0": "no limit"}),
    Rule("resp_obj_mem_limit", I, "Requests wait when their answers exceed it.", SIZE, "B", {"0": "no limit"}),
    Rule("watcher_logbuf_size", I, _LOGS, SIZE, "B"),
    Rule("worker_logbuf_size", I, _LOGS, SIZE, "B"),
    Rule("chunk_size", I, "Small items waste more or less memory.", SIZE, "B"),
    Rule("proxy_enabled", W, "The server forwards requests to others, or stores by itself.", BOOL),
    Rule("proxy_uring_enabled", I, "The proxy uses a different kernel interface.", BOOL),
    Rule("ssl_wbuf_size", I, "Larger records of TLS use more memory for each connection.", SIZE, "B"),
    Rule("ssl_min_version", W, _HANDSHAKE, ValueType.ENUM, explained_by="ssl_enabled"),
    Rule("ssl_verify_mode", W, "Clients without a certificate are refused.", explained_by="ssl_enabled"),
    Rule("ssl_ciphers", W, "Clients sharing no cipher are refused.", special=NONE, explained_by="ssl_enabled"),
    Rule("ssl_keyformat", N, "The format of a file belongs to the host."),
    Rule("ssl_session_cache", I, "TLS clients resume sessions, or need a full handshake each time.", BOOL),
    Rule("ssl_kernel_tls", I, "The kernel encrypts, or the library; only the speed changes.", BOOL),
    Rule("ext_wbuf_size", I, _STORAGE, SIZE, "B"),
    Rule("ext_item_age", I, _STORAGE, special={"4294967295": "never"}),
    Rule("ext_*", I, _STORAGE),
    Rule("tcpport", N, "The port belongs to the host."),
    Rule("domain_socket", N, _FILES, special=NONE),
    Rule("umask", N, "Permissions of the socket file, which belongs to the host.", ValueType.OCTAL),
    Rule("ssl_chain_cert", N, _FILES, special=NONE),
    Rule("ssl_key", N, _FILES, special=NONE),
    Rule("ssl_ca_cert", N, _FILES, special=NONE),
    Rule("oldest", N, "The time of the last flush."),
    Rule("num_napi_ids", I, "Threads are tied to queues of the network card; only the speed changes.", special=NONE),
    Rule("*_enabled", I, "", BOOL),
    Rule("shutdown_command", W, "When on, any client can end the server.", BOOL),
)

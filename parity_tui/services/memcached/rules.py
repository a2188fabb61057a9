"""Severity, type and reason of every setting."""

from __future__ import annotations

from parity_tui.model import Rule, Severity, ValueType

C, W, I, N = Severity.CRITICAL, Severity.WARNING, Severity.INFO, Severity.IGNORED  # noqa: E741
BOOL, NUMBER, SIZE, DURATION = ValueType.BOOL, ValueType.NUMBER, ValueType.SIZE, ValueType.DURATION

NONE = {"NULL": "none", "(null)": "none"}
"""spellings of "no value" in different versions"""

_FILES = "The path of a file belongs to the host."
_STORAGE = "Only where a second cache on disk is configured."

RULES = (
    Rule("version", W, "Old ones lack commands: meta commands, gat, touch."),
    Rule("item_size_max", C, "What is larger is not cached, often without a word.", SIZE, "B"),
    Rule("evictions", C, "When off, a full cache refuses to store.", BOOL),
    Rule("cas_enabled", C, "When off, gets and cas fail.", BOOL),
    Rule("binding_protocol", C, "Clients of the other protocol cannot talk.", ValueType.ENUM),
    Rule("auth_enabled_sasl", C, "One side refuses clients that do not log in.", BOOL),
    Rule("auth_enabled_ascii", C, "One side refuses clients that do not log in; the other stores the login."),
    Rule("ssl_enabled", C, "One side refuses clients without TLS, the other those with it.", BOOL),
    Rule("maxconns", W, "Clients wait or are refused earlier under load.", NUMBER),
    Rule("flush_enabled", W, "When off, clearing the cache fails.", BOOL),
    Rule("idle_timeout", W, "Pooled connections are dropped while idle.", DURATION, "s", {"0": "off"}),
    Rule("udpport", W, "An open UDP port lets strangers use the server to flood others."),
    Rule("maxbytes", I, "The hit rate follows the size.", SIZE, "B", {"0": "no limit"}, capacity=True),
    Rule("maxconns_fast", I, "Clients too many are refused at once, or hang until one leaves.", BOOL),
    Rule("slab_chunk_max", I, "Items above it are kept in pieces.", SIZE, "B"),
    Rule("lru_segmented", I, "Another choice of what is dropped first.", BOOL),
    Rule("num_threads", I, "Sized to the host.", NUMBER, capacity=True),
    Rule("num_threads_per_udp", I, "Follows the threads.", NUMBER, derived=True, explained_by="num_threads"),
    Rule("pointer_size", I, "A 32-bit server cannot hold more than 4 GB.", NUMBER),
    Rule("libevent", I, "The library underneath, not Memcached itself."),
    Rule("temporary_ttl", I, "What lives shorter than this is kept apart.", DURATION, "s"),
    Rule("tail_repair_time", I, "Repairs items that got stuck.", DURATION, "s", {"0": "off"}),
    Rule("lru_crawler_sleep", I, "How fast expired items are collected.", DURATION, "us"),
    Rule("read_buf_mem_limit", I, "Memory for requests in flight.", SIZE, "B", {"0": "no limit"}),
    Rule("watcher_logbuf_size", I, "Room for log lines.", SIZE, "B"),
    Rule("worker_logbuf_size", I, "Room for log lines.", SIZE, "B"),
    Rule("chunk_size", I, "The least that an item takes.", SIZE, "B"),
    Rule("ssl_wbuf_size", I, "Room for TLS records.", SIZE, "B"),
    Rule("ssl_min_version", W, "Old clients are refused.", ValueType.ENUM, explained_by="ssl_enabled"),
    Rule("ssl_verify_mode", W, "Clients without a certificate are refused.", explained_by="ssl_enabled"),
    Rule("ssl_ciphers", W, "Old clients are refused.", special=NONE, explained_by="ssl_enabled"),
    Rule("ext_wbuf_size", I, _STORAGE, SIZE, "B"),
    Rule("ext_item_age", I, _STORAGE, special={"4294967295": "never"}),
    Rule("ext_*", I, _STORAGE),
    Rule("tcpport", N, "The port belongs to the host."),
    Rule("inter", N, "The address listened on belongs to the host."),
    Rule("domain_socket", N, _FILES, special=NONE),
    Rule("umask", N, "Of the socket's file, which belongs to the host.", ValueType.OCTAL),
    Rule("memory_file", N, _FILES, special=NONE),
    Rule("ssl_chain_cert", N, _FILES, special=NONE),
    Rule("ssl_key", N, _FILES, special=NONE),
    Rule("ssl_ca_cert", N, _FILES, special=NONE),
    Rule("oldest", N, "Says when the cache was last flushed."),
    Rule("num_napi_ids", I, "Threads tied to network queues.", special=NONE),
    Rule("*_enabled", I, "", BOOL),
    Rule("shutdown_command", W, "When on, any client can end the server.", BOOL),
)

"""Severity, type and reason of every setting, and the settings that need more rights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from msgspec.structs import replace

from parity_tui.model import HiddenGroup, Rule, Severity, ValueType

C, W, I, N = Severity.CRITICAL, Severity.WARNING, Severity.INFO, Severity.IGNORED  # noqa: E741
NUMBER, SIZE, DURATION, SECRET = ValueType.NUMBER, ValueType.SIZE, ValueType.DURATION, ValueType.SECRET

OFF: Final[Mapping[str, str]] = {"0": "off"}
NO_LIMIT: Final[Mapping[str, str]] = {"0": "no limit"}
PER_NODE = {"-1": "4 kB", "-2": "8 kB", "-3": "16 kB", "-4": "32 kB", "-5": "64 kB"}

_HOST = "Belongs to the host."
_ANNOUNCED = "The address that this server gives of itself."
_OWN = "Each environment has its own."
_STALLS = "Deleting in the foreground stalls everybody for a moment; Valkey does it behind by default, Redis does not."
_ENCODING = "Memory, and what OBJECT ENCODING says; the data are the same."
_MODULE = "Built in from this version on."

PRODUCT = (
    Rule("product", C, "They differ in commands, licence and details of the same commands."),
    Rule("version", C, "Commands and options that only one of them knows."),
    Rule("redis compatibility", I, "The Redis that it claims to be like: clients choose commands by it."),
    Rule(
        "mode",
        C,
        "A cluster speaks to clients differently, and a sentinel holds no data.",
        explained_by="cluster-enabled",
        derived=True,
    ),
    Rule("module.lua", C, "Without it EVAL is unknown. " + _MODULE),
    Rule("module.vectorset", C, "Without it vector sets are unknown. " + _MODULE),
    Rule("module.*", C, "Its commands (JSON, search, filters …) are unknown elsewhere.", explained_by=""),
    Rule("arch_bits", W, "32 bits end at 3 GB.", NUMBER),
    Rule("mem_allocator", I, "Fragmentation, and whether it can be mended while running."),
    Rule("multiplexing_api", I, "How the system tells of readable connections."),
    Rule("os", I, "The system and its kernel."),
    Rule("role", N, "A replica beside a primary is a role, not drift.", notify=True),
    Rule("password required", I, "One of them serves whoever reaches it; a client's login fails there or here."),
)

DATA_AND_LIMITS = (
    Rule("maxmemory-policy", C, "Sessions, queues and locks vanish silently, or writes fail, when memory is full."),
    Rule("maxmemory", W, "With less of it writes fail, or keys go, earlier.", SIZE, "B", NO_LIMIT, capacity=True),
    Rule("maxmemory-clients", W, "Clients are dropped when their buffers together take more.", SIZE, "B", OFF),
    Rule("appendonly", C, "Without it a restart loses what came after the last snapshot."),
    Rule("appendfsync", W, "Up to a second, or half a minute, of writes is lost in a crash."),
    Rule("save", W, "No snapshots on one side, or rarer ones."),
    Rule("stop-writes-on-bgsave-error", W, "A full disk turns into MISCONF errors on every write, or goes unseen."),
    Rule("no-appendfsync-on-rewrite", W, "While the log is rewritten, a crash loses more."),
    Rule("aof-load-truncated", W, "After a crash it starts with what it can read, or not at all."),
    Rule("databases", C, "SELECT of a higher number fails: DB index is out of range."),
    Rule("cluster-databases", C, "SELECT of a higher number fails in a cluster.", NUMBER),
    Rule("cluster-enabled", C, "Commands on several keys fail with CROSSSLOT, and there is database 0 only."),
    Rule("cluster-require-full-coverage", W, "One lost part stops the whole cluster, or only itself."),
    Rule("cluster-allow-reads-when-down", W, "Reads fail, or may be old, while the cluster is down."),
    Rule("cluster-node-timeout", W, "How long until a lost node is given up.", DURATION, "ms"),
    Rule("notify-keyspace-events", C, "Who listens for expired or changed keys hears nothing."),
    Rule("proto-max-bulk-len", W, "Larger values are refused.", SIZE, "B"),
    Rule("client-query-buffer-limit", W, "A client with a large pipeline is cut off.", SIZE, "B"),
    Rule("client-output-buffer-limit", W, "Subscribers and replicas that read slowly are cut off."),
    Rule("timeout", W, "Pooled connections are closed while idle.", DURATION, "s", OFF),
    Rule("tcp-keepalive", I, "How long a peer behind NAT can be dead unseen.", DURATION, "s", OFF),
    Rule("maxclients", W, "Connections above it are refused.", NUMBER),
    Rule("busy-reply-threshold", W, "A long script makes everybody else fail with BUSY.", DURATION, "ms", NO_LIMIT),
    Rule("locale-collate", W, "SORT ALPHA gives another order."),
    Rule("import-mode", W, "While it is on nothing expires."),
    Rule("lua-replicate-commands", W, "Scripts that write after asking for time or chance fail."),
)  # fmt: skip

REPLICATION = (
    Rule("replica-read-only", W, "Writes to a replica succeed, and are lost, or fail."),
    Rule("replica-serve-stale-data", W, "A replica cut off answers with old data, or with MASTERDOWN."),
    Rule("min-replicas-to-write", C, "Without enough replicas writes fail with NOREPLICAS.", NUMBER, "", OFF),
    Rule("min-replicas-max-lag", W, "How old a replica may be to be counted.", DURATION, "s", OFF),
    Rule("replica-priority", W, "Which replica is promoted.", NUMBER, "", {"0": "never promoted"}),
    Rule("replica-ignore-maxmemory", W, "A replica evicts by itself, or holds what its primary holds."),
    Rule("replica-lazy-flush", I, _STALLS),
    Rule("repl-timeout", W, "A slow first copy breaks off and begins again.", DURATION, "s"),
    Rule("repl-ping-replica-period", I, "How often a primary shows that it is there.", DURATION, "s"),
    Rule("repl-backlog-size", I, "A replica that was away longer needs a full copy.", SIZE, "B"),
    Rule("repl-backlog-ttl", I, "How long that is kept without replicas.", DURATION, "s", {"0": "for ever"}),
    Rule("repl-diskless-sync-delay", I, "Waits for more replicas before a copy.", DURATION, "s"),
    Rule("cluster-replica-no-failover", W, "A replica may not take over."),
    Rule("cluster-replica-validity-factor", I, "How old a replica may be to take over.", NUMBER),
)  # fmt: skip

ACCESS = (
    Rule("protected-mode", C, "Clients on other hosts are refused, or everybody is let in."),
    Rule("tls-auth-clients", C, "Clients without a certificate are refused."),
    Rule("tls-auth-clients-user", W, "Certificates log in, or do not."),
    Rule("tls-protocols", W, "Old clients are refused.", ValueType.SET),
    Rule("acl-pubsub-default", W, "New users may use no channel, or all."),
    Rule("enable-debug-command", W, "DEBUG is refused, which tests use, or open to all."),
    Rule("enable-module-command", W, "Modules can be loaded by clients, or not."),
    Rule("enable-protected-configs", W, "Clients can change where files are written, or not."),
    Rule("rename-command", W, "CONFIG, KEYS or FLUSHALL are missing."),
    Rule("requirepass", N, _OWN, SECRET),
    Rule("primaryauth", N, _OWN, SECRET),
    Rule("primaryuser", N, _OWN, SECRET),
    Rule("tls-key-file-pass", N, _OWN, SECRET),
    Rule("tls-client-key-file-pass", N, _OWN, SECRET),
    Rule("hash-seed", N, _OWN, SECRET),
)  # fmt: skip

RUNTIME = (
    Rule("lazyfree-lazy-*", I, _STALLS),
    Rule("hz", I, "How soon expired keys go and timeouts are noticed.", NUMBER),
    Rule("io-threads", I, "Threads for the network.", NUMBER, capacity=True),
    Rule("server-threads", I, "Threads.", NUMBER, capacity=True),
    Rule("slowlog-log-slower-than", I, "What counts as slow.", DURATION, "us", {"-1": "off", "0": "everything"}),
    Rule("slowlog-max-len", I, "How many slow commands are kept.", NUMBER, "", OFF),
    Rule("commandlog-re*-larger-than", I, "What counts as large.", SIZE, "B", {"-1": "off"}),
    Rule("latency-monitor-threshold", I, "What counts as slow.", DURATION, "ms", OFF),
    Rule("latency-tracking-info-percentiles", I, "Which of them INFO shows.", ValueType.SET),
    Rule("hash-max-listpack-entries", I, _ENCODING, NUMBER),
    Rule("hash-max-listpack-value", I, _ENCODING, SIZE, "B"),
    Rule("zset-max-listpack-entries", I, _ENCODING, NUMBER),
    Rule("zset-max-listpack-value", I, _ENCODING, SIZE, "B"),
    Rule("list-max-listpack-size", I, _ENCODING, NUMBER, "", PER_NODE),
    Rule("*-max-listpack-*", I, _ENCODING, NUMBER),
    Rule("hll-sparse-max-bytes", I, _ENCODING, SIZE, "B"),
    Rule("stream-node-max-bytes", I, _ENCODING, SIZE, "B", NO_LIMIT),
    Rule("stream-node-max-entries", I, _ENCODING, NUMBER, "", NO_LIMIT),
    Rule("auto-aof-rewrite-min-size", I, "When the log is rewritten.", SIZE, "B"),
    Rule("auto-aof-rewrite-percentage", I, "When the log is rewritten.", NUMBER, "", OFF),
    Rule("active-defrag-ignore-bytes", I, "When memory is put in order.", SIZE, "B"),
    Rule("cluster-link-sendbuf-limit", I, "When a link between nodes is cut.", SIZE, "B", NO_LIMIT),
    Rule("cluster-manual-failover-timeout", I, "", DURATION, "ms"),
    Rule("replica-full-sync-buffer-limit", I, "", SIZE, "B", NO_LIMIT),
    Rule("tracking-table-max-keys", I, "Above it clients forget what they have cached.", NUMBER, "", NO_LIMIT),
    Rule("shutdown-timeout", I, "How long a shutdown waits for replicas.", DURATION, "s"),
    Rule("shutdown-on-sig*", I, "Whether a signal saves first.", ValueType.SET),
    Rule("lfu-decay-time", I, "How soon a key counts as little used.", DURATION, "min", {"0": "never"}),
    Rule("watchdog-period", I, "", DURATION, "ms", OFF),
    Rule("rdb-key-save-delay", W, "Made for tests: saving is slow.", DURATION, "us", OFF),
    Rule("key-load-delay", W, "Made for tests: loading is slow.", DURATION, "us", OFF),
    Rule("tls-session-cache-timeout", I, "", DURATION, "s"),
    Rule("oom-score-adj-values", I, "What the system kills first when memory runs out.", ValueType.LIST),
)  # fmt: skip

HOST_SPECIFIC = (
    Rule("unixsocketperm", N, _HOST, ValueType.OCTAL, "", {"0": "by umask"}),
    *(
        Rule(name, N, _HOST)
        for name in (
            "dir", "port", "tls-port", "bind", "bind-source-addr", "unixsocket", "unixsocketgroup", "pidfile",
            "logfile", "dbfilename", "appendfilename", "appenddirname", "aclfile", "cluster-config-file",
            "cluster-port", "availability-zone", "proc-title-template", "syslog-ident", "tls-*-file", "tls-ca-cert-dir",
            "*cpulist", "rdma-bind", "rdma-port", "socket-mark-id",
        )
    ),
    Rule("replicaof", N, "Which server it copies is a matter of addresses."),
    Rule("replica-announce-ip", N, _ANNOUNCED),
    Rule("replica-announce-port", N, _ANNOUNCED),
    Rule("replica-announce-*", N, _ANNOUNCED),
    Rule("cluster-announce-*", N, _ANNOUNCED),
)  # fmt: skip

ALIASES: Final[Mapping[str, tuple[str, ...]]] = {
    "busy-reply-threshold": ("lua-time-limit",),
    "replica-read-only": ("slave-read-only",),
    "replica-serve-stale-data": ("slave-serve-stale-data",),
    "min-replicas-to-write": ("min-slaves-to-write",),
    "min-replicas-max-lag": ("min-slaves-max-lag",),
    "replica-priority": ("slave-priority",),
    "replica-ignore-maxmemory": ("slave-ignore-maxmemory",),
    "replica-lazy-flush": ("slave-lazy-flush",),
    "repl-ping-replica-period": ("repl-ping-slave-period",),
    "cluster-replica-no-failover": ("cluster-slave-no-failover",),
    "cluster-replica-validity-factor": ("cluster-slave-validity-factor",),
    "rename-command": (
        "rename_command",
        "forbidden_commands",
    ),
    "primaryauth": ("masterauth",),
    "primaryuser": ("masteruser",),
    "slowlog-log-slower-than": ("commandlog-execution-slower-than",),
    "slowlog-max-len": ("commandlog-slow-execution-max-len",),
    "hash-max-listpack-entries": ("hash-max-ziplist-entries",),
    "hash-max-listpack-value": ("hash-max-ziplist-value",),
    "zset-max-listpack-entries": ("zset-max-ziplist-entries",),
    "zset-max-listpack-value": ("zset-max-ziplist-value",),
    "list-max-listpack-size": ("list-max-ziplist-size",),
    "replicaof": ("slaveof",),
    "replica-announce-ip": ("slave-announce-ip",),
    "replica-announce-port": ("slave-announce-port",),
}
"""setting -> its names in old versions and in forks"""

RULES = tuple(
    replace(rule, aliases=ALIASES.get(rule.name, ()))
    for rule in PRODUCT + DATA_AND_LIMITS + REPLICATION + ACCESS + RUNTIME + HOST_SPECIFIC
)

CONFIG_DENIED = HiddenGroup(
    "*", "the user {user} may not ask: ACL SETUSER {user} +config|get", "ACL SETUSER {user} +config|get"
)
ACL_UNREAD = HiddenGroup("password required", "users are kept by ACL, which is not read: compare `ACL GETUSER default`")
HIDDEN = (CONFIG_DENIED, ACL_UNREAD)

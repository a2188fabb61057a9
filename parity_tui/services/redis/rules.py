"""What the settings of Redis and its kin mean to a comparison."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from msgspec.structs import replace

from parity_tui.model import Setting, Severity, ValueType

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

WHAT_IT_IS = (
    Setting("product", C, "They differ in commands, licence and details of the same commands."),
    Setting("version", C, "Commands and options that only one of them knows."),
    Setting("redis compatibility", I, "The Redis that it claims to be like: clients choose commands by it."),
    Setting(
        "mode",
        C,
        "A cluster speaks to clients differently, and a sentinel holds no data.",
        under="cluster-enabled",
        derived=True,
    ),
    Setting("module.lua", C, "Without it EVAL is unknown. " + _MODULE),
    Setting("module.vectorset", C, "Without it vector sets are unknown. " + _MODULE),
    Setting("module.*", C, "Its commands (JSON, search, filters …) are unknown elsewhere.", under=""),
    Setting("arch_bits", W, "32 bits end at 3 GB.", NUMBER),
    Setting("mem_allocator", I, "Fragmentation, and whether it can be mended while running."),
    Setting("multiplexing_api", I, "How the system tells of readable connections."),
    Setting("os", I, "The system and its kernel."),
    Setting("role", N, "A replica beside a primary is a role, not drift.", news=True),
    Setting("password required", I, "One of them serves whoever reaches it; a client's login fails there or here."),
)

DATA_AND_LIMITS = (
    Setting("maxmemory-policy", C, "Sessions, queues and locks vanish silently, or writes fail, when memory is full."),
    Setting("maxmemory", W, "With less of it writes fail, or keys go, earlier.", SIZE, "B", NO_LIMIT, capacity=True),
    Setting("maxmemory-clients", W, "Clients are dropped when their buffers together take more.", SIZE, "B", OFF),
    Setting("appendonly", C, "Without it a restart loses what came after the last snapshot."),
    Setting("appendfsync", W, "Up to a second, or half a minute, of writes is lost in a crash."),
    Setting("save", W, "No snapshots on one side, or rarer ones."),
    Setting("stop-writes-on-bgsave-error", W, "A full disk turns into MISCONF errors on every write, or goes unseen."),
    Setting("no-appendfsync-on-rewrite", W, "While the log is rewritten, a crash loses more."),
    Setting("aof-load-truncated", W, "After a crash it starts with what it can read, or not at all."),
    Setting("databases", C, "SELECT of a higher number fails: DB index is out of range."),
    Setting("cluster-databases", C, "SELECT of a higher number fails in a cluster.", NUMBER),
    Setting("cluster-enabled", C, "Commands on several keys fail with CROSSSLOT, and there is database 0 only."),
    Setting("cluster-require-full-coverage", W, "One lost part stops the whole cluster, or only itself."),
    Setting("cluster-allow-reads-when-down", W, "Reads fail, or may be old, while the cluster is down."),
    Setting("cluster-node-timeout", W, "How long until a lost node is given up.", DURATION, "ms"),
    Setting("notify-keyspace-events", C, "Who listens for expired or changed keys hears nothing."),
    Setting("proto-max-bulk-len", W, "Larger values are refused.", SIZE, "B"),
    Setting("client-query-buffer-limit", W, "A client with a large pipeline is cut off.", SIZE, "B"),
    Setting("client-output-buffer-limit", W, "Subscribers and replicas that read slowly are cut off."),
    Setting("timeout", W, "Pooled connections are closed while idle.", DURATION, "s", OFF),
    Setting("tcp-keepalive", I, "How long a peer behind NAT can be dead unseen.", DURATION, "s", OFF),
    Setting("maxclients", W, "Connections above it are refused.", NUMBER),
    Setting("busy-reply-threshold", W, "A long script makes everybody else fail with BUSY.", DURATION, "ms", NO_LIMIT),
    Setting("locale-collate", W, "SORT ALPHA gives another order."),
    Setting("import-mode", W, "While it is on nothing expires."),
    Setting("lua-replicate-commands", W, "Scripts that write after asking for time or chance fail."),
)  # fmt: skip

REPLICATION = (
    Setting("replica-read-only", W, "Writes to a replica succeed, and are lost, or fail."),
    Setting("replica-serve-stale-data", W, "A replica cut off answers with old data, or with MASTERDOWN."),
    Setting("min-replicas-to-write", C, "Without enough replicas writes fail with NOREPLICAS.", NUMBER, "", OFF),
    Setting("min-replicas-max-lag", W, "How old a replica may be to be counted.", DURATION, "s", OFF),
    Setting("replica-priority", W, "Which replica is promoted.", NUMBER, "", {"0": "never promoted"}),
    Setting("replica-ignore-maxmemory", W, "A replica evicts by itself, or holds what its primary holds."),
    Setting("replica-lazy-flush", I, _STALLS),
    Setting("repl-timeout", W, "A slow first copy breaks off and begins again.", DURATION, "s"),
    Setting("repl-ping-replica-period", I, "How often a primary shows that it is there.", DURATION, "s"),
    Setting("repl-backlog-size", I, "A replica that was away longer needs a full copy.", SIZE, "B"),
    Setting("repl-backlog-ttl", I, "How long that is kept without replicas.", DURATION, "s", {"0": "for ever"}),
    Setting("repl-diskless-sync-delay", I, "Waits for more replicas before a copy.", DURATION, "s"),
    Setting("cluster-replica-no-failover", W, "A replica may not take over."),
    Setting("cluster-replica-validity-factor", I, "How old a replica may be to take over.", NUMBER),
)  # fmt: skip

ACCESS = (
    Setting("protected-mode", C, "Clients on other hosts are refused, or everybody is let in."),
    Setting("tls-auth-clients", C, "Clients without a certificate are refused."),
    Setting("tls-auth-clients-user", W, "Certificates log in, or do not."),
    Setting("tls-protocols", W, "Old clients are refused.", ValueType.SET),
    Setting("acl-pubsub-default", W, "New users may use no channel, or all."),
    Setting("enable-debug-command", W, "DEBUG is refused, which tests use, or open to all."),
    Setting("enable-module-command", W, "Modules can be loaded by clients, or not."),
    Setting("enable-protected-configs", W, "Clients can change where files are written, or not."),
    Setting("rename-command", W, "CONFIG, KEYS or FLUSHALL are missing."),
    Setting("requirepass", N, _OWN, SECRET),
    Setting("primaryauth", N, _OWN, SECRET),
    Setting("primaryuser", N, _OWN, SECRET),
    Setting("tls-key-file-pass", N, _OWN, SECRET),
    Setting("tls-client-key-file-pass", N, _OWN, SECRET),
    Setting("hash-seed", N, _OWN, SECRET),
)  # fmt: skip

RUNNING = (
    Setting("lazyfree-lazy-*", I, _STALLS),
    Setting("hz", I, "How soon expired keys go and timeouts are noticed.", NUMBER),
    Setting("io-threads", I, "Threads for the network.", NUMBER, capacity=True),
    Setting("server-threads", I, "Threads.", NUMBER, capacity=True),
    Setting("slowlog-log-slower-than", I, "What counts as slow.", DURATION, "us", {"-1": "off", "0": "everything"}),
    Setting("slowlog-max-len", I, "How many slow commands are kept.", NUMBER, "", OFF),
    Setting("commandlog-re*-larger-than", I, "What counts as large.", SIZE, "B", {"-1": "off"}),
    Setting("latency-monitor-threshold", I, "What counts as slow.", DURATION, "ms", OFF),
    Setting("latency-tracking-info-percentiles", I, "Which of them INFO shows.", ValueType.SET),
    Setting("hash-max-listpack-entries", I, _ENCODING, NUMBER),
    Setting("hash-max-listpack-value", I, _ENCODING, SIZE, "B"),
    Setting("zset-max-listpack-entries", I, _ENCODING, NUMBER),
    Setting("zset-max-listpack-value", I, _ENCODING, SIZE, "B"),
    Setting("list-max-listpack-size", I, _ENCODING, NUMBER, "", PER_NODE),
    Setting("*-max-listpack-*", I, _ENCODING, NUMBER),
    Setting("hll-sparse-max-bytes", I, _ENCODING, SIZE, "B"),
    Setting("stream-node-max-bytes", I, _ENCODING, SIZE, "B", NO_LIMIT),
    Setting("stream-node-max-entries", I, _ENCODING, NUMBER, "", NO_LIMIT),
    Setting("auto-aof-rewrite-min-size", I, "When the log is rewritten.", SIZE, "B"),
    Setting("auto-aof-rewrite-percentage", I, "When the log is rewritten.", NUMBER, "", OFF),
    Setting("active-defrag-ignore-bytes", I, "When memory is put in order.", SIZE, "B"),
    Setting("cluster-link-sendbuf-limit", I, "When a link between nodes is cut.", SIZE, "B", NO_LIMIT),
    Setting("cluster-manual-failover-timeout", I, "", DURATION, "ms"),
    Setting("replica-full-sync-buffer-limit", I, "", SIZE, "B", NO_LIMIT),
    Setting("tracking-table-max-keys", I, "Above it clients forget what they have cached.", NUMBER, "", NO_LIMIT),
    Setting("shutdown-timeout", I, "How long a shutdown waits for replicas.", DURATION, "s"),
    Setting("shutdown-on-sig*", I, "Whether a signal saves first.", ValueType.SET),
    Setting("lfu-decay-time", I, "How soon a key counts as little used.", DURATION, "min", {"0": "never"}),
    Setting("watchdog-period", I, "", DURATION, "ms", OFF),
    Setting("rdb-key-save-delay", W, "Made for tests: saving is slow.", DURATION, "us", OFF),
    Setting("key-load-delay", W, "Made for tests: loading is slow.", DURATION, "us", OFF),
    Setting("tls-session-cache-timeout", I, "", DURATION, "s"),
    Setting("oom-score-adj-values", I, "What the system kills first when memory runs out.", ValueType.LIST),
)  # fmt: skip

IDENTITY = (
    Setting("unixsocketperm", N, _HOST, ValueType.OCTAL, "", {"0": "by umask"}),
    *(
        Setting(name, N, _HOST)
        for name in (
            "dir", "port", "tls-port", "bind", "bind-source-addr", "unixsocket", "unixsocketgroup", "pidfile",
            "logfile", "dbfilename", "appendfilename", "appenddirname", "aclfile", "cluster-config-file",
            "cluster-port", "availability-zone", "proc-title-template", "syslog-ident", "tls-*-file", "tls-ca-cert-dir",
            "*cpulist", "rdma-bind", "rdma-port", "socket-mark-id",
        )
    ),
    Setting("replicaof", N, "Which server it copies is a matter of addresses."),
    Setting("replica-announce-ip", N, _ANNOUNCED),
    Setting("replica-announce-port", N, _ANNOUNCED),
    Setting("replica-announce-*", N, _ANNOUNCED),
    Setting("cluster-announce-*", N, _ANNOUNCED),
)  # fmt: skip

OTHER_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
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
"""other names of a setting, in old versions and in forks"""

ROWS = WHAT_IT_IS + DATA_AND_LIMITS + REPLICATION + ACCESS + RUNNING + IDENTITY
SETTINGS = tuple(replace(row, aliases=OTHER_NAMES.get(row.name, ())) for row in ROWS)

"""Severity, type and reason of every setting, and the settings that need more rights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from msgspec.structs import replace

from parity_tui.model import HiddenGroup, Rule, Severity, ValueType
from parity_tui.services._listening import WHY

C, W, I, N = Severity.CRITICAL, Severity.WARNING, Severity.INFO, Severity.IGNORED  # noqa: E741
BOOL, NUMBER, SIZE, DURATION = ValueType.BOOL, ValueType.NUMBER, ValueType.SIZE, ValueType.DURATION
ENUM, SET, SECRET = ValueType.ENUM, ValueType.SET, ValueType.SECRET

OFF: Final[Mapping[str, str]] = {"0": "off"}
NO_LIMIT: Final[Mapping[str, str]] = {"0": "no limit"}
PER_NODE = {"-1": "4 kB", "-2": "8 kB", "-3": "16 kB", "-4": "32 kB", "-5": "64 kB"}

_HOST = "Belongs to the host."
_ANNOUNCED = "The address that this server announces to others."
_OWN = "Each environment has its own."
_STALLS = (
    "Freeing large keys in the foreground blocks all clients for a moment; Valkey frees in the background by default."
)
_ENCODING = "Changes memory use and OBJECT ENCODING; the data are the same."
_MODULE = "Built in from this version on."

PRODUCT = (
    Rule("product", C, "Different product in the same role: commands and their details differ."),
    Rule("version", C, "Some commands and options exist in only one version."),
    Rule("redis compatibility", I, "Clients choose commands by the version of Redis that the server claims to match."),
    Rule(
        "mode",
        C,
        "A cluster redirects clients, and a sentinel holds no data.",
        explained_by="cluster-enabled",
        derived=True,
    ),
    Rule("module.lua", C, "Without it EVAL is unknown. " + _MODULE, safer="complete"),
    Rule("module.vectorset", C, "Without it vector sets are unknown. " + _MODULE, safer="complete"),
    Rule(
        "module.*",
        C,
        "Its commands (JSON, search, filters …) are unknown where it is not loaded.",
        explained_by="",
        safer="complete",
    ),
    Rule("arch_bits", W, "A 32-bit server is limited to 3 GB.", NUMBER),
    Rule("mem_allocator", I, "Fragmentation differs; active defragmentation needs jemalloc."),
    Rule("multiplexing_api", I, "The event mechanism differs; only performance is affected."),
    Rule("os", I, "The operating system or kernel differs."),
    Rule("role", N, "A replica beside a primary is a role, not drift.", notify=True),
    Rule("password required", I, "One side serves every client that reaches it; logins fail on one of them."),
)

DATA_AND_LIMITS = (
    Rule("maxmemory-policy", C, "Sessions, queues and locks vanish silently, or writes fail, when memory is full."),
    Rule(
        "maxmemory",
        W,
        "With less memory writes fail, or keys are evicted, earlier.",
        SIZE,
        "B",
        NO_LIMIT,
        capacity=True,
    ),
    Rule("maxmemory-clients", W, "Clients are disconnected when their buffers together exceed it.", SIZE, "B", OFF),
    Rule("appendonly", C, "Without it a restart loses all writes since the last snapshot.", safer=("no", "yes")),
    Rule(
        "appendfsync",
        C,
        "A crash loses no writes, or those of the last 1 or 30 seconds.",
        safer=("no", "everysec", "always"),
    ),
    Rule("save", C, "One side takes no snapshots, or fewer: a restart loses more.", safer=("off", "*")),
    Rule(
        "stop-writes-on-bgsave-error",
        W,
        "A failed snapshot makes every write fail with MISCONF, or goes unnoticed.",
        safer=("no", "yes"),
    ),
    Rule(
        "no-appendfsync-on-rewrite",
        W,
        "A crash during a rewrite of the append-only file loses more.",
        safer=("yes", "no"),
    ),
    Rule("aof-load-truncated", W, "After a crash the server starts with a truncated file, or refuses to start."),
    Rule(
        "databases",
        C,
        "SELECT of a higher number fails: DB index is out of range.",
        safer="higher",
        derived=True,
        explained_by="cluster-enabled",
    ),
    Rule("cluster-databases", C, "SELECT of a higher number fails in a cluster.", NUMBER, safer="higher"),
    Rule("cluster-enabled", C, "Multi-key commands fail with CROSSSLOT, and only database 0 exists."),
    Rule("cluster-require-full-coverage", W, "One lost shard stops the whole cluster, or only its own keys."),
    Rule("cluster-allow-reads-when-down", W, "Reads fail, or may be old, while the cluster is down."),
    Rule("cluster-node-timeout", W, "How long a lost node blocks its keys before failover.", DURATION, "ms"),
    Rule("notify-keyspace-events", C, "Subscribers to key-expiry events get nothing."),
    Rule("proto-max-bulk-len", W, "Larger values are refused.", SIZE, "B"),
    Rule("client-query-buffer-limit", W, "Clients with a large pipeline are disconnected.", SIZE, "B"),
    Rule("client-output-buffer-limit", W, "Subscribers and replicas that read slowly are disconnected."),
    Rule("timeout", W, "Pooled connections are closed while idle.", DURATION, "s", OFF),
    Rule("tcp-keepalive", I, "How long a dead peer behind NAT stays unnoticed.", DURATION, "s", OFF),
    Rule("maxclients", W, "Connections above it are refused.", NUMBER),
    Rule("busy-reply-threshold", W, "A long script makes all other clients fail with BUSY.", DURATION, "ms", NO_LIMIT),
    Rule("locale-collate", W, "SORT ALPHA returns a different order."),
    Rule("import-mode", W, "While it is on, no key expires or is evicted."),
    Rule("lua-replicate-commands", W, "Scripts that write after TIME or a random command fail."),
)

REPLICATION = (
    Rule("replica-read-only", W, "Writes to a replica fail, or succeed and are lost."),
    Rule("replica-serve-stale-data", W, "A disconnected replica answers with old data, or fails with MASTERDOWN."),
    Rule("min-replicas-to-write", C, "Without enough replicas writes fail with NOREPLICAS.", NUMBER, "", OFF),
    Rule("min-replicas-max-lag", W, "How far behind a replica may be and still count for writes.", DURATION, "s", OFF),
    Rule(
        "replica-priority",
        W,
        "A different replica is promoted on failover, or none.",
        NUMBER,
        "",
        {"0": "never promoted"},
    ),
    Rule("replica-ignore-maxmemory", W, "A replica evicts keys by itself, or keeps what its primary keeps."),
    Rule("replica-lazy-flush", I, _STALLS),
    Rule("repl-timeout", W, "A slow full synchronization breaks off and starts again.", DURATION, "s"),
    Rule(
        "repl-ping-replica-period",
        I,
        "How often a primary pings its replicas; a lost link is noticed later.",
        DURATION,
        "s",
    ),
    Rule("repl-backlog-size", I, "A replica that was disconnected longer needs a full synchronization.", SIZE, "B"),
    Rule(
        "repl-backlog-ttl",
        I,
        "How long the backlog is kept without replicas; later ones need a full synchronization.",
        DURATION,
        "s",
        {"0": "no limit"},
    ),
    Rule("repl-diskless-sync-delay", I, "How long a synchronization waits for further replicas.", DURATION, "s"),
    Rule("cluster-replica-no-failover", W, "Replicas never take over: a lost primary stays lost."),
    Rule("cluster-replica-validity-factor", I, "How far behind a replica may be and still take over.", NUMBER),
)

ACCESS = (
    Rule("protected-mode", C, "Clients on other hosts are refused, or all are admitted."),
    Rule("bind", I, WHY),
    Rule(
        "TLS",
        W,
        "Clients with TLS, or those without it, are refused on one side.",
        by_value={"required": C},
    ),
    Rule("tls-auth-clients", C, "Clients without a certificate are refused."),
    Rule("tls-auth-clients-user", W, "A client certificate logs in as a user, or does not."),
    Rule("tls-protocols", W, "Older or newer drivers may fail the TLS handshake.", ValueType.SET),
    Rule("acl-pubsub-default", W, "New users may use all channels of publish/subscribe, or none."),
    Rule("enable-debug-command", W, "DEBUG is refused, which tests use, or open to all clients."),
    Rule("enable-module-command", W, "Modules can be loaded by clients, or not."),
    Rule("enable-protected-configs", W, "Clients can change where files are written, or not."),
    Rule("rename-command", W, "CONFIG, KEYS or FLUSHALL are missing."),
    Rule("requirepass", N, _OWN, SECRET),
    Rule("primaryauth", N, _OWN, SECRET),
    Rule("primaryuser", N, _OWN, SECRET),
    Rule("tls-key-file-pass", N, _OWN, SECRET),
    Rule("tls-client-key-file-pass", N, _OWN, SECRET),
    Rule("hash-seed", N, _OWN, SECRET),
)

RUNTIME = (
    Rule("lazyfree-lazy-*", I, _STALLS),
    Rule("hz", I, "How soon expired keys are removed and timeouts noticed.", NUMBER),
    Rule("io-threads", I, "More threads handle more connections; sized to the host.", NUMBER, capacity=True),
    Rule("server-threads", I, "More threads handle more requests; sized to the host.", NUMBER, capacity=True),
    Rule(
        "slowlog-log-slower-than",
        I,
        "Different commands are recorded as slow.",
        DURATION,
        "us",
        {"-1": "off", "0": "everything"},
    ),
    Rule("slowlog-max-len", I, "How many slow commands are kept for diagnosis.", NUMBER, "", OFF),
    Rule(
        "commandlog-re*-larger-than",
        I,
        "Different requests or replies are recorded as large.",
        SIZE,
        "B",
        {"-1": "off"},
    ),
    Rule("latency-monitor-threshold", I, "Different latency spikes are recorded.", DURATION, "ms", OFF),
    Rule(
        "latency-tracking-info-percentiles",
        I,
        "INFO shows other percentiles; dashboards may miss theirs.",
        ValueType.SET,
    ),
    Rule("hash-max-listpack-entries", I, _ENCODING, NUMBER),
    Rule("hash-max-listpack-value", I, _ENCODING, SIZE, "B"),
    Rule("zset-max-listpack-entries", I, _ENCODING, NUMBER),
    Rule("zset-max-listpack-value", I, _ENCODING, SIZE, "B"),
    Rule("list-max-listpack-size", I, _ENCODING, NUMBER, "", PER_NODE),
    Rule("*-max-listpack-*", I, _ENCODING, NUMBER),
    Rule("hll-sparse-max-bytes", I, _ENCODING, SIZE, "B"),
    Rule("stream-node-max-bytes", I, _ENCODING, SIZE, "B", NO_LIMIT),
    Rule("stream-node-max-entries", I, _ENCODING, NUMBER, "", NO_LIMIT),
    Rule("auto-aof-rewrite-min-size", I, "The append-only file is rewritten earlier or grows larger.", SIZE, "B"),
    Rule(
        "auto-aof-rewrite-percentage", I, "The append-only file is rewritten earlier or grows larger.", NUMBER, "", OFF
    ),
    Rule("active-defrag-ignore-bytes", I, "Defragmentation starts at a different amount of wasted memory.", SIZE, "B"),
    Rule(
        "cluster-link-sendbuf-limit",
        I,
        "A slow cluster link is closed at a different buffer size.",
        SIZE,
        "B",
        NO_LIMIT,
    ),
    Rule("cluster-manual-failover-timeout", I, "A manual failover is given up earlier or later.", DURATION, "ms"),
    Rule(
        "replica-full-sync-buffer-limit",
        I,
        "A replica buffers less during a full synchronization, and the primary more.",
        SIZE,
        "B",
        NO_LIMIT,
    ),
    Rule("tracking-table-max-keys", I, "Above it clients must drop cached keys earlier.", NUMBER, "", NO_LIMIT),
    Rule("shutdown-timeout", I, "A shutdown waits longer or shorter for replicas; writes may be lost.", DURATION, "s"),
    Rule("shutdown-on-sig*", I, "A stop by signal saves the data first, or loses them.", ValueType.SET),
    Rule(
        "lfu-decay-time",
        I,
        "Access counters decay earlier or later; LFU evicts different keys.",
        DURATION,
        "min",
        {"0": "never"},
    ),
    Rule("watchdog-period", I, "Logs stack traces of slow commands; meant for debugging.", DURATION, "ms", OFF),
    Rule("rdb-key-save-delay", W, "Slows down saving; meant for tests.", DURATION, "us", OFF),
    Rule("key-load-delay", W, "Slows down loading; meant for tests.", DURATION, "us", OFF),
    Rule("tls-session-cache-timeout", I, "TLS clients need a full handshake earlier.", DURATION, "s"),
    Rule("oom-score-adj-values", I, "The kernel kills other processes first when memory runs out.", ValueType.LIST),
)

_DEFRAG = "Active defragmentation uses more or less CPU to reclaim memory."
_LOGS = "Changes what gets logged, or how; diagnosis differs."
_FSYNC = "Writing in small steps avoids latency spikes when a large file reaches the disk."
_NETWORK = "Only throughput or latency of connections changes."
_MIGRATION = "Migrations of slots between nodes are kept or limited differently."
_TLS_CACHE = "TLS clients resume sessions, or need a full handshake each time."

FURTHER = (
    Rule("maxmemory-samples", I, "Eviction picks less or more exact candidates.", NUMBER),
    Rule(
        "maxmemory-eviction-tenacity",
        I,
        "Eviction takes less or more time from commands under memory pressure.",
        NUMBER,
    ),
    Rule("active-expire-effort", I, "Expired keys are removed earlier or later, at the cost of CPU.", NUMBER),
    Rule("lfu-log-factor", I, "Access counters saturate earlier or later; LFU evicts different keys.", NUMBER),
    Rule("list-compress-depth", I, _ENCODING, NUMBER),
    Rule("set-max-intset-entries", I, _ENCODING, NUMBER),
    Rule("activerehashing", I, "Rehashing in the background frees memory earlier at the cost of CPU.", BOOL),
    Rule("activedefrag", I, _DEFRAG, BOOL),
    Rule("active-defrag-cycle-us", I, _DEFRAG, DURATION, "us"),
    Rule("active-defrag-*", I, _DEFRAG, NUMBER),
    Rule("jemalloc-bg-thread", I, "Freed memory returns to the system earlier or later.", BOOL),
    Rule("disable-thp", I, "Transparent huge pages cause latency spikes and memory growth after a fork.", BOOL),
    Rule("dynamic-hz", I, "Background work adapts to the number of clients, or does not.", BOOL),
    Rule("extended-redis-compatibility", W, "Clients see the name Redis, or Valkey; some check it.", BOOL),
    Rule("sanitize-dump-payload", I, "Corrupt data in RESTORE are detected, or can crash the server.", ENUM),
    Rule("aof-use-rdb-preamble", I, "Restarts load the append-only file faster with it.", BOOL),
    Rule("aof-timestamp-enabled", I, "Restoring to a point in time needs timestamps in the append-only file.", BOOL),
    Rule("aof-disable-auto-gc", I, "Old append-only files are kept and fill the disk, or are deleted.", BOOL),
    Rule("aof-rewrite-incremental-fsync", I, _FSYNC, BOOL),
    Rule("rdb-save-incremental-fsync", I, _FSYNC, BOOL),
    Rule("rdbcompression", I, "Snapshots are larger, or cost more CPU.", BOOL),
    Rule(
        "rdbchecksum", W, "Corrupt snapshots are detected when they load, or go unnoticed.", BOOL, safer=("no", "yes")
    ),
    Rule("rdb-version-check", W, "Snapshots of newer versions are refused, or loaded with a risk.", ENUM),
    Rule("rdb-del-sync-files", I, "Snapshots of a synchronization stay on the disk, or are deleted.", BOOL),
    Rule("propagation-error-behavior", W, "A replica that cannot apply a command panics, or silently differs.", ENUM),
    Rule(
        "replica-ignore-disk-write-errors", W, "A replica with a full disk crashes, or continues without saving.", BOOL
    ),
    Rule("repl-diskless-sync", I, "Full synchronizations use the disk, or the network alone.", BOOL),
    Rule("repl-diskless-load", W, "A replica may drop its data before the new data have arrived.", ENUM),
    Rule(
        "repl-diskless-sync-max-replicas",
        I,
        "A synchronization starts at once for this many replicas.",
        NUMBER,
        "",
        OFF,
    ),
    Rule("repl-disable-tcp-nodelay", I, "Replicas lag up to 40 ms behind in exchange for fewer packets.", BOOL),
    Rule(
        "dual-channel-replication-enabled",
        I,
        "Full synchronizations use a second connection, with less memory at the primary.",
        BOOL,
    ),
    Rule("replica-announced", I, "Sentinel lists the replica, or ignores it.", BOOL),
    Rule("cluster-migration-barrier", I, "Primaries keep more or fewer replicas before one moves to another.", NUMBER),
    Rule("cluster-allow-replica-migration", I, "Replicas move to primaries that have none, or stay.", BOOL),
    Rule(
        "cluster-allow-pubsubshard-when-down",
        I,
        "Sharded channels fail, or still work, while the cluster is down.",
        BOOL,
    ),
    Rule("cluster-preferred-endpoint-type", W, "Clients are redirected to an address, a name or neither.", ENUM),
    Rule("cluster-blacklist-ttl", I, "A forgotten node may join again earlier or later.", DURATION, "s"),
    Rule(
        "cluster-config-save-behavior",
        W,
        "A failed write of the cluster's file stops the node, or goes unnoticed.",
        ENUM,
    ),
    Rule("cluster-slot-stats-enabled", I, "Statistics per slot are collected, at some cost.", BOOL),
    Rule("cluster-slot-migration-log-max-len", I, _MIGRATION, NUMBER),
    Rule("slot-migration-max-failover-repl-bytes", I, _MIGRATION, SIZE, "B"),
    Rule("cluster-compatibility-sample-ratio", I, "Commands that a cluster would refuse are counted.", NUMBER),
    Rule("tls-replication", W, "Replicas connect by TLS, or in clear text.", BOOL),
    Rule("tls-cluster", W, "Nodes of the cluster connect by TLS, or in clear text.", BOOL),
    Rule("tls-ciphers", W, "Clients sharing no cipher are refused."),
    Rule("tls-ciphersuites", W, "Clients sharing no cipher of TLS 1.3 are refused."),
    Rule("tls-prefer-server-ciphers", I, "The server or the client chooses the cipher.", BOOL),
    Rule("tls-session-caching", I, _TLS_CACHE, BOOL),
    Rule("tls-session-cache-size", I, _TLS_CACHE, NUMBER, "", NO_LIMIT),
    Rule(
        "tls-auto-reload-interval",
        I,
        "Renewed certificates are loaded by the server, or need a restart.",
        DURATION,
        "s",
        OFF,
    ),
    Rule("max-new-connections-per-cycle", I, "Bursts of new connections wait longer.", NUMBER),
    Rule("max-new-tls-connections-per-cycle", I, "Bursts of new TLS connections wait longer.", NUMBER),
    Rule("tcp-backlog", I, "Bursts of new connections are refused when it is too small.", NUMBER),
    Rule("io-threads-do-reads", I, "Threads also read and parse requests.", BOOL),
    Rule("prefetch-batch-max-size", I, _NETWORK, NUMBER),
    Rule("mptcp", I, _NETWORK, BOOL),
    Rule("repl-mptcp", I, _NETWORK, BOOL),
    Rule("rdma-rx-size", I, _NETWORK, SIZE, "B"),
    Rule("rdma-completion-vector", I, _NETWORK, NUMBER),
    Rule("loglevel", I, _LOGS, ENUM),
    Rule("syslog-enabled", I, _LOGS, BOOL),
    Rule("syslog-facility", I, _LOGS, ENUM),
    Rule("always-show-logo", I, _LOGS, BOOL),
    Rule("log-format", I, _LOGS, ENUM),
    Rule("log-timestamp-format", I, _LOGS, ENUM),
    Rule("hide-user-data-from-log", W, "Keys and values of users may reach the log.", BOOL),
    Rule("acllog-max-len", I, "How many refused logins and commands are kept for diagnosis.", NUMBER),
    Rule("commandlog-large-re*-max-len", I, "How many large requests or replies are kept for diagnosis.", NUMBER),
    Rule("latency-tracking", I, "INFO shows latencies of commands, or none.", BOOL),
    Rule("crash-log-enabled", I, "A crash leaves a report in the log, or a core dump only.", BOOL),
    Rule("crash-memcheck-enabled", I, "A crash is followed by a memory test, which takes time.", BOOL),
    Rule("ignore-warnings", I, "Warnings about the host at startup are suppressed.", SET),
    Rule("set-proc-title", I, "The process shows its address in ps, or does not.", BOOL),
    Rule("oom-score-adj", I, "The kernel kills other processes first when memory runs out.", ENUM),
    Rule("search-*", W, "Search queries give different results, or hit different limits."),
    Rule("bf-*", I, "New Bloom filters get a different size or error rate."),
    Rule("cf-*", I, "New cuckoo filters get a different size or error rate."),
    Rule("ts-*", W, "New time series get a different retention, encoding or compaction."),
)

HOST_SPECIFIC = (
    Rule("unixsocketperm", N, _HOST, ValueType.OCTAL, "", {"0": "by umask"}),
    *(
        Rule(name, N, _HOST)
        for name in (
            "dir", "port", "tls-port", "bind-source-addr", "unixsocket", "unixsocketgroup", "pidfile",
            "logfile", "dbfilename", "appendfilename", "appenddirname", "aclfile", "cluster-config-file",
            "cluster-port", "daemonize", "supervised",
            "availability-zone", "proc-title-template", "syslog-ident", "tls-*-file", "tls-ca-cert-dir",
            "*cpulist", "rdma-bind", "rdma-port", "socket-mark-id",
        )
    ),
    Rule("replicaof", N, "Each environment has its own primary."),
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
    for rule in PRODUCT + DATA_AND_LIMITS + REPLICATION + ACCESS + RUNTIME + FURTHER + HOST_SPECIFIC
)

CONFIG_DENIED = HiddenGroup(
    "*", "the user {user} may not ask: ACL SETUSER {user} +config|get", "ACL SETUSER {user} +config|get"
)
ACL_UNREAD = HiddenGroup("password required", "users are kept by ACL, which is not read: compare `ACL GETUSER default`")
HIDDEN = (CONFIG_DENIED, ACL_UNREAD)

"""Severity, type and reason of every setting, which of them count something, and which need the monitoring."""

from __future__ import annotations

from parity_tui.model import HiddenGroup, Rule, Severity, ValueType
from parity_tui.services._listening import WHY

C, W, I, N = Severity.CRITICAL, Severity.WARNING, Severity.INFO, Severity.IGNORED  # noqa: E741
BOOL, NUMBER, SIZE, DURATION = ValueType.BOOL, ValueType.NUMBER, ValueType.SIZE, ValueType.DURATION
ENUM, SET, SECRET = ValueType.ENUM, ValueType.SET, ValueType.SECRET

NO_LIMIT = {"0": "no limit", "-1": "no limit"}

_LOGIN = "One side refuses clients that do not log in."
_PLAIN = "One side refuses clients without TLS."
_CERTIFICATE = "One side refuses clients without a certificate."
_STREAMS = "Streams, key-value and object stores exist on one side only."
_LISTENS = "Where it listens belongs to the host."
_FOLDER = "The folder belongs to the host."
_NAME = "Names differ between environments."
_PEERS = "Other servers have addresses of their own."
_HANDSHAKE = "Slow logins and handshakes are cut off."
_ROUTES = "How the servers of a cluster talk to each other."
_DEVICES = "Clients of MQTT or of browsers are served by one side only, or differently."
_LIMIT = "Streams or consumers beyond it are refused."


def _listener(block: str, why: str) -> tuple[Rule, ...]:
    """Return the rules of a block that every further listener has."""
    return (
        Rule(f"{block}.host", N, _LISTENS),
        Rule(f"{block}.addr", N, _LISTENS),
        Rule(f"{block}.port", N, _LISTENS),
        Rule(f"{block}.*port", N, _LISTENS),
        Rule(f"{block}.advertise", N, _LISTENS),
        Rule(f"{block}.name", N, _NAME),
        Rule(f"{block}.urls", N, _PEERS),
        Rule(f"{block}.auth_timeout", I, _HANDSHAKE, DURATION, "s", explained_by=""),
        Rule(f"{block}.tls_timeout", I, _HANDSHAKE, DURATION, "s", explained_by=""),
        Rule(f"{block}.handshake_timeout", I, _HANDSHAKE, explained_by=""),
        Rule(f"{block}.tls_required", W, why, BOOL, explained_by=""),
        Rule(f"{block}.tls_verify", W, why, BOOL, explained_by=""),
        Rule(f"{block}.*", I, why, explained_by=""),
    )


RULES = (
    Rule("version", W, "Old versions lack features of JetStream; clients fail on a server without them."),
    Rule("max_payload", C, "Larger messages close the connection of their sender.", SIZE, "B", safer="higher"),
    Rule("jetstream", C, _STREAMS, BOOL, explained_by=""),
    Rule("headers", C, "Messages with headers are refused.", BOOL),
    Rule("auth_required", C, _LOGIN, BOOL, explained_by=""),
    Rule("nkey_required", C, "Clients must sign with a key, or log in by a password.", BOOL, explained_by=""),
    Rule("tls_required", C, _PLAIN, BOOL, explained_by=""),
    Rule("tls_available", W, "TLS is offered beside plain connections.", BOOL, explained_by=""),
    Rule("tls_verify", C, _CERTIFICATE, BOOL, explained_by=""),
    Rule("tls_ocsp_peer_verify", W, _CERTIFICATE, BOOL),
    Rule("domain", C, "Clients that name the domain of JetStream find no stream.", explained_by="jetstream"),
    Rule("cluster", N, _NAME),
    Rule("proto", W, "The client protocol has another version.", NUMBER),
    Rule("go", I, "It was built by another version of Go."),
    Rule("git_commit", I, "It was built from another commit."),
    Rule("server_name", N, "Each server has a name of its own."),
    Rule("server_id", N, "Each start has an identity of its own."),
    Rule("max_connections", W, "Further clients are refused.", NUMBER, special=NO_LIMIT, safer="higher"),
    Rule("max_subscriptions", W, "Further subscriptions are refused.", NUMBER, special=NO_LIMIT, explained_by=""),
    Rule("max_control_line", W, "Longer subjects and logins close the connection.", SIZE, "B", safer="higher"),
    Rule("max_pending", W, "Slow consumers are cut off earlier.", SIZE, "B"),
    Rule("write_deadline", W, "Slow consumers are cut off earlier.", DURATION, "us"),
    Rule("ping_interval", I, "Dead clients are noticed sooner or later.", DURATION, "us"),
    Rule("ping_max", I, "Dead clients are noticed sooner or later.", NUMBER),
    Rule("auth_timeout", I, _HANDSHAKE, DURATION, "s", derived=True, explained_by="tls_required"),
    Rule("tls_timeout", I, _HANDSHAKE, DURATION, "s"),
    Rule("jetstream.config.max_memory", I, "Streams in memory fill up earlier.", SIZE, "B", capacity=True,
         explained_by="jetstream"),
    Rule("jetstream.config.max_storage", I, "Streams on disk fill up earlier.", SIZE, "B", capacity=True,
         explained_by="jetstream"),
    Rule("jetstream.config.store_dir", N, _FOLDER),
    Rule("jetstream.config.domain", C, "Clients that name the domain of JetStream find no stream.",
         explained_by="jetstream"),
    Rule("jetstream.config.sync_interval", W, "A crash of the host loses what was written since.", DURATION, "us",
         explained_by="jetstream"),
    Rule("jetstream.config.sync_always", W, "A crash of the host loses what was written since.", BOOL,
         explained_by="jetstream"),
    Rule("jetstream.config.strict", I, "Malformed requests of clients are refused.", BOOL, explained_by="jetstream"),
    Rule("jetstream.config.*", I, "JetStream works differently.", explained_by="jetstream"),
    Rule("jetstream.limits.*", W, _LIMIT, NUMBER, special=NO_LIMIT, explained_by="jetstream"),
    Rule("jetstream.meta.*", N, _PEERS),
    Rule("jetstream.*", I, "JetStream works differently.", explained_by="jetstream"),
    *_listener("cluster", _ROUTES),
    *_listener("gateway", _ROUTES),
    *_listener("leaf", _ROUTES),
    *_listener("mqtt", _DEVICES),
    Rule("websocket.allowed_origins", W, "Browsers on pages of other origins are refused.", SET, explained_by=""),
    *_listener("websocket", _DEVICES),
    Rule("system_account", W, "Monitoring by events uses a different account."),
    Rule("trusted_operators_jwt", W, "Logins are trusted from a different operator.", SECRET),
    Rule("trusted_operators_claim*", W, "Logins are trusted from a different operator.", SECRET),
    Rule("tags", I, "Streams are placed by tags.", SET),
    Rule("metadata.*", I, "A remark of the operators."),
    Rule("feature_flags.*", W, "A feature is enabled on one side only.", BOOL),
    Rule("host", I, WHY),
    Rule("port", N, _LISTENS),
    Rule("ip", N, _LISTENS),
    Rule("connect_urls", N, _PEERS),
    Rule("ws_connect_urls", N, _PEERS),
    Rule("http_host", W, "The monitoring asks for no password: on all interfaces everyone reads users and streams."),
    Rule("http*", N, "Where the monitoring listens belongs to the host."),
    Rule("cores", I, "The host has more or fewer processors.", NUMBER, capacity=True),
    Rule("gomaxprocs", I, "More or fewer processors are used.", NUMBER, capacity=True),
    Rule("gomemlimit", I, "Memory is freed earlier.", SIZE, "B", special={"0": "no limit"}),
    Rule("pid", N, "Each process has a number of its own."),
    Rule("config_digest", N, "A hash of the whole configuration, whose settings are compared."),
)  # fmt: skip

COUNTERS = frozenset(
    {
        "server_id", "version", "now", "start", "uptime", "mem", "cpu", "connections", "total_connections", "routes",
        "remotes", "leafnodes", "leafs", "in_msgs", "out_msgs", "in_bytes", "out_bytes", "slow_consumers",
        "subscriptions", "http_req_stats", "config_load_time", "slow_consumer_stats", "stale_connections",
        "stale_connection_stats", "ocsp_peer_cache", "pinned_account_fails", "jetstream.stats", "xkey",
        "stalled_clients", "cert_not_after", "tls_cert_not_after",
    }
)  # fmt: skip
"""what counts, or names a moment or a process"""
NANOSECONDS = ("ping_interval", "write_deadline", "jetstream.config.sync_interval")
KNOWN = frozenset(rule.name for rule in RULES if "*" not in rule.name) | {
    f"{block}.{name}"
    for block in ("cluster", "gateway", "leaf", "mqtt", "websocket")
    for name in ("auth_timeout", "tls_timeout", "pool_size", "ack_wait", "max_ack_pending")
}  # fmt: skip

HIDDEN = (
    HiddenGroup(
        "*",
        'only the monitoring shows it: set monitoring = "http://HOST:8222"',
        'http_port: 8222  # in nats-server.conf; then monitoring = "http://HOST:8222" in parity.toml',
    ),
)

"""The drift planted in the demo: typical differences between three deploys of one app.

Development uses a file and its own process, staging a small machine that was set up by hand, production a newer one
that the team maintains. Each table lists the differences from the server's own defaults.
"""

from __future__ import annotations

from typing import Any

ENVIRONMENTS = ("dev", "staging", "production")
"""In the order of the board."""

POSTGRES: dict[str, dict[str, str]] = {
    "staging": {
        "TimeZone": "Europe/Paris",
        "max_connections": "40",
        "shared_buffers": "32MB",
        "synchronous_commit": "off",
        "log_min_duration_statement": "250ms",
    },
    "production": {
        "TimeZone": "UTC",
        "max_connections": "100",
        "statement_timeout": "30s",
        "idle_in_transaction_session_timeout": "1min",
        "default_transaction_isolation": "repeatable read",
        "random_page_cost": "1.1",
    },
}
"""Settings of postgresql.conf."""

VALKEY: dict[str, dict[str, str]] = {
    "staging": {
        "maxmemory": "64mb",
        "maxmemory-policy": "noeviction",
        "notify-keyspace-events": "Ex",
        "save": "",
    },
    "production": {
        "maxmemory": "256mb",
        "maxmemory-policy": "allkeys-lru",
        "save": "3600 1 300 100",
        "appendonly": "yes",
        "timeout": "300",
    },
}
"""Settings of the cache."""

MEMCACHED: dict[str, list[str]] = {
    "dev": ["-m", "16", "-t", "2"],
    "staging": ["-m", "64", "-M", "-t", "2"],
    "production": ["-m", "64", "-I", "4m", "-c", "2048", "-t", "2"],
}
"""Command-line options: -M refuses writes when full, -I is the maximum size of an item."""

MARIADB: dict[str, dict[str, str]] = {
    "staging": {
        "sql_mode": "NO_ENGINE_SUBSTITUTION",
        "max_allowed_packet": "64M",
        "innodb_flush_log_at_trx_commit": "2",
        "innodb_buffer_pool_size": "32M",
    },
    "production": {
        "max_statement_time": "30",
        "transaction_isolation": "READ-COMMITTED",
        "innodb_buffer_pool_size": "64M",
    },
}
"""Settings of MariaDB's configuration file; production keeps the default, strict sql_mode."""

CHARACTERS = {"staging": "utf8mb3", "production": "utf8mb4"}
"""Character set of the catalog: staging stores no emoji."""

NGINX = {
    "dev": "client_max_body_size 100m; gzip on;",
    "staging": "client_max_body_size 10m; proxy_read_timeout 300s; underscores_in_headers on;",
    "production": "client_max_body_size 1m; server_tokens off;",
}
"""Content of the http block."""

APACHE = "LimitRequestBody 1048576\nTimeout 30\n"
"""Lines of production's configuration file."""

QUICK = {"collect_statistics_interval": "1000"}
"""Milliseconds; with the default of 5000 a new node reports its settings that much later."""

RABBITMQ: dict[str, dict[str, str]] = {
    "dev": {**QUICK, "vm_memory_high_watermark.relative": "0.2"},
    "staging": {**QUICK, "channel_max": "128", "vm_memory_high_watermark.relative": "0.4"},
    "production": {**QUICK, "vm_memory_high_watermark.relative": "0.4", "disk_free_limit.absolute": "64MB"},
}
"""Settings of rabbitmq.conf."""

PLUGINS: dict[str, tuple[str, ...]] = {
    "dev": ("rabbitmq_management",),
    "staging": ("rabbitmq_management", "rabbitmq_shovel"),
    "production": ("rabbitmq_management", "rabbitmq_consistent_hash_exchange"),
}
"""Plug-ins of RabbitMQ; none of them opens a port that we did not choose."""

POLICIES: dict[str, dict[str, Any]] = {
    "dev": {},
    "staging": {"message-ttl": 3_600_000},
    "production": {"message-ttl": 60_000, "max-length": 100_000},
}
"""Definition of the policy `orders` of the queues; dev has none."""

SQLITE = """
PRAGMA journal_mode = WAL;
PRAGMA user_version = 41;
CREATE TABLE customer (id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE);
CREATE TABLE "order" (
    id INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customer (id),
    placed_at TEXT NOT NULL,
    total NUMERIC NOT NULL
);
"""
"""Development's database."""

SCHEMA = """
CREATE TABLE customer (id bigint PRIMARY KEY, email text NOT NULL UNIQUE);
CREATE TABLE "order" (
    id bigint PRIMARY KEY,
    customer_id bigint NOT NULL REFERENCES customer (id),
    placed_at timestamptz NOT NULL,
    total numeric NOT NULL
)
"""
"""The same schema in PostgreSQL."""


def roles(environment: str, password: str) -> list[str]:
    """Return the statements that make the roles: staging's reader lacks a grant that production's has."""
    statements = [
        f"CREATE ROLE parity LOGIN PASSWORD '{password}'",
        "CREATE ROLE app LOGIN",
        "CREATE ROLE reporting LOGIN",
    ]
    if environment == "production":
        return [*statements, "GRANT pg_read_all_settings TO parity", "ALTER ROLE reporting SET work_mem = '64MB'"]
    return [*statements, "ALTER ROLE app SET statement_timeout = '5min'"]


def database(environment: str, version: str) -> str:
    """Return the statement that makes the database: staging sorts by bytes, production by Unicode."""
    collation = "LOCALE 'C'"
    if environment == "production" and int(version.split(".")[0]) >= 17:
        collation += " LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'"
    return f"CREATE DATABASE app TEMPLATE template0 ENCODING 'UTF8' {collation}"


def definitions(environment: str, password: str) -> dict[str, Any]:
    """Return users, queues and policies of RabbitMQ: the reader may see everything and change nothing."""
    no_rights = {"configure": "^$", "write": "^$", "read": "^$"}
    policy = {"vhost": "/", "name": "orders", "pattern": "^orders", "apply-to": "queues", "priority": 0}
    definition = POLICIES[environment]
    return {
        "users": [{"name": "parity", "password": password, "tags": "monitoring"}],
        "permissions": [{"user": "parity", "vhost": "/", **no_rights}],
        "policies": [{**policy, "definition": definition}] if definition else [],
        "queues": [
            {"name": name, "vhost": "/", "durable": True, "auto_delete": False, "arguments": {}}
            for name in ("orders", "orders.failed")
        ],
    }

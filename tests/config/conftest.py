"""Made-up kinds, of which a configuration depends on the fields of Service alone, and texts of parity.toml."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import pytest

from parity_tui import services
from parity_tui.config import Config, parse
from parity_tui.model import Service, TlsMode
from parity_tui.services.memory import SERVICE as _MEMORY

connect = _MEMORY.connect

KINDS = {
    "memory": Service("Memory", ("memory",), connect, "none", ()),
    "postgres": Service(
        "PostgreSQL",
        ("postgresql", "postgres"),
        connect,
        "none",
        (),
        port=5432,
        tls=TlsMode.PREFER,
        options=("target_session_attrs",),
        ignored_options=("connect_timeout",),
        drivers=("asyncpg",),
    ),
    "rabbitmq": Service(
        "RabbitMQ",
        ("amqp", "amqps"),
        connect,
        "none",
        (),
        port=5672,
        tls_port=5671,
        tls_schemes=("amqps",),
        options=("management",),
    ),
    "redis": Service(
        "Redis", ("redis", "rediss"), connect, "none", (), port=6379, tls_schemes=("rediss",), drivers=("hiredis",)
    ),
    "sqlite": Service("SQLite", ("sqlite",), connect, "none", (), drivers=("aiosqlite",)),
}


class Parse(Protocol):
    """Reads a text as parity.toml; the keywords are variables."""

    def __call__(self, text: str, **environ: str) -> Config: ...


@pytest.fixture(autouse=True)
def _made_up_kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    schemes = {scheme: kind for kind, service in KINDS.items() for scheme in service.schemes}
    monkeypatch.setattr(services, "kinds", lambda: KINDS)
    monkeypatch.setattr(services, "schemes", lambda: schemes)


@pytest.fixture
def read(tmp_path: Path) -> Parse:
    """Give a reader of parity.toml in an empty folder."""

    def parse_text(text: str, **environ: str) -> Config:
        return parse(text, "parity.toml", environ, tmp_path)

    return parse_text


SERVICES = """\
[environments.dev.services]
cache = "redis://localhost"
[environments.production.services.database]
url = "postgresql://parity@db.prod/app"
"""
"""the smallest configuration that most mistakes need"""

WHOLE = """\
baseline = "production"
interval = "10s"
timeout  = 0.5

[environments.dev]
color = "yellow"
[environments.dev.services]
database = "sqlite:///var/app.db"
cache    = "memory://"
queue    = "amqp://guest:guest@localhost/"

[environments.production.services]
cache = "rediss://parity@cache.prod"
[environments.production.services.database]
url = "postgresql://parity@db.prod:5433/app?connect_timeout=3&target_session_attrs=any"
password_env = "PROD_DB_PASSWORD"
tls = "verify-full"
ca = "prod.pem"
[environments.production.services.queue]
url = "amqps://parity@mq.prod/%2F"
management = "https://mq.prod:15671"

[[expect]]
service = "database"
setting = "shared_*"
environments = ["dev"]
values = { dev = "128MB" }
reason = "laptops are small"
owner = "dba"
until = 2027-03-31

[severity]
"postgres.jit" = "info"
redis.save = "ignore"
"""
"""a configuration that uses every key"""


@pytest.fixture
def whole(read: Parse) -> Config:
    return read(WHOLE, PROD_DB_PASSWORD="swordfish")

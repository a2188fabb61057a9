"""Made-up kinds: what a configuration may say depends on their tables, and on nothing else of theirs."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import pytest

from parity_tui import services
from parity_tui.config import Config, parse
from parity_tui.model import Service, TlsMode
from parity_tui.services.memory import connect

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
    "redis": Service("Redis", ("redis", "rediss"), connect, "none", (), port=6379, tls_schemes=("rediss",)),
    "sqlite": Service("SQLite", ("sqlite",), connect, "none", ()),
}


class Parse(Protocol):
    """Reads a text as parity.toml."""

    def __call__(self, text: str, **environ: str) -> Config:
        """Return what ``text`` says where these variables are set."""


@pytest.fixture(autouse=True)
def _made_up_kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    """There are these kinds and no others."""
    schemes = {scheme: kind for kind, service in KINDS.items() for scheme in service.schemes}
    monkeypatch.setattr(services, "kinds", lambda: KINDS)
    monkeypatch.setattr(services, "schemes", lambda: schemes)


@pytest.fixture
def read(tmp_path: Path) -> Parse:
    """Give what reads a text as the parity.toml of an empty folder."""

    def reading(text: str, **environ: str) -> Config:
        return parse(text, "parity.toml", environ, tmp_path)

    return reading

"""Brokers of every version, and a certificate."""

from __future__ import annotations

import subprocess

import pytest

from parity_tui.demo.rabbitmq import RabbitMQ
from parity_tui.demo.servers import Servers
from tests.conftest import RABBITMQ
from tests.services.rabbitmq.builders import PASSWORD, no_permission, settled


def _user(name: str, tags: str) -> dict[str, str]:
    return {"name": name, "password": PASSWORD, "tags": tags}


DEFINITIONS = {
    "users": [_user("parity", "monitoring"), _user("clerk", "management"), _user("nobody", "")],
    "permissions": [no_permission("parity"), no_permission("clerk"), no_permission("nobody")],
}


@pytest.fixture(scope="session", params=RABBITMQ)
def broker(request: pytest.FixtureRequest, servers: Servers) -> RabbitMQ:
    """Return a broker of every version in turn; names, ports and passwords differ from `rabbitmq_servers`."""
    login = ("boss", PASSWORD)
    return settled(servers.rabbitmq(request.param, node="other", administrator=login, definitions=DEFINITIONS))


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """Return the paths of a self-signed certificate for 127.0.0.1 and of its key."""
    folder = tmp_path_factory.mktemp("tls")
    cert, key = str(folder / "cert.pem"), str(folder / "key.pem")
    words = ["-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=test", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run(["openssl", "req", *words, "-out", cert, "-keyout", key], check=True, capture_output=True)
    return cert, key

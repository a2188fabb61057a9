"""Secrets planted wherever one can be configured or stored, and the search for them in outputs."""

from __future__ import annotations

import base64
import os
import re
import secrets
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from parity_tui.demo.mysql import MariaDB
from parity_tui.demo.nginx import Nginx
from parity_tui.demo.postgres import Postgres
from parity_tui.demo.rabbitmq import RabbitMQ
from parity_tui.demo.redis import Redis
from parity_tui.demo.servers import Servers
from tests.ui.terminal import ROOT

RUN = secrets.token_hex(3)
"""tells this run from others on this machine"""

LOGINS = ("url", "env", "file", "command", "keyring", "literal", "rediscli")
"""users of one server, each with a password that is configured in another way"""
LABELS = (
    *LOGINS, "pgpass", "service", "mycnf", "management", "wrong1", "wrong2", "wrong3", "wrong4", "wrong5", "wrong6",
    "requirepass1", "requirepass2", "masterauth1", "masterauth2", "tlskey", "conninfo1", "conninfo2", "archive", "guc1",
    "guc2", "rolepass", "rolekey", "report", "nginx1", "nginx2", "nginx3", "location",
)  # fmt: skip

SECRETS = {label: f"Zq{RUN}{label}{secrets.token_hex(3)}k9 /@%:#é" for label in LABELS}
MARKERS = {label: text.partition(" ")[0] for label, text in SECRETS.items()}
"""the part of each secret that no quoting changes"""


def leaks(output: bytes) -> list[str]:
    """Return the labels of the secrets in an output, in plain text or in base64."""
    encoded = re.findall(rb"[A-Za-z0-9+/]{16,}", output)
    texts = [output, *(base64.b64decode(found[: len(found) & ~3]) for found in encoded)]
    plain = [label for label, marker in MARKERS.items() if any(marker.encode() in text for text in texts)]
    shifted = {label: _in_base64(marker) for label, marker in MARKERS.items()}
    return plain + [label for label, forms in shifted.items() if any(form in output for form in forms)]


def _in_base64(marker: str) -> list[bytes]:
    """Return the three forms that a text can have within a longer one in base64."""
    return [base64.b64encode(b"x" * at + marker.encode())[4 if at else 0 : -4] for at in range(3)]


def leaks_of_arguments(line: bytes) -> list[str]:
    """Return the labels of the secrets among the arguments of a process."""
    return [label for label, marker in MARKERS.items() if marker.encode() in line] if RUN.encode() in line else []


def unwrapped(output: bytes) -> bytes:
    """Return an output of a terminal, followed by its text without escapes, blanks and frames."""
    plain = re.sub(rb"\x1b(?:\[[0-9;:?<>=]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|.)", b"", output)
    return output + plain + re.sub(rb"\s|\xe2\x94[\x80-\xbf]", b"", plain)


class PlantedServers(NamedTuple):
    """Servers with secrets among their logins and settings."""

    cache: Redis
    other_cache: Redis
    database: Postgres
    other_database: Postgres
    mysql: MariaDB
    broker: RabbitMQ
    web: Nginx
    plain_web: Nginx


def start_servers(servers: Servers, broker: RabbitMQ) -> PlantedServers:
    """Start the servers; the broker is a shared one."""
    users = [[name, "on", f">{SECRETS[name]}", "~*", "+@all"] for name in LOGINS]
    own = {"masterauth": MARKERS["masterauth1"], "tls-key-file-pass": MARKERS["tlskey"], "maxmemory": "100mb"}
    other = {"masterauth": MARKERS["masterauth2"]}
    create_user = f"CREATE USER app@'%' IDENTIFIED BY '{SECRETS['mycnf']}'"
    login = base64.b64encode(f"a:{MARKERS['nginx1']}".encode()).decode()
    site = (
        f'location /a {{ proxy_set_header Authorization "Basic {login}"; proxy_set_header X-Token {MARKERS["nginx2"]};'
        f" proxy_pass http://127.0.0.1:1/; }}"
        f" location /c {{ fastcgi_param DB_PASSWORD {MARKERS['nginx3']}; fastcgi_pass 127.0.0.1:1; }}"
        f" location /b {{ return 302 https://ann:{MARKERS['location']}@example.com/; }}"
    )
    return PlantedServers(
        servers.valkey("9", password=SECRETS["requirepass1"], acl=users, settings=own),
        servers.valkey("9", password=SECRETS["requirepass2"], acl=users, settings=other),
        _start_postgres(servers, 1),
        _start_postgres(servers, 2),
        servers.mariadb("10.11", sql=[create_user], settings={"report_password": MARKERS["report"]}),
        broker,
        servers.nginx(server=site),
        servers.nginx(),
    )


def _start_postgres(servers: Servers, number: int) -> Postgres:
    return servers.postgres(
        "16",
        password="unused",
        settings={
            "primary_conninfo": f"host=a password={MARKERS[f'conninfo{number}']}",
            "archive_command": f"PGPASSWORD={MARKERS['archive']} push %p",
            "app.api_token": MARKERS[f"guc{number}"],
            "jit": ("on", "off")[number - 1],
        },
        sql=[
            f"CREATE ROLE ann LOGIN SUPERUSER PASSWORD '{SECRETS['pgpass']}'",
            f"CREATE ROLE bob LOGIN SUPERUSER PASSWORD '{SECRETS['service']}'",
            f"ALTER ROLE bob SET app.db_password = '{MARKERS['rolepass']}'",
            f"ALTER ROLE bob SET app.encryption_key = '{MARKERS['rolekey']}'",
        ],
    )


def write_client_files(folder: Path, planted: PlantedServers) -> dict[str, str]:
    """Write the files that hold passwords for clients; return the environment variables to use them."""
    database, other = planted.database, planted.other_database
    _write(folder / "password", SECRETS["file"] + "\n")
    _write(folder / "give.py", f"import time; time.sleep(0.3); print({SECRETS['command']!r})")
    ring = "from keyring.backend import KeyringBackend\nclass Ring(KeyringBackend):\n    priority = 9\n"
    ring += f"    def get_password(self, service, user): return {SECRETS['keyring']!r}\n"
    _write(folder / "ring.py", f"{ring}    def set_password(self, service, user, password): raise AssertionError\n")
    pgpass = re.sub(r"([\\:])", r"\\\1", SECRETS["pgpass"])
    _write(folder / ".pgpass", f"{database.host}:*:*:ann:{pgpass}\n")
    service = f"[prod]\nhost={other.host}\nport={other.port}\nuser=bob\ndbname=postgres\n"
    _write(folder / ".pg_service.conf", f"{service}password={SECRETS['service']}\n")
    _write(folder / ".my.cnf", f'[client]\nuser=app\npassword="{SECRETS["mycnf"]}"\nport={planted.mysql.port}\n')
    return {
        "HOME": str(folder),
        "PYTHONPATH": f"{ROOT}{os.pathsep}{folder}",
        "PYTHON_KEYRING_BACKEND": "ring.Ring",
        "CACHE_PASSWORD": SECRETS["env"],
        "REDISCLI_AUTH": SECRETS["rediscli"],
        "TMPDIR": str(folder),
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def _write(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o600)


def service_tables(planted: PlantedServers) -> dict[str, dict[str, str]]:
    """Return environment -> service -> its table in TOML."""
    dev = _dev_tables(planted)
    return {"dev": dev, "production": _production_tables(planted, dev)}


def _dev_tables(planted: PlantedServers) -> dict[str, str]:
    cache, broker = planted.cache, planted.broker
    python = f"password_command = ['{sys.executable}', 'give.py']"
    management = f"nobody:{quote(SECRETS['management'], safe='')}@{broker.host}:{broker.management_port}"
    return {
        "url": f"url = 'redis://url:{quote(SECRETS['url'], safe='')}@{cache.address()}'",
        "env": f"url = '{cache.url('env')}'\npassword_env = 'CACHE_PASSWORD'",
        "file": f"url = '{cache.url('file')}'\npassword_file = 'password'",
        "command": f"url = '{cache.url('command')}'\n{python}",
        "keyring": f"url = '{cache.url('keyring')}'\npassword_keyring = 'prod/keyring'",
        "literal": f"url = '{cache.url('literal')}'\npassword = '{SECRETS['literal']}'",
        "rediscli": f"url = '{cache.url('rediscli')}'\nauth = 'native'",
        "database": f"url = '{planted.database.url('ann', path='postgres')}'\nauth = 'native'",
        "mysql": f"url = 'mysql://{planted.mysql.host}'\nauth = 'native'",
        "queue": f"url = '{broker.url('guest', 'guest')}'\nmanagement = 'http://{management}'",
        "site": f"url = '{planted.web.url()}'",
        "page": f"url = 'http://{planted.web.address()}/b'",
    }


def _production_tables(planted: PlantedServers, dev: Mapping[str, str]) -> dict[str, str]:
    """Return the same logins at other servers, and wrong passwords for every kind."""
    cache, database = planted.cache.address(), planted.database.address()

    def wrong(number: int) -> str:
        return f"nobody:{quote(SECRETS[f'wrong{number}'], safe='')}"

    return {
        **{name: dev[name].replace(cache, planted.other_cache.address()) for name in LOGINS},
        "database": "url = 'postgresql://?service=prod'\nauth = 'native'",
        "mysql": f"url = 'mysql://{wrong(1)}@{planted.mysql.address()}'",
        "queue": f"url = 'amqp://{wrong(2)}@{planted.broker.address()}'",
        "site": f"url = '{planted.plain_web.url()}'",
        "page": f"url = 'http://{wrong(3)}@{planted.web.address()}/'",
        "wrong cache": f"url = 'redis://{wrong(4)}@{cache}'",
        "wrong database": f"url = 'postgresql://{wrong(5)}@{database}/postgres'",
        "wrong service": f"url = 'amqp://{wrong(6)}@{database}'",
    }

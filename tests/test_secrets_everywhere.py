"""A distinct secret in every place that may hold one, and every way out searched for all of them."""

from __future__ import annotations

import base64
import os
import re
import secrets
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from urllib.parse import quote

import pytest

from parity_tui.demo.rabbitmq import RabbitMQ
from parity_tui.demo.servers import Servers
from tests.test_end_to_end import written
from tests.ui.terminal import ROOT, Terminal, opened

RUN = secrets.token_hex(3)
"""so that no other run on this machine is taken for this one"""

LOGINS = ("url", "env", "file", "command", "keyring", "literal", "rediscli")
"""places of the passwords of one server, each of a user of its own"""
PLACES = (
    *LOGINS, "pgpass", "service", "mycnf", "management", "wrong1", "wrong2", "wrong3", "wrong4", "wrong5", "wrong6",
    "requirepass1", "requirepass2", "masterauth1", "masterauth2", "tlskey", "conninfo1", "conninfo2", "archive", "guc1",
    "guc2", "rolepass", "rolekey", "report", "nginx1", "nginx2", "nginx3", "location",
)  # fmt: skip

SECRETS = {place: f"Zq{RUN}{place}{secrets.token_hex(3)}k9 /@%:#é" for place in PLACES}
"""each with a middle of letters and digits that stays the same however it is quoted"""
CORES = {place: text.partition(" ")[0] for place, text in SECRETS.items()}

Say = Callable[..., subprocess.CompletedProcess[bytes]]


def leaks(output: bytes) -> list[str]:
    """Return the places whose secrets are in an output, as they are or in base64."""
    encoded = re.findall(rb"[A-Za-z0-9+/]{16,}", output)
    texts = [output, *(base64.b64decode(found[: len(found) & ~3]) for found in encoded)]
    found = [place for place, core in CORES.items() if any(core.encode() in text for text in texts)]
    shifted = {place: _in_base64(core) for place, core in CORES.items()}
    return found + [place for place, forms in shifted.items() if any(form in output for form in forms)]


def _in_base64(core: str) -> list[bytes]:
    """Return how a text looks within a longer one in base64, wherever it begins."""
    return [base64.b64encode(b"x" * at + core.encode())[4 if at else 0 : -4] for at in range(3)]


def painted(output: bytes) -> bytes:
    """Return what a terminal was sent without all that moves and colours, so that what was wrapped is whole."""
    plain = re.sub(rb"\x1b(?:\[[0-9;:?<>=]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|.)", b"", output)
    return output + plain + re.sub(rb"\s|\xe2\x94[\x80-\xbf]", b"", plain)


@pytest.fixture(scope="module")
def planted(
    tmp_path_factory: pytest.TempPathFactory, servers: Servers, rabbitmq_servers: Mapping[str, RabbitMQ]
) -> tuple[Path, dict[str, str]]:
    """Give a configuration with a secret in every place, and the variables that belong to it."""
    folder = tmp_path_factory.mktemp("secrets")
    users = [[name, "on", f">{SECRETS[name]}", "~*", "+@all"] for name in LOGINS]
    own = {"masterauth": CORES["masterauth1"], "tls-key-file-pass": CORES["tlskey"], "maxmemory": "100mb"}
    one = servers.valkey("9", password=SECRETS["requirepass1"], acl=users, settings=own)
    other = servers.valkey(
        "9", password=SECRETS["requirepass2"], acl=users, settings={"masterauth": CORES["masterauth2"]}
    )
    database, second = (
        servers.postgres(
            "16",
            password="unused",
            settings={
                "primary_conninfo": f"host=a password={CORES[f'conninfo{number}']}",
                "archive_command": f"PGPASSWORD={CORES['archive']} push %p",
                "app.api_token": CORES[f"guc{number}"],
                "jit": ("on", "off")[number - 1],
            },
            sql=[
                f"CREATE ROLE ann LOGIN SUPERUSER PASSWORD '{SECRETS['pgpass']}'",
                f"CREATE ROLE bob LOGIN SUPERUSER PASSWORD '{SECRETS['service']}'",
                f"ALTER ROLE bob SET app.db_password = '{CORES['rolepass']}'",
                f"ALTER ROLE bob SET app.encryption_key = '{CORES['rolekey']}'",
            ],
        )
        for number in (1, 2)
    )
    user = f"CREATE USER app@'%' IDENTIFIED BY '{SECRETS['mycnf']}'"
    mysql = servers.mariadb("10.11", sql=[user], settings={"report_password": CORES["report"]})
    broker = rabbitmq_servers["3.10"]
    login = base64.b64encode(f"a:{CORES['nginx1']}".encode()).decode()
    site = (
        f'location /a {{ proxy_set_header Authorization "Basic {login}"; proxy_set_header X-Token {CORES["nginx2"]};'
        f" proxy_pass http://127.0.0.1:1/; }}"
        f" location /c {{ fastcgi_param DB_PASSWORD {CORES['nginx3']}; fastcgi_pass 127.0.0.1:1; }}"
        f" location /b {{ return 302 https://ann:{CORES['location']}@example.com/; }}"
    )
    web = servers.nginx(server=site)

    _write(folder / "password", SECRETS["file"] + "\n")
    _write(folder / "give.py", f"import time; time.sleep(0.3); print({SECRETS['command']!r})")
    ring = "from keyring.backend import KeyringBackend\nclass Ring(KeyringBackend):\n    priority = 9\n"
    ring += f"    def get_password(self, service, user): return {SECRETS['keyring']!r}\n"
    _write(folder / "ring.py", f"{ring}    def set_password(self, service, user, password): raise AssertionError\n")
    line = re.sub(r"([\\:])", r"\\\1", SECRETS["pgpass"])
    _write(folder / ".pgpass", f"{database.host}:*:*:ann:{line}\n")
    service = f"[prod]\nhost={second.host}\nport={second.port}\nuser=bob\ndbname=postgres\n"
    _write(folder / ".pg_service.conf", f"{service}password={SECRETS['service']}\n")
    _write(folder / ".my.cnf", f'[client]\nuser=app\npassword="{SECRETS["mycnf"]}"\nport={mysql.port}\n')

    def wrong(number: int) -> str:
        return f"nobody:{quote(SECRETS[f'wrong{number}'], safe='')}"

    python = f"password_command = ['{sys.executable}', 'give.py']"
    table = {
        "url": f"url = 'redis://url:{quote(SECRETS['url'], safe='')}@{one.address()}'",
        "env": f"url = '{one.url('env')}'\npassword_env = 'CACHE_PASSWORD'",
        "file": f"url = '{one.url('file')}'\npassword_file = 'password'",
        "command": f"url = '{one.url('command')}'\n{python}",
        "keyring": f"url = '{one.url('keyring')}'\npassword_keyring = 'prod/keyring'",
        "literal": f"url = '{one.url('literal')}'\npassword = '{SECRETS['literal']}'",
        "rediscli": f"url = '{one.url('rediscli')}'\nauth = 'native'",
        "database": f"url = '{database.url('ann', path='postgres')}'\nauth = 'native'",
        "mysql": f"url = 'mysql://{mysql.host}'\nauth = 'native'",
        "queue": f"url = '{broker.url('guest', 'guest')}'\n"
        f"management = 'http://nobody:{quote(SECRETS['management'], safe='')}@{broker.host}:{broker.management_port}'",
        "site": f"url = '{web.url()}'",
        "page": f"url = 'http://{web.address()}/b'",
    }
    others = {
        **{name: table[name].replace(one.address(), other.address()) for name in LOGINS},
        "database": "url = 'postgresql://?service=prod'\nauth = 'native'",
        "mysql": f"url = 'mysql://{wrong(1)}@{mysql.address()}'",
        "queue": f"url = 'amqp://{wrong(2)}@{broker.address()}'",
        "site": f"url = '{servers.nginx().url()}'",
        "page": f"url = 'http://{wrong(3)}@{web.address()}/'",
        "wrong cache": f"url = 'redis://{wrong(4)}@{one.address()}'",
        "wrong database": f"url = 'postgresql://{wrong(5)}@{database.address()}/postgres'",
        "wrong service": f"url = 'amqp://{wrong(6)}@{database.address()}'",
    }
    path = written(folder, {})
    with path.open("a") as file:
        for environment, services in (("dev", table), ("production", others)):
            for name, text in services.items():
                file.write(f"[environments.{environment}.services.'{name}']\n{text}\n")
    variables = {
        "HOME": str(folder),
        "PYTHONPATH": f"{ROOT}{os.pathsep}{folder}",
        "PYTHON_KEYRING_BACKEND": "ring.Ring",
        "CACHE_PASSWORD": SECRETS["env"],
        "REDISCLI_AUTH": SECRETS["rediscli"],
        "TMPDIR": str(folder),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    return folder, variables


def _write(path: Path, text: str) -> None:
    """Write a file for its owner only."""
    path.write_text(text)
    path.chmod(0o600)


@pytest.fixture
def said(planted: tuple[Path, dict[str, str]]) -> Say:
    """Give what runs the program on that configuration; all of its output comes back."""
    folder, variables = planted

    def run(*arguments: str, **more: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [sys.executable, "-m", "parity_tui", *arguments, "--timeout", "20s"],
            env={"PATH": os.environ["PATH"], **variables, **more},
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )

    return run


@pytest.fixture(scope="module")
def listed() -> Iterator[list[str]]:
    """Look at the arguments of all processes of this machine, again and again; give those that held a secret."""
    found: list[str] = []
    over = threading.Event()

    def look() -> None:
        while not over.wait(0.02):
            for path in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    found.extend(leaks_of_arguments(path.read_bytes()))
                except OSError:
                    continue

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    yield found
    over.set()
    watcher.join()


def leaks_of_arguments(line: bytes) -> list[str]:
    """Return the places whose secrets are among the arguments of a process."""
    return [place for place, core in CORES.items() if core.encode() in line] if RUN.encode() in line else []


def test_the_search_finds_what_it_looks_for() -> None:
    """As it is, quoted, in base64, in a clipboard's sequence, and wrapped at the edge of a pane."""
    text = SECRETS["url"]
    basic = base64.b64encode(f"ann:{text}".encode())
    for output in (text.encode(), quote(text, safe="").encode(), repr(text).encode(), b"Basic " + basic):
        assert leaks(b"x" + output + b"y")
    assert leaks(b"\x1b]52;c;" + base64.b64encode(f"row\n{text}\n".encode()) + b"\x07")
    core = CORES["url"].encode()
    assert leaks(painted(core[:5] + b"\x1b[0m \xe2\x94\x82\r\n\x1b[12;1H" + core[5:]))
    assert leaks_of_arguments(b"psql\0" + core)
    assert not leaks(b"nothing of it")


@pytest.mark.parametrize("format", ["text", "json", "markdown", "junit"])
def test_no_report_holds_a_secret(said: Say, listed: list[str], format: str) -> None:  # noqa: A002
    """All rows, all failures, stdout and stderr; and every secret that had to be right was."""
    result = said("check", "--format", format, "--all")
    assert result.returncode == 1, result.stdout.decode()
    assert leaks(result.stdout) == []
    if format == "text":
        assert "5 not read" in result.stdout.decode()
    assert listed == []


@pytest.mark.parametrize("format", ["text", "json"])
def test_no_checkup_holds_a_secret(said: Say, format: str) -> None:  # noqa: A002
    """Each step to each target, and what went wrong at it."""
    result = said("doctor", "--format", format)
    assert b"rejects" in result.stdout
    assert leaks(result.stdout) == []


def test_nothing_that_is_said_while_debugging_holds_a_secret(said: Say) -> None:
    """Whoever looks for a fault of asyncio's is shown tasks and their arguments."""
    result = said("check", "--format", "json", PYTHONASYNCIODEBUG="1", PYTHONDEVMODE="1", PYTHONTRACEMALLOC="5")
    assert leaks(result.stdout) == []


@pytest.mark.parametrize(
    "wrong", ["surplus = [", "pasword = 'x'", "tls = 3", "ca = 'x'", "password_env = 3", "auth = 'native'"]
)
def test_no_mistake_in_the_configuration_quotes_one(
    said: Say, planted: tuple[Path, dict[str, str]], tmp_path: Path, wrong: str
) -> None:
    """Wherever it is made: the line beneath the message is a line of the file."""
    lines = (planted[0] / "parity.toml").read_text().splitlines()
    path = tmp_path / "parity.toml"
    for at in range(1, len(lines) + 1, 2):
        path.write_text("\n".join([*lines[:at], wrong, *lines[at:]]))
        result = _load(path)
        assert leaks(result) == [], at


def _load(path: Path) -> bytes:
    """Return what is said of a configuration, with the notes of its targets."""
    from parity_tui.config import ConfigError, load

    try:
        return repr(load(path, environ={})).encode()
    except ConfigError as error:
        return str(error).encode()


def opening(planted: tuple[Path, dict[str, str]], *words: str) -> tuple[list[str], dict[str, str]]:
    """Return the words and the variables with which the board is opened."""
    folder, variables = planted
    return [str(folder), *words, "--timeout", "20s"], variables


def filled(terminal: Terminal) -> None:
    """Wait until everything has been read."""
    terminal.until(lambda: terminal.pump(0.7) == 0 and "reading…" not in "".join(terminal.shown), "all of it")


def test_no_terminal_file_or_clipboard_is_given_one(planted: tuple[Path, dict[str, str]], listed: list[str]) -> None:
    """The board with all rows, row by row in full detail, copied, exported, and left: every byte of it."""
    words, variables = opening(planted)
    folder = planted[0]
    before = set(folder.iterdir())
    with opened(*words, environment=variables, module="tests.leaky", size=(150, 50)) as terminal:
        filled(terminal)
        terminal.type("dv")
        for key in "yaexmxjxs":
            terminal.type(key)
            terminal.quiet(0.3)
        for name in ("auth", "conninfo", "pass", "token", "key", "command", "redirect", "header", "target"):
            terminal.type(f"/{name}\r")
            for _ in range(6):
                terminal.quiet(0.05)
                terminal.type("jy")
        terminal.type("t")
        terminal.quiet(0.3)
        terminal.type("\x03")
        assert terminal.end() == 0
        assert leaks(painted(bytes(terminal.written))) == []
        assert b"\x1b]52;" in terminal.written
    new = [file for entry in set(folder.iterdir()) - before for file in (entry, *entry.rglob("*")) if file.is_file()]
    assert {path.suffix for path in new} >= {".md", ".json", ".svg", ".txt", ".jsonl"}
    assert {path.name: leaks(path.read_bytes()) for path in new} == {path.name: [] for path in new}
    assert listed == []


def test_no_crash_quotes_one(planted: tuple[Path, dict[str, str]]) -> None:
    """A fault of our own whose message holds every password that is known: on the terminal and in the log."""
    words, variables = opening(planted, "--crash")
    with opened(*words, environment=variables, module="tests.leaky") as terminal:
        assert terminal.end() == 70
        assert b"cannot align with" in terminal.written
        assert leaks(painted(bytes(terminal.written))) == []
    for log in (*planted[0].rglob("*.log"), *planted[0].glob(".*/**/*.log")):
        assert leaks(log.read_bytes()) == []

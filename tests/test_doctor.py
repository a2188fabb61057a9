"""`parity-tui doctor` on real servers: where each way ends, in which words, and text to copy that helps."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sqlite3
import ssl
import subprocess
import sys
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from parity_tui.demo.memcached import Memcached
from parity_tui.demo.mysql import MariaDB
from parity_tui.demo.postgres import Postgres
from parity_tui.demo.rabbitmq import RabbitMQ
from parity_tui.demo.redis import Redis
from parity_tui.demo.servers import Servers
from parity_tui.doctor import Diagnosis, Step, examine
from parity_tui.drift.policy import Policy
from parity_tui.model import Severity, Target, TlsMode
from parity_tui.report.diagnosis import to_text
from parity_tui.report.text import Style
from parity_tui.secrets import Secret
from parity_tui.services import kinds
from tests.proxy import listening, proxy

PASSWORD = "sw0rd-of-fish"


def at(kind: str, port: int, user: str = "", password: str = "", **more: Any) -> Target:
    """Return a target on this machine."""
    scheme = more.pop("scheme", kind)
    login = (lambda: Secret(password)) if password else None
    return Target("dev", "it", kind, scheme, more.pop("host", "127.0.0.1"), port, user=user, password=login, **more)


async def looked_at(*targets: Target, timeout: float = 20, policy: Policy | None = None) -> list[Diagnosis]:
    """Return what there is to say of targets."""
    numbered = [replace(target, service=f"{target.service}{at}") for at, target in enumerate(targets)]
    found = examine(numbered, kinds(), policy or Policy(), timeout)
    async with asyncio.timeout(60):
        return [checkup async for checkup in found]


async def one(target: Target, timeout: float = 20) -> tuple[Diagnosis, dict[str, Step]]:
    """Return what there is to say of one target, and its steps by name."""
    (found,) = await looked_at(target, timeout=timeout)
    return found, {step.name: step for step in found.steps}


def states(steps: Mapping[str, Step]) -> dict[str, str]:
    """Return how each step went."""
    return {name: step.state for name, step in steps.items()}


def failed(found: Diagnosis) -> Step:
    """Return the step at which it ended."""
    (step,) = [step for step in found.steps if step.state == "failed"]
    return step


def doctor(folder: Path, services: Mapping[str, str], *options: str) -> subprocess.CompletedProcess[str]:
    """Run `parity-tui doctor` as its user does."""
    lines = [f"{name} = {json.dumps(url)}" for name, url in services.items()]
    (folder / "parity.toml").write_text("\n".join(["[environments.dev.services]", *lines]))
    (folder / "parity.toml").chmod(0o600)
    return subprocess.run(
        [sys.executable, "-m", "parity_tui", "doctor", "--timeout", "20s", *options],
        cwd=folder, env={"PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONPATH": str(Path.cwd())},
        capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip


def test_all_well(
    tmp_path: Path,
    postgres_servers: Mapping[str, Postgres],
    valkey_servers: Mapping[str, Redis],
    memcached_servers: Mapping[str, Memcached],
) -> None:
    """Exit 0: every step with its time, every target in its order, and nothing to copy."""
    with closing(sqlite3.connect(tmp_path / "app.db")) as connection:
        connection.execute("CREATE TABLE t (x)")
    services = {
        "queue": "memory://",
        "database": postgres_servers["16"].url("postgres", path="postgres"),
        "cache": valkey_servers["9"].url(),
        "sessions": memcached_servers["1.6.18"].url(),
        "file": f"sqlite:///{tmp_path}/app.db",
    }
    result = doctor(tmp_path, services, "--format", "json")
    targets = json.loads(result.stdout)["targets"]
    assert [target["service"] for target in targets] == list(services)
    assert [(target["state"], target["hidden"], target["privilege"]) for target in targets] == [("ok", [], None)] * 5
    steps = {target["service"]: [step["name"] for step in target["steps"]] for target in targets}
    assert steps["database"] == steps["cache"] == ["name", "TCP", "TLS", "login", "rights"]
    assert (steps["queue"], steps["file"]) == (["rights"], ["file", "rights"])
    timed = {step["name"]: step["milliseconds"] for step in targets[1]["steps"]}
    assert all(timed[name] is not None and timed[name] >= 0 for name in ("name", "TCP", "login", "rights"))
    assert (result.returncode, result.stderr) == (0, "")


def test_the_first_step_that_fails_is_named_in_plain_words(
    tmp_path: Path, servers: Servers, valkey_servers: Mapping[str, Redis], rabbitmq_servers: Mapping[str, RabbitMQ]
) -> None:
    """Exit 3; whatever comes behind that step was not tried; no password anywhere."""
    locked, web = servers.postgres("16", password=PASSWORD), servers.nginx()
    services = {
        "unset": "redis://${NO_SUCH_VARIABLE}",
        "unknown": "redis://nowhere.invalid",
        "refused": "memcached://127.0.0.1:1",
        "locked": locked.url("postgres", "wr0ng-password", "postgres"),
        "missing": locked.url("postgres", PASSWORD, "no_such"),
        "rejected": valkey_servers["9"].url("nobody", "wr0ng-password"),
        "web": f"redis://{web.address()}",
        "mistaken": f"postgresql://postgres@{rabbitmq_servers['3.10'].address()}/postgres",
        "plain": f"rediss://{rabbitmq_servers['3.10'].address()}",
        "nofile": f"sqlite:///{tmp_path}/none.db",
    }
    result = doctor(tmp_path, services, "--format", "json")
    targets = json.loads(result.stdout)["targets"]
    broken: dict[str, Any] = {t["service"]: [s for s in t["steps"] if s["state"] == "failed"] for t in targets}
    assert {name: [step["name"] for step in steps] for name, steps in broken.items()} == {
        "unset": ["configuration"], "unknown": ["name"], "refused": ["TCP"], "locked": ["login"],
        "missing": ["login"], "rejected": ["login"], "web": ["login"],
        "mistaken": ["login"], "plain": ["TLS"], "nofile": ["file"],
    }  # fmt: skip
    words = {name: steps[0]["words"] for name, steps in broken.items()}
    assert "NO_SUCH_VARIABLE" in words["unset"]
    assert words["unknown"] == "the name nowhere.invalid is not known"
    assert words["refused"] == "127.0.0.1:1 refused the connection"
    assert words["locked"].endswith("rejects the password of postgres: it is wrong or has expired")
    assert 'no database "no_such"' in words["missing"]
    assert "RabbitMQ" in words["mistaken"]
    assert "HTTP" in words["web"]
    behind = {t["service"]: [s["state"] for s in t["steps"]] for t in targets}
    assert behind["refused"] == ["ok", "failed", "skipped", "skipped", "skipped"]
    assert "GRANT" in next(t["privilege"] for t in targets if t["service"] == "locked")
    assert result.returncode == 3
    assert "wr0ng-password" not in result.stdout + result.stderr
    assert PASSWORD not in result.stdout + result.stderr


def test_the_grant_that_is_shown_shows_the_rest(servers: Servers) -> None:
    """A role without rights is told what it does not see; the text, run as it stands, leaves nothing hidden."""
    database = servers.postgres("16", sql=['CREATE ROLE "Reader" LOGIN'])
    target = at("postgres", database.port, "Reader", path="postgres")
    found, steps = asyncio.run(one(target))
    (blind,) = found.blind
    assert (found.state, steps["rights"].state) == ("partly", "partly")
    assert "shared_preload_libraries" in blind.settings
    assert f"{len(blind.settings)} cannot be seen" in steps["rights"].words
    assert blind.remedy == 'GRANT pg_read_all_settings TO "Reader";'
    database.sql(blind.remedy)
    assert asyncio.run(one(target))[0].state == "ok"


async def test_the_acl_rule_that_is_shown_shows_the_rest(servers: Servers) -> None:
    """The same for Valkey, whose settings are hidden all at once."""
    cache = servers.valkey("9", acl=[["reader", "on", f">{PASSWORD}", "resetkeys", "-@all", "+info"]])
    target = at("redis", cache.port, "reader", PASSWORD)
    found, _ = await one(target)
    rules = {blind.remedy for blind in found.blind} - {""}
    assert rules == {"ACL SETUSER reader +config|get"}
    assert "maxmemory-clients" in {name for blind in found.blind for name in blind.settings}
    assert found.remedy == ""
    cache.do(*rules.pop().split())
    after, _ = await one(target)
    assert {blind.remedy for blind in after.blind} <= {""}
    assert [blind.settings for blind in after.blind] == [("password required",)]
    own = Policy(severities=(("redis.password required", Severity.IGNORED),))
    assert [each.state for each in await looked_at(target, policy=own)] == ["ok"]


async def test_without_the_http_api_rabbitmq_says_how_to_show_more(rabbitmq_servers: Mapping[str, RabbitMQ]) -> None:
    """No GRANT helps there: the words say what would, and the way to the HTTP API has steps of its own."""
    broker = rabbitmq_servers["3.10"]
    bare, _ = await one(at("rabbitmq", broker.port, "guest", "guest", scheme="amqp"))
    assert any("management" in blind.why for blind in bare.blind)
    target = at("rabbitmq", broker.port, "guest", "guest", scheme="amqp")
    found, _ = await one(replace(target, options={"management": broker.management}))
    port = broker.management.rpartition(":")[2]
    assert [step.name for step in found.steps if f":{port}" in step.words] == ["name", "TCP"]
    (wrong,) = await looked_at(replace(target, options={"management": "http://127.0.0.1:1"}))
    assert [step.words for step in wrong.steps if step.state == "failed"] == [
        "127.0.0.1:1: 127.0.0.1:1 refused the connection"
    ]


async def test_a_server_that_says_nothing_is_told_from_one_that_is_not_there() -> None:
    """The connection is made, and then nothing comes: the login says so, and TCP is well."""

    async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with listening(mute) as port:
        _, steps = await one(at("postgres", port, "parity", tls=TlsMode.PREFER), timeout=0.5)
    assert states(steps) == {"name": "ok", "TCP": "ok", "TLS": "skipped", "login": "failed", "rights": "skipped"}
    assert "connected, no reply" in steps["login"].words
    assert "another kind" in steps["login"].words


async def test_one_that_hangs_holds_up_no_other(valkey_servers: Mapping[str, Redis]) -> None:
    """All are looked at together: ten that hang cost the time of one."""

    async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with listening(mute) as port:
        hung = [at("redis", port)] * 10
        found = await looked_at(*hung, at("redis", valkey_servers["9"].port), timeout=4)
    assert [each.state for each in found] == ["failed"] * 10 + ["ok"]
    assert failed(found[0]).words.startswith("no answer in 4 s")


async def test_of_several_addresses_the_one_that_answers_is_named(valkey_servers: Mapping[str, Redis]) -> None:
    """A name may stand for more than one, and not all of them need to answer."""
    loop, port = asyncio.get_running_loop(), valkey_servers["9"].port
    addresses = [*await loop.getaddrinfo("127.0.0.9", 1), *await loop.getaddrinfo("127.0.0.1", port)]
    streams = [address for address in addresses if address[1] == socket.SOCK_STREAM]
    connect, refused = loop.sock_connect, asyncio.Event()

    async def both(*words: Any, **more: Any) -> Any:
        return streams

    async def in_turn(sock: socket.socket, where: Any) -> None:
        if where[1] == port:
            await refused.wait()
        try:
            await connect(sock, where)
        finally:
            refused.set()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loop, "getaddrinfo", both)
        patch.setattr(loop, "sock_connect", in_turn)
        found, steps = await one(at("redis", port, host="cache.test"))
    assert found.state == "ok"
    assert steps["name"].words == "cache.test is 127.0.0.9, 127.0.0.1"
    assert steps["TCP"].words == "127.0.0.1 answers; 127.0.0.9 does not (connection refused)"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a certificate of localhost that is its own authority, and its key, in one file."""
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    argv = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost/O=Us", "-addext",
            "subjectAltName=DNS:localhost", "-days", "9", "-keyout", str(path), "-out", f"{path}.crt"]  # fmt: skip
    subprocess.run(argv, check=True, capture_output=True, timeout=30)
    path.write_text(path.read_text() + Path(f"{path}.crt").read_text())
    return path


async def test_tls_that_is_verified_says_whose_certificate_and_until_when(
    certificate: Path, valkey_servers: Mapping[str, Redis]
) -> None:
    """And one that nobody vouches for ends at TLS, with the reason."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    async with proxy("127.0.0.1", valkey_servers["9"].port, context) as between:
        secure = at("redis", between.port, host="localhost", tls=TlsMode.VERIFY_FULL, scheme="rediss")
        _, steps = await one(replace(secure, ca=str(certificate)))
        _, open_to_all = await one(replace(secure, tls=TlsMode.REQUIRE))
        _, unknown = await one(secure)
    assert (steps["TLS"].state, steps["rights"].state) == ("ok", "ok")
    assert steps["TLS"].milliseconds
    assert "TLS 1.3, verified: a certificate by Us, until 20" in steps["TLS"].words
    assert "(8 days)" in steps["TLS"].words
    assert "not verified" in open_to_all["TLS"].words
    assert states(unknown) == {"name": "ok", "TCP": "ok", "TLS": "failed", "login": "skipped", "rights": "skipped"}
    assert "not accepted" in unknown["TLS"].words


async def test_tls_that_begins_within_a_protocol_has_its_own_time(mariadb_servers: Mapping[str, MariaDB]) -> None:
    """MySQL and PostgreSQL say a few words before: the handshake is noticed all the same."""
    _, steps = await one(at("mysql", mariadb_servers["11.8"].port, "root", tls=TlsMode.REQUIRE))
    assert steps["TLS"].state == "ok"
    assert steps["TLS"].milliseconds
    assert steps["TLS"].words.startswith("TLS 1.3, not verified")


async def test_what_is_read_with_commands_has_a_step_for_them() -> None:
    """The machine itself needs no network; a container that there is not is said."""
    found, steps = await one(Target("dev", "it", "host", "host+local"))
    assert list(steps) == ["command", "rights"]
    assert steps["command"].words == "run here"
    assert found.product
    missing, _ = await one(Target("dev", "it", "host", "host+docker", "no-such-container"))
    assert failed(missing).name == "command"


def test_text_for_a_terminal_is_marks_and_words(tmp_path: Path, valkey_servers: Mapping[str, Redis]) -> None:
    """No colours into a pipe, ASCII where there is no more, and a mistake is exit 2 with nothing on stdout."""
    services = {"cache": valkey_servers["9"].url(), "gone": "memcached://127.0.0.1:1"}
    result = doctor(tmp_path, services, "--service", "cache", "gone")
    assert "✓ TCP" in result.stdout
    assert "✗ TCP" in result.stdout
    assert "\x1b" not in result.stdout
    assert result.stdout.endswith("of 2 targets: 1 cannot be read\n")
    wrong = doctor(tmp_path, services, "--service", "cahce")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert 'did you mean "cache"' in wrong.stderr


async def test_no_server_can_paint_the_terminal() -> None:
    """Whatever stands in a checkup is written out; text to copy is never broken in two."""
    step = Step("login", "failed", "says \x1b[2J and \u202e")
    found = Diagnosis(Target("dev", "it", "redis"), "failed", "", (step,), remedy="GRANT " + "x" * 200)
    text = to_text(found, Style(width=60, unicode=False))
    assert text.isascii()
    assert "\x1b" not in text
    assert "x" * 200 in text
    assert "x login" in text

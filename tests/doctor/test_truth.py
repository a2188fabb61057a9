"""A step is ticked once the server has confirmed it, and remedies can help."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Mapping
from pathlib import Path

import pytest

from parity_tui.demo.postgres import Postgres
from parity_tui.demo.rabbitmq import RabbitMQ
from parity_tui.demo.servers import Servers
from parity_tui.model import Target, TlsMode
from tests.authority import Authority
from tests.doctor.builders import PASSWORD, diagnose_one, failed_step, states, target_at
from tests.proxy import listening


async def test_stopped_server_has_confirmed_no_login(servers: Servers) -> None:
    server = servers.valkey("9", password=PASSWORD)
    assert server.process
    os.kill(server.process.pid, signal.SIGSTOP)
    try:
        diagnosis, steps = await diagnose_one(target_at("redis", server.port, password=PASSWORD), timeout=1)
    finally:
        os.kill(server.process.pid, signal.SIGCONT)
    assert states(steps) == {"name": "ok", "TCP": "ok", "TLS": "skipped", "login": "failed", "rights": "skipped"}
    assert "connected, no reply" in steps["login"].words
    assert diagnosis.privilege == ""


@pytest.mark.parametrize("password", ["", "wr0ng"])
async def test_rejected_login_is_not_ticked(servers: Servers, password: str) -> None:
    server = servers.valkey("9", password=PASSWORD)
    diagnosis, steps = await diagnose_one(target_at("redis", server.port, password=password))
    assert (steps["login"].state, steps["rights"].state) == ("failed", "skipped")
    assert any("password_env" in note for note in diagnosis.notes) == (not password)
    assert bool(diagnosis.privilege) == bool(password)


async def test_proxy_that_hangs_up_on_the_question_has_confirmed_no_login() -> None:
    async def twemproxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(10)
        writer.close()

    async with listening(twemproxy) as port:
        for kind in ("redis", "memcached", "http"):
            _, steps = await diagnose_one(target_at(kind, port))
            assert (steps["TCP"].state, steps["login"].state, steps["rights"].state) == ("ok", "failed", "skipped")


async def test_server_in_protected_mode_has_confirmed_no_login() -> None:
    """It refuses at the door; a missing right is another refusal."""

    async def protected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"-DENIED Redis is running in protected mode because protected mode is enabled\r\n")
        await reader.read(10)
        writer.close()

    async with listening(protected) as port:
        diagnosis, steps = await diagnose_one(target_at("redis", port))
    assert (steps["TCP"].state, steps["login"].state, steps["rights"].state) == ("ok", "failed", "skipped")
    assert "protected mode" in failed_step(diagnosis).words


async def test_tls_that_nobody_speaks_is_not_ticked(postgres_servers: Mapping[str, Postgres]) -> None:
    for mode in (TlsMode.PREFER, TlsMode.OFF):
        target = target_at("postgres", postgres_servers["16"].port, "postgres", path="postgres", tls=mode)
        _, steps = await diagnose_one(target)
        assert (steps["login"].state, steps["TLS"].state) == ("ok", "skipped"), mode


async def test_missing_right_follows_a_confirmed_login(servers: Servers) -> None:
    server = servers.valkey("9", acl=[["reader", "on", f">{PASSWORD}", "-@all", "+ping"]])
    _, steps = await diagnose_one(target_at("redis", server.port, "reader", PASSWORD))
    assert (steps["login"].state, steps["rights"].state) == ("ok", "failed")
    assert "ACL SETUSER reader +info" in steps["rights"].words


async def test_no_acl_rule_is_offered_for_a_renamed_command(servers: Servers) -> None:
    server = servers.redis("7.0", settings={"rename-command": 'CONFIG ""'})
    diagnosis, _ = await diagnose_one(target_at("redis", server.port))
    (hidden,) = [group for group in diagnosis.hidden if "does not offer CONFIG" in group.why]
    assert (hidden.remedy, diagnosis.privilege, diagnosis.state) == ("", "", "partly")


async def test_privilege_names_user_and_virtual_host(rabbitmq_servers: Mapping[str, RabbitMQ]) -> None:
    target = target_at("rabbitmq", rabbitmq_servers["3.10"].port, "app", "wr0ng", scheme="amqp", path="shop")
    diagnosis, _ = await diagnose_one(target)
    assert diagnosis.privilege.splitlines() == [
        "rabbitmqctl set_user_tags app monitoring",
        "rabbitmqctl set_permissions -p shop app '^$' '^$' '^$'",
    ]


async def test_wanted_certificate_is_advised(servers: Servers, tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    both = authority.lent("valid", servers)
    settings = {"ssl": "on", "ssl_cert_file": both, "ssl_key_file": both, "ssl_ca_file": authority.lent("ca", servers)}
    database = servers.postgres("15", settings=settings)
    hba = database.folder / "data" / "pg_hba.conf"
    hba.write_text("hostssl all all all trust clientcert=verify-ca\n")
    database.stop()
    database.start()
    target = target_at("postgres", database.port, "postgres", tls=TlsMode.REQUIRE)
    diagnosis, _ = await diagnose_one(target)
    assert "certificate" in failed_step(diagnosis).words
    assert diagnosis.privilege == ""
    assert any("cert = " in note for note in diagnosis.notes)


async def test_missing_password_is_named(servers: Servers) -> None:
    database = servers.postgres("16", password=PASSWORD)
    await _lacks_password(target_at("postgres", database.port, "postgres", path="postgres"))
    memcached = servers.memcached("1.6.18", login=("app", PASSWORD))
    await _lacks_password(target_at("memcached", memcached.port))
    mariadb = servers.mariadb("11.8", sql=[f"CREATE USER app@'%' IDENTIFIED BY '{PASSWORD}'"])
    await _lacks_password(target_at("mysql", mariadb.port, "app"))


async def _lacks_password(target: Target) -> None:
    diagnosis, steps = await diagnose_one(target)
    assert steps["login"].state == "failed"
    advice = 'add password_env = "VARIABLE" (the variable with the password) next to the URL'
    assert (diagnosis.privilege, diagnosis.notes) == ("", (advice,))

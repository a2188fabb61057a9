"""Rights on PostgreSQL: the documented privilege suffices, and hidden settings carry the grant that shows them."""

from __future__ import annotations

import asyncpg

from parity_tui.demo.postgres import Postgres
from parity_tui.demo.servers import Servers
from parity_tui.model import Verdict
from parity_tui.services.postgres import SERVICE
from parity_tui.transport.dialer import NetworkDialer
from tests.conftest import Shared
from tests.services.postgres.builders import drift, reading, rows, target


async def test_plain_role_gets_exactly_the_hidden_names(
    each_postgres: Postgres, superuser: asyncpg.Connection[asyncpg.Record]
) -> None:
    """Hidden settings are those that the superuser sees and the role does not; each names the grant."""
    await superuser.execute('CREATE ROLE "Plain" LOGIN')
    try:
        everything, part = await reading(each_postgres), await reading(each_postgres, user="Plain")
    finally:
        await superuser.execute('DROP ROLE "Plain"')
    assert {name for name, _ in part.hidden} == everything.facts.keys() - part.facts.keys()
    assert {why for _, why in part.hidden} == {'needs GRANT pg_read_all_settings TO "Plain"'}
    assert drift(everything, part) == set()
    compared = rows(everything, part)
    row = compared["shared_preload_libraries"]
    assert row.verdict is Verdict.UNKNOWN
    assert [row.setting for row in compared.values() if row.listed] == [row.explained_by]
    assert part.notes[-1] == f'{len(part.hidden)} settings hidden: needs GRANT pg_read_all_settings TO "Plain"'


async def test_documented_privilege_shows_everything(
    each_postgres: Postgres, superuser: asyncpg.Connection[asyncpg.Record]
) -> None:
    """The text, run unchanged, makes a role that sees what a superuser sees."""
    await superuser.execute(SERVICE.privilege)
    try:
        result = await reading(each_postgres, user="parity")
    finally:
        await superuser.execute("DROP ROLE parity")
    assert result.hidden == ()
    assert result.facts == (await reading(each_postgres)).facts


async def test_remedy_of_hidden_groups_shows_them(
    each_postgres: Postgres, superuser: asyncpg.Connection[asyncpg.Record]
) -> None:
    await superuser.execute("CREATE ROLE plain LOGIN")
    try:
        hidden = dict((await reading(each_postgres, user="plain")).hidden)
        remedies = {
            group.remedy.format(user="plain")
            for group in SERVICE.hidden
            if group.why.replace("{user}", "plain") in hidden.values()
        }
        assert len(remedies) == 1
        await superuser.execute(remedies.pop())
        assert (await reading(each_postgres, user="plain")).hidden == ()
    finally:
        await superuser.execute("DROP ROLE plain")


async def test_forbidden_parts_do_not_break_the_rest(servers: Servers, postgres_servers: Shared[Postgres]) -> None:
    """A simpler statement is sent instead; settings that it does not read are unknown, neither same nor drift."""
    server = servers.postgres("16", sql=["REVOKE EXECUTE ON FUNCTION pg_available_extensions() FROM PUBLIC"])
    server.sql("CREATE ROLE watcher LOGIN IN ROLE pg_read_all_settings")
    assert (await reading(server, user="watcher")).facts["extension.plpgsql"].raw == "1.0"
    server.sql("REVOKE SELECT ON pg_db_role_setting FROM PUBLIC")
    where = target(server, "postgres", "watcher")
    async with SERVICE.connect(where, NetworkDialer(where, 20)) as read:
        least = await read()
        assert await read() == least
    assert least.version == "16.14"
    assert least.notes == ("no TLS", "this server shows its settings only")
    compared = rows(least, await reading(postgres_servers["16"]))
    assert {name for name, row in compared.items() if row.verdict is Verdict.DRIFT} == set()
    assert compared["work_mem"].verdict is Verdict.SAME
    assert compared["extension.plpgsql"].verdict is Verdict.UNKNOWN
    assert compared["database.collate"].verdict is Verdict.UNKNOWN

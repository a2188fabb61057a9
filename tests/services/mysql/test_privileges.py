"""Rights on MariaDB: the documented privilege suffices, and hidden facts carry the grant that shows them."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from parity_tui.demo.mysql import MariaDB
from parity_tui.demo.servers import Servers
from parity_tui.model import ServiceError, TlsMode
from parity_tui.secrets import Secret
from parity_tui.services.mysql import SERVICE
from tests.services.mysql.builders import Superuser, drift, read_once, reading, target, unknown


async def test_documented_privilege_shows_every_variable(servers: Servers) -> None:
    """The text, run unchanged, makes a user who may log in over TLS only."""
    server = servers.mariadb("11.8", sql=[SERVICE.privilege.rstrip(";")])
    login = replace(target(server, user="parity"), password=lambda: Secret("…"))
    result, everything = await read_once(login), await reading(server)
    assert drift(result, everything) == set()
    assert result.facts.keys() == everything.facts.keys()
    with pytest.raises(ServiceError, match="which it may require"):
        await read_once(replace(login, tls=TlsMode.OFF))


async def test_hidden_facts_name_the_grant_they_need(each_mariadb: MariaDB, superuser: Superuser) -> None:
    """Hidden facts are unknown, neither same nor drift; the remedy, run unchanged, shows them."""
    await superuser.run("CREATE USER `it's`@'%'", "CREATE DATABASE app", "CREATE DATABASE shop")
    try:
        part, everything = await reading(each_mariadb, "app", "it's"), await reading(each_mariadb, "app")
        hidden = dict(part.hidden)
        assert hidden.pop("migrations (*)") == "needs GRANT SELECT ON `app`.* TO 'it''s'@'%'"
        assert hidden.keys() == {"database.character_set", "database.collation", "database[*]"}
        assert set(hidden.values()) == {"needs GRANT SHOW DATABASES ON *.* TO 'it''s'@'%'"}
        assert drift(part, everything) == set()
        assert unknown(part, everything) == {"database.character_set", "database.collation", "database[shop]"}
        group = next(group for group in SERVICE.hidden if group.glob == "database[*]")
        assert group.why.format(user="'it''s'@'%'") == hidden["database[*]"]
        await superuser.run(group.remedy.format(user="'it''s'@'%'").rstrip(";"))
        granted = await reading(each_mariadb, "app", "it's")
        assert [glob for glob, _ in granted.hidden] == ["migrations (*)"]
        assert granted.facts.keys() == everything.facts.keys()
    finally:
        await superuser.run("DROP USER `it's`@'%'", "DROP DATABASE app", "DROP DATABASE shop")

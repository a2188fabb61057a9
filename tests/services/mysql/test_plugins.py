"""Storage engines and plug-ins of MariaDB: what is loaded on one side only."""

from __future__ import annotations

from parity_tui.demo import programs
from parity_tui.demo.mysql import MariaDB
from parity_tui.demo.servers import Servers
from parity_tui.model import Severity
from parity_tui.services.mysql.remediation import remediate
from tests.conftest import MARIADB, Shared, missing
from tests.services.mysql.builders import drift, reading, rows, superuser_of, unknown

LOADED = [
    ("ha_archive", "engine.archive", Severity.CRITICAL),
    ("ha_blackhole", "engine.blackhole", Severity.CRITICAL),
    ("auth_ed25519", "authentication.ed25519", Severity.CRITICAL),
    ("type_mysql_json", "plugin.mysql_json", Severity.CRITICAL),
    ("server_audit", "plugin.server_audit", Severity.WARNING),
    ("simple_password_check", "plugin.simple_password_check", Severity.WARNING),
    ("password_reuse_check", "plugin.password_reuse_check", Severity.WARNING),
    ("query_response_time", "plugin.query_response_time", Severity.INFO),
    ("sql_errlog", "plugin.sql_error_log", Severity.INFO),
    ("locales", "plugin.locales", Severity.INFO),
]
"""libraries that bring no variable, one or many -> the only row that they give"""


def own_version() -> str:
    """Return the version of this system's MariaDB: the servers of another Debian have no libraries of plug-ins."""
    own = [each.version for each in programs.programs("mariadb") if each.root is None]
    if not own:
        missing("this system has no MariaDB of its own")
    return next(version for version in MARIADB if own[0].startswith(version))


async def test_each_plugin_is_one_row(servers: Servers) -> None:
    """With the variables that it brings."""
    sql = ["CREATE USER parity@'127.0.0.1'"]
    version = own_version()
    plain, planted = (servers.mariadb(version, sql=sql) for _ in "12")
    before = await reading(plain, user="parity")
    for library, name, severity in LOADED:
        async with superuser_of(planted) as superuser:
            await superuser.run(f"INSTALL SONAME '{library}'")
            after = await reading(planted, user="parity")
            await superuser.run(f"UNINSTALL SONAME '{library}'")
        assert drift(before, after) == {name}, library
        assert rows(before, after)[name].severity is severity, library
        assert unknown(before, after) == set()
    assert drift(before, await reading(planted, user="parity")) == set()


async def test_engines_are_read(each_mariadb: MariaDB) -> None:
    facts = (await reading(each_mariadb)).facts
    assert {"engine.innodb", "engine.aria", "engine.myisam"} <= facts.keys()
    assert facts["engine.innodb"].source == "built in"
    assert remediate("engine.innodb", "on", facts["engine.innodb"]) == ""


async def test_engines_of_versions_are_equal(mariadb_servers: Shared[MariaDB]) -> None:
    both = [await reading(server) for server in mariadb_servers.values()]
    assert [name for name in drift(*both) if name.startswith(("engine.", "authentication.", "plugin."))] == []

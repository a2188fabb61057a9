"""One value in several spellings is the same: zones, locales, libraries, lists of names; files and ALTER DATABASE."""

from __future__ import annotations

import pytest

from parity_tui.demo.postgres import Postgres
from parity_tui.demo.servers import Servers
from parity_tui.model import Verdict
from tests.services.postgres.builders import drift, reading, rows


async def test_spellings_of_one_value_are_the_same(servers: Servers) -> None:
    """Zones by the links of the tz database, locales by their character set."""
    pair = [
        {"TimeZone": "UTC", "log_timezone": "Etc/UTC", "lc_time": "C.utf8", "default_text_search_config": "english"},
        {
            "TimeZone": "Etc/UTC",
            "log_timezone": "Zulu",
            "lc_time": "C.UTF-8",
            "default_text_search_config": "pg_catalog.english",
        },
    ]
    pair[0]["search_path"], pair[1]["search_path"] = '"$user", public', '"$user",public'
    locales = ("C.utf8", "C.UTF-8")
    sql = "CREATE DATABASE shop TEMPLATE template0 LOCALE '{}'"
    both = [
        servers.postgres("16", settings=settings, initdb=[f"--locale={locale}"], sql=[sql.format(locale)])
        for settings, locale in zip(pair, locales, strict=True)
    ]
    readings = [await reading(server) for server in both]
    assert readings[0].facts["database.collate"].raw != readings[1].facts["database.collate"].raw
    assert drift(*readings) == set()


@pytest.mark.parametrize(
    ("setting", "one", "other"),
    [
        ("TimeZone", "America/New_York", "US/Eastern"),
        ("shared_preload_libraries", "auto_explain", "$libdir/auto_explain"),
        ("DateStyle", "ISO, DMY", "European"),
    ],
)
async def test_other_names_are_the_same(servers: Servers, setting: str, one: str, other: str) -> None:
    readings = [await reading(servers.postgres("15", settings={setting: value})) for value in (one, other)]
    assert drift(*readings) == set()


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [('"Foo", public', '"Foo, public"', False), ("Foo", '"Foo"', False), ("foo", '"foo"', True), ("a,b", "a, b", True)],
)
async def test_members_of_search_path_keep_their_quotes(playground: Postgres, one: str, other: str, same: bool) -> None:
    playground.sql("CREATE DATABASE one_path", "CREATE DATABASE other_path")
    try:
        readings = []
        for database, path in (("one_path", one), ("other_path", other)):
            playground.sql(f"ALTER DATABASE {database} SET search_path = {path}")
            readings.append(await reading(playground, database))
        row = rows(*readings)["override.database.search_path"]
    finally:
        playground.sql("DROP DATABASE one_path WITH (FORCE)", "DROP DATABASE other_path WITH (FORCE)")
    assert (row.verdict is Verdict.SAME) is same


async def test_without_a_database_the_users_own_is_read(servers: Servers) -> None:
    """As libpq does: the extensions of another database would prove nothing."""
    server = servers.postgres(
        "15",
        sql=[
            "CREATE ROLE app LOGIN", "CREATE DATABASE app OWNER app",
            "CREATE ROLE other LOGIN", "CREATE ROLE closed LOGIN", "CREATE DATABASE closed OWNER closed",
        ],
    )  # fmt: skip
    server.sql("CREATE EXTENSION pgcrypto", database="app")
    own, fallback = await reading(server, "", "app"), await reading(server, "", "other")
    assert ("extension.pgcrypto" in own.facts, "extension.pgcrypto" in fallback.facts) == (True, False)
    note = "the URL has no database, and other does not exist: reading postgres"
    assert (note in fallback.notes, any("names no database" in each for each in own.notes)) == (True, False)
    server.sql("REVOKE CONNECT ON DATABASE postgres FROM PUBLIC")
    assert "override.database.jit" not in (await reading(server, "", "closed")).facts


@pytest.mark.parametrize(
    ("setting", "one", "other"),
    [
        ("synchronous_commit", "on", "true"),
        ("synchronous_commit", "off", "0"),
        ("constraint_exclusion", "on", "yes"),
        ("jit", "off", "of"),
        ("enable_sort", "off", "F"),
        ("TimeZone", "Europe/Paris", "europe/paris"),
        ("TimeZone", "America/Port-au-Prince", "AMERICA/port-AU-prince"),
        ("TimeZone", "Etc/GMT+5", "etc/gmt+5"),
        ("TimeZone", "US/Eastern", "america/new_york"),
    ],
)
async def test_words_of_overrides_are_read_as_the_server_does(
    playground: Postgres, setting: str, one: str, other: str
) -> None:
    """ALTER DATABASE keeps the word that it was given."""
    playground.sql("CREATE DATABASE one_word", "CREATE DATABASE other_word")
    try:
        readings = []
        for database, word in (("one_word", one), ("other_word", other)):
            playground.sql(f"ALTER DATABASE {database} SET {setting} = '{word}'")
            readings.append(await reading(playground, database))
        row = rows(*readings)[f"override.database.{setting}"]
    finally:
        playground.sql("DROP DATABASE one_word WITH (FORCE)", "DROP DATABASE other_word WITH (FORCE)")
    assert row.verdict is Verdict.SAME


async def test_standbys_are_the_same_in_both_syntaxes(servers: Servers) -> None:
    settings = {"synchronous_commit": "local"}
    words = ("'FIRST 1 (a, b)'", "'1 (a,b)'", "'A,b'", "'ANY 1 (a, b)'")
    readings = [
        await reading(servers.postgres("18", settings={**settings, "synchronous_standby_names": word.strip("'")}))
        for word in words
    ]
    assert drift(*readings[:3]) == set()
    assert drift(readings[0], readings[3]) == {"synchronous_standby_names"}

"""Parity is proved, not assumed: real servers that show next to nothing, or that are one server."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from parity_tui.demo.memcached import Memcached
from parity_tui.demo.postgres import Postgres
from parity_tui.demo.redis import Redis
from parity_tui.demo.servers import Servers

from .test_end_to_end import check, report, write_config

AGELESS = "[severity]\n'*.patches behind' = 'ignore'\n'*.end of life' = 'ignore'\n"
"""the tests' servers grow old"""
ACCEPT = "[[expect]]\nservice = 'cache'\nsetting = '*'\nhidden = true\nreason = 'no rights there'\n"


def listed(document: Mapping[str, Any]) -> dict[str, str]:
    """Return setting -> note of every listed row."""
    return {row["setting"]: row["note"] for service in document["services"] for row in service["rows"]}


def test_renamed_config_on_both_sides_is_no_parity(tmp_path: Path, servers: Servers) -> None:
    renamed = {"rename-command": 'CONFIG ""'}
    some, other = (
        servers.redis("7.0", settings={"databases": count, "timeout": wait, **renamed})
        for count, wait in (("16", "0"), ("4", "90"))
    )
    environments = {"dev": {"cache": some.url()}, "production": {"cache": other.url()}}
    code, document = report(tmp_path, environments, more=AGELESS)
    ((setting, note),) = listed(document).items()
    assert (code, setting.startswith("hidden: ")) == (3, True)
    assert "hidden in any environment: this server does not offer CONFIG" in note
    text = check(tmp_path / "parity.toml").stdout.replace("parity.toml", "")
    assert "parity" not in text
    assert "agree" not in text
    (suite,) = ElementTree.fromstring(check(tmp_path / "parity.toml", "--format", "junit").stdout)
    assert suite.get("skipped") == "1"
    accepted = check(write_config(tmp_path, environments, AGELESS + ACCEPT))
    assert (accepted.returncode, accepted.stdout.endswith("\n1 expected\n")) == (0, True)


def test_user_without_rights_on_both_sides_is_no_parity(tmp_path: Path, servers: Servers) -> None:
    acl = {"user": "app on nopass +info +ping +client"}
    urls = [servers.valkey("9", settings={**acl, "timeout": wait}).url("app", "x") for wait in ("0", "90")]
    code, document = report(tmp_path, {"dev": {"cache": urls[0]}, "production": {"cache": urls[1]}})
    (note,) = listed(document).values()
    assert code == 3
    assert "the user app may not ask: ACL SETUSER app +config|get" in note


def test_one_server_in_two_environments_is_no_parity(
    tmp_path: Path,
    redis_servers: Mapping[str, Redis],
    postgres_servers: Mapping[str, Postgres],
    memcached_servers: Mapping[str, Memcached],
) -> None:
    services = {
        "cache": redis_servers["7.0"].url(),
        "database": postgres_servers["16"].url("postgres", path="postgres"),
        "sessions": memcached_servers["1.6.18"].url(),
    }
    code, document = report(tmp_path, {"dev": services, "production": services}, more=AGELESS)
    assert code == 3
    for service in document["services"]:
        (row,) = service["rows"]
        assert (row["setting"], row["verdict"]) == ("same server", "unknown")
        assert row["note"] == "dev and production are the same server: nothing compared"


def test_one_file_in_two_environments_is_no_parity(tmp_path: Path) -> None:
    import sqlite3

    sqlite3.connect(tmp_path / "app.db").execute("CREATE TABLE t (x)").connection.close()
    url = f"sqlite:///{tmp_path / 'app.db'}"
    code, document = report(tmp_path, {"dev": {"database": url}, "production": {"database": url}})
    assert (code, list(listed(document))) == (3, ["same server"])

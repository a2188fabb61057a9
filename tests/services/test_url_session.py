"""Options of the app's URL that change what its sessions get are compared, with real servers behind the URLs."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from parity_tui.demo.mysql import MariaDB
from parity_tui.demo.postgres import Postgres
from parity_tui.drift.row import ALARMS


def check(folder: Path, urls: Mapping[str, str]) -> dict[str, Any]:
    """Return the report of `check` on a dotenv file for each environment."""
    files = []
    for name, url in urls.items():
        (folder / name).write_text(f"DATABASE_URL='{url}'\n")
        files += ["--env-file", f"{name}={name}"]
    result = subprocess.run(
        [sys.executable, "-m", "parity_tui", "check", "--format", "json", "--timeout", "20s", *files],
        cwd=folder, env={"PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONPATH": str(Path.cwd())},
        capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert result.stdout, result.stderr
    report: dict[str, Any] = json.loads(result.stdout)
    return report


def settings(report: dict[str, Any]) -> list[str]:
    """Return the settings that drift; the servers' age is none of them."""
    rows = [row for service in report["services"] for row in service["rows"] if row["verdict"] == "drift"]
    return [row["setting"] for row in rows if row["setting"] not in ALARMS]


@pytest.mark.parametrize("key", ["options", "currentSchema", "TimeZone"])
def test_session_options_of_postgres_are_compared(
    tmp_path: Path, postgres_servers: Mapping[str, Postgres], key: str
) -> None:
    url = postgres_servers["16"].url("postgres", path="postgres") + f"?{key}="
    assert settings(check(tmp_path, {"dev": f"{url}a", "production": f"{url}b"})) == [f"url.{key}"]
    assert settings(check(tmp_path, {"dev": f"{url}a", "production": url.partition("?")[0]})) == [f"url.{key}"]
    assert settings(check(tmp_path, {"dev": f"{url}a", "production": f"{url}a"})) == []


def test_session_options_of_mysql_are_compared(tmp_path: Path, mariadb_servers: Mapping[str, MariaDB]) -> None:
    url = mariadb_servers["11.8"].url("root") + "/?sql_mode="
    assert settings(check(tmp_path, {"dev": f"{url}ANSI", "production": f"{url}STRICT"})) == ["url.sql_mode"]


@pytest.mark.parametrize(
    ("one", "other"), [("charset=utf8", "charset=utf8mb4"), ("autocommit=true", "autocommit=false")]
)
def test_character_set_of_mysql_sessions_is_compared(
    tmp_path: Path, mariadb_servers: Mapping[str, MariaDB], one: str, other: str
) -> None:
    url = mariadb_servers["11.8"].url("root") + "/?"
    assert settings(check(tmp_path, {"dev": url + one, "production": url + other})) == [f"url.{one.partition('=')[0]}"]


@pytest.mark.parametrize(
    ("one", "other", "row"),
    [
        ("?foreign_keys=on", "?foreign_keys=off", "url.foreign_keys"),
        ("?_foreign_keys=on", "", "url.foreign_keys"),
        ("?_fk=1", "?_foreign_keys=on", ""),
        ("?mode=ro", "?mode=rw", "url.mode"),
        ("?_pragma=foreign_keys(1)&_pragma=busy_timeout(9)", "?_pragma=busy_timeout(9)", "url.pragma"),
        ("?_pragma=foreign_keys(1)&_pragma=busy_timeout(9)", "?_pragma=busy_timeout(9)&_pragma=foreign_keys(1)", ""),
        ("?cache=shared", "", ""),
    ],
)
def test_session_options_of_sqlite_are_compared(tmp_path: Path, one: str, other: str, row: str) -> None:
    """A pragma of each session is nowhere in the file."""
    for name in ("a.db", "b.db"):
        with closing(sqlite3.connect(tmp_path / name)) as connection:
            connection.execute("CREATE TABLE t (x)")
            connection.commit()
    report = check(
        tmp_path, {"dev": f"sqlite:///{tmp_path}/a.db{one}", "production": f"sqlite:///{tmp_path}/b.db{other}"}
    )
    assert settings(report) == ([row] if row else [])
    severities = {each["severity"] for service in report["services"] for each in service["rows"]}
    assert not row or "critical" in severities


@pytest.mark.parametrize("pragma", ['key("s3crpw")', "hexkey(s3crpw)", "rekey=s3crpw"])
def test_key_in_a_pragma_is_not_shown(tmp_path: Path, pragma: str) -> None:
    """SQLCipher takes the key of the file from one."""
    (tmp_path / "a.db").touch()
    urls = {"dev": f"sqlite:///{tmp_path}/a.db?_pragma={pragma}", "production": f"sqlite:///{tmp_path}/a.db"}
    report = check(tmp_path, urls)
    assert "url.pragma" in repr(report)
    assert "s3crpw" not in repr(report)

"""A golden file in a pipeline: what is new fails it, whatever was approved; a server that is down is unknown."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from parity_tui import secrets
from parity_tui.cli import Exit, main
from parity_tui.demo.redis import Redis
from parity_tui.demo.servers import Servers
from tests.test_end_to_end import AGE, write_config

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the program in a folder of its own; return code, stdout and stderr."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))

    monkeypatch.setattr(secrets, "_key", secrets._key)  # put back at the end

    def run_program(*arguments: str) -> tuple[int, str, str]:
        code = main(arguments)
        output = capsys.readouterr()
        return code, output.out, output.err

    return run_program


def caches(servers: Servers, folder: Path) -> dict[str, Redis]:
    """Start a cache for two environments, which differ in one setting."""
    started = {
        "dev": servers.redis("8.0", settings={"maxmemory-policy": "allkeys-lru"}),
        "production": servers.redis("8.0"),
    }
    config = {name: {"cache": server.url()} for name, server in started.items()}
    write_config(folder, config, 'baseline = "production"\ntimeout = "20s"')
    return started


def test_pipeline_fails_by_new_drift_only(run: Run, servers: Servers, tmp_path: Path) -> None:
    started = caches(servers, tmp_path)
    assert run("check")[0] == Exit.DRIFT
    code, out, err = run("snapshot", "--approve", "-o", "parity.lock.json")
    assert (code, out) == (Exit.PARITY, "")
    assert err.startswith("parity.lock.json: 2 environments, 1 service, ")
    code, out, _ = run("check", "--against", "parity.lock.json")
    assert code == Exit.PARITY, out
    assert "cache maxmemory-policy" in out.partition("against parity.lock.json")[2]

    started["dev"].do("CONFIG", "SET", "appendonly", "yes")
    code, out, _ = run("check", "--against", "parity.lock.json", "--format", "json")
    against = json.loads(out)["against"]
    assert code == Exit.DRIFT
    assert [(row["setting"], row["status"]) for row in against["rows"] if row["setting"] not in AGE] == [
        ("appendonly", "new"),
        ("maxmemory-policy", "unchanged"),
    ]
    assert against["rows"][0]["message"] == "you changed it: dev no → yes"
    assert (against["summary"]["new"], against["summary"]["resolved"]) == (1, 0)

    started["dev"].do("CONFIG", "SET", "appendonly", "no")
    assert run("check", "--against", "parity.lock.json")[0] == Exit.PARITY

    started["production"].kill()
    code, out, err = run("snapshot", "--approve", "-o", "parity.lock.json")
    assert code == Exit.UNKNOWN
    assert "production cache was not read" in err
    assert "nothing is written" in err
    code, out, _ = run("check", "--against", "parity.lock.json")
    assert code == Exit.UNKNOWN
    assert "unknown   " in out
    assert "resolved" not in out


def test_changes_of_the_baseline_make_the_golden_file_stale(run: Run, servers: Servers, tmp_path: Path) -> None:
    started = caches(servers, tmp_path)
    assert run("snapshot", "--approve", "-o", "lock.json")[0] == Exit.PARITY
    started["production"].do("CONFIG", "SET", "appendonly", "yes")
    started["dev"].do("CONFIG", "SET", "maxmemory-policy", "noeviction")
    code, out, _ = run("check", "--against", "lock.json")
    assert code == Exit.DRIFT
    words = " ".join(out.split())
    assert "appendonly: the golden file is stale: the baseline has changed: production no → yes" in words
    assert "maxmemory-policy: the golden file is stale: this was approved, and it is gone" in words
    assert words.endswith("to renew it: parity-tui snapshot --approve -o lock.json")

    _, _, err = run("snapshot", "--approve", "-o", "lock.json")
    assert "new: cache appendonly" in err
    code, out, _ = run("check", "--against", "lock.json")
    assert code == Exit.PARITY
    assert "stale" not in out


@pytest.mark.parametrize("form", ["text", "json", "markdown", "junit", "github"])
def test_every_format_tells_new_resolved_and_unchanged_apart(run: Run, tmp_path: Path, form: str) -> None:
    files = {name: tmp_path / f"{name}.env" for name in ("dev", "production")}
    write_config(tmp_path, {name: {"app": f"env:///{path.name}"} for name, path in files.items()})
    files["dev"].write_text("A=1\nB=1\n")
    files["production"].write_text("C=1\n")
    assert run("snapshot", "--approve", "-o", "lock.json")[0] == Exit.PARITY
    files["dev"].write_text("A=1\nD=1\n")
    code, out, _ = run("check", "--against", "lock.json", "--format", form)
    assert code == Exit.DRIFT
    for word in ("new", "resolved", "unchanged") if form != "github" else ("new, ", "resolved, ", "as approved"):
        assert word in out
    if form == "github":
        assert out.startswith("::error title=new%2C warning%3A app D::you changed it: dev has a number")
        assert out.count("::error ") == 1
    if form == "junit":
        assert out.count("<failure ") == 1


def test_damaged_golden_file_is_wrong_usage_before_servers_are_asked(run: Run, tmp_path: Path) -> None:
    write_config(tmp_path, {name: {"cache": "redis://127.0.0.1:1"} for name in ("dev", "production")})
    (tmp_path / "lock.json").write_text('{"schema": 7}')
    for file, words in (("lock.json", "a newer parity-tui has written it"), ("missing.json", "snapshot --approve -o")):
        code, out, err = run("check", "--against", file)
        assert (code, out) == (Exit.USAGE, "")
        assert words in err


def test_existing_file_is_rewritten_only_when_asked(run: Run, tmp_path: Path) -> None:
    write_config(tmp_path, {name: {"cache": "memory://"} for name in ("dev", "production")})
    assert run("snapshot", "-o", "day.json")[0] == Exit.PARITY
    before = (tmp_path / "day.json").read_bytes()
    code, _, err = run("snapshot", "-o", "day.json")
    assert code == Exit.USAGE
    assert "day.json exists already" in err
    assert (tmp_path / "day.json").read_bytes() == before
    assert oct((tmp_path / "day.json").stat().st_mode)[-3:] == "600"
    (tmp_path / "day.json").chmod(0o644)
    assert run("snapshot", "--approve", "-o", "day.json")[0] == Exit.PARITY
    assert oct((tmp_path / "day.json").stat().st_mode)[-3:] == "644"
    assert sorted(os.listdir(tmp_path)) == ["day.json", "parity.toml", "state"]
    assert run("snapshot", "--approve")[0] == Exit.USAGE
    assert run("snapshot", "-o", str(tmp_path / "no" / "such.json"))[0] == Exit.UNWRITTEN


def test_part_of_a_golden_file_is_not_approved(run: Run, tmp_path: Path) -> None:
    write_config(tmp_path, {name: {"cache": "memory://"} for name in ("dev", "staging", "production")})
    assert run("snapshot", "--approve", "-o", "lock.json")[0] == Exit.PARITY
    code, _, err = run("snapshot", "--approve", "-o", "lock.json", "--environment", "dev", "production")
    assert (code, err) == (Exit.USAGE, "lock.json has staging too: approve all of it, or name another file\n")
    write_config(tmp_path, {name: {"cache": "memory://"} for name in ("dev", "production")})
    assert run("snapshot", "--approve", "-o", "lock.json")[0] == Exit.PARITY


def test_secret_that_is_hashed_with_another_key_is_unknown(
    run: Run, servers: Servers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = {name: servers.redis("8.0", settings={"masterauth": f"{name}-fish"}) for name in ("dev", "production")}
    config = {name: {"cache": server.url()} for name, server in started.items()}
    write_config(tmp_path, config, 'timeout = "20s"\n[severity]\n"redis.primaryauth" = "warning"')
    assert run("snapshot", "-o", "lock.json")[0] == Exit.PARITY
    assert "fish" not in (tmp_path / "lock.json").read_text()
    assert run("check", "--against", "lock.json", "--fail-on", "info")[0] == Exit.PARITY
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "other"))
    code, out, _ = run("check", "--against", "lock.json", "--fail-on", "info")
    assert code == Exit.UNKNOWN, out
    assert "primaryauth: the secret of the golden file is hashed with another key" in " ".join(out.split())

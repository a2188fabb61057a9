"""`parity-tui doctor` on real servers: exit codes and reports."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from parity_tui.demo.memcached import Memcached
from parity_tui.demo.postgres import Postgres
from parity_tui.demo.rabbitmq import RabbitMQ
from parity_tui.demo.redis import Redis
from parity_tui.demo.servers import Servers
from parity_tui.doctor import Diagnosis, Step, StepName, StepState
from parity_tui.model import Target
from parity_tui.report.diagnosis import to_text
from parity_tui.report.text import Style
from tests.doctor.builders import PASSWORD, doctor


def test_healthy_targets_exit_zero_with_timed_steps(
    tmp_path: Path,
    postgres_servers: Mapping[str, Postgres],
    valkey_servers: Mapping[str, Redis],
    memcached_servers: Mapping[str, Memcached],
) -> None:
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


def test_first_failing_step_is_explained(
    tmp_path: Path, servers: Servers, valkey_servers: Mapping[str, Redis], rabbitmq_servers: Mapping[str, RabbitMQ]
) -> None:
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
    assert words["unknown"] == "the name nowhere.invalid does not exist"
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


def test_text_report_is_plain_in_a_pipe(tmp_path: Path, valkey_servers: Mapping[str, Redis]) -> None:
    services = {"cache": valkey_servers["9"].url(), "gone": "memcached://127.0.0.1:1"}
    result = doctor(tmp_path, services, "--service", "cache", "gone")
    assert "✓ TCP" in result.stdout
    assert "✗ TCP" in result.stdout
    assert "\x1b" not in result.stdout
    assert result.stdout.endswith("\n2 targets: 1 failed\n")
    wrong = doctor(tmp_path, services, "--service", "cahce")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert 'did you mean "cache"' in wrong.stderr


async def test_text_report_escapes_control_characters() -> None:
    step = Step(StepName.LOGIN, StepState.FAILED, "says \x1b[2J and \u202e")
    target = Target("dev", "it", "redis")
    diagnosis = Diagnosis(target, StepState.FAILED, "", (step,), privilege="GRANT " + "x" * 200)
    text = to_text(diagnosis, Style(width=60, unicode=False))
    assert text.isascii()
    assert "\x1b" not in text
    assert "x" * 200 in text
    assert "x login" in text


def test_variable_that_is_left_out_is_named(tmp_path: Path, valkey_servers: Mapping[str, Redis]) -> None:
    (tmp_path / ".env").write_text(f"REDIS_URL={valkey_servers['9'].url()}\nOLD_URL=couchdb://u:{PASSWORD}@h\n")
    result = doctor(tmp_path, {}, "--env-file", "dev=.env")
    left_out = "OLD_URL is left out: couchdb:// is the URL of no kind of service that is known here"
    assert result.stdout.endswith(f"1 target: all ok\ndev: {left_out}\n")
    assert result.returncode == 3
    listed = json.loads(doctor(tmp_path, {}, "--env-file", "dev=.env", "--format", "json").stdout)["left_out"]
    assert [(item["environment"], item["name"]) for item in listed] == [("dev", "OLD_URL")]
    assert PASSWORD not in result.stdout + result.stderr

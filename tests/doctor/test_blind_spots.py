"""What doctor counts as hidden is what `check` lists as blind spots."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from parity_tui.demo.postgres import Postgres
from parity_tui.demo.rabbitmq import RabbitMQ
from parity_tui.demo.redis import Redis
from parity_tui.demo.servers import Servers
from tests.doctor.builders import PASSWORD


def ask(folder: Path, command: str, environments: Mapping[str, str], more: str = "") -> dict[str, Any]:
    """Run a command on the service "it" of these environments, and return its JSON with its exit code."""
    entries = [f"[environments.{name}.services.it]\n{entry}" for name, entry in environments.items()]
    (folder / "parity.toml").write_text("\n".join([*entries, more]))
    (folder / "parity.toml").chmod(0o600)
    argv = [sys.executable, "-m", "parity_tui", command, "--timeout", "20s", "--format", "json"]
    env = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "PYTHONPATH": str(Path.cwd())}
    result = subprocess.run(argv, cwd=folder, env=env, capture_output=True, text=True, check=False)
    return {"code": result.returncode, **json.loads(result.stdout)}


def listed(report: Mapping[str, Any]) -> set[tuple[str, ...]]:
    """Return the settings of each blind spot that `check` lists."""
    (service,) = report["services"]
    rows = [row for row in service["rows"] if row["verdict"] == "unknown"]
    return {tuple(row.get("members") or [row["setting"]]) for row in rows}


def counted(report: Mapping[str, Any]) -> list[set[tuple[str, ...]]]:
    """Return the settings of each blind spot that doctor counts, by target."""
    return [{tuple(group["settings"]) for group in target["hidden"]} for target in report["targets"]]


@pytest.fixture
def closed(servers: Servers) -> str:
    """Return the entry of a server whose login sees nothing but INFO."""
    cache = servers.valkey("9", acl=[["reader", "on", f">{PASSWORD}", "resetkeys", "-@all", "+info", "+ping"]])
    return f'url = "{cache.url("reader", PASSWORD)}"'


def test_doctor_counts_what_check_lists(tmp_path: Path, closed: str, valkey_servers: Mapping[str, Redis]) -> None:
    """In the environment that hides it; hidden settings of no weight are counted with others, and never alone."""
    both = {"dev": closed, "production": f'url = "{valkey_servers["9"].url()}"'}
    check, doctor = ask(tmp_path, "check", both), ask(tmp_path, "doctor", both)
    assert counted(doctor) == [listed(check), set()]
    assert [target["state"] for target in doctor["targets"]] == ["partly", "ok"]
    assert (check["code"], doctor["code"]) == (3, 3)
    (group,) = doctor["targets"][0]["hidden"]
    rights = doctor["targets"][0]["steps"][-1]
    assert len(group["settings"]) > 50
    assert f"{len(group['settings'])} hidden" in rights["words"]


def test_groups_of_no_weight_are_not_counted(tmp_path: Path, rabbitmq_servers: Mapping[str, RabbitMQ]) -> None:
    """The rights of users, which only administrators see, are INFO; feature flags before 4.0 are not."""
    broker = rabbitmq_servers["3.10"]
    broker.api("PUT", "/api/users/watch", {"password": PASSWORD, "tags": "monitoring"})
    broker.api("PUT", "/api/permissions/%2F/watch", {"configure": "^$", "write": "^$", "read": "^$"})
    entry = f'url = "{broker.url("watch", PASSWORD)}"\nmanagement = "{broker.management}"'
    doctor = ask(tmp_path, "doctor", {"dev": entry})
    assert counted(doctor) == [{("feature_flag.*",)}] == [listed(ask(tmp_path, "check", {"dev": entry}))]


def test_one_server_in_two_environments_is_named(tmp_path: Path, postgres_servers: Mapping[str, Postgres]) -> None:
    """Only the comparison shows it."""
    entry = f'url = "{postgres_servers["16"].url("postgres", path="postgres")}"'
    both = {"dev": entry, "production": entry}
    doctor = ask(tmp_path, "doctor", both)
    assert counted(doctor) == [{("same server",)}, {("same server",)}]
    words = "dev and production are the same server: nothing compared"
    for target in doctor["targets"]:
        assert (target["state"], target["hidden"][0]["why"]) == ("partly", words)
        assert target["steps"][-1]["words"].endswith(f"settings, {words}")
    unpatched = '[severity]\n"postgres.patches behind" = "ignore"\n'
    assert doctor["code"] == ask(tmp_path, "check", both, unpatched)["code"] == 3
    accepted = '[[expect]]\nservice = "it"\nsetting = "same server"\nhidden = true\nreason = "one for both"'
    doctor = ask(tmp_path, "doctor", both, accepted)
    assert (counted(doctor), doctor["code"]) == ([set(), set()], 0)
    assert all("expected: one for both" in " ".join(target["notes"]) for target in doctor["targets"])


def test_accepted_blind_spot_is_a_note(tmp_path: Path, closed: str) -> None:
    accepted = '[[expect]]\nservice = "it"\nsetting = "*"\nhidden = true\nreason = "no rights there"\n'
    doctor = ask(tmp_path, "doctor", {"dev": closed}, accepted)
    (target,) = doctor["targets"]
    assert (target["state"], target["hidden"], doctor["code"]) == ("ok", [], 0)
    assert any(note.endswith("expected: no rights there") for note in target["notes"])
    doctor = ask(tmp_path, "doctor", {"dev": closed}, accepted + "until = 2020-01-01\n")
    assert (doctor["targets"][0]["state"], doctor["code"]) == ("partly", 3)

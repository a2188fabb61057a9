"""No child gets a password of ours in its environment: each way is taken, with programs that note what they get."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.faults.program import ROOT, environment, finish, start

PASSWORDS = {
    "NAMED": "in password_env",
    "IN_URL": "in-a-url",
    "WHOLE_URL": "redis://:in-a-whole-url@127.0.0.1:1",
    "IN_KEY": "beside a URL",
    "IN_OPTION": "in-an-option",
    "PGPASSWORD": "of psql",
    "MYSQL_PWD": "of mysql",
    "REDISCLI_AUTH": "of redis-cli",
}
CONFIG = """\
[environments.dev.services]
named = { url = "redis://127.0.0.1:1", password_env = "NAMED" }
url = "redis://:${IN_URL}@127.0.0.1:1"
whole = "${WHOLE_URL}"
key = { url = "redis://127.0.0.1:1", password = "${IN_KEY}" }
option = { url = "amqp://127.0.0.1:1", management = "http://u:${IN_OPTION}@127.0.0.1:1" }
"""
NOTE = "#!/bin/sh\nenv >>{home}/children\n"
WAYS = {
    "password_command": 'way = { url = "redis://127.0.0.1:1", password_command = ["noted"] }',
    "tunnel": 'way = { url = "redis://127.0.0.1:1", tunnel = ["noted", "{port}"] }',
    "local": 'way = "runtime+local://noted"',
    "docker": 'way = "runtime+docker://web/noted"',
    "ssh": 'way = "runtime+ssh://web/noted"',
    "kube": '[environments.p]\nkube = "c/n"\n[environments.p.services]\nway = "redis://svc/cache"',
    "jump": '[environments.p]\nssh = "bastion"\n[environments.p.services]\nway = "redis://cache"',
    "both": '[environments.p]\nssh = "bastion"\n[environments.p.services]\nway = "runtime+ssh://web/noted"',
}


def children(folder: Path, *arguments: str, **variables: str) -> str:
    """Run a check; return the environments of all children that note theirs."""
    programs = folder / "programs"
    programs.mkdir()
    for name in ("noted", "docker", "ssh", "kubectl"):
        (programs / name).write_text(NOTE.format(home=folder))
        (programs / name).chmod(0o755)
    path = f"{programs}:{environment(folder)['PATH']}"
    more = {**PASSWORDS, **variables, "PATH": path, "KEPT": "kept"}
    code, _, error = finish(start("check", *arguments, folder=folder, more=more))
    assert code == 3, error
    return (folder / "children").read_text()


@pytest.mark.parametrize("way", WAYS)
def test_no_child_gets_a_password(way: str, tmp_path: Path) -> None:
    config = tmp_path / "parity.toml"
    config.write_text(f"{CONFIG}{WAYS[way]}\n")
    noted = children(tmp_path, "--config", str(config))
    assert "KEPT=kept" in noted
    assert f"HOME={tmp_path}" in noted
    for name, value in PASSWORDS.items():
        assert name not in noted
        assert value not in noted


def test_password_of_a_dotenv_file_is_withheld(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("DATABASE_URL=redis://:${SECRET}@127.0.0.1:1\nAPP_URL=runtime+local://noted\n")
    noted = children(tmp_path, "--env-file", "dev=.env", SECRET="swordfish", DATABASE_URL="redis://:swordfish@h")
    assert "KEPT=kept" in noted
    assert "swordfish" not in noted


def test_essential_variable_is_never_withheld(tmp_path: Path) -> None:
    config = tmp_path / "parity.toml"
    config.write_text(
        '[environments.dev.services]\na = { url = "redis://127.0.0.1:1", password_env = "PATH" }\n' + WAYS["local"]
    )
    assert "PATH=" in children(tmp_path, "--config", str(config))


def test_every_child_has_an_environment_of_ours() -> None:
    """The demo's servers apart, which no configuration names."""
    starts = {"Popen", "run", "create_subprocess_exec", "create_subprocess_shell", "check_output", "check_call", "call"}
    for path in (ROOT / "parity_tui").rglob("*.py"):
        if "demo" in path.parts:
            continue
        for call in (node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)):
            function = call.func
            if not isinstance(function, ast.Attribute) or function.attr not in starts:
                continue
            if isinstance(function.value, ast.Name) and function.value.id in ("subprocess", "asyncio", "os"):
                assert "env" in {keyword.arg for keyword in call.keywords}, f"{path}:{call.lineno}"

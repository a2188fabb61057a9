"""The contracts of the layout hold, and each of them fails when it is broken."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DRIVERS = {"asyncpg", "asyncmy", "redis", "aio_pika", "aiormq", "aiomcache"}


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter on the package in a folder."""
    program = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [program, "--no-cache", "--config", ROOT / "pyproject.toml", "--no-logo"],
        cwd=folder,
        env={"PYTHONPATH": str(folder), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_contracts_hold() -> None:
    result = lint(ROOT)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "line", "contract"),
    [
        ("drift/values.py", "import parity_tui.watcher", "Imports point down"),
        ("model/values.py", "import parity_tui.config", "Imports point down"),
        ("services/sqlite.py", "import parity_tui.watcher", "Imports point down"),
        ("model/values.py", "import parity_tui.model.service", "No modules import each other in a circle"),
        (
            "model/values.py",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import parity_tui.model.service",
            "No modules import each other in a circle",
        ),
        ("services/sqlite.py", "import parity_tui.services.memory", "No kind of service imports another"),
        ("watcher/supervisor.py", "import parity_tui.services.sqlite", "Kinds of service are looked up by name"),
        ("ui/app.py", "import parity_tui.services.sqlite", "Kinds of service are looked up by name"),
        ("drift/policy.py", "import time", "Comparing does no I/O"),
        ("drift/compare.py", "import asyncio", "Comparing does no I/O"),
        ("report/text.py", "import rich.table", "Only ui imports Textual"),
        ("watcher/supervisor.py", "import textual", "Only ui imports Textual"),
        ("ui/view/labels.py", "import textual.color", "ui.view imports no Textual"),
    ],
)
def test_violation_breaks_its_contract(file: str, line: str, contract: str, tmp_path: Path) -> None:
    result = lint(violated(tmp_path, file, line))
    assert result.returncode != 0
    assert any(contract in words and "BROKEN" in words for words in result.stdout.splitlines()), result.stdout


def test_new_module_must_be_given_a_layer(tmp_path: Path) -> None:
    result = lint(violated(tmp_path, "newcomer.py", ""))
    assert result.returncode != 0
    assert "newcomer" in result.stdout + result.stderr


def violated(folder: Path, file: str, line: str) -> Path:
    """Return the folder with a copy of the package, in which a line is appended to a file."""
    shutil.copytree(ROOT / "parity_tui", folder / "parity_tui", ignore=shutil.ignore_patterns("__pycache__"))
    with (folder / "parity_tui" / file).open("a") as stream:
        stream.write(f"\n{line}\n")
    return folder


def imported(*arguments: str) -> set[str]:
    """Return the top-level modules that a command has imported when it ends."""
    script = (
        "import sys\nfrom parity_tui.cli import main\n"
        "try:\n    code = main(sys.argv[1:])\nexcept SystemExit as end:\n    code = end.code\n"
        "print(*sys.modules, file=sys.stderr)\nsys.exit(0 if code in (0, 1, 3) else code)"
    )
    result = subprocess.run(
        [sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=True, cwd=ROOT / "tests"
    )
    return {name.split(".")[0] for name in result.stderr.split()}


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["kinds"]])
def test_quick_commands_import_neither_board_nor_driver(arguments: list[str]) -> None:
    assert imported(*arguments).isdisjoint({"textual", "rich", *DRIVERS})


def test_commands_that_print_import_only_drivers_they_need(tmp_path: Path) -> None:
    config = tmp_path / "parity.toml"
    config.write_text(
        '[environments.dev.services]\ncache = "memory://"\n[environments.production.services]\ncache = "memory://"\n'
    )
    snapshot = str(tmp_path / "a.json")
    for command in (
        ["check"],
        ["snapshot", "-o", snapshot],
        ["check", "--against", snapshot],
        ["diff", snapshot, "dev"],
    ):
        modules = imported("--config", str(config), *command)
        assert "msgspec" in modules
        assert modules.isdisjoint({"textual", "rich", *DRIVERS})

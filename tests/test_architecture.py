"""The rules of the layout hold, and each of them is seen to fail when it is broken."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


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


def test_the_contracts_hold() -> None:
    """Imports point down, kinds know no other, comparing does no I/O, only the board knows Textual."""
    result = lint(ROOT)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize(
    ("file", "line", "contract"),
    [
        ("drift/values.py", "import parity_tui.watcher", "Imports point down"),
        ("model/values.py", "import parity_tui.config", "Imports point down"),
        ("services/sqlite.py", "import parity_tui.watcher", "Imports point down"),
        ("services/sqlite.py", "import parity_tui.services.memory", "A kind of service knows no other"),
        ("watcher.py", "import parity_tui.services.sqlite", "Nobody names a kind of service"),
        ("ui/app.py", "import parity_tui.services.sqlite", "Nobody names a kind of service"),
        ("drift/policy.py", "import time", "Comparing does no I/O"),
        ("drift/compare.py", "import asyncio", "Comparing does no I/O"),
        ("report/text.py", "import rich.table", "Only the board knows Textual"),
        ("watcher.py", "import textual", "Only the board knows Textual"),
        ("ui/view/labels.py", "import textual.color", "ui.view imports no Textual"),
        ("newcomer.py", "", "Imports point down"),
    ],
)
def test_a_violation_is_found(file: str, line: str, contract: str, tmp_path: Path) -> None:
    """One line too many in a copy of the package breaks the contract that it should."""
    shutil.copytree(ROOT / "parity_tui", tmp_path / "parity_tui", ignore=shutil.ignore_patterns("__pycache__"))
    with (tmp_path / "parity_tui" / file).open("a") as stream:
        stream.write(f"\n{line}\n")
    result = lint(tmp_path)
    assert result.returncode != 0
    assert any(contract in words and "BROKEN" in words for words in result.stdout.splitlines()) or (
        file == "newcomer.py" and "newcomer" in result.stdout + result.stderr
    )


def imported(*arguments: str) -> set[str]:
    """Return the modules that a command has imported when it ends."""
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
def test_what_is_quick_imports_little(arguments: list[str]) -> None:
    """Neither the board's library nor any driver."""
    assert imported(*arguments).isdisjoint({"textual", "rich", "asyncpg", "redis", "aio_pika", "aiormq", "aiomcache"})


def test_check_never_imports_textual_nor_drivers_of_kinds_that_are_not_configured(tmp_path: Path) -> None:
    """A cache in memory and a file need no driver at all."""
    config = tmp_path / "parity.toml"
    config.write_text(
        '[environments.dev.services]\ncache = "memory://"\n[environments.production.services]\ncache = "memory://"\n'
    )
    modules = imported("--config", str(config), "check")
    assert "msgspec" in modules
    assert modules.isdisjoint({"textual", "rich", "asyncpg", "redis", "aio_pika", "aiormq", "aiomcache"})

"""A kind that another package brings."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

FILES = {
    "brought-1.dist-info/METADATA": "Metadata-Version: 2.1\nName: brought\nVersion: 1\n",
    "brought-1.dist-info/entry_points.txt": "[parity_tui.services]\nbrought = brought:SERVICE\n",
    "brought.py": "from parity_tui.services.memory import SERVICE\n",
}


OWN = """
from msgspec.structs import replace
from parity_tui.services.memory import SERVICE
SERVICE = replace(SERVICE, schemes=("brings",))
"""
"""a kind with a scheme that no file of ours has"""


def kinds(path: Path) -> str:
    """Return what a fresh process finds with one more place to look for packages."""
    code = "import sys, parity_tui.services as s; print(*s.kinds(), 'importlib.metadata' in sys.modules)"
    variables = {**os.environ, "PYTHONPATH": str(path)}
    return subprocess.run(
        [sys.executable, "-c", code], env=variables, capture_output=True, text=True, check=True
    ).stdout


def imported(scheme: str, path: Path) -> set[str]:
    """Return which kinds of ours a fresh process has imported once it knows whose a scheme is."""
    code = (
        "import sys, parity_tui.services as s\n"
        f"print(s.schemes().get({scheme!r}))\n"
        "print(*(name.split('.')[2] for name in sys.modules if name.startswith('parity_tui.services.')))"
    )
    variables = {**os.environ, "PYTHONPATH": str(path)}
    done = subprocess.run([sys.executable, "-c", code], env=variables, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_a_kind_that_is_named_like_the_scheme_is_imported_and_no_other(tmp_path: Path) -> None:
    """A start does not wait for kinds that nobody has; any other scheme is looked for in all of them."""
    assert imported("redis", tmp_path) == {"redis"}
    assert imported("postgresql", tmp_path) == {"postgres"}
    assert imported("host+ssh", tmp_path) == {"host"}
    assert imported("amqps", tmp_path) >= {"rabbitmq"}
    assert imported("gopher", tmp_path) >= {"None", "memory", "redis"}


def bring(folder: Path, source: str) -> None:
    """Write a package that brings a kind, as installers do."""
    for name, text in {**FILES, "brought.py": source}.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)


def test_a_package_brings_a_kind(tmp_path: Path) -> None:
    """By an entry point; its schemes are its own."""
    bring(tmp_path, OWN)
    assert "brought" in kinds(tmp_path).split()
    assert "brought" in imported("brings", tmp_path)
    assert "None" in imported("nobodys", tmp_path)


def test_a_plug_in_that_cannot_be_loaded_spoils_nothing(tmp_path: Path) -> None:
    """It has no schemes, and says why it is not there where the kinds are listed."""
    bring(tmp_path, "import gone")
    assert "None" in imported("brings", tmp_path)
    assert imported("redis", tmp_path) == {"redis"}
    done = subprocess.run(
        [sys.executable, "-m", "parity_tui", "kinds"],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "brought: cannot be loaded: ModuleNotFoundError: No module named 'gone'" in done.stdout


def test_a_package_that_we_may_not_look_into_is_passed_over(tmp_path: Path) -> None:
    """As `sudo pip install` under a strict umask leaves it: a folder in its place is as unreadable."""
    (tmp_path / "strict-1.dist-info" / "entry_points.txt").mkdir(parents=True)
    assert "memory" in kinds(tmp_path).split()


def test_a_package_in_an_archive_brings_a_kind(tmp_path: Path) -> None:
    """Where files cannot be looked into, the standard library is asked."""
    with zipfile.ZipFile(tmp_path / "brought.zip", "w") as archive:
        for name, text in FILES.items():
            archive.writestr(name, text)
    assert "brought" in kinds(tmp_path / "brought.zip").split()


def test_without_plug_ins_nobody_waits_for_the_standard_library_to_look_for_them(tmp_path: Path) -> None:
    """importlib.metadata takes longer to import than all our kinds together."""
    *found, imported = kinds(tmp_path).split()
    assert "memory" in found
    assert "brought" not in found
    assert imported == "False"

"""The program as a process, with whatever is wrong around it: closed streams, a full disk, no home, a fault planted."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent

CONFIG = """\
[environments.dev.services]
cache = "memory://"
[environments.production.services]
cache = "memory://"
"""
"""two environments that need no server, in parity"""


def configured(folder: Path, text: str = CONFIG) -> Path:
    """Write a configuration and return its path."""
    path = folder / "parity.toml"
    path.write_text(text)
    path.chmod(0o600)
    return path


def environment(home: Path | None, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return a clean environment with this home, or none."""
    found = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8", "PYTHONWARNINGS": "error"}
    return found | ({"HOME": str(home)} if home else {}) | dict(more or {})


def started(
    *arguments: str | Path,
    folder: Path,
    script: str = "",
    home: bool = True,
    before: Callable[[], None] | None = None,
    more: Mapping[str, str] | None = None,
) -> subprocess.Popen[str]:
    """Start the program in a folder that is its home too; ``script`` is what is broken in it first."""
    begin = ["-c", f"{script}\nimport sys\nfrom parity_tui.__main__ import main\nsys.exit(main())"]
    return subprocess.Popen(
        [sys.executable, *(begin if script else ["-m", "parity_tui"]), *arguments],
        cwd=folder,
        env=environment(folder if home else None, more),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=before,
    )


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Return exit code, output and errors of a process, once it has ended."""
    try:
        out, error = process.communicate(timeout=60)
    finally:
        process.kill()
        process.wait()
    return process.returncode, out or "", error


def shell(command: str, folder: Path) -> tuple[int, str, str]:
    """Run a line of bash in which ``$P`` is the program."""
    process = subprocess.Popen(
        ["bash", "-o", "pipefail", "-c", command],
        cwd=folder,
        env=environment(folder, {"P": f"{sys.executable} -m parity_tui"}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    return ended(process)

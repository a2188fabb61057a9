"""Runs the program as a process in a faulty environment: closed streams, a full disk, no home, an injected error."""

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
"""two environments in parity, without servers"""


def write_config(folder: Path, text: str = CONFIG) -> Path:
    path = folder / "parity.toml"
    path.write_text(text)
    path.chmod(0o600)
    return path


def environment(home: Path | None, more: Mapping[str, str] | None = None) -> dict[str, str]:
    variables = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8", "PYTHONWARNINGS": "error"}
    return variables | ({"HOME": str(home)} if home else {}) | dict(more or {})


def start(
    *arguments: str | Path,
    folder: Path,
    script: str = "",
    home: bool = True,
    before: Callable[[], None] | None = None,
    more: Mapping[str, str] | None = None,
) -> subprocess.Popen[str]:
    """Start the program in a folder, which is its home as well; the Python code ``script`` runs before it."""
    patched = ["-c", f"{script}\nimport sys\nfrom parity_tui.__main__ import main\nsys.exit(main())"]
    return subprocess.Popen(
        [sys.executable, *(patched if script else ["-m", "parity_tui"]), *arguments],
        cwd=folder,
        env=environment(folder if home else None, more),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=before,
    )


def finish(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Wait for the end of a process; return exit code, output and errors."""
    try:
        out, error = process.communicate(timeout=60)
    finally:
        process.kill()
        process.wait()
    return process.returncode, out or "", error


def shell(command: str, folder: Path) -> tuple[int, str, str]:
    """Run a line of bash, where ``$P`` is the program; return exit code, output and errors."""
    process = subprocess.Popen(
        ["bash", "-o", "pipefail", "-c", command],
        cwd=folder,
        env=environment(folder, {"P": f"{sys.executable} -m parity_tui"}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    return finish(process)

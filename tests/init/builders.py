"""Runs `parity-tui init`, and reads its files."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from parity_tui import config
from parity_tui.config import Config
from parity_tui.init import EnvironmentDraft, compose, render

SECRETS = ("swordfish", "hunter22", "p@ss", "p%40ss", "abcdef0123")


def run(*arguments: str | Path, folder: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run `parity-tui init` in a folder, without a terminal."""
    return subprocess.run(
        [sys.executable, "-m", "parity_tui", "init", *arguments],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), **environ},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def read(text: str, folder: Path, **environ: str) -> Config:
    return config.parse(text, "parity.toml", environ, folder)


def read_compose(folder: Path, text: str) -> EnvironmentDraft:
    file = folder / "docker-compose.yml"
    file.write_text(text)
    return compose.read([file], "dev")


def written_urls(environment: EnvironmentDraft, folder: Path) -> dict[str, str]:
    """Return the URL of every service in the text of the new file."""
    lines = render.text([environment], folder).splitlines()
    names = [line.partition("]")[0].rpartition(".")[2] for line in lines if line.startswith("[environments")]
    return dict(zip(names, [line[7:-1] for line in lines if line.startswith("url = ")], strict=True))

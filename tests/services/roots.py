"""Root folders with a few programs of this system and planted files, entered by chroot instead of a container.

A `docker` that is put first on PATH enters such a folder.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

PROGRAMS = ("sh", "cat", "head", "tail", "tr", "grep", "find", "readlink", "date", "uname")
"""programs of a minimal container"""


def plant(root: Path, files: Mapping[str, str | bytes], programs: tuple[str, ...] = PROGRAMS) -> Path:
    """Make a root folder with programs of this system, their libraries, and executable files: path -> content."""
    for name in programs:
        program = shutil.which(name, path="/usr/bin:/bin")
        assert program, name
        _copy(Path(program), root, f"usr/bin/{name}")
    for link in ("bin", "sbin"):
        (root / link).symlink_to("usr/bin")
    (root / "dev").mkdir()
    (root / "dev/null").touch()
    (root / "dev/null").chmod(0o666)
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        path.chmod(0o755)
    return root


def _copy(program: Path, root: Path, name: str) -> None:
    """Copy a program and its shared libraries."""
    libraries = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
    targets = {path: path.lstrip("/") for path in re.findall(r"(/\S+) \(0x", libraries)}
    for source, target in {**targets, str(program): name}.items():
        (root / target).parent.mkdir(parents=True, exist_ok=True)
        if not (root / target).exists():
            shutil.copy(os.path.realpath(source), root / target)


def executable(folder: Path, name: str, text: str) -> Path:
    """Write a shell script into a folder, to be put on PATH."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def docker(monkeypatch: pytest.MonkeyPatch, folder: Path, containers: Mapping[str, Path]) -> None:
    """Put a `docker` on PATH whose containers are these root folders."""
    chroot = shutil.which("chroot", path="/usr/sbin:/usr/bin:/sbin")
    cases = "\n".join(f"{name}) root={root} ;;" for name, root in containers.items())
    executable(
        folder,
        "docker",
        f"""[ "$1" = inspect ] && {{ echo "shop/web:1.2 sha256:0123abcd"; exit; }}
export PARITY_IMAGE=
while [ "${{1#-}}" != "$1" ] || [ "$1" = exec ]; do
  [ "$1" = -e ] && {{ shift; PARITY_IMAGE=${{1#*=}}; }}
  shift
done
case $1 in
{cases}
*) echo "Error response from daemon: No such container: $1" >&2; exit 1 ;;
esac
shift
exec env -i PATH=/usr/bin:/bin "PARITY_IMAGE=$PARITY_IMAGE" {chroot} "$root" "$@" """,
    )
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")

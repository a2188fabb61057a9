"""A private home for servers: one temporary folder, one guard, and another user where we are root.

Everything that is started here listens on 127.0.0.1 only and is gone with this process, whatever ends it:
the guard (see `supervisor.py`) holds the other end of a pipe and cleans up once it closes.

- `program.py`: a program that runs in a home
- `port.py`: a port that is free, and whether something answers there
"""

from __future__ import annotations

import contextlib
import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from parity_tui.demo import supervisor
from parity_tui.demo.process.port import answers, free_port
from parity_tui.demo.process.program import Process, StartError, wait_until

__all__ = ["Process", "Sandbox", "StartError", "answers", "free_port", "wait_until"]

ORDINARY_USER = "nobody"
"""Who runs the servers where we are root: PostgreSQL refuses root, and the others need none of its rights."""


class Sandbox:
    """One temporary folder and the guard that ends and removes everything in it."""

    def __init__(self) -> None:
        """Make the folder and start the guard."""
        self.user = _ordinary_user() if os.geteuid() == 0 else None
        self.root = Path(tempfile.mkdtemp(prefix="parity-", dir=self._place()))
        self._own(self.root)
        self._lock = threading.Lock()
        self._folders = threading.RLock()
        program = str(Path(supervisor.__file__).resolve())
        self._guard = subprocess.Popen(
            [sys.executable, "-I", "-S", program, str(self.root)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd="/",
            start_new_session=True,
        )
        if self._guard.stdin is None or self._guard.stdout is None:
            raise StartError("the guard of the servers has no pipes")
        self._to, self._from = self._guard.stdin, self._guard.stdout

    def _place(self) -> str | None:
        """Return where the folder can be made so that the servers' user can enter it."""
        places = [tempfile.gettempdir(), "/tmp", "/var/tmp"]  # noqa: S108 (mkdtemp makes a fresh one in it)
        return next((place for place in places if self.may_enter(Path(place))), None)

    def may_enter(self, folder: Path) -> bool:
        """Tell whether the servers' user can enter a folder and everything above it."""
        if self.user is None:
            return True
        folder = folder.resolve()
        return all(self._passes(each) for each in (folder, *folder.parents))

    def _passes(self, folder: Path) -> bool:
        """Tell whether the servers' user has the right to pass through one folder."""
        try:
            facts = folder.stat()
        except OSError:
            return False
        if self.user is None or facts.st_uid == self.user.pw_uid:
            return bool(facts.st_mode & 0o100)
        return bool(facts.st_mode & (0o010 if facts.st_gid == self.user.pw_gid else 0o001))

    def _own(self, path: Path) -> None:
        """Give a file or folder to the servers' user."""
        if self.user is not None:
            os.chown(path, self.user.pw_uid, self.user.pw_gid, follow_symlinks=False)

    def folder(self, name: str, under: Path | None = None) -> Path:
        """Return the folder of that name for a server; `under` another system's root it is made there."""
        path = self.root / name
        with self._folders:  # services are prepared in threads, and several may share a folder
            if under is not None:
                path = under / "tmp" / self.root.name / name
                self._make_parent(path.parent)
            if not path.exists():
                path.mkdir(mode=0o700)
                self._own(path)
        return path

    def _make_parent(self, folder: Path) -> None:
        """Make our folder in another system's root once, and have the guard remove it."""
        if not folder.exists():
            folder.mkdir(parents=True)
            folder.chmod(0o755)
            self.ask(do="remove", folder=str(folder))

    def write(self, path: Path, text: str) -> Path:
        """Write a file that only the servers' user can read, and return its path."""
        path.unlink(missing_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        self._own(path)
        return path

    def lend(self, *folders: Path) -> list[Path]:
        """Return the folders of a program, copied into the home where the servers' user cannot enter them.

        They keep their places beside each other, since programs find their libraries by relative paths.
        """
        if all(self.may_enter(each) for folder in folders for each in (folder, *_inside(folder))):
            return list(folders)
        above = Path(os.path.commonpath([folder.parent for folder in folders]))
        with self._folders:
            home = self.folder("programs") / f"{zlib.crc32(bytes(above)):08x}"
            return [self._copy(folder, home / folder.relative_to(above)) for folder in folders]

    def _copy(self, folder: Path, target: Path) -> Path:
        """Copy a folder once, and give it to the servers' user."""
        if not target.exists():
            for missing in reversed([each for each in target.parents if not each.exists()]):
                missing.mkdir()
                missing.chmod(0o755)
            shutil.copytree(folder, target, symlinks=True, ignore=shutil.ignore_patterns("include", "__pycache__"))
            for path in (target, *target.rglob("*")):
                self._own(path)
        return target

    def start(
        self,
        name: str,
        argv: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        log: Path | None = None,
        farewell: int = signal.SIGKILL,
        as_root: bool = False,
    ) -> Process:
        """Start a program as the servers' user with an environment of its own.

        `farewell` is the signal by which the guard ends it; `as_root` is for a program that gives its rights
        up itself.
        """
        log = log or self.root / f"{name}.log"
        base = {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(self.root),
            "TZ": "UTC",
            "LC_ALL": "C",
        }
        whom: dict[str, Any] = {}
        if self.user is not None and not as_root:
            whom = {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []}
        pid = self.ask(
            do="start",
            argv=[str(word) for word in argv],
            env={**base, **(env or {})},
            cwd=str(self.root),
            log=str(log),
            farewell=int(farewell),
            **{"as": whom},
        )["pid"]
        return Process(self, name, pid, log)

    def run(
        self,
        name: str,
        argv: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        deadline: float = 30.0,
        as_root: bool = False,
    ) -> str:
        """Run a program to its end and return what it said; StartError where it failed."""
        log = self.root / f"{name}.{threading.get_ident()}.out"
        process = self.start(name, argv, env=env, log=log, as_root=as_root)
        code = process.wait(deadline)
        words = process.words()
        process.log.unlink(missing_ok=True)
        if code != 0:
            last = [line.strip() for line in words.splitlines() if line.strip()][-1:]
            raise StartError(f"{name} ended with {code}: {''.join(last)[:300] or 'it said nothing'}")
        return words

    def ask(self, **request: Any) -> dict[str, Any]:
        """Ask the guard; StartError with its words where it could not."""
        with self._lock:
            try:
                self._to.write(json.dumps(request).encode() + b"\n")
                self._to.flush()
                line = self._from.readline()
            except (OSError, ValueError):
                line = b""
        answer: dict[str, Any] = json.loads(line) if line else {"error": "the guard of the servers has ended"}
        if "error" in answer:
            raise StartError(answer["error"])
        return answer

    def close(self) -> None:
        """End and remove everything, and wait until that is done."""
        with self._lock, contextlib.suppress(OSError):
            self._to.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._guard.wait(timeout=4 * supervisor.GRACE)
        self._from.close()

    def __enter__(self) -> Sandbox:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()


def _ordinary_user() -> pwd.struct_passwd:
    """Return who runs the servers where we are root; StartError where the system has no such user."""
    try:
        return pwd.getpwnam(ORDINARY_USER)
    except KeyError:
        raise StartError(f"servers are not run as root, and there is no user {ORDINARY_USER} here") from None


def _inside(folder: Path) -> list[Path]:
    """Return the folders in a folder: an installation under a strict umask may have closed those."""
    return [path for path in folder.iterdir() if path.is_dir()]

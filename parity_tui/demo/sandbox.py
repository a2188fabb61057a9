"""A temporary folder for servers, a supervisor that ends them, and another user where we are root.

Every server listens on 127.0.0.1 only and ends with this process, even after SIGKILL: the supervisor (supervisor.py)
holds the other end of a pipe and cleans up once the pipe closes.
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
from parity_tui.demo.process import Process, StartError

ORDINARY_USER = "nobody"
"""Runs the servers where we are root: PostgreSQL refuses root, and the others need none of its rights."""


class Sandbox:
    """One temporary folder, and the supervisor that ends and removes everything in it. Safe for threads."""

    def __init__(self) -> None:
        self.user = _ordinary_user() if os.geteuid() == 0 else None
        self.root = Path(tempfile.mkdtemp(prefix="parity-", dir=self._parent()))
        self._own(self.root)
        self._pipe_lock = threading.Lock()
        self._folder_lock = threading.RLock()
        program = str(Path(supervisor.__file__).resolve())
        self._supervisor = subprocess.Popen(
            [sys.executable, "-I", "-S", program, str(self.root)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd="/",
            start_new_session=True,
        )
        if self._supervisor.stdin is None or self._supervisor.stdout is None:
            raise StartError("the guard of the servers has no pipes")
        self._requests, self._replies = self._supervisor.stdin, self._supervisor.stdout

    def _parent(self) -> str | None:
        """Return a folder for temporary files that the servers' user can enter."""
        candidates = [tempfile.gettempdir(), "/tmp", "/var/tmp"]  # noqa: S108 (mkdtemp makes a fresh one in it)
        return next((folder for folder in candidates if self.may_enter(Path(folder))), None)

    def may_enter(self, folder: Path) -> bool:
        """Return whether the servers' user can enter a folder and all its parents."""
        if self.user is None:
            return True
        folder = folder.resolve()
        return all(self._may_pass(each) for each in (folder, *folder.parents))

    def _may_pass(self, folder: Path) -> bool:
        try:
            status = folder.stat()
        except OSError:
            return False
        if self.user is None or status.st_uid == self.user.pw_uid:
            return bool(status.st_mode & 0o100)
        return bool(status.st_mode & (0o010 if status.st_gid == self.user.pw_gid else 0o001))

    def _own(self, path: Path) -> None:
        """Give a file or folder to the servers' user."""
        if self.user is not None:
            os.chown(path, self.user.pw_uid, self.user.pw_gid, follow_symlinks=False)

    def folder(self, name: str, under: Path | None = None) -> Path:
        """Return the folder of that name, made at the first call; ``under`` is the root folder of another system."""
        path = self.root / name
        with self._folder_lock:  # services are prepared in threads, and several may share a folder
            if under is not None:
                path = under / "tmp" / self.root.name / name
                self._make_foreign_root(path.parent)
            if not path.exists():
                path.mkdir(mode=0o700)
                self._own(path)
        return path

    def _make_foreign_root(self, folder: Path) -> None:
        """Make our folder in another system's root once; the supervisor removes it."""
        if not folder.exists():
            folder.mkdir(parents=True)
            folder.chmod(0o755)
            self.request(do="remove", folder=str(folder))

    def write(self, path: Path, text: str) -> Path:
        """Write a file that only the servers' user can read, and return its path."""
        path.unlink(missing_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        self._own(path)
        return path

    def lend(self, *folders: Path) -> list[Path]:
        """Return the folders of a program, copied into the sandbox if the servers' user cannot enter them.

        Copies keep their positions relative to each other: programs find their libraries by relative paths.
        """
        if all(self.may_enter(each) for folder in folders for each in (folder, *_subfolders(folder))):
            return list(folders)
        above = Path(os.path.commonpath([folder.parent for folder in folders]))
        with self._folder_lock:
            copies = self.folder("programs") / f"{zlib.crc32(bytes(above)):08x}"
            return [self._copy(folder, copies / folder.relative_to(above)) for folder in folders]

    def _copy(self, folder: Path, target: Path) -> Path:
        """Copy a folder once, and give it to the servers' user."""
        if not target.exists():
            for parent in reversed([each for each in target.parents if not each.exists()]):
                parent.mkdir()
                parent.chmod(0o755)
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
        stop_signal: int = signal.SIGKILL,
        as_root: bool = False,
    ) -> Process:
        """Start a program as the servers' user, in an environment of its own.

        Args:
            name: names the process and its log.
            argv: absolute path, or name on PATH, and arguments.
            env: further environment variables.
            log: file for its output; NAME.log in the sandbox if left out.
            stop_signal: signal that the supervisor ends it with.
            as_root: keep our rights, for a program that drops them itself.
        """
        log = log or self.root / f"{name}.log"
        base = {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(self.root), "TZ": "UTC", "LC_ALL": "C"}
        identity: dict[str, Any] = {}
        if self.user is not None and not as_root:
            identity = {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []}
        reply = self.request(
            do="start",
            argv=[str(word) for word in argv],
            env={**base, **(env or {})},
            cwd=str(self.root),
            log=str(log),
            stop_signal=int(stop_signal),
            identity=identity,
        )
        return Process(self.request, name, reply["pid"], log)

    def run(
        self,
        name: str,
        argv: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        deadline: float = 30.0,
        as_root: bool = False,
    ) -> str:
        """Run a program to its end and return its output. Raises StartError if it fails."""
        log = self.root / f"{name}.{threading.get_ident()}.out"
        process = self.start(name, argv, env=env, log=log, as_root=as_root)
        code = process.wait(deadline)
        output = process.words()
        process.log.unlink(missing_ok=True)
        if code != 0:
            last = [line.strip() for line in output.splitlines() if line.strip()][-1:]
            raise StartError(f"{name} exited with code {code}: {''.join(last)[:300] or 'it said nothing'}")
        return output

    def request(self, **request: Any) -> dict[str, Any]:
        """Send a request to the supervisor and return its reply. Raises StartError with its error message."""
        with self._pipe_lock:
            try:
                self._requests.write(json.dumps(request).encode() + b"\n")
                self._requests.flush()
                line = self._replies.readline()
            except (OSError, ValueError):
                line = b""
        reply: dict[str, Any] = json.loads(line) if line else {"error": "the guard of the servers has ended"}
        if "error" in reply:
            raise StartError(reply["error"])
        return reply

    def close(self) -> None:
        """End and remove everything, and wait until that is done."""
        with self._pipe_lock, contextlib.suppress(OSError):
            self._requests.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._supervisor.wait(timeout=12 * supervisor.GRACE)
        self._replies.close()

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _ordinary_user() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(ORDINARY_USER)
    except KeyError:
        raise StartError(f"servers are not run as root, and there is no user {ORDINARY_USER} here") from None


def _subfolders(folder: Path) -> list[Path]:
    """Return the folders in a folder: an installation under a strict umask may have closed those."""
    return [path for path in folder.iterdir() if path.is_dir()]

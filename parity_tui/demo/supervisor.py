"""Starts servers for a program and ends them after that program has ended, for whatever reason.

Runs as a program of its own, in a session of its own: `python -I -S supervisor.py FOLDER`. Standard input carries one
JSON request a line, standard output one JSON reply a line. End of input means that the client has ended (the kernel
closes the pipe even after SIGKILL): the supervisor then ends its children, removes the folder and exits. It imports
only the standard library, so that it starts in milliseconds.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence, Sized
from pathlib import Path
from typing import Any

GRACE = 5.0
"""Seconds between the stop signal and SIGKILL."""

PR_SET_CHILD_SUBREAPER = 36
"""From <linux/prctl.h>."""

children: dict[int, subprocess.Popen[bytes]] = {}
"""Started programs by process id; ended ones stay, with their exit code."""

stop_signals: dict[int, int] = {}
"""The signal that ends each child, by process id."""

folders: list[Path] = []
"""Folders to remove at the end."""


def start(request: dict[str, Any]) -> dict[str, Any]:
    """Start a program in a session of its own; its output goes to the log."""
    with open(request["log"], "wb") as log:
        child = subprocess.Popen(
            request["argv"],
            env=request["env"],
            cwd=request["cwd"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            **request["identity"],
        )
    children[child.pid] = child
    stop_signals[child.pid] = request["stop_signal"]
    return {"pid": child.pid}


def poll(request: dict[str, Any]) -> dict[str, Any]:
    """Return the exit code of a child, None while it runs."""
    return {"code": children[request["pid"]].poll()}


def send(request: dict[str, Any]) -> dict[str, Any]:
    """Send a signal to a child, or to it and all its descendants."""
    child = children[request["pid"]]
    if child.poll() is None:
        for pid in family(child.pid) if request["family"] else [child.pid]:
            _kill(pid, request["signal"])
    return {}


def remove(request: dict[str, Any]) -> dict[str, Any]:
    """Add a folder to those removed at the end."""
    folders.append(Path(request["folder"]))
    return {}


def family(leader: int, table: Sequence[tuple[int, int, int]] = ()) -> list[int]:
    """Return a process, its group and their descendants: PostgreSQL's backends lead groups of their own."""
    members, table = [leader], table or processes()
    for pid in members:  # grows during the loop
        members += [p for p, parent, group in table if p not in members and (parent == pid or group == leader)]
    return members


def processes() -> list[tuple[int, int, int]]:
    """Return every running process as (id, parent, group), from /proc or else from `ps`."""
    if not Path("/proc/self/stat").exists():
        output = subprocess.run(["ps", "-axo", "pid=,ppid=,pgid=,state="], capture_output=True, check=False).stdout
        rows = [line.split() for line in output.decode().splitlines()]
        return [(int(row[0]), int(row[1]), int(row[2])) for row in rows if not row[3].startswith("Z")]
    table = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent, group = entry.read_text(errors="replace").rpartition(")")[2].split()[:3]
        except (OSError, ValueError):  # it has just ended
            continue
        if state != "Z":
            table.append((int(entry.parent.name), int(parent), int(group)))
    return table


def _kill(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def end_all() -> None:
    """End every child: by its stop signal first, by SIGKILL after GRACE seconds; paused ones too."""
    running = [child for child in children.values() if child.poll() is None]
    table = processes()  # once for all: reading it takes as long as ending the servers
    families = {child.pid: family(child.pid, table) for child in running}
    doomed = _members({pid for members in families.values() for pid in members} | set(family(os.getpid(), table)[1:]))
    for child in running:
        stop_signal = stop_signals[child.pid]
        for pid in families[child.pid]:
            _kill(pid, stop_signal if pid == child.pid or stop_signal == signal.SIGKILL else signal.SIGCONT)
        _kill(child.pid, signal.SIGCONT)
    _wait_until_empty(lambda: [child for child in running if child.poll() is None])
    for pid, _ in doomed & _members(pid for pid, _ in doomed):
        _kill(pid, signal.SIGKILL)
    _wait_until_empty(lambda: doomed & _members(pid for pid, _ in doomed))
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def adopt() -> None:
    """Become the parent of orphaned descendants, so that they can be found, ended and reaped.

    Linux only. Elsewhere process 1 adopts them; in a container process 1 may be any program and leave zombies.
    """
    with contextlib.suppress(OSError, AttributeError, ImportError):
        import ctypes

        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _members(pids: Iterable[int]) -> set[tuple[int, int]]:
    """Return the running ones of these processes as (id, group): the group shows whether an id was reused."""
    wanted = set(pids)
    return {(pid, group) for pid, _, group in processes() if pid in wanted}


def _wait_until_empty(remaining: Callable[[], Sized]) -> None:
    until = time.monotonic() + GRACE
    while remaining() and time.monotonic() < until:
        time.sleep(0.02)


def remove_all() -> None:
    """Remove the folders, their subfolders side by side, again if a file was written meanwhile."""
    from concurrent.futures import ThreadPoolExecutor  # here: the servers' start does not wait for its import

    subfolders = [path for folder in folders for path in _subfolders(folder)]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda path: shutil.rmtree(path, ignore_errors=True), subfolders))
    for folder in folders:
        for _ in range(20):
            shutil.rmtree(folder, ignore_errors=True)
            if not folder.exists():
                break
            time.sleep(0.05)


def _subfolders(folder: Path) -> list[Path]:
    try:
        return [path for path in folder.iterdir() if path.is_dir() and not path.is_symlink()]
    except OSError:
        return []


ACTIONS = {"start": start, "poll": poll, "signal": send, "remove": remove}


def answer(line: bytes) -> dict[str, Any]:
    """Execute the request in one line; a failure is a reply with the key "error"."""
    try:
        request = json.loads(line)
        return ACTIONS[request["do"]](request)
    except (OSError, subprocess.SubprocessError) as error:
        return {"error": str(error)}


def main() -> None:
    """Serve requests until the client has ended, then end and remove everything."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: None)  # not SIG_IGN: children would inherit that and not hear SIGTERM
    os.umask(0o077)
    adopt()
    folders.append(Path(sys.argv[1]))
    try:
        while line := sys.stdin.buffer.readline():
            sys.stdout.write(json.dumps(answer(line)) + "\n")
            sys.stdout.flush()
    finally:
        end_all()
        remove_all()


if __name__ == "__main__":
    main()

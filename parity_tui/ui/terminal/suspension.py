"""Whether a shell could resume a board that Ctrl+Z has stopped."""

from __future__ import annotations

import os
from pathlib import Path


def can_be_resumed() -> bool:
    """Return whether a shell of this terminal waits for the board and can continue it.

    As the command of ssh, tmux or docker it has none: stopped, it would stay so when its terminal is gone. The kernel
    ignores SIGTSTP there, but Textual stops by SIGSTOP.
    """
    group, session, pid = os.getpgrp(), os.getsid(0), os.getppid()
    try:
        while pid > 1 and os.getpgid(pid) == group:
            pid = _parent(pid)
        return pid > 0 and os.getsid(pid) == session
    except OSError:  # no /proc, or a process that has ended: as Textual would
        return True


def _parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])

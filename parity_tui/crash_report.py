"""A fault of our own, told so that a person can send it in: no values, no secret, and a file to find it in again."""

from __future__ import annotations

import os
import traceback
from pathlib import Path

from parity_tui.drift.values import printable
from parity_tui.secrets import redact

_LINES = 12
"""frames of the traceback that are told: those nearest to the fault"""
_LONGEST = 2000
"""characters of a line: a message may quote a megabyte"""


def format_crash(error: BaseException) -> str:
    r"""Return the traceback without local values, without any known secret, and without what a terminal obeys.

    >>> format_crash(ValueError("not \x1b[2J amqp://app:swordfish@mq/"))
    'ValueError: not \\x1b[2J amqp://app:•••@mq/'
    """
    text = "".join(traceback.format_exception(error, limit=-_LINES))
    lines = (printable(line) for line in redact(text).rstrip().split("\n"))
    return "\n".join(line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…" for line in lines)


def report_crash(error: BaseException) -> str:
    """Return what is said last when a fault of our own ends the program: the traceback, and where it is kept."""
    text = format_crash(error)
    try:
        where = f"it is also in {_kept(text)}"
    except (OSError, RuntimeError) as refused:  # a RuntimeError where there is no home
        where = f"no log was written: {(getattr(refused, 'strerror', None) or str(refused)).lower()}"
    return f"{text}\n\nThis is a fault of parity-tui itself; {where}"


def _kept(text: str) -> Path:
    """Write the log anew, for its owner only, and return its path. Raises OSError or RuntimeError."""
    import platformdirs  # here: it is wanted on the worst of days only

    folder = platformdirs.user_log_path("parity-tui")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / "crash.log"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
        file.write(f"{text}\n")
    return path

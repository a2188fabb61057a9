"""Reports an error in our own code: a traceback without local values or secrets, on the terminal and in a log file."""

from __future__ import annotations

import os
import re
import traceback
from pathlib import Path

from parity_tui.drift.values import printable
from parity_tui.secrets import redact, secrets_of

_MAX_FRAMES = 12
"""of the traceback, those nearest to the error"""
_FRAME = re.compile(r'[ |+-]*(?:File "|Traceback \(most recent|During handling|The above exception)')
"""begins a part of a traceback that holds lines of source only: redacting would change our own words"""
_MAX_LINE = 2000
"""characters: a message may quote a megabyte"""


def format_crash(error: BaseException) -> str:
    r"""Return the traceback without local values, secrets and control characters.

    >>> format_crash(ValueError("not \x1b[2J amqp://app:swordfish@mq/"))
    'ValueError: not \\x1b[2J amqp://app:•••@mq/'
    """
    parts = traceback.format_exception(error, limit=-_MAX_FRAMES)
    with secrets_of(""):  # a crash may quote any environment
        text = "".join(part if _FRAME.match(part) else redact(part) for part in parts)
    lines = (printable(line) for line in text.rstrip().split("\n"))
    return "\n".join(line if len(line) <= _MAX_LINE else f"{line[:_MAX_LINE]}…" for line in lines)


def report_crash(error: BaseException) -> str:
    """Write the log file; return the last words of the program: the traceback and the path of the log."""
    text = format_crash(error)
    return f"{text}\n\nThis is an internal error of parity-tui; {log_location(text, 'it is also in')}"


def log_location(text: str, words: str = "its stack trace is in") -> str:
    """Write the log file; return its path after ``words``, or why it was not written."""
    try:
        return f"{words} {_write_log(text)}"
    except (OSError, RuntimeError) as failure:  # RuntimeError: the user has no home directory
        return f"no log was written: {(getattr(failure, 'strerror', None) or str(failure)).lower()}"


def _write_log(text: str) -> Path:
    """Replace the log, readable by its owner only; return its path. Raises OSError or RuntimeError."""
    import platformdirs  # here: only a crash needs it

    folder = platformdirs.user_log_path("parity-tui")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / "crash.log"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
        file.write(f"{text}\n")
    return path

"""The command line: stdout carries data, stderr messages for people."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence

from parity_tui.cli.exit import Exit
from parity_tui.cli.options import parse_arguments

__all__ = ["Exit", "main"]

_OUTPUT_ERRORS = frozenset({errno.EPIPE, errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})
"""of the terminal, pipe or file behind stdout"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    try:
        options = parse_arguments(sys.argv[1:] if arguments is None else arguments)
        if getattr(options, "no_color", False):
            os.environ["NO_COLOR"] = "1"
        if getattr(options, "ascii", False) and getattr(options, "format", "text") == "text":
            sys.stdout.reconfigure(encoding="ascii", errors="backslashreplace")  # type: ignore[union-attr]
        if hasattr(options, "precondition"):
            options.precondition(options)
        code = int(options.command(options))
        sys.stdout.flush()
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    except Exception as error:
        return _report_error(error)
    return code


def _report_error(error: Exception) -> Exit:
    """Print why a command failed; return its exit code."""
    from parity_tui.config import ConfigError
    from parity_tui.snapshot.file import SnapshotError, UnwrittenError

    if isinstance(error, (ConfigError, SnapshotError)):
        print(error, file=sys.stderr)  # noqa: T201
        return Exit.UNWRITTEN if isinstance(error, UnwrittenError) else Exit.USAGE
    if isinstance(error, OSError) and error.errno in _OUTPUT_ERRORS:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # discards buffered output
        if error.errno == errno.EPIPE:  # the reader has closed the pipe, as `| head` does
            return Exit.BROKEN_PIPE
        print(f"parity-tui: cannot write: {os.strerror(error.errno).lower()}", file=sys.stderr)  # noqa: T201
        return Exit.UNWRITTEN
    from parity_tui import crash_report

    print(crash_report.report_crash(error), file=sys.stderr)  # noqa: T201
    return Exit.FAULT

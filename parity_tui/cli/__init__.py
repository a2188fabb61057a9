"""The command line; stdout is data, stderr is for people."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence

from parity_tui.cli.exit import Exit
from parity_tui.cli.options import parse_arguments

__all__ = ["Exit", "main"]

_OUTPUT = frozenset({errno.EPIPE, errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})
"""errors of whatever takes what is printed"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    options = parse_arguments(sys.argv[1:] if arguments is None else arguments)
    try:
        code = int(options.command(options))
        sys.stdout.flush()
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    except Exception as error:
        return _failed(error)
    return code


def _failed(error: Exception) -> Exit:
    """Say why a command could not be done, and return the exit code that stands for it."""
    from parity_tui.config import ConfigError

    if isinstance(error, ConfigError):
        print(error, file=sys.stderr)  # noqa: T201
        return Exit.USAGE
    if isinstance(error, OSError) and error.errno in _OUTPUT:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is left to be written goes there
        if error.errno == errno.EPIPE:  # whoever read us has gone, as in `| head`
            return Exit.BROKEN_PIPE
        print(f"parity-tui: cannot write: {os.strerror(error.errno).lower()}", file=sys.stderr)  # noqa: T201
        return Exit.UNWRITTEN
    from parity_tui import crash_report

    print(crash_report.report_crash(error), file=sys.stderr)  # noqa: T201
    return Exit.FAULT

"""Entry point of ``parity-tui`` and ``python -m parity_tui``; an interrupt is handled from the first import on."""

import gc
import os
import signal
import sys
from contextlib import suppress
from typing import NoReturn


def main() -> NoReturn:
    """Run the program and end the process with its exit code."""
    gc.disable()  # most commands end before garbage matters; those that stay enable it
    _leave(_run())


def _run() -> int:
    """Run the program and return its exit code: 130 after an interrupt, during imports as well."""
    try:
        _open_streams()
        from parity_tui.cli import main as command

        return command()
    except KeyboardInterrupt:
        return 130
    finally:  # another interrupt during shutdown ends the process at once, without a traceback
        if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:  # the board ignores the echo of its own
            signal.signal(signal.SIGINT, signal.SIG_DFL)


def _leave(code: int) -> NoReturn:
    """End the process without Python's own cleaning up, which takes as long as reading 15 servers does."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # the command has reported what it could not write
            stream.flush()
    os._exit(code)


def _open_streams() -> None:
    """Replace closed standard streams (``>&-``) by /dev/null, before a socket takes their file descriptor."""
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        if getattr(sys, name) is None:
            descriptor = os.open(os.devnull, os.O_RDWR)
            if descriptor != number:
                os.dup2(descriptor, number)
                os.close(descriptor)
            stream = open(number, mode, encoding="utf-8", closefd=False)  # noqa: SIM115 - open until the process ends
            setattr(sys, name, stream)


if __name__ == "__main__":
    main()

"""``python -m parity_tui`` is ``parity-tui``: an end in order from the first moment to the last."""

import os
import signal
import sys


def main() -> int:
    """Run the program and return its exit code; an interrupt while it is still being imported is 130 too."""
    try:
        _open_streams()
        from parity_tui.cli import main as command

        return command()
    except KeyboardInterrupt:
        return 130
    finally:  # what is left takes no time; another interrupt ends it at once and without a word
        signal.signal(signal.SIGINT, signal.SIG_DFL)


def _open_streams() -> None:
    """Put /dev/null in place of streams that are closed (``>&-``), before a connection takes their number."""
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        if getattr(sys, name) is None:
            descriptor = os.open(os.devnull, os.O_RDWR)
            if descriptor != number:
                os.dup2(descriptor, number)
                os.close(descriptor)
            stream = open(number, mode, encoding="utf-8", closefd=False)  # noqa: SIM115 - it stays open to the end
            setattr(sys, name, stream)


if __name__ == "__main__":
    sys.exit(main())

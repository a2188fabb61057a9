"""``python -m tests.faults.tmux SOCKET WORD …``: a client of a tmux of its own, without the user's configuration."""

from __future__ import annotations

import os
import sys


def main(arguments: list[str]) -> None:
    """Replace this process by tmux."""
    socket, *words = arguments
    os.execvp("tmux", ["tmux", "-u", "-f", "/dev/null", "-S", socket, *words])


if __name__ == "__main__":
    main(sys.argv[1:])

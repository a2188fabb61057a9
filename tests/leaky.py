"""Runs the program in a folder, for tests in a terminal: ``python -m tests.leaky FOLDER [--crash] ARGUMENT …``.

With ``--crash`` the copy of a remediation fails, and its message quotes every registered secret.
"""

from __future__ import annotations

import os
import sys

from parity_tui import __main__, secrets, services


def crash(*_: object) -> str:
    quoted = " ".join(secrets._known)
    raise RuntimeError(f"cannot align with {quoted}")


if __name__ == "__main__":
    folder, *arguments = sys.argv[1:]
    os.chdir(folder)
    if arguments[0] == "--crash":
        del arguments[0]
        services.remediation = crash  # type: ignore[assignment]
    sys.argv[1:] = arguments
    sys.exit(__main__.main())

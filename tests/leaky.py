"""The program in a folder of its own, for a terminal: ``python -m tests.leaky FOLDER [--crash] ARGUMENT …``.

With ``--crash`` asking for an alignment is a fault of our own, whose message quotes every password that is known.
"""

from __future__ import annotations

import os
import sys

from parity_tui import __main__, secrets, services


def crash(*_: object) -> str:
    """Fail as our own code might."""
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

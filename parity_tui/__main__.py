"""``python -m parity_tui`` is ``parity-tui``."""

import sys

from parity_tui.cli import main

if __name__ == "__main__":
    sys.exit(main())

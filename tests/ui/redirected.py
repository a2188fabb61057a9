"""Starts the made-up board with input (``<``), output (``>``) or error output (``2>``) redirected."""

import subprocess
import sys

if __name__ == "__main__":
    stdin = subprocess.DEVNULL if sys.argv[1] == "<" else None
    stdout = subprocess.DEVNULL if sys.argv[1] == ">" else None
    stderr = subprocess.DEVNULL if sys.argv[1] == "2>" else None
    command = [sys.executable, "-m", "tests.ui.preview", "--still"]
    sys.exit(subprocess.run(command, stdin=stdin, stdout=stdout, stderr=stderr, check=False).returncode)

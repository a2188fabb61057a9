"""``python -m tests.fuzz SECONDS [NAME …]``: every harness for so long, with atheris where it is installed."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from hypothesis import HealthCheck, given, settings

from tests.fuzz.harness import HARNESSES, SEEDS
from tests.fuzz.inputs import inputs


def main(arguments: list[str]) -> int:
    """Fuzz, and return 1 where something was found."""
    seconds = float(arguments[0]) if arguments else 60.0
    names = arguments[1:] or list(HARNESSES)
    atheris = importlib.util.find_spec("atheris") is not None
    say(f"{len(names)} harnesses, {seconds:g} s each, with {'atheris' if atheris else 'hypothesis'}")
    found = 0
    for name in names:
        found += (guided if atheris else tried)(name, seconds)
    return min(found, 1)


def tried(name: str, seconds: float) -> int:
    """Feed a harness with hypothesis until the time is over; return 1 where it fails, and print what with."""
    end, examples = time.monotonic() + seconds, 0

    @settings(deadline=None, max_examples=2000, database=None, suppress_health_check=list(HealthCheck))
    @given(inputs(name))
    def run(data: bytes) -> None:
        nonlocal examples
        if time.monotonic() < end:
            examples += 1
            HARNESSES[name](data)

    while time.monotonic() < end:
        try:
            run()
        except Exception as error:
            say(f"{name}: {type(error).__name__}: {error}", *getattr(error, "__notes__", ()))
            return 1
    say(f"{name}: {examples} inputs, nothing found")
    return 0


GUIDED = """
import sys, atheris
with atheris.instrument_imports(include=["parity_tui"]):
    from tests.fuzz.harness import HARNESSES
atheris.Setup(sys.argv[:1] + sys.argv[2:], HARNESSES[sys.argv[1]])
atheris.Fuzz()
"""


def guided(name: str, seconds: float) -> int:
    """Feed a harness with atheris, in a process of its own, as it ends the process when it is done."""
    with tempfile.TemporaryDirectory(prefix="parity-fuzz-") as folder:
        corpus = Path(folder) / "corpus"
        corpus.mkdir()
        for at, seed in enumerate(SEEDS[name]):
            (corpus / str(at)).write_bytes(seed)
        limits = [f"-max_total_time={int(seconds)}", "-max_len=4000", "-timeout=20", "-print_final_stats=1"]
        argv = [sys.executable, "-c", GUIDED, name, *limits, f"-artifact_prefix={folder}/", str(corpus)]
        done = subprocess.run(argv, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    said = done.stdout.decode(errors="replace")
    if done.returncode:  # among libFuzzer's last lines is the input, in base64
        say(f"{name}: something was found", *said[max(0, said.find(" === Uncaught")) :].splitlines()[-60:])
        return 1
    inputs = re.search(r"number_of_executed_units: (\d+)", said)
    say(f"{name}: {inputs[1] if inputs else 'some'} inputs, nothing found")
    return 0


def say(*lines: str) -> None:
    """Print at once."""
    print(*lines, sep="\n", flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

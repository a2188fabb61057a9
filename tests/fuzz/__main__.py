"""``python -m tests.fuzz SECONDS [NAME …]``: runs each harness for that time, with atheris if it is installed."""

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
    """Return 1 if any harness failed."""
    seconds = float(arguments[0]) if arguments else 60.0
    names = arguments[1:] or list(HARNESSES)
    atheris = importlib.util.find_spec("atheris") is not None
    show(f"{len(names)} harnesses, {seconds:g} s each, with {'atheris' if atheris else 'hypothesis'}")
    found = 0
    for name in names:
        found += (fuzz_with_atheris if atheris else fuzz_with_hypothesis)(name, seconds)
    return min(found, 1)


def fuzz_with_hypothesis(name: str, seconds: float) -> int:
    """Run a harness until the time is over; return 1 and print the input if it fails."""
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
            show(f"{name}: {type(error).__name__}: {error}", *getattr(error, "__notes__", ()))
            return 1
    show(f"{name}: {examples} inputs, no failure")
    return 0


ATHERIS = """
import sys, atheris
with atheris.instrument_imports(include=["parity_tui"]):
    from tests.fuzz.harness import HARNESSES
atheris.Setup(sys.argv[:1] + sys.argv[2:], HARNESSES[sys.argv[1]])
atheris.Fuzz()
"""


def fuzz_with_atheris(name: str, seconds: float) -> int:
    """Run a harness in a process of its own, which atheris ends; return 1 and print the input if it fails."""
    with tempfile.TemporaryDirectory(prefix="parity-fuzz-") as folder:
        corpus = Path(folder) / "corpus"
        corpus.mkdir()
        for at, seed in enumerate(SEEDS[name]):
            (corpus / str(at)).write_bytes(seed)
        limits = [f"-max_total_time={int(seconds)}", "-max_len=4000", "-timeout=20", "-print_final_stats=1"]
        argv = [sys.executable, "-c", ATHERIS, name, *limits, f"-artifact_prefix={folder}/", str(corpus)]
        done = subprocess.run(argv, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    output = done.stdout.decode(errors="replace")
    if done.returncode:  # libFuzzer's last lines contain the input in base64
        show(f"{name}: failed", *output[max(0, output.find(" === Uncaught")) :].splitlines()[-60:])
        return 1
    inputs = re.search(r"number_of_executed_units: (\d+)", output)
    show(f"{name}: {inputs[1] if inputs else 'some'} inputs, no failure")
    return 0


def show(*lines: str) -> None:
    print(*lines, sep="\n", flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

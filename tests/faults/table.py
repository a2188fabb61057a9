"""The index of faults: ``python -m tests.faults.table`` writes README.md beside this file."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parent.parent
README = Path(__file__).with_name("README.md")
_HEAD = """# Faults

Sixty faults of networks, servers, terminals and files. The docstring of a test that shows one starts with its number
("Fault 17: …"). This index lists the most general test of each;
`grep -rn "Fault.* 17" tests` finds the others. `python -m tests.faults.table` writes this page, and `test_table.py`
fails when it is out of date.
"""
_NUMBERS = re.compile(r"[Ff]aults? (\d+(?:(?:, | and |, and |-| to )\d+)*)")
_FIRST = ("faults/test_servers", "faults/test_states", "faults/test_peers", "faults/test_many", "faults/", "ui/")
_RANGE = re.compile(r"(\d+)(?:(?:-| to )(\d+))?")

FAULTS = (
    "the port refuses", "the port swallows all", "accepts and is silent", "accepts and closes", "reset, then back",
    "half-open", "one byte at a time", "bytes without end", "another service on the port", "TLS to plain, plain to TLS",
    "a certificate that is not accepted", "names: unknown, unanswered, hanging", "several addresses of one name",
    "IPv6", "a pooler in between", "the clock jumps", "restarted, as another version", "failover",
    "still starting up", "no room for connections", "the password is rejected", "the password has expired",
    "rights for a part only", "a command that is refused", "forks and relatives", "huge values, many rows",
    "bytes that are not UTF-8", "escape sequences in values", "markup in values", "numbers as they are written",
    "duplicate and unknown keys", "clocks of servers that differ", "no configuration", "invalid TOML",
    "unknown keys", "duplicate names", "circular references", "wrong types and ports",
    "a variable that is not set", "a file with a password that others can read", "the file changes meanwhile",
    "byte order mark, CRLF, Latin-1", "many targets at once", "tiny and huge screens", "a stuck terminal",
    "the connection to the terminal drops",
    "SIGTERM", "SIGINT, suspended", "no terminal at all", "few colours, no UTF-8", "tmux: another size meanwhile",
    "an error in the program itself", "an interrupt while starting", "a second interrupt", "disk full, read-only home",
    "two boards on one history", "a damaged history", "a history from a newer version",
    "no HOME, no user name", "the clock goes backwards",
)  # fmt: skip
"""the first has the number 1"""


def numbers_in(docstring: str) -> set[int]:
    """Return the numbers of the faults in a docstring.

    >>> sorted(numbers_in("Faults 3-5 and 20: In words.")), numbers_in("Fault 1: At once."), numbers_in("A default.")
    ([3, 4, 5, 20], {1}, set())
    """
    ranges = (pair for found in _NUMBERS.findall(docstring) for pair in _RANGE.findall(found))
    return {number for first, last in ranges for number in range(int(first), int(last or first) + 1)}


def faults_by_test() -> Iterator[tuple[str, set[int]]]:
    """Yield file::name of every test, and the numbers of its faults."""
    for path in sorted(TESTS.rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
                yield f"{path.relative_to(TESTS)}::{node.name}", numbers_in(ast.get_docstring(node) or "")


def _rank(test: tuple[str, set[int]]) -> int:
    name = test[0]
    return next((rank for rank, start in enumerate(_FIRST) if name.startswith(start)), len(_FIRST))


def index() -> str:
    """Return README.md: each fault with the most general test that shows it."""
    tests = sorted(faults_by_test(), key=_rank)
    lines = [_HEAD, "| # | fault | shown by, in `tests/` |", "|---|---|---|"]
    for number, fault in enumerate(FAULTS, 1):
        first = next(f"`{name}`" for name, numbers in tests if number in numbers)
        lines.append(f"| {number} | {fault} | {first} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    README.write_text(index(), "utf-8")

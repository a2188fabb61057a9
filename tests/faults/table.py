"""The sixty faults and the tests that show them; ``python -m tests.faults.table`` prints CONTRIBUTING.md's table."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parent.parent
_NUMBERS = re.compile(r"[Ff]aults? (\d+(?:(?:, | and |, and |-| to )\d+)*)")
_FIRST = ("faults/test_servers", "faults/test_states", "faults/test_peers", "faults/test_many", "faults/", "ui/")
_SOME = re.compile(r"(\d+)(?:(?:-| to )(\d+))?")

FAULTS = (
    "the port refuses", "the port swallows all", "accepts and is silent", "accepts and closes", "reset, then back",
    "half-open", "one byte at a time", "bytes without end", "another service on the port", "TLS to plain, plain to TLS",
    "a certificate that is not accepted", "names: unknown, unanswered, hanging", "several addresses of one name",
    "IPv6", "a pooler in between", "the clock jumps", "restarted, as another version", "failover",
    "still starting up", "no room for connections", "the password is rejected", "the password has expired",
    "rights for a part only", "a command that is refused", "forks and relatives", "huge values, many rows",
    "bytes that are no UTF-8", "escape sequences in values", "markup in values", "numbers as they are written",
    "duplicate and unknown keys", "clocks of servers that differ", "no configuration", "TOML that is none",
    "unknown keys", "names given twice", "references in a circle", "wrong types and ports",
    "a variable that is not set", "a password that others can read", "the file changes meanwhile",
    "byte order mark, CRLF, Latin-1", "many targets at once", "tiny and huge screens", "a terminal that is stuck",
    "the connection to the terminal drops",
    "SIGTERM", "SIGINT, suspended", "no terminal at all", "few colours, no UTF-8", "tmux: another size meanwhile",
    "a crash of our own", "an interrupt while starting", "a second interrupt", "disk full, read-only home",
    "two that share a history", "a line of history is broken", "a history from a newer version", "no HOME, no name",
    "the clock goes backwards",
)  # fmt: skip
"""each in a few words; the first has the number 1"""


def shown(docstring: str) -> set[int]:
    """Return the faults that a docstring says it shows.

    >>> sorted(shown("Faults 3-5 and 20: In words.")), shown("Fault 1: At once."), shown("A default.")
    ([3, 4, 5, 20], {1}, set())
    """
    some = (pair for found in _NUMBERS.findall(docstring) for pair in _SOME.findall(found))
    return {number for first, last in some for number in range(int(first), int(last or first) + 1)}


def every() -> Iterator[tuple[str, set[int]]]:
    """Give file::name of every test, and the faults that it shows."""
    for path in sorted(TESTS.rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
                yield f"{path.relative_to(TESTS)}::{node.name}", shown(ast.get_docstring(node) or "")


def _rank(test: tuple[str, set[int]]) -> int:
    """Put real servers before what is made up, and tests of every kind before those of one."""
    name = test[0]
    return next((rank for rank, start in enumerate(_FIRST) if name.startswith(start)), len(_FIRST))


def table() -> str:
    """Return the table as Markdown: for each fault one test that shows it, the most general one."""
    found = sorted(every(), key=_rank)
    lines = ["| # | fault | shown by, in `tests/` |", "|---|---|---|"]
    for number, fault in enumerate(FAULTS, 1):
        first = next((f"`{name}`" for name, numbers in found if number in numbers))
        lines.append(f"| {number} | {fault} | {first} |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(table())  # noqa: T201

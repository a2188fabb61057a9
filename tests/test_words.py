"""The program's own texts: the field's terms, and no phrase that a reader at night must read twice."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).parent.parent / "parity_tui"

BANNED = """
nobody wants|nobody but|nobody list|nobody vouches|anybody|somebody|everybody|whoever
for ever|on the way|without a word|\\btold\\b|\\banew\\b|\\bmoved\\b|is not known here|something else here|\\bare odd\\b
who is odd|majority decides|cannot see\\b|not wholly|goes on as|a fault of (ours|our own|parity-tui)|to be copied
the least that|all that there are|is believed
answers what no|says what no|wants a certificate|behave otherwise|sort otherwise|compare otherwise
(^|: )(What|Who|Whoever) (is|was|are|has|stays|runs|goes|listens|needs|cannot)\\b
"""
"""regular expressions of the words that the texts avoid, one or several a line"""

_BANNED = re.compile("|".join(f"(?:{line})" for line in BANNED.split("\n") if line))


def texts(source: str) -> Iterator[tuple[int, str]]:
    """Yield line and value of each string literal that is no docstring."""
    tree = ast.parse(source)
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.lineno, node.value


def banned(source: str) -> list[tuple[int, str]]:
    return [(at, match[0]) for at, text in texts(source) for match in _BANNED.finditer(text)]


def test_texts_avoid_banned_words() -> None:
    found = {str(path.relative_to(PACKAGE)): banned(path.read_text("utf-8")) for path in PACKAGE.rglob("*.py")}
    assert {name: words for name, words in found.items() if words} == {}


def test_banned_word_in_a_docstring_is_allowed() -> None:
    assert banned('def f():\n    """Nothing for ever."""\n    return "for ever"') == [(3, "for ever")]

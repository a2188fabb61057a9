"""Every regular expression of the package, and texts made of its own letters that are hard for it."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser as sre_parse  # type: ignore[attr-defined]

import parity_tui

Node = tuple[object, object]
_FUNCTIONS = {"search", "match", "fullmatch", "split", "findall", "finditer", "sub", "subn"}
_ANY_FUNCTION = re.compile(rf"\b(?:{'|'.join(_FUNCTIONS)})\b")
_NOT_IN = "\x00"
_CATEGORIES = {
    sre.CATEGORY_DIGIT: "0",
    sre.CATEGORY_NOT_DIGIT: "a",
    sre.CATEGORY_SPACE: " ",
    sre.CATEGORY_NOT_SPACE: "a",
    sre.CATEGORY_WORD: "a",
    sre.CATEGORY_NOT_WORD: "-",
}


Use = tuple[re.Pattern[str], str]
"""an expression and the method that is called"""


def uses() -> dict[Use, str]:
    """Return every use of an expression, with its module; those made of values at run time are left out."""
    found: dict[Use, str] = {}
    for module in pkgutil.walk_packages(parity_tui.__path__, "parity_tui."):
        if module.name.endswith("__main__"):
            continue
        loaded = importlib.import_module(module.name)
        assert loaded.__file__
        text = Path(loaded.__file__).read_text(encoding="utf-8")
        if not _ANY_FUNCTION.search(text):
            continue  # every worker of pytest collects these uses, and parsing takes most of that time
        nodes = list(ast.walk(ast.parse(text)))
        for use in (*inline_uses(nodes, vars(loaded)), *constant_uses(nodes, vars(loaded))):
            found.setdefault(use, module.name)
    return found


def constant_uses(nodes: Sequence[ast.AST], names: dict[str, object]) -> Iterator[Use]:
    for node in nodes:
        if isinstance(node, ast.Attribute) and node.attr in _FUNCTIONS and re.match(r"[\w.]+$", ast.unparse(node)):
            try:
                pattern = evaluated(node.value, names)
            except (NameError, AttributeError):
                continue
            if isinstance(pattern, re.Pattern) and isinstance(pattern.pattern, str):
                yield pattern, node.attr


def inline_uses(nodes: Sequence[ast.AST], names: dict[str, object]) -> Iterator[Use]:
    for call in calls(nodes):
        try:
            pattern = evaluated(call.args[0], names)
            flags = [evaluated(node, names) for node in flag_nodes(call)]
        except NameError:
            continue
        if isinstance(pattern, str):
            assert isinstance(call.func, ast.Attribute)
            yield re.compile(pattern, *flags[:1]), call.func.attr  # type: ignore[call-overload]


def calls(nodes: Sequence[ast.AST]) -> Iterator[ast.Call]:
    for node in nodes:
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="re"), attr=name)) if name in _FUNCTIONS:
                yield node


def flag_nodes(call: ast.Call) -> Iterator[ast.expr]:
    for node in (*call.args[1:], *(keyword.value for keyword in call.keywords if keyword.arg == "flags")):
        if re.match(r"re\.[A-Z]+", ast.unparse(node)):
            yield node


def evaluated(node: ast.expr, names: dict[str, object]) -> object:
    return eval(compile(ast.Expression(node), "expression", "eval"), dict(names))


def attacks(pattern: re.Pattern[str], size: int) -> Iterator[str]:
    """Yield texts: repeats of each letter, of each almost-match, and each of them behind what leads to it."""
    pieces = list(letters(sre_parse.parse(pattern.pattern, pattern.flags & ~re.UNICODE | 0)))
    alphabet = list(dict.fromkeys(piece for piece in pieces if piece))
    for piece in alphabet:
        yield repeated(piece, size)
        yield repeated(piece, size) + _NOT_IN
    prefix = ""
    for piece in pieces:
        if piece:
            yield prefix + repeated(piece, size) + _NOT_IN
            yield repeated(prefix + piece, size)
            yield repeated(prefix + piece * 3 + _NOT_IN, size)
            prefix += piece
    whole = "".join(pieces)
    for cut in {whole, whole[:-1], whole[1:], whole * 2 + _NOT_IN}:
        if cut:
            yield repeated(cut, size)
    for one, other in pairwise(alphabet):
        yield repeated(one + other, size)


def repeated(text: str, size: int) -> str:
    return (text * (size // len(text) + 1))[:size]


def letters(tree: object) -> Iterator[str]:
    """Yield a letter for each element of an expression, in its order."""
    for operation, argument in tree:  # type: ignore[attr-defined]
        match operation:
            case sre.LITERAL:
                yield chr(argument)
            case sre.NOT_LITERAL:
                yield "a" if argument != ord("a") else "b"
            case sre.ANY:
                yield "a"
            case sre.IN:
                yield member(argument)
            case sre.BRANCH:
                for branch in argument[1]:
                    yield from letters(branch)
            case sre.MAX_REPEAT | sre.MIN_REPEAT | sre.POSSESSIVE_REPEAT:
                yield from letters(argument[2])
            case sre.SUBPATTERN:
                yield from letters(argument[-1])
            case sre.ATOMIC_GROUP:
                yield from letters(argument)
            case sre.ASSERT | sre.ASSERT_NOT:
                yield from letters(argument[1]) if operation is sre.ASSERT else iter(())


def member(choices: list[Node]) -> str:
    """Return a letter of a set."""
    negated = choices[0][0] is sre.NEGATE
    sets = choices[1:] if negated else choices
    if negated:
        return next((letter for letter in "a0 -\"'/.:é" if not any(holds(each, letter) for each in sets)), "€")
    operation, argument = sets[0]
    if operation is sre.LITERAL:
        return chr(argument)  # type: ignore[arg-type]
    if operation is sre.RANGE:
        return chr(argument[0])  # type: ignore[index]
    return _CATEGORIES.get(argument, "a")


def holds(choice: Node, letter: str) -> bool:
    operation, argument = choice
    if operation is sre.LITERAL:
        return argument == ord(letter)
    if operation is sre.RANGE:
        return bool(argument[0] <= ord(letter) <= argument[1])  # type: ignore[index]
    return {sre.CATEGORY_DIGIT: letter.isdigit(), sre.CATEGORY_SPACE: letter.isspace(),
            sre.CATEGORY_WORD: letter.isalnum() or letter == "_"}.get(argument, False)  # fmt: skip

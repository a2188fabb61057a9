"""Orders that decide: what Apache tries one after another, and sections of which the last wins."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from parity_tui.model import Fact
from parity_tui.services.apache.parse.redaction import is_concealed, redacted, shown
from parity_tui.services.apache.parse.statements import Statement

_LONGEST = 1000
"""characters of a path that are looked at"""
_GLOB = frozenset("*?[")
_FIRST_WINS: Mapping[str, tuple[str, ...]] = {
    "ProxyPass": ("ProxyPass", "ProxyPassMatch"),
    "Alias": ("Alias", "AliasMatch", "ScriptAlias", "ScriptAliasMatch"),
    "Redirect": ("Redirect", "RedirectMatch"),
}
_LAST_WINS: Mapping[str, tuple[str, ...]] = {
    "Location": ("Location", "LocationMatch"),
    "Files": ("Files", "FilesMatch"),
    "Proxy": ("Proxy", "ProxyMatch"),
    "If": ("If", "ElseIf", "Else"),
}

_CONDITIONS: Mapping[str, int] = {"setenvif": 2, "setenvifnocase": 2, "setenvifexpr": 1, "browsermatch": 1,
                                  "browsermatchnocase": 1}  # fmt: skip
"""directives of mod_setenvif, which runs all of them in their order -> the number of arguments before the variables"""


def orders(statements: Sequence[Statement]) -> Iterator[tuple[str, Fact]]:
    """Yield the orders that change the behaviour; the usual one, by which no rule hides another, is no fact."""
    for name, names in _FIRST_WINS.items():
        steps = [_path(each) for each in statements if each.name in names and each.args]
        sorts = {each.name for each in statements if each.name in names}
        expressions = len(sorts) > 1 and any(sort.endswith("Match") for sort in sorts)  # one sort keeps its order
        paths = [_path(each) for each in statements if each.name in names and each.args and each.name[-5:] != "Match"]
        if len(steps) > 1 and (expressions or _hides(paths)):
            yield f"order of {name}", Fact(" → ".join(shown([step]) for step in steps))
    for name, names in _LAST_WINS.items():
        sections = [each for each in statements if each.name in names and each.block is not None and each.args]
        steps = [each.args[-1] for each in sections]
        globs = name != "Proxy" and any(not _GLOB.isdisjoint(step) for step in steps)
        expressions = name == "If" or globs or any(each.name.endswith("Match") for each in sections)
        outer = reversed([f"/{step.rstrip('*')}" for step in steps] if name == "Proxy" else steps)
        if len(steps) > 1 and (expressions or _hides(outer)):
            yield f"order of {name}", Fact(" → ".join(shown([step]) for step in steps))
    folders = _folder_expressions(statements)
    if len({step.count("/") for step in folders}) < len(folders):
        yield "order of Directory", Fact(" → ".join(shown([step]) for step in folders))
    yield from _contradictions(statements)


def _folder_expressions(statements: Sequence[Statement]) -> list[str]:
    """Return the expressions of sections for folders as Apache sorts them: those with fewer slashes come first."""
    sections = (each for each in statements if each.name == "DirectoryMatch" and each.args)
    return sorted((each.args[-1] for each in sections), key=lambda step: step.count("/"))


def _contradictions(statements: Sequence[Statement]) -> Iterator[tuple[str, Fact]]:
    """Yield the order of contradicting conditions; that of lines of one directive is in its own fact."""
    lines = contradicting(statements)
    if len({each.name for each in lines}) > 1:
        steps = " → ".join(f"{each.name} {shown(each.args)}" for each in lines)
        secret = any(is_concealed(each.name, "", each.args) for each in lines)
        yield "order of SetEnvIf", redacted(steps, lines[0].source) if secret else Fact(steps)


def contradicting(statements: Sequence[Statement]) -> list[Statement]:
    """Return the conditions that set one variable differently, or of which one tests the variable of another.

    >>> lines = [Statement("BrowserMatch", ["a", word], "") for word in ("b=1", "c", "!b")]
    >>> [each.args for each in contradicting(lines)]
    [['a', 'b=1'], ['a', '!b']]
    """
    lines = [each for each in statements if each.name.lower() in _CONDITIONS and each.args]
    values: dict[str, set[str]] = {}
    for variable, value in (_variable(word) for each in lines for word in _variables(each)):
        values.setdefault(variable, set()).add(value)
    tested = {each.args[0] for each in lines if each.name.lower().startswith("setenvif")}
    several = {variable for variable, each in values.items() if len(each) > 1 or variable in tested}
    return [
        each
        for each in lines
        if each.args[0] in several or any(_variable(word)[0] in several for word in _variables(each))
    ]


def _variables(line: Statement) -> list[str]:
    """Return the arguments of a condition that set a variable."""
    return line.args[_CONDITIONS[line.name.lower()] :]


def _variable(word: str) -> tuple[str, str]:
    """Return the variable that an argument sets, and its value.

    >>> _variable("a=1"), _variable("!a"), _variable("a")
    (('a', '1'), ('a', '!'), ('a', '1'))
    """
    name, equals, value = word.partition("=")
    return (name.lstrip("!"), "!") if name.startswith("!") else (name, value if equals else "1")


def _path(directive: Statement) -> str:
    """Return the path that a directive is for.

    >>> _path(Statement("Redirect", ["301", "/a", "/b"], "")), _path(Statement("ProxyPass", ["/a", "!"], ""))
    ('/a', '/a')
    """
    args = directive.args
    return args[1] if directive.name.startswith("Redirect") and len(args) > 1 and args[0][0] != "/" else args[0]


def _hides(steps: Iterable[str]) -> bool:
    """Return whether a step is inside the path of an earlier one, which therefore hides it.

    >>> _hides(["/", "/a"]), _hides(["/a", "/"]), _hides(["/a", "/ab", "/b"]), _hides(["/a", "/a/b/c"])
    (True, False, False, True)
    """
    seen: set[str] = set()
    for step in steps:
        ends = [index for index, letter in enumerate(step[:_LONGEST]) if letter == "/"]
        outer = {part for index in ends for part in (step[:index], step[: index + 1])} - {step}
        if not seen.isdisjoint(outer):
            return True
        seen.add(step)
    return False


def default_hosts(hosts: Sequence[Statement], labels: Sequence[str]) -> Fact | None:
    """Return which hosts answer requests for unknown names, None where no address has several hosts: the first one."""
    groups: dict[str, list[str]] = {}
    for host, label in zip(hosts, labels, strict=True):
        for address in host.args:
            groups.setdefault(address.replace("_default_", "*"), []).append(label)
    chosen = {group[0] for group in groups.values() if len(set(group)) > 1}
    return Fact(", ".join(sorted(chosen))) if chosen else None

"""Orders that decide: what Apache tries one after another, and sections of which the last wins."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from parity_tui.model import Fact
from parity_tui.services.apache.parse.redaction import shown
from parity_tui.services.apache.parse.statements import Statement

_LONGEST = 1000
"""characters of a path that are looked at"""
_FIRST_WINS: Mapping[str, tuple[str, ...]] = {
    "ProxyPass": ("ProxyPass", "ProxyPassMatch"),
    "Alias": ("Alias", "AliasMatch", "ScriptAlias", "ScriptAliasMatch"),
    "Redirect": ("Redirect", "RedirectMatch"),
}
_LAST_WINS: Mapping[str, tuple[str, ...]] = {
    "Location": ("Location", "LocationMatch"),
    "Files": ("Files", "FilesMatch"),
    "If": ("If", "ElseIf", "Else"),
}


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
        expressions = name == "If" or any(each.name.endswith("Match") or each.args[0] == "~" for each in sections)
        if len(steps) > 1 and (expressions or _hides(reversed(steps))):
            yield f"order of {name}", Fact(" → ".join(shown([step]) for step in steps))


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

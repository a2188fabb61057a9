"""Orders that decide: what nginx tries one after another, and what the first of several is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from parity_tui.model import Fact
from parity_tui.services.nginx.normalize import location
from parity_tui.services.nginx.parse.redaction import block_name
from parity_tui.services.nginx.parse.statements import Statement

_PHASES = {"set": 0, "if": 1, "rewrite": 2, "break": 3, "return": 4}
"""directives of the rewrite module, which runs them in the order of the file; the usual order is no fact"""


def orders(statements: Sequence[Statement], context: str) -> Iterator[tuple[str, Fact]]:
    """Yield the orders within a block that change its behaviour."""
    regular = [s["args"] for s in statements if s["directive"] == "location"]
    regular = [args for args in map(location, regular) if args[:1] in (["~"], ["~*"])]
    conditions = [s["args"] for s in statements if s["directive"] == "if"]
    names = {"order of regular locations": ("location", regular), "order of conditions": ("if", conditions)}
    for name, (directive, each) in names.items():
        if len(each) > 1:
            yield name, Fact(" → ".join(block_name(directive, args)[0] for args in each))
    phases = [s["directive"] for s in statements if s["directive"] in _PHASES]
    steps = [name for index, name in enumerate(phases) if phases[index - 1 : index] != [name]]
    if steps != sorted(steps, key=_PHASES.__getitem__) and context in ("server", "location", "if"):
        yield "order of rewrite directives", Fact(" → ".join(steps))
    if any(s["directive"] == "alias" for s in statements):
        yield "files by", Fact("alias: the location's own path is replaced")


def map_order(statements: Sequence[Statement]) -> Iterator[tuple[str, Fact]]:
    """Yield the order of a map's regular expressions: the first that matches counts."""
    regular = [str(s["directive"]) for s in statements if str(s["directive"]).startswith("~")]
    if len(regular) > 1:
        yield "order of regular expressions", Fact(" → ".join(regular))


def default_servers(servers: Sequence[Statement], labels: Sequence[str]) -> Fact | None:
    """Return which hosts answer requests for unknown names, None where no address has several hosts.

    Addresses belong to the environment: only the labels count. Without `default_server` the first host is it.
    """
    groups: dict[str, list[tuple[bool, str]]] = {}
    for server, label in zip(servers, labels, strict=True):
        listens = [s["args"] for s in server["block"] if s["directive"] == "listen" and s["args"]] or [["80"]]
        for address, *words in listens:
            explicit = "default_server" in words or "default" in words
            groups.setdefault(_address(address), []).append((explicit, label))
    chosen = {
        next((label for explicit, label in group if explicit), group[0][1])
        for group in groups.values()
        if len({label for _, label in group}) > 1
    }
    return Fact(", ".join(sorted(chosen))) if chosen else None


def _address(text: str) -> str:
    """Return an address with its port: `80` and `*:80` are the same.

    >>> _address("80"), _address("*:80"), _address("127.0.0.1"), _address("[::]:80")
    ('*:80', '*:80', '127.0.0.1:80', '[::]:80')
    """
    if text.isdecimal():
        return f"*:{text}"
    return text if re.search(r":\d+$", text) or text.startswith("unix:") else f"{text}:80"

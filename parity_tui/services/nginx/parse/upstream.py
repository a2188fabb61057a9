"""The shape of an upstream: its addresses belong to the environment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import gcd

from parity_tui.model import Fact
from parity_tui.services.nginx.normalize import parameter
from parity_tui.services.nginx.parse.statements import Statement

_DEFAULTS = frozenset({"max_fails=1", "fail_timeout=10 s", "max_conns=0", "slow_start=0", "weight=1"})
_KEEPALIVE: Mapping[str, str] = {"keepalive_timeout": "1 min", "keepalive_time": "1 h"}


def upstream_shape(servers: Sequence[Statement]) -> dict[str, Fact]:
    """Return how many servers share the load and how: servers that are down do not, and defaults may be written.

    >>> lines = [{"args": ["a:1", "weight=4"], "file": "", "line": 1}, {"args": ["b:1", "weight=2", "max_fails=3"]}]
    >>> {name: fact.raw for name, fact in upstream_shape([*lines, {"args": ["c:1", "backup"]}]).items()}
    {'servers': '2', 'backup servers': '1', 'weights': '2 : 1', 'server parameters': 'max_fails=3 for some'}
    """
    source = f"{servers[0]['file']}:{servers[0]['line']}"
    all_words = [list(line["args"][1:]) for line in servers]
    up = [words for words in all_words if "down" not in words] or all_words
    active = [words for words in up if "backup" not in words]
    parameters = [{parameter(word) for word in words} - _DEFAULTS for words in up]
    compared = (each for each in sorted(set().union(*parameters)) if each.partition("=")[0] not in ("backup", "weight"))
    shown = [each if all(each in some for some in parameters) else f"{each} for some" for each in compared]
    return {
        "servers": Fact(str(len(active)), source=source),
        "backup servers": Fact(str(len(up) - len(active)), source=source),
        "weights": Fact(_weights(active), source=source),
        "server parameters": Fact("; ".join(shown) or "none", source=source),
    }


def without_defaults(facts: Mapping[str, Fact]) -> dict[str, Fact]:
    """Return facts without those of kept connections that a directive written with its default gives."""
    return {name: fact for name, fact in facts.items() if _KEEPALIVE.get(name) != fact.canonical}


def _weights(servers: Sequence[Sequence[str]]) -> str:
    """Return the ratio of the servers' weights, the largest first."""
    words = [next((word for word in server if word.startswith("weight=")), "weight=1") for server in servers]
    numbers = [int(word[7:17]) if word[7:17].isdecimal() else 1 for word in words]
    if len(set(numbers)) < 2:
        return "equal"
    divisor = max(gcd(*numbers), 1)
    return " : ".join(str(number // divisor) for number in sorted(numbers, reverse=True))

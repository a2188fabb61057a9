"""What matters of directives whose addresses and paths belong to the host: their options."""

from __future__ import annotations

from collections.abc import Sequence

from parity_tui.model import Fact
from parity_tui.services.nginx.normalize import parameter
from parity_tui.services.nginx.parse.statements import Statement

LOG_LEVEL = "error_log level"
_LEVELS = ("debug", "info", "notice", "warn", "error", "crit", "alert", "emerg")
_TLS = frozenset({"ssl", "quic"})


def host_options(lines: Sequence[Statement]) -> dict[str, Fact]:
    """Return the least level of the error logs, how names are resolved, and whether a TLS host also answers without.

    >>> lines = [("error_log", ["/a", "warn"]), ("resolver", ["10.0.0.2", "valid=60s"]), ("listen", ["80"])]
    >>> lines = [{"directive": name, "args": args, "file": "a", "line": 1} for name, args in lines]
    >>> {name: fact.raw for name, fact in host_options(lines).items()}
    {'error_log level': 'warn', 'resolver options': 'valid=1 min'}
    """
    facts: dict[str, Fact] = {}
    if logs := _of(lines, "error_log"):
        words = [each["args"][-1] for each in logs if each["args"]]
        levels = [word if word in _LEVELS else "error" for word in words]  # the last word may be the path
        facts[LOG_LEVEL] = Fact(min(levels, key=_LEVELS.index, default="error"), source=_source(logs[0]))
    if resolvers := _of(lines, "resolver"):
        options = {parameter(word) for each in resolvers for word in each["args"] if _is_option(word)}
        facts["resolver options"] = Fact("; ".join(sorted(options)) or "none", source=_source(resolvers[0]))
    if listens := _of(lines, "listen"):
        encrypted = {not _TLS.isdisjoint(each["args"][1:]) for each in listens}
        if len(encrypted) > 1:
            facts["listen without TLS"] = Fact("yes, beside TLS", source=_source(listens[0]))
    return facts


def _of(lines: Sequence[Statement], directive: str) -> list[Statement]:
    return [each for each in lines if each["directive"] == directive]


def _is_option(word: str) -> bool:
    name, equals, value = word.partition("=")
    return bool(equals) and name != "status_zone" and (name, value) not in (("ipv6", "on"), ("ipv4", "on"))


def _source(statement: Statement) -> str:
    return f"{statement['file']}:{statement['line']}"

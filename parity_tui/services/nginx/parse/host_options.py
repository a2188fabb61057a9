"""What matters of directives whose addresses and paths belong to the host: their options."""

from __future__ import annotations

import re
from collections.abc import Sequence

from parity_tui.model import Fact
from parity_tui.services.nginx.normalize import parameter
from parity_tui.services.nginx.parse.statements import Statement

LOG_LEVEL = "error_log level"
ACCESS_LOG = "access_log format"
_ADDRESS_OPTION = re.compile(
    r"ssl|quic|http2|spdy|proxy_protocol|default|default_server|bind|(ipv6only|setfib|accept_filter)=.*"
)
"""parameters that have facts of their own, or belong to the host"""
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
    if trusted := _of(lines, "set_real_ip_from"):
        facts["trusted proxies"] = Fact("some", source=_source(trusted[0]))
    if logs := _of(lines, "access_log"):
        facts[ACCESS_LOG] = Fact(_logs([each["args"] for each in logs]), source=_source(logs[0]))
    if listens := _of(lines, "listen"):
        parameters = {parameter(word) for each in listens for word in each["args"][1:]}
        if accepting := sorted(word for word in parameters if not _ADDRESS_OPTION.fullmatch(word)):
            facts["listen options"] = Fact("; ".join(accepting), source=_source(listens[0]))
        encrypted = {not _TLS.isdisjoint(each["args"][1:]) for each in listens}
        if len(encrypted) > 1:
            facts["listen without TLS"] = Fact("yes, beside TLS", source=_source(listens[0]))
    return facts


def _of(lines: Sequence[Statement], directive: str) -> list[Statement]:
    return [each for each in lines if each["directive"] == directive]


def _logs(logs: Sequence[Sequence[str]]) -> str:
    """Return the formats of access logs; "off" turns all of a block off."""
    formats = {_log(words) for words in logs}
    return "off" if "off" in formats else "; ".join(sorted(formats))


def _log(words: Sequence[str]) -> str:
    """Return the format of an access log, and the condition that limits it.

    >>> _log(["/a.log"]), _log(["off"]), _log(["/a.log", "json", "buffer=32k", "if=$loggable"])
    ('combined', 'off', 'json if=$loggable')
    """
    if words[:1] == ["off"]:
        return "off"
    named = [word for word in words[1:2] if "=" not in word and word not in ("gzip", "buffer")]
    return " ".join([*(named or ["combined"]), *(word for word in words[1:] if word.startswith("if="))])


def _is_option(word: str) -> bool:
    name, equals, value = word.partition("=")
    return bool(equals) and name != "status_zone" and (name, value) not in (("ipv6", "on"), ("ipv4", "on"))


def _source(statement: Statement) -> str:
    return f"{statement['file']}:{statement['line']}"

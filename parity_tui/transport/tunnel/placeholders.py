"""The placeholders within the words of a tunnel program: {port}, {socket}, {host}, {target_port}."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from parity_tui.model import Tunnel

LOCAL = ("port", "socket")
"""where the program listens on this machine"""
TARGET = ("host", "target_port")
"""where it leads to"""

_TOKEN = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")


def names(word: str) -> Iterator[str]:
    """Yield the names of the placeholders of a word, "{" or "}" for a brace without its partner.

    >>> list(names("{host}:{target_port} {{literally}} {"))
    ['host', 'target_port', '{']
    """
    for token in _TOKEN.finditer(word):
        if token[0] not in ("{{", "}}"):
            yield token[0] if token[1] is None else token[1]


def fill(argv: Sequence[str], values: Mapping[str, str], *, last: bool = True) -> tuple[str, ...]:
    """Return the words with the placeholders of ``values`` filled in; further ones stay as they are.

    ``last`` makes single braces of double ones, so that nothing can be filled in later.

    >>> fill(["-L", "{port}:{host}:{target_port}", "{{}}"], {"host": "db", "target_port": "5432"}, last=False)
    ('-L', '{port}:db:5432', '{{}}')
    >>> fill(["{port}", "{{port}}"], {"port": "4000"})
    ('4000', '{port}')
    """

    def value(token: re.Match[str]) -> str:
        if token[1] in values:
            text = values[token[1]]
            return text if last else doubled(text)
        return token[0][0] if last and token[0] in ("{{", "}}") else token[0]

    return tuple(_TOKEN.sub(value, word) for word in argv)


def leads_to(tunnel: Tunnel, host: str, port: int) -> tuple[str, ...]:
    """Return the words of the program that leads to ``host``:``port``; where it listens is not filled in yet."""
    return fill(tunnel.argv, {"host": host, "target_port": str(port)}, last=False)


def doubled(text: str) -> str:
    """Return a text whose braces stand for themselves.

    >>> doubled('{"port": 1}')
    '{{"port": 1}}'
    """
    return text.replace("{", "{{").replace("}", "}}")

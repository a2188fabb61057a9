"""Which directives the hosts inherit from the server."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from parity_tui.services._webconfig import Block, Family
from parity_tui.services.apache.parse.repetition import SINGLE

_LOCAL = frozenset({"allowoverride", "documentroot", "errorlog", "rewritebase", "rewriteengine", "serveradmin",
                    "servername"})  # fmt: skip
_LAST_WINS = frozenset({"setenv", "errordocument", "expiresbytype"})
_ADDED = frozenset({"addoutputfilterbytype", "addtype", "browsermatch", "browsermatchnocase", "options", "passenv",
                    "setenvif", "setenvifnocase", "unsetenv"})  # fmt: skip
"""directives whose lines in a host are added to those of the server"""
_REPLACES = re.compile(r"(always )?(set \S+ (\S+|\"[^\"]*\")|unset \S+)")


def inherited(main: Block, hosts: Sequence[Block], defaults: Collection[str]) -> Family:
    """Return which directives mean the same in the server as in all of its hosts.

    What a host adds to the server's own lines is not the same as those lines.
    """

    def replaces(name: str) -> bool:
        facts = (block.facts[name] for block in (main, *hosts) if name in block.facts)
        return all(_REPLACES.fullmatch(fact.canonical or fact.raw or "") for fact in facts)

    def family(name: str) -> str:
        directive = name.partition("[")[0].lower()
        if directive in ("header", "requestheader"):
            return name if replaces(name) else ""
        single = directive in SINGLE - _LOCAL or directive in _LAST_WINS
        return name if name in defaults or single or (directive in _ADDED and name not in main.facts) else ""

    own = frozenset(name for block in (main, *hosts) for name in block.facts)
    names = frozenset(filter(family, own))
    return lambda name: name if name in names else ""

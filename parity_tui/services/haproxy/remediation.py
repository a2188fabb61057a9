"""The line of the configuration that would set a value, as text for a person to copy."""

from __future__ import annotations

import re

from parity_tui.model import Fact, State

GLOBAL = {
    "Maxconn": "maxconn {}",
    "Nbthread": "nbthread {}",
    "MaxSslConns": "maxsslconn {}",
    "Maxpipes": "maxpipes {}",
    "ConnRateLimit": "maxconnrate {}",
    "SessRateLimit": "maxsessrate {}",
    "SslRateLimit": "maxsslrate {}",
}
"""setting -> directive of the section global"""

PROXY = {
    "frontend.*.maxconn": "maxconn {}",
    "frontend.*.rate-limit": "rate-limit sessions {}",
    "backend.*.fullconn": "fullconn {}",
    "backend.*.balance": "balance {}",
}
"""setting of a proxy -> directive of its section"""


def remediate(setting: str, wanted: str, fact: Fact) -> str:
    """Return the line and its section, "" where no single line sets the value.

    >>> remediate("Nbthread", "4", Fact("2"))
    'nbthread 4   # in the section global, then a reload'
    >>> remediate("backend.shop.balance", "leastconn", Fact("roundrobin"))
    'balance leastconn   # in the section backend shop, then a reload'
    >>> remediate("backend.shop.balance", "url_param userid; rm", Fact("roundrobin"))
    ''
    """
    if fact.state is not State.VALUE or not re.fullmatch(r"[\w-]+(?: [\w-]+)?", wanted, re.ASCII):
        return ""
    if setting in GLOBAL:
        return f"{GLOBAL[setting].format(wanted)}   # in the section global, then a reload"
    kind, _, rest = setting.partition(".")
    name, _, last = rest.rpartition(".")
    directive = PROXY.get(f"{kind}.*.{last}", "")
    return f"{directive.format(wanted)}   # in the section {kind} {name}, then a reload" if directive else ""

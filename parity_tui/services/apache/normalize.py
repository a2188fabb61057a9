"""Arguments of directives in one canonical form: quantities, flags, sets, addresses; and their secrets."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from parity_tui.drift.values import canonical_text
from parity_tui.model import Fact, Rule, ValueType

_ANY = Rule("")
_HOST = re.compile(r"://[^/\s$%\"]+")
_SECRETIVE = re.compile(r"auth(orization)?$|cookie|token|secret|passw|credential|(^|[-_])key$", re.IGNORECASE)


def written(args: Iterable[str]) -> str:
    """Return arguments as in a configuration file."""
    return " ".join(f'"{arg}"' if not arg or re.search(r"\s", arg) else arg for arg in args)


def without_host(text: str) -> str:
    """Return text with the hosts of its URLs replaced, because they belong to the environment."""
    return _HOST.sub("://…", text)


def is_secret(name: str) -> bool:
    """Return whether a header or variable of this name holds a secret.

    >>> is_secret("Authorization"), is_secret("X-Frame-Options")
    (True, False)
    """
    return bool(_SECRETIVE.search(name))


def canonical(name: str, args: Sequence[str]) -> str:
    """Return the canonical form of the arguments of a directive.

    >>> canonical("KeepAlive", ["On"]), canonical("Options", ["+FollowSymLinks", "-Indexes"])
    ('on', '+FollowSymLinks, -Indexes')
    >>> canonical("Redirect", ["permanent", "/", "https://a.example/"]), canonical("LimitRequestBody", ["0"])
    ('permanent / https://…/', 'no limit')
    >>> canonical("Timeout", ["300"]), canonical("LimitRequestBody", ["10485760"])
    ('5 min', '10 MB')
    """
    directive = name.lower()
    if directive in ("options", "allowoverride", "sslprotocol", "indexoptions", "addoutputfilterbytype", "protocols"):
        return ", ".join(sorted(args, key=str.lower))
    if directive in ("redirect", "redirectpermanent", "redirectmatch", "errordocument"):
        return without_host(written(args))
    if directive.startswith("proxypass") and args:
        return without_host(written(args))
    if len(args) == 1 and args[0].isdecimal():
        return _quantity(directive, args[0])
    if len(args) == 1 and args[0].lower() in ("on", "off", "none", "all", "full", "prod", "nodecode"):
        return args[0].lower()
    return written(args)


def _quantity(name: str, number: str) -> str:
    """Return a number in the unit of its directive."""
    if name == "limitrequestbody" and number == "0":
        return "no limit"
    if name in ("limitrequestbody", "limitxmlrequestbody", "limitrequestfieldsize", "limitrequestline"):
        return canonical_text(Fact(number, ValueType.SIZE), _ANY)
    return canonical_text(Fact(number, ValueType.DURATION), _ANY) if name.endswith("timeout") else number

"""Arguments of directives in one canonical form: quantities, switches, sets, flags, addresses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from parity_tui.drift.values import canonical_text
from parity_tui.model import Fact, Rule, ValueType
from parity_tui.services._webconfig import header_value

_ANY = Rule("")
_HOST = re.compile(r"://[^/\s$%\"]+")
_ROUTE = re.compile(r"\s(route|redirect)=\S+", re.IGNORECASE)
_TIME = re.compile(r"(\d{1,12})(ms|s|min|mi|m|h)?", re.IGNORECASE)
_UNITS = {"ms": 1, "s": 1000, "": 1000, "min": 60_000, "mi": 60_000, "m": 60_000, "h": 3_600_000}
_EXPIRY_BASES = {"access": "A", "now": "A", "modification": "M"}
_EXPIRY_UNITS = {"ye": 31_536_000, "mo": 2_592_000, "we": 604_800, "da": 86_400, "ho": 3600, "mi": 60, "se": 1}
_FLAGS = {
    "last": "L", "redirect": "R", "nocase": "NC", "qsappend": "QSA", "qsdiscard": "QSD", "qslast": "QSL", "proxy": "P",
    "forbidden": "F", "gone": "G", "chain": "C", "env": "E", "next": "N", "nosubreq": "NS", "passthrough": "PT",
    "skip": "S", "type": "T", "cookie": "CO", "handler": "H", "discardpath": "DPI", "noescape": "NE", "ornext": "OR",
    "novary": "NV", "backrefnoplus": "BNP",
}  # fmt: skip
"""long name of a flag of mod_rewrite -> short name"""
_STATUS = {"permanent": "301", "temp": "302", "seeother": "303", "gone": "410", "": "302"}
_SWITCHES = frozenset(
    {"on", "off", "none", "all", "full", "prod", "nodecode", "any", "email", "dns", "double", "extended", "optional",
     "require", "optional_no_ca", "dynamic", "startup", "nonfatal", "inherit", "set", "emerg", "alert", "crit", "error",
     "warn", "notice", "info", "debug", "ignore"}
)  # fmt: skip
_OPTIONS = {
    name.lower(): name
    for name in ("All", "None", "ExecCGI", "FollowSymLinks", "Includes", "IncludesNOEXEC", "Indexes", "MultiViews",
                 "SymLinksIfOwnerMatch")
}  # fmt: skip
_PROTOCOLS = {"sslv3": "SSLv3", "tlsv1": "TLSv1", "tlsv1.1": "TLSv1.1", "tlsv1.2": "TLSv1.2", "tlsv1.3": "TLSv1.3"}
_BY_ENDING = frozenset({"addtype", "addhandler", "addcharset", "addencoding", "addlanguage", "removehandler"})
_SPELLINGS = {
    name.lower(): name
    for name in ("X-Real-IP", "ETag", "DNT", "TE", "X-XSS-Protection", "WWW-Authenticate", "X-UA-Compatible",
                 "X-Request-ID", "X-Forwarded-SSL", "Content-MD5", "NEL", "X-DNS-Prefetch-Control")
}  # fmt: skip


def written(args: Iterable[str]) -> str:
    """Return arguments as in a configuration file."""
    return " ".join(f'"{arg}"' if not arg or re.search(r"\s", arg) else arg for arg in args)


def without_host(text: str) -> str:
    """Return text with the hosts of its URLs replaced, because they belong to the environment."""
    return _HOST.sub("://…", text)


def header(name: str) -> str:
    """Return the name of a header in its usual spelling, because case does not matter there.

    >>> header("x-frame-options:"), header("etag")
    ('X-Frame-Options', 'ETag')
    """
    name = name.rstrip(":")
    return _SPELLINGS.get(name.lower()) or "-".join(part[:1].upper() + part[1:].lower() for part in name.split("-"))


def canonical(name: str, args: Sequence[str]) -> str:
    """Return the canonical form of the arguments of a directive.

    >>> canonical("KeepAlive", ["On"]), canonical("Options", ["+followsymlinks", "-Indexes"])
    ('on', '+FollowSymLinks, -Indexes')
    >>> canonical("Redirect", ["301", "/", "https://a.example/"]), canonical("LimitRequestBody", ["0"])
    ('301 / https://…/', 'no limit')
    >>> canonical("Timeout", ["300"]), canonical("LimitRequestBody", ["10485760"])
    ('5 min', '10 MB')
    """
    directive = name.lower()
    if directive == "options":
        return ", ".join(sorted({_option(arg) for arg in args}))
    if directive == "sslprotocol" or directive == "sslproxyprotocol":
        return _protocols(args)
    if directive in ("redirect", "redirectmatch", "errordocument"):
        return without_host(written(args))
    if directive.startswith("proxypass") or directive == "balancermember":
        head = [arg for arg in args if "=" not in arg or "://" in arg]
        return without_host(written([*head, *sorted(arg for arg in args if arg not in head and not _is_route(arg))]))
    if directive in ("header", "requestheader"):
        return _header_change(args)
    if directive in ("expiresbytype", "expiresdefault") and len(args) == 1:
        return _expiry(args[0])
    if directive in ("rewriterule", "rewritecond"):
        return without_host(written([*args[:2], *map(rewrite_flags, args[2:])]))
    return _words(directive, args)


def _words(directive: str, args: Sequence[str]) -> str:
    """Return sets, switches and quantities in one form, other arguments as they are."""
    if directive in ("allowoverride", "indexoptions", "allowmethods", "limitexcept"):
        return ", ".join(sorted({arg.lower() for arg in args}))
    if directive in ("protocols", "order", "allow", "deny"):
        return " ".join(args).lower().replace(", ", ",")
    if directive == "require" and args:
        rest = args[1:]
        if args[0].lower() == "ip":
            rest = [each.removesuffix("/32") for each in rest]
        return written([args[0].lower(), *(map(str.lower, rest) if args[0].lower() in ("all", "method") else rest)])
    if directive == "loglevel":
        return _log_levels(args)
    if directive in ("fileetag", "ssloptions") and (len({arg[:1] in "+-" for arg in args}) == 1):
        return " ".join(sorted(arg.lower() for arg in args)) if _is_consistent(args) else written(args).lower()
    if directive in (
        "setoutputfilter",
        "setinputfilter",
        "remoteipheader",
        "adddefaultcharset",
        "serversignature",
        "authtype",
    ):
        return written(args).lower()
    if directive == "requestreadtimeout":
        return ", ".join(sorted(" ".join(args).replace(",M", ", M").lower().replace(", minrate", ",minrate").split()))
    if directive in ("sslciphersuite", "sslproxyciphersuite") and args[:1] and args[0].upper() == "SSL":
        args = args[1:]
    if directive == "servertokens" and args:
        return {"productonly": "prod", "min": "minimal"}.get(args[0].lower(), args[0].lower())
    if directive in _BY_ENDING:
        return " ".join(sorted({arg.lower().lstrip(".") for arg in args}))
    if len(args) == 1 and args[0].lower() in _SWITCHES:
        return args[0].lower()
    if len(args) == 1 and args[0][:1].isdecimal():
        return _quantity(directive, args[0])
    return written(args)


def _log_levels(args: Sequence[str]) -> str:
    """Return the levels of modules that are in force: a level without a module resets those before it.

    >>> _log_levels(["ssl:info", "WARN"]), _log_levels(["warn", "mod_ssl.c:info", "core:debug"])
    ('warn', 'core:debug ssl:info warn')
    """
    levels = [re.sub(r"^(mod_)?(\w{1,100}?)(_module|\.c)?:", r"\2:", arg.lower()) for arg in args]
    start = max((index for index, level in enumerate(levels) if ":" not in level), default=0)
    return " ".join(sorted(levels[start:]))


def _is_consistent(args: Sequence[str]) -> bool:
    """Return whether no option is both added and removed, so that the order does not matter."""
    names = [arg.lstrip("+-").lower() for arg in args]
    return len(set(names)) == len(names)


def _expiry(text: str) -> str:
    """Return when a response expires as its base and a number of seconds.

    >>> _expiry("access plus 1 day"), _expiry("now 24 hours"), _expiry("A86400"), _expiry("modification plus 2 weeks")
    ('A86400', 'A86400', 'A86400', 'M1209600')
    """
    base, *words = [word for word in text.lower().split() if word != "plus"] or [""]
    pairs = list(zip(words[::2], words[1::2], strict=False))
    known = all(number.isdecimal() and len(number) < 10 and unit[:2] in _EXPIRY_UNITS for number, unit in pairs)
    if base not in _EXPIRY_BASES or not pairs or len(words) % 2 or not known:
        return text
    return f"{_EXPIRY_BASES[base]}{sum(int(number) * _EXPIRY_UNITS[unit[:2]] for number, unit in pairs)}"


def _option(word: str) -> str:
    """Return a word of Options in its usual spelling, its sign kept."""
    sign = word[:1] if word[:1] in "+-" else ""
    return sign + _OPTIONS.get(word[len(sign) :].lower(), word[len(sign) :])


def _protocols(words: Sequence[str]) -> str:
    """Return the protocols that a list of words allows, as Apache works it out from left to right.

    >>> _protocols(["all", "-SSLv3", "-TLSv1", "-tlsv1.1"]), _protocols(["+TLSv1.3", "+TLSv1.2"])
    ('TLSv1.2, TLSv1.3', 'TLSv1.2, TLSv1.3')
    """
    chosen: set[str] = set()
    for word in words:
        sign = word[:1] if word[:1] in "+-" else ""
        name = word[len(sign) :].lower()
        members = set(_PROTOCOLS.values()) if name == "all" else {_PROTOCOLS.get(name, word[len(sign) :])}
        chosen = chosen - members if sign == "-" else chosen | members if sign == "+" else members
    return ", ".join(sorted(chosen))


def rewrite_flags(text: str) -> str:
    """Return flags of mod_rewrite in one order and with their short names.

    >>> rewrite_flags("[R=permanent,last]"), rewrite_flags("[L,R=301]"), rewrite_flags("[nocase]"), rewrite_flags("-")
    ('[L,R=301]', '[L,R=301]', '[NC]', '-')
    """
    if not (text.startswith("[") and text.endswith("]")):
        return text
    flags = []
    for flag in text[1:-1].split(","):
        name, equals, value = flag.strip().partition("=")
        name = _FLAGS.get(name.lower(), name.upper())
        if name == "R":
            equals, value = "=", _STATUS.get(value.lower(), value)
        flags.append(f"{name}{equals}{value}")
    return f"[{','.join(sorted(flags, key=lambda flag: flag.partition('=')[0]))}]"


def _header_change(args: Sequence[str]) -> str:
    """Return a change of a header: condition, action and name do not depend on case.

    >>> _header_change(["Always", "SET", "x-a", "1"]), _header_change(["onsuccess", "unset", "X-A:"])
    ('always set X-A 1', 'unset X-A')
    """
    at = 1 if args[:1] and args[0].lower() in ("always", "onsuccess", "early") else 0
    condition = [args[0].lower()] if at and args[0].lower() == "always" else []
    action, name, rest = args[at : at + 1], args[at + 1 : at + 2], args[at + 2 :]
    if rest and name and action[0].lower() in ("set", "setifempty", "add"):
        rest = [header_value(name[0].rstrip(":"), rest[0]), *rest[1:]]
    return written([*condition, *map(str.lower, action), *map(header, name), *rest])


def _is_route(arg: str) -> bool:
    return bool(_ROUTE.fullmatch(f" {arg}"))


def _quantity(name: str, number: str) -> str:
    """Return a number in the unit of its directive."""
    if name == "limitrequestbody" and number == "0":
        return "no limit"
    if name in ("limitrequestbody", "limitxmlrequestbody", "limitrequestfieldsize", "limitrequestline"):
        return canonical_text(Fact(number, ValueType.SIZE), _ANY)
    match = _TIME.fullmatch(number)
    if match and name.endswith(("timeout", "retry", "ttl")):
        total = int(match[1]) * _UNITS[(match[2] or "").lower()]
        return canonical_text(Fact(str(total), ValueType.DURATION, "ms"), _ANY)
    return number

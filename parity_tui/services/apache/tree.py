"""What DUMP_CONFIG prints, as blocks of facts that are named by their context."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from parity_tui.drift.values import canonical_text
from parity_tui.model import Fact, Reason, Rule, ServiceError, State, ValueType
from parity_tui.secrets import fingerprint
from parity_tui.services._webconfig import Block, Site, labels, settle

_DEPTH = 40
_ANY = Rule("")
_PLACE = re.compile(r"# +(\d+):$")
_OPEN = re.compile(r"<(\w+)(?:\s+(.*))?>$")
_WORD = re.compile(r'"((?:\\.|[^"\\])*)"|\'((?:\\.|[^\'\\])*)\'|(\S+)')
_HOST = re.compile(r"://[^/\s$%\"]+")
_SECRETIVE = re.compile(r"auth(orization)?$|cookie|token|secret|passw|credential|(^|[-_])key$", re.IGNORECASE)

_KEYED = frozenset(
    {"setenv", "passenv", "errordocument", "alias", "scriptalias", "proxypass", "proxypassreverse", "addtype",
     "addencoding", "addcharset", "addlanguage", "sslproxymachinecertificatefile", "define", "logformat",
     "php_value", "php_flag", "php_admin_value", "php_admin_flag", "rewritemap"}
)  # fmt: skip
"""directives of which each has a name of its own for its first argument"""
_HEADERS = frozenset({"header", "requestheader"})
_REWRITES = frozenset({"rewriterule", "rewritecond"})

DEFAULTS: Mapping[str, str] = {
    "AllowEncodedSlashes": "off",
    "EnableSendfile": "off",
    "HostnameLookups": "off",
    "KeepAlive": "on",
    "KeepAliveTimeout": "5",
    "LimitRequestFieldSize": "8190",
    "LimitRequestFields": "100",
    "LimitRequestLine": "8190",
    "LogLevel": "warn",
    "MaxKeepAliveRequests": "100",
    "MergeSlashes": "on",
    "ProxyPreserveHost": "off",
    "RewriteEngine": "off",
    "SSLEngine": "off",
    "ServerSignature": "off",
    "ServerTokens": "full",
    "Timeout": "60",
    "TraceEnable": "on",
    "UseCanonicalName": "off",
}
"""what holds where nothing is written, of the directives of a server or a host"""


class ConfigLine(Struct):
    """One directive, or one section with what is in it."""

    name: str
    words: list[str]
    place: str
    block: list[ConfigLine] | None = None


def lines(text: str) -> list[ConfigLine]:
    r"""Return the directives of a dump.

    >>> found = lines("# In file: /a.conf\n#   1:\n<Directory \"/x y\">\n  #   2:\n  Options None\n</Directory>")
    >>> found[0].words, found[0].block[0].name, found[0].block[0].place
    (['/x y'], 'Options', '/a.conf:2')
    """
    top: list[ConfigLine] = []
    open_blocks = [top]
    file = number = ""
    for line in map(str.strip, text.split("\n")):
        if line.startswith("# In file: "):
            file = line.removeprefix("# In file: ")
        elif found := _PLACE.fullmatch(line):
            number = found[1]
        elif line.startswith("</"):
            if len(open_blocks) > 1:
                open_blocks.pop()
        elif line:
            place = f"{file}:{number}"
            section = _OPEN.fullmatch(line)
            name, _, rest = (section[1], "", section[2] or "") if section else line.partition(" ")
            found_line = ConfigLine(name, words(rest), place, [] if section else None)
            open_blocks[-1].append(found_line)
            if found_line.block is not None:
                if len(open_blocks) > _DEPTH:
                    raise ServiceError(Reason.SERVER, "the configuration has more sections within sections than any")
                open_blocks.append(found_line.block)
    return top


def words(text: str) -> list[str]:
    r"""Return the arguments of a directive.

    >>> words('always set X "a b" \'c\' d\\ e')
    ['always', 'set', 'X', 'a b', 'c', 'd\\', 'e']
    """
    return [next((group for group in found.groups() if group is not None), "") for found in _WORD.finditer(text)]


def written(parts: Iterable[str]) -> str:
    """Return arguments as they would be written."""
    return " ".join(f'"{part}"' if not part or re.search(r"\s", part) else part for part in parts)


def tree(found: Sequence[ConfigLine], version: str) -> Block:
    """Return the configuration as blocks of facts, every directive in the one place where it says the most."""
    roots = _roots(found)
    main = _block("", found, roots)
    limit = "0" if _older(version, (2, 4, 54)) else "1073741824"
    for name, value in {**DEFAULTS, "LimitRequestBody": limit}.items():
        main.facts.setdefault(name, Fact(value, canonical=_meaning(name, [value]), default=True, source="default"))
    hosts = [block for block in main.blocks if block.name.startswith("VirtualHost")]
    settle(
        main,
        [block for block in hosts if not block.name.endswith("redirect]")],
        {*DEFAULTS, "LimitRequestBody"},
        deep=False,  # sections of folders inherit from each other, and not from where they stand
    )
    return main


def _older(version: str, than: tuple[int, ...]) -> bool:
    """Tell whether a version comes before another."""
    return tuple(int(part) for part in re.findall(r"\d{1,9}", version)[:3]) < than


def _roots(found: Sequence[ConfigLine]) -> dict[str, str]:
    """Return the folders of documents and how they are called here: they lie elsewhere in each environment."""
    named = [line for line in found if line.name == "DocumentRoot"]
    named += [line for host in found if host.name == "VirtualHost" for line in host.block or () if _is_root(line)]
    paths = list(dict.fromkeys(line.words[0].rstrip("/") for line in named if line.words and len(line.words[0]) > 1))
    if len(paths) == 1:
        return {paths[0]: "DocumentRoot"}
    return {path: f"DocumentRoot #{number}" for number, path in enumerate(paths, 1)}


def _is_root(line: ConfigLine) -> bool:
    """Tell whether this names the folder of documents."""
    return line.name.lower() == "documentroot"


def _block(name: str, found: Sequence[ConfigLine], roots: Mapping[str, str]) -> Block:
    """Return one block."""
    inner = [line for line in found if line.block is not None]
    block = Block(name, _facts([line for line in found if line.block is None], roots))
    for line, own in zip(inner, _names(inner, roots), strict=True):
        block.blocks.append(_block(own, line.block or [], roots))
    return block


def _names(inner: Sequence[ConfigLine], roots: Mapping[str, str]) -> list[str]:
    """Return the names of the sections within a section; those of hosts do not depend on the environment."""
    hosts = iter(labels([_site(line) for line in inner if line.name == "VirtualHost"]))
    names: list[str] = []
    for line in inner:
        key = next(hosts) if line.name == "VirtualHost" else written(_placed(word, roots) for word in line.words)
        name = f"{line.name}[{key}]" if key else line.name
        names.append(f"{name} #{names.count(name) + 1}" if name in names else name)
    return names


def _placed(path: str, roots: Mapping[str, str]) -> str:
    """Return the name of a folder, from that of the documents on.

    >>> _placed("/srv/app/public/up", {"/srv/app/public": "DocumentRoot"}), _placed("/", {})
    ('DocumentRoot/up', '/')
    """
    for root, name in sorted(roots.items(), key=lambda pair: -len(pair[0])):
        if path.rstrip("/") == root or path.startswith(f"{root}/"):
            return f"{name}{path[len(root) :]}".rstrip("/")
    return path


def _site(host: ConfigLine) -> Site:
    """Return what a host is known by."""
    said = {line.name.lower(): line.words for line in host.block or ()}
    name = (said.get("servername") or [""])[0].partition("://")[2] or (said.get("servername") or [""])[0]
    tls = [word.lower() for word in said.get("sslengine", [])] == ["on"]
    sends = "redirect" in said or "redirectpermanent" in said
    works = said.keys() & {"proxypass", "rewriterule"} or any(line.name == "Location" for line in host.block or ())
    return Site(name.partition(":")[0], tls, redirects=bool(sends and not works))


def _facts(found: Sequence[ConfigLine], roots: Mapping[str, str]) -> dict[str, Fact]:
    """Return the directives of a section, each name once."""
    groups: dict[str, list[ConfigLine]] = {}
    for line in found:
        groups.setdefault(_key(line), []).append(line)
    return {name: _together(name, group, roots) for name, group in groups.items()}


def _key(line: ConfigLine) -> str:
    """Return the name of a directive's fact."""
    name = line.name.lower()
    if name in _REWRITES:
        return "rewrites"
    if name in _HEADERS:
        return f"{line.name}[{_header(line.words)}]"
    return f"{line.name}[{line.words[0]}]" if name in _KEYED and line.words else line.name


def _header(parts: Sequence[str]) -> str:
    """Return the header that is spoken of.

    >>> _header(["always", "set", "X-A", "1"]), _header(["unset", "X-B"])
    ('X-A', 'X-B')
    """
    rest = parts[1:] if parts[:1] in (["always"], ["onsuccess"], ["early"]) else parts
    return (rest[1] if len(rest) > 1 else "").rstrip(":")


def _together(name: str, group: Sequence[ConfigLine], roots: Mapping[str, str]) -> Fact:
    """Return what one or several directives of a name say."""
    keyed = group[0].name.lower() in _KEYED
    values = [line.words[1:] if keyed else line.words for line in group]
    key = name.partition("[")[2].rstrip("]") or name
    if _SECRETIVE.search(key) and any(values):
        return Fact(fingerprint(repr(values)), state=State.SECRET, source=group[0].place)
    if name == "rewrites":
        each = [written([line.name.removeprefix("Rewrite"), *line.words]) for line in group]
        return Fact("; ".join(each), canonical=_HOST.sub("://…", "; ".join(each)), source=group[0].place)
    meant = [_meaning(group[0].name, value) for value in values]
    if group[0].name.lower() not in ("allow", "deny", "require"):
        meant.sort()
    return Fact("; ".join(map(written, values)), canonical="; ".join(meant), source=group[0].place)


def _meaning(name: str, parts: Sequence[str]) -> str:
    """Return the one way in which the arguments of a directive are written here.

    >>> _meaning("KeepAlive", ["On"]), _meaning("Options", ["+FollowSymLinks", "-Indexes"])
    ('on', '+FollowSymLinks, -Indexes')
    >>> _meaning("Redirect", ["permanent", "/", "https://a.example/"]), _meaning("LimitRequestBody", ["0"])
    ('permanent / https://…/', 'no limit')
    >>> _meaning("Timeout", ["300"]), _meaning("LimitRequestBody", ["10485760"])
    ('5 min', '10 MB')
    """
    low = name.lower()
    if low in ("options", "allowoverride", "sslprotocol", "indexoptions", "addoutputfilterbytype", "protocols"):
        return ", ".join(sorted(parts, key=str.lower))
    if low in ("redirect", "redirectpermanent", "redirectmatch", "errordocument"):
        return _HOST.sub("://…", written(parts))
    if low.startswith("proxypass") and parts:
        return _HOST.sub("://…", written(parts))
    if len(parts) == 1 and parts[0].isdecimal():
        return _quantity(low, parts[0])
    if len(parts) == 1 and parts[0].lower() in ("on", "off", "none", "all", "full", "prod", "nodecode"):
        return parts[0].lower()
    return written(parts)


def _quantity(name: str, number: str) -> str:
    """Return a number with the unit of its directive."""
    if name == "limitrequestbody" and number == "0":
        return "no limit"
    if name in ("limitrequestbody", "limitxmlrequestbody", "limitrequestfieldsize", "limitrequestline"):
        return canonical_text(Fact(number, ValueType.SIZE), _ANY)
    return canonical_text(Fact(number, ValueType.DURATION), _ANY) if name.endswith("timeout") else number

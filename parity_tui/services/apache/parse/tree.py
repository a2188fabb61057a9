"""The configuration as blocks of facts, every directive at its outermost position."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from parity_tui.model import Fact
from parity_tui.services._webconfig import PRESENT, Block, Site, labels, rate_presence, settle
from parity_tui.services.apache.normalize import canonical, header, written
from parity_tui.services.apache.parse.defaults import SILENT, at
from parity_tui.services.apache.parse.inheritance import inherited
from parity_tui.services.apache.parse.order import contradicting, default_hosts, orders
from parity_tui.services.apache.parse.redaction import is_concealed, redacted, shown
from parity_tui.services.apache.parse.repetition import UNORDERED, conditions_sorted, counted, without_overridden
from parity_tui.services.apache.parse.statements import Statement
from parity_tui.services.apache.rules import severity

_KEYED = frozenset(
    {"setenv", "unsetenv", "passenv", "errordocument", "alias", "scriptalias", "proxypass", "proxypassreverse",
     "addtype", "addencoding", "addcharset", "addlanguage", "sslproxymachinecertificatefile", "define",
     "php_value", "php_flag", "php_admin_value", "php_admin_flag", "rewritemap", "expiresbytype", "acceptfilter"}
)  # fmt: skip
"""directives that have a fact for each first argument"""
_HEADERS = frozenset({"header", "requestheader"})
_ANY_MEMBER = frozenset({"ip", "host", "forward-dns", "user", "group", "method"})
"""ways to require one of several members"""
_WITH_MEMBERS = frozenset({"addoutputfilterbytype", "addtype", "addhandler", "addcharset", "addencoding",
                           "addlanguage", "allow", "deny"})  # fmt: skip
_REWRITES = frozenset({"rewriterule", "rewritecond"})


def tree(statements: Sequence[Statement], version: str, *, whole: bool = True) -> Block:
    """Return the configuration as blocks of facts, every directive at its outermost position.

    Unless it is ``whole``, defaults are left out: a file that was not read may set the directive.
    """
    roots = _document_roots(statements)
    main = _block("", statements, roots)
    defaults = {**SILENT, **at(version)}
    implicit = {name: _default(name, value) for name, value in defaults.items()}
    if whole:
        main.facts = {**implicit, **main.facts}
    hosts = [block for block in main.blocks if block.name.startswith("VirtualHost")]
    hosts = [block for block in hosts if not block.name.endswith("redirect]")]
    # Not deep: sections of folders inherit from each other and not from their host.
    settle(main, hosts, inherited(main, hosts, defaults), deep=False)
    for name in SILENT if whole else ():
        if main.facts[name].canonical == implicit[name].canonical:
            del main.facts[name]
    rate_presence(main, severity)
    return main


def _default(name: str, value: str) -> Fact:
    return Fact(value, canonical=canonical(name, value.split()), default=True, source="default")


def _document_roots(statements: Sequence[Statement]) -> dict[str, str]:
    """Return a name for each document root, whose path differs between environments."""
    roots = [each for each in statements if each.name == "DocumentRoot"]
    hosts = [each for each in statements if each.name == "VirtualHost"]
    roots += [each for host in hosts for each in host.block or () if each.name.lower() == "documentroot"]
    paths = list(dict.fromkeys(each.args[0].rstrip("/") for each in roots if each.args and len(each.args[0]) > 1))
    if len(paths) == 1:
        return {paths[0]: "DocumentRoot"}
    return {path: f"DocumentRoot #{number}" for number, path in enumerate(paths, 1)}


def _block(name: str, statements: Sequence[Statement], roots: Mapping[str, str]) -> Block:
    sections = [each for each in statements if each.block is not None]
    block = Block(name, _facts([each for each in statements if each.block is None], name))
    for section, (key, secret) in zip(sections, _names(sections, roots), strict=True):
        block.blocks.append(_block(key, section.block or [], roots))
        if secret:
            block.blocks[-1].facts["text"] = redacted(secret, section.source)
    block.facts.update(orders(statements))
    if name:
        block.facts[PRESENT] = Fact("yes", source=statements[0].source if statements else "")
    hosts = [section for section in sections if section.name == "VirtualHost"]
    if default := default_hosts(hosts, labels(list(map(_site, hosts)))):
        block.facts["default host"] = default
    return block


def _names(sections: Sequence[Statement], roots: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return unique names of sections, those of hosts the same in every environment, and the secrets that are left
    out of them.
    """
    hosts = iter(labels([_site(section) for section in sections if section.name == "VirtualHost"]))
    names: list[tuple[str, str]] = []
    seen: Counter[str] = Counter()
    for section in sections:
        args = [_relative(path, roots) for path in section.args]
        key = next(hosts) if section.name == "VirtualHost" else shown(args)
        secret = written(args) if section.name != "VirtualHost" and key != written(args) else ""
        name = f"{section.name}[{key}]" if key else section.name
        seen[name] += 1
        names.append((f"{name} #{seen[name]}" if seen[name] > 1 else name, secret))
    return names


def _relative(path: str, roots: Mapping[str, str]) -> str:
    """Return a path relative to its document root, any other path unchanged.

    >>> _relative("/srv/app/public/up", {"/srv/app/public": "DocumentRoot"}), _relative("/", {})
    ('DocumentRoot/up', '/')
    """
    for root, name in sorted(roots.items(), key=lambda pair: -len(pair[0])):
        if path.rstrip("/") == root or path.startswith(f"{root}/"):
            return f"{name}{path[len(root) :]}".rstrip("/")
    return path


def _site(host: Statement) -> Site:
    directives = {each.name.lower(): each.args for each in host.block or ()}
    server_name = (directives.get("servername") or [""])[0]
    name = server_name.partition("://")[2] or server_name
    tls = [arg.lower() for arg in directives.get("sslengine", [])] == ["on"]
    redirects = "redirect" in directives
    serves = not directives.keys().isdisjoint({"proxypass", "rewriterule"})
    serves = serves or any(each.name == "Location" for each in host.block or ())
    return Site(name.partition(":")[0], tls, redirects=redirects and not serves)


def _facts(directives: Sequence[Statement], section: str) -> dict[str, Fact]:
    """Return a fact for each name of a directive."""
    groups: dict[str, list[Statement]] = {}
    for each in without_overridden([part for directive in directives for part in _parts(directive, section)]):
        groups.setdefault(_fact_name(each), []).append(each)
    facts = {name: _merged(name, counted(group)) for name, group in groups.items()}
    aliases = [each for each in directives if each.name in ("Alias", "ScriptAlias") and len(each.args) > 1]
    if aliases:
        paths = sorted({f"{each.name} {shown(each.args[:1])}" for each in aliases})
        facts["aliased paths"] = Fact("; ".join(paths), source=aliases[0].source)
    rewrites = groups.get("rewrites", [])
    texts = [written(each.args) for each in rewrites]
    if any(shown(each.args) != text for each, text in zip(rewrites, texts, strict=True)):
        facts["rewrites/text"] = redacted("; ".join(texts), rewrites[0].source)
    return facts


def _parts(directive: Statement, section: str = "") -> Iterator[Statement]:
    """Yield a directive, one for each of its members if it may as well be written in several lines.

    >>> [each.args for each in _parts(Statement("AddOutputFilterByType", ["DEFLATE", "a/b", "c/d"], ""))]
    [['DEFLATE', 'a/b'], ['DEFLATE', 'c/d']]
    """
    name, args = directive.name.lower(), directive.args
    any_member = name == "require" and args and args[0].lower() in _ANY_MEMBER
    if name in _WITH_MEMBERS or (any_member and not section.startswith("RequireAll")):
        for member in args[1:]:
            yield Statement(directive.name, [args[0], member], directive.source)
    elif name in ("passenv", "unsetenv", "serveralias", "remoteiptrustedproxy", "remoteipinternalproxy"):
        for member in args:
            yield Statement(directive.name, [member], directive.source)
    else:
        yield directive


def _fact_name(directive: Statement) -> str:
    name, args = directive.name.lower(), directive.args
    if name in _REWRITES:
        return "rewrites"
    if name in _HEADERS:
        return f"{directive.name}[{_header(args)}]"
    if name == "logformat":  # known by its nickname; without one it is the default of the logs that follow
        return f"{directive.name}[{args[1]}]" if len(args) > 1 else directive.name
    return f"{directive.name}[{args[0]}]" if _is_keyed(name, args) else directive.name


def _is_keyed(name: str, args: Sequence[str]) -> bool:
    """Return whether a directive has a fact for its first argument; inside a section, that of a proxy is a URL."""
    return name in _KEYED and bool(args) and not ("://" in args[0] or args[0] == "!")


def _header(args: Sequence[str]) -> str:
    """Return the name of the header that a directive changes.

    >>> _header(["always", "set", "X-A", "1"]), _header(["unset", "x-b"])
    ('X-A', 'X-B')
    """
    rest = args[1:] if args[:1] and args[0].lower() in ("always", "onsuccess", "early") else args
    return header(rest[1]) if len(rest) > 1 else ""


def _merged(name: str, group: Sequence[Statement]) -> Fact:
    """Return the fact of all directives of one name."""
    directive, source = group[0].name, group[0].source
    lower = directive.lower()
    values = [each.args[1:] if _is_keyed(lower, each.args) else each.args for each in group]
    if name == "rewrites":
        group = conditions_sorted(group)
        words = [each.name.removeprefix("Rewrite") for each in group]
        texts = [canonical(each.name, each.args) for each in group]
        safe = [shown(each.args) == written(each.args) for each in group]
        kept = [text if plain else shown(each.args) for text, plain, each in zip(texts, safe, group, strict=True)]
        raw = "; ".join(f"{word} {shown(each.args)}" for word, each in zip(words, group, strict=True))
        return Fact(raw, canonical="; ".join(map(" ".join, zip(words, kept, strict=True))), source=source)
    key = name.partition("[")[2].removesuffix("]")
    if any(is_concealed(directive, key, value) for value in values):
        return redacted(repr(values), source)
    if lower == "directoryindex" and all(value != ["disabled"] for value in values):
        values = [[file for value in values for file in value]]
    texts = [canonical(directive, value) for value in values]
    if lower in UNORDERED and not contradicting(group):
        texts = sorted(texts if lower == "balancermember" else set(texts))
    elif lower == "redirect":  # the first line of a path counts
        texts = [canonical(directive, value) for value in sorted(values, key=lambda value: value[1:2])]
    return Fact("; ".join(map(written, values)), canonical="; ".join(texts), source=source)

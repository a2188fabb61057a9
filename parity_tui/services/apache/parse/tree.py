"""The configuration as blocks of facts, every directive at its outermost position."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from parity_tui.model import Fact, State
from parity_tui.secrets import fingerprint
from parity_tui.services._webconfig import Block, Site, labels, settle
from parity_tui.services.apache.normalize import canonical, is_secret, without_host, written
from parity_tui.services.apache.parse.defaults import at
from parity_tui.services.apache.parse.statements import Statement

_KEYED = frozenset(
    {"setenv", "passenv", "errordocument", "alias", "scriptalias", "proxypass", "proxypassreverse", "addtype",
     "addencoding", "addcharset", "addlanguage", "sslproxymachinecertificatefile", "define", "logformat",
     "php_value", "php_flag", "php_admin_value", "php_admin_flag", "rewritemap"}
)  # fmt: skip
"""directives that have a fact for each first argument"""
_HEADERS = frozenset({"header", "requestheader"})
_REWRITES = frozenset({"rewriterule", "rewritecond"})


def tree(statements: Sequence[Statement], version: str, *, whole: bool = True) -> Block:
    """Return the configuration as blocks of facts, every directive at its outermost position.

    Unless it is ``whole``, defaults are left out: a file that was not read may set the directive.
    """
    roots = _document_roots(statements)
    main = _block("", statements, roots)
    defaults = at(version)
    for name, value in defaults.items() if whole else ():
        main.facts.setdefault(name, Fact(value, canonical=canonical(name, [value]), default=True, source="default"))
    hosts = [block for block in main.blocks if block.name.startswith("VirtualHost")]
    settle(
        main,
        [block for block in hosts if not block.name.endswith("redirect]")],
        defaults.keys(),
        deep=False,  # sections of folders inherit from each other and not from their host
    )
    return main


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
    block = Block(name, _facts([each for each in statements if each.block is None]))
    for section, key in zip(sections, _names(sections, roots), strict=True):
        block.blocks.append(_block(key, section.block or [], roots))
    return block


def _names(sections: Sequence[Statement], roots: Mapping[str, str]) -> list[str]:
    """Return unique names of sections; those of hosts are the same in every environment."""
    hosts = iter(labels([_site(section) for section in sections if section.name == "VirtualHost"]))
    names: list[str] = []
    for section in sections:
        is_host = section.name == "VirtualHost"
        key = next(hosts) if is_host else written(_relative(path, roots) for path in section.args)
        name = f"{section.name}[{key}]" if key else section.name
        names.append(f"{name} #{names.count(name) + 1}" if name in names else name)
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
    redirects = not directives.keys().isdisjoint({"redirect", "redirectpermanent"})
    serves = not directives.keys().isdisjoint({"proxypass", "rewriterule"})
    serves = serves or any(each.name == "Location" for each in host.block or ())
    return Site(name.partition(":")[0], tls, redirects=redirects and not serves)


def _facts(directives: Sequence[Statement]) -> dict[str, Fact]:
    """Return a fact for each name of a directive."""
    groups: dict[str, list[Statement]] = {}
    for directive in directives:
        groups.setdefault(_fact_name(directive), []).append(directive)
    return {name: _merged(name, group) for name, group in groups.items()}


def _fact_name(directive: Statement) -> str:
    name, args = directive.name.lower(), directive.args
    if name in _REWRITES:
        return "rewrites"
    if name in _HEADERS:
        return f"{directive.name}[{_header(args)}]"
    return f"{directive.name}[{args[0]}]" if name in _KEYED and args else directive.name


def _header(args: Sequence[str]) -> str:
    """Return the name of the header that a directive changes.

    >>> _header(["always", "set", "X-A", "1"]), _header(["unset", "X-B"])
    ('X-A', 'X-B')
    """
    rest = args[1:] if args[:1] in (["always"], ["onsuccess"], ["early"]) else args
    return (rest[1] if len(rest) > 1 else "").rstrip(":")


def _merged(name: str, group: Sequence[Statement]) -> Fact:
    """Return the fact of all directives of one name."""
    directive, source = group[0].name, group[0].source
    values = [each.args[1:] if directive.lower() in _KEYED else each.args for each in group]
    key = name.partition("[")[2].rstrip("]") or name
    if is_secret(key) and any(values):
        return Fact(fingerprint(repr(values)), state=State.SECRET, source=source)
    if name == "rewrites":
        rules = "; ".join(written([each.name.removeprefix("Rewrite"), *each.args]) for each in group)
        return Fact(rules, canonical=without_host(rules), source=source)
    texts = [canonical(directive, value) for value in values]
    if directive.lower() not in ("allow", "deny", "require"):
        texts.sort()
    return Fact("; ".join(map(written, values)), canonical="; ".join(texts), source=source)

"""The configuration as blocks of facts, every directive at its outermost position."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from parity_tui.model import Fact
from parity_tui.services._webconfig import PRESENT, Block, Site, header_value, labels, rate_presence, settle
from parity_tui.services.nginx.normalize import fact, header, is_set, location, plain_variables, written
from parity_tui.services.nginx.parse.defaults import EVENTS, HTTP, MAIN, at
from parity_tui.services.nginx.parse.host_options import ACCESS_LOG, LOG_LEVEL, host_options
from parity_tui.services.nginx.parse.inheritance import family
from parity_tui.services.nginx.parse.order import access, default_servers, is_ordered, map_order, orders, shares
from parity_tui.services.nginx.parse.redaction import block_name, is_concealed, is_secret_source, redacted
from parity_tui.services.nginx.parse.silent_defaults import SILENT_HTTP, SILENT_STREAM
from parity_tui.services.nginx.parse.statements import Statement
from parity_tui.services.nginx.parse.upstream import upstream_shape, without_defaults
from parity_tui.services.nginx.rules import severity

_KEYED = frozenset(
    {"proxy_set_header", "add_header", "add_trailer", "more_set_headers", "grpc_set_header", "fastcgi_param",
     "uwsgi_param", "scgi_param", "set", "env", "auth_request_set", "limit_req_zone", "limit_conn_zone", "log_format",
     "auth_http_header", "header"}
)  # fmt: skip
"""directives that have a fact for each first argument"""
_HEADERS = frozenset({"proxy_set_header", "add_header", "add_trailer", "more_set_headers", "grpc_set_header",
                      "auth_http_header", "header"})  # fmt: skip
_REDIRECT = ("3", "http://", "https://", "$scheme://")
_CACHE = re.compile(r"(proxy|fastcgi|uwsgi|scgi)_cache_path")
_MAPS = frozenset({"map", "geo", "split_clients", "match", "charset_map"})
_OUTER = frozenset({"", "http", "events", "stream", "mail", "types"})
_WITH_SERVERS = ("http", "stream", "mail")


def tree(statements: Sequence[Statement], version: str, *, whole: bool) -> Block:
    """Return the configuration as blocks of facts, every directive at its outermost position.

    Unless it is ``whole``, defaults are left out: a file that was not read may set the directive.
    """
    main = _block("", statements, "")
    blocks = {block.name: block for block in main.blocks}
    if hosts := [blocks[name] for name in _WITH_SERVERS if LOG_LEVEL in main.facts and name in blocks]:
        level = main.facts.pop(LOG_LEVEL)
        for host in hosts:
            host.facts.setdefault(LOG_LEVEL, level)
    for name, defaults, silent in (
        ("events", EVENTS, {}),
        ("http", HTTP, {**SILENT_HTTP, LOG_LEVEL: "error", ACCESS_LOG: "combined"}),
        ("stream", {}, {**SILENT_STREAM, LOG_LEVEL: "error"}),
        ("", MAIN, {}),
    ):
        block = blocks.get(name) if name else main
        if block is not None:
            _settle(block, at(defaults, version), silent, whole=whole)
    rate_presence(main, severity)
    return main


def _settle(block: Block, defaults: Mapping[str, str], silent: Mapping[str, str], *, whole: bool) -> None:
    """Add the defaults to a block of servers, and move what is inherited into it; silent defaults are taken away."""
    implicit = {
        name: fact(name, text.split(), "default", default=True) for name, text in {**silent, **defaults}.items()
    }
    if whole:
        block.facts = {**implicit, **block.facts}
    servers = [child for child in block.blocks if child.name == "server" or child.name.startswith("server[")]
    settle(block, [child for child in servers if not child.name.endswith("redirect]")], family)
    for name in silent if whole else ():
        if (block.facts[name].canonical or block.facts[name].raw) == (implicit[name].canonical or implicit[name].raw):
            del block.facts[name]


def _block(name: str, statements: Sequence[Statement], context: str) -> Block:
    if context in _MAPS:
        lookup = _map(name, statements)
        lookup.facts[PRESENT] = Fact("yes")
        return lookup
    if context == "types":
        return Block(name, {f"type[{end}]": Fact(s["directive"]) for s in statements for end in s["args"]})
    inner = [statement for statement in statements if "block" in statement]
    directives = [statement for statement in statements if "block" not in statement]
    block = Block(name, _facts(directives, context), inherits=context != "upstream")
    for statement, (key, secret) in zip(inner, _names(inner, context), strict=True):
        if secret:
            block.facts[f"{key}/text"] = redacted(secret, _source(statement))
        if statement["directive"].endswith("_by_lua_block"):
            block.facts[key] = redacted(written(statement["args"]), _source(statement))
        elif statement["directive"] == "types":
            block.facts |= {"types": Fact("a list", source=_source(statement))}
            block.facts |= _block(key, statement["block"], "types").facts
        else:
            block.blocks.append(_block(key, statement["block"], statement["directive"]))
    block.facts.update(orders(statements, context))
    if context not in _OUTER:
        block.facts[PRESENT] = Fact("yes", source=_source(statements[0]) if statements else "")
    servers = [statement for statement in inner if statement["directive"] == "server"]
    if context in _WITH_SERVERS and (default := default_servers(servers, labels(list(map(_site, servers))))):
        block.facts["default server"] = default
    return block


def _names(inner: Sequence[Statement], context: str) -> list[tuple[str, str]]:
    """Return unique names of the blocks within a block, those of hosts the same in every environment, and the secrets
    that are left out of them.
    """
    servers = [statement for statement in inner if statement["directive"] == "server"]
    hosts = iter(labels([_site(server) for server in servers]) if context in _WITH_SERVERS else [])
    names: list[tuple[str, str]] = []
    seen: Counter[str] = Counter()
    for statement in inner:
        directive, args = statement["directive"], statement["args"]
        if directive == "server":
            key, secret = next(hosts, ""), ""
        elif directive.endswith("_by_lua_block"):
            key, secret = args[0] if len(args) > 1 else "", ""  # the rest is code
        else:
            key, secret = block_name(directive, location(args) if directive == "location" else args)
        name = f"{directive}[{key}]" if key else directive
        seen[name] += 1
        names.append((f"{name} #{seen[name]}" if seen[name] > 1 else name, secret))
    return names


def _site(server: Statement) -> Site:
    lines = {s["directive"]: s["args"] for s in server["block"]}
    listens = [word for s in server["block"] if s["directive"] == "listen" for word in s["args"][1:]]
    tls = "ssl" in listens or "quic" in listens or lines.get("ssl") == ["on"]
    name = (lines.get("server_name") or [""])[0] or (lines.get("proxy_pass") or [""])[0].replace(".", "_")
    return Site(name, tls, redirects=_only_redirects(server["block"]))


def _only_redirects(statements: Sequence[Statement]) -> bool:
    """Return whether a host only redirects; challenges of a certificate authority (.well-known) do not count."""
    names = {s["directive"] for s in statements}
    if names & {"proxy_pass", "fastcgi_pass", "uwsgi_pass", "grpc_pass", "try_files"}:
        return False
    if any(s["directive"] == "return" and s["args"][:1] and s["args"][0].startswith(_REDIRECT) for s in statements):
        return True
    inner = [s for s in statements if "block" in s and ".well-known" not in written(s["args"])]
    return bool(inner) and all(_only_redirects(s["block"]) for s in inner)


def _facts(lines: Sequence[Statement], context: str) -> dict[str, Fact]:
    """Return a fact for each name of a directive."""
    groups: dict[str, list[Statement]] = {}
    for line in lines:
        groups.setdefault(_fact_name(line), []).append(line)
    facts = {name: _merged(name, group) for name, group in groups.items()}
    if context == "server":
        for flag, enabled in _listen_flags(groups.get("listen", [])).items():
            facts.setdefault(flag, enabled)
    facts |= host_options(lines)
    if context == "upstream" and "server" in facts:
        facts = without_defaults(facts) | upstream_shape(groups["server"])
    if rules := [line for line in lines if line["directive"] in ("allow", "deny")]:
        facts = {name: fact for name, fact in facts.items() if name not in ("allow", "deny")}
        facts["access"] = access(rules)
    return facts


def _fact_name(line: Statement) -> str:
    name, args = line["directive"], line["args"]
    if _CACHE.fullmatch(name):
        zone = next((word for word in args if word.startswith("keys_zone=")), "").partition("=")[2].partition(":")[0]
        return f"{name.removesuffix('_path')}_zone[{zone}]"
    if name in _HEADERS and args:
        return f"{name}[{header(args[0].partition(':')[0])}]"
    if name == "set" and args:
        return f"{name}[{plain_variables(args[0]).lower()}]"
    if name == "env" and args:
        return f"env[{args[0].partition('=')[0]}]"
    if name.endswith("_pass"):  # a name that ends with "pass" would be redacted as a password
        return f"{name} target"
    return f"{name}[{plain_variables(args[0])}]" if name in _KEYED and args else str(name)


def _merged(name: str, group: Sequence[Statement]) -> Fact:
    """Return the fact of all directives of one name."""
    directive, source = group[0]["directive"], _source(group[0])
    key = name.partition("[")[2].removesuffix("]")
    values = [_value(line) if key else line["args"] for line in group]
    if any(is_concealed(directive, key, value) for value in values):
        return redacted("; ".join(map(written, values)), source)
    if _CACHE.fullmatch(directive):
        directive = name.partition("[")[0]
    if directive in ("add_header", "add_trailer", "more_set_headers") and key:
        return _header_fact(directive, key, values, source)
    if directive == "index" or is_set(directive):
        values = [[word for value in values for word in value]]
    if len(values) == 1:
        return fact(directive, values[0], source)
    each = [fact(directive, value) for value in values]
    ordered = is_ordered(directive)
    if not ordered:
        each.sort(key=lambda one: one.canonical or one.raw or "")
    texts = [text for one in each for text in (one.canonical or one.raw or "").split("; ")]
    canonical = "; ".join(texts if ordered else sorted(texts))
    return Fact("; ".join(one.raw or "" for one in each), canonical=canonical, source=source)


def _header_fact(directive: str, name: str, values: Sequence[Sequence[str]], source: str) -> Fact:
    """Return the fact of a response header; the lines of one header are sent in their order."""
    forms = [[header_value(name, each), *rest] for each, *rest in (value or [""] for value in values)]
    canonical = "; ".join(one.canonical or one.raw or "" for one in (fact(directive, form) for form in forms))
    raw = "; ".join(map(written, values))
    return Fact(raw, canonical="" if canonical == raw else canonical, source=source)


def _value(line: Statement) -> list[str]:
    """Return the arguments of a directive without the name of what it sets."""
    directive, args = line["directive"], list(line["args"])
    if directive == "env":
        return args
    if directive == "more_set_headers" and ":" in args[0]:
        return [args[0].partition(":")[2].strip(), *args[1:]]
    return args[1:]


def _listen_flags(listens: Sequence[Statement]) -> dict[str, Fact]:
    """Return the protocols in the parameters of `listen`, named as the equivalent directives."""
    words = {word for line in listens for word in line["args"][1:]}
    source = _source(listens[0]) if listens else ""
    flags = {"ssl": "ssl", "http2": "http2", "http3": "quic", "listen_proxy_protocol": "proxy_protocol"}
    return {name: Fact("on", source=source) for name, word in flags.items() if word in words}


def _map(name: str, statements: Sequence[Statement]) -> Block:
    """Return a map, whose entries are no directives; redacted if it looks up a secret or holds one."""
    facts = {_map_key(s["directive"]): Fact(written(s["args"]), source=_source(s)) for s in statements}
    if name.startswith(("map[", "geo[")) and facts.get("default", Fact("-")).raw == '""':
        del facts["default"]  # as without it
    source = name.partition("[")[2].removesuffix("]").split()
    lines = sorted(written([s["directive"], *s["args"]]) for s in statements)
    if is_secret_source(source) or any(is_concealed("set", source[-1] if source else "", [line]) for line in lines):
        return Block(name, {"entries": redacted("; ".join(lines), "")}, inherits=False)
    if name.startswith("split_clients["):
        return Block(name, {"shares": shares(statements)}, inherits=False)
    return Block(name, {**facts, **dict(map_order(statements))}, inherits=False)


def _map_key(text: str) -> str:
    """Return the key of a map's entry: only a regular expression depends on case."""
    return written([text if text.startswith("~") else text.lower()])


def _source(statement: Statement) -> str:
    return f"{statement['file']}:{statement['line']}"

"""The configuration as blocks: parsed by crossplane file by file, includes put in their places."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from parity_tui.model import Fact, Reason, ServiceError
from parity_tui.services._webconfig import Block, Site, labels, settle
from parity_tui.services.nginx.defaults import EVENTS, HTTP, MAIN, at
from parity_tui.services.nginx.normalize import condition, fact, is_secret, redacted, written
from parity_tui.services.nginx.queries import Printed

Statement = dict[str, Any]
"""what crossplane makes of a directive: "directive", "args", "line", maybe "block"; and "file", which we add"""

_DEPTH = 20
_STATEMENTS = 50_000
_KEYED = frozenset(
    {"proxy_set_header", "add_header", "add_trailer", "more_set_headers", "grpc_set_header", "fastcgi_param",
     "uwsgi_param", "scgi_param", "set", "env", "auth_request_set", "limit_req_zone", "limit_conn_zone", "log_format"}
)  # fmt: skip
"""directives of which each has a name of its own for its first argument"""
_IN_ORDER = frozenset({"rewrite", "return", "try_files", "if", "break", "error_page", "location"})
_ENTRIES = frozenset({"map", "geo", "split_clients", "match", "charset_map"})
_SITES = ("http", "stream", "mail")


def statements(printed: Printed) -> list[Statement]:
    """Return the whole configuration. Raises ServiceError where it cannot be understood."""
    import tempfile  # here: most starts read no nginx

    with tempfile.TemporaryDirectory(prefix="parity-nginx-") as folder:
        parsed = {name: _parsed(name, text, Path(folder)) for name, text in printed.files.items()}
    budget = iter(range(_STATEMENTS))
    return list(_included(printed.main, parsed.get(printed.main, []), parsed, printed, budget, 0))


def _parsed(name: str, text: str, folder: Path) -> list[Statement]:
    """Return the statements of one file, without what it includes: crossplane reads nothing but files."""
    import crossplane

    path = folder / "nginx.conf"
    path.write_text(text, encoding="utf-8")
    result = crossplane.parse(str(path), single=True, check_ctx=False, check_args=False)
    if result["errors"]:
        first = result["errors"][0]
        where = f"{name}:{first['line']}" if first["line"] else name
        said = str(first["error"]).partition(" in /")[0] or "it ends in the middle of a directive"
        raise ServiceError(Reason.SERVER, f"the configuration cannot be understood at {where}: {said}")
    found: list[Statement] = result["config"][0]["parsed"]
    return found


def _included(
    file: str,
    found: Sequence[Statement],
    parsed: dict[str, list[Statement]],
    printed: Printed,
    budget: Iterator[int],
    depth: int,
) -> Iterator[Statement]:
    """Yield statements with those of included files in their places, and the file that each stands in."""
    for statement in found:
        if depth > _DEPTH or next(budget, None) is None:
            raise ServiceError(
                Reason.SERVER, "the configuration includes itself, or is larger than any that people write"
            )
        if "block" in statement:
            block = list(_included(file, statement["block"], parsed, printed, budget, depth))
            yield {**statement, "file": file, "block": block}
        elif statement["directive"] == "include" and statement["args"]:
            pattern = statement["args"][0]
            if pattern not in printed.includes and pattern not in printed.unread:
                printed.unread.append(pattern)  # written so that the shell has not found it
            for name in printed.includes.get(pattern, []):
                yield from _included(name, parsed.get(name, []), parsed, printed, budget, depth + 1)
        else:
            yield {**statement, "file": file}


def tree(found: Sequence[Statement], version: str, *, whole: bool) -> Block:
    """Return the configuration as blocks of facts, every directive in the one place where it says the most.

    Where the configuration is not ``whole``, what is not written may be so in a part that was not to be read:
    defaults are left out then.
    """
    main = _block("", found, "")
    for name, defaults in (("events", EVENTS), ("http", HTTP), ("", MAIN)):
        block = main if not name else next((block for block in main.blocks if block.name == name), None)
        if block is None:
            continue
        for directive, value in at(defaults, version).items() if whole else ():
            block.facts.setdefault(directive, fact(directive, value.split(), "default", default=True))
        servers = [child for child in block.blocks if child.name == "server" or child.name.startswith("server[")]
        settle(block, [child for child in servers if not child.name.endswith("redirect]")], defaults.keys())
    return main


def _block(name: str, found: Sequence[Statement], context: str) -> Block:
    """Return one block."""
    if context in _ENTRIES:
        return _entries(name, found)
    if context == "types":
        return Block(name, {f"type[{end}]": Fact(s["directive"]) for s in found for end in s["args"]})
    lines = [statement for statement in found if "block" not in statement]
    inner = [statement for statement in found if "block" in statement]
    block = Block(name, _facts(lines, context))
    names = _names(inner, context)
    for statement, own in zip(inner, names, strict=True):
        if statement["directive"].endswith("_by_lua_block"):
            block.facts[own] = redacted(written(statement["args"]), _place(statement))
        elif statement["directive"] == "types":
            block.facts |= {"types": Fact("a list", source=_place(statement))}
            block.facts |= _block(own, statement["block"], "types").facts
        else:
            block.blocks.append(_block(own, statement["block"], statement["directive"]))
    block.facts.update(_order(inner))
    return block


def _names(inner: Sequence[Statement], context: str) -> list[str]:
    """Return the names of the blocks within a block; those of hosts do not depend on the environment."""
    servers = [statement for statement in inner if statement["directive"] == "server"]
    words = iter(labels([_site(server) for server in servers]) if context in _SITES else [])
    names: list[str] = []
    for statement in inner:
        directive, args = statement["directive"], statement["args"]
        key = next(words, "") if directive == "server" else condition(args) if directive == "if" else written(args)
        name = f"{directive}[{key}]" if key else directive
        names.append(f"{name} #{names.count(name) + 1}" if name in names else name)
    return names


def _site(server: Statement) -> Site:
    """Return what a server is known by."""
    lines = {s["directive"]: s["args"] for s in server["block"]}
    listens = [word for s in server["block"] if s["directive"] == "listen" for word in s["args"][1:]]
    tls = "ssl" in listens or "quic" in listens or lines.get("ssl") == ["on"]
    name = (lines.get("server_name") or [""])[0] or (lines.get("proxy_pass") or [""])[0].replace(".", "_")
    return Site(name, tls, redirects=_only_redirects(server["block"]))


def _only_redirects(found: Sequence[Statement]) -> bool:
    """Tell whether a host does nothing but send people elsewhere, but for proving who it is to an authority."""
    names = {s["directive"] for s in found}
    if names & {"proxy_pass", "fastcgi_pass", "uwsgi_pass", "grpc_pass", "try_files"}:
        return False
    if any(s["directive"] == "return" and s["args"][:1] and s["args"][0].startswith("3") for s in found):
        return True
    inner = [s for s in found if "block" in s and ".well-known" not in written(s["args"])]
    return bool(inner) and all(_only_redirects(s["block"]) for s in inner)


def _facts(lines: Sequence[Statement], context: str) -> dict[str, Fact]:
    """Return the directives of a block, each name once."""
    groups: dict[str, list[Statement]] = {}
    for line in lines:
        groups.setdefault(_key(line), []).append(line)
    facts = {name: _together(name, group) for name, group in groups.items()}
    if context == "server":
        facts |= {name: found for name, found in _listening(groups.get("listen", [])).items() if name not in facts}
    if context == "upstream" and "server" in facts:
        given = {word for line in groups["server"] for word in line["args"][1:]}
        words = sorted(word for word in given if not word.startswith("weight"))
        facts["server parameters"] = Fact(written(words) or "none", source=_place(groups["server"][0]))
    rules = [f"{line['directive']} {written(line['args'])}" for line in lines if line["directive"] in ("allow", "deny")]
    if rules:
        facts = {name: fact for name, fact in facts.items() if name not in ("allow", "deny")}
        facts["access"] = Fact("; ".join(rules))
    return facts


def _key(line: Statement) -> str:
    """Return the name of a directive's fact."""
    name, args = line["directive"], line["args"]
    if name == "env" and args:
        return f"env[{args[0].partition('=')[0]}]"
    if name.endswith("_pass"):  # a name that ends so would be taken for that of a password
        return f"{name} target"
    return f"{name}[{args[0]}]" if name in _KEYED and args else str(name)


def _together(name: str, group: Sequence[Statement]) -> Fact:
    """Return what one or several directives of a name say."""
    directive, where = group[0]["directive"], _place(group[0])
    keyed = "[" in name
    values = [line["args"][1:] if keyed and directive != "env" else line["args"] for line in group]
    if keyed and any(is_secret(name.partition("[")[2], written(value)) for value in values):
        return redacted("; ".join(map(written, values)), where)
    if len(values) == 1:
        return fact(directive, values[0], where)
    each = [fact(directive, value) for value in values]
    if directive not in _IN_ORDER:
        each.sort(key=lambda one: one.canonical or one.raw or "")
    meant = "; ".join(one.canonical or one.raw or "" for one in each)
    return Fact("; ".join(one.raw or "" for one in each), canonical=meant, source=where)


def _listening(listens: Sequence[Statement]) -> dict[str, Fact]:
    """Return what a server speaks on its addresses, under the names of the directives that say the same."""
    words = {word for line in listens for word in line["args"][1:]}
    where = _place(listens[0]) if listens else ""
    spoken = {"ssl": "ssl", "http2": "http2", "http3": "quic", "listen_proxy_protocol": "proxy_protocol"}
    return {name: Fact("on", source=where) for name, word in spoken.items() if word in words}


def _order(inner: Sequence[Statement]) -> dict[str, Fact]:
    """Return the order of the blocks whose order matters: the first regular expression that fits wins."""
    regular = [written(s["args"]) for s in inner if s["directive"] == "location" and s["args"][:1] in (["~"], ["~*"])]
    conditions = [condition(s["args"]) for s in inner if s["directive"] == "if"]
    orders = {"order of regular locations": regular, "order of conditions": conditions}
    return {name: Fact(" → ".join(order)) for name, order in orders.items() if len(order) > 1}


def _entries(name: str, found: Sequence[Statement]) -> Block:
    """Return a map: its entries are no directives. Where it looks secrets up, they are not shown."""
    if re.search(r"\[", name) and is_secret(name.partition("[")[2].split()[0].rstrip("]"), "x"):
        lines = sorted(written([s["directive"], *s["args"]]) for s in found)
        return Block(name, {"entries": redacted("; ".join(lines), "")})
    return Block(name, {written([s["directive"]]): Fact(written(s["args"]), source=_place(s)) for s in found})


def _place(statement: Statement) -> str:
    """Return where a directive stands."""
    return f"{statement['file']}:{statement['line']}"

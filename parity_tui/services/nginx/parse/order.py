"""Orders that decide: what nginx tries one after another, and what the first of several is."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby

from parity_tui.model import Fact
from parity_tui.services.nginx.normalize import is_set, location, written
from parity_tui.services.nginx.parse.redaction import block_name
from parity_tui.services.nginx.parse.statements import Statement

_PHASES = {"set": 0, "if": 1, "rewrite": 2, "break": 3, "return": 4}
"""directives of the rewrite module, which runs them in the order of the file; the usual order is no fact"""
_VARIABLE = re.compile(r"\$(\w+|\{\w+\})")
_UNORDERED = frozenset(
    {"access_log", "error_log", "listen", "load_module", "set_real_ip_from", "limit_req", "limit_conn",
     "limit_req_zone", "limit_conn_zone", "resolver", "error_page", "mirror", "debug_connection", "thread_pool",
     "valid_referers", "ssl_certificate", "ssl_certificate_key", "js_import", "js_path", "zone"}
)  # fmt: skip
_UNORDERED_ENDS = ("_cache_valid", "_no_cache", "_cache_bypass", "_pass_header", "_cache_path")


def is_ordered(directive: str) -> bool:
    """Return whether the order of several lines of a directive decides: mostly the first match or the last line does.

    >>> is_ordered("index"), is_ordered("proxy_redirect"), is_ordered("set_real_ip_from"), is_ordered("gzip_types")
    (True, True, False, False)
    """
    return not (directive in _UNORDERED or directive.endswith(_UNORDERED_ENDS) or is_set(directive))


def orders(statements: Sequence[Statement], context: str) -> Iterator[tuple[str, Fact]]:
    """Yield the orders within a block that change its behaviour."""
    regular = [s["args"] for s in statements if s["directive"] == "location"]
    regular = [args for args in map(location, regular) if args[:1] in (["~"], ["~*"])]
    conditions = [s["args"] for s in statements if s["directive"] == "if"]
    names = {"order of regular locations": ("location", regular), "order of conditions": ("if", conditions)}
    for name, (directive, each) in names.items():
        if len(each) > 1:
            yield name, Fact(" → ".join(block_name(directive, args)[0] for args in each))
    if context in ("server", "location", "if") and (steps := _rewrite_steps(statements)):
        yield "order of rewrite directives", Fact(" → ".join(steps))
    if any(s["directive"] == "alias" for s in statements):
        yield "files by", Fact("alias: the location's own path is replaced")


def _rewrite_steps(statements: Sequence[Statement]) -> list[str]:
    """Return the steps of the rewrite module, none if they are in the usual order: variables are set first, and each
    before another one is made of it.
    """
    lines = [s for s in statements if s["directive"] in _PHASES]
    runs = [(name, list(run)) for name, run in groupby(lines, key=lambda line: str(line["directive"]))]
    names = [name for name, _ in runs]
    late = [_is_late(run) for _, run in runs]
    if not any(late) and names == sorted(names, key=_PHASES.__getitem__):
        return []
    left = Counter(names)
    steps = []
    for (name, run), is_late in zip(runs, late, strict=True):
        left[name] -= 1
        if name == "set" and (is_late or (names.count("set") > 1 and run is not runs[0][1])):
            variables = [line["args"][0] for line in run if line["args"]]
            steps.append(f"set {' → '.join(variables) if is_late else ', '.join(sorted(variables))}")
        else:  # how many precede another step; those of the last run are all others
            steps.append(f"{name} ×{len(run)}" if len(run) > 1 and left[name] and name != "set" else name)
    return steps


def _is_late(run: Sequence[Statement]) -> bool:
    """Return whether a variable is set after another one was made of it."""
    used: set[str] = set()
    for line in run:
        if line["directive"] == "set" and line["args"]:
            if line["args"][0].strip("${}").lower() in used:
                return True
            used |= {name.strip("{}").lower() for word in line["args"][1:] for name in _VARIABLE.findall(word)}
    return False


def shares(statements: Sequence[Statement]) -> Fact:
    """Return the shares of split_clients in their order, which decides who gets which."""
    parts = [[_share(str(s["directive"])), *s["args"]] for s in statements]
    return Fact("; ".join(map(written, parts)))


def _share(text: str) -> str:
    """Return a percentage in one form.

    >>> _share("20.50%"), _share("20.00%"), _share("*")
    ('20.5%', '20%', '*')
    """
    return f"{text[:-1].rstrip('0').rstrip('.')}%" if re.fullmatch(r"\d{1,3}\.\d{1,2}%", text) else text


def map_order(statements: Sequence[Statement]) -> Iterator[tuple[str, Fact]]:
    """Yield the order of a map's regular expressions: the first that matches counts."""
    regular = [str(s["directive"]) for s in statements if str(s["directive"]).startswith("~")]
    if len(regular) > 1:
        yield "order of regular expressions", Fact(" → ".join(regular))


def access(rules: Sequence[Statement]) -> Fact:
    """Return rules of access by address: the first match wins, so that only a change of action makes an order.

    >>> lines = [("allow", "10.0.0.2"), ("allow", "10.0.0.1/32"), ("deny", "all"), ("allow", "10.0.0.3")]
    >>> access([{"directive": name, "args": [address]} for name, address in lines]).canonical
    'allow 10.0.0.1; allow 10.0.0.2; deny all'
    """
    steps = [(str(rule["directive"]), written(rule["args"])) for rule in rules]
    last = next((index for index, (_, address) in enumerate(steps) if address == "all"), len(steps))
    runs = groupby(((action, _network(address)) for action, address in steps[: last + 1]), key=lambda step: step[0])
    canonical = "; ".join(
        f"{action} {address}" for action, run in runs for address in sorted({step[1] for step in run})
    )
    return Fact("; ".join(map(" ".join, steps)), canonical=canonical)


def _network(address: str) -> str:
    return address.lower().removesuffix("/32" if "." in address else "/128")


def default_servers(servers: Sequence[Statement], labels: Sequence[str]) -> Fact | None:
    """Return which hosts answer requests for unknown names, None where no address has several hosts.

    Addresses belong to the environment: only the labels count. Without `default_server` the first host is it.
    """
    groups: dict[str, list[tuple[bool, str]]] = {}
    for server, label in zip(servers, labels, strict=True):
        listens = [s["args"] for s in server["block"] if s["directive"] == "listen" and s["args"]] or [["80"]]
        for address, *words in listens:
            explicit = "default_server" in words or "default" in words
            groups.setdefault(_address(address), []).append((explicit, label))
    chosen = {
        next((label for explicit, label in group if explicit), group[0][1])
        for group in groups.values()
        if len({label for _, label in group}) > 1
    }
    return Fact(", ".join(sorted(chosen))) if chosen else None


def _address(text: str) -> str:
    """Return an address with its port: `80` and `*:80` are the same.

    >>> _address("80"), _address("*:80"), _address("127.0.0.1"), _address("[::]:80")
    ('*:80', '*:80', '127.0.0.1:80', '[::]:80')
    """
    if text.isdecimal():
        return f"*:{text}"
    return text if re.search(r":\d+$", text) or text.startswith("unix:") else f"{text}:80"

"""Configurations of nested blocks, as of web servers: as facts named by their context.

A directive in a block holds for the blocks inside it, so the same configuration can be written in many ways:
:func:`settle` moves every directive to its outermost position. Hosts have other names in every environment:
:func:`labels` gives them labels that do not depend on those.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache

from msgspec import Struct, field
from msgspec.structs import replace

from parity_tui.drift.policy import matches
from parity_tui.model import Fact, Rule, Severity

CLOSED_FOLDERS = r"""
# Print the folders above a glob that cannot be entered or listed: their content is unknown.
closed() {
    way=
    rest=${1#/}
    while :; do
        part=${rest%%/*}
        set +f
        for folder in ${way:-/}; do
            if [ -L "$folder" ] && [ ! -e "$folder" ]; then
                printf '%s\n' "$folder"
            elif [ -d "$folder" ]; then
                case $part in
                *[*?[]*) [ -r "$folder" ] && [ -x "$folder" ] || printf '%s\n' "$folder" ;;
                *) [ -x "$folder" ] || printf '%s\n' "$folder" ;;
                esac
            fi
        done
        set -f
        case $rest in */*) ;; *) return ;; esac
        way=$way/$part
        rest=${rest#*/}
    done
}
"""
"""a function of shell scripts, called with `set -f` and IFS=newline; its argument is an absolute path"""


_WORDS = frozenset({"x-frame-options", "x-content-type-options", "referrer-policy", "x-xss-protection",
                    "access-control-allow-credentials", "x-dns-prefetch-control", "connection"})  # fmt: skip
_MEMBERS = frozenset({"cache-control", "vary", "allow", "access-control-allow-headers", "access-control-allow-methods",
                      "access-control-expose-headers", "x-robots-tag"})  # fmt: skip
_DIRECTIVES = frozenset({"content-security-policy", "content-security-policy-report-only"})
_POLICIES = frozenset({"permissions-policy", "permissions-policy-report-only"})

Facts = Mapping[str, Fact]
Family = Callable[[str], str]
"""directive -> the name of those that a block inherits or replaces together, "" for what is not inherited"""

PRESENT = "present"
"""the fact of a block that tells that it exists: where one environment lacks the block, that is its one row"""


class Block(Struct):
    """One block of a configuration; mutable while the tree is built."""

    name: str
    """unique among its siblings: "location[/api]"; "" for the root"""
    facts: dict[str, Fact] = field(default_factory=dict)
    """its own directives by name"""
    blocks: list[Block] = field(default_factory=list)
    inherits: bool = True
    """whether the directives around it hold in it too"""


class Site(Struct, frozen=True):
    """The properties of a virtual host that its label is made of."""

    name: str
    """the first of its names, "" if it has none"""
    tls: bool = False
    redirects: bool = False
    """whether it only redirects clients elsewhere"""


def settle(block: Block, children: Sequence[Block], family: Family, *, deep: bool = True) -> None:
    """Move inherited directives up into ``block`` if all ``children`` agree on them, and remove redundant ones.

    Args:
        block: the block that the directives are inherited from; changed in place.
        children: the blocks inside it that must agree.
        family: which directives are inherited, and which of them replace each other.
        deep: whether all levels below inherit; if not, only ``children`` do.

    >>> one, two = Block("one", {"size": Fact("5m")}), Block("two", {"size": Fact("5m"), "time": Fact("1s")})
    >>> http = Block("http", {"size": Fact("1m"), "time": Fact("1s")}, [one, two])
    >>> settle(http, [one, two], lambda name: name)
    >>> http.facts["size"].raw, one.facts, two.facts
    ('5m', {}, {})
    >>> one, two = (Block(name, {"set[b]": Fact("2")}) for name in ("one", "two"))
    >>> http = Block("http", {"set[a]": Fact("1")}, [one, two])
    >>> settle(http, [one, two], lambda name: name.partition("[")[0])
    >>> {name: fact.raw for name, fact in http.facts.items()}, one.facts
    ({'set[b]': '2'}, {})
    """
    own = _families(block, family)
    effective = [{**own, **_families(child, family)} for child in children]
    for name, facts in (effective[0] if effective else {}).items():
        if all(name in each and _agree(each[name], facts) for each in effective):
            for replaced in own.get(name, ()):
                del block.facts[replaced]
            block.facts |= facts
    known = _families(block, family)
    for child in block.blocks if deep else children:
        _prune(child, family, known, deep)


def _prune(block: Block, family: Family, inherited: Mapping[str, Facts], deep: bool) -> None:
    """Remove the directives that repeat an inherited value."""
    if not block.inherits:
        return
    own = _families(block, family)
    for name, facts in own.items():
        if name in inherited and _agree(facts, inherited[name]):
            for repeated in facts:
                del block.facts[repeated]
    for child in block.blocks if deep else ():
        _prune(child, family, {**inherited, **own}, deep)


def _families(block: Block, family: Family) -> dict[str, Facts]:
    """Return the inherited directives of a block by their families."""
    families: dict[str, dict[str, Fact]] = {}
    for name, fact in block.facts.items():
        if key := family(name):
            families.setdefault(key, {})[name] = fact
    return dict(families)


def _agree(some: Facts, others: Facts) -> bool:
    return some.keys() == others.keys() and all(_same(fact, others[name]) for name, fact in some.items())


def _same(one: Fact, other: Fact) -> bool:
    return (one.canonical or one.raw) == (other.canonical or other.raw) and one.state is other.state


def flatten(block: Block, path: str = "") -> Iterator[tuple[str, Fact]]:
    """Yield every fact with its full name.

    >>> block = Block("", {"a": Fact("1")}, [Block("http", {"b": Fact("2")})])
    >>> {name: fact.raw for name, fact in flatten(block)}
    {'a': '1', 'http/b': '2'}
    """
    for name, fact in block.facts.items():
        yield f"{path}{name}", fact
    for child in block.blocks:
        yield from flatten(child, f"{path}{child.name}/")


@lru_cache(maxsize=20_000)
def blocks_around(name: str) -> tuple[str, ...]:
    """Return the facts which tell that the blocks around a directive are present, the outermost first.

    >>> blocks_around("http/server[api]/location[/x]/return"), blocks_around("http/server/present")
    (('http/present', 'http/server[api]/present', 'http/server[api]/location[/x]/present'), ('http/present',))
    """
    ends = []
    depth = 0
    for index, letter in enumerate(name):
        depth = max(0, depth + (letter == "[") - (letter == "]"))
        if letter == "/" and not depth:
            ends.append(index)
    return tuple(around for end in ends if (around := f"{name[:end]}/{PRESENT}") != name)


PRESENCE = Rule(
    f"*/{PRESENT}",
    Severity.INFO,
    "Other directives apply to these requests.",
    explained_by=blocks_around,
    by_value={
        "yes, critical": Severity.CRITICAL,
        "yes, warning": Severity.WARNING,
        "yes, alone": Severity.IGNORED,
    },
)


def rate_presence(block: Block, severity: Callable[[str], Severity]) -> list[str]:
    """Give each block, once its redundant directives are gone, the severity of its absence; return its directives.

    It is that of the gravest of them. A block's only directive speaks for it, unless its value belongs to the host.

    Args:
        block: with the blocks inside it; changed in place.
        severity: of a directive in any block.

    >>> outer = Block("http", {}, [Block("location[/a]", {"deny": Fact("all"), PRESENT: Fact("yes")})])
    >>> rate_presence(outer, lambda name: Severity.WARNING), outer.blocks[0].facts[PRESENT].raw
    (['deny'], 'yes, alone')
    """
    names = [name for name in block.facts if name != PRESENT]
    for child in block.blocks:
        names += rate_presence(child, severity)
    if PRESENT in block.facts:
        ratings = set(map(severity, names))
        if len(names) == 1 and Severity.IGNORED not in ratings:
            rating = "alone"
        elif Severity.CRITICAL in ratings:
            rating = "critical"
        else:  # what belongs to the host may be all that it serves
            rating = "info" if ratings <= {Severity.INFO} else "warning"
        block.facts[PRESENT] = replace(block.facts[PRESENT], raw=f"yes, {rating}", canonical="yes")
    return names


def severity_by(directives: Sequence[tuple[Severity, str, str]]) -> Callable[[str], Severity]:
    """Return the severity of a directive in any block: that of the first pattern (severity, pattern, why) that matches.

    >>> severity_by([(Severity.CRITICAL, "proxy_set_header[*", "")])("proxy_set_header[A]")
    <Severity.CRITICAL: 'critical'>
    """

    @lru_cache(maxsize=20_000)
    def severity(directive: str) -> Severity:
        return next((found for found, pattern, _ in directives if matches(pattern, directive)), Severity.INFO)

    return severity


def header_value(name: str, value: str) -> str:
    """Return the value of a response header in one form: as its standard says, order, case or blanks do not matter.

    >>> header_value("Cache-Control", "Public,max-age=60"), header_value("X-Frame-Options", "deny")
    ('max-age=60, public', 'deny')
    >>> header_value("Content-Security-Policy", "img-src b a;  default-src 'self';")
    "default-src 'self'; img-src a b"
    >>> header_value("Permissions-Policy", "geolocation=(),camera=(self)")
    'camera=(self), geolocation=()'
    """
    lower = name.lower()
    if lower in _WORDS or lower.startswith("cross-origin-"):
        return " ".join(value.lower().split())
    if lower in _MEMBERS:
        return ", ".join(sorted({member.strip().lower() for member in value.split(",") if member.strip()}))
    if lower in _POLICIES:
        return ", ".join(sorted(" ".join(part.split()) for part in value.split(",") if part.strip()))
    if lower == "strict-transport-security":
        return "; ".join(sorted(" ".join(part.lower().split()) for part in value.split(";") if part.strip()))
    if lower in _DIRECTIVES:
        directives = (part.split() for part in value.split(";") if part.strip())
        return "; ".join(sorted(" ".join([name.lower(), *sorted(sources)]) for name, *sources in directives))
    return value


def labels(sites: Sequence[Site]) -> list[str]:
    """Return a label for each virtual host: as short as possible, unique, and the same in every environment.

    A single host needs none. Several are told apart by the first part of their names, then by TLS. Hosts that only
    redirect are labelled apart from the others, because development seldom has them.

    >>> labels([Site("api.example.com", True), Site("www.example.com", True), Site("www.example.com", redirects=True)])
    ['api', 'www', 'redirect']
    >>> labels([Site("localhost")]), labels([Site("shop.example.com"), Site("shop.example.com", True)])
    ([''], ['plain', 'tls'])
    """
    result = [""] * len(sites)
    for redirects in (False, True):
        indexes = [index for index, site in enumerate(sites) if site.redirects is redirects]
        for index, label in zip(indexes, _unique_labels([sites[i] for i in indexes]), strict=True):
            result[index] = " ".join(filter(None, (label, "redirect" if redirects else "")))
    return result


def _unique_labels(sites: Sequence[Site]) -> list[str]:
    """Return labels for hosts of one sort, numbered by their names if nothing else tells them apart.

    Numbers by position would change with the order of files, and a default host that moved would keep its label.

    >>> _unique_labels([Site("www.shop.example"), Site("www.blog.example"), Site("www.blog.example", tls=True)])
    ['plain #2', 'plain #1', 'tls']
    """
    if len(sites) < 2:
        return [""] * len(sites)
    names = [_first_label(site.name) for site in sites]
    if len(set(names)) == 1:
        names = [""] * len(sites)
    if len(set(names)) < len(names) and len({site.tls for site in sites}) > 1:
        tls = ["tls" if site.tls else "plain" for site in sites]
        names = [" ".join(filter(None, pair)) for pair in zip(names, tls, strict=True)]
    several = {name for name, count in Counter(names).items() if count > 1}
    seen: Counter[str] = Counter()
    for index in sorted(range(len(sites)), key=lambda index: sites[index].name):
        name = names[index]
        seen[name] += 1
        names[index] = f"{name} #{seen[name]}".strip() if name in several else name
    return names


def _first_label(name: str) -> str:
    """Return the first part of a host name.

    >>> _first_label("api.example.com"), _first_label("*.example.com"), _first_label("_")
    ('api', '*', 'default')
    """
    return name.split(".")[0] if name not in ("", "_") else "default"

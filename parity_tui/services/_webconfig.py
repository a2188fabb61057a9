"""Configurations of blocks within blocks, as web servers have them: as facts that are named by their context.

What is written inside a block holds for the blocks inside it, so the same meaning can be written in many places:
:func:`settle` brings every directive to the one place where it says the most. Hosts have other names in every
environment: :func:`labels` gives them words that do not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence

from msgspec import Struct, field

from parity_tui.model import Fact


class Block(Struct):
    """One block of a configuration, still being built."""

    name: str
    """how it is told from those beside it: "location[/api]"; "" for the whole"""
    facts: dict[str, Fact] = field(default_factory=dict)
    """what is written in it, by directive"""
    blocks: list[Block] = field(default_factory=list)


class Site(Struct, frozen=True):
    """What a host of a web server is known by."""

    name: str
    """the first of its names, "" where it has none"""
    tls: bool = False
    redirects: bool = False
    """it does nothing but send people elsewhere"""


def settle(block: Block, children: Sequence[Block], names: Collection[str], *, deep: bool = True) -> None:
    """Bring those directives that are inherited to one place: ``block``, where all ``children`` mean the same.

    What a block writes that it would inherit anyway is left out of it; where inheriting is not ``deep``, only of
    the children.

    >>> one, two = Block("one", {"size": Fact("5m")}), Block("two", {"size": Fact("5m"), "time": Fact("1s")})
    >>> http = Block("http", {"size": Fact("1m"), "time": Fact("1s")}, [one, two])
    >>> settle(http, [one, two], {"size", "time"})
    >>> http.facts["size"].raw, one.facts, two.facts
    ('5m', {}, {})
    """
    for name in names:
        own = block.facts.get(name)
        said = [child.facts.get(name, own) for child in children]
        if said and said[0] is not None and all(fact is not None and _same(fact, said[0]) for fact in said):
            block.facts[name] = said[0]
    known = {name: fact for name, fact in block.facts.items() if name in names}
    for child in block.blocks if deep else children:
        _prune(child, names, known, deep)


def _prune(block: Block, names: Collection[str], inherited: Mapping[str, Fact], deep: bool) -> None:
    """Leave out what is inherited anyway."""
    for name in [name for name in block.facts if name in names]:
        if name in inherited and _same(block.facts[name], inherited[name]):
            del block.facts[name]
    known = {**inherited, **{name: fact for name, fact in block.facts.items() if name in names}}
    for child in block.blocks if deep else ():
        _prune(child, names, known, deep)


def _same(one: Fact, other: Fact) -> bool:
    """Tell whether two facts of one directive mean the same."""
    return (one.canonical or one.raw) == (other.canonical or other.raw) and one.state is other.state


def flatten(block: Block, path: str = "") -> Iterator[tuple[str, Fact]]:
    """Yield every fact under its whole name.

    >>> block = Block("", {"a": Fact("1")}, [Block("http", {"b": Fact("2")})])
    >>> {name: fact.raw for name, fact in flatten(block)}
    {'a': '1', 'http/b': '2'}
    """
    for name, fact in block.facts.items():
        yield f"{path}{name}", fact
    for child in block.blocks:
        yield from flatten(child, f"{path}{child.name}/")


def labels(sites: Sequence[Site]) -> list[str]:
    """Return a word for each host, as short as tells them apart, that is the same in every environment.

    A single host needs none. Several are told by what their names begin with, and where that is not enough by TLS.
    Those that only redirect are counted apart: development seldom has them.

    >>> labels([Site("api.example.com", True), Site("www.example.com", True), Site("www.example.com", redirects=True)])
    ['api', 'www', 'redirect']
    >>> labels([Site("localhost")]), labels([Site("shop.example.com"), Site("shop.example.com", True)])
    ([''], ['plain', 'tls'])
    """
    words = [""] * len(sites)
    for redirects in (False, True):
        group = [index for index, site in enumerate(sites) if site.redirects is redirects]
        for index, word in zip(group, _told_apart([sites[i] for i in group]), strict=True):
            words[index] = " ".join(filter(None, (word, "redirect" if redirects else "")))
    return words


def _told_apart(sites: Sequence[Site]) -> list[str]:
    """Return a word for each of several hosts of one sort."""
    if len(sites) < 2:
        return [""] * len(sites)
    names = [_first_label(site.name) for site in sites]
    if len(set(names)) == 1:
        names = [""] * len(sites)
    if len(set(names)) < len(names) and len({site.tls for site in sites}) > 1:
        tls = ["tls" if site.tls else "plain" for site in sites]
        names = [" ".join(filter(None, pair)) for pair in zip(names, tls, strict=True)]
    seen: Counter[str] = Counter()
    for index, name in enumerate(names):
        seen[name] += 1
        names[index] = f"{name} #{seen[name]}".strip() if names.count(name) > 1 or seen[name] > 1 else name
    return names


def _first_label(name: str) -> str:
    """Return what a host's name begins with.

    >>> _first_label("api.example.com"), _first_label("*.example.com"), _first_label("_")
    ('api', '*', 'default')
    """
    return name.split(".")[0] if name not in ("", "_") else "default"

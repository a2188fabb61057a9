"""Points out services that probably are one, with different names in different environments: `db` and `database`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import combinations

from msgspec import Struct

from parity_tui import services
from parity_tui.drift.words import listing
from parity_tui.model import Target

_SIMILAR = 0.75
"""ratio of difflib from which two names are similar"""
_MOST = 100
"""services that some environments lack; with more, comparing each with each takes long"""


class _Role(Struct):
    """A service, the environments that have it, and its kinds."""

    name: str
    environments: tuple[str, ...]
    kinds: frozenset[str]


def pair_notes(targets: Sequence[Target], environments: Sequence[str]) -> tuple[str, ...]:
    """Return a sentence for each group of services that never occur together and resemble each other.

    Args:
        targets: those of the configuration.
        environments: all names, in order.
    """
    roles = list(_partial_roles(targets, environments))
    if len(roles) > _MOST:
        return ()
    group_of = {role.name: [role] for role in roles}
    likely = [(likeness, one, other) for one, other in combinations(roles, 2) if (likeness := _likeness(one, other))]
    for _, one, other in sorted(likely, key=lambda pair: -pair[0]):
        group, more = group_of[one.name], group_of[other.name]
        if not _overlap(group, more):
            group += more
            group_of.update({role.name: group for role in more})
    groups = {id(group): group for group in group_of.values()}
    return tuple(_sentence(group) for group in groups.values() if len(group) > 1)


def _partial_roles(targets: Sequence[Target], environments: Sequence[str]) -> Iterator[_Role]:
    """Yield the services that some environments lack."""
    of_role: dict[str, list[Target]] = {}
    for target in targets:
        of_role.setdefault(target.service, []).append(target)
    for name, own in of_role.items():
        holders = {target.environment for target in own}
        if len(holders) < len(environments):
            kinds = frozenset(target.kind for target in own if target.kind)
            yield _Role(name, tuple(each for each in environments if each in holders), kinds)


def _overlap(group: Sequence[_Role], more: Sequence[_Role]) -> bool:
    """Return whether an environment has services of both groups."""
    return any(set(one.environments) & set(other.environments) for one in group for other in more)


def _likeness(one: _Role, other: _Role) -> int:
    """Return how much two services resemble each other, 0 for not at all or where an environment has both."""
    if _overlap([one], [other]):
        return 0
    kinds = services.kinds()
    known = [{kinds[kind].role for kind in each.kinds if kind in kinds} - {""} for each in (one, other)]
    similar = _are_similar(one.name, other.name)
    return 4 * similar + 2 * bool(one.kinds & other.kinds) + bool(known[0] & known[1])


def _are_similar(one: str, other: str) -> bool:
    """Return whether two names are spellings of one.

    >>> _are_similar("Main-Cache", "main_cache"), _are_similar("queue", "queues"), _are_similar("mail", "search")
    (True, True, False)
    """
    from difflib import SequenceMatcher

    first, second = (re.sub(r"[\W_]+", "", name.lower()) for name in (one, other))
    matcher = SequenceMatcher(None, first, second)
    return matcher.real_quick_ratio() >= _SIMILAR and matcher.ratio() >= _SIMILAR


def _sentence(group: Sequence[_Role]) -> str:
    members = [
        f"{listing(role.environments)} {'has' if len(role.environments) == 1 else 'have'} {role.name}" for role in group
    ]
    several = "both" if len(group) == 2 else "all"
    return f"{', '.join(members)}: the same service? give {several} one name"

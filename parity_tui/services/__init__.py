"""The kinds of service: one file each, found by its name; a plug-in by an entry point of the same shape."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from importlib.metadata import entry_points

from parity_tui.model import Fact, Reading, Service, Setting, State, ValueType
from parity_tui.secret import fingerprint, is_secret

GROUP = "parity_tui.services"


@cache
def kinds() -> dict[str, Service]:
    """Return every kind by its name. Imports no driver: those are imported where a kind connects."""
    found = {
        module.name: importlib.import_module(f"{__name__}.{module.name}").SERVICE
        for module in pkgutil.iter_modules(__path__)
    }
    for plugin in entry_points(group=GROUP):
        found.setdefault(plugin.name, plugin.load())
    return dict(sorted(found.items()))


@cache
def schemes() -> dict[str, str]:
    """Return the kind of every URL scheme."""
    return {scheme: kind for kind, service in kinds().items() for scheme in service.schemes}


def tables() -> dict[str, tuple[Setting, ...]]:
    """Return the table of settings of every kind."""
    return {kind: service.settings for kind, service in kinds().items()}


def conceal(reading: Reading, service: Service) -> Reading:
    """Replace every secret among the facts by its fingerprint, before anything else sees the reading."""
    marked = {row.name for row in service.settings if row.type is ValueType.SECRET}
    facts = {
        name: _concealed(fact)
        if fact.state is State.VALUE and fact.raw and (name in marked or is_secret(name, fact.raw))
        else fact
        for name, fact in reading.facts.items()
    }
    return Reading(**{**{f: getattr(reading, f) for f in reading.__struct_fields__}, "facts": facts})


def _concealed(fact: Fact) -> Fact:
    """Return the fact with a fingerprint for its value."""
    return Fact(
        raw=fingerprint(fact.raw or ""),
        state=State.SECRET,
        default=fact.default,
        source=fact.source,
        description=fact.description,
    )

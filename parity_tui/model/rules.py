"""A rule: how one setting of a kind is compared."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any

from msgspec import Struct, field

from parity_tui.model.values import Fact, Severity, ValueType


class Comparing(Struct, frozen=True):
    """What a rule's own comparison knows."""

    environments: tuple[str, ...]
    """all of them, in order"""
    facts: Mapping[int, Fact]
    """the known facts, absent ones included, by the index of the environment"""
    baseline: str = ""
    today: date = date.min
    """date.min if unknown"""
    max_days: float = 14.0
    """age beyond which being behind is a warning"""


class Comparison(Struct, frozen=True):
    """The result of a rule's own comparison."""

    severity: Severity | None = None
    """None: nothing differs"""
    odd: tuple[int, ...] = ()
    """indexes of the outlying environments"""
    facts: Mapping[int, Fact] = field(default_factory=dict)
    """facts that replace others, to show how each value relates to the others: "120 · 8 behind" """
    note: str = ""


_NO_VALUES: Mapping[str, Any] = MappingProxyType({})
"""one for all: a setting without a rule of its own has a rule made for it, and 100,000 are possible"""


class Rule(Struct, frozen=True, gc=False):
    """One row of a kind's table: how a setting, or every setting that matches a glob, is compared."""

    name: str
    """name or glob; the first matching rule counts"""
    severity: Severity = Severity.INFO
    why: str = ""
    """why a difference matters; for IGNORED why it does not"""
    type: ValueType | None = None
    """overrides the type declared by the server"""
    unit: str = ""
    """of a bare number, where the server declares none"""
    special: Mapping[str, str] = _NO_VALUES
    """raw values that are not quantities, in words: {"0": "off", "-1": "as work_mem"}"""
    aliases: tuple[str, ...] = ()
    """names of the same setting in other versions and forks"""
    capacity: bool = False
    """sized to the host: info while the values are within a factor of four, warning beyond"""
    derived: bool = False
    """computed from the setting named by `explained_by` unless configured: folded there when that one drifts"""
    computed_from: tuple[str, ...] = ()
    """further settings that a derived one is computed from; "version" for what each release brings along"""
    safer: str | tuple[str, ...] = ()
    """direction of durability and safety: "higher" (also of a limit that code may rely on), "lower", "complete" (all
    members of a set, or the thing at all), or raw values from the weakest to the safest ("*": every other value). The
    severity then counts where production has the weaker value; elsewhere it is a warning at most"""
    presence: Severity | None = None
    """severity where an environment lacks the setting; None: `severity`"""
    notify: bool = False
    """its change is an event even where the comparison ignores it (which server is the primary)"""
    by_value: Mapping[str, Severity] = _NO_VALUES
    """raw value -> severity where one environment has it and another has not: {"": WARNING} for a text left empty;
    IGNORED where other rows show the difference"""
    may_differ: bool = False
    """every environment has a value of its own by nature, and none is better: no drift, while a change of it in one
    environment is an event, and a severity that the user gives makes the difference count"""
    must_differ: bool = False
    """every environment must have a value of its own (a signing key): two that share one are drift. The severity then
    counts where production shares it; elsewhere it is a warning at most"""
    always_report: tuple[str, ...] = ()
    """raw values that give a row even where all environments agree"""
    explained_by: str | Callable[[str], tuple[str, ...]] = "version"
    """the row that explains why an environment lacks this setting, under which it is folded; "" for things that can
    be missing independently (an extension, a plugin): those always have a row of their own. A function returns the
    names of possible rows for a setting: a queue is explained by its virtual host where that one is missing; without
    "version" among them it is independent"""
    compare: Callable[[Comparing], Comparison | None] | None = None
    """the kind's own comparison of all known values, pure, where equal or not equal does not say enough; it may return
    None for values that it does not understand. `parity_tui.drift.ledgers.compare_ledgers` is one"""

    def is_independent(self, setting: str) -> bool:
        """Return whether an environment may lack a setting for other reasons than its version."""
        return not self.explained_by or (callable(self.explained_by) and "version" not in self.explained_by(setting))

    def causes(self, setting: str) -> tuple[str, ...]:
        """Return the rows that may explain why an environment lacks a setting.

        >>> Rule("queue.*", explained_by=lambda name: (f"vhost.{name.split('.')[1]}",)).causes("queue.shop.jobs")
        ('vhost.shop',)
        """
        if callable(self.explained_by):
            return self.explained_by(setting)
        return (self.explained_by,) if self.explained_by else ()

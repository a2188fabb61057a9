"""One setting across the environments, and the environments that are compared with each other."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from parity_tui.drift.policy import Policy
from parity_tui.drift.rules import RuleTable
from parity_tui.drift.values import display_text
from parity_tui.model import Fact, Outcome, Reading, Rule, Severity, Verdict

CHANGED_DEFAULT = "the default changed with the version"
FOLDING = ("version", "product")
"""settings whose drift explains that another setting is missing; the first that drifts does"""
SAME_SERVER = "same server"
"""name of the row of environments that lead to one server"""
END_OF_LIFE = "end of life"
PATCHES_BEHIND = "patches behind"
ALARMS = (END_OF_LIFE, PATCHES_BEHIND)
"""names of the rows that age makes: they stand even where all environments agree"""


SIBLINGS = "other apps"
"""name of the row of several apps in one environment"""


class Row(Struct, frozen=True, gc=False):
    """One setting across the environments."""

    service: str
    kind: str
    setting: str
    verdict: Verdict
    severity: Severity
    cells: tuple[Fact, ...]
    """in the order of the environments; ABSENT with a note where the setting does not apply"""
    rule: Rule
    odd: tuple[str, ...] = ()
    """the outlying environments"""
    note: str = ""
    """why the row is ignored, expected or undecided"""
    explained_by: str = ""
    """the setting under whose row this one is folded, because its drift explains this one"""
    listed: bool = False
    """shown by default: drift, expected drift and blind spots"""
    explain: Callable[[str], str] | None = None
    """the kind's reasons for settings whose rule has none"""
    members: tuple[str, ...] = ()
    """of a row that stands for all settings hidden for one reason: their names, or globs where these are unknown"""

    @property
    def summarizes(self) -> bool:
        """Whether the row is no setting of a server: it is made from the other rows and the outcomes."""
        return bool(self.members) or self.setting in (SAME_SERVER, SIBLINGS, *ALARMS)

    @property
    def why(self) -> str:
        """Why a difference matters; for an ignored row why it does not."""
        return self.rule.why or (self.explain(self.setting) if self.explain else "")

    def text(self, index: int) -> str:
        """Return the value of one environment for a person, printable."""
        return display_text(self.cells[index], self.rule)


class Group(Struct, frozen=True):
    """The environments in which one kind provides the service: they are compared with each other."""

    service: str
    environments: tuple[str, ...]
    """all of them, in order; `outcomes` and `releases` have one entry for each"""
    outcomes: tuple[Outcome | None, ...]
    members: tuple[int, ...]
    """indexes of the environments with this kind"""
    table: RuleTable
    policy: Policy
    releases: tuple[str, ...]
    """product and version of each member that has been read, "" for all others"""

    @property
    def one_product(self) -> bool:
        """Whether all members that have been read are the same product."""
        return len({reading.product for i in self.members if (reading := self.reading(i))}) < 2

    @property
    def other_baseline(self) -> bool:
        """Whether the baseline fills the role with another kind of service, or not at all."""
        names, baseline = self.environments, self.policy.baseline
        return baseline in names and names.index(baseline) not in self.members

    def reading(self, index: int) -> Reading | None:
        """Return the last reading of an environment, None where it has none."""
        outcome = self.outcomes[index]
        return outcome.reading if outcome else None

    def origin(self, index: int) -> str:
        """Return the environment that an outcome is of; two moments of one, out of snapshots, have other names."""
        outcome = self.outcomes[index]
        return (outcome.target.origin if outcome else "") or self.environments[index]

    def override(self, setting: str) -> tuple[str, bool] | None:
        """Return what a setting of a role or a database overrides, as of Service.overridden; None for all others."""
        overridden = self.table.service.overridden
        if overridden is None or overridden(setting, ()) is None:  # of most settings, which need no set of users
            return None
        return overridden(setting, {outcome.target.user for i in self.members if (outcome := self.outcomes[i])})

    def releases_of(self, index: int) -> tuple[str, ...]:
        """Return the release of a member, or of each of its nodes: the version, and the product if they differ."""
        outcome = self.outcomes[index]
        answers = outcome.answers if outcome else ()
        return tuple(one.version if self.one_product else f"{one.product} {one.version}" for one in answers)

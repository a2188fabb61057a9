"""Other valid values, and what a comparison with an unchanged server finds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from parity_tui.drift.compare import compare
from parity_tui.drift.policy import Policy
from parity_tui.drift.row import Row
from parity_tui.drift.rules import RuleTable
from parity_tui.model import Outcome, Reading, Service, Severity, Target, Verdict

TIMES = ("us", "ms", "s", "min", "h", "d")
_LONG = 100_000
"""in any unit of time: no statement of a test is cut off by it"""


class Setting(NamedTuple):
    """A setting as its server describes it."""

    name: str
    value: str
    type: str
    """bool, number, enum or text"""
    unit: str = ""
    least: str | None = None
    most: str | None = None
    choices: Sequence[str] = ()


def other_values(setting: Setting) -> Iterator[str]:
    """Yield values of the setting's type and range that differ from its own, the most harmless first."""
    match setting.type:
        case "bool":
            yield "off" if setting.value.lower() in ("on", "1", "yes") else "on"
        case "enum":
            yield from (choice for choice in setting.choices if choice.lower() != setting.value.lower())
        case "number":
            value = float(setting.value)
            numbers = [_LONG if value <= 0 and setting.unit in TIMES else value * 2, value + 1, value - 1, value / 2]
            for number in numbers:
                if number != value and _within(number, setting):
                    yield f"{number:.0f}" if number == int(number) else f"{number:f}"


def _within(number: float, setting: Setting) -> bool:
    least, most = setting.least, setting.most
    return (not least or float(least) <= number) and (not most or number <= float(most))


def compared(service: Service, kind: str, plain: Reading, planted: Reading) -> dict[str, Row]:
    """Return all rows by setting; "plain" is the baseline."""
    table = RuleTable(service, kind)
    targets = [Target(name, "database", kind) for name in ("plain", "planted")]
    outcomes = [Outcome(where, table.resolve(each)) for where, each in zip(targets, (plain, planted), strict=True)]
    policy = Policy(baseline="plain")
    return {row.setting: row for row in compare("database", ("plain", "planted"), outcomes, {kind: table}, policy)}


def assert_found(service: Service, rows: dict[str, Row], changed: set[str], least: int) -> None:
    """Fail unless the rows that drift are those of the changed settings, on the planted side, each with a reason.

    Settings that differ by nature are ignored with a reason; a computed one is folded under its cause.
    """
    aliases = {alias: rule.name for rule in service.rules for alias in rule.aliases}
    changed = {aliases.get(name, name) for name in changed}
    ignored = {name for name in changed if rows[name].rule.severity is Severity.IGNORED}
    folded = {name for name in changed if rows[name].explained_by in changed}
    found = {name for name, row in rows.items() if row.verdict is Verdict.DRIFT}
    assert len(found) >= least, len(found)
    unseen = sorted(changed - ignored - folded - found)
    assert not unseen, unseen
    surplus = sorted(found - changed)
    assert not surplus, surplus
    wrong_side = sorted(name for name in found if rows[name].odd != ("planted",))
    assert not wrong_side, wrong_side
    undecided = sorted(name for name, row in rows.items() if row.listed and row.verdict is not Verdict.DRIFT)
    assert not undecided, undecided
    unexplained = sorted(name for name in found | ignored if not rows[name].why)
    assert not unexplained, unexplained

"""Rows on age: release lines that have ended or will soon, and patches that are missing.

They stand even where all environments agree: equally old is still old.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from msgspec import Struct

from parity_tui.drift.lifecycle import Lifecycle, Lines, ReleaseLine, is_backported, patches_behind
from parity_tui.drift.policy import Policy, match_expectations
from parity_tui.drift.row import END_OF_LIFE, PATCHES_BEHIND, Row
from parity_tui.drift.severity import environments_at_risk
from parity_tui.drift.words import listing
from parity_tui.model import Fact, Outcome, Reading, Rule, Severity, State, Verdict

SOON = timedelta(days=180)
_GRACE = timedelta(days=30)
"""time to take over a patch: before it has passed, a missing one is information"""

_ENDING = Rule(
    END_OF_LIFE,
    Severity.CRITICAL,
    "A release line that has ended gets no more fixes: the next hole found in it stays open.",
)
_PATCHES = Rule(
    PATCHES_BEHIND,
    Severity.WARNING,
    "Each patch closes holes and corrects faults that are public since it came out.",
)
_OTHER_KIND = Fact(state=State.ABSENT, note="another kind of service")
_NO_FACTS = Fact(state=State.ABSENT, note="no facts on this version")


class _Alarm(Struct, frozen=True):
    """One cell of a row, and how bad it is."""

    fact: Fact
    severity: Severity = Severity.IGNORED
    """IGNORED where the environment is not concerned"""
    note: str = ""


class _Release(Struct, frozen=True):
    """One server's release, with the facts on its line."""

    reading: Reading
    lines: Lines
    line: ReleaseLine
    today: date
    at_risk: bool
    """whether users depend on the environment"""

    @property
    def upstream(self) -> str:
        return ", upstream" if is_backported(self.reading.package) else ""

    @property
    def name(self) -> str:
        return f"{self.reading.product} {self.line.name}"

    def unproved(self) -> Fact | None:
        """Return the value of facts too old to prove that nothing has come since, None for young ones."""
        if self.lines.trusted(self.today):
            return None
        return Fact(state=State.UNKNOWN, note=f"unknown since {self.lines.as_of}")


def alarm_rows(
    service: str, environments: Sequence[str], outcomes: Sequence[Outcome | None], policy: Policy
) -> tuple[Row, ...]:
    """Return the rows on age of one service, for each kind; none without facts, or where no environment is concerned.

    The arguments are those of :func:`parity_tui.drift.compare.compare`.
    """
    if policy.lifecycle is None:
        return ()
    rows = []
    at_risk = environments_at_risk(environments, policy.baseline)
    for kind in dict.fromkeys(outcome.target.kind for outcome in outcomes if outcome):
        releases = [
            _releases(policy.lifecycle, outcome, policy.today, environment in at_risk)
            if outcome and outcome.target.kind == kind
            else None
            for environment, outcome in zip(environments, outcomes, strict=True)
        ]
        for rule, judge in ((_ENDING, _ending), (_PATCHES, _behind)):
            alarms = [_worst(map(judge, each)) if isinstance(each, list) else _Alarm(each or _OTHER_KIND)
                      for each in releases]  # fmt: skip
            dates = {release.lines.as_of for each in releases if isinstance(each, list) for release in each}
            if any(alarm.severity is not Severity.IGNORED for alarm in alarms):
                rows.append(_row(service, kind, environments, rule, alarms, policy, min(dates)))
    return tuple(rows)


def _releases(lifecycle: Lifecycle, outcome: Outcome, today: date, at_risk: bool) -> list[_Release] | Fact:
    """Return the releases of an environment's servers, or the value that stands for their absence."""
    if outcome.reading is None or outcome.failure:
        return Fact(state=State.UNKNOWN, note=outcome.failure.reason if outcome.failure else "not read yet")
    found = [
        _Release(reading, *facts, today, at_risk)
        for reading in outcome.answers
        if (facts := lifecycle.of(reading.product, reading.version))
    ]
    return found or _NO_FACTS


def _worst(alarms: Iterable[_Alarm]) -> _Alarm:
    """Return the alarm of the server that is worst off."""
    return min(alarms, key=lambda alarm: alarm.severity.rank)


def _ending(release: _Release) -> _Alarm:
    line, today = release.line, release.today
    if line.ended or (line.ends and line.ends <= today):
        text = f"ended {line.ends}" if line.ends else "ended"
        severity = Severity.CRITICAL if release.at_risk else Severity.WARNING
        return _Alarm(Fact(text + release.upstream), severity, f"{release.name} has ended{release.upstream}")
    if line.ends and line.ends <= today + SOON:
        days = (line.ends - today).days
        note = f"{release.name} ends in {days} {'day' if days == 1 else 'days'}{release.upstream}"
        return _Alarm(Fact(f"ends {line.ends}{release.upstream}"), Severity.WARNING, note)
    return _Alarm(release.unproved() or Fact(f"until {line.ends}" if line.ends else "not ended"))


def _behind(release: _Release) -> _Alarm:
    line = release.line
    behind = patches_behind(release.reading.version, line)
    if not behind:
        return _Alarm(release.unproved() or Fact("latest"))
    young = line.latest_at is not None and release.today - line.latest_at < _GRACE
    severity = Severity.INFO if young or release.upstream else Severity.WARNING
    since = f" of {line.latest_at}" if line.latest_at else ""
    return _Alarm(Fact(f"{behind}{release.upstream}"), severity, f"{line.latest} is{since}")


def _row(
    service: str,
    kind: str,
    environments: Sequence[str],
    rule: Rule,
    alarms: Sequence[_Alarm],
    policy: Policy,
    as_of: date,
) -> Row:
    concerned = {environments[i]: alarm for i, alarm in enumerate(alarms) if alarm.severity is not Severity.IGNORED}
    facts = {name: alarm.fact for name, alarm in concerned.items()}
    expected = match_expectations(policy, service, rule, rule.name, facts)
    rest = {name: alarm for name, alarm in concerned.items() if name not in expected.environments}
    own = policy.severity(kind, rule.name)
    severity = min((alarm.severity for alarm in (rest or concerned).values()), key=lambda each: each.rank)
    verdict = Verdict.DRIFT if rest else Verdict.EXPECTED
    notes = dict.fromkeys((*(alarm.note for alarm in (rest or concerned).values()), *expected.notes))
    return Row(
        service,
        kind,
        rule.name,
        Verdict.IGNORED if own is Severity.IGNORED else verdict,
        own or severity,
        tuple(alarm.fact for alarm in alarms),
        rule,
        odd=tuple(rest or concerned),
        note="; ".join((*notes, _dated(as_of, alarms))),
        listed=own is not Severity.IGNORED,
    )


def _dated(as_of: date, alarms: Sequence[_Alarm]) -> str:
    """Return the date of the facts, and whether some of them are too old."""
    old = any(alarm.fact.note.startswith("unknown since") for alarm in alarms)
    return f"facts of {as_of}" + (", too old to prove the others" if old else "")


def outdated(lifecycle: Lifecycle | None, readings: Iterable[Reading], today: date) -> Mapping[str, date]:
    """Return the products whose facts are too old to prove that their release line lives -> the date of the facts."""
    found = ((each.product, lifecycle.of(each.product, each.version)) for each in readings) if lifecycle else ()
    return {product: facts[0].as_of for product, facts in found if facts and not facts[0].trusted(today)}


def outdated_note(products: Mapping[str, date]) -> str:
    """Return one sentence on facts that are too old, "" without any."""
    if not products:
        return ""
    return (
        f"end of life: unknown since {min(products.values())} for {listing(sorted(products))}; "
        "newer facts: eol_data = FILE, the JSON of endoflife.date"
    )

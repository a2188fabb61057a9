"""Severity: who bears the risk, what a release brings along, who gets an override; and reasons on demand."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import pytest

from parity_tui.drift.compare import compare
from parity_tui.drift.policy import Policy
from parity_tui.drift.row import Row
from parity_tui.drift.rules import RuleTable
from parity_tui.model import Fact, Outcome, Reading, Rule, Service, Severity, State, Target, ValueType, Verdict
from parity_tui.services.sqlite import SERVICE as ANY

CRITICAL, WARNING, INFO = Severity.CRITICAL, Severity.WARNING, Severity.INFO


def overridden(setting: str, users: Collection[str]) -> tuple[str, bool] | None:
    """Split "role.NAME.SETTING"."""
    family, _, rest = setting.partition(".")
    role, _, name = rest.partition(".")
    return (name, role in users) if family == "role" else None


SERVICE = Service(
    "Thing",
    ("thing",),
    ANY.connect,
    "none",
    (
        Rule("fsync", CRITICAL, "lost", safer=("off", "on")),
        Rule("flush", CRITICAL, "lost", safer=("0", "*", "1")),
        Rule("copies", WARNING, "lost", safer="higher"),
        Rule("timeout", WARNING, "ended"),
        Rule("limit.*", CRITICAL, "refused", special={"0": "no limit"}, unit="B", safer="higher", explained_by=""),
        Rule("part.*", CRITICAL, "missing", safer="complete", explained_by=""),
        Rule("parts", CRITICAL, "missing", ValueType.SET, safer="complete"),
        Rule("zone", CRITICAL, "another day"),
        Rule("base.*", WARNING, "sorts", presence=INFO, explained_by=""),
        Rule("role.*", WARNING, "for a role", explained_by=""),
        Rule("library.*", CRITICAL, "missing", derived=True, explained_by="", computed_from=("version",)),
        Rule("*.*", INFO, "of a library"),
    ),
    overridden=overridden,
    explain=lambda setting: {"limit": "refused"}.get(setting, ""),
)


def rows(
    values: Mapping[str, Mapping[str, str | Fact]], policy: Policy | None = None, version: str = "1"
) -> dict[str, Row]:
    """Compare the facts of environments; each is given by its raw value."""
    versions = version.split() * len(values)
    outcomes = [
        Outcome(
            Target(name, "service", "thing", user="app"),
            Reading(
                product="Thing",
                version=own,
                facts={key: Fact(each) if isinstance(each, str) else each for key, each in facts.items()},
            ),
        )
        for (name, facts), own in zip(values.items(), versions, strict=False)
    ]
    tables = {"thing": RuleTable(SERVICE, "thing", policy)}
    compared = compare("service", list(values), outcomes, tables, policy or Policy())
    return {row.setting: row for row in compared}


@pytest.mark.parametrize(
    ("dev", "production", "setting", "expected"),
    [
        ("on", "off", "fsync", CRITICAL),
        ("off", "on", "fsync", WARNING),
        ("1", "2", "flush", CRITICAL),
        ("2", "0", "flush", CRITICAL),
        ("2", "1", "flush", WARNING),
        ("0", "2", "flush", WARNING),
        ("3", "1", "copies", WARNING),
        ("1", "3", "copies", WARNING),
    ],
)
def test_weaker_durability_matters_most_in_production(
    dev: str, production: str, setting: str, expected: Severity
) -> None:
    number = ValueType.NUMBER if setting == "copies" else ValueType.TEXT
    row = rows({"dev": {setting: Fact(dev, number)}, "production": {setting: Fact(production, number)}})[setting]
    assert (row.verdict, row.severity) == (Verdict.DRIFT, expected)


def test_baseline_bears_risk_where_no_name_tells_production() -> None:
    values: dict[str, dict[str, str | Fact]] = {"a": {"fsync": "on"}, "b": {"fsync": "off"}}
    assert rows(values, Policy(baseline="b"))["fsync"].severity is CRITICAL
    assert rows(values, Policy(baseline="a"))["fsync"].severity is WARNING
    assert rows(values)["fsync"].severity is CRITICAL
    own = Policy(baseline="a", severities=(("thing.fsync", CRITICAL),))
    assert rows(values, own)["fsync"].severity is CRITICAL


@pytest.mark.parametrize(
    ("dev", "production", "expected"),
    [
        ("4 MB", "1 MB", CRITICAL),
        ("1 MB", "4 MB", WARNING),
        ("0", "1 MB", CRITICAL),
        ("1 MB", "0", WARNING),
        ("soon", "1 MB", CRITICAL),
        (Fact("1000k", canonical="1 MB"), Fact("1m", canonical="2 MB"), WARNING),
        (Fact("1000k", canonical="no limit"), "1m", CRITICAL),
    ],
)
def test_limit_is_critical_where_production_has_the_lower(
    dev: str | Fact, production: str | Fact, expected: Severity
) -> None:
    """What dev lets through is refused there; where nobody is known to bear the risk, each difference counts."""
    assert rows({"dev": {"limit.x": dev}, "production": {"limit.x": production}})["limit.x"].severity is expected
    assert rows({"a": {"limit.x": dev}, "b": {"limit.x": production}})["limit.x"].severity is CRITICAL


def test_missing_part_is_critical_in_production() -> None:
    part: dict[str, str | Fact] = {"part.x": "on", "parts": "a, b"}
    less: dict[str, str | Fact] = {"parts": "a"}
    without, beyond = rows({"dev": part, "production": less}), rows({"dev": less, "production": part})
    assert [without[name].severity for name in ("part.x", "parts")] == [CRITICAL, CRITICAL]
    assert [beyond[name].severity for name in ("part.x", "parts")] == [WARNING, WARNING]
    other = rows({"dev": {"part.x": "1", "parts": "c"}, "production": {"part.x": "2", "parts": "a, b"}})
    assert [other[name].severity for name in ("part.x", "parts")] == [CRITICAL, CRITICAL]
    assert rows({"a": less, "b": part})["part.x"].severity is CRITICAL
    three = rows({"dev": less, "staging": part, "prod": less}, Policy(baseline="staging"))
    assert three["part.x"].severity is CRITICAL, "the name tells production, whatever the baseline"


def test_presence_has_its_own_severity() -> None:
    assert rows({"a": {"base.shop": "C"}, "b": {"base.shop": "en"}})["base.shop"].severity is WARNING
    assert rows({"a": {"base.shop": "C"}, "b": {}})["base.shop"].severity is INFO


def test_what_a_release_brings_along_is_folded_under_version() -> None:
    """Its absence, and a value that was left behind at an update, have their own rows."""
    brought, old = Fact("2", default=True), Fact("1", default=False)
    compared = rows(
        {"a": {"library.x": Fact("1", default=True), "library.y": brought}, "b": {"library.x": brought}}, version="1 2"
    )
    assert (compared["library.x"].verdict, compared["library.x"].explained_by) == (Verdict.IGNORED, "version")
    assert compared["library.y"].verdict is Verdict.DRIFT
    left = rows({"a": {"library.x": old}, "b": {"library.x": brought}}, version="1 2")["library.x"]
    assert (left.verdict, left.severity) == (Verdict.DRIFT, CRITICAL)
    same = rows({"a": {"library.x": Fact("1", default=True)}, "b": {"library.x": brought}}, version="1")["library.x"]
    assert same.verdict is Verdict.DRIFT


def test_override_has_severity_of_its_setting() -> None:
    """Only the user of a target makes it critical."""
    compared = rows(
        {"a": {"role.app.zone": "UTC", "role.app.timeout": "1", "role.bob.zone": "UTC", "role.app.any": "x"}, "b": {}}
    )
    assert {name: row.severity for name, row in compared.items() if row.verdict is Verdict.DRIFT} == {
        "role.app.zone": CRITICAL,
        "role.app.timeout": WARNING,
        "role.bob.zone": WARNING,
        "role.app.any": INFO,
    }


def test_same_value_by_server_and_by_override_is_no_drift() -> None:
    """The server's own value is hidden behind the override; a session gets the same everywhere."""
    hidden = Fact("5", state=State.UNKNOWN, note="set for the role")
    compared = rows({"a": {"timeout": "5"}, "b": {"timeout": hidden, "role.app.timeout": "5"}})
    assert {name: row.verdict for name, row in compared.items() if row.verdict is not Verdict.SAME} == {}
    other = rows({"a": {"timeout": "6"}, "b": {"timeout": hidden, "role.app.timeout": "5"}})
    assert (other["timeout"].verdict, other["role.app.timeout"].verdict) == (Verdict.UNKNOWN, Verdict.DRIFT)
    assert (other["timeout"].explained_by, other["timeout"].listed) == ("role.app.timeout", False)
    unknown = rows({"a": {"timeout": "5"}, "b": {"timeout": Fact(state=State.UNKNOWN)}})
    assert unknown["timeout"].verdict is Verdict.UNKNOWN


def test_connection_tls_is_no_setting_of_a_library() -> None:
    row = rows({"a": {"tls.version": "none"}, "b": {"tls.version": "TLSv1.3"}})["tls.version"]
    assert (row.severity, "library" in row.why) == (WARNING, False)


def test_reason_without_rule_is_asked_for() -> None:
    compared = rows({"a": {"limit": "1", "fsync": "on"}, "b": {"limit": "2", "fsync": "off"}})
    assert (compared["limit"].why, compared["fsync"].why) == ("refused", "lost")
    own = rows({"a": {"limit": "1"}, "b": {"limit": "2"}}, Policy(severities=(("thing.limit", WARNING),)))
    assert (own["limit"].severity, own["limit"].why) == (WARNING, "refused")

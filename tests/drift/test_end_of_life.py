"""Rows on release lines that end and on missing patches: alarms that stand even where all environments agree."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace

from parity_tui.cli import Exit
from parity_tui.cli.commands import exit_code
from parity_tui.config.eol_data import shipped
from parity_tui.drift.board import Board
from parity_tui.drift.end_of_life import outdated, outdated_note
from parity_tui.drift.policy import Expectation, Policy
from parity_tui.model import Failure, Reason, Severity, State, Verdict
from tests.drift.builders import board, listed, reading, row

TODAY = date(2026, 8, 24)


def policy(today: date = TODAY, **fields: Any) -> Policy:
    return Policy(today=today, lifecycle=shipped(), **fields)


def servers(*versions: str, product: str = "PostgreSQL", policy: Policy, package: str = "") -> Board:
    """Make a board of equally configured servers."""
    return board(*(reading({"zone": "a"}, each, product, package=package) for each in versions), policy=policy)


def test_latest_patch_of_living_line_gives_no_row() -> None:
    made = servers("16.15", "16.15", "16.15", policy=policy())
    assert listed(made) == []
    assert exit_code(made, "info") == Exit.PARITY


def test_unknown_product_or_version_gives_no_row() -> None:
    for product, version in (("Thing", "1.0"), ("PostgreSQL", "99.1"), ("PostgreSQL", ""), ("PostgreSQL", "devel")):
        assert listed(servers(version, version, product=product, policy=policy())) == []


def test_ended_line_is_drift_though_all_agree() -> None:
    made = servers("13.23", "13.23", "13.23", policy=policy())
    found = row(made, "end of life")
    assert (found.verdict, found.severity, found.odd) == (
        Verdict.DRIFT,
        Severity.CRITICAL,
        ("dev", "staging", "production"),
    )
    assert [cell.raw for cell in found.cells] == ["ended 2025-11-13"] * 3
    assert found.note == "PostgreSQL 13 has ended; facts of 2026-08-22"
    assert listed(made) == ["end of life"]
    assert exit_code(made, "critical") == Exit.DRIFT


def test_ended_line_outside_production_is_a_warning() -> None:
    found = row(servers("13.23", "13.23", "18.6", policy=policy()), "end of life")
    assert (found.severity, found.odd) == (Severity.WARNING, ("dev", "staging"))
    assert found.cells[2].raw == "until 2030-11-14"


@pytest.mark.parametrize(
    ("today", "text", "note"),
    [
        (date(2026, 5, 15), None, ""),
        (date(2026, 5, 16), "ends 2026-11-12", "PostgreSQL 14 ends in 180 days"),
        (date(2026, 11, 11), "ends 2026-11-12", "PostgreSQL 14 ends in 1 day"),
        (date(2026, 11, 12), "ended 2026-11-12", "PostgreSQL 14 has ended"),
    ],
)
def test_line_warns_from_180_days_before_its_end(today: date, text: str | None, note: str) -> None:
    made = servers("14.24", "14.24", policy=policy(today))
    if text is None:
        assert listed(made) == []
    else:
        found = row(made, "end of life")
        assert (found.cells[0].raw, found.note) == (text, f"{note}; facts of 2026-08-22")


def test_patches_behind_are_counted() -> None:
    found = row(servers("16.3", "16.15", policy=policy(date(2026, 10, 1))), "patches behind")
    assert (found.severity, found.odd) == (Severity.WARNING, ("dev",))
    assert [cell.raw for cell in found.cells] == ["12 behind 16.15", "latest"]


def test_new_patch_is_information_for_a_month() -> None:
    assert row(servers("16.14", "16.14", policy=policy()), "patches behind").severity is Severity.INFO
    assert row(servers("16.14", "16.14", policy=policy(date(2026, 9, 9))), "patches behind").severity is (
        Severity.WARNING
    )


def test_package_that_backports_is_behind_upstream_only() -> None:
    made = servers("15.3", "15.3", policy=policy(date(2026, 12, 1)), package="15.3-0+deb12u1")
    found = row(made, "patches behind")
    assert (found.cells[0].raw, found.severity) == ("16 behind 15.19, upstream", Severity.INFO)
    own = servers("15.3", "15.3", policy=policy(date(2026, 12, 1)), package="15.3-1.pgdg120+1")
    assert row(own, "patches behind").severity is Severity.WARNING


def test_old_facts_prove_nothing_about_living_lines() -> None:
    today = date(2027, 8, 23)
    assert listed(servers("18.6", "18.6", policy=policy(today))) == []
    found = row(servers("13.23", "18.6", policy=policy(today)), "end of life")
    assert found.cells[0].raw == "ended 2025-11-13"
    assert (found.cells[1].state, found.cells[1].note) == (State.UNKNOWN, "unknown since 2026-08-22")
    assert found.note.endswith("facts of 2026-08-22, too old to prove the others")
    note = outdated_note(outdated(shipped(), [reading({}, "18.6", "PostgreSQL"), reading()], today))
    assert note.startswith("end of life: unknown since 2026-08-22 for PostgreSQL; ")
    assert outdated(shipped(), [reading({}, "18.6", "PostgreSQL")], date(2027, 8, 22)) == {}


def test_expectation_accepts_an_ended_line() -> None:
    accept = Expectation("db", "end of life", "moves in spring", environments=("dev",))
    found = row(servers("13.23", "18.6", policy=policy(expectations=(accept,))), "end of life")
    assert (found.verdict, found.odd) == (Verdict.EXPECTED, ("dev",))
    both = row(servers("13.23", "13.23", policy=policy(expectations=(accept,))), "end of life")
    assert (both.verdict, both.odd) == (Verdict.DRIFT, ("production",))


def test_users_severity_counts() -> None:
    for severity, names in ((Severity.INFO, ["end of life"]), (Severity.IGNORED, [])):
        made = servers("13.23", "13.23", policy=policy(severities=(("database.end of life", severity),)))
        assert row(made, "end of life").severity is severity
        assert listed(made) == names


def test_failed_target_takes_no_part() -> None:
    away = Failure(Reason.REFUSED, "refused")
    found = row(board(reading({}, "13.23", "PostgreSQL"), away, policy=policy()), "end of life")
    assert (found.odd, found.cells[1].state) == (("dev",), State.UNKNOWN)
    assert "end of life" not in [each.setting for each in board(away, away, policy=policy()).sections[0].rows]


def test_other_kind_has_a_row_of_its_own() -> None:
    made = board(
        reading({}, "13.23", "PostgreSQL"),
        reading({}, "7.0.15", "Redis"),
        kinds="database other",
        policy=policy(),
    )
    rows = {each.kind: each for each in made.sections[0].rows if each.setting == "end of life"}
    assert [rows["database"].odd, rows["other"].odd] == [("dev",), ("production",)]
    assert rows["database"].cells[1].note == "another kind of service"


def test_board_without_facts_has_no_alarm() -> None:
    assert listed(servers("13.23", "13.23", policy=Policy(today=TODAY))) == []


def test_alarm_stays_one_row_after_another_setting_changes() -> None:
    made = servers("13.23", "13.23", policy=policy())
    old = next(made.outcomes())
    for zone in ("b", "c"):
        made = made.with_outcomes([replace(old, reading=reading({"zone": zone}, "13.23", "PostgreSQL"))])
        assert listed(made) == ["end of life", "zone"]


def test_alarm_begins_with_its_day() -> None:
    made = servers("14.24", "14.24", policy=policy(date(2026, 5, 15)))
    assert listed(made) == []
    assert listed(made.with_policy(policy(date(2026, 5, 16)))) == ["end of life"]


def test_every_product_of_the_table_is_known() -> None:
    versions = {
        "PostgreSQL": "15.18", "MySQL": "8.0.36", "MariaDB": "10.11.14", "Redis": "7.0.15", "Valkey": "8.1.1",
        "RabbitMQ": "3.10.8", "Memcached": "1.6.18", "nginx": "1.22.1", "Apache httpd": "2.4.62", "SQLite": "3.40.1",
        "Debian GNU/Linux": "12.5", "Ubuntu": "22.04.3", "Alpine Linux": "3.20.1", "Rocky Linux": "9.2",
        "AlmaLinux": "8.10", "Red Hat Enterprise Linux": "9.2", "Amazon Linux": "2023", "Fedora Linux": "42",
        "macOS": "14.1", "CPython": "3.11.2", "Node.js": "20.1.0", "Ruby": "3.3.1", "PHP": "8.2.7", "Go": "1.22.3",
        "Java": "17.0.2", "Erlang/OTP": "25.2.3",
    }  # fmt: skip
    assert [product for product, version in versions.items() if shipped().of(product, version) is None] == []

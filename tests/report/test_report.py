"""Reports: the content of each format, which no text from a server can break."""

from __future__ import annotations

import json
from contextlib import nullcontext
from datetime import UTC, datetime
from typing import Any, cast
from xml.etree import ElementTree

import pytest
from msgspec.structs import replace

from parity_tui.drift.board import Board
from parity_tui.drift.policy import Expectation, Policy
from parity_tui.model import (
    Fact,
    Failure,
    Outcome,
    Reading,
    Reason,
    Rule,
    Service,
    Severity,
    State,
    Target,
    ValueType,
)
from parity_tui.report import state_of
from parity_tui.report.json_report import to_json
from parity_tui.report.junit import to_junit
from parity_tui.report.markdown import to_markdown
from parity_tui.report.text import Style, to_text, width

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOSTILE = "\x1b[2J]]> </testcase> [red]| `x` \u202e 日本 \ud800"
KIND = Service(
    "Made up",
    ("made",),
    lambda target, dialer: cast(Any, nullcontext()),
    "none",
    (
        Rule("zone", Severity.CRITICAL, "Days shift."),
        Rule("limit", Severity.WARNING, "Too many.", type=ValueType.NUMBER),
        Rule("small", Severity.INFO, "Speed."),
        Rule("password", Severity.WARNING, "", type=ValueType.SECRET),
    ),
)


def facts(zone: str, **more: str | Fact) -> dict[str, Fact]:
    return {"zone": Fact(zone), **{n: f if isinstance(f, Fact) else Fact(f) for n, f in more.items()}}


def fleet(*zones: str, baseline: str = "") -> Board:
    """Return a board of environments with these zones, each named after its zone."""
    targets = [Target(zone, "cache", "made", host="h", port=1) for zone in zones]
    outcomes = [Outcome(target, Reading("Thing", "1.0", facts(target.environment))) for target in targets]
    return Board.of(zones, targets, {"made": KIND}, Policy(baseline)).with_outcomes(outcomes)


@pytest.fixture
def board() -> Board:
    """Return a board of three environments with a failure, a hidden setting and drift."""
    names = ("dev", "staging", "production")
    targets = [Target(n, s, "made", host="h", port=1) for s in ("database", "cache") for n in names]
    policy = Policy("production", (Expectation("database", "small", "laptops", ("dev",)),))
    secret = Fact("abcd1234", state=State.SECRET)
    hides = (("limit", "needs GRANT x"),)
    readings: dict[tuple[str, str], Reading | Failure] = {
        ("database", "dev"): Reading("Thing", "1.0", facts("Paris", small="1", password=secret), hides),
        ("database", "staging"): Reading("Thing", "1.0", facts("UTC", limit="5", small="2", password=secret)),
        ("database", "production"): Reading("Thing", "1.0", facts("UTC", limit="5", small="2", password=secret)),
        ("cache", "dev"): Failure(Reason.REFUSED, "h:1 refused the connection"),
        ("cache", "staging"): Reading("Thing", "1.0", facts(HOSTILE)),
        ("cache", "production"): Reading("Thing", "1.0", facts("UTC")),
    }
    outcomes = [
        Outcome(
            target,
            what if isinstance(what := readings[target.service, target.environment], Reading) else None,
            what if isinstance(what, Failure) else None,
            12.3,
        )
        for target in targets
    ]
    return Board.of(names, targets, {"made": KIND}, policy).with_outcomes(outcomes)


def test_json_has_the_documented_names(board: Board) -> None:
    """Scripts depend on them."""
    document = json.loads(to_json(board, NOON))
    assert (document["schema"], document["taken_at"]) == (1, "2026-11-23T12:00:00Z")
    assert (document["baseline"], document["environments"]) == ("production", ["dev", "staging", "production"])
    assert document["summary"] == {
        "critical": 2, "warning": 0, "info": 0, "expected": 1, "unknown": 1, "failed": 1,
    }  # fmt: skip
    database, cache = document["services"]
    assert cache["readings"]["dev"] == {
        "state": "failed", "kind": "made", "reason": "refused", "message": "h:1 refused the connection",
    }  # fmt: skip
    ok = database["readings"]["dev"]
    assert (ok["state"], ok["product"], ok["version"], ok["milliseconds"]) == ("ok", "Thing", "1.0", 12.3)
    zone = next(row for row in database["rows"] if row["setting"] == "zone")
    assert (zone["verdict"], zone["severity"], zone["odd"], zone["why"]) == (
        "drift", "critical", ["dev"], "Days shift.",
    )  # fmt: skip
    assert zone["values"]["dev"] == {"state": "value", "text": "Paris", "raw": "Paris"}
    limit = next(row for row in database["rows"] if row["setting"] == "limit")
    assert (limit["verdict"], limit["values"]["dev"]["state"]) == ("unknown", "hidden")
    assert limit["values"]["dev"]["note"] == "needs GRANT x"
    unread = next(row for row in cache["rows"] if row["setting"] == "zone")["values"]["dev"]
    assert unread == {"state": "unknown", "text": None, "raw": None, "reason": "refused"}


def test_json_escapes_raw_values_and_hides_secrets(board: Board) -> None:
    """Only lone surrogates change."""
    text = to_json(board, NOON, everything=True)
    assert text.isascii()
    document = json.loads(text)
    rows = {row["setting"]: row for row in document["services"][0]["rows"]}
    assert rows["password"]["values"]["dev"]["raw"] is None
    assert "abcd1234" not in text
    hostile = next(row for row in document["services"][1]["rows"] if row["setting"] == "zone")
    assert hostile["values"]["staging"]["raw"] == HOSTILE.replace("\ud800", r"\ud800")


def test_everything_includes_rows_that_agree(board: Board) -> None:
    """The summary does not depend on it."""
    some, everything = (json.loads(to_json(board, NOON, everything=flag)) for flag in (False, True))
    assert {row["setting"] for row in everything["services"][0]["rows"]} >= {"product", "version", "zone", "password"}
    assert {row["setting"] for row in some["services"][0]["rows"]} == {"zone", "limit", "small"}
    assert some["summary"] == everything["summary"]


@pytest.mark.parametrize("columns", [40, 80, 120, 200])
def test_text_fits_the_width_and_is_printable(board: Board, columns: int) -> None:
    text = to_text(board, Style(columns))
    assert all(width(line) <= columns for line in text.splitlines())
    assert all(line.isprintable() for line in text.splitlines())


def test_text_names_outlier_reason_and_failure(board: Board) -> None:
    text = to_text(board, Style(100))
    assert "Paris ◆" in text
    assert "Days shift." in text
    assert "refused the" in text
    assert "needs GRANT x" in text
    assert text.endswith("2 critical, 1 expected, 1 blind spot, 1 failed")


def test_text_without_unicode_is_ascii(board: Board) -> None:
    assert to_text(board, Style(80, unicode=False)).isascii()


def test_text_has_colours_only_on_request(board: Board) -> None:
    assert "\x1b" not in to_text(board, Style(80))
    assert "\x1b[1;31m" in to_text(board, Style(80, colour=True))


def test_markdown_has_a_table_for_each_service(board: Board) -> None:
    """Outliers are bold, hostile values escaped."""
    text = to_markdown(board)
    assert "| critical | `zone` | **Paris** | UTC | UTC | Days shift. |" in text
    widths = {line.replace("\\|", "").count("|") for line in text.splitlines() if line.startswith("|")}
    assert widths == {7}


def test_junit_maps_verdicts_to_results(board: Board) -> None:
    """Drift fails, unknown values are skipped, an unread target is an error."""
    root = ElementTree.fromstring(to_junit(board, Severity.WARNING))
    database, cache = root.findall("testsuite")
    assert (database.get("failures"), database.get("skipped"), cache.get("errors")) == ("1", "2", "1")
    assert database.get("tests") == str(len(database.findall("testcase")))
    failed = [case.get("name") for case in database.findall("testcase") if case.find("failure") is not None]
    assert failed == ["zone"]


def test_one_environment_is_never_called_parity() -> None:
    """Each format explains that nothing was compared."""
    alone = fleet("Paris")
    text, markdown = to_text(alone, Style(80)), to_markdown(alone)
    assert text.startswith("Paris: one environment: nothing to compare\n")
    assert text.endswith("? nothing to compare\n\nnothing was compared")
    assert "\nOne environment: nothing to compare. Nothing was compared.\n" in markdown
    assert "\nNothing to compare.\n" in markdown
    suite = ElementTree.fromstring(to_junit(alone, Severity.WARNING))[0]
    skipped = suite.find("testcase[@name='Paris is compared']/skipped")
    assert skipped is not None
    assert (suite.get("skipped"), skipped.get("message")) == ("1", "one environment: nothing to compare")
    for several in (to_text(fleet("UTC", "Oslo"), Style(80)), to_junit(fleet("UTC", "Oslo"), Severity.WARNING)):
        assert "compare" not in several


def test_markdown_counts_no_agreement_with_unread_environments() -> None:
    """As in the text."""
    targets = [Target(name, "cache", "made", host="h", port=1) for name in ("dev", "production")]
    failed = Outcome(targets[0], failure=Failure(Reason.REFUSED, "h:1 refused the connection"))
    board = Board.of(("dev", "production"), targets, {"made": KIND}, Policy())
    text = to_markdown(board.with_outcomes([failed, Outcome(targets[1], Reading("Thing", "1.0", facts("UTC")))]))
    assert "agree" not in text
    assert "\nNothing to compare.\n" in text


def test_heading_names_how_outliers_are_determined() -> None:
    """Two environments have no outlier without a baseline; names keep their case."""
    two = "No baseline; --baseline NAME sets one."
    assert two in to_markdown(fleet("UTC", "Oslo"))
    assert "UTC, Oslo: no baseline; --baseline NAME sets one" in to_text(fleet("UTC", "Oslo"), Style(100))
    assert "\nCompared with the baseline UTC. 1 critical.\n" in to_markdown(fleet("UTC", "Oslo", baseline="UTC"))
    assert "\nCompared with the majority. 1 critical.\n" in to_markdown(fleet("UTC", "Oslo", "Rome"))


@pytest.mark.parametrize(("note", "role"), [("standby", "a standby"), ("the address leads to a replica", "a replica")])
def test_server_that_is_no_primary_is_named(note: str, role: str) -> None:
    outcome = Outcome(Target("dev", "it", "made"), Reading("Made", "1.2", {}, notes=("no TLS", note)))
    assert state_of(outcome) == f"Made 1.2 ({role})"
    nodes = (outcome, outcome)
    assert state_of(replace(outcome, nodes=nodes)) == "Made 1.2"

"""What a watcher announces: each drift and outage once, and nothing that a failing server makes of it."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from parity_tui.daemon.event import Event
from parity_tui.daemon.standing import Standing
from parity_tui.drift.board import Board
from parity_tui.drift.policy import Expectation, Policy
from parity_tui.model import Failure, Reason, Rule, Severity
from tests.builders import Answer, board, reading, service

KINDS = {
    "made-up": service(
        Rule("zone", Severity.CRITICAL, "Days shift."),
        Rule("size", Severity.INFO, "It is larger.", by_value={"0": Severity.CRITICAL}),
    )
}
DOWN = Failure(Reason.REFUSED, "127.0.0.1:1 refused the connection")
ENVIRONMENTS = ("dev", "staging", "production")


def at(zones: Mapping[str, str | Failure], baseline: str = "production", **policy: object) -> Board:
    """Return the board of three environments with their zones; those that are left out have UTC."""
    answers: dict[str, Answer] = {}
    for name in ENVIRONMENTS:
        zone = zones.get(name, "UTC")
        answers[name] = zone if isinstance(zone, Failure) else reading({"zone": zone})
    return board(answers, KINDS, Policy(baseline, **policy))  # type: ignore[arg-type]


def told(standing: Standing, board: Board) -> list[str]:
    return [f"{each.kind} {each.text}" for each in standing.advance(board, 100.0)]


def test_drift_is_announced_once_until_it_is_resolved() -> None:
    standing = Standing()
    assert told(standing, at({})) == []
    assert told(standing, at({"dev": "CET"})) == ["new dev it zone: CET, production has UTC"]
    assert told(standing, at({"dev": "EET"})) == []
    assert told(standing, at({"dev": "EET", "staging": "CET"})) == [
        "worse dev, staging it zone: worse: EET / CET, production has UTC"
    ]
    assert told(standing, at({"dev": "EET"})) == []
    assert told(standing, at({})) == ["resolved dev it zone: no longer differs"]


def test_failing_server_neither_begins_nor_ends_a_drift() -> None:
    standing = Standing()
    told(standing, at({"dev": "CET"}))
    assert told(standing, at({"dev": DOWN})) == ["failed dev it: refused the connection"]
    assert told(standing, at({"dev": "CET"})) == ["recovered dev it: answers again after 1 s"]
    assert told(standing, at({"dev": "CET", "production": DOWN})) == ["failed production it: refused the connection"]
    assert told(standing, at({"dev": "CET"})) == ["recovered production it: answers again after 1 s"]
    assert told(standing, at({"dev": DOWN, "staging": "CET"})) == [
        "failed dev it: refused the connection",
        "worse staging it zone: worse: CET, production has UTC",
    ]


def test_environment_that_failed_does_not_worsen_a_drift() -> None:
    standing = Standing()
    told(standing, at({"dev": "CET", "staging": "CET"}))
    assert told(standing, at({"dev": "CET", "staging": DOWN})) == ["failed staging it: refused the connection"]
    assert told(standing, at({"dev": "CET", "staging": "CET"})) == ["recovered staging it: answers again after 1 s"]


def test_drift_ends_though_a_third_server_fails() -> None:
    standing = Standing()
    told(standing, at({"dev": "CET"}))
    assert told(standing, at({"staging": DOWN})) == [
        "failed staging it: refused the connection",
        "resolved dev it zone: no longer differs",
    ]


def test_majority_that_shifts_meanwhile_is_no_event() -> None:
    standing = Standing()
    told(standing, at({"dev": "CET"}, baseline=""))
    assert told(standing, at({"dev": "CET", "staging": DOWN}, baseline="")) == [
        "failed staging it: refused the connection"
    ]
    assert told(standing, at({"dev": "CET"}, baseline="")) == ["recovered staging it: answers again after 1 s"]


def test_expected_drift_is_resolved() -> None:
    standing = Standing()
    told(standing, at({"dev": "CET"}))
    meant = Expectation("it", "zone", "laptops travel", ("dev",))
    assert told(standing, at({"dev": "CET"}, expectations=(meant,))) == ["resolved dev it zone: no longer differs"]


def test_removed_service_ends_what_stands() -> None:
    standing = Standing()
    told(standing, at({"dev": "CET", "staging": DOWN}))
    other = Board.of(("dev",), (), {}, Policy())
    assert told(standing, other) == [
        "recovered staging it: no longer in the configuration",
        "resolved dev it zone: no longer in the configuration",
    ]


def test_end_has_the_worst_severity_that_was_announced() -> None:
    def sized(size: str) -> Board:
        return board(
            {"dev": reading({"size": size}), "production": reading({"size": "9"})}, KINDS, Policy("production")
        )

    standing, events = Standing(), list[Event]()
    for size in ("8", "0", "8", "9"):
        events += standing.advance(sized(size), 100.0)
    assert [(each.kind, each.severity) for each in events] == [
        ("new", "info"), ("worse", "critical"), ("resolved", "critical")
    ]  # fmt: skip


def test_state_survives_being_stored() -> None:
    standing = Standing()
    told(standing, at({"dev": "CET", "staging": DOWN}))
    stored = msgspec.json.decode(msgspec.json.encode(standing), type=Standing)
    assert stored == standing
    assert told(stored, at({"dev": "CET", "staging": DOWN})) == []

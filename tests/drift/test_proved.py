"""Property over all kinds: a setting that matters and is hidden somewhere, in any way, never leaves parity."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parity_tui.cli import Exit
from parity_tui.cli.commands import exit_code
from parity_tui.drift.board import Board
from parity_tui.drift.parity import proved
from parity_tui.drift.policy import Policy, is_glob
from parity_tui.drift.rules import RuleTable
from parity_tui.model import Fact, Failure, Outcome, Reading, Reason, Rule, Severity, State, Target
from parity_tui.report.json_report import document
from parity_tui.report.junit import to_junit
from parity_tui.report.markdown import to_markdown
from parity_tui.report.text import Style, to_text
from parity_tui.services import kinds

ENVIRONMENTS = ("dev", "staging", "production")
WAYS = ("fact", "name", "glob", "missing", "unknown", "target", "node")
DEFAULTS = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
WHY = "needs a right"


def significant(kind: str) -> list[str]:
    """Return the names of a kind's settings that matter; those of globs are made up."""
    table = RuleTable(kinds()[kind], kind)
    names = [rule.name.replace("*", "made-up").replace("?", "x") for rule in kinds()[kind].rules]
    rules = {name: table.rule(name) for name in names if name not in ("product", "version")}
    return [name for name, rule in rules.items() if rule.severity.rank <= Severity.WARNING.rank]


def value(rule: Rule, environment: int = 0) -> Fact:
    """Return a fact that the rule does not report by itself."""
    if rule.must_differ:
        return Fact(f"of environment {environment}")
    return Fact("1" if "1" not in rule.always_report else "2")


def whole(kind: str, names: Sequence[str], environment: int = 0) -> Reading:
    table = RuleTable(kinds()[kind], kind)
    return Reading("Thing", "1.0", {name: value(table.rule(name), environment) for name in names})


def hidden(reading: Reading, names: Sequence[str], way: str) -> Reading | Failure:
    """Return a reading that does not show these settings, or the failure."""
    rest = {name: fact for name, fact in reading.facts.items() if name not in names}
    missing = Reading(reading.product, reading.version, rest)
    with_facts = {**rest, **{name: Fact(state=State.HIDDEN, note=WHY) for name in names}}
    match way:
        case "fact":
            return Reading(reading.product, reading.version, with_facts)
        case "unknown":
            unread = {name: Fact(state=State.UNKNOWN, note="of this session") for name in names}
            return Reading(reading.product, reading.version, {**rest, **unread})
        case "name":
            return Reading(missing.product, missing.version, rest, tuple((name, WHY) for name in names))
        case "glob":
            globs = dict.fromkeys(f"{name[: len(name) // 2]}*" for name in names)
            shown = tuple((name, "") for name in rest)
            return Reading(missing.product, missing.version, rest, (*shown, *((glob, WHY) for glob in globs)))
        case "missing":
            return Reading(missing.product, missing.version, rest, (("*", WHY),))
    return Failure(Reason.REFUSED, "h:1 refused the connection")


def board(kind: str, readings: Sequence[Reading | Failure], nodes: bool) -> Board:
    """Make a board; with ``nodes`` every environment has a second node, which always answers."""
    targets: list[Target] = []
    outcomes: list[Outcome] = []
    answering = next((one for one in readings if isinstance(one, Reading)), whole(kind, ()))
    for name, answer in zip(ENVIRONMENTS, readings, strict=False):
        for node in ("a:1", "b:1") if nodes else ("",):
            target = Target(name, "service", kind, node=node)
            given = answering if node == "b:1" else answer
            read = isinstance(given, Reading)
            outcomes.append(Outcome(target, given if read else None, None if read else given))  # type: ignore[arg-type]
            targets.append(target)
    names = ENVIRONMENTS[: len(readings)]
    return Board.of(names, targets, {kind: kinds()[kind]}, Policy()).with_outcomes(outcomes)


def claims(made: Board) -> Iterator[str]:
    """Yield every output that claims parity."""
    if exit_code(made, "warning") is Exit.PARITY:
        yield "exit code"
    if proved(made):
        yield "the board's mark"
    for text in (to_text(made, Style(), everything=True), to_markdown(made)):
        if text.rstrip(".\n").split("\n")[-1].casefold().endswith("parity") or "\nParity." in text:
            yield text
    if "= " in "".join(line[:2] for line in to_text(made, Style()).split("\n")):
        yield "the mark of the text"
    for suite in ElementTree.fromstring(to_junit(made, Severity.WARNING)).iter("testsuite"):
        if not any(suite.findall(f"testcase/{tag}") for tag in ("failure", "error", "skipped")):
            yield "JUnit"
    summary = document(made, datetime.now(UTC))["summary"]
    if not any(summary[key] for key in ("critical", "warning", "unknown", "failed")):
        yield "JSON"


KINDS = [kind for kind in kinds() if significant(kind)]


@pytest.mark.parametrize("kind", KINDS)
@DEFAULTS
@given(data=st.data())
def test_hidden_settings_are_never_parity(kind: str, data: st.DataObject) -> None:
    names = significant(kind)
    read = data.draw(st.lists(st.sampled_from(names), min_size=1, unique=True), "read")
    blind = data.draw(st.lists(st.sampled_from(read), min_size=1, unique=True), "hidden")
    way = data.draw(st.sampled_from(WAYS), "way")
    count = data.draw(st.integers(2, 3), "environments")
    where = data.draw(st.sets(st.integers(0, count - 1), min_size=1), "where")
    full = [whole(kind, read, index) for index in range(count)]
    readings = [hidden(full[index], blind, way) if index in where else full[index] for index in range(count)]
    assert list(claims(board(kind, readings, way == "node"))) == []


@pytest.mark.parametrize("kind", KINDS)
def test_settings_all_seen_are_parity(kind: str) -> None:
    made = board(kind, [whole(kind, significant(kind), index) for index in range(3)], nodes=False)
    assert (exit_code(made, "info"), proved(made)) == (Exit.PARITY, True)
    assert to_text(made, Style()).endswith("\nparity")


@pytest.mark.parametrize("kind", KINDS)
def test_kind_that_shows_nothing_anywhere_is_one_blind_spot(kind: str) -> None:
    closed = Reading("Thing", "1.0", {}, (("*", WHY),))
    made = board(kind, [closed] * 2, nodes=False)
    (listed,) = [row for row in made.sections[0].rows if row.listed]
    named = {rule.name for rule in RuleTable(kinds()[kind], kind).named if not is_glob(rule.name)}
    assert named <= set(listed.members)
    assert f"hidden in any environment: {WHY}" in listed.note

"""A board as JUnit XML: one test case per row, so that a CI server shows drift as failed tests."""

from __future__ import annotations

from xml.etree import ElementTree

from parity_tui.drift.board import Board, Section
from parity_tui.drift.golden import Comparison, Status, key_of
from parity_tui.drift.parity import section_proved
from parity_tui.drift.row import Row
from parity_tui.drift.values import printable
from parity_tui.model import Severity, Verdict
from parity_tui.report import (
    Changes,
    agreement,
    comparable,
    headline,
    left_out,
    name_of,
    rows,
    since_of,
    state_of,
    value_of,
)

_NOT_GREEN = {"failure": "failures", "error": "errors", "skipped": "skipped"}
"""element of a test that is not green -> attribute that counts it"""


def to_junit(
    board: Board,
    fail_on: Severity,
    *,
    everything: bool = False,
    changes: Changes | None = None,
    compared: Comparison | None = None,
) -> str:
    """Return the board as XML; drift at or above ``fail_on`` is a failure, an unread target an error.

    With a golden file only what is new fails; what is unchanged or resolved is a skipped test case. A board of one
    environment gets a skipped test case that explains why nothing is compared.
    """
    root = ElementTree.Element("testsuites", name="parity-tui")
    for section in board.sections:
        _suite(root, board, section, fail_on, everything, changes or {}, compared)
    _golden_suite(root, compared)
    _left_out_suite(root, board)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True)


def _left_out_suite(root: ElementTree.Element, board: Board) -> None:
    """Add a skipped test case for each variable that is left out."""
    if not board.left_out:
        return
    suite = ElementTree.SubElement(root, "testsuite", name="left out")
    for item, sentence in zip(board.left_out, left_out(board), strict=True):
        case = _case(suite, "left_out", printable(f"{item.environment} {item.name}"))
        ElementTree.SubElement(case, "skipped", message=sentence)
    _count(suite)


def _golden_suite(root: ElementTree.Element, compared: Comparison | None) -> None:
    """Add a skipped test case for each difference that was approved and that the board does not have."""
    gone = compared.of(Status.RESOLVED, Status.UNKNOWN) if compared else ()
    if not gone:
        return
    suite = ElementTree.SubElement(root, "testsuite", name="golden file")
    for one in gone:
        case = _case(suite, "golden_file", printable(f"{one.row.service} {one.row.setting}"))
        ElementTree.SubElement(case, "skipped", message=f"{one.status.value}: {printable(one.message)}")
    _count(suite)


def _count(suite: ElementTree.Element) -> None:
    """Set the attributes that count the test cases of a suite."""
    for tag, name in _NOT_GREEN.items():
        suite.set(name, str(len(suite.findall(f"testcase/{tag}"))))
    suite.set("tests", str(len(suite.findall("testcase"))))


def _suite(
    root: ElementTree.Element,
    board: Board,
    section: Section,
    fail_on: Severity,
    everything: bool,
    changes: Changes,
    compared: Comparison | None,
) -> None:
    """Add one service: a test case for each target, and one for each row."""
    suite = ElementTree.SubElement(root, "testsuite", name=section.service)
    for environment, outcome in zip(board.environments, section.outcomes, strict=True):
        case = _case(suite, section.service, f"{environment} is read")
        for node in (outcome.nodes or (outcome,)) if outcome else ():
            if node.failure is not None:
                ElementTree.SubElement(case, "error", type=node.failure.reason, message=state_of(node))
    if not comparable(board):
        case = _case(suite, section.service, f"{' '.join(board.environments)} is compared")
        ElementTree.SubElement(case, "skipped", message=headline(board))
    approved = {one.key: one for one in compared.rows} if compared else {}
    for row in rows(section, everything):
        case, judged = _case(suite, section.service, name_of(row)), approved.get(key_of(row))
        if row.verdict is Verdict.DRIFT and judged and judged.status is not Status.NEW:
            message = f"{judged.status.value}: {printable(judged.message) or 'as approved'}"
            ElementTree.SubElement(case, "skipped", message=message)
        else:
            since = since_of(row, changes) if judged is None else f"{judged.status.value}: {printable(judged.message)}"
            _add_result(case, board, row, fail_on, since)
    if not section_proved(section) and not any(suite.findall(f"testcase/{tag}") for tag in _NOT_GREEN):
        case = _case(suite, section.service, "parity is proved")
        ElementTree.SubElement(case, "skipped", message=agreement(section))
    _count(suite)


def _case(suite: ElementTree.Element, service: str, name: str) -> ElementTree.Element:
    return ElementTree.SubElement(suite, "testcase", classname=f"parity.{service}", name=name)


def _add_result(case: ElementTree.Element, board: Board, row: Row, fail_on: Severity, since: str) -> None:
    """Fail the test case of a row that drifts enough, skip it if the drift is expected or a value unknown."""
    lines = [f"{name}: {value_of(row, index)}" for index, name in enumerate(board.environments)]
    values = "\n".join(filter(None, (*lines, since)))
    if row.verdict is Verdict.DRIFT and row.severity.rank <= fail_on.rank:
        message = f"{row.severity.value}: {printable(row.why) or 'the environments differ'}"
        ElementTree.SubElement(case, "failure", type=row.severity.value, message=message).text = values
    elif row.verdict in (Verdict.EXPECTED, Verdict.UNKNOWN):
        ElementTree.SubElement(case, "skipped", message=f"{row.verdict.value}: {printable(row.note)}")
    elif row.verdict is Verdict.DRIFT:
        ElementTree.SubElement(case, "system-out").text = values

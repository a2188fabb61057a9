"""Diagnoses of targets as text for a terminal and as JSON, schema 1."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

from msgspec.structs import asdict

from parity_tui.doctor import Diagnosis, HiddenSettings, Step, StepState, count
from parity_tui.drift.values import printable
from parity_tui.drift.words import plural
from parity_tui.report.json_report import dumped
from parity_tui.report.symbols import UNICODE
from parity_tui.report.text import Style, plain

SCHEMA = 1

_SYMBOLS = {"ok": UNICODE.ok, "partly": UNICODE.unknown, "failed": UNICODE.failed, "skipped": UNICODE.absent}
_COLOURS = {"ok": "32", "partly": "35", "failed": "1;31", "skipped": "2"}
_NAMES = 13
"""cells of the longest name of a step"""
_SHOWN = 5
"""names of hidden settings that are listed"""


def to_text(diagnosis: Diagnosis, style: Style) -> str:
    """Return the diagnosis of one target, ended by a line break."""
    text = "\n".join(line.rstrip() for line in _lines(diagnosis, style))
    return plain(text.rstrip("\n") + "\n", style)


def _lines(diagnosis: Diagnosis, style: Style) -> Iterator[str]:
    target = diagnosis.target
    address = target.address if target.host or target.path else ""
    title = "  ".join(filter(None, (f"{target.environment} {target.service}", diagnosis.product, address)))
    for line in textwrap.wrap(printable(title), style.width):
        yield style.paint(line, "1")
    for step in diagnosis.steps:
        yield from _step(step, style)
    for note in diagnosis.notes:
        yield from _wrapped(note, style, "    ")
    for hidden in diagnosis.hidden:
        yield from _hidden(hidden, style)
    if diagnosis.privilege:
        yield from _to_copy("minimum privileges", diagnosis.privilege)


def _step(step: Step, style: Style) -> Iterator[str]:
    time = "" if step.milliseconds is None else f"{step.milliseconds:.1f} ms"
    head = f"  {style.paint(_SYMBOLS[step.state], _COLOURS[step.state])} {step.name:<{_NAMES}} {time:>10}  "
    room = max(style.width - _NAMES - 17, 20)
    for at, line in enumerate(textwrap.wrap(printable(step.words), room) or [""]):
        yield f"{head if at == 0 else ' ' * (_NAMES + 17)}{line}"


def _hidden(hidden: HiddenSettings, style: Style) -> Iterator[str]:
    if not (counted := count([hidden])):
        yield from _wrapped(hidden.why, style, "    ")
        return
    names = ", ".join(hidden.settings[:_SHOWN]) + (f", {UNICODE.ellipsis}" if len(hidden.settings) > _SHOWN else "")
    why = hidden.why.removesuffix(hidden.remedy.rstrip(";")).removesuffix("needs ").removesuffix(": ")
    yield from _wrapped(f"{counted} hidden: {why or 'missing privilege'}", style, "    ")
    yield from _wrapped(names, style, "      ")
    if hidden.remedy:
        yield from _to_copy("run this to fix it", hidden.remedy)


def _to_copy(label: str, text: str) -> Iterator[str]:
    """Yield a label and text to copy, whose lines are never broken."""
    yield f"    {label}:"
    yield ""
    yield from (f"        {printable(line)}" for line in text.splitlines())
    yield ""


def _wrapped(text: str, style: Style, indent: str) -> Iterator[str]:
    yield from textwrap.wrap(
        printable(text), style.width, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False
    )


class LeftOut(Protocol):
    """What a dotenv file holds beside the targets, as the configuration describes it."""

    @property
    def environment(self) -> str:
        """Its environment."""

    @property
    def name(self) -> str:
        """The variable."""

    @property
    def reason(self) -> str:
        """Why it is left out."""


def conclusion(diagnoses: Iterable[Diagnosis], left_out: Sequence[LeftOut] = ()) -> str:
    """Return a summary of all diagnoses in words.

    >>> from parity_tui.model import Target
    >>> conclusion([Diagnosis(Target("dev", "db", "postgres"), StepState.OK, "", ()) for _ in range(2)])
    '2 targets: all ok'
    """
    states = [diagnosis.state for diagnosis in diagnoses]
    failed, partly = states.count(StepState.FAILED), states.count(StepState.PARTLY)
    if not failed and not partly and not left_out:
        return f"{len(states)} targets: all ok" if len(states) != 1 else "1 target: ok"
    words = (
        f"{failed} failed" if failed else "",
        f"{partly} partly visible" if partly else "",
        "" if failed or partly else "all ok",
        "".join(f"\n{item.environment}: {item.name} is left out: {item.reason}" for item in left_out),
    )
    return f"{plural(len(states), 'target')}: " + ", ".join(filter(None, words[:3])) + words[3]


def to_json(diagnoses: Iterable[Diagnosis], taken_at: datetime, left_out: Sequence[LeftOut] = ()) -> str:
    """Return all diagnoses as JSON text in ASCII."""
    document = {
        "schema": SCHEMA,
        "taken_at": taken_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "targets": [_target(diagnosis) for diagnosis in diagnoses],
        "left_out": [{"environment": item.environment, "name": item.name, "reason": item.reason} for item in left_out],
    }
    return dumped(document)


def _target(diagnosis: Diagnosis) -> dict[str, Any]:
    target = diagnosis.target
    return {
        "environment": target.environment,
        "service": target.service,
        "node": target.node or None,
        "kind": target.kind,
        "address": target.address,
        "state": diagnosis.state,
        "product": diagnosis.product or None,
        "steps": [asdict(step) for step in diagnosis.steps],
        "hidden": [asdict(hidden) for hidden in diagnosis.hidden],
        "privilege": diagnosis.privilege or None,
        "notes": list(diagnosis.notes),
    }

"""What the doctor has found, as text for a terminal and as JSON, schema 1."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from msgspec.structs import asdict

from parity_tui.doctor import Diagnosis, HiddenSettings, Step, count
from parity_tui.drift.values import printable
from parity_tui.report.json_report import dumped
from parity_tui.report.text import Style, plain

SCHEMA = 1

_MARKS = {"ok": "✓", "partly": "?", "failed": "✗", "skipped": "–"}
_COLOURS = {"ok": "32", "partly": "35", "failed": "1;31", "skipped": "2"}
_NAMES = 13
"""cells of the longest name of a step"""
_SHOWN = 5
"""names of hidden settings that are told"""


def to_text(checkup: Diagnosis, style: Style) -> str:
    """Return what there is to say of one target, ending with a line break."""
    text = "\n".join(line.rstrip() for line in _lines(checkup, style))
    return plain(text.rstrip("\n") + "\n", style)


def _lines(checkup: Diagnosis, style: Style) -> Iterator[str]:
    """Yield the lines."""
    target = checkup.target
    where = target.address if target.host or target.path else ""
    title = "  ".join(filter(None, (f"{target.environment} {target.service}", checkup.product, where)))
    for line in textwrap.wrap(printable(title), style.width):
        yield style.paint(line, "1")
    for step in checkup.steps:
        yield from _step(step, style)
    for note in checkup.notes:
        yield from _wrapped(note, style, "    ")
    for blind in checkup.blind:
        yield from _blind(blind, style)
    if checkup.remedy:
        yield from _copy("the least that shows everything, to be copied", checkup.remedy)


def _step(step: Step, style: Style) -> Iterator[str]:
    """Yield the lines of a step: its mark, its name, its time, its words."""
    time = "" if step.milliseconds is None else f"{step.milliseconds:.1f} ms"
    head = f"  {style.paint(_MARKS[step.state], _COLOURS[step.state])} {step.name:<{_NAMES}} {time:>10}  "
    room = max(style.width - _NAMES - 17, 20)
    for at, line in enumerate(textwrap.wrap(printable(step.words), room) or [""]):
        yield f"{head if at == 0 else ' ' * (_NAMES + 17)}{line}"


def _blind(blind: HiddenSettings, style: Style) -> Iterator[str]:
    """Yield what cannot be seen, why, and what would show it."""
    names = ", ".join(blind.settings[:_SHOWN]) + (", …" if len(blind.settings) > _SHOWN else "")
    why = blind.why.removesuffix(blind.remedy.rstrip(";")).removesuffix("needs ").removesuffix(": ")
    yield from _wrapped(f"{count([blind])} not seen: {why or 'a right is missing'}", style, "    ")
    yield from _wrapped(names, style, "      ")
    if blind.remedy:
        yield from _copy("to be copied", blind.remedy)


def _copy(words: str, text: str) -> Iterator[str]:
    """Yield text to copy: its lines are never broken."""
    yield f"    {words}:"
    yield ""
    yield from (f"        {printable(line)}" for line in text.splitlines())
    yield ""


def _wrapped(words: str, style: Style, indent: str) -> Iterator[str]:
    """Yield words in lines."""
    words = printable(words)
    yield from textwrap.wrap(
        words, style.width, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False
    )


def conclusion(checkups: Iterable[Diagnosis]) -> str:
    """Say how all of them stand.

    >>> from parity_tui.model import Target
    >>> conclusion([Diagnosis(Target("dev", "db", "postgres"), "ok", "", ()) for _ in range(2)])
    'all 2 targets are well'
    """
    states = [checkup.state for checkup in checkups]
    failed, partly = states.count("failed"), states.count("partly")
    if not failed and not partly:
        return f"all {len(states)} targets are well" if len(states) != 1 else "the one target is well"
    words = (f"{failed} cannot be read" if failed else "", f"{partly} not wholly seen" if partly else "")
    return f"of {len(states)} targets: " + ", ".join(filter(None, words))


def to_json(checkups: Iterable[Diagnosis], taken_at: datetime) -> str:
    """Return all of it as JSON text, in plain ASCII."""
    document = {
        "schema": SCHEMA,
        "taken_at": taken_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "targets": [_target(checkup) for checkup in checkups],
    }
    return dumped(document)


def _target(checkup: Diagnosis) -> dict[str, Any]:
    """Return one target."""
    target = checkup.target
    return {
        "environment": target.environment,
        "service": target.service,
        "node": target.node or None,
        "kind": target.kind,
        "address": target.address,
        "state": checkup.state,
        "product": checkup.product or None,
        "steps": [asdict(step) for step in checkup.steps],
        "hidden": [asdict(blind) for blind in checkup.blind],
        "privilege": checkup.remedy or None,
        "notes": list(checkup.notes),
    }

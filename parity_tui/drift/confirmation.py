"""Recognizes a board that only confirms the one before: nothing new but the times of its readings."""

from __future__ import annotations

from msgspec.structs import replace

from parity_tui.drift.board import Board, Section
from parity_tui.model import Outcome


def confirms(before: Board, after: Board) -> bool:
    """Return whether two boards differ in the times of their readings only.

    A board keeps the objects of rows and readings that did not change: these are compared by identity.
    """
    return (
        before.environments == after.environments
        and before.policy == after.policy
        and before.left_out == after.left_out
        and len(before.sections) == len(after.sections)
        and all(map(_section_confirms, before.sections, after.sections))
    )


def _section_confirms(old: Section, new: Section) -> bool:
    if new is old:
        return True
    return (
        new.service == old.service and new.rows is old.rows and all(map(_outcome_confirms, old.outcomes, new.outcomes))
    )


def _outcome_confirms(old: Outcome | None, new: Outcome | None) -> bool:
    if old is None or new is None or old is new:
        return old is new
    timed = replace(old, at=new.at, milliseconds=new.milliseconds, nodes=new.nodes)
    nodes = len(old.nodes) == len(new.nodes) and all(map(_outcome_confirms, old.nodes, new.nodes))
    return new.reading is old.reading and timed == new and nodes

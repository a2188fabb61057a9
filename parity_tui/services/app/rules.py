"""Severity, type and reason of every setting."""

from __future__ import annotations

from parity_tui.model import Rule, Severity, ValueType

W, I, N = Severity.WARNING, Severity.INFO, Severity.IGNORED  # noqa: E741

RULES = (
    Rule("version", N, "For the head of the pane; the rows `revision` and `release` compare."),
    Rule(
        "revision",
        I,
        "Other code runs here: what was tested is not what runs.",
        ValueType.REVISION,
        explained_by="",
    ),
    Rule(
        "release",
        I,
        "Another version of the app, by its own name for it.",
        ValueType.REVISION,
        derived=True,
        explained_by="revision",
    ),
    Rule(
        "built",
        I,
        "One revision was built twice: dependencies and base images may differ.",
        derived=True,
        explained_by="revision",
    ),
    Rule(
        "uncommitted changes",
        W,
        "The build has changes that no commit has, so it cannot be made again.",
        ValueType.BOOL,
        always_report=("yes",),
        explained_by="",
    ),
    Rule("source", I, "Built from another repository.", explained_by=""),
    Rule("image", I, "Another build of the image.", derived=True, explained_by="revision"),
    Rule("committed", N, "It follows from the revision."),
    Rule("running since", N, "Each environment has its own."),
    Rule("deployed", N, "Each environment has its own."),
    Rule("deployed by", N, "Each environment has its own."),
)

"""The rule that compares ledgers of migrations, and the words for one that our rights do not show."""

from __future__ import annotations

from parity_tui.drift.ledgers import compare_ledgers
from parity_tui.model import HiddenGroup, Rule, Severity

RULE = Rule(
    "migrations (*)",
    Severity.CRITICAL,
    "Another schema: the same code finds other tables and columns.",
    explained_by="",
    compare=compare_ledgers,
)

HIDDEN = HiddenGroup("migrations (*)", "needs GRANT {rights} TO {user}", "GRANT {rights} TO {user};")
"""`{rights}` and `{user}` are quoted as SQL requires"""

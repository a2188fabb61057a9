"""The characters that carry meaning beside colour, for the report and the board, and their ASCII forms."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from parity_tui.drift.changes import Change, ChangeKind
from parity_tui.drift.row import Row
from parity_tui.model import Severity, Verdict

_LOCALE = ("LC_ALL", "LC_CTYPE", "LANG")
"""variables that name the locale, the most important first"""


class Symbols(Struct, frozen=True):
    """One set of characters: each takes one cell, in ASCII at most two."""

    critical: str = "‼"
    warning: str = "!"
    info: str = "·"
    expected: str = "~"
    unknown: str = "?"
    same: str = "="
    outlier: str = "◆"
    live: str = "●"
    reading: str = "○"
    failed: str = "✗"
    stale: str = "◌"
    ok: str = "✓"
    absent: str = "–"
    ellipsis: str = "…"
    dash: str = "—"
    bullet: str = "•"
    arrow: str = "→"
    newline: str = "⏎"
    before: str = "‹"
    after: str = "›"
    unfolded: str = "▾"
    folded: str = "▸"
    bar: str = "│"
    rule: str = "─"

    @property
    def ascii(self) -> bool:
        """Whether only ASCII is shown."""
        return self.rule.isascii()

    def text(self, text: str) -> str:
        r"""Return text that a terminal with these symbols can show.

        >>> ASCII.text("UTC → 日本"), UNICODE.text("UTC → 日本")
        ('UTC -> \\u65e5\\u672c', 'UTC → 日本')
        """
        return _escaped(text, _BOARD_FORMS) if self.ascii and not text.isascii() else text

    def severity(self, severity: Severity) -> str:
        """Return the symbol of a severity, a blank for ignored settings."""
        return " " if severity is Severity.IGNORED else str(getattr(self, severity.value))

    def change(self, change: Change) -> str:
        """Return the symbol in front of an event: of an outage or its end, else of the severity."""
        if change.kind.outage:
            return self.failed if change.kind is ChangeKind.FAILED else self.ok
        return self.severity(change.severity)

    def row(self, row: Row) -> str:
        """Return the symbol in front of a row."""
        if row.verdict is Verdict.DRIFT:
            return self.severity(row.severity)
        return " " if row.verdict is Verdict.IGNORED else str(getattr(self, row.verdict.value))


UNICODE = Symbols()
ASCII = Symbols(
    critical="!!",
    info=".",
    outlier="<>",
    live="@",
    reading="o",
    failed="x",
    stale="%",
    ok="+",
    absent="-",
    ellipsis="..",
    dash="-",
    bullet="*",
    arrow="->",
    newline="/",
    before="<<",
    after=">>",
    unfolded="v",
    folded=">",
    bar="|",
    rule="-",
)

LEGEND = (
    ("critical", "critical: the same code can fail, lose data or give different results"),
    ("warning", "warning: can fail under load, over time or on failover"),
    ("info", "info: capacity, observability, appearance"),
    ("expected", "expected: drift accepted by the configuration"),
    ("unknown", "hidden or unknown: never counted as the same"),
    ("same", "the same everywhere"),
    ("outlier", "after a value: differs from the baseline or the majority"),
    ("live", "live"),
    ("reading", "pending: first reading"),
    ("stale", "stale: last known values, with their age"),
    ("failed", "failed: did not answer"),
)
"""Names of symbols and their meaning, as the help lists them."""

_FORMS = {getattr(UNICODE, name): getattr(ASCII, name) for name in Symbols.__struct_fields__}
_BOARD_FORMS = {character: form for character, form in _FORMS.items() if not character.isascii()}
# The report escapes all characters but these: its format is fixed.
_REPORT_NAMES = ("critical", "info", "outlier", "ok", "failed", "absent", "ellipsis", "dash")
_REPORT_FORMS = {getattr(UNICODE, name): getattr(ASCII, name) for name in _REPORT_NAMES} | {"•••": "***"}

ONE_CELL = str.maketrans("", "", "".join(_REPORT_FORMS))
"""Removes the symbols of the report from a text: each takes one cell, whatever width tables say."""


def shows_unicode(environ: Mapping[str, str]) -> bool:
    """Return whether the locale of the terminal is UTF-8: Python's UTF-8 mode says nothing about the terminal.

    >>> shows_unicode({"LANG": "de_DE.UTF-8"}), shows_unicode({"LC_ALL": "C", "LANG": "de_DE.UTF-8"}), shows_unicode({})
    (True, False, False)
    """
    locale = next((environ[name] for name in _LOCALE if environ.get(name)), "")
    return "utf8" in locale.lower().replace("-", "")


def wants_colour(environ: Mapping[str, str], terminal: bool) -> bool:
    """Return whether text has colours: NO_COLOR wins, FORCE_COLOR and CLICOLOR_FORCE reach pipes too.

    >>> wants_colour({"FORCE_COLOR": "1"}, False), wants_colour({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False)
    (True, False)
    """
    if environ.get("NO_COLOR"):
        return False
    if any(environ.get(name, "").lower() not in ("", "0", "false") for name in ("FORCE_COLOR", "CLICOLOR_FORCE")):
        return True
    return terminal and environ.get("TERM", "") not in ("", "dumb", "unknown")


def report_ascii(text: str) -> str:
    r"""Return the text of a report in ASCII.

    >>> report_ascii("‼ TimeZone ••• …"), report_ascii("a → b")
    ('!! TimeZone *** ..', 'a \\u2192 b')
    """
    return _escaped(text, _REPORT_FORMS)


def _escaped(text: str, forms: dict[str, str]) -> str:
    for character, form in forms.items():
        text = text.replace(character, form)
    return text.encode("ascii", "backslashreplace").decode("ascii")

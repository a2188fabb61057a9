"""The characters that carry meaning beside colour, and the plain ones for a terminal without UTF-8."""

from __future__ import annotations

from msgspec import Struct

from parity_tui.drift.row import Row
from parity_tui.model import Severity, Verdict

_PLAIN = str.maketrans(
    {
        "–": "-",
        "…": ">",
        "→": ">",
        "•": "*",
        "·": "-",
        "‼": "!",
        "◆": "<",
        "▾": "v",
        "▸": ">",
        "⏎": "/",
        "‹": "<",
        "›": ">",
    }
)


class Symbols(Struct, frozen=True):
    """One set of characters, each one cell wide."""

    critical: str = "‼"
    warning: str = "!"
    info: str = "·"
    expected: str = "~"
    unknown: str = "?"
    same: str = "="
    odd: str = "◆"
    opened: str = "▾"
    folded: str = "▸"
    live: str = "●"
    reading: str = "○"
    failed: str = "✗"
    stale: str = "◌"
    bar: str = "│"
    rule: str = "─"
    cross: str = "┼"
    dots: str = "…"
    plain: bool = False
    """only ASCII can be shown"""

    def text(self, text: str) -> str:
        r"""Return text that this terminal can show.

        >>> ASCII.text("UTC → 日本"), UNICODE.text("UTC → 日本")
        ('UTC > \\u65e5\\u672c', 'UTC → 日本')
        """
        if not self.plain or text.isascii():
            return text
        return text.translate(_PLAIN).encode("ascii", "backslashreplace").decode("ascii")

    def severity(self, severity: Severity) -> str:
        """Return the mark of a severity, a blank for what is ignored."""
        return {Severity.CRITICAL: self.critical, Severity.WARNING: self.warning, Severity.INFO: self.info}.get(
            severity, " "
        )

    def of(self, row: Row) -> str:
        """Return the mark in front of a row."""
        if row.verdict is Verdict.DRIFT:
            return self.severity(row.severity)
        return {Verdict.EXPECTED: self.expected, Verdict.UNKNOWN: self.unknown, Verdict.SAME: self.same}.get(
            row.verdict, " "
        )


UNICODE = Symbols()
ASCII = Symbols(
    critical="#",
    info="-",
    odd="<",
    opened="v",
    folded=">",
    live="*",
    reading="o",
    failed="x",
    stale="~",
    bar="|",
    rule="-",
    cross="+",
    dots=">",
    plain=True,
)

LEGEND = (
    ("critical", "critical: the same code can fail, lose data or return something else"),
    ("warning", "warning: it can fail under load, in time or on failover"),
    ("info", "info: capacity, observability, looks"),
    ("expected", "expected: drift that the configuration says is meant to be"),
    ("unknown", "cannot see: not read, or hidden by rights; never counted as same"),
    ("same", "the same everywhere"),
    ("odd", "behind a value: this environment is the odd one out"),
    ("live", "live"),
    ("reading", "being read for the first time"),
    ("stale", "stale: the last values known, with their age"),
    ("failed", "failed: could not be read"),
)

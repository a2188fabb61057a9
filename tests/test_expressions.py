"""No regular expression of the package takes more than linear time on texts of its own worst letters."""

from __future__ import annotations

import re
import time
from itertools import islice

import pytest

from parity_tui.config import dsn
from parity_tui.secrets import spans
from parity_tui.services.app import normalize as app
from parity_tui.services.env import normalize as env
from parity_tui.transport.foreign import foreign
from tests.expressions import Use, attacks, uses
from tests.faults.stalls import unit

TINY, SMALL, LARGE = 22, 8_000, 1_000_000
_USUAL = 0.012
LIMIT = 0.05
"""seconds of CPU time of a usual machine, beyond those of a plain scan of the same text"""
PLAIN = re.compile("\x01"), "search"
PER_MATCH = 1e-6
"""seconds that Python takes to hand over each of many matches"""
PER_LETTER = 1e-6
"""seconds: a slower expression is not linear on SMALL"""
HEAVIEST = 1
"""texts that take longest with SMALL and are tried with LARGE"""
CUT = {
    **dict.fromkeys(
        (f"parity_tui.secrets.{name}" for name in ("detect", "patterns", "signs", "spans", "web")), spans.LONGEST
    ),
    "parity_tui.config.dsn": dsn.LONGEST,
    "parity_tui.config.targets.url_options": 300,
    "parity_tui.services.runtime.normalize": 200,
    "parity_tui.services.app.normalize": app.LONGEST,
    "parity_tui.services.env.normalize": env.LONGEST,
    "parity_tui.services.env.parse": env.LONGEST,
    "parity_tui.services.rabbitmq.parse.objects": 1000,
    "parity_tui.services.http.normalize": 16 * 1024,  # h11 takes no more
    "parity_tui.transport.command": 4000,
    "parity_tui.transport.ssh.connection": 16 * 1024,
}
"""modules whose expressions see only this much of a text"""
SLOWER = {"parity_tui.config.toml_document": 10, "parity_tui.services.apache.parse.redaction": 4}
"""factors for long alternatives, on one line of a configuration and on one argument of a directive"""

USES = {use: module for use, module in uses().items() if not module.startswith("parity_tui.demo")}


def cost(use: Use, text: str) -> float:
    """Return the CPU time of one call, without that for handing over matches."""
    pattern, method = use
    started, matches = time.process_time(), 0
    if method in ("match", "search", "fullmatch"):
        getattr(pattern, method)(text)
    else:
        matches = sum(1 for _ in pattern.finditer(text))
    return time.process_time() - started - matches * PER_MATCH


def best(use: Use, text: str) -> float:
    """Return the least of several costs on a usual machine, without that of a plain scan.

    A busy machine counts for nothing, and one that is slow at present, because its caches are shared, is not blamed.
    """
    plain = min(cost(PLAIN, text) for _ in range(3))
    return (min(cost(use, text) for _ in range(5)) - plain) / max(1, unit() / _USUAL)


def problems(use: Use, longest: int, factor: float) -> list[str]:
    """Return the texts on which an expression takes too long."""
    for text in attacks(use[0], TINY):
        if cost(use, text) > LIMIT and best(use, text) > LIMIT:
            return [f"exponential on {text!r}"]
    costs = []
    for number, text in enumerate(attacks(use[0], min(SMALL, longest))):
        if (spent := cost(use, text)) > PER_LETTER * SMALL * factor:
            spent = best(use, text)
        if spent > PER_LETTER * SMALL * factor:
            return [f"{spent:.3f} s for {len(text)} letters like {text[:40]!r}"]
        costs.append((spent, number))
    heaviest = {number for _, number in sorted(costs)[-HEAVIEST:]}
    found = []
    for number, text in enumerate(islice(attacks(use[0], min(LARGE, longest)), len(costs))):
        if number in heaviest and cost(use, text) > LIMIT * factor and (spent := best(use, text)) > LIMIT * factor:
            found.append(f"{spent:.3f} s for {len(text)} letters like {text[:40]!r}")
    return found


@pytest.mark.parametrize(
    ("use", "module"), USES.items(), ids=lambda part: part[11:] if isinstance(part, str) else part[1]
)
def test_expression_takes_linear_time(use: Use, module: str) -> None:
    assert problems(use, CUT.get(module, LARGE), SLOWER.get(module, 1)) == [], use[0].pattern


@pytest.mark.parametrize("pattern", [r"://[^/\s]*:[^/\s]*@", r"\s*=\s*x", r"\d+\.\d+", r"(a+)+b"])
def test_expression_that_is_not_linear_is_noticed(pattern: str) -> None:
    assert problems((re.compile(pattern), "search"), SMALL // 2, 1)


def test_foreign_message_is_cut() -> None:
    text = foreign("://" + "a" * 200_000)
    assert len(text) < 1100
    assert text.endswith("…")

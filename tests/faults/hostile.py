"""Hostile text: a board full of it, and servers that send it. ``python -m tests.faults.hostile`` shows the board."""

from __future__ import annotations

import re
import socketserver
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime

from parity_tui import ui
from parity_tui.drift.board import Board
from parity_tui.model import Fact, Failure, Outcome, Reading, Reason, Rule, Service, Severity, State, Target, ValueType
from parity_tui.report.json_report import to_json
from parity_tui.report.markdown import to_markdown
from tests.builders import board, target
from tests.ui.boards import connect
from tests.ui.sources import FakeSource

EVIL = (
    "\x1b]0;owned\x07", "\x1b]52;c;b3duZWQ=\x07", "\x1b[2J\x1b[666;1H", "\x1b[31mred", "\x9b31mc1", "\x9d0;c1\x9c",
    "nul\x00", "bell\x07", "\b\b\b\x7f", "\u202egnp.exe", "\u2066isolated\u2069", "zero\u200bwidth\ufeff",
    "tag\U000e0041", "two\nlines\r\nthree\u2028four\x85", "\ttab", "[/oops] [red]x[/] [@click=app.quit]click[/]",
    "<script>|`*_",
    "\udcff\udc80", "\ud800", "e\u0301\u0301\u0301", "日本語" * 40, "\x1bP+q\x1b\\", "\x1b_Ga=T\x1b\\", "",
)  # fmt: skip
"""one example of each attack"""

MEGABYTE = "\x1b]0;owned\x07" + "m" * 1_000_000

OBEYED = re.compile(
    rb"[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\x8b-\x8f\xa8-\xae]|\xe2\x81[\xa0-\xaf]|\xef\xbb\xbf"
    rb"|\xf3\xa0[\x80-\x81]|\xed[\xa0-\xbf]"
)
"""bytes that a terminal obeys or hides: controls but tab and newline, C1, bidi, zero width, tags, surrogates"""

OURS = re.compile(
    rb"\x1b\[[?<>=]?[\d;:]*[$]?[A-Za-z]|\x1b[78=>]|\x1b\](?:22;[a-z]*|52;c;[\w+/=]*)(?:\x07|\x1b\\)|[\r\n]|\x1b\[[?]\d+\$p"
)
"""the board's own sequences: CSI, copies to the clipboard, line ends"""

KIND = Service(
    title="Evil",
    schemes=("evil",),
    connect=connect,
    privilege="none",
    rules=(Rule("*", Severity.CRITICAL, "It matters."),),
)


def hostile_reading(environment: str, settings: int = 200) -> Reading:
    """Return a reading with every hostile text in every field that a server can fill."""
    facts: dict[str, Fact] = {}
    for number, text in enumerate(EVIL):
        evil = f"{text}{environment}"
        facts[text] = Fact(evil, source=evil, description=evil, note=evil)
        facts[f"named {number:02}{text}"] = Fact(evil, canonical=evil)
        for kind in ValueType:
            facts[f"{kind.value}{number:02}{text}"] = Fact(evil, kind, unit=text, state=(State.VALUE))
    facts["megabyte"] = Fact(MEGABYTE if environment == "staging" else environment, source=MEGABYTE)
    facts |= {f"{EVIL[2]}{number:06}": Fact(f"{EVIL[1]}{environment}") for number in range(settings)}
    text = "".join(EVIL)
    hidden = ((f"hidden{text}", text),)
    return Reading(
        f"P{text}", f"1{text}{environment}", facts, hidden, notes=(text, MEGABYTE), address=text, instance=text
    )


def hostile_board(settings: int = 200) -> Board:
    """Return a board where only the names of environments and services are harmless."""
    environments = ("dev", "staging", "production")
    targets = [target(name, service=service, kind="evil") for name in environments for service in ("one", "two")]
    empty = board([(each, None) for each in targets], {"evil": KIND})
    return empty.with_outcomes([hostile_outcome(each, settings) for each in targets])


def hostile_outcome(target: Target, settings: int) -> Outcome:
    """Return a hostile reading, or for one of the targets a hostile error."""
    if (target.environment, target.service) == ("production", "two"):
        return Outcome(target, failure=Failure(Reason.SERVER, "no " + "".join(EVIL)), at=time.time())
    environment = "" if target.environment == "dev" else target.environment
    return Outcome(target, hostile_reading(environment, settings), at=time.time(), milliseconds=1.0)


class RedisHandler(socketserver.StreamRequestHandler):
    """Answers as Redis does, with the server's `answers`."""

    def handle(self) -> None:
        while (line := self.rfile.readline()).startswith(b"*"):
            words = []
            for _ in range(int(line[1:])):
                size = int(self.rfile.readline()[1:])
                words.append(self.rfile.read(size + 2)[:-2].upper())
            answer = self.server.answers.get(words[0], b"+OK\r\n")  # type: ignore[attr-defined]
            self.wfile.write(answer)


class MemcachedHandler(socketserver.StreamRequestHandler):
    """Answers as Memcached does, with the server's `answers`."""

    def handle(self) -> None:
        while line := self.rfile.readline():
            self.wfile.write(self.server.answers.get(line.strip(), b"ERROR\r\n"))  # type: ignore[attr-defined]


def bulk(raw: bytes) -> bytes:
    return b"$%d\r\n%s\r\n" % (len(raw), raw)


def redis_answers(facts: Mapping[bytes, bytes], info: bytes) -> dict[bytes, bytes]:
    words = [word for pair in facts.items() for word in pair]
    config = b"*%d\r\n%s" % (len(words), b"".join(map(bulk, words)))
    return {b"INFO": bulk(info), b"CONFIG": config}


def memcached_answers(facts: Mapping[bytes, bytes], version: bytes) -> dict[bytes, bytes]:
    lines = b"".join(b"STAT %s %s\r\n" % pair for pair in facts.items())
    return {b"stats": b"STAT version %s\r\nEND\r\n" % version, b"stats settings": lines + b"END\r\n"}


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    answers: Mapping[bytes, bytes] = {}


@contextmanager
def serving(handler: type[socketserver.StreamRequestHandler], answers: Mapping[bytes, bytes]) -> Iterator[int]:
    """Serve on a free port of 127.0.0.1, and yield it."""
    with _Server(("127.0.0.1", 0), handler) as server:
        server.answers = answers
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


def main() -> int:
    """Show the board; the argument is the number of further settings."""
    hostile = hostile_board(int(sys.argv[1]) if sys.argv[1:] else 200)
    exports = {"md": to_markdown, "json": lambda board: to_json(board, datetime.now(UTC))}
    wiring = ui.BoardServices(remediate=lambda row, index: "".join(EVIL), exports=exports, notes=("".join(EVIL),))
    return ui.run(FakeSource([hostile]), board=hostile, services=wiring)


if __name__ == "__main__":
    sys.exit(main())

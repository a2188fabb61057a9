"""The steps on the way to a target, and what became of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from parity_tui.doctor.hidden import HiddenSettings, count
from parity_tui.model import Failure, Reading, Reason, Target, TlsMode
from parity_tui.transport.command import way_of
from parity_tui.transport.dialer import describe
from parity_tui.transport.tracing import TracingDialer

OK, PARTLY, FAILED, SKIPPED = "ok", "partly", "failed", "skipped"

_STEP_OF = {
    Reason.DNS: "name", Reason.REFUSED: "TCP", Reason.TUNNEL: "route", Reason.TLS: "TLS", Reason.AUTH: "login",
    Reason.SECRET: "login", Reason.FORBIDDEN: "rights", Reason.WRONG_SERVICE: "login",
}  # fmt: skip
"""the step at which a target fails for a reason, where that step is on its way and has not been taken well"""

_SURE = frozenset({Reason.TLS, Reason.AUTH, Reason.SECRET, Reason.FORBIDDEN, Reason.WRONG_SERVICE})
"""reasons that a server gives later than in the step that they are about"""


class Step(Struct, frozen=True):
    """One step on the way to a target."""

    name: str
    state: str
    """ok, partly, failed or skipped"""
    words: str
    milliseconds: float | None = None
    """None where it was not taken"""


class StepPlan:
    """The steps that lead to one target, and what became of them."""

    def __init__(self, target: Target, probe: TracingDialer | None, timeout: float, reading: Reading | None) -> None:
        self.target = target
        self.timeout = timeout
        self.reading = reading
        self.route = probe.route if probe else ""
        self.own = f"{target.host}:{target.port}"
        marks = probe.marks if probe else []
        self.marks = {mark.name: mark for mark in reversed(marks) if mark.where in ("", self.own)}
        self.others = [mark for mark in marks if mark.where not in ("", self.own)]

    @property
    def plan(self) -> tuple[str, ...]:
        """The names of the steps, in their order."""
        route = ("route",) if self.route else ()
        if way_of(self.target):
            return (*route, "command", "rights")
        if self.target.host:
            return (*route, *(("name",) if not route else ()), "TCP", "TLS", "login", "rights")
        return ("file", "rights") if self.target.path else ("rights",)

    def steps(self, failure: Failure | None, blind: Sequence[HiddenSettings]) -> Iterator[Step]:
        """Yield every step; the one that failed says so, and those that it kept from being taken."""
        failed = self._failed_at(failure) if failure else ""
        plan = list(self.plan)
        if failed not in (*plan, ""):  # a name that the far end does not know; a configuration that is none
            plan.insert(plan.index("TCP") if failed == "name" else 0, failed)
        for name in plan:
            mark = self.marks.get(name)
            if failure and name == failed:
                yield Step(name, FAILED, self._broken(name, failure), self._milliseconds(name))
            elif name == "rights" and failure is None:
                yield Step(name, PARTLY if blind else OK, self._shown(blind), self._milliseconds(name))
            elif mark is not None and mark.well:
                yield Step(name, OK, mark.words or self._words(name), self._milliseconds(name))
            elif failure is None or (name == "TLS" and self.target.tls is TlsMode.OFF):
                yield Step(name, OK if failure is None else SKIPPED, self._words(name))
            else:
                passed = name == "TLS" and failed in ("login", "rights") and "TCP" in self.marks
                yield Step(name, SKIPPED, "no handshake, nothing is encrypted" if passed else "not tried")
            if name == "login":
                yield from self._elsewhere()

    def _broken(self, name: str, failure: Failure) -> str:
        """Say why a step failed."""
        if name == "login" and failure.reason == Reason.TIMEOUT:
            return f"{failure.message}; it may hang, or be another kind of service"
        return failure.message

    def _failed_at(self, failure: Failure) -> str:
        """Return the step at which it ended."""
        if self.target.problem is not None:
            return "configuration"
        name = _STEP_OF.get(failure.reason, "")
        mark = self.marks.get(name)
        if failure.reason == Reason.DNS or (
            name in self.plan and (failure.reason in _SURE or mark is None or not mark.well)
        ):
            return name
        broken = [mark for name, mark in self.marks.items() if name in self.plan and not mark.well]
        if not broken or "file" in self.plan:
            return self.plan[0]
        return max(broken, key=lambda mark: mark.began).name

    def _elsewhere(self) -> Iterator[Step]:
        """Yield the steps to other addresses that a kind asks too."""
        for mark in self.others:
            host, _, port = mark.where.rpartition(":")
            there = replace(self.target, host=host, port=int(port))
            words = mark.words
            if not mark.well:
                words = describe(mark.error or TimeoutError(), there, self.timeout).message
            state = OK if mark.well else FAILED
            yield Step(mark.name, state, f"{mark.where}: {words}", round(mark.seconds * 1000, 1))

    def _milliseconds(self, name: str) -> float | None:
        """Return the time of a step, without that of other steps that were taken within it."""
        mark = self.marks.get("rights" if name == "file" else name)
        if mark is None:
            return None
        end = mark.began + mark.seconds
        within = sum(
            other.seconds for other in self.marks.values() if other is not mark and mark.began <= other.began <= end
        )
        return round(max(mark.seconds - within, 0.0) * 1000, 1)

    def _words(self, name: str) -> str:
        """Say how a step was taken of which there is no mark with words."""
        target = self.target
        match name:
            case "TLS" if target.tls is TlsMode.OFF:
                return "off, as configured: nothing is encrypted"
            case "TLS":
                notes = self.reading.notes if self.reading else ()
                told = next((note for note in notes if note.lower().startswith(("tls", "no tls"))), "not in use")
                return f"{told} (tls = {target.tls})"
            case "login":
                password = "" if target.password else ", without a password"
                return f"as {target.user}{password}" if target.user else "without a user"
            case "command":
                return {"local": "run here", "docker": f"run in the container {target.host}"}.get(
                    way_of(target), f"run at {target.host}"
                )
            case "file":
                return target.path
            case _:
                return ""

    def _shown(self, blind: Sequence[HiddenSettings]) -> str:
        """Say how much is shown to us."""
        read = len(self.reading.facts) if self.reading else 0
        if not blind:
            return f"{read} settings, all that there are" if read else "nothing to read"
        return f"{read} settings, but {count(blind)} cannot be seen"

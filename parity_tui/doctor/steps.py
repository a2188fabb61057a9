"""The steps of the way to a target, and how each of them went."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from parity_tui.doctor.hidden import HiddenSettings, count
from parity_tui.drift.rules import TLS
from parity_tui.model import Failure, Reading, Reason, Target, TlsMode
from parity_tui.transport.command import ENGINES, way_of
from parity_tui.transport.dialer import describe
from parity_tui.transport.tracing import Span, TracingDialer


class StepName(StrEnum):
    """The fixed vocabulary of steps; those of the network are named as the spans of the tracing dialer are."""

    CONFIGURATION = "configuration"
    ROUTE = "route"
    """the login at the host that leads to the target"""
    KUBECTL = "kubectl"
    """the program, whatever it reaches"""
    CONTEXT = "context"
    """the login at the cluster"""
    NAMESPACE = "namespace"
    """the right to read its Services and pods"""
    POD = "pod"
    """the pod that a Service or a pod of Kubernetes leads to"""
    PORT = "port"
    """the port-forward to the pod, in place of name and TCP"""
    NAME = "name"
    TCP = "TCP"
    SOCKET = "socket"
    """a Unix socket, in place of name, TCP and TLS"""
    TLS = "TLS"
    LOGIN = "login"
    COMMAND = "command"
    FILE = "file"
    RIGHTS = "rights"
    """the reading itself"""


class StepState(StrEnum):
    """How a step, or a whole target, went."""

    OK = "ok"
    PARTLY = "partly"
    """read, but settings are hidden"""
    FAILED = "failed"
    SKIPPED = "skipped"
    """not tried, because an earlier step failed, or not taken: nothing is encrypted"""


_FAILING_STEP = {
    Reason.DNS: StepName.NAME,
    Reason.REFUSED: StepName.TCP,
    Reason.TUNNEL: StepName.ROUTE,
    Reason.TLS: StepName.TLS,
    Reason.AUTH: StepName.LOGIN,
    Reason.SECRET: StepName.LOGIN,
    Reason.FORBIDDEN: StepName.RIGHTS,
    Reason.WRONG_SERVICE: StepName.LOGIN,
}
"""the step that a reason belongs to, where the target has that step and it did not succeed"""

_BEYOND_THE_WAY = frozenset({Reason.TLS, Reason.AUTH, Reason.SECRET, Reason.WRONG_SERVICE})
"""reasons that say nothing about the way to a server"""
_EVEN_IF_SUCCEEDED = _BEYOND_THE_WAY | {Reason.FORBIDDEN}
"""reasons that a server may report later than in the step that they belong to"""


class Step(Struct, frozen=True):
    """One step of the way to a target."""

    name: StepName
    state: StepState
    words: str
    """how it went, for a person"""
    milliseconds: float | None = None
    """None where it was not tried"""


class StepPlan:
    """The steps that lead to one target, and how each of them went."""

    def __init__(self, target: Target, dialer: TracingDialer | None, timeout: float, reading: Reading | None) -> None:
        self._target = target
        self._timeout = timeout
        self._reading = reading
        self._route = dialer.route if dialer else ""
        self._cluster = target.in_cluster and target.tunnel is None
        address = f"{target.host}:{target.port}"
        spans = dialer.marks if dialer else []
        self._spans = {span.name: span for span in reversed(spans) if span.where in ("", address)}
        self._other_spans = [span for span in spans if span.where not in ("", address)]

    @property
    def names(self) -> tuple[StepName, ...]:
        """The steps in their order."""
        route = (StepName.ROUTE,) if (self._target.ssh if self._cluster else self._route) else ()
        inside: tuple[StepName, ...] = ()
        if self._cluster:
            inside = StepName.KUBECTL, StepName.CONTEXT, StepName.NAMESPACE, StepName.POD
        if way_of(self._target):
            return (*route, *inside, StepName.COMMAND, StepName.RIGHTS)
        if self._target.is_unix_socket:
            return (StepName.SOCKET, StepName.LOGIN, StepName.RIGHTS)
        if self._target.host:
            name = () if route or inside else (StepName.NAME,)
            connection = StepName.PORT if inside else StepName.TCP
            return (*route, *name, *inside, connection, StepName.TLS, StepName.LOGIN, StepName.RIGHTS)
        return (StepName.FILE, StepName.RIGHTS) if self._target.path else (StepName.RIGHTS,)

    def steps(self, failure: Failure | None, hidden: Sequence[HiddenSettings]) -> Iterator[Step]:
        """Yield every step, up to the failed one and beyond: those that it prevented are skipped."""
        failed = self._failed_step(failure) if failure else None
        names = list(self.names)
        if failed is not None and failed not in names:  # a name unknown at the far end; an invalid configuration
            names.insert(names.index(StepName.TCP) if failed is StepName.NAME else 0, failed)
        for name in names:
            if failure is not None and failed is not None:
                yield self._step_before_failure(name, failed, failure)
            else:
                yield self._successful_step(name, hidden)
            if name is StepName.LOGIN:
                yield from self._steps_elsewhere()

    def _successful_step(self, name: StepName, hidden: Sequence[HiddenSettings]) -> Step:
        """Return a step of a target that was read."""
        if name is StepName.RIGHTS:
            state = StepState.PARTLY if hidden else StepState.OK
            return Step(name, state, self._rights_words(hidden), self._milliseconds(name))
        span = self._spans.get(name)
        if span is not None and span.well:
            return Step(name, StepState.OK, span.words or self._default_words(name), self._milliseconds(name))
        encrypted = name is not StepName.TLS or self._encrypted
        return Step(name, StepState.OK if encrypted else StepState.SKIPPED, self._default_words(name))

    @property
    def _encrypted(self) -> bool:
        """Whether the reading came by TLS."""
        version = self._reading.facts.get(TLS.name) if self._reading else None
        return version is not None and (version.raw or "").startswith("TLS")

    def _step_before_failure(self, name: StepName, failed: StepName, failure: Failure) -> Step:
        """Return a step of a target that could not be read, because the step ``failed`` failed."""
        if name is failed:
            return Step(name, StepState.FAILED, _failure_words(name, failure), self._milliseconds(name))
        span = self._spans.get(name)
        if span is not None and span.well:
            return Step(name, StepState.OK, span.words or self._default_words(name), self._milliseconds(name))
        if name is StepName.TLS and self._target.tls is TlsMode.OFF:
            return Step(name, StepState.SKIPPED, self._default_words(name))
        connected = not {StepName.TCP, StepName.PORT}.isdisjoint(self._spans)
        connected = connected and failed in (StepName.LOGIN, StepName.RIGHTS)
        words = "no handshake, not encrypted" if connected and name is StepName.TLS else "not tried"
        return Step(name, StepState.SKIPPED, words)

    def _failed_step(self, failure: Failure) -> StepName:
        if self._target.problem is not None:
            return StepName.CONFIGURATION
        if self._cluster and (stage := self._failed_stage(failure)) is not None:
            return stage
        name = _FAILING_STEP.get(failure.reason)
        broken = [span for span in self._spans.values() if span.name in self.names and not span.well]
        if failure.reason is Reason.FORBIDDEN and broken and StepName.FILE not in self.names:
            name = None  # of two refusals, the one at the door is the earlier
        if name is not None and (name is StepName.NAME or self._may_have_failed(name, failure.reason)):
            return name
        if not broken or StepName.FILE in self.names:
            return self.names[0]
        return StepName(max(broken, key=lambda span: span.began).name)

    def _failed_stage(self, failure: Failure) -> StepName | None:
        """Return the step that failed on the way through a cluster, None if that is a later one."""
        if failure.reason in _BEYOND_THE_WAY:
            return None
        names, spans = self.names, self._spans
        way = names[: names.index(StepName.COMMAND if StepName.COMMAND in names else StepName.PORT) + 1]
        broken = next((name for name in way if name in spans and not spans[name].well), None)
        if failure.reason is Reason.TUNNEL:
            if self._target.ssh and not failure.message.startswith(f"via {self._route}: "):
                return StepName.ROUTE
            return StepName.KUBECTL if broken is StepName.KUBECTL else StepName.CONTEXT  # a login may end at any time
        later = {Reason.DNS: StepName.POD, Reason.REFUSED: way[-1]}  # of a further connection
        return broken or later.get(failure.reason)

    def _may_have_failed(self, name: StepName, reason: Reason) -> bool:
        span = self._spans.get(name)
        return name in self.names and (reason in _EVEN_IF_SUCCEEDED or span is None or not span.well)

    def _steps_elsewhere(self) -> Iterator[Step]:
        """Yield the steps to further addresses that the kind asks."""
        for span in self._other_spans:
            if span.name == StepName.NAMESPACE and span.well:
                continue  # that of the target itself
            state = StepState.OK if span.well else StepState.FAILED
            words = f"{span.where}: {span.words if span.well else self._error_words(span)}"
            yield Step(StepName(span.name), state, words, round(span.seconds * 1000, 1))

    def _error_words(self, span: Span) -> str:
        host, _, port = span.where.rpartition(":")
        target = replace(self._target, host=host, port=int(port))
        return describe(span.error or TimeoutError(), target, self._timeout).message

    def _milliseconds(self, name: StepName) -> float | None:
        """Return the time of a step, without that of the steps within it."""
        span = self._spans.get(StepName.RIGHTS if name is StepName.FILE else name)
        if span is None:
            return None
        end = span.began + span.seconds
        within = sum(
            other.seconds for other in self._spans.values() if other is not span and span.began <= other.began <= end
        )
        return round(max(span.seconds - within, 0.0) * 1000, 1)

    def _default_words(self, name: StepName) -> str:
        """Return how a step went where its span has no words of its own."""
        target = self._target
        match name:
            case StepName.TLS if target.tls is TlsMode.OFF and not self._encrypted:
                return "off, as configured: not encrypted"
            case StepName.TLS:
                notes = self._reading.notes if self._reading else ()
                version = next((note for note in notes if note.lower().startswith(("tls", "no tls"))), "not in use")
                return version if target.tls is TlsMode.OFF else f"{version} (tls = {target.tls})"
            case StepName.LOGIN:
                password = "" if target.password else ", without a password"
                return f"as {target.user}{password}" if target.user else "without a user"
            case StepName.COMMAND:
                places = {"local": "here", "kube": f"in {target.host}"}
                places |= dict.fromkeys(ENGINES, f"in the container {target.host}")
                return f"run {places.get(way_of(target), f'at {target.host}')}"
            case StepName.FILE:
                return target.path
            case _:
                return ""

    def _rights_words(self, hidden: Sequence[HiddenSettings]) -> str:
        read = len(self._reading.facts) if self._reading else 0
        if not hidden:
            return f"{read} settings, nothing hidden" if read else "nothing to read"
        if not (counted := count(hidden)):
            return f"{read} settings, {hidden[0].why}"
        return f"{read} settings, {counted} hidden"


def _failure_words(name: StepName, failure: Failure) -> str:
    if name is StepName.LOGIN and failure.reason is Reason.TIMEOUT:
        return f"{failure.message}; it may hang, or be a different kind of service"
    return failure.message

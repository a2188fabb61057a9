"""`parity-tui doctor`: how far the way to each target leads, what it hides, and commands to copy.

The watcher reads the targets, as ever; the doctor gives it tracing dialers and kinds that record their login and
reading as spans, and explains spans and outcomes.

- `steps.py`: how each step of the way went
- `hidden.py`: the hidden settings, and the commands that would show them
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing, asynccontextmanager, contextmanager

from msgspec import Struct
from msgspec.structs import replace

from parity_tui.doctor.hidden import HiddenSettings, count, hidden_settings
from parity_tui.doctor.steps import Step, StepName, StepPlan, StepState
from parity_tui.drift.blind_spots import Unseen, unseen
from parity_tui.drift.board import Board, Section
from parity_tui.drift.policy import Policy
from parity_tui.model import (
    Dialer,
    Failure,
    Reading,
    ReadOnce,
    Reason,
    Service,
    ServiceError,
    Target,
    TargetKey,
    target_key,
)
from parity_tui.services import identify
from parity_tui.transport.routes import Routes
from parity_tui.transport.tracing import Span, TracingDialer
from parity_tui.watcher import Watcher

__all__ = ["Diagnosis", "HiddenSettings", "Step", "StepName", "StepState", "count", "diagnose", "examine"]


_WANTS_CERTIFICATE = re.compile(r"client certificate|certificate of the client|one of the client|x509|\(cert, key\)")


class Diagnosis(Struct, frozen=True):
    """How far the way to one target leads, and what the target hides."""

    target: Target
    state: StepState
    """OK, PARTLY or FAILED"""
    product: str
    """with its version; "" where it could not be read"""
    steps: tuple[Step, ...]
    hidden: tuple[HiddenSettings, ...] = ()
    privilege: str = ""
    """the least privilege, to copy, where rights are missing and no exact remedy is known"""
    notes: tuple[str, ...] = ()


async def examine(
    targets: Sequence[Target],
    kinds: Mapping[str, Service],
    policy: Policy,
    timeout: float,
    progress: Callable[[Board], None] = lambda board: None,
) -> AsyncIterator[Diagnosis]:
    """Read every target once, all at the same time, and yield their diagnoses in the order of the targets.

    Args:
        targets: the targets to read.
        kinds: every kind by name.
        policy: settings that it ignores do not count as hidden.
        timeout: seconds for the whole of one target.
        progress: called with every board.
    """
    dialers: dict[TargetKey, TracingDialer] = {}

    def open_dialer(target: Target, timeout: float, routes: Routes) -> TracingDialer:
        dialer = dialers[target_key(target)] = TracingDialer(target, timeout, routes, identify=identify)
        return dialer

    environments = tuple(dict.fromkeys(target.environment for target in targets))
    traced = {name: _traced(service) for name, service in kinds.items()}
    watcher = Watcher(environments, targets, traced, policy, timeout=timeout, once=True, dialer_factory=open_dialer)
    waiting = list(targets)
    async with aclosing(watcher.boards()) as boards:  # type: ignore[type-var]
        async for board in boards:
            progress(board)
            while waiting and (section := _compared(board, waiting[0])):
                target = waiting.pop(0)
                dialer = dialers.get(target_key(target))
                yield diagnose(target, section, board, dialer, timeout)


def _compared(board: Board, target: Target) -> Section | None:
    """Return the section of a target, None while one of its servers is pending: the comparison may change."""
    section = next(section for section in board.sections if section.service == target.service)
    return None if any(outcome.pending for outcome in section.outcomes if outcome) else section


def diagnose(target: Target, section: Section, board: Board, dialer: TracingDialer | None, timeout: float) -> Diagnosis:
    """Return the diagnosis of a target; ``section`` has its outcome, and ``dialer`` recorded the way to it."""
    index, table = board.environments.index(target.environment), board.tables[target.kind]
    outcome = next(server for server in section.servers(index) if server.target.node == target.node)
    failure, reading = outcome.failure, outcome.reading if outcome.failure is None else None
    spots = tuple(unseen(section.rows, index, reading)) if reading else ()
    hidden = tuple(hidden_settings(spots, table.service.hidden))
    plan = StepPlan(outcome.target, dialer, timeout, reading)
    return Diagnosis(
        target=outcome.target,
        state=StepState.FAILED if failure else StepState.PARTLY if hidden else StepState.OK,
        product=f"{reading.product} {reading.version}".strip() if reading else "",
        steps=tuple(plan.steps(failure, hidden)),
        hidden=hidden,
        privilege=_least_privilege(table.service, outcome.target, failure, reading, hidden),
        notes=tuple(_notes(reading, spots)) if reading else tuple(_advice(outcome.target, failure)),
    )


def _least_privilege(
    service: Service,
    target: Target,
    failure: Failure | None,
    reading: Reading | None,
    hidden: Sequence[HiddenSettings],
) -> str:
    """Return the least privilege where it may help: not where the configuration lacks something, nor a command."""
    remedied = {group.why for group in hidden if group.remedy}
    # No right helps where the reason is another one, such as a renamed command.
    of_rights = tuple(group.why.partition("{")[0] for group in service.hidden if group.glob == "*")
    everything_hidden = any(
        glob == "*" and why.startswith(of_rights) and why not in remedied
        for glob, why in (reading.hidden if reading else ())
        if why
    )
    refused = failure is not None and failure.reason in (Reason.AUTH, Reason.FORBIDDEN)
    if not (refused or everything_hidden) or service.privilege.startswith("none") or any(_advice(target, failure)):
        return ""
    return service.privilege_for(target) if service.privilege_for else service.privilege.strip()


def _advice(target: Target, failure: Failure | None) -> Iterator[str]:
    """Yield what the configuration lacks, for failures that no right of the login would mend."""
    if failure is None or failure.reason not in (Reason.AUTH, Reason.FORBIDDEN, Reason.TLS, Reason.CLOSED):
        return
    message = failure.message.lower()
    if "a role needs the rule" in message:
        yield "docs/kubernetes.md has the whole Role"
    if "certificate" in message and not target.cert and _WANTS_CERTIFICATE.search(message):
        yield 'add cert = "FILE.pem" and key = "FILE.key" (client certificate) next to the URL'
    elif failure.reason is Reason.AUTH and target.password is None and "password" in message:
        yield 'add password_env = "VARIABLE" (the variable with the password) next to the URL'


def _notes(reading: Reading, spots: Sequence[Unseen]) -> Iterator[str]:
    """Yield the notes that no step repeats, and the blind spots that the user accepts."""
    for note in reading.notes:
        if not note.lower().startswith(("tls", "no tls")) and not any(spot.why in note for spot in spots):
            yield note
    yield from (spot.expected for spot in spots if spot.expected)


@contextmanager
def _ended_by_error(span: Span) -> Iterator[None]:
    """End the span of a login if the block fails; a refused right is the answer to a login that succeeded."""
    try:
        yield
    except BaseException as error:
        refused_later = isinstance(error, ServiceError) and error.reason is Reason.FORBIDDEN and not error.at_the_door
        span.end(None if refused_later else error)
        raise


def _traced(service: Service) -> Service:
    """Return the kind with its login and its reading recorded as spans of the tracing dialer."""

    @asynccontextmanager
    async def connect(target: Target, dialer: Dialer) -> AsyncIterator[ReadOnce]:
        assert isinstance(dialer, TracingDialer)  # noqa: S101 - examine() opens no other dialer
        async with AsyncExitStack() as stack:
            login = dialer.begin(StepName.LOGIN)
            with _ended_by_error(login):
                read = await stack.enter_async_context(service.connect(target, dialer))
            if not service.login_in_reading:
                login.end()

            async def traced_read() -> Reading:
                if login.ended is not None:
                    with dialer.step(StepName.RIGHTS):
                        return await read()
                with _ended_by_error(login):
                    reading = await read()
                login.end()
                dialer.begin(StepName.RIGHTS).end()
                return reading

            yield traced_read

    return replace(service, connect=connect)

"""`parity-tui doctor`: how far the way to each target leads, what it hides, and commands to copy.

The watcher reads the targets, as ever; the doctor gives it tracing dialers and kinds that record their login and
reading as spans, and explains spans and outcomes.

- `steps.py`: how each step of the way went
- `hidden.py`: the hidden settings, and the commands that would show them
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing, asynccontextmanager

from msgspec import Struct
from msgspec.structs import replace

from parity_tui.doctor.hidden import HiddenSettings, count, hidden_settings
from parity_tui.doctor.steps import Step, StepName, StepPlan, StepState
from parity_tui.drift.board import Board, TargetKey, target_key
from parity_tui.drift.policy import Policy
from parity_tui.drift.rules import RuleTable
from parity_tui.model import Dialer, Failure, Outcome, Reading, ReadOnce, Reason, Service, Target
from parity_tui.services import identify
from parity_tui.transport.ssh import SSHConnections
from parity_tui.transport.tracing import TracingDialer
from parity_tui.watcher import Watcher

__all__ = ["Diagnosis", "HiddenSettings", "Step", "StepName", "StepState", "count", "diagnose", "examine"]


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

    def open_dialer(target: Target, timeout: float, ssh: SSHConnections) -> TracingDialer:
        dialer = dialers[target_key(target)] = TracingDialer(target, timeout, ssh, identify=identify)
        return dialer

    environments = tuple(dict.fromkeys(target.environment for target in targets))
    traced = {name: _traced(service) for name, service in kinds.items()}
    watcher = Watcher(environments, targets, traced, policy, timeout=timeout, once=True, dialer_factory=open_dialer)
    waiting = list(targets)
    async with aclosing(watcher.boards()) as boards:  # type: ignore[type-var]
        async for board in boards:
            progress(board)
            outcomes = {target_key(outcome.target): outcome for outcome in board.servers()}
            while waiting and not outcomes[target_key(waiting[0])].pending:
                target = waiting.pop(0)
                dialer = dialers.get(target_key(target))
                yield diagnose(outcomes[target_key(target)], board.tables[target.kind], dialer, timeout)


def diagnose(outcome: Outcome, table: RuleTable, dialer: TracingDialer | None, timeout: float) -> Diagnosis:
    """Return the diagnosis of an outcome; ``dialer`` recorded the way to its target."""
    failure, reading = outcome.failure, outcome.reading if outcome.failure is None else None
    hidden = tuple(hidden_settings(reading, table)) if reading else ()
    plan = StepPlan(outcome.target, dialer, timeout, reading)
    return Diagnosis(
        target=outcome.target,
        state=StepState.FAILED if failure else StepState.PARTLY if hidden else StepState.OK,
        product=f"{reading.product} {reading.version}".strip() if reading else "",
        steps=tuple(plan.steps(failure, hidden)),
        hidden=hidden,
        privilege=_least_privilege(table.service, failure, reading, hidden),
        notes=tuple(_notes(reading, hidden)) if reading else (),
    )


def _least_privilege(
    service: Service, failure: Failure | None, reading: Reading | None, hidden: Sequence[HiddenSettings]
) -> str:
    remedied = {group.why for group in hidden if group.remedy}
    # No right helps where the reason is another one, such as a renamed command.
    of_rights = tuple(group.why.partition("{")[0] for group in service.hidden if group.glob == "*")
    everything_hidden = any(
        glob == "*" and why.startswith(of_rights) and why not in remedied
        for glob, why in (reading.hidden if reading else ())
        if why
    )
    refused = failure is not None and failure.reason in (Reason.AUTH, Reason.FORBIDDEN)
    if not (refused or everything_hidden) or service.privilege.startswith("none"):
        return ""
    return service.privilege.strip()


def _notes(reading: Reading, hidden: Sequence[HiddenSettings]) -> Iterator[str]:
    """Yield the notes that no step repeats."""
    for note in reading.notes:
        if not note.lower().startswith(("tls", "no tls")) and not any(group.why in note for group in hidden):
            yield note


def _traced(service: Service) -> Service:
    """Return the kind with its login and its reading recorded as spans of the tracing dialer."""

    @asynccontextmanager
    async def connect(target: Target, dialer: Dialer) -> AsyncIterator[ReadOnce]:
        assert isinstance(dialer, TracingDialer)  # noqa: S101 - examine() opens no other dialer
        async with AsyncExitStack() as stack:
            with dialer.step(StepName.LOGIN):
                read = await stack.enter_async_context(service.connect(target, dialer))

            async def traced_read() -> Reading:
                with dialer.step(StepName.RIGHTS):
                    return await read()

            yield traced_read

    return replace(service, connect=connect)

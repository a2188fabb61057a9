"""Where the way to each target ends, and what cannot be seen behind it: steps with their times, and text to copy.

Reading is left to whoever watches, as ever. The doctor lends it dialers and kinds that keep marks, and says what the
marks and the outcome mean.

- `steps.py`: what became of each step on the way
- `blind.py`: what cannot be seen, and the text to copy that would show it
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing, asynccontextmanager

from msgspec import Struct
from msgspec.structs import replace

from parity_tui.doctor.hidden import HiddenSettings, count, unseen
from parity_tui.doctor.steps import FAILED, OK, PARTLY, Step, StepPlan
from parity_tui.drift.board import Board, TargetKey, target_key
from parity_tui.drift.policy import Policy
from parity_tui.drift.rules import RuleTable
from parity_tui.model import Failure, Outcome, Reading, ReadOnce, Reason, Service, Target
from parity_tui.transport.dialer import NetworkDialer
from parity_tui.transport.ssh import SSHConnections
from parity_tui.transport.tracing import TracingDialer
from parity_tui.watcher import Watcher

__all__ = ["Diagnosis", "HiddenSettings", "Step", "count", "diagnose", "examine"]


class Diagnosis(Struct, frozen=True):
    """What there is to say of one target."""

    target: Target
    state: str
    """ok, partly or failed"""
    product: str
    """and version; "" where it could not be read"""
    steps: tuple[Step, ...]
    blind: tuple[HiddenSettings, ...] = ()
    remedy: str = ""
    """the least privilege, as text to copy, where rights are what is missing"""
    notes: tuple[str, ...] = ()


async def examine(
    targets: Sequence[Target],
    kinds: Mapping[str, Service],
    policy: Policy,
    timeout: float,
    progress: Callable[[Board], None] = lambda board: None,
) -> AsyncIterator[Diagnosis]:
    """Read every target once, all at the same time, and yield what there is to say of each, in their order.

    A setting that ``policy`` ignores is not missed. ``timeout`` is in seconds, for the whole of one target;
    ``progress`` is shown every board on the way.
    """
    probes: dict[TargetKey, TracingDialer] = {}

    def dialer(target: Target, timeout: float, lines: SSHConnections) -> TracingDialer:
        probe = probes[target_key(target)] = TracingDialer(target, timeout, lines)
        return probe

    environments = tuple(dict.fromkeys(target.environment for target in targets))
    marked = {name: _marked(service) for name, service in kinds.items()}
    watch = Watcher(environments, targets, marked, policy, timeout=timeout, once=True, dialer_factory=dialer)
    waiting = list(targets)
    async with aclosing(watch.boards()) as boards:  # type: ignore[type-var]
        async for board in boards:
            progress(board)
            heard = {target_key(outcome.target): outcome for outcome in board.servers()}
            while waiting and not heard[target_key(waiting[0])].pending:
                target = waiting.pop(0)
                way = probes.get(target_key(target))
                yield diagnose(heard[target_key(target)], board.tables[target.kind], way, timeout)


def diagnose(outcome: Outcome, table: RuleTable, probe: TracingDialer | None, timeout: float) -> Diagnosis:
    """Return what the outcome of a target and the marks on the way to it mean."""
    failure, reading = outcome.failure, outcome.reading if outcome.failure is None else None
    blind = tuple(unseen(reading, table)) if reading else ()
    way = StepPlan(outcome.target, probe, timeout, reading)
    return Diagnosis(
        target=outcome.target,
        state=FAILED if failure else PARTLY if blind else OK,
        product=f"{reading.product} {reading.version}".strip() if reading else "",
        steps=tuple(way.steps(failure, blind)),
        blind=blind,
        remedy=_least(table.service, failure, reading, blind),
        notes=tuple(_notes(reading, blind)) if reading else (),
    )


def _least(service: Service, failure: Failure | None, reading: Reading | None, blind: Sequence[HiddenSettings]) -> str:
    """Return the least privilege, where rights are what is missing and nothing more exact is known."""
    exact = {each.why for each in blind if each.remedy}
    hidden = reading.hidden if reading else ()
    lacking = failure is not None and failure.reason in (Reason.AUTH, Reason.FORBIDDEN)
    lacking = lacking or any(glob == "*" and why and why not in exact for glob, why in hidden)
    if not lacking or service.privilege.startswith("none"):
        return ""
    return service.privilege.strip()


def _notes(reading: Reading, blind: Sequence[HiddenSettings]) -> Iterator[str]:
    """Yield the notes that no step has said already."""
    for note in reading.notes:
        if not note.lower().startswith(("tls", "no tls")) and not any(each.why in note for each in blind):
            yield note


def _marked(service: Service) -> Service:
    """Return the kind, with marks on its login and on its reading."""

    @asynccontextmanager
    async def connect(target: Target, dialer: NetworkDialer) -> AsyncIterator[ReadOnce]:
        """Connect and give the way to read."""
        assert isinstance(dialer, TracingDialer)  # noqa: S101 - whoever is lent the kind is lent the dialer
        async with AsyncExitStack() as stack:
            with dialer.step("login"):
                read = await stack.enter_async_context(service.connect(target, dialer))

            async def reading() -> Reading:
                with dialer.step("rights"):
                    return await read()

            yield reading

    return replace(service, connect=connect)

"""Where the way to each target ends, and what cannot be seen behind it: steps with their times, and text to copy.

Reading is left to whoever watches, as ever. The doctor lends it dialers and kinds that keep marks, and says what the
marks and the outcome mean.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing, asynccontextmanager

from msgspec import Struct
from msgspec.structs import replace

from parity_tui.drift.board import Board, Place, place
from parity_tui.drift.nodes import missing
from parity_tui.drift.policy import Policy
from parity_tui.drift.table import Table
from parity_tui.model import Failure, Outcome, Read, Reading, Service, Severity, State, Target
from parity_tui.reach.command import way_of
from parity_tui.reach.dial import Dial, explain
from parity_tui.reach.probe import Probe
from parity_tui.reach.ssh import Lines
from parity_tui.watch import Watch

OK, PARTLY, FAILED, SKIPPED = "ok", "partly", "failed", "skipped"

_STEP_OF = {
    "dns": "name", "refused": "TCP", "tunnel": "route", "tls": "TLS", "auth": "login", "secret": "login",
    "forbidden": "rights", "wrong-service": "login",
}  # fmt: skip
"""the step at which a target fails for a reason, where that step is on its way and has not been taken well"""

_SURE = frozenset({"tls", "auth", "secret", "forbidden", "wrong-service"})
"""reasons that a server gives later than in the step that they are about"""

_REMEDY = re.compile(r"(?:^needs |: )((?:GRANT|CREATE|ALTER|ACL SETUSER|rabbitmqctl) .*?)(?: \([^()]*\))?$")
"""what follows the words of a kind, as text to copy"""


class Step(Struct, frozen=True):
    """One step on the way to a target."""

    name: str
    state: str
    """ok, partly, failed or skipped"""
    words: str
    milliseconds: float | None = None
    """None where it was not taken"""


class Blind(Struct, frozen=True):
    """What cannot be seen, for one reason."""

    why: str
    settings: tuple[str, ...]
    """names, or globs where the names are not known"""
    remedy: str
    """text to copy that would show them, "" where nobody knows any"""


class Checkup(Struct, frozen=True):
    """What there is to say of one target."""

    target: Target
    state: str
    """ok, partly or failed"""
    product: str
    """and version; "" where it could not be read"""
    steps: tuple[Step, ...]
    blind: tuple[Blind, ...] = ()
    remedy: str = ""
    """the least privilege, as text to copy, where rights are what is missing"""
    notes: tuple[str, ...] = ()


async def examine(
    targets: Sequence[Target],
    kinds: Mapping[str, Service],
    policy: Policy,
    timeout: float,
    progress: Callable[[Board], None] = lambda board: None,
) -> AsyncIterator[Checkup]:
    """Read every target once, all at the same time, and yield what there is to say of each, in their order.

    A setting that ``policy`` ignores is not missed. ``timeout`` is in seconds, for the whole of one target;
    ``progress`` is shown every board on the way.
    """
    probes: dict[Place, Probe] = {}

    def dial(target: Target, timeout: float, lines: Lines) -> Probe:
        probe = probes[place(target)] = Probe(target, timeout, lines)
        return probe

    environments = tuple(dict.fromkeys(target.environment for target in targets))
    marked = {name: _marked(service) for name, service in kinds.items()}
    watch = Watch(environments, targets, marked, policy, timeout=timeout, once=True, dial=dial)
    waiting = list(targets)
    async with aclosing(watch.boards()) as boards:  # type: ignore[type-var]
        async for board in boards:
            progress(board)
            heard = {place(outcome.target): outcome for outcome in board.servers()}
            while waiting and not heard[place(waiting[0])].pending:
                target = waiting.pop(0)
                way = probes.get(place(target))
                yield checkup(heard[place(target)], board.tables[target.kind], way, timeout)


def checkup(outcome: Outcome, table: Table, probe: Probe | None, timeout: float) -> Checkup:
    """Return what the outcome of a target and the marks on the way to it mean."""
    failure, reading = outcome.failure, outcome.reading if outcome.failure is None else None
    blind = tuple(_blind(reading, table)) if reading else ()
    way = _Way(outcome.target, probe, timeout, reading)
    return Checkup(
        target=outcome.target,
        state=FAILED if failure else PARTLY if blind else OK,
        product=f"{reading.product} {reading.version}".strip() if reading else "",
        steps=tuple(way.steps(failure, blind)),
        blind=blind,
        remedy=_least(table.service, failure, reading, blind),
        notes=tuple(_notes(reading, blind)) if reading else (),
    )


def _least(service: Service, failure: Failure | None, reading: Reading | None, blind: Sequence[Blind]) -> str:
    """Return the least privilege, where rights are what is missing and nothing more exact is known."""
    exact = {each.why for each in blind if each.remedy}
    hidden = reading.hidden if reading else ()
    lacking = failure is not None and failure.reason in ("auth", "forbidden")
    lacking = lacking or any(glob == "*" and why and why not in exact for glob, why in hidden)
    if not lacking or service.privilege.startswith("none"):
        return ""
    return service.privilege.strip()


def _marked(service: Service) -> Service:
    """Return the kind, with marks on its login and on its reading."""

    @asynccontextmanager
    async def connect(target: Target, dial: Dial) -> AsyncIterator[Read]:
        """Connect and give the way to read."""
        assert isinstance(dial, Probe)  # noqa: S101 - whoever is lent the kind is lent the dialer
        async with AsyncExitStack() as stack:
            with dial.step("login"):
                read = await stack.enter_async_context(service.connect(target, dial))

            async def reading() -> Reading:
                with dial.step("rights"):
                    return await read()

            yield reading

    return replace(service, connect=connect)


class _Way:
    """The steps that lead to one target, and what became of them."""

    def __init__(self, target: Target, probe: Probe | None, timeout: float, reading: Reading | None) -> None:
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

    def steps(self, failure: Failure | None, blind: Sequence[Blind]) -> Iterator[Step]:
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
            elif failure is None or (name == "TLS" and self.target.tls == "off"):
                yield Step(name, OK if failure is None else SKIPPED, self._words(name))
            else:
                passed = name == "TLS" and failed in ("login", "rights") and "TCP" in self.marks
                yield Step(name, SKIPPED, "no handshake, nothing is encrypted" if passed else "not tried")
            if name == "login":
                yield from self._elsewhere()

    def _broken(self, name: str, failure: Failure) -> str:
        """Say why a step failed."""
        if name == "login" and failure.reason == "timeout":
            return f"{failure.message}; it may hang, or be another kind of service"
        return failure.message

    def _failed_at(self, failure: Failure) -> str:
        """Return the step at which it ended."""
        if self.target.problem is not None:
            return "configuration"
        name = _STEP_OF.get(failure.reason, "")
        mark = self.marks.get(name)
        if failure.reason == "dns" or (
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
                words = explain(mark.error or TimeoutError(), there, self.timeout).message
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
            case "TLS" if target.tls == "off":
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

    def _shown(self, blind: Sequence[Blind]) -> str:
        """Say how much is shown to us."""
        read = len(self.reading.facts) if self.reading else 0
        if not blind:
            return f"{read} settings, all that there are" if read else "nothing to read"
        return f"{read} settings, but {count(blind)} cannot be seen"


def count(blind: Iterable[Blind]) -> str:
    """Return how many cannot be seen, in words.

    >>> count([Blind("", ("a", "b"), "")]), count([Blind("", ("a", "b.*"), "")]), count([Blind("", ("b.*",), "")])
    ('2', '1 and b.*', 'b.*')
    """
    names = [name for each in blind for name in each.settings]
    globs = [name for name in names if "*" in name]
    counted = [str(len(names) - len(globs))] if len(names) > len(globs) else []
    return " and ".join([*counted, ", ".join(globs)] if globs else counted)


def _blind(reading: Reading, table: Table) -> Iterator[Blind]:
    """Yield what is hidden, a reason each; what is never compared is not missed."""
    groups: dict[str, dict[str, None]] = {}
    for name in _names(reading, table.service):
        fact = reading.facts.get(name) or missing(name, reading)
        if fact.state is State.HIDDEN and table.rule(name).severity is not Severity.IGNORED:
            groups.setdefault(fact.note, {})[name] = None
    for glob, why in reading.hidden:
        if why and "*" in glob and (glob != "*" or why not in groups):
            groups.setdefault(why, {})[glob] = None
    for why, names in groups.items():
        yield Blind(why, tuple(names), _remedy(why))


def _remedy(why: str) -> str:
    """Return the text to copy that a reason ends with.

    >>> _remedy("needs GRANT pg_read_all_settings TO app"), _remedy("may not ask: ACL SETUSER app +config|get")
    ('GRANT pg_read_all_settings TO app;', 'ACL SETUSER app +config|get')
    >>> _remedy("needs the tag monitoring: rabbitmqctl set_user_tags app monitoring (not a user of that)")
    'rabbitmqctl set_user_tags app monitoring'
    """
    found = _REMEDY.search(why)
    end = ";" if found and found[1].startswith(("GRANT", "CREATE", "ALTER")) else ""
    return f"{found[1]}{end}" if found else ""


def _names(reading: Reading, service: Service) -> Iterable[str]:
    """Return every name that a reading could have: what it has, what it says to be hidden, what the kind knows."""
    known = [row.name for row in service.settings if row.name not in ("product", "version")]
    names = dict.fromkeys([*(name for name, _ in reading.hidden), *known, *reading.facts])
    return [name for name in names if not re.search(r"[*?]", name)]


def _notes(reading: Reading, blind: Sequence[Blind]) -> Iterator[str]:
    """Yield the notes that no step has said already."""
    for note in reading.notes:
        if not note.lower().startswith(("tls", "no tls")) and not any(each.why in note for each in blind):
            yield note

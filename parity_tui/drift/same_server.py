"""Environments that lead to one server: its settings agree with themselves, which proves nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from parity_tui.drift.grade import answers
from parity_tui.drift.policy import Policy, ended_words, matches
from parity_tui.drift.row import SAME_SERVER, Row
from parity_tui.drift.rules import RuleTable
from parity_tui.drift.words import listing
from parity_tui.model import ABSENT, Fact, Outcome, Reading, Rule, Severity, State, Target, Verdict

_WHY = "A server compared with itself always agrees: one URL or tunnel leads to the wrong server."


def same_server_rows(
    service: str,
    environments: Sequence[str],
    outcomes: Sequence[Outcome | None],
    tables: Mapping[str, RuleTable],
    policy: Policy,
) -> tuple[Row, ...]:
    """Return one row if environments lead to the same server: unknown, or expected where the user accepts it.

    The arguments are those of :func:`parity_tui.drift.compare.compare`.
    """
    shared = [same for same in _shared(outcomes, tables) if len(same) > 1]
    if not shared:
        return ()
    names = [[environments[i] for i in same] for same in shared]
    note = "; ".join(f"{listing(each)} are the same server: nothing compared" for each in names)
    accepted, more = _accepted(policy, service)
    others = {i: listing([environments[n] for n in same if n != i]) for same in shared for i in same}
    row = Row(
        service,
        next(outcome.target.kind for i in shared[0] if (outcome := outcomes[i])),
        SAME_SERVER,
        Verdict.EXPECTED if accepted else Verdict.UNKNOWN,
        Severity.CRITICAL,
        tuple(_cell(others.get(i, "")) for i in range(len(environments))),
        Rule(SAME_SERVER, Severity.CRITICAL, _WHY),
        note="; ".join(filter(None, (note, more))),
        listed=True,
    )
    return (row,)


def _cell(others: str) -> Fact:
    return Fact(state=State.UNKNOWN, note=f"the same server as {others}") if others else ABSENT


def _accepted(policy: Policy, service: str) -> tuple[bool, str]:
    """Return whether the user accepts it, by the row's very name, and the words of that expectation."""
    for expectation in policy.expectations:
        if expectation.hidden and expectation.setting == SAME_SERVER and matches(expectation.service, service):
            ended = expectation.ended(policy.today)
            return not ended, ended_words(expectation) if ended else expectation.words
    return False, ""


def _shared(outcomes: Sequence[Outcome | None], tables: Mapping[str, RuleTable]) -> list[list[int]]:
    """Return the environments that answer, those of one server together."""
    servers = {i: _servers(outcome) for i, outcome in enumerate(outcomes) if outcome is not None and answers(outcome)}
    instances = [reading.instance for each in servers.values() for _, reading in each]
    if "" not in instances and len({*instances}) == len(instances):
        return []  # of most services: each of a large number of servers is soon known to be another one
    found: list[list[int]] = []
    by_mark: dict[object, list[int]] = {}  # not pairs of environments: their number grows with the square
    for i, of_target in servers.items():
        kind, marks = of_target[0][0].kind if of_target else "", _marks(of_target)
        candidates = sorted({number for mark in marks for number in by_mark.get(mark, ())})
        known = next((n for n in candidates if _share(tables[kind], servers[found[n][0]], of_target)), None)
        if known is not None:
            found[known].append(i)
            continue
        for mark in marks:
            by_mark.setdefault(mark, []).append(len(found))
        found.append([i])
    return found


def are_apart(outcomes: Sequence[Outcome | None]) -> bool:
    """Return whether no two targets have an instance or an address in common, whatever values they have."""
    seen: set[object] = set()
    for outcome in outcomes:
        marks = _marks(_servers(outcome)) if outcome and answers(outcome) else set()
        if not seen.isdisjoint(marks):
            return False
        seen |= marks
    return True


def _marks(servers: Sequence[tuple[Target, Reading]]) -> set[object]:
    """Return the instances and addresses of a target's servers: targets of one server have one in common."""
    return {reading.instance for _, reading in servers if reading.instance} | {
        _address(target, reading) for target, reading in servers if reading.address
    }


def _share(table: RuleTable, one: Sequence[tuple[Target, Reading]], other: Sequence[tuple[Target, Reading]]) -> bool:
    """Return whether all servers of one target are servers of the other."""
    few, many = sorted((one, other), key=len)
    if not few or few[0][0].kind != many[0][0].kind:
        return False
    if few[0][0].snapshot != many[0][0].snapshot:  # two moments of one server do prove something
        return False
    return all(any(_same(table, *a, *b) for b in many) for a in few)


def _servers(outcome: Outcome) -> list[tuple[Target, Reading]]:
    """Return the target and the reading of every server that answers."""
    nodes = outcome.nodes or (outcome,)
    return [(node.target, node.reading) for node in nodes if node.reading and not node.failure]


def _same(table: RuleTable, one: Target, read: Reading, other: Target, also: Reading) -> bool:
    """Return whether two readings come from one server: by its instance, or else by its address.

    Of two readings that differ, the address does not lead to one server: it may be a balancer's.
    """
    if read.instance and also.instance:
        return read.instance == also.instance and _same_identity(table, read, also)
    server = bool(read.facts and read.address)  # the app's own process is none
    return server and _address(one, read) == _address(other, also) and _same_values(read, also)


def _same_identity(table: RuleTable, read: Reading, also: Reading) -> bool:
    """Return whether what differs by nature does not differ: an instance may be as weak as a process id."""
    if (read.product, read.version) != (also.product, also.version):
        return False
    shared = read.facts.keys() & also.facts.keys()
    ignored = [name for name in shared if table.rule(name).severity is Severity.IGNORED]
    return all(read.facts[name].raw == also.facts[name].raw for name in ignored)


def _same_values(read: Reading, also: Reading) -> bool:
    """Return whether all values are equal; of two that differ, most do early."""
    facts, others = read.facts, also.facts
    return facts.keys() == others.keys() and all(fact.raw == others[name].raw for name, fact in facts.items())


def _address(target: Target, reading: Reading) -> tuple[object, ...]:
    options = tuple(sorted(target.options.items()))
    host = "localhost" if target.host in ("127.0.0.1", "::1") else target.host
    address = "" if target.host else reading.address
    route = target.ssh, target.kube, target.tunnel
    return target.scheme, host, target.port, target.path, route, options, address

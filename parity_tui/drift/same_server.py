"""Environments that lead to one server: its settings agree with themselves, which proves nothing."""

from __future__ import annotations

from collections.abc import Iterator

from parity_tui.drift.grade import answers
from parity_tui.drift.policy import ended_words
from parity_tui.drift.row import SAME_SERVER, Group, Row
from parity_tui.drift.words import listing
from parity_tui.model import ABSENT, Fact, Outcome, Reading, Rule, Severity, State, Target, Verdict

_WHY = "A server that is compared with itself always agrees: one of the URLs or tunnels leads to the wrong place."


def same_server_rows(group: Group) -> Iterator[Row]:
    """Yield one row if environments lead to the same server: unknown, or expected where the user accepts it."""
    shared = [same for same in _shared(group) if len(same) > 1]
    if not shared:
        return
    names = [[group.environments[i] for i in same] for same in shared]
    note = "; ".join(f"{listing(each)} are the same server: nothing was compared" for each in names)
    accepted, more = _accepted(group)
    cells = [ABSENT] * len(group.environments)
    for same in shared:
        for i in same:
            cells[i] = Fact(state=State.UNKNOWN, note=f"the same server as {_others(group, same, i)}")
    yield Row(
        group.service,
        group.table.kind,
        SAME_SERVER,
        Verdict.EXPECTED if accepted else Verdict.UNKNOWN,
        Severity.CRITICAL,
        tuple(cells),
        Rule(SAME_SERVER, Severity.CRITICAL, _WHY),
        note="; ".join(filter(None, (note, more))),
        listed=True,
    )


def _others(group: Group, same: list[int], index: int) -> str:
    return listing([group.environments[i] for i in same if i != index])


def _accepted(group: Group) -> tuple[bool, str]:
    """Return whether the user accepts it, by the row's very name, and the words of that expectation."""
    for expectation in group.policy.expectations:
        if expectation.hidden and expectation.setting == SAME_SERVER and expectation.service == group.service:
            if expectation.ended(group.policy.today):
                return False, ended_words(expectation)
            return True, expectation.words
    return False, ""


def _shared(group: Group) -> list[list[int]]:
    """Return the environments that answer, those of one server together."""
    found: list[list[int]] = []
    for i, outcome in enumerate(group.outcomes):
        if outcome is None or not answers(outcome):
            continue
        known = next((same for same in found if _share(group, group.outcomes[same[0]], outcome)), None)
        if known is None:
            found.append([i])
        else:
            known.append(i)
    return found


def _share(group: Group, one: Outcome | None, other: Outcome) -> bool:
    """Return whether all servers of one target are servers of the other."""
    if one is None or one.target.kind != other.target.kind:
        return False
    few, many = sorted((_servers(one), _servers(other)), key=len)
    return bool(few) and all(any(_same(group, *a, *b) for b in many) for a in few)


def _servers(outcome: Outcome) -> list[tuple[Target, Reading]]:
    """Return the target and the reading of every server that answers."""
    nodes = outcome.nodes or (outcome,)
    return [(node.target, node.reading) for node in nodes if node.reading and not node.failure]


def _same(group: Group, one: Target, read: Reading, other: Target, also: Reading) -> bool:
    """Return whether two readings come from one server: by its instance, or else by its address.

    Of two readings that differ, the address does not lead to one server: it may be a balancer's.
    """
    if read.instance and also.instance:
        return read.instance == also.instance and _same_identity(group, read, also)
    server = bool(read.facts and read.address)  # the app's own process is none
    return server and _address(one, read) == _address(other, also) and _raw(read) == _raw(also)


def _same_identity(group: Group, read: Reading, also: Reading) -> bool:
    """Return whether what differs by nature does not differ: an instance may be as weak as a process id."""
    if (read.product, read.version) != (also.product, also.version):
        return False
    shared = read.facts.keys() & also.facts.keys()
    ignored = [name for name in shared if group.table.rule(name).severity is Severity.IGNORED]
    return all(read.facts[name].raw == also.facts[name].raw for name in ignored)


def _raw(reading: Reading) -> dict[str, str | None]:
    return {name: fact.raw for name, fact in reading.facts.items()}


def _address(target: Target, reading: Reading) -> tuple[object, ...]:
    options = sorted(target.options.items())
    host = "localhost" if target.host in ("127.0.0.1", "::1") else target.host
    address = "" if target.host else reading.address
    return target.scheme, host, target.port, target.path, target.ssh, options, address

"""Several servers behind one target: where they agree they are one value, where they do not that is drift itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from parity_tui.drift.policy import matches
from parity_tui.drift.rules import RuleTable
from parity_tui.drift.values import comparison_key, display_text
from parity_tui.model import ABSENT, Fact, Failure, Outcome, Reading, Rule, State

_NOT_KNOWN = (State.HIDDEN, State.UNKNOWN)


def merge_nodes(nodes: Sequence[Outcome], table: RuleTable) -> Outcome:
    """Return one outcome for the nodes of a target, in their order.

    Pending until every node has answered or failed: a comparison of half the nodes would be taken back a moment
    later. From then on what the living nodes say counts, with a note on those that cannot be read; it is a failure
    only where none can. ``table`` is that of their kind: it knows which values mean the same.
    """
    whole = Outcome(nodes[0].target, nodes=tuple(nodes), milliseconds=max(node.milliseconds for node in nodes))
    if any(node.pending for node in nodes):
        return whole
    dead = [node for node in nodes if node.failure is not None]
    told = [node for node in nodes if node.reading and (node.failure is None or len(dead) == len(nodes))]
    return replace(
        whole,
        reading=_reading(told, dead, len(nodes), table) if told else None,
        failure=_all_dead(dead) if len(dead) == len(nodes) else None,
        at=min((node.at for node in told), default=0.0),
    )


def missing_fact(name: str, reading: Reading) -> Fact:
    """Return why a reading has no fact of this name: hidden by rights, or not there."""
    why = next((why for pattern, why in reading.hidden if matches(pattern, name)), "")
    return Fact(state=State.HIDDEN, note=why) if why else ABSENT


def _all_dead(dead: Sequence[Outcome]) -> Failure | None:
    """Return why no node can be read: in the words of the first."""
    first = dead[0].failure
    return first and Failure(first.reason, f"none of {len(dead)} nodes can be read: {_words(dead[0])}")


def _words(node: Outcome) -> str:
    """Return why a node cannot be read, with its address."""
    message, address = node.failure.message if node.failure else "", node.target.node
    return message if not address or address in message else f"{address}: {message}"


def _reading(told: Sequence[Outcome], dead: Sequence[Outcome], count: int, table: RuleTable) -> Reading:
    """Return what the nodes that count say together; ``count`` is the number of all nodes."""
    readings = [node.reading for node in told if node.reading]
    names = [node.target.node for node in told]
    notes = dict.fromkeys(note for reading in readings for note in reading.notes)
    if dead and len(dead) < count:
        notes[f"{len(dead)} of {count} nodes cannot be read: {'; '.join(map(_words, dead))}"] = None
    return Reading(
        product=_listing(reading.product for reading in readings),
        version=_listing(reading.version for reading in readings),
        facts=_facts(readings, names, count, table),
        hidden=tuple(dict.fromkeys(entry for reading in readings for entry in reading.hidden)),
        notes=tuple(notes),
        address=", ".join(dict.fromkeys(reading.address for reading in readings if reading.address)),
        instance=" ".join(reading.instance for reading in readings),
    )


def _listing(texts: Iterable[str]) -> str:
    """Return different texts as one: "16.3 and 16.4"."""
    return " and ".join(sorted({text for text in texts if text}))


class NodeValue(Struct, frozen=True):
    """What one node says of one setting."""

    fact: Fact
    node: str
    release: str
    """product and version"""


def _facts(readings: Sequence[Reading], names: Sequence[str], count: int, table: RuleTable) -> dict[str, Fact]:
    """Return the facts of all nodes as those of one."""
    releases = [f"{reading.product} {reading.version}" for reading in readings]
    facts = {}
    for name in dict.fromkeys(name for reading in readings for name in reading.facts):
        said = [reading.facts.get(name) or missing_fact(name, reading) for reading in readings]
        voices = map(NodeValue, said, names, releases)
        same = all(fact == said[0] for fact in said)
        facts[name] = said[0] if same else _fact(list(voices), table.rule(name), count)
    return facts


def _fact(voices: Sequence[NodeValue], rule: Rule, count: int) -> Fact:
    """Return one setting of nodes that do not say it in the same words."""
    groups: dict[str, list[NodeValue]] = {}
    for voice in voices:
        if voice.fact.state not in _NOT_KNOWN:
            groups.setdefault(comparison_key(voice.fact, rule), []).append(voice)
    if len(groups) > 1:
        told = _told_by_version(voices, rule)
        return _fact(told, rule, count) if told else _split(list(groups.values()), rule, count)
    unknown = [voice.fact for voice in voices if voice.fact.state in _NOT_KNOWN]
    if unknown:  # what one node does not show may be anything
        partly = f"on {len(unknown)} of {count} nodes" if groups else ""
        return replace(unknown[0], note=": ".join(filter(None, (partly, unknown[0].note))))
    return _agreed([voice.fact for voice in voices])


def _told_by_version(voices: Sequence[NodeValue], rule: Rule) -> list[NodeValue]:
    """Return the nodes that have a setting where the others lack it for their version, none where it is not so."""
    lacking = {voice.release for voice in voices if voice.fact.state is State.ABSENT}
    having = [voice for voice in voices if voice.fact.state is not State.ABSENT]
    explained = rule.explained_by == "version" and lacking and lacking.isdisjoint(voice.release for voice in having)
    return having if explained else []


def _agreed(facts: Sequence[Fact]) -> Fact:
    """Return the one fact of nodes that mean the same, with all that is peculiar of any."""
    default = facts[0].default if len({fact.default for fact in facts}) == 1 else None
    note = "; ".join(dict.fromkeys(fact.note for fact in facts if fact.note))
    return replace(facts[0], default=default, note=note)


def _split(groups: Sequence[Sequence[NodeValue]], rule: Rule, count: int) -> Fact:
    """Return the fact that says how many nodes say what; its note says which."""
    ordered = sorted(groups, key=lambda group: (-len(group), display_text(group[0].fact, rule)))
    facts = [group[0].fact for group in ordered]
    text = ", ".join(_counted(ordered, rule, count))
    which = (f"{', '.join(voice.node for voice in group)}: {display_text(group[0].fact, rule)}" for group in ordered)
    description = next((fact.description for fact in facts if fact.description), "")
    return Fact(text, canonical=text, description=description, note="; ".join(which), parts=tuple(facts))


def _counted(groups: Sequence[Sequence[NodeValue]], rule: Rule, count: int) -> Iterator[str]:
    """Yield how many nodes say each value: "2 of 3 nodes say X", "1 says Y"."""
    for at, group in enumerate(groups):
        one = len(group) == 1
        who = str(len(group)) if at else f"{len(group)} of {count} nodes"
        if group[0].fact.state is State.ABSENT:
            yield f"{who} {'has' if one else 'have'} none"
        else:
            yield f"{who} {'says' if one else 'say'} {display_text(group[0].fact, rule)}"

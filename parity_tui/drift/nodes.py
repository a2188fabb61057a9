"""Merges the nodes of one target: values that agree become one fact, values that disagree are drift."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from parity_tui.drift.policy import matches
from parity_tui.drift.revisions import aligned, is_revision
from parity_tui.drift.rules import RuleTable
from parity_tui.drift.values import comparison_key, display_text
from parity_tui.drift.words import listing
from parity_tui.model import ABSENT, Fact, Failure, Outcome, Reading, Rule, State

_NOT_KNOWN = (State.HIDDEN, State.UNKNOWN)


def merge_nodes(nodes: Sequence[Outcome], table: RuleTable) -> Outcome:
    """Return one outcome for the nodes of a target.

    It is pending until every node has answered or failed, because a comparison of half the nodes would be revoked a
    moment later. A node that cannot be read counts with its last values, and a note names it; the target fails if no
    node can be read.

    Args:
        nodes: the latest outcome of each, in the order of the configuration.
        table: of their kind; decides which values are equal.
    """
    merged = Outcome(nodes[0].target, nodes=tuple(nodes), milliseconds=max(node.milliseconds for node in nodes))
    if any(node.pending for node in nodes):
        return merged
    dead = [node for node in nodes if node.failure is not None]
    all_dead = len(dead) == len(nodes)
    counted = [node for node in nodes if node.reading]
    living = [node for node in counted if node.failure is None] or counted
    return replace(
        merged,
        reading=_merge_readings(counted, dead, len(nodes), table) if counted else None,
        failure=_merge_failures(dead) if all_dead else None,
        at=min((node.at for node in living), default=0.0),
        failed_since=max(node.failed_since for node in nodes) if all_dead else 0.0,
        recovered_at=max(node.recovered_at for node in nodes),
    )


def missing_fact(name: str, reading: Reading) -> Fact:
    """Return the fact for a setting that a reading lacks: HIDDEN with the missing right, or ABSENT."""
    why = next((why for pattern, why in reading.hidden if matches(pattern, name)), "")
    return Fact(state=State.HIDDEN, note=why) if why else ABSENT


def _merge_failures(dead: Sequence[Outcome]) -> Failure | None:
    first = dead[0].failure
    return first and Failure(first.reason, f"all {len(dead)} nodes failed: {_failure_message(dead[0])}")


def _failure_message(node: Outcome) -> str:
    message, address = node.failure.message if node.failure else "", node.target.node
    return message if not address or address in message else f"{address}: {message}"


def _merge_readings(counted: Sequence[Outcome], dead: Sequence[Outcome], count: int, table: RuleTable) -> Reading:
    """Return one reading for the nodes that count; ``count`` is the number of all nodes."""
    readings = [node.reading for node in counted if node.reading]
    partly = len(dead) < count
    names = [_name(node) if partly else node.target.node for node in counted]
    notes = dict.fromkeys(note for reading in readings for note in reading.notes)
    if dead and partly:
        notes[f"{len(dead)} of {count} nodes failed: {'; '.join(map(_failure_message, dead))}"] = None
    return Reading(
        product=_distinct(reading.product for reading in readings),
        version=_distinct(reading.version for reading in readings),
        facts=_merge_facts(readings, names, count, table),
        hidden=tuple(dict.fromkeys(entry for reading in readings for entry in reading.hidden)),
        notes=tuple(notes),
        address=", ".join(dict.fromkeys(reading.address for reading in readings if reading.address)),
        instance=" ".join(reading.instance for reading in readings),
    )


def _name(node: Outcome) -> str:
    """Return the address of a node; of one that cannot be read with the time of its last answer."""
    if node.failure is None or not node.at:
        return node.target.node
    return f"{node.target.node} as of {datetime.fromtimestamp(node.at).astimezone():%Y-%m-%d %H:%M}"


def _distinct(texts: Iterable[str]) -> str:
    """Return the distinct texts as one: "16.3 and 16.4"."""
    return " and ".join(sorted({text for text in texts if text}))


class NodeValue(Struct, frozen=True):
    """One setting of one node."""

    fact: Fact
    node: str
    """its address, and "as of" with a time if it cannot be read"""
    release: str
    """product and version"""


def _merge_facts(readings: Sequence[Reading], nodes: Sequence[str], count: int, table: RuleTable) -> dict[str, Fact]:
    releases = [f"{reading.product} {reading.version}" for reading in readings]
    facts = {}
    for name in dict.fromkeys(name for reading in readings for name in reading.facts):
        of_nodes = [reading.facts.get(name) or missing_fact(name, reading) for reading in readings]
        if all(fact == of_nodes[0] for fact in of_nodes):
            facts[name] = of_nodes[0]
        else:
            rule = table.rule(name)
            comparable = aligned(of_nodes) if is_revision(rule) else of_nodes
            facts[name] = _merge_values(list(map(NodeValue, comparable, nodes, releases)), rule, count)
    return facts


def _merge_values(values: Sequence[NodeValue], rule: Rule, count: int) -> Fact:
    """Return one fact for the values of one setting that are not identical."""
    groups: dict[str, list[NodeValue]] = {}
    for value in values:
        if value.fact.state not in _NOT_KNOWN:
            groups.setdefault(comparison_key(value.fact, rule), []).append(value)
    if len(groups) > 1:
        having = _absence_explained_by_version(values, rule)
        return _merge_values(having, rule, count) if having else _disagreement(list(groups.values()), rule, count)
    unknown = [value.fact for value in values if value.fact.state in _NOT_KNOWN]
    if unknown:  # a hidden value may differ from the known ones
        share = f"on {len(unknown)} of {count} nodes" if groups else ""
        return replace(unknown[0], note=": ".join(filter(None, (share, unknown[0].note))))
    return _agreement([value.fact for value in values])


def _absence_explained_by_version(values: Sequence[NodeValue], rule: Rule) -> list[NodeValue]:
    """Return the nodes that have the setting if the others lack it because of their version, else no nodes."""
    lacking = {value.release for value in values if value.fact.state is State.ABSENT}
    having = [value for value in values if value.fact.state is not State.ABSENT]
    explained = rule.explained_by == "version" and lacking and lacking.isdisjoint(value.release for value in having)
    return having if explained else []


def _agreement(facts: Sequence[Fact]) -> Fact:
    """Return one fact for equal values, with the notes of all."""
    default = facts[0].default if len({fact.default for fact in facts}) == 1 else None
    note = "; ".join(dict.fromkeys(fact.note for fact in facts if fact.note))
    return replace(facts[0], default=default, note=note)


def _disagreement(groups: Sequence[Sequence[NodeValue]], rule: Rule, count: int) -> Fact:
    """Return a fact that counts the nodes with each value; its note names them."""
    ordered = sorted(groups, key=lambda group: (-len(group), display_text(group[0].fact, rule)))
    facts = [group[0].fact for group in ordered]
    text = ", ".join(_counts(ordered, rule, count))
    members = (f"{', '.join(value.node for value in group)}: {display_text(group[0].fact, rule)}" for group in ordered)
    description = next((fact.description for fact in facts if fact.description), "")
    return Fact(text, canonical=text, description=description, note="; ".join(members), parts=tuple(facts))


def _counts(groups: Sequence[Sequence[NodeValue]], rule: Rule, count: int) -> Iterator[str]:
    """Yield the nodes with each value: "2 of 3 nodes say X", "c:6379 says Y"; only a majority is not named."""
    for index, group in enumerate(groups):
        one = len(group) == 1
        majority = index == 0 and len(group) > len(groups[1])
        nodes = f"{len(group)} of {count} nodes" if majority else listing([value.node for value in group])
        if group[0].fact.state is State.ABSENT:
            yield f"{nodes} {'has' if one else 'have'} none"
        else:
            yield f"{nodes} {'says' if one else 'say'} {display_text(group[0].fact, rule)}"

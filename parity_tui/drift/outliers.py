"""Which environments of a row are outliers: those that differ from the baseline, or from the majority."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from parity_tui.drift.row import Group, Row
from parity_tui.model import Fact, Rule


def outliers(group: Group, row: Row, known: Mapping[int, str]) -> tuple[tuple[str, ...], str]:
    """Return the outlying environments of a row and how they were determined, "" where that is obvious.

    An environment whose nodes disagree is an outlier and has no vote.

    Args:
        group: the environments that are compared.
        row: the row.
        known: comparison keys by the index of the environment.
    """
    names, baseline = group.environments, group.policy.baseline
    if reported := always_reported(row.rule, row.cells, known):
        return tuple(names[i] for i in reported), ""
    why = "runs a different product" if group.other_baseline else "could not be read"
    divided = [names[i] for i in known if row.cells[i].parts]
    voting = {names[i]: key for i, key in known.items() if not row.cells[i].parts}
    baseline = "" if baseline in divided else baseline
    others, reason = outlying(voting, baseline, why) if len(set(voting.values())) > 1 else ((), "")
    if group.other_baseline and others:  # the product's row says already that the baseline is of another kind
        reason = ""
    disagreement = f"the nodes of {' and of '.join(divided)} disagree" if divided else ""
    odd = tuple(name for name in names if name in {*divided, *others})
    return odd, "; ".join(filter(None, (disagreement, reason)))


def outlying(keys: Mapping[str, str], baseline: str, why: str = "could not be read") -> tuple[tuple[str, ...], str]:
    """Return the outlying environments and a note on how they were determined, "" where that is obvious.

    Args:
        keys: environment -> comparison key, for each known value.
        baseline: the environment to compare with, "" for the majority.
        why: completes the note on a baseline without a known value.

    >>> outlying({"dev": "1", "staging": "2", "production": "2"}, "")
    (('dev',), '')
    >>> outlying({"dev": "1", "production": "2"}, "")
    ((), 'no value has a majority')
    >>> outlying({"dev": "1", "staging": "1", "production": "2"}, "production")
    (('dev', 'staging'), '')
    >>> outlying({"dev": "1", "staging": "2"}, "production", "has something else")
    ((), 'production has something else, and no value has a majority')
    """
    if baseline in keys:
        return tuple(name for name in keys if keys[name] != keys[baseline]), ""
    value, count = Counter(keys.values()).most_common(1)[0]
    note = f"{baseline} {why}" if baseline else ""
    if count * 2 <= len(keys):
        return (), ", and ".join(filter(None, (note, "no value has a majority")))
    return tuple(name for name in keys if keys[name] != value), note and f"{note}: compared with the majority"


def always_reported(rule: Rule, cells: Sequence[Fact], known: Iterable[int]) -> list[int]:
    """Return the environments with a value, or a node's value, that the rule reports even if all others have it."""
    values = rule.always_report
    return [i for i in known if values and any(fact.raw in values for fact in (cells[i], *cells[i].parts))]

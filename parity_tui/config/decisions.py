"""The user's decisions in a parity.toml: [[expect]] and [severity]."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any

from msgspec import Struct, field

from parity_tui import services
from parity_tui.config.errors import nearest
from parity_tui.config.toml_decode import checked, decode_table
from parity_tui.config.toml_document import KeyPath, TomlDocument, dotted, leaves
from parity_tui.config.variables import expand_all
from parity_tui.drift.policy import Expectation, matches
from parity_tui.model import Severity


class ExpectTable(Struct):
    """One table [[expect]]."""

    service: str
    setting: str
    reason: str
    environments: list[str] = field(default_factory=list)
    values: dict[str, str] = field(default_factory=dict)
    owner: str = ""
    until: date | None = None
    hidden: bool = False


def expectations(
    document: TomlDocument,
    tables: Sequence[Any],
    names: Sequence[str],
    roles: Sequence[str],
    environ: Mapping[str, str],
) -> Iterator[Expectation]:
    """Yield the expectations of the tables [[expect]]; problems are reported to the document.

    Args:
        document: collects the problems.
        tables: as they are in the file.
        names: of the environments.
        roles: names of the services.
        environ: the variables that a text may refer to.
    """
    for index, table in enumerate(tables):
        path = ("expect", index)
        if decode_table(document, path, table, ExpectTable) is None:
            continue
        expanded = checked(document, path, partial(expand_all, table, environ))
        if expanded is not None:
            _check_expectation(document, path, expanded, names, roles)
            yield Expectation(**{**expanded, "environments": tuple(expanded.get("environments", ()))})


def _check_expectation(
    document: TomlDocument, path: KeyPath, table: Mapping[str, Any], names: Sequence[str], roles: Sequence[str]
) -> None:
    """Report empty texts and unknown names."""
    for key in ("service", "setting", "reason"):
        if not table[key].strip():
            document.report((*path, key), f"{dotted((*path, key))} is empty")
    if table.get("hidden") and table.get("values"):
        document.report((*path, "values"), f"{dotted(path)}: a hidden setting has no values: leave one out")
    if not any(matches(table["service"], role) for role in roles):
        _report_unknown(document, (*path, "service"), "service", table["service"], roles)
    for key in ("environments", "values"):
        for name in table.get(key, ()):
            if name not in names:
                _report_unknown(document, (*path, key), "environment", name, names)


def _report_unknown(document: TomlDocument, path: KeyPath, noun: str, name: str, known: Iterable[str]) -> None:
    document.report(path, f'{dotted(path)}: no {noun} "{name}"{nearest(name, known)}')


def severities(document: TomlDocument, table: Mapping[str, Any]) -> Iterator[tuple[str, Severity]]:
    """Yield ("kind.setting", severity); TOML makes nested tables of an unquoted key."""
    known = [severity.value for severity in Severity]
    for keys, value in leaves(table):
        path, name = ("severity", *keys), ".".join(keys)
        kind, dot, setting = name.partition(".")
        if not dot or not setting:
            document.report(path, f'severity: "{name}" must be "kind.setting"')
        elif not any(matches(kind, known_kind) for known_kind in services.kinds()):
            document.report(path, f'severity: no kind "{kind}"{nearest(kind, services.kinds())}')
        elif not isinstance(value, str) or value not in known:
            hint = nearest(value, known) if isinstance(value, str) else f"; known: {', '.join(known)}"
            document.report(path, f'severity: "{name}" has no known severity{hint}')
        else:
            yield name, Severity(value)

"""A table of the configuration as a struct of ours: unknown keys, missing ones and wrong types in words."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, time
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin

import msgspec

from parity_tui.config.errors import nearest
from parity_tui.config.toml_document import KeyPath, TomlDocument, dotted

T = TypeVar("T", bound=msgspec.Struct)

ELSEWHERE = {
    "ssh": "`ssh` stands in [environments.NAME] and counts for all of its services",
}
"""words that have another place"""

_WANTED: dict[Any, str] = {
    str: "a text in quotes",
    float: "a number",
    date: "a day such as 2027-03-31, without quotes",
    list: "a list in brackets",
    dict: "a table",
}
_GOT: dict[type, str] = {
    str: "a text",
    bool: "true or false",
    int: "a number",
    float: "a number",
    datetime: "a day with a time",
    date: "a day",
    time: "a time",
    list: "a list",
    dict: "a table",
}


def decode_table(
    source: TomlDocument, path: KeyPath, table: Any, shape: type[T], also: Collection[str] = ()
) -> T | None:
    """Return ``table``, which stands at ``path``, as a ``shape``; None where there was something to complain of.

    ``also`` are keys that may stand there too and are none of the shape's.
    """
    if not isinstance(table, dict):
        source.complain(path, f"{dotted(path)} must be a table, not {_got(table)}")
        return None
    fields = {field.name: field for field in msgspec.structs.fields(shape)}
    values, whole = {}, True
    for key, value in table.items():
        if key in fields:
            problem = _mismatch(value, fields[key].type)
            whole &= not problem
            values[key] = value
            if problem:
                source.complain((*path, key), f"{dotted((*path, key))} {problem}")
        elif key not in also:
            whole = False
            source.complain((*path, key), _unknown(path, key, [*fields, *also]))
    missing = [name for name, field in fields.items() if field.required and name not in table]
    if missing and table.keys() <= fields.keys() | set(also):  # else an unknown key is likely to be it
        source.complain(path, f'{dotted(path)} has no "{missing[0]}"')
    return shape(**values) if whole and not missing else None


def _unknown(path: KeyPath, key: str, known: Collection[str]) -> str:
    """Return what to say of a key that does not belong there."""
    if key in ELSEWHERE:
        return f"{dotted((*path, key))}: {ELSEWHERE[key]}"
    where = f" in {dotted(path)}" if path else ""
    return f'unknown key "{key}"{where}{nearest(key, known)}'


def _mismatch(value: Any, wanted: Any) -> str:
    """Return what is wrong with the type of a value, "" where nothing is."""
    try:
        # What TOML itself tells apart is not converted: a day in quotes is a text.
        msgspec.convert(value, wanted, builtin_types=(date, datetime, time))
    except msgspec.ValidationError:
        return f"must be {_wanted(wanted)}, not {_got(value)}"
    return ""


def _wanted(wanted: Any) -> str:
    """Return a type in words."""
    if isinstance(wanted, UnionType) or get_origin(wanted) is Union:
        return " or ".join(_wanted(one) for one in get_args(wanted) if one is not type(None))
    members = [_WANTED[one] for one in get_args(wanted)[-1:] if one in _WANTED]
    return _WANTED[get_origin(wanted) or wanted] + (f", each value {members[0]}" if members else "")


def _got(value: Any) -> str:
    """Return the type of a value in words."""
    return _GOT[type(value)]

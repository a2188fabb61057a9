"""Decodes a TOML table into a struct; reports unknown keys, missing keys and wrong types in words."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime, time
from functools import cache
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin

import msgspec

from parity_tui.config.errors import InvalidValue, UnsetVariable, nearest
from parity_tui.config.toml_document import KeyPath, TomlDocument, dotted

T = TypeVar("T", bound=msgspec.Struct)
R = TypeVar("R")

_MISPLACED = {
    "ssh": "`ssh` belongs in [environments.NAME] and applies to all of its services",
}

_EXPECTED: dict[Any, str] = {
    str: "a text in quotes",
    float: "a number",
    bool: "true or false, without quotes",
    date: "a day such as 2027-03-31, without quotes",
    list: "a list in brackets",
    dict: "a table",
}
_ACTUAL: dict[type, str] = {
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
    document: TomlDocument, path: KeyPath, table: Any, struct: type[T], further_keys: Collection[str] = ()
) -> T | None:
    """Return a table as a struct; None after a problem, which is reported to the document.

    Args:
        document: collects the problems.
        path: the keys that lead to the table.
        table: the value found there, of any type.
        struct: the type to return.
        further_keys: keys that are allowed too, but are not fields of the struct.
    """
    if not isinstance(table, dict):
        document.report(path, f"{dotted(path)} must be a table, not {_ACTUAL[type(table)]}")
        return None
    fields = _fields(struct)
    values, valid = {}, True
    for key, value in table.items():
        if key in fields:
            problem = _type_problem(value, fields[key].type)
            valid &= not problem
            values[key] = value
            if problem:
                document.report((*path, key), f"{dotted((*path, key))} {problem}")
        elif key not in further_keys:
            valid = False
            document.report((*path, key), _unknown_key(path, key, [*fields, *further_keys]))
    missing = [name for name, field in fields.items() if field.required and name not in table]
    if missing and table.keys() <= fields.keys() | set(further_keys):  # else the unknown key is probably this one
        document.report(path, f'{dotted(path)} has no "{missing[0]}"')
    return struct(**values) if valid and not missing else None


@cache
def _fields(struct: type) -> Mapping[str, msgspec.structs.FieldInfo]:
    """Return the fields of a struct by name."""
    return {field.name: field for field in msgspec.structs.fields(struct)}


def _unknown_key(path: KeyPath, key: str, known: Collection[str]) -> str:
    if key in _MISPLACED:
        return f"{dotted((*path, key))}: {_MISPLACED[key]}"
    parent = f" in {dotted(path)}" if path else ""
    return f'unknown key "{key}"{parent}{nearest(key, known)}'


def _type_problem(value: Any, expected: Any) -> str:
    """Return how a value differs from the expected type, "" if it has that type."""
    try:
        # Types that TOML itself distinguishes are not converted: a day in quotes is a text.
        msgspec.convert(value, expected, builtin_types=(date, datetime, time))
    except msgspec.ValidationError:
        return f"must be {_in_words(expected)}, not {_ACTUAL[type(value)]}"
    return ""


def _in_words(expected: Any) -> str:
    if isinstance(expected, UnionType) or get_origin(expected) is Union:
        return " or ".join(_in_words(member) for member in get_args(expected) if member is not type(None))
    items = [_EXPECTED[member] for member in get_args(expected)[-1:] if member in _EXPECTED]
    return _EXPECTED[get_origin(expected) or expected] + (f", each value {items[0]}" if items else "")


def checked(document: TomlDocument, path: KeyPath, compute: Callable[[], R]) -> R | None:
    """Return the result of ``compute``; None after its exception, which is reported."""
    try:
        return compute()
    except UnsetVariable as unset:
        document.report(path, f"{dotted(path)}: {unset}")
    except InvalidValue as invalid:
        document.report(path, f"{dotted(path)} {invalid.message}")
    return None

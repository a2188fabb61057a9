"""Merges two definitions of a service as Compose does: from an override file, or from `extends`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from parity_tui.init.compose.documents import Documents, Override, mapping

Service = dict[str, Any]

_REPLACED = ("command", "entrypoint", "healthcheck")


def merged(base: Service, over: Service, documents: Documents) -> Service:
    """Return a service with the values of ``over`` added to those of ``base``, or in their place.

    >>> merged({"image": "a", "ports": ["1:1"], "command": ["x"]}, {"ports": ["2:2"], "command": ["y"]}, Documents())
    {'image': 'a', 'ports': ['1:1', '2:2'], 'command': ['y']}
    >>> merged({"environment": ["A=1", "B=2"]}, {"environment": {"A": "3"}}, Documents())
    {'environment': {'A': '3', 'B': '2'}}
    """
    base, over = normalized(base), normalized(over)
    documents.spend(sum(len(value) for value in base.values() if isinstance(value, list | dict)))
    result = dict(base)
    for key, value in over.items():
        result[key] = _value(result.get(key), value, key in _REPLACED, documents)
    return result


def normalized(service: Service) -> Service:
    """Return a service with the long form of what has two."""
    result = dict(service)
    for key, long_form in _LONG_FORMS.items():
        value = result.get(key)
        if value is not None and not isinstance(value, Override):
            result[key] = long_form(value)
    return result


def plain(value: Any) -> Any:
    """Return a value without the marks of `!override` and `!reset` on its first two levels."""
    if isinstance(value, Override):
        return value.value
    if isinstance(value, dict):
        return {key: item.value if isinstance(item, Override) else item for key, item in value.items()}
    return value


def _value(base: Any, over: Any, replaced: bool, documents: Documents) -> Any:
    if isinstance(over, Override):
        return over.value
    if over is None:
        return base
    base = plain(base)
    if replaced or base is None:
        return over
    if isinstance(base, dict) and isinstance(over, dict):
        documents.spend(len(base) + len(over))
        return base | {key: _value(base.get(key), value, False, documents) for key, value in over.items()}
    if isinstance(base, list) and isinstance(over, list):
        documents.spend(len(base) + len(over))
        return [*base, *over]
    return over


def _variables(value: Any) -> Any:
    """Return the variables of a container, written as a mapping or as a list; None for one without a value.

    >>> _variables(["A=1", "B=", "C"])
    {'A': '1', 'B': '', 'C': None}
    """
    if not isinstance(value, list):
        return value
    pairs = (entry.partition("=") for entry in value if isinstance(entry, str))
    return {name: text if equals else None for name, equals, text in pairs}


def _list(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


def _names(value: Any) -> Any:
    return {name: None for name in value if isinstance(name, str)} if isinstance(value, list) else value


def _table(key: str) -> Callable[[Any], Any]:
    return lambda value: {key: value} if isinstance(value, str) else value


_LONG_FORMS: dict[str, Callable[[Any], Any]] = {
    "environment": _variables,
    "env_file": _list,
    "networks": _names,
    "build": _table("context"),
    "extends": _table("service"),
}


def build_arguments(service: Service) -> dict[str, Any]:
    """Return the build arguments of a service, written as a mapping or as a list."""
    return mapping(_variables(mapping(service.get("build")).get("args")))

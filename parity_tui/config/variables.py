"""References to variables: ``${VAR}``, ``${VAR:-default}``, and ``$$`` for a dollar."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from parity_tui.config.errors import InvalidValue, UnsetVariable

_REFERENCE = re.compile(r"\$(?:(?P<dollar>\$)|\{(?:(?P<name>[A-Za-z_]\w*)(?::-(?P<default>[^}]*))?\})?)", re.ASCII)


def expand(text: str, environ: Mapping[str, str]) -> str:
    """Return the text with its variables filled in; a default replaces an unset or empty variable.

    Raises UnsetVariable, or InvalidValue for a malformed reference.

    >>> expand("${USER}@${HOST:-localhost} for 5$$, not $5", {"USER": "ann"})
    'ann@localhost for 5$, not $5'
    """

    def replacement(match: re.Match[str]) -> str:
        name, default = match["name"], match["default"]
        if match["dollar"]:
            return "$"
        if name is None:
            raise InvalidValue("has a ${ that begins neither ${NAME} nor ${NAME:-default}; a dollar is written $$")
        value = environ.get(name)
        if default is not None:
            return value or default
        if value is None:
            raise UnsetVariable(name)
        return value

    return _REFERENCE.sub(replacement, text)


def expand_or_blank(text: str, environ: Mapping[str, str]) -> str:
    """Return the text as :func:`expand` does, with nothing for an unset variable: for inspection only.

    >>> expand_or_blank("postgresql://${USER}@db", {})
    'postgresql://@db'
    """
    return _REFERENCE.sub(
        lambda match: "$" if match["dollar"] else environ.get(match["name"] or "") or match["default"] or "", text
    )


def expand_all(value: Any, environ: Mapping[str, str]) -> Any:
    """Return the value with the variables of every text filled in, within lists and tables too."""
    if isinstance(value, str):
        return expand(value, environ)
    if isinstance(value, list):
        return [expand_all(item, environ) for item in value]
    if isinstance(value, dict):
        return {key: expand_all(item, environ) for key, item in value.items()}
    return value

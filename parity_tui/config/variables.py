"""``${VAR}`` and ``${VAR:-default}`` in a text, ``$$`` for a dollar."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from parity_tui.config.errors import InvalidValue, UnsetVariable

_REFERENCE = re.compile(r"\$(?:(?P<dollar>\$)|\{(?:(?P<name>[A-Za-z_]\w*)(?::-(?P<default>[^}]*))?\})?)", re.ASCII)


def expand(text: str, environ: Mapping[str, str]) -> str:
    """Return ``text`` with its variables filled in; a default counts where a variable is not set or is empty.

    Raises Missing for a variable that is not set, Wrong for a reference that cannot be understood.

    >>> expand("${USER}@${HOST:-localhost} for 5$$, not $5", {"USER": "ann"})
    'ann@localhost for 5$, not $5'
    """

    def fill(match: re.Match[str]) -> str:
        name, default = match["name"], match["default"]
        if match["dollar"]:
            return "$"
        if name is None:
            raise InvalidValue("holds a ${ that is neither ${NAME} nor ${NAME:-default}; a dollar is written $$")
        value = environ.get(name)
        if default is not None:
            return value or default
        if value is None:
            raise UnsetVariable(name)
        return value

    return _REFERENCE.sub(fill, text)


def outline(text: str, environ: Mapping[str, str]) -> str:
    """Return ``text`` as :func:`expand` does, with nothing where a variable is not set: good for looking at only.

    >>> outline("postgresql://${USER}@db", {})
    'postgresql://@db'
    """
    return _REFERENCE.sub(
        lambda match: "$" if match["dollar"] else environ.get(match["name"] or "") or match["default"] or "", text
    )


def expand_all(value: Any, environ: Mapping[str, str]) -> Any:
    """Return ``value`` with the variables of every text in it filled in, in lists and tables too."""
    if isinstance(value, str):
        return expand(value, environ)
    if isinstance(value, list):
        return [expand_all(item, environ) for item in value]
    if isinstance(value, dict):
        return {key: expand_all(item, environ) for key, item in value.items()}
    return value

"""The errors of a configuration, in words for the person who wrote it."""

from __future__ import annotations

from collections.abc import Iterable


class ConfigError(Exception):
    """All problems of a configuration, each with file, line and the nearest name."""

    def __init__(self, *problems: str) -> None:
        # A file may hold escape sequences: none of them reaches the terminal.
        self.problems = tuple("".join(s if s.isprintable() or s == "\n" else " " for s in p) for p in problems)
        """one sentence each; where the file has a line for it, the line follows on a second line"""
        super().__init__("\n".join(self.problems))


class InvalidValue(Exception):  # noqa: N818 - a remark on one value, from which a ConfigError is made
    """One invalid value: a message that does not repeat the value, and the key of the service's table."""

    def __init__(self, message: str, key: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.key = key
        """the key of the service's table; "" for its URL"""


class UnsetVariable(Exception):  # noqa: N818 - likewise
    """A value refers to a variable that is not set; only what can be the name of one is shown."""

    def __init__(self, name: str) -> None:
        shown = f"the variable {name}" if name.isascii() and name.isidentifier() else "a variable"
        super().__init__(f"{shown} is not set")


def nearest(name: str, known: Iterable[str]) -> str:
    """Return the end of a sentence about an unknown name: the most similar known name, else all known names.

    >>> nearest("pasword", ["url", "password"])
    '; did you mean "password"?'
    >>> nearest("x", ["url", "password"])
    '; known: url, password'
    """
    names = list(known)
    if close := similar(name, names):
        return f'; did you mean "{close}"?'
    return f"; known: {', '.join(names)}" if names else ""


def similar(name: str, known: Iterable[str]) -> str:
    """Return the most similar known name, "" where none is similar.

    >>> similar("--fromat", ["--format", "--all"]), similar("x", ["url"])
    ('--format', '')
    """
    from difflib import get_close_matches  # here: a configuration without mistakes does not need it

    names = list(known)
    begun = [known for known in names if name and known.startswith(name)]
    close = begun or get_close_matches(name, names, n=1) or get_close_matches(name.lower(), names, n=1)
    return close[0] if close else ""

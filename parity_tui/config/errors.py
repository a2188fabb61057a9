"""What is wrong with a configuration, in words for the person who wrote it."""

from __future__ import annotations

from collections.abc import Iterable


class ConfigError(Exception):
    """Everything that is wrong, for a person: each problem with its file, its line and the nearest name."""

    def __init__(self, *problems: str) -> None:
        # What stands in a file may hold anything: nothing of it is to steer a terminal.
        self.problems = tuple("".join(s if s.isprintable() or s == "\n" else " " for s in p) for p in problems)
        """one text each: a sentence, and beneath it the line of the file where there is one"""
        super().__init__("\n".join(self.problems))


class InvalidValue(Exception):  # noqa: N818 - a remark on one value, from which a ConfigError is made
    """What is wrong with one value, in words that do not show it, and the key that it stands under."""

    def __init__(self, message: str, key: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.key = key
        """the key of the service's table; "" for its URL"""


class UnsetVariable(Exception):  # noqa: N818 - likewise
    """A variable that a value names and that is not set."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the variable {name} is not set")


def nearest(name: str, known: Iterable[str]) -> str:
    """Return the end of a sentence about an unknown name: the one that may be meant, else all there are.

    >>> nearest("pasword", ["url", "password"])
    '; did you mean "password"?'
    >>> nearest("x", ["url", "password"])
    '; known: url, password'
    """
    from difflib import get_close_matches  # here: a configuration without a mistake does not wait for it

    names = list(known)
    begun = [known for known in names if name and known.startswith(name)]
    close = begun or get_close_matches(name, names, n=1) or get_close_matches(name.lower(), names, n=1)
    if close:
        return f'; did you mean "{close[0]}"?'
    return f"; known: {', '.join(names)}" if names else ""

"""The keywords of a reply to EHLO."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

WITHOUT_CASE = ("LIMITS", "XCLIENT", "XFORWARD")
"""keywords whose parameters may be written in any case"""


def keywords(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield each keyword in capitals, and its parameters.

    >>> list(keywords(["size 1000", "PIPELINING", "AUTH=LOGIN PLAIN", ""]))
    [('SIZE', '1000'), ('PIPELINING', ''), ('AUTH', 'LOGIN PLAIN')]
    >>> list(keywords(["limits mailmax=5"]))
    [('LIMITS', 'MAILMAX=5')]
    """
    for line in lines:
        name, _, parameters = line.strip().partition(" ")
        if name.upper().startswith("AUTH="):  # of clients older than the standard
            name, parameters = "AUTH", f"{name[5:]} {parameters}".strip()
        if name:
            words = " ".join(parameters.split())
            yield name.upper(), words.upper() if name.upper() in WITHOUT_CASE else words


def mechanisms(lines: Iterable[str]) -> tuple[str, ...]:
    """Return the mechanisms of login, sorted.

    >>> mechanisms(["AUTH PLAIN LOGIN", "AUTH=LOGIN plain"])
    ('LOGIN', 'PLAIN')
    """
    return tuple(sorted({word.upper() for name, words in keywords(lines) if name == "AUTH" for word in words.split()}))

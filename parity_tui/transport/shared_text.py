"""One object for a text that many servers send, such as the name and the description of a setting."""

from __future__ import annotations

from functools import lru_cache

_MOST = 20_000
_LONGEST = 1_000
"""characters; together with the number of texts a limit of memory, for servers are strangers"""


def shared(text: str) -> str:
    """Return an equal text that was seen before, if there is one.

    >>> shared("work_" + "mem".lower()) is shared("work_mem".replace("x", ""))
    True
    """
    return _seen(text) if len(text) <= _LONGEST else text


@lru_cache(maxsize=_MOST)
def _seen(text: str) -> str:
    return text

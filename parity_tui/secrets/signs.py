"""Signs of a secret: in the words of a name, and in a value."""

from __future__ import annotations

from functools import lru_cache

from parity_tui.secrets.patterns import (
    FLAGS,
    GLUED,
    HARMLESS_NAME,
    KEYWORDS,
    OVERRIDE,
    QUANTITIES,
    THING,
    WORD,
)
from parity_tui.secrets.spans import LONGEST, is_path, secret_spans
from parity_tui.secrets.words import ALWAYS_WORDS, GLUED_WORDS, NAME_WORDS, QUALIFIERS, UNGLUED_WORDS

_MOST_HARMLESS = 20_000
"""texts that are remembered as harmless"""


def holds_secret(text: str, *, identity: bool, known: bool) -> bool:
    """Return whether there is a secret within a text, of a setting whose name proves nothing."""
    if (text, known) in _harmless:
        return False
    if next(secret_spans(text, random=not (identity or known)), None) is not None:
        return True
    if not identity or known:
        if len(_harmless) >= _MOST_HARMLESS:
            _harmless.clear()
        _harmless.add((text, known))
    return False


_harmless: set[tuple[str, bool]] = set()
"""(text, known) of values without a secret: every refresh brings the same ones"""


@lru_cache(maxsize=20_000)
def words_of(name: str) -> tuple[str, ...]:
    """Return the words of a setting's own name, in lower case.

    >>> words_of('override.role."auth.x".http.curlopt_userpwd'), words_of("header[X-ApiKey]")
    (('http', 'curlopt', 'userpwd'), ('header', 'x', 'api', 'key'))
    """
    own = HARMLESS_NAME.sub("", OVERRIDE.sub("", name[:LONGEST], count=1))
    if THING.match(name):
        return ()
    return tuple(word.lower() for word in WORD.findall(own.rstrip(".0123456789")))


@lru_cache(maxsize=20_000)
def is_secretive(words: tuple[str, ...]) -> bool:
    """Return whether a name of these words means a secret."""
    return any(_secret_word(word) for word in words)


def _secret_word(word: str) -> str:
    """Return the word of the table that a word is or ends with, "" for none.

    >>> _secret_word("userpwd"), _secret_word("tokens"), _secret_word("bypass"), _secret_word("keyword")
    ('pwd', 'token', '', '')
    """
    if word in UNGLUED_WORDS:
        return ""
    for form in (word, word.removesuffix("s")):
        if form in NAME_WORDS:
            return form
    if not GLUED.fullmatch(word):
        return ""
    singular = word.removesuffix("s") if not word.endswith("pass") else word
    return next((end for end in GLUED_WORDS if singular.endswith(end)), "")


def is_harmless_beside(words: tuple[str, ...], text: str) -> bool:
    """Return whether a value has a shape that is harmless even under a secretive name."""
    text = text.strip("\"'")
    last = _secret_word(words[-1])
    if text.lower() in FLAGS or not text:
        return True
    if last in ALWAYS_WORDS and not words[-1].endswith("tokens"):
        return False
    if text.lower() in KEYWORDS or QUANTITIES.fullmatch(text) or is_path(text):
        return True
    return words[-1] in QUALIFIERS and next(secret_spans(text, random=True), None) is None

"""Decides which settings hold a secret, of every kind: by words of the name, marks in the value, and its entropy.

What is not known to be harmless is secret.
"""

from __future__ import annotations

from functools import lru_cache

from parity_tui.secrets.directives import HARMLESS
from parity_tui.secrets.patterns import (
    FLAGS,
    GLUED,
    HARMLESS_NAME,
    KEYWORDS,
    OVERRIDE,
    QUANTITIES,
    THING,
    WEB_NAME,
    WORD,
)
from parity_tui.secrets.spans import LONGEST, is_path, secret_spans
from parity_tui.secrets.words import (
    ALWAYS_WORDS,
    GLUED_WORDS,
    IDENTITY_WORDS,
    NAME_WORDS,
    QUALIFIERS,
    UNGLUED_WORDS,
)

_MOST_HARMLESS = 20_000
"""texts that are remembered as harmless"""


def is_secret(name: str, text: str, *, typed: bool = False, known: bool = False) -> bool:
    """Return whether a setting holds a secret.

    Args:
        name: of the setting; of an override of a role or database, the setting's own name counts, of a directive in a
            block of a web server that of the directive.
        text: its value.
        typed: the server declares a number, a flag, a quantity or an enumeration.
        known: a rule names the setting: a random text in it is no secret, other signs still count.

    >>> is_secret("requirepass", "x"), is_secret("password_encryption", "md5"), is_secret("url", "a://u:p@h")
    (True, False, True)
    >>> is_secret("override.role.app.app.encryption_key", "x"), is_secret("ssl_key", "/etc/key.pem")
    (True, False)
    >>> is_secret("init_connect", "SET @app_pw='fish'"), is_secret("init_connect", "SET NAMES utf8mb4")
    (True, False)
    >>> is_secret("http/location[/token]/root", "/srv"), is_secret("http/fastcgi_param[SMTP_PASS]", "x")
    (False, True)
    """
    if not text or typed:
        return False
    if len(text) > LONGEST:
        return True
    if WEB_NAME.match(name):
        from parity_tui.secrets.web import is_secret_directive, parts_of  # here: most runs have no web server

        return is_secret_directive(*parts_of(name), text, known=known)
    if name.lower() in HARMLESS:
        return holds_secret(text, identity=False, known=known)
    words = words_of(name)
    if is_secretive(words) and not is_harmless_beside(words, text):
        return True
    return holds_secret(text, identity=not IDENTITY_WORDS.isdisjoint(words), known=known)


def is_secret_name(name: str) -> bool:
    """Return whether a header, variable or parameter of this name holds a secret.

    >>> [name for name in ("SMTP_PASS", "userpwd", "X-Api-Key", "Host", "AUTHOR", "bypass") if is_secret_name(name)]
    ['SMTP_PASS', 'userpwd', 'X-Api-Key']
    """
    return is_secretive(words_of(name))


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

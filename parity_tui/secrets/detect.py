"""Decides which settings hold a secret, of every kind: by words of the name, marks in the value, and its entropy.

What is not known to be harmless is secret.
"""

from __future__ import annotations

from functools import lru_cache

from parity_tui.secrets.directives import CODE_OR_SECRET, HARMLESS, KEYED, UNUSUAL
from parity_tui.secrets.patterns import (
    FLAGS,
    GLUED,
    HARMLESS_NAME,
    HEADER_CHANGE,
    KEYWORDS,
    NAMED,
    OVERRIDE,
    QUANTITIES,
    REFERENCES,
    THING,
    WEB_NAME,
    WORD,
)
from parity_tui.secrets.spans import LONGEST, is_path, is_unusual, secret_spans
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
_LONGEST_NAME = 200
"""characters of a directive's name that are examined"""


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
        return is_secret_directive(*_directive(name), text, known=known)
    if name.lower() in HARMLESS:
        return _holds_secret(text, identity=False, known=known)
    words = _words_of(name)
    if _is_secretive(words) and not _is_harmless_beside(words, text):
        return True
    return _holds_secret(text, identity=not IDENTITY_WORDS.isdisjoint(words), known=known)


def is_secret_directive(directive: str, key: str, text: str, *, known: bool = False) -> bool:
    """Return whether the arguments of a web server's directive hold a secret; variables are none.

    Args:
        directive: its name.
        key: the name of what it sets, "" for none.
        text: its arguments without that.
        known: a random text in it is no secret, other signs still count.

    >>> is_secret_directive("proxy_set_header", "X-Token", "$http_x_token"), is_secret_directive("set", "$pw", "fish")
    (False, True)
    >>> is_secret_directive("auth_basic", "", "Staff only"), is_secret_directive("no_such", "", "tq9fLw2")
    (False, True)
    """
    lower = directive[:_LONGEST_NAME].lower()
    if lower.endswith("header") and (change := HEADER_CHANGE.match(text)):
        key, text = change["name"], text[change.end() :]
    if not text or len(text) > LONGEST or REFERENCES.fullmatch(text):
        return len(text) > LONGEST
    if CODE_OR_SECRET.fullmatch(lower):
        return True
    if lower in HARMLESS:
        return _holds_secret(text, identity=False, known=known)
    words = _words_of(key if key and KEYED.fullmatch(lower) else directive)
    if _is_secretive(words) and not _is_harmless_beside(words, text):
        return True
    named = None if key or lower.startswith("setenvif") else NAMED.fullmatch(text)  # that names a header first
    if named and is_secret_directive("set", named["name"], named["value"], known=True):
        return True
    known = known or bool(UNUSUAL.fullmatch(lower))
    if not known and is_unusual(text) and not is_path(text):
        return True
    return _holds_secret(text, identity=not IDENTITY_WORDS.isdisjoint(words), known=known)


def is_secret_name(name: str) -> bool:
    """Return whether a header, variable or parameter of this name holds a secret.

    >>> [name for name in ("SMTP_PASS", "userpwd", "X-Api-Key", "Host", "AUTHOR", "bypass") if is_secret_name(name)]
    ['SMTP_PASS', 'userpwd', 'X-Api-Key']
    """
    return _is_secretive(_words_of(name))


def _holds_secret(text: str, *, identity: bool, known: bool) -> bool:
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
def _directive(name: str) -> tuple[str, str]:
    """Return the directive that the full name of a fact ends with, and the name of what it sets.

    >>> _directive("http/server[api] #2/location[/a]/set[$a[0]]"), _directive("http/proxy_pass target")
    (('set', '$a[0]'), ('proxy_pass', ''))
    """
    depth = start = 0
    for index, letter in enumerate(name):
        depth = max(0, depth + (letter == "[") - (letter == "]"))
        if letter == "/" and not depth:
            start = index + 1
    directive, _, key = name[start:].partition("[")
    return directive.partition(" #")[0].removesuffix(" target"), key.rpartition("]")[0]


@lru_cache(maxsize=20_000)
def _words_of(name: str) -> tuple[str, ...]:
    """Return the words of a setting's own name, in lower case.

    >>> _words_of('override.role."auth.x".http.curlopt_userpwd'), _words_of("header[X-ApiKey]")
    (('http', 'curlopt', 'userpwd'), ('header', 'x', 'api', 'key'))
    """
    own = HARMLESS_NAME.sub("", OVERRIDE.sub("", name[:LONGEST], count=1))
    if THING.match(name):
        return ()
    return tuple(word.lower() for word in WORD.findall(own.rstrip(".0123456789")))


@lru_cache(maxsize=20_000)
def _is_secretive(words: tuple[str, ...]) -> bool:
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


def _is_harmless_beside(words: tuple[str, ...], text: str) -> bool:
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

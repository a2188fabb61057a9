"""Decides which settings hold a secret: by words of the name, marks in the value, and its entropy.

What is not known to be harmless is secret. The work is bounded: a text longer than :data:`LONGEST` is not examined, and
every pattern is linear in its text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from parity_tui.secrets.patterns import (
    ASSIGNMENT,
    COMPARISON,
    FLAGS,
    GLUED,
    HARMLESS_NAME,
    HEADER,
    KEYWORDS,
    LOGIN,
    MARK,
    ONE_WORD,
    OVERRIDE,
    PASSWORD_CLAUSE,
    PATH,
    PEM,
    QUANTITIES,
    ROUTINE,
    RUN,
    STATEMENT,
    THING,
    URL,
    WEB_NAME,
    WORD,
)
from parity_tui.secrets.words import (
    ALWAYS_WORDS,
    GLUED_WORDS,
    IDENTITY_WORDS,
    NAME_WORDS,
    QUALIFIERS,
    UNGLUED_WORDS,
    WEBHOOK_HOSTS,
)

LONGEST = 8192
"""characters that are examined; a longer text counts as secret"""
_MOST_HARMLESS = 20_000
"""texts that are remembered as harmless"""

_DIGITS = 20
"""of the largest number of 64 bits"""

Span = tuple[int, int]
"""(start, end) of a secret within a text"""


def is_secret(name: str, text: str, *, typed: bool = False, known: bool = False) -> bool:
    """Return whether a setting holds a secret.

    Args:
        name: of the setting; of an override of a role or database, the setting's own name counts.
        text: its value.
        typed: the server declares a number, a flag, a quantity or an enumeration.
        known: a rule names the setting: a random text in it is no secret, other signs still count.

    >>> is_secret("requirepass", "x"), is_secret("password_encryption", "md5"), is_secret("url", "a://u:p@h")
    (True, False, True)
    >>> is_secret("override.role.app.app.encryption_key", "x"), is_secret("ssl_key", "/etc/key.pem")
    (True, False)
    >>> is_secret("init_connect", "SET @app_pw='fish'"), is_secret("init_connect", "SET NAMES utf8mb4")
    (True, False)
    """
    if not text or typed:
        return False
    if len(text) > LONGEST:
        return True
    words = _words_of(name)
    variable = WEB_NAME.match(name) is not None and _is_reference(text)
    if _is_secretive(words) and not variable and not _is_harmless_beside(words, text):
        return True
    if (text, known) in _harmless:
        return False
    identity = known or not IDENTITY_WORDS.isdisjoint(words)
    if next(_spans(text, random=not identity), None) is not None:
        return True
    if not identity or known:
        if len(_harmless) >= _MOST_HARMLESS:
            _harmless.clear()
        _harmless.add((text, known))
    return False


_harmless: set[tuple[str, bool]] = set()
"""(text, known) of values without a secret: every refresh brings the same ones"""


def redact_literals(text: str) -> str:
    """Return a text with the secrets in it replaced by •••.

    >>> redact_literals("if[$arg_token = s3cr]"), redact_literals("if[$request_method = POST]")
    ('if[$arg_token = •••]', 'if[$request_method = POST]')
    """
    return split_literals(text)[0]


def split_literals(text: str) -> tuple[str, tuple[str, ...]]:
    """Return a text with ••• for each secret in it, and these secrets.

    >>> split_literals("if[$arg_token = s3cr]")
    ('if[$arg_token = •••]', ('s3cr',))
    """
    if len(text) > LONGEST:
        return f"{split_literals(text[:200])[0]}…•••", (text,)
    parts: list[str] = []
    literals: list[str] = []
    end = 0
    for start, stop in sorted(_spans(text, random=True)):
        if start >= end:
            parts += [text[end:start], "•••"]
            literals.append(text[start:stop])
        end = max(end, stop)
    return "".join([*parts, text[end:]]), tuple(literals)


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
    if text.lower() in KEYWORDS or QUANTITIES.fullmatch(text) or _is_path(text):
        return True
    return words[-1] in QUALIFIERS and next(_spans(text, random=True), None) is None


def _is_path(text: str) -> bool:
    return bool(PATH.fullmatch(text)) and not any(_random(text))


def _is_reference(text: str) -> bool:
    """Return whether a text only names variables: "$http_authorization"."""
    return text.startswith("$") and bool(re.fullmatch(r"(?:\$\w{1,60}|\$\{\w{1,60}\}){1,20}", text, re.ASCII))


def _spans(text: str, *, random: bool) -> Iterator[Span]:
    """Yield the places of secrets in a text.

    Args:
        text: at most :data:`LONGEST` characters.
        random: texts that look random count too.
    """
    if len(text) < 3 or text.isdecimal():
        return
    yield from _assigned(text)
    for pattern in (MARK, PEM):
        yield from (match.span() for match in pattern.finditer(text))
    for match in HEADER.finditer(text):
        word = match["basic"]
        if word is None or not word.isalpha() or not (word.islower() or word.istitle()):
            yield match.span("bare" if word is None else "basic")
    if "://" in text:
        yield from (span for match in URL.finditer(text) for span in _url_spans(match))
    if random:
        yield from _random(text)
        if ONE_WORD.fullmatch(text):
            yield 0, len(text)


def _assigned(text: str) -> Iterator[Span]:
    """Yield the literals that follow a word such as "password" and a sign."""
    for pattern in (ASSIGNMENT, COMPARISON, STATEMENT, PASSWORD_CLAUSE, LOGIN, ROUTINE):
        for match in pattern.finditer(text):
            group = match.lastgroup or "bare"
            value = re.split(r"\](?=/|$)", match[group], maxsplit=1)[0]
            if value and not _is_no_literal(value, quoted=group != "bare"):
                start = match.start(group)
                yield start, start + len(value)


def _is_no_literal(value: str, *, quoted: bool) -> bool:
    plain = value.lower() in KEYWORDS or bool(QUANTITIES.fullmatch(value) and not quoted) or _is_path(value)
    return plain or value[0] in "$%<{•(" or not re.search(r"\w", value) or value == "*" * len(value)


def _url_spans(match: re.Match[str]) -> Iterator[Span]:
    """Yield the password of a URL, or the token that is its user or part of its path."""
    start, rest = match.start("rest"), match["rest"]
    authority = re.match(r"[^/?#]*", rest)
    end = authority.end() if authority else 0
    at = rest.rfind("@")  # a password may hold a slash
    colon = rest.find(":", 0, at)
    if at > 0 and (colon >= 0 or at < end):
        web = match["scheme"].lower() in ("http", "https")
        if 0 <= colon < at - 1:
            yield start + colon + 1, start + at
        elif colon < 0 and (web or any(_random(rest[:at]))) and rest[0] not in "$%":
            yield start, start + at
    path = rest[end:].partition("?")[0]
    if any(host in rest.lower() for host in WEBHOOK_HOSTS) and len(path) > 1:
        yield start + end + 1, start + end + len(path)
        return
    for part in re.finditer(r"[^/]+", path):
        if _noise(part[0]) >= 8:
            yield start + end + part.start(), start + end + part.end()


def _random(text: str) -> Iterator[Span]:
    """Yield the runs of a text that look random."""
    for match in RUN.finditer(text):
        if _noise(match[0]) >= 12:
            yield match.span()


def _noise(run: str) -> int:
    """Return how many characters of a run belong to no word, number or name.

    >>> _noise("innodb_buffer_pool_size"), _noise("ECDHE-RSA-AES256-GCM-SHA384"), _noise("/usr/lib/x86_64-linux-gnu")
    (0, 0, 0)
    >>> _noise("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY") > 12, _noise("9f86d081884c7d659a2feaa0c55ad015") > 12
    (True, True)
    """
    return sum(len(part) for part in re.split(r"[^A-Za-z0-9]+", run) if not _is_plain(part))


def _is_plain(part: str) -> bool:
    """Return whether a part is a word, a number, or a name made of few of them."""
    size = len(part)
    if size < 4:
        return True
    if part.isdigit():
        return size <= _DIGITS
    groups = re.findall(r"\d+|[A-Z]{2,}(?![a-z])|[A-Z]?[a-z]+|[A-Z]", part)
    if len(groups) > max(2, size / 3):
        return False
    return all(group.isdigit() or _is_pronounceable(group.lower()) for group in groups)


def _is_pronounceable(word: str) -> bool:
    """Return whether a word has vowels, or is short enough for an abbreviation.

    >>> _is_pronounceable("autovacuum"), _is_pronounceable("qzkvxwplmtrbnghd"), _is_pronounceable("ssl")
    (True, False, True)
    """
    if len(word) < 10:
        return True
    vowels = sum(letter in "aeiouy" for letter in word)
    return vowels >= len(word) * 0.2 and not re.search(r"[^aeiouy]{7}", word)

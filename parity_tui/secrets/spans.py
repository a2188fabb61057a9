"""Finds the secrets within a text: by marks, by what they follow, and by entropy.

The work is bounded: a text longer than :data:`LONGEST` is not examined, and every pattern is linear in its text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from parity_tui.secrets.patterns import (
    ASSIGNMENT,
    COMPARISON,
    GLUED_OPTION,
    HEADER,
    KEYWORDS,
    LOGIN,
    MARK,
    ONE_WORD,
    PASSWORD_CLAUSE,
    PATH,
    PEM,
    PIECE,
    QUANTITIES,
    QUOTED,
    ROUTINE,
    RUN,
    SIGN_OR_BLANK,
    STATEMENT,
    TURNS,
    TYPED_WORD,
    URL,
    USUAL,
    WORDS,
)
from parity_tui.secrets.words import WEBHOOK_HOSTS

LONGEST = 8192
"""characters that are examined; a longer text counts as secret"""

_DIGITS = 20
"""of the largest number of 64 bits"""

Span = tuple[int, int]
"""(start, end) of a secret within a text"""


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
    for start, stop in sorted(secret_spans(text, random=True)):
        if start >= end:
            parts += [text[end:start], "•••"]
            literals.append(text[start:stop])
        end = max(end, stop)
    return "".join([*parts, text[end:]]), tuple(literals)


def redact_quotes(message: str) -> str:
    """Return a program's message about a configuration without what it quotes from it, unless that is harmless.

    >>> redact_quotes("Invalid command 's3cr', perhaps misspelled"), redact_quotes("Invalid command 'NoSuch'")
    ("Invalid command '•••', perhaps misspelled", "Invalid command 'NoSuch'")
    """

    def shown(match: re.Match[str]) -> str:
        return f"{match[1]}•••{match[1]}" if is_unusual(match[2]) and "/" not in match[2] else match[0]

    return redact_literals(QUOTED.sub(shown, message[:LONGEST]))


def is_unusual(text: str) -> bool:
    """Return whether a free text has words that are neither words nor numbers: it may be a secret.

    >>> is_unusual("s3cr"), is_unusual("tq9fLw2"), is_unusual("production, eu-west-1"), is_unusual("/srv/app2/i18n")
    (True, True, False, False)
    """
    words = (word for word in PIECE.findall(text[:LONGEST]) if not USUAL.fullmatch(word))
    return any(len(TURNS.findall(word)) > 1 for word in words)


def is_path(text: str) -> bool:
    """Return whether a text is the path of a file, without parts that look random."""
    return bool(PATH.fullmatch(text)) and not any(_random(text))


def secret_spans(text: str, *, random: bool) -> Iterator[Span]:
    """Yield the places of secrets in a text.

    Args:
        text: at most :data:`LONGEST` characters.
        random: texts that look random count too.
    """
    if len(text) < 3 or text.isdecimal() or (WORDS.fullmatch(text) and not MARK.search(text)):
        return
    yield from all_spans(text, random=random)


def all_spans(text: str, *, random: bool) -> Iterator[Span]:
    """Yield the places of secrets in a text of any form; :func:`secret_spans` passes the plainest ones by."""
    if SIGN_OR_BLANK.search(text):
        yield from _assigned(text)
        yield from _headers(text)
    for pattern in (MARK, PEM):
        yield from (match.span() for match in pattern.finditer(text))
    if "://" in text:
        yield from (span for match in URL.finditer(text) for span in _url_spans(match))
    if random:
        yield from _random(text)
        if ONE_WORD.fullmatch(text):
            yield 0, len(text)


def _headers(text: str) -> Iterator[Span]:
    """Yield the credentials that follow the name of a method, as in headers."""
    for match in HEADER.finditer(text):
        word = match["basic"]
        if word is None or not word.isalpha() or not (word.islower() or word.istitle()):
            yield match.span("bare" if word is None else "basic")


def _assigned(text: str) -> Iterator[Span]:
    """Yield the literals that follow a word such as "password" and a sign."""
    for pattern in (ASSIGNMENT, COMPARISON, STATEMENT, GLUED_OPTION, PASSWORD_CLAUSE, LOGIN, ROUTINE):
        for match in pattern.finditer(text):
            group = match.lastgroup or "bare"
            value = re.split(r"\](?=/|$)", match[group], maxsplit=1)[0]
            typed = pattern is ASSIGNMENT and value.isdecimal() and len(value) > 3 and bool(TYPED_WORD.match(match[0]))
            if value and (typed or not _is_no_literal(value, quoted=group != "bare")):
                start = match.start(group)
                yield start, start + len(value)


def _is_no_literal(value: str, *, quoted: bool) -> bool:
    plain = value.lower() in KEYWORDS or bool(QUANTITIES.fullmatch(value) and not quoted) or is_path(value)
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

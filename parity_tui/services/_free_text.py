"""Free text of configurations: whether it carries a secret, by its name or by its shape."""

from __future__ import annotations

import re

from parity_tui.secrets import REDACTED
from parity_tui.secrets.detect import is_secret

_LONGEST = 20_000
"""characters that are looked at; longer text counts as a secret"""
_NAME = re.compile(
    r"(?<!by)pass(?!enger|ive|age|thr|port)|pwd|secret|token|jwt|bearer|pepper|cookie|credential|passcode|session.?id"
    r"|auth(?!or(?!i[sz]))|(?<![a-z])(salt|seed|sas|dsn|sig|signature|private|otp|pin|key|keys)(?![a-z])"
    r"|key$|salt$|(api|file|access|private|secret|master|sign(ing)?|crypt(ion)?)[-_]?key",
    re.IGNORECASE,
)
"""words in the name of a setting whose literal value is a secret"""
_PARAMETER = (
    r"[\w.-]{0,40}(?:token|secret|passw(?:or)?d|passwd|pwd|passphrase|api[-_]?key|apikey|access[-_]?key|signature|sig"
    r"|auth|jwt|sas|credentials?|client[-_]?key|(?<![a-z])key)"
)
_SHAPES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?<=://)(?P<secret>[^/\s@$?#\"']{1,500})(?=@)",  # a login, with or without a password
        rf"(?<![\w.-]){_PARAMETER}=(?P<secret>(?!(?:on|off|yes|no|true|false|none|\d{{1,3}})(?![\w-]))[^&\s$;\"'{{}}]{{1,500}})",
        r"\b(?:basic|bearer|token|apikey)\s+(?P<secret>(?!realm)[\w+/=.~-]{4,500})",
        r"(?P<secret>\beyJ[\w-]{5,500}\.[\w.-]{5,2000})",  # a JSON web token
        r"(?P<secret>\b(?:sk_live_|sk_test_|rk_live_|ghp_|gho_|github_pat_|glpat-|xox[abprs]-|AKIA|SG\.)[\w.-]{8,500})",
        r"(?P<secret>-----BEGIN[^-]{1,40}PRIVATE KEY-----.*)",
    )
)
_WORD = re.compile(r"[A-Za-z0-9]{20,500}")
_QUOTED = re.compile(r"(['\"])([^'\"]{1,500})\1")
_CAPITALS = re.compile(r"(?<=[a-z])(?=[A-Z])")
_TURNS = re.compile(r"(?<=[A-Za-z])(?=[0-9])|(?<=[0-9])(?=[A-Za-z])")
_HARMLESS = re.compile(r"on|off|yes|no|true|false|none|null|basic|digest|\d{1,2}", re.IGNORECASE)
_PIECE = re.compile(r"(?<![$%{\w])[A-Za-z0-9]+(?![\w}])")
_USUAL = re.compile(r"[a-z]\d{1,3}[a-z]|sha\d+[a-z]*|\d+[a-z]+\d*|h2c|utf\d+[a-z]*|v\d+[a-z]+\d*", re.IGNORECASE)
"""words such as i18n, k8s, 2xx, v1beta1"""
_VARIABLES = re.compile(r"(?:\$\w{1,60}|\$\{\w{1,60}\}|%\{[\w:-]{1,60}\}\w?|[\s/:=,.?&-]){0,200}")


def is_secret_name(name: str) -> bool:
    """Return whether a header, variable or parameter of this name holds a secret.

    >>> [name for name in ("SMTP_PASS", "userpwd", "X-Api-Key", "Host", "AUTHOR", "bypass") if is_secret_name(name)]
    ['SMTP_PASS', 'userpwd', 'X-Api-Key']
    """
    return bool(_NAME.search(name[:_LONGEST]))


def is_telltale(text: str) -> bool:
    """Return whether a text has the shape of a secret, whatever it is called.

    >>> is_telltale("https://s3cr@host/1"), is_telltale("https://a.example/in?token=s3cr"), is_telltale("Basic YWJj")
    (True, True, True)
    >>> is_telltale("ECDHE-RSA-AES128-GCM-SHA256"), is_telltale("https://$host/in?token=$arg_token")
    (False, False)
    """
    return len(text) > _LONGEST or any(shape.search(text) for shape in _SHAPES) or any(_random_words(text))


def _random_words(text: str) -> list[str]:
    """Return the words that look like keys: long, of letters and digits in turn."""
    return [word for word in _WORD.findall(text) if _is_random(word)]


def _is_random(word: str) -> bool:
    turns = len(_TURNS.findall(word))
    return turns > 3 or turns + len(_CAPITALS.findall(word)) > 5


def conceals(name: str, text: str) -> bool:
    """Return whether the value of a setting is a secret; variables are none.

    >>> conceals("Authorization", "$http_authorization"), conceals("Authorization", "Basic abcd")
    (False, True)
    """
    if not text or _HARMLESS.fullmatch(text) or (len(text) < _LONGEST and _VARIABLES.fullmatch(text)):
        return False
    return is_secret_name(name) or is_telltale(text) or is_secret(name, text)


def is_unusual(text: str) -> bool:
    """Return whether a free text has words that are neither words nor numbers: it may be a secret.

    >>> is_unusual("s3cr"), is_unusual("tq9fLw2"), is_unusual("production, eu-west-1"), is_unusual("/srv/app2/i18n")
    (True, True, False, False)
    """
    words = (word for word in _PIECE.findall(text[:_LONGEST]) if not _USUAL.fullmatch(word))
    return any(len(_TURNS.findall(word)) > 1 for word in words)


def quotable(message: str) -> str:
    """Return a program's message about a configuration without what it quotes from it, unless that is harmless.

    >>> quotable("Invalid command 's3cr', perhaps misspelled"), quotable("Invalid command 'NoSuch'")
    ("Invalid command '•••', perhaps misspelled", "Invalid command 'NoSuch'")
    """

    def shown(match: re.Match[str]) -> str:
        return f"{match[1]}{REDACTED}{match[1]}" if is_unusual(match[2]) and "/" not in match[2] else match[0]

    return masked(_QUOTED.sub(shown, message[:_LONGEST]))


def masked(text: str) -> str:
    """Return a text without the secrets that its shape gives away, for the names of rows.

    >>> masked("^/hook https://a.example/?token=s3cr&x=$1"), masked("/api")
    ('^/hook https://a.example/?token=•••&x=$1', '/api')
    """
    if len(text) > _LONGEST:
        return REDACTED
    for shape in _SHAPES:
        text = shape.sub(lambda match: match[0].replace(match["secret"], REDACTED), text)
    for word in _random_words(text):
        text = text.replace(word, REDACTED)
    return text

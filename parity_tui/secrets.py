"""Keeps passwords out of every output: :class:`Secret`, :func:`redact`, :func:`fingerprint`."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

# A random key for each process: a fingerprint that leaks cannot be compared with guesses later.
_KEY = secrets.token_bytes(32)

_SECRET_NAME = re.compile(
    r"(^|[^a-z])(pass|passwd|password|passphrase|pwd|secret|token|credentials?|conninfo|apikey"
    r"|(sas|private|secret|access|api|encryption|signing|jwt|hmac|master|role|service)_?key)$"
    r"|(requirepass|masterauth|primaryauth|file_pass|file-pass)$",
    re.IGNORECASE,
)
_USERINFO = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*://)(?P<userinfo>[^/\s@:]*:[^\s]*)@", re.IGNORECASE)

REDACTED = "•••"

_NON_UTF8 = "surrogateescape"
"""error handler: variables and files may hold bytes that are not UTF-8"""


class Secret:
    """Text that only :meth:`reveal` shows; every other way of printing it gives •••.

    It is registered with :func:`redact`, and can be neither pickled nor copied.

    >>> password = Secret("hunter2")
    >>> password, str(password), f"{password}"
    (Secret(•••), '•••', '•••')
    >>> password.reveal()
    'hunter2'
    """

    __slots__ = ("__text",)

    def __init__(self, text: str) -> None:
        self.__text = text
        register_secret(text)

    def reveal(self) -> str:
        """Return the text itself, for the call that logs in."""
        return self.__text

    def __repr__(self) -> str:
        return f"Secret({REDACTED})"

    def __str__(self) -> str:
        return REDACTED

    def __format__(self, spec: str) -> str:
        return REDACTED

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(
            self.__text.encode("utf-8", "surrogatepass"), other.reveal().encode("utf-8", "surrogatepass")
        )

    def __hash__(self) -> int:
        return hash(fingerprint(self.__text))

    def __reduce__(self) -> str | tuple[object, ...]:
        raise TypeError("a Secret is not written down")


_known: dict[str, None] = {}


def register_secret(text: str) -> None:
    """Have :func:`redact` replace ``text`` from now on: as it is, percent-encoded and as in repr()."""
    if len(text) < 3:  # would redact half of every sentence
        return
    quoted = (quote(text, safe="", errors=_NON_UTF8), quote(text, errors=_NON_UTF8), quote_plus(text, errors=_NON_UTF8))
    for form in (text, *quoted, repr(text)[1:-1]):
        _known.setdefault(form)


def redact(text: str, known: Iterable[str] = ()) -> str:
    """Return ``text`` with every registered secret, those in ``known`` and the passwords of URLs replaced by •••.

    >>> redact("could not reach amqp://app:swordfish@mq/ at all")
    'could not reach amqp://app:•••@mq/ at all'
    """
    for secret in sorted({*_known, *known}, key=len, reverse=True):
        if secret in text:
            # A short password is part of many words by chance: redact it only as a whole word.
            boundaries = ("(?<!\\w)", "(?!\\w)") if len(secret) < 8 else ("", "")
            text = re.sub(re.escape(secret).join(boundaries), REDACTED, text)
    return _USERINFO.sub(lambda m: f"{m['scheme']}{m['userinfo'].split(':', 1)[0]}:{REDACTED}@", text)


def fingerprint(text: str) -> str:
    """Return a keyed hash of ``text``: 16 hex digits, comparable only within this process."""
    return hmac.new(_KEY, text.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:16]


def is_secret(name: str, text: str) -> bool:
    """Return whether a setting holds a secret, judged by its name and by URLs in its value.

    >>> is_secret("requirepass", "x"), is_secret("password_encryption", "md5"), is_secret("url", "a://u:p@h")
    (True, False, True)
    >>> is_secret("override.role.app.app.encryption_key", "x"), is_secret("ssl_key", "/etc/key.pem")
    (True, False)
    """
    return bool(text) and bool(_SECRET_NAME.search(name) or ("://" in text and _USERINFO.search(text)))

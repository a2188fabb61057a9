"""Passwords, and how they never get out: :class:`Secret`, :func:`redact`, :func:`fingerprint`."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

# Another key in every process: a fingerprint says "the same" or "another" here and now, and nothing to
# whoever finds it later.
_KEY = secrets.token_bytes(32)

_SECRET_NAME = re.compile(
    r"(^|[^a-z])(pass|passwd|password|passphrase|pwd|secret|token|credentials?|conninfo|apikey"
    r"|(sas|private|secret|access|api|encryption|signing|jwt|hmac|master|role|service)_?key)$"
    r"|(requirepass|masterauth|primaryauth|file_pass|file-pass)$",
    re.IGNORECASE,
)
_USERINFO = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*://)(?P<userinfo>[^/\s@:]*:[^\s]*)@", re.IGNORECASE)

REDACTED = "•••"

_RAW = "surrogateescape"
"""how bytes that are no text stand in one: variables and files may hold any"""


class Secret:
    """Text that shows itself to nobody who does not ask by name: :meth:`reveal`.

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
        """Return the text itself: for the call that logs in, and for nothing else."""
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
    """Have :func:`redact` take ``text`` out of everything from now on, however it is written."""
    if len(text) < 3:  # would blank out half of every sentence
        return
    quoted = (quote(text, safe="", errors=_RAW), quote(text, errors=_RAW), quote_plus(text, errors=_RAW))
    for form in (text, *quoted, repr(text)[1:-1]):
        _known.setdefault(form)


def redact(text: str, known: Iterable[str] = ()) -> str:
    """Return ``text`` without any known secret and without the password part of any URL.

    >>> redact("could not reach amqp://app:swordfish@mq/ at all")
    'could not reach amqp://app:•••@mq/ at all'
    """
    for secret in sorted({*_known, *known}, key=len, reverse=True):
        if secret in text:
            # A short password may be part of a word by chance, and is only itself where it stands alone.
            alone = ("(?<!\\w)", "(?!\\w)") if len(secret) < 8 else ("", "")
            text = re.sub(re.escape(secret).join(alone), REDACTED, text)
    return _USERINFO.sub(lambda m: f"{m['scheme']}{m['userinfo'].split(':', 1)[0]}:{REDACTED}@", text)


def fingerprint(text: str) -> str:
    """Return a keyed hash of ``text``: 16 hex digits, comparable within this process only."""
    return hmac.new(_KEY, text.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:16]


def is_secret(name: str, text: str) -> bool:
    """Tell whether a setting of this name or value holds a secret.

    >>> is_secret("requirepass", "x"), is_secret("password_encryption", "md5"), is_secret("url", "a://u:p@h")
    (True, False, True)
    >>> is_secret("override.role.app.app.encryption_key", "x"), is_secret("ssl_key", "/etc/key.pem")
    (True, False)
    """
    return bool(text) and bool(_SECRET_NAME.search(name) or ("://" in text and _USERINFO.search(text)))

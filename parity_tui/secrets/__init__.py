"""Keeps passwords out of every output: :class:`Secret`, :func:`redact`, :func:`fingerprint`."""

from __future__ import annotations

import re
import threading
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from urllib.parse import quote, quote_plus

# A random key for each process, made for its first fingerprint: one that leaks cannot be compared with guesses later.
_key = b""

_WORD = re.compile(r"\S+")
_PASSWORD_START = re.compile(r"://[^/\s@:]{0,256}:")

REDACTED = "•••"

_UNMISTAKABLE = 12
"""characters of a secret that is redacted in our own sentences too"""

_NON_UTF8 = "surrogateescape"
"""error handler: variables and files may hold bytes that are not UTF-8"""


class Secret:
    """Text that only :meth:`reveal` shows; every other way of printing it gives •••.

    It is registered with :func:`redact` where it is made and where it is revealed, and can be neither pickled nor
    copied.

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
        register_secret(self.__text)  # a command's password may log in to several environments
        return self.__text

    def __repr__(self) -> str:
        return f"Secret({REDACTED})"

    def __str__(self) -> str:
        return REDACTED

    def __format__(self, spec: str) -> str:
        return REDACTED

    def __eq__(self, other: object) -> bool:
        from hmac import compare_digest  # here, as in _keyed_hash: it loads OpenSSL, for which no connection waits

        return isinstance(other, Secret) and compare_digest(
            self.__text.encode("utf-8", "surrogatepass"), other.reveal().encode("utf-8", "surrogatepass")
        )

    def __hash__(self) -> int:
        return hash(self.__text)

    def __reduce__(self) -> str | tuple[object, ...]:
        raise TypeError("a Secret is not written down")


_known: dict[str, set[str]] = {}
"""form of a secret -> the environments that it belongs to, "" for all of them"""
_lock = threading.RLock()
"""of it: threads read passwords while texts are redacted"""

_environment: ContextVar[str] = ContextVar("environment", default="")


@contextmanager
def secrets_of(environment: str) -> Iterator[None]:
    """Work for one environment: secrets belong to it, and :func:`redact` leaves words that are those of others alone.

    Without an environment, secrets belong to all, and all are redacted.

    >>> with secrets_of("dev"):
    ...     _ = Secret("parrot")
    >>> with secrets_of("production"):
    ...     redact("no such parrot")
    'no such parrot'
    >>> redact("no such parrot")
    'no such •••'
    """
    token = _environment.set(environment)
    try:
        yield
    finally:
        _environment.reset(token)


def register_secret(text: str) -> None:
    """Have :func:`redact` replace ``text`` from now on: as it is, percent-encoded, as in repr() and in one line."""
    if len(text) < 3:  # would redact half of every sentence
        return
    quoted = (quote(text, safe="", errors=_NON_UTF8), quote(text, errors=_NON_UTF8), quote_plus(text, errors=_NON_UTF8))
    for form in (text, *quoted, repr(text)[1:-1], " ".join(text.split()) or text):
        with _lock:
            _known.setdefault(form, set()).add(_environment.get())


def in_base64(login: str) -> str:
    """Return a login or a part of one in base64, as protocols send it; from now on :func:`redact` replaces that, too.

    >>> redact(f"501 bad command: AUTH PLAIN {in_base64('ann:swordfish')}")
    '501 bad command: AUTH PLAIN •••'
    """
    from base64 import b64encode  # here: few logins are sent so

    encoded = b64encode(login.encode(errors=_NON_UTF8)).decode()
    register_secret(encoded)
    register_secret(encoded.rstrip("="))
    return encoded


def redact(text: str, known: Iterable[str] = ()) -> str:
    """Return ``text`` with the environment's secrets, those in ``known`` and the passwords of URLs replaced by •••.

    >>> redact("could not reach amqp://app:swordfish@mq/ at all")
    'could not reach amqp://app:•••@mq/ at all'
    """
    return _without_passwords(_without({*_registered(), *known}, text))


def _registered() -> Iterator[str]:
    """Yield the secrets of the environment that is worked for, and all that cannot be words."""
    mine = {_environment.get(), ""}
    with _lock:
        known = list(_known.items())
    yield from (form for form, owners in known if mine == {""} or owners & mine or _is_unmistakable(form))


def _is_unmistakable(secret: str) -> bool:
    return len(secret) >= _UNMISTAKABLE and not secret.isalpha()


def redact_unmistakable(text: str, ours: Collection[str] = ()) -> str:
    """Return a sentence of ours without registered secrets that can be no part of one, and without passwords of URLs.

    A secret of letters only may be one of our words; one within a text of ``ours`` may be a part of an address.

    >>> _ = Secret("password"), Secret("Zx81-kQ0pLm4")
    >>> redact_unmistakable("db rejects the password Zx81-kQ0pLm4")
    'db rejects the password •••'
    """
    secrets = (secret for secret in _registered() if _is_unmistakable(secret))
    return _without_passwords(_without({s for s in secrets if not any(s in each for each in ours)}, text))


def _without(secrets: Iterable[str], text: str) -> str:
    for secret in sorted(secrets, key=len, reverse=True):
        if secret in text:
            # A short password is part of many words by chance: redact it only as a whole word.
            boundaries = ("(?<!\\w)", "(?!\\w)") if len(secret) < 8 else ("", "")
            text = re.sub(re.escape(secret).join(boundaries), REDACTED, text)
    return text


def _without_passwords(text: str) -> str:
    return _WORD.sub(_without_password, text) if "://" in text else text


def _without_password(word: re.Match[str]) -> str:
    """Return a URL without its password, which may hold any sign but blanks; any other word unchanged."""
    text = word[0]
    at = text.rfind("@")
    start = _PASSWORD_START.search(text, 0, at) if at > 0 else None
    return f"{text[: start.end()]}{REDACTED}{text[at:]}" if start and start.end() < at else text


def fingerprint(text: str) -> str:
    """Return a keyed hash of ``text``: 16 hex digits, comparable only under one key."""
    return _keyed_hash(text.encode("utf-8", "surrogatepass"))[:16]


def _keyed_hash(data: bytes) -> str:
    import hmac

    return hmac.new(_key or _new_key(), data, "sha256").hexdigest()


def _new_key() -> bytes:
    """Make the key of this process, once."""
    from secrets import token_bytes

    global _key
    with _lock:
        _key = _key or token_bytes(32)
    return _key


def use_key(key: bytes) -> None:
    """Make fingerprints with this key from now on, so that files can keep them; call it before anything is read."""
    global _key
    _key = key


def key_id() -> str:
    """Return a short name of the key of the fingerprints, which does not reveal it."""
    return _keyed_hash(b"parity-tui: name of the key")[:8]

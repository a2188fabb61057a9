"""Secrets in directives and in the names of blocks: compared by fingerprint, never shown."""

from __future__ import annotations

from collections.abc import Sequence

from parity_tui.model import Fact, State
from parity_tui.secrets import fingerprint
from parity_tui.secrets.detect import is_secret_name
from parity_tui.secrets.spans import redact_literals
from parity_tui.secrets.web import is_secret_directive
from parity_tui.services.nginx.normalize import plain_variables, written


def is_concealed(directive: str, key: str, words: Sequence[str]) -> bool:
    """Return whether the arguments of a directive hold a secret; ``key`` is the name of what it sets, or "".

    >>> is_concealed("fastcgi_param", "SMTP_PASS", ["x"]), is_concealed("fastcgi_param", "APP_ENV", ["production"])
    (True, False)
    >>> is_concealed("return", "", ["302", "https://a.example/?token=s3cr"]), is_concealed("auth_basic", "", ["Staff"])
    (True, False)
    """
    text = " ".join(words)
    return is_secret_directive(directive, key, text.partition("=")[2] if directive == "env" else text)


def redacted(value: str, source: str) -> Fact:
    """Return a secret as a fact with its fingerprint."""
    return Fact(fingerprint(value), state=State.SECRET, source=source)


def block_name(directive: str, words: Sequence[str]) -> tuple[str, str]:
    """Return the arguments of a block as they may be shown, and the secret that is left out, "" if there is none.

    >>> block_name("if", ["$http_x_token", "!=", "hunter2"]), block_name("if", ["$request_method", "=", "POST"])
    (('$http_x_token != •••', 'hunter2'), ('$request_method = POST', ''))
    """
    words = [plain_variables(word) for word in words]
    if directive == "if" and len(words) > 2 and is_secret_directive("set", words[0], words[-1]):
        return written([*words[:-1], "•••"]), words[-1]
    if directive == "limit_except":  # GET stands for HEAD too
        words = sorted({*map(str.upper, words), *(["HEAD"] if "GET" in map(str.upper, words) else [])})
    text = written(words)
    shown = redact_literals(text)
    return shown, text if shown != text else ""


def is_secret_source(words: Sequence[str]) -> bool:
    """Return whether a map looks up a secret: a header, cookie or argument of such a name."""
    return any(is_secret_name(word) for word in words[:1])

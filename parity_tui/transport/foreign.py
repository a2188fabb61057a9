"""Text that servers, drivers and programs wrote, made fit for a message; our own words are never redacted."""

from __future__ import annotations

from parity_tui.drift.values import printable
from parity_tui.secrets import redact

_LONGEST = 1000
"""characters of a message that are shown at most"""
_EXAMINED = 20_000
"""characters that are looked through for secrets: far more than are shown, so that none is shown in part"""


def foreign(text: object, longest: int = _LONGEST) -> str:
    r"""Return a text of foreign origin, or an exception, without secrets, without control characters, and cut.

    An error of the operating system is its words, without its number and its file, which messages name themselves.
    Give it the whole text: of one that is cut before, the part of a secret that is left would be shown.
    Secrets are those of the environment that is worked for: a word that is another's password is left alone.

    >>> foreign("no \x1b[2J amqp://app:swordfish@mq/\n")
    'no \\x1b[2J amqp://app:•••@mq/'
    >>> foreign(FileNotFoundError(2, "No such file or directory", "ca.pem"))
    'No such file or directory'
    >>> foreign(OSError("[Errno 5] in a text of its own"))
    '[Errno 5] in a text of its own'
    """
    if isinstance(text, OSError) and text.strerror and str(text).startswith("[Errno"):  # errors of TLS are OSErrors too
        text = text.strerror
    shown = printable(redact(str(text)[:_EXAMINED]).strip())
    return shown if len(shown) <= longest else f"{shown[:longest]}…"

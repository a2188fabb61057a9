"""Text that servers, drivers and programs wrote, made fit for a message; our own words are never redacted."""

from __future__ import annotations

from parity_tui.drift.values import printable
from parity_tui.secrets import redact


def foreign(text: object) -> str:
    r"""Return a text of foreign origin, or an exception, without secrets and without control characters.

    Secrets are those of the environment that is worked for: a word that is another's password is left alone.

    >>> foreign("no \x1b[2J amqp://app:swordfish@mq/\n")
    'no \\x1b[2J amqp://app:•••@mq/'
    """
    return printable(redact(str(text)).strip())

"""Secrets in directives and in the names of sections: compared by fingerprint, never shown."""

from __future__ import annotations

import re
from collections.abc import Sequence

from parity_tui.model import Fact, State
from parity_tui.secrets import REDACTED, fingerprint
from parity_tui.secrets.detect import is_secret_name
from parity_tui.secrets.spans import redact_literals
from parity_tui.secrets.web import is_secret_directive
from parity_tui.services.apache.normalize import written

_LOOKED_UP = re.compile(r"%\{([^{}]{1,200})\}|\b(?:req|http|reqenv|env|osenv)\((['\"])(.{1,200}?)\2\)")
_QUOTED = re.compile(r"'[^']{1,1000}'|\"[^\"]{1,1000}\"|(?<==)[^\s'\"=~>]{2,1000}$")


def is_concealed(directive: str, key: str, args: Sequence[str]) -> bool:
    """Return whether the arguments of a directive hold a secret; ``key`` is the name of what it sets, or "".

    >>> is_concealed("SetEnv", "SMTP_PASS", ["x"]), is_concealed("SetEnv", "APP_ENV", ["production"])
    (True, False)
    >>> is_concealed("SessionCryptoPassphrase", "", ["s3cr"]), is_concealed("AuthName", "", ["Staff only"])
    (True, False)
    """
    if directive.lower().startswith("setenvif"):
        settings = [arg.partition("=") for arg in args[1:]]
        if any(is_secret_directive("SetEnv", name, value) for name, _, value in settings if value):
            return True
    return is_secret_directive(directive, key, " ".join(args))


def redacted(value: str, source: str) -> Fact:
    """Return a secret as a fact with its fingerprint."""
    return Fact(fingerprint(value), state=State.SECRET, source=source)


def shown(args: Sequence[str]) -> str:
    """Return arguments without the secrets in them, as they may stand in a name or in the text of a rule.

    >>> shown(["%{HTTP:X-Api-Key} != 's3cr'"]), shown(["%{HTTP:X-Api-Key}", "!=s3cr"]), shown(["^/a", "/b"])
    ('"%{HTTP:X-Api-Key} != •••"', '%{HTTP:X-Api-Key} •••', '^/a /b')
    """
    text = written(args)
    names = [match[1] or match[3] for match in _LOOKED_UP.finditer(text)]
    if not any(is_secret_name(name.rpartition(":")[2].rpartition("_")[2] or name) for name in names):
        return redact_literals(text)
    if len(args) > 1 and _LOOKED_UP.fullmatch(args[0]):  # a condition of mod_rewrite and its pattern
        return written([args[0], REDACTED, *args[2:]])
    hidden = [_QUOTED.sub(lambda match: match[0] if match[0][1:-1] in names else REDACTED, arg) for arg in args]
    return redact_literals(written(hidden))

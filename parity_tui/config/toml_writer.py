"""Python values as TOML text."""

from __future__ import annotations

import json
import re

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)


def toml_string(text: str) -> str:
    r"""Return a text as a TOML string: JSON's form, but TOML forbids a bare DEL.

    >>> print(toml_string('say "hi"\x7f'))
    "say \"hi\"\u007f"
    """
    return json.dumps(str(text), ensure_ascii=False).replace("\x7f", "\\u007f")


def toml_key(name: str) -> str:
    """Return a TOML key, quoted where it has to be.

    >>> toml_key("dev"), toml_key("eu west")
    ('dev', '"eu west"')
    """
    return name if _BARE_KEY.fullmatch(name) else toml_string(name)

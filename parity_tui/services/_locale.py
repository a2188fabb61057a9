"""Names of locales: the character set has several spellings."""

from __future__ import annotations

import re

_NO_LETTERS = re.compile(r"[^a-z0-9]")


def canonical_locale(name: str) -> str:
    """Return a locale with the usual spelling of its character set.

    >>> canonical_locale("en_US.utf8"), canonical_locale("en_US.UTF8"), canonical_locale("de_DE.utf-8@euro")
    ('en_US.UTF-8', 'en_US.UTF-8', 'de_DE.UTF-8@euro')
    >>> canonical_locale("POSIX"), canonical_locale("en_US"), canonical_locale("fr_FR.ISO-8859-1")
    ('C', 'en_US', 'fr_FR.iso88591')
    """
    if name == "POSIX":
        return "C"
    language, dot, rest = name.partition(".")
    charset, at, modifier = rest.partition("@")
    plain = _NO_LETTERS.sub("", charset.lower())
    return f"{language}{dot}{'UTF-8' if plain == 'utf8' else plain}{at}{modifier}" if dot else name

"""Decides which settings hold a secret, of every kind: by words of the name, marks in the value, and its entropy.

What is not known to be harmless is secret.
"""

from __future__ import annotations

from parity_tui.secrets.directives import HARMLESS
from parity_tui.secrets.patterns import WEB_NAME
from parity_tui.secrets.signs import holds_secret, is_harmless_beside, is_secretive, words_of
from parity_tui.secrets.spans import LONGEST
from parity_tui.secrets.words import IDENTITY_WORDS


def is_secret(name: str, text: str, *, typed: bool = False, known: bool = False) -> bool:
    """Return whether a setting holds a secret.

    Args:
        name: of the setting; of an override of a role or database, the setting's own name counts, of a directive in a
            block of a web server that of the directive.
        text: its value.
        typed: the server declares a number, a flag, a quantity or an enumeration.
        known: a rule names the setting: a random text in it is no secret, other signs still count.

    >>> is_secret("requirepass", "x"), is_secret("password_encryption", "md5"), is_secret("url", "a://u:p@h")
    (True, False, True)
    >>> is_secret("override.role.app.app.encryption_key", "x"), is_secret("ssl_key", "/etc/key.pem")
    (True, False)
    >>> is_secret("init_connect", "SET @app_pw='fish'"), is_secret("init_connect", "SET NAMES utf8mb4")
    (True, False)
    >>> is_secret("http/location[/token]/root", "/srv"), is_secret("http/fastcgi_param[SMTP_PASS]", "x")
    (False, True)
    """
    if not text or typed:
        return False
    if len(text) > LONGEST:
        return True
    if WEB_NAME.match(name):
        from parity_tui.secrets.web import is_secret_directive, parts_of  # here: most runs have no web server

        return is_secret_directive(*parts_of(name), text, known=known)
    if name.lower() in HARMLESS:
        return holds_secret(text, identity=False, known=known)
    words = words_of(name)
    if is_secretive(words) and not is_harmless_beside(words, text):
        return True
    return holds_secret(text, identity=not IDENTITY_WORDS.isdisjoint(words), known=known)


def is_secret_name(name: str) -> bool:
    """Return whether a header, variable or parameter of this name holds a secret.

    >>> [name for name in ("SMTP_PASS", "userpwd", "X-Api-Key", "Host", "AUTHOR", "bypass") if is_secret_name(name)]
    ['SMTP_PASS', 'userpwd', 'X-Api-Key']
    """
    return is_secretive(words_of(name))

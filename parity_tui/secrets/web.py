"""Decides which directives of a web server hold a secret; for :mod:`parity_tui.secrets.detect`."""

from __future__ import annotations

import re
from functools import lru_cache

from parity_tui.secrets.directives import HARMLESS
from parity_tui.secrets.signs import holds_secret, is_harmless_beside, is_secretive, words_of
from parity_tui.secrets.spans import LONGEST, is_path, is_unusual
from parity_tui.secrets.words import IDENTITY_WORDS

HEADER_CHANGE = re.compile(
    r"(?:(?:always|onsuccess|early)\s+)?(?:set|setifempty|add|append|merge|edit\*?|unset|echo|note)\s+(?P<name>[\w-]{1,100})"
    r"(?:\s+|$)",
    re.IGNORECASE,
)
"""how Apache changes a header, before the header's value"""
REFERENCES = re.compile(
    r"(?:\$\w{1,60}|\$\{\w{1,60}\}|%\{[\w:-]{1,60}\}\w?|\b(?:always|early|if_not_empty)\b"
    r"|[\s/:=,.?&\"'-]){0,200}",
    re.ASCII,
)
"""a text that only names variables"""
NAMED = re.compile(r"(?P<name>[A-Za-z_][\w.-]{0,100})\s+(?P<value>.+)", re.DOTALL)
"""a name and the text that it is given, as arguments of a directive"""
CODE_OR_SECRET = re.compile(
    # nginx: code, and texts that a signature or a key is made of
    r"\w*_by_lua(_block)?|perl(_set)?|js_var|modsecurity_rules|redis2_\w*query|postgres_(query|server)|drizzle_\w+"
    r"|secure_link(_hmac)?_(secret|md5|message)|encrypted_session_(key|iv)|userid_mark|auth_jwt_key_request|client_secret"
    r"|mgmt_token|auth_jwt_key|set_hmac_\w+|upload_pass_args|sub_filter_secret"
    # Apache: likewise
    r"|\w*(passphrase|password|secret|bindpassword|cryptokey|apikey|licensekey)|dbdparams|authbasicfake|perl|perlsetvar"
    r"|luainline\w*|lua\w*inline|secremoterules|sechashkey|sechttpblkey|mdexternalaccountbinding|sslsrpunknownuserseed"
    r"|ldaptrustedclientcert|ldaptrustedglobalcert|cascertificatesalt|shibbolethcredential",
)
"""directives, in lower case, whose literal text is code or a secret"""

KEYED = re.compile(
    r"\w+_set_header|add_header|add_trailer|more_set_\w*headers|\w+_param|set|env|auth_http_header|header|\w+_set_key"
    r"|setenv\w*|define|requestheader|php_(admin_)?(value|flag)|perlsetenv|perladdvar|passenger_env_var|otel_\w*attr"
)
"""directives, in lower case, that are as secret as the name of what they set"""

UNUSUAL = re.compile(
    r"(ssl|(proxy|grpc|uwsgi)_ssl)_(ciphers|conf_command|ecdh_curve|protocols|certificate\w*|trusted_certificate)"
    r"|listen|server_name|server|resolver|root|alias|include|load_module|\w+_pass( target)?|\w+_cache_path"
    r"|set_real_ip_from|allow|deny|access_log|error_log|pid|types|type|zone\w*|split_clients|geoip2?_\w+|upstream"
    r"|ssl\w*(ciphersuite|protocol|certificate\w*|opensslconfcmd)|server(name|alias|root|path)"
    r"|documentroot|loadmodule|virtualhost|customlog|errorlog|errordocument|remoteip\w+|aliasmatch|browsermatch(nocase)?"
    r"|addtype|addicon\w*|adddescription|addlanguage|addcharset|addencoding|magic number"
    r"|build\W.*|package|version|openssl\b.*|apr\w*|pcre|default (host|server)|order of .*|files by|indexoptions"
    r"|wsgi\w+"
)
"""directives, in lower case, whose harmless values have words of letters and digits: addresses, ciphers, paths"""

DURATION = re.compile(r"(\d{1,9}(ms|[smhdwMy])){1,8}")
"""a time as nginx reads it, such as 1h30m: no random text"""

_LONGEST_NAME = 200
"""characters of a directive's name that are examined"""


def is_secret_directive(directive: str, key: str, text: str, *, known: bool = False) -> bool:
    """Return whether the arguments of a web server's directive hold a secret; variables are none.

    Args:
        directive: its name.
        key: the name of what it sets, "" for none.
        text: its arguments without that.
        known: a random text in it is no secret, other signs still count.

    >>> is_secret_directive("proxy_set_header", "X-Token", "$http_x_token"), is_secret_directive("set", "$pw", "fish")
    (False, True)
    >>> is_secret_directive("auth_basic", "", "Staff only"), is_secret_directive("no_such", "", "tq9fLw2")
    (False, True)
    """
    lower = directive[:_LONGEST_NAME].lower()
    if lower.endswith("header") and (change := HEADER_CHANGE.match(text)):
        key, text = change["name"], text[change.end() :]
    if not text or len(text) > LONGEST or REFERENCES.fullmatch(text):
        return len(text) > LONGEST
    if CODE_OR_SECRET.fullmatch(lower):
        return True
    if lower in HARMLESS:
        return holds_secret(text, identity=False, known=known)
    words = words_of(key if key and KEYED.fullmatch(lower) else directive)
    if is_secretive(words) and not is_harmless_beside(words, text):
        return True
    named = None if key or lower.startswith("setenvif") else NAMED.fullmatch(text)  # that names a header first
    if named and is_secret_directive("set", named["name"], named["value"], known=True):
        return True
    known = known or bool(UNUSUAL.fullmatch(lower))
    if not known and is_unusual(text) and not is_path(text) and not DURATION.fullmatch(text):
        return True
    return holds_secret(text, identity=not IDENTITY_WORDS.isdisjoint(words), known=known)


@lru_cache(maxsize=20_000)
def parts_of(name: str) -> tuple[str, str]:
    """Return the directive that the full name of a fact ends with, and the name of what it sets.

    >>> parts_of("http/server[api] #2/location[/a]/set[$a[0]]"), parts_of("http/proxy_pass target")
    (('set', '$a[0]'), ('proxy_pass', ''))
    """
    depth = start = 0
    for index, letter in enumerate(name):
        depth = max(0, depth + (letter == "[") - (letter == "]"))
        if letter == "/" and not depth:
            start = index + 1
    directive, _, key = name[start:].partition("[")
    return directive.partition(" #")[0].removesuffix(" target"), key.rpartition("]")[0]

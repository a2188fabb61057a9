"""Values of runtimes in one canonical form: encodings, sizes, switches; and their secrets."""

from __future__ import annotations

import codecs
import re

from parity_tui.drift.values import canonical_text
from parity_tui.model import Fact, Rule, State, ValueType
from parity_tui.secrets import fingerprint
from parity_tui.secrets.detect import is_secret
from parity_tui.services._timezone import zone_rule, zone_text

_ARCHITECTURES = {"aarch64": "arm64", "amd64": "x86_64", "x64": "x86_64"}
_FREE_TEXT = ("env.", "property.", "go.", "options", "warnings", "ini.")
"""beginnings of the names of settings that may hold anything"""
_SIZE = re.compile(r"(\d{1,12})([kKmMgG])", re.ASCII)
_BYTES = {"k": 1024, "m": 1024**2, "g": 1024**3}
_SIZES = frozenset(
    {"memory_limit", "upload_max_filesize", "post_max_size", "realpath_cache_size", "opcache.jit_buffer_size",
     "zend.reserved_stack_size", "zend.max_allowed_stack_size", "fiber.stack_size"}
)  # fmt: skip
"""settings of PHP that are a number of bytes"""
_LONGEST_NAME = 200
_MEMORY = re.compile(r"(\d{1,12})(?:([KMGT])iB|B)?", re.ASCII)
_LISTS = frozenset({"disable_functions", "disable_classes", "session.trans_sid_hosts"})
"""settings of PHP whose order does not matter"""
_SWITCH = re.compile(
    r".*(enabled?|_errors|expose_php|allow_url_\w+|output_buffering|file_uploads|short_open_tag|implicit_flush|html_errors"
    r"|ignore_\w+|register_\w+|auto_globals_jit|enable_\w+|report_memleaks|_only|_cookies|_httponly|_secure)"
    r"|assert\.(active|bail|exception|warning)|session\.(auto_start|use_\w+|lazy_write)|(cgi|fastcgi)\.\w+"
    r"|opcache\.(validate_timestamps|save_comments|revalidate_path|use_cwd|enable_cli|protect_memory)"
    r"|zend\.(enable_gc|detect_unicode|exception_ignore_args|multibyte)|mysqli\.(allow_\w+|reconnect)"
)
"""settings of PHP that are on or off: no value, 0 and Off are the same"""


def fact(name: str, value: str) -> Fact:
    """Return the fact of one setting.

    >>> fact("encoding.text", "UTF8").canonical, fact("arch", "amd64").canonical
    ('utf-8', 'x86_64')
    >>> fact("ini.memory_limit", "256M").canonical, fact("ini.memory_limit", "268435456").canonical
    ('256 MB', '256 MB')
    """
    if name.startswith(_FREE_TEXT) and is_secret("" if name.startswith("ini.session.") else name, value):
        return Fact(fingerprint(value), state=State.SECRET)
    return Fact(value, canonical=_canonical(name, value))


def _canonical(name: str, value: str) -> str:
    """Return the canonical form of a value, "" where the value itself is it."""
    if name == "arch":
        return _ARCHITECTURES.get(value, value)
    if name == "env.GOMEMLIMIT" and (size := _MEMORY.fullmatch(value)):
        return str(int(size[1]) * 1024 ** " KMGT".index(size[2] or " "))
    if name.startswith("encoding"):
        return _encoding(value)
    return _ini(name.removeprefix("ini."), value) if name.startswith("ini.") else ""


def _encoding(value: str) -> str:
    try:
        return codecs.lookup(value).name
    except (LookupError, ValueError):
        return ""


def _ini(name: str, value: str) -> str:
    """Return the canonical form of a setting of PHP.

    >>> _ini("display_errors", ""), _ini("display_errors", "Off"), _ini("display_errors", "0"), _ini("log_errors", "1")
    ('off', 'off', 'off', 'on')
    >>> _ini("date.timezone", "Etc/UTC"), _ini("default_charset", "utf-8"), _ini("zend.assertions", "-1")
    ('UTC', 'utf-8', '')
    """
    match = _SIZE.fullmatch(value)
    if match or (name in _SIZES and value.isdecimal()):
        number = str(int(match[1]) * _BYTES[match[2].lower()]) if match else value
        return canonical_text(Fact(number, ValueType.SIZE), Rule(""))
    if name in _LISTS:
        return ",".join(sorted(filter(None, re.split(r"[\s,]+", value))))
    if name == "date.timezone" and value:
        return zone_text(zone_rule(value))
    if name.endswith(("charset", "encoding")) and value:
        return _encoding(value)
    if len(name) <= _LONGEST_NAME and _SWITCH.fullmatch(name):
        return {"1": "on", "on": "on", "yes": "on", "0": "off", "": "off", "off": "off"}.get(value.lower(), "")
    return {"on": "1", "off": "0"}.get(value.lower(), "")

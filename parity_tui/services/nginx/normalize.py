"""Arguments of directives in one canonical form: sizes, times, flags, sets, addresses; and their secrets."""

from __future__ import annotations

import re
from collections.abc import Sequence

from parity_tui.drift.values import canonical_text
from parity_tui.model import Fact, Rule, State, ValueType
from parity_tui.secrets import fingerprint

_TIME_NAME = re.compile(r".*_(timeout|time|interval|delay|age|timer)|.*_valid|expires|timer_resolution|.*_update")
_SIZE_NAME = re.compile(
    r"(?!.*_hash_)(.*_(size|buffers?|min_length|max_chunk|chunk_size|rlimit_core|lowat)|limit_rate(_after)?"
    r"|slice|.*_postpone_output|output_buffers)"
)
_SET_NAMES = frozenset(
    {
        "gzip_types", "brotli_types", "zstd_types", "ssl_protocols", "proxy_ssl_protocols", "proxy_next_upstream",
        "fastcgi_next_upstream", "uwsgi_next_upstream", "grpc_next_upstream", "gzip_proxied", "proxy_hide_header",
        "proxy_ignore_headers", "proxy_cache_methods", "charset_types", "sub_filter_types", "ssi_types",
        "add_after_body", "server_name",
    }
)  # fmt: skip
_TIME = re.compile(r"(\d+)(ms|[yMwdhms]?)")
_TIME_WORD = re.compile(r"(\d+(ms|[yMwdhms])\s*)*(\d+)?", re.ASCII)
_MILLISECONDS = {"ms": 1, "": 1000, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000,
                 "M": 2_592_000_000, "y": 31_536_000_000}  # fmt: skip
_SIZE = re.compile(r"(\d{1,15})([kKmMgG])")
_BYTES = {"k": 1024, "m": 1024**2, "g": 1024**3}
_HOST = re.compile(r"://[^/\s$]+")
_VARIABLES = re.compile(r"(\$\w+|\$\{\w+\})*")
_SECRETIVE = re.compile(
    r"auth|cookie|token|secret|passw|credential|(^|[-_$])(api|access|private)?[-_]?key", re.IGNORECASE
)
_ANY = Rule("")


def written(words: Sequence[str]) -> str:
    """Return arguments as in a configuration file.

    >>> written(["X-Robots-Tag", "none, nofollow", ""])
    'X-Robots-Tag "none, nofollow" ""'
    """
    return " ".join(f'"{word}"' if not word or re.search(r"\s", word) else word for word in words)


def fact(name: str, words: Sequence[str], source: str = "", *, default: bool = False) -> Fact:
    """Return the fact of a directive, given its arguments."""
    raw = written(words)
    canonical = _canonical(name, words)
    return Fact(raw, canonical="" if canonical == raw else canonical, default=default, source=source)


def _canonical(name: str, words: Sequence[str]) -> str:
    """Return the canonical form of the arguments of a directive.

    >>> _canonical("client_max_body_size", ["10m"]), _canonical("proxy_buffers", ["8", "4k"])
    ('10 MB', '8 4 kB')
    >>> _canonical("proxy_read_timeout", ["1m"]), _canonical("keepalive_timeout", ["75"]), _canonical("gzip", ["ON"])
    ('1 min', '75 s', 'on')
    >>> _canonical("ssl_protocols", ["TLSv1.3", "TLSv1.2"]), _canonical("return", ["301", "https://a.b$request_uri"])
    ('TLSv1.2, TLSv1.3', '301 https://…$request_uri')
    """
    if not words:
        return "yes"
    if name in ("proxy_pass", "grpc_pass"):
        return _upstream(words[0])
    if name in ("return", "rewrite", "error_page"):
        return _HOST.sub("://…", written(words))
    if name in _SET_NAMES:
        return ", ".join(sorted(set(words)))
    if name == "client_max_body_size" and words[0] == "0":
        return "no limit"
    if _TIME_NAME.fullmatch(name):
        codes = name.endswith(("_valid", "_update"))  # a bare number is a status code there
        return " ".join(word if codes and word.isdecimal() else _time(word) for word in words)
    if _SIZE_NAME.fullmatch(name):
        return " ".join(_size(word, alone=len(words) == 1) for word in words)
    if len(words) == 1 and words[0].lower() in ("on", "off"):
        return words[0].lower()
    return written(words)


def _time(word: str) -> str:
    """Return a time in its largest unit, any other word unchanged.

    >>> _time("1h 30m"), _time("60"), _time("off"), _time("0s")
    ('90 min', '1 min', 'off', '0')
    """
    if not word or len(word) > 60 or not _TIME_WORD.fullmatch(word):
        return word
    total = sum(int(number) * _MILLISECONDS[unit] for number, unit in _TIME.findall(word))
    return canonical_text(Fact(str(total), ValueType.DURATION, "ms"), _ANY)


def _size(word: str, *, alone: bool) -> str:
    """Return a size in its largest unit; a bare number beside others is a count."""
    if match := _SIZE.fullmatch(word):
        return canonical_text(Fact(str(int(match[1]) * _BYTES[match[2].lower()]), ValueType.SIZE), _ANY)
    return canonical_text(Fact(word, ValueType.SIZE), _ANY) if alone and word.isdecimal() else word


def _upstream(url: str) -> str:
    """Return the parts of an upstream's URL that matter: scheme, and the path that replaces the location's.

    >>> _upstream("http://10.0.0.1:80/"), _upstream("http://app"), _upstream("http://$up/x"), _upstream("app:9000")
    ('http, path replaced by /', 'http, path kept', 'http, path replaced by /x', 'path kept')
    """
    scheme, separator, rest = url.rpartition("://")
    host, slash, path = rest.partition("/")
    if rest.startswith("unix:"):
        path, slash = rest.removeprefix("unix:").partition(":")[2].removeprefix("/"), ":" * (rest.count(":") > 1)
    path_rule = f"path replaced by /{path}" if slash else "path kept"
    if host.startswith("$") and not slash and not separator:
        return "as a variable says"
    return f"{scheme}, {path_rule}" if scheme else path_rule


def is_secret(name: str, value: str) -> bool:
    """Return whether a header, variable or parameter of this name holds a literal secret.

    >>> is_secret("Authorization", "Basic abc"), is_secret("Authorization", "$http_authorization")
    (True, False)
    """
    return bool(_SECRETIVE.search(name)) and not _VARIABLES.fullmatch(value)


def redacted(value: str, source: str) -> Fact:
    """Return a secret as a fact with its fingerprint."""
    return Fact(fingerprint(value), state=State.SECRET, source=source)


def condition(words: Sequence[str]) -> str:
    """Return the words of a condition, without a secret that it compares with.

    >>> condition(["$http_x_token", "!=", "hunter2"]), condition(["$request_method", "=", "POST"])
    ('$http_x_token != •••', '$request_method = POST')
    """
    if len(words) > 2 and is_secret(words[0], words[-1]):
        words = (*words[:-1], "•••")
    return written(words)

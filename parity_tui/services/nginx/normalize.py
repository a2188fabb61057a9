"""Arguments of directives in one canonical form: sizes, times, flags, sets, addresses."""

from __future__ import annotations

import re
from collections.abc import Sequence

from parity_tui.drift.values import canonical_text
from parity_tui.model import Fact, Rule, ValueType

_TIME_NAME = re.compile(r".*_(timeout|time|interval|delay|age|timer)|.*_valid|expires|timer_resolution|.*_update")
_SIZE_NAME = re.compile(
    r"(?!.*_hash_)(.*_(size|buffers?|min_length|max_chunk|chunk_size|rlimit_core|lowat)|limit_rate(_after)?"
    r"|slice|.*_postpone_output|output_buffers)"
)
_SET_NAMES = frozenset(
    {
        "gzip_types", "brotli_types", "zstd_types", "ssl_protocols", "gzip_proxied", "charset_types",
        "sub_filter_types", "ssi_types", "add_after_body", "server_name", "valid_referers", "keepalive_disable",
        "dav_methods", "auth_http_methods",
    }
)  # fmt: skip
_SET_ENDS = ("_ssl_protocols", "_next_upstream", "_hide_header", "_pass_header", "_ignore_headers", "_cache_methods",
             "_cache_use_stale", "_no_cache", "_cache_bypass")  # fmt: skip
_DEFAULT_PARAMETERS = {"cache_zone": frozenset({"inactive=10 min", "use_temp_path=on"}),
                       "open_file_cache": frozenset({"inactive=1 min"})}  # fmt: skip
_TIME = re.compile(r"(\d+)(ms|[yMwdhms]?)")
_TIME_WORD = re.compile(r"(?:\d++(?:ms|[yMwdhms])\s*+)*+\d*+", re.ASCII)
_MILLISECONDS = {"ms": 1, "": 1000, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000,
                 "M": 2_592_000_000, "y": 31_536_000_000}  # fmt: skip
_SIZE = re.compile(r"(\d{1,15})([kKmMgG])")
_BYTES = {"k": 1024, "m": 1024**2, "g": 1024**3}
_HOST = re.compile(r"://[^/\s$]+")
_BRACES = re.compile(r"\$\{(\w+)\}(?!\w)")
_MODIFIER = re.compile(r"(\^~|~\*|~|=)(.+)", re.DOTALL)
_RATE = re.compile(r"rate=(\d{1,9})r/([sm])")
_PARAMETER = re.compile(r"(\w+)=(.*)", re.DOTALL)
_DOMAIN = re.compile(r"(?<![\w.-])\.?[\w-]++(\.[\w-]++)++")
_SHARED = re.compile(r"shared:[^:]+:")
_ZONE = re.compile(r"(\w++(?::\w++)*?):(\d{1,15}[kKmMgG]?)")
_TIMES = frozenset({"inactive", "valid", "fail_timeout", "time", "slow_start", "loader_threshold", "loader_sleep",
                    "manager_threshold", "manager_sleep", "purger_threshold", "purger_sleep"})  # fmt: skip
_SIZES = frozenset({"max_size", "min_free", "buffer"})
_UNORDERED = frozenset({"limit_req", "limit_req_zone", "limit_conn_zone", "open_file_cache", "proxy_cache_zone",
                        "fastcgi_cache_zone", "uwsgi_cache_zone", "scgi_cache_zone", "ssl_session_cache"})  # fmt: skip
"""directives whose parameters may stand in any order"""
_SPELLINGS = {
    name.lower(): name
    for name in ("X-Real-IP", "ETag", "DNT", "TE", "X-XSS-Protection", "WWW-Authenticate", "X-UA-Compatible",
                 "X-Request-ID", "X-Forwarded-SSL", "Content-MD5", "NEL", "X-DNS-Prefetch-Control")
}  # fmt: skip
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
    words = [plain_variables(word) for word in words]
    if not words:
        return "yes"
    if name in ("proxy_pass", "grpc_pass"):
        return _upstream(words[0])
    if name == "error_page":
        return _by_code(words)
    if name == "return" and len(words) == 1 and not words[0].isdecimal():
        words = ["302", *words]
    if name in ("return", "rewrite"):
        return _HOST.sub("://…", written(words))
    if is_set(name):
        always = (
            ["text/html"] if name.endswith("_types") else ["GET", "HEAD"] if name.endswith("_cache_methods") else []
        )
        fold = str.lower if name.endswith(("_types", "_header", "_headers")) else str
        return ", ".join(sorted({*map(fold, words), *always}))
    if name == "log_format":
        return "".join(words)
    if name.endswith("_cache_valid"):
        return _by_code([*words[:-1], _time(words[-1])] if len(words) > 1 else ["200", "301", "302", _time(words[0])])
    if name == "auth_basic":
        return "off" if words == ["off"] else "a password"
    if name in ("charset", "source_charset", "default_type"):
        return written(words).lower()
    if name == "proxy_cookie_domain":
        return written([_DOMAIN.sub("…", word) for word in words])
    if name == "zone":
        return " ".join(_size(word, alone=True) for word in words[1:])
    if name == "ssl_session_cache":
        words = [_SHARED.sub("shared:", word) for word in words]
    if name in _UNORDERED:
        defaults = _DEFAULT_PARAMETERS.get("cache_zone" if name.endswith("_cache_zone") else name, frozenset())
        return " ".join(sorted({*map(parameter, words)} - defaults))
    return _quantities(name, words)


def _quantities(name: str, words: Sequence[str]) -> str:
    """Return times, sizes and switches in one form, other arguments as they are."""
    if name == "client_max_body_size" and words[0] == "0":
        return "no limit"
    if _TIME_NAME.fullmatch(name):
        codes = name.endswith(("_valid", "_update"))  # a bare number is a status code there
        return " ".join(word if codes and word.isdecimal() else _time(word) for word in words)
    if _SIZE_NAME.fullmatch(name):
        last = len(words) - 1  # a count may precede it
        return " ".join(_size(word, alone=index == last) for index, word in enumerate(words))
    if len(words) == 1 and words[0].lower() in ("on", "off"):
        return words[0].lower()
    return written([parameter(word) if "=" in word else word for word in words] if name == "server" else words)


def is_set(name: str) -> bool:
    """Return whether the arguments of a directive are a set, which several lines may make up."""
    return name in _SET_NAMES or name.endswith(_SET_ENDS)


def plain_variables(text: str) -> str:
    """Return a text whose variables have no braces where they need none.

    >>> plain_variables("https://${host}$uri"), plain_variables("${a}b")
    ('https://$host$uri', '${a}b')
    """
    return _BRACES.sub(r"$\1", text)


def location(words: Sequence[str]) -> list[str]:
    """Return the arguments of a location, its modifier apart: `=/x` is `= /x`.

    >>> location(["=/x"]), location(["~*", "a"]), location(["/x"])
    (['=', '/x'], ['~*', 'a'], ['/x'])
    """
    match = _MODIFIER.fullmatch(words[0]) if len(words) == 1 else None
    return [match[1], match[2]] if match else list(words)


def header(name: str) -> str:
    """Return the name of a header in its usual spelling, because case does not matter there.

    >>> header("x-real-ip"), header("HOST"), header("X-Token")
    ('X-Real-IP', 'Host', 'X-Token')
    """
    return _SPELLINGS.get(name.lower()) or "-".join(part[:1].upper() + part[1:].lower() for part in name.split("-"))


def _by_code(words: Sequence[str]) -> str:
    """Return what follows the status codes of a directive for each of them, so that lines can be split and sorted.

    >>> _by_code(["502", "500", "=200", "https://a.b/x"])
    '500 =200 https://…/x; 502 =200 https://…/x'
    """
    count = next((index for index, word in enumerate(words) if not word.isdecimal() and word != "any"), len(words))
    rest = _HOST.sub("://…", written(words[count:]))
    return "; ".join(sorted(f"{code} {rest}" for code in words[:count])) or rest


def parameter(word: str) -> str:
    """Return a parameter with its rate, time or size in one form.

    >>> parameter("rate=60r/m"), parameter("rate=1r/s"), parameter("zone=a:10240k"), parameter("inactive=60")
    ('rate=60r/m', 'rate=60r/m', 'zone=a:10 MB', 'inactive=1 min')
    """
    if match := _RATE.fullmatch(word):
        return f"rate={int(match[1]) * (60 if match[2] == 's' else 1)}r/m"
    if match := _PARAMETER.fullmatch(word):
        name, value = match.groups()
        if name in _TIMES:
            return f"{name}={_time(value)}"
        return f"{name}={_size(value, alone=True) if name in _SIZES else _zone(value)}"
    return _zone(word)


def _zone(text: str) -> str:
    match = _ZONE.fullmatch(text)
    return f"{match[1]}:{_size(match[2], alone=True)}" if match else text


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

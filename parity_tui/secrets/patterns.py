"""Patterns of :mod:`parity_tui.secrets.detect`: shapes of names, of harmless values and of secrets; each is linear."""

from __future__ import annotations

import re

from parity_tui.secrets.words import ASSIGNED_WORDS, GLUED_WORDS, SHORT_ASSIGNED_WORDS, TOKEN_MARKS

OVERRIDE = re.compile(
    r'override\.(?:all|database(?:\[.*\])?|role\.(?:"(?:[^"]|"")*"|[^."]+)(?:\.database(?:\[.*\])?)?)\.', re.DOTALL
)
THING = re.compile(r"(?:module|plugin|extension|feature_flag|deprecated_feature|package|vhost)\.|database\[|cookie ")
"""begins a fact about a thing that has a name of its own: an extension, a virtual host, a cookie's attributes"""
WEB_NAME = re.compile(
    r"(?!(?:database|vhost)\[|(?:DateStyle|TimeZone|IntervalStyle)$)"
    r"(?:\w{1,60}(?: #\d{1,9}| target)?[/\[]|[A-Z][A-Za-z]{2,60}(?: #\d{1,9})?$)"
)
"""begins the name of a directive of a web server, or is one of Apache: only these refer to variables"""
HARMLESS_NAME = re.compile(r"server_?tokens|hash_seed|seed_hosts|proxy_?pass(?!word|phrase|code|wd)", re.IGNORECASE)
WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
GLUED = re.compile(rf"[a-z]+(?:{'|'.join(GLUED_WORDS)})s?")
FLAGS = frozenset(
    {"on", "off", "yes", "no", "true", "false", "enabled", "disabled", "(null)", "(none)", "(disabled)", "null",
     "undefined"}
)  # fmt: skip
KEYWORDS = FLAGS | {"none", "auto", "default", "any", "all", "enable", "disable", "0", "1", "-1"}
QUANTITY = r"\d{1,20}(?:\.\d{1,9})?[a-zA-Zµ%]{0,5}"
QUANTITIES = re.compile(rf"[+-]?{QUANTITY}(?:[\s,:;/+-]{{1,3}}{QUANTITY}){{0,50}}", re.ASCII)
PATH = re.compile(
    r"(?:~|\.{1,2}|[A-Za-z]:|file:/{0,2}|FILE:|\$\{?\w{1,40}\}?|@\w{1,20}@)?[/\\][\w./\\:*@+,~ -]*", re.ASCII
)
SIGN = r"""["'\])}]{0,3}\s{0,4}(?:=>|:=|[=!]=|!~\*?|~\*?|=|:(?!/))\s{0,4}"""
VALUE = r"""(?:"(?P<double>[^"]{1,400})"|'(?P<single>[^']{1,400})'|(?P<bare>[^\s"'&;,|)]{1,400}))"""
SIGN_OR_BLANK = re.compile(r"[\s=:~\"']")
"""each pattern of a secret behind a word needs one of these"""
ASSIGNMENT = re.compile(
    rf"(?:{'|'.join(ASSIGNED_WORDS)}|(?<![a-z0-9!])(?:{'|'.join(SHORT_ASSIGNED_WORDS)})){SIGN}{VALUE}", re.IGNORECASE
)
TYPED_WORD = re.compile(r"(?:password|passwd|passphrase|passcode|pwd|pin)(?![a-z])", re.IGNORECASE)
"""a word of what people type, whose digits are no quantity"""
STATEMENT = re.compile(
    rf"(?:\bidentified\s{{1,9}}(?:with\s{{1,9}}\w{{1,40}}\s{{1,9}})?(?:by|as)|--?\w{{0,30}}(?:password|passwd|pass"
    rf"|secret|token|api-?key)|--[\w-]{{0,30}}-key|(?:sshpass\s{{1,9}}-p)|\b(?:curl|wget)\b[^|]{{0,200}}\s-u)\s{{1,9}}{VALUE}",
    re.IGNORECASE,
)
COMPARISON = re.compile(
    rf"\$\w{{0,60}}?(?:token|secret|auth|key|cookie|pass|pwd|sas|sid|session|jwt)\w{{0,40}}{SIGN}{VALUE}", re.IGNORECASE
)
"""a variable of a web server that is compared with a literal"""
LOGIN = re.compile(
    r"(?<![\w/.-])[\w.-]{1,60}:(?P<bare>[^\s@:/()]{1,200})@(?:tcp|udp|unix)\("
    r"|\bjdbc:oracle:\w{1,20}:[^\s/@]{1,60}/(?P<oracle>[^\s@]{1,200})@"
)
"""user:password@tcp(host:port), as libraries of Go take it, and user/password@host:port of Oracle's driver"""
PASSWORD_CLAUSE = re.compile(
    r"\b(?:password|secret|token)\s{1,9}(?:\"(?P<double>[^\"]{1,400})\"|'(?P<single>[^']{1,400})')", re.I
)
GLUED_OPTION = re.compile(
    r"\b(?:mysql|mariadb)(?:-?\w{1,20})?\b[^|;&]{0,200}?\s-p(?P<bare>[^\s\"']{1,200})"
    r"|\bsshpass\s{1,9}-p\s{0,9}(?P<ssh>[^\s\"']{1,200})",
    re.IGNORECASE,
)
"""the password of MySQL's clients and of sshpass, which follows its option without a blank"""
HEADER = re.compile(
    r"\b(?:[Bb]earer|BEARER|Digest|Token|[Aa]pi-?[Kk]ey)\s{1,9}(?P<bare>(?!realm|auth)[^\s\"'$%{<;,\]})]{3,})"
    r"|\bBasic\s{1,9}(?P<basic>[A-Za-z0-9+/]{3,}={0,2}(?![\w]))"
)
PEM = re.compile(r"-----BEGIN[ A-Z]{0,40}-----[^-]*(?:-----END[ A-Z]{0,40}-----)?")
MARK = re.compile("|".join(TOKEN_MARKS))
URL = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]{0,30})://(?P<rest>[^\s\"'<>]+)", re.IGNORECASE)
WORDS = re.compile(r"[a-z]{1,9}(?:[_.-][a-z]{1,9}){0,9}")
"""a name of short words, as most settings have: only a mark can make it a secret"""
RUN = re.compile(r"[A-Za-z0-9_+/=~.-]{12,}")
ONE_WORD = re.compile(
    r"(?=[^a-z]*[a-z])(?=[^A-Z]*[A-Z])(?=\D*\d)(?=.*[!@#$%^&*?])(?![a-z]{2,3}_[A-Z]{2}\b)[\w!@#$%^&*?.,+-]{8,40}",
    re.ASCII,
)
ROUTINE = re.compile(
    r"(?<![\w-])(?:call|insert|replace|do|exec|execute|select)\b[^'\"]{0,200}['\"](?P<bare>[^'\"]{1,400})", re.I
)
"""a statement that hands a literal to a routine or a table"""

PIECE = re.compile(r"(?<![$%{\w])[A-Za-z0-9]+(?![\w}])")
TURNS = re.compile(r"(?<=[A-Za-z])(?=[0-9])|(?<=[0-9])(?=[A-Za-z])")
USUAL = re.compile(
    r"[a-z]\d{1,3}[a-z]|sha\d+[a-z]*|\d+[a-z]+\d*|h2c|utf\d+[a-z]*|v\d+[a-z]+\d*|[0-9a-f]{1,4}", re.IGNORECASE
)
"""words such as i18n, k8s, 2xx, v1beta1, and groups of an IPv6 address"""
QUOTED = re.compile(r"(['\"])([^'\"]{1,500})\1")

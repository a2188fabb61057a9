"""Revisions, versions, times and repositories in one spelling."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from urllib.parse import urlsplit

LONGEST = 200
"""characters of a value"""

_HASH = re.compile(
    r"(?:v|g|r|git|sha|sha1|commit)?[-:@]?(?P<hash>[0-9a-f]{7,64})(?P<mark>[-_+.](?:dirty|modified|uncommitted).*|)"
)
_DESCRIBED = re.compile(r".+-\d+-g(?P<hash>[0-9a-f]{7,40})(?P<mark>-dirty|)")
_VERSION = re.compile(r"v?(\d+(?:\.\d+)+(?:[-+.~][\w.+-]+)?)", re.ASCII)
_NAME = re.compile(r"\w[\w.+~:@/ -]*")
_PLACEHOLDERS = {
    "", "unknown", "none", "null", "undefined", "n/a", "na", "-", "head", "dev", "development", "local", "latest",
    "main", "master", "todo", "unset", "false", "true", "0", "unspecified", "snapshot",
}  # fmt: skip
"""values that name no revision and no version"""
_EPOCH = re.compile(r"\d{9,10}(?:\.\d{1,9})?|\d{12,13}")
_STAMP = re.compile(r"\d{14}")
_BLANK_BEFORE_ZONE = re.compile(r"(?<=\d) (?=[+-]\d\d:?\d\d$)")


def revision(text: str) -> tuple[str, bool]:
    """Return the hash in a text, and whether the build has changes that no commit has; ("", False) for none.

    >>> revision("3F786850E387"), revision("sha-3f786850e387"), revision("3f786850e387-dirty"), revision("1.4.2")
    (('3f786850e387', False), ('3f786850e387', False), ('3f786850e387', True), ('', False))
    >>> revision("v1.4.2-17-g3f78685"), revision("shop@3f786850e387"), revision("unknown"), revision("deadbeat")
    (('3f78685', False), ('3f786850e387', False), ('', False), ('', False))
    """
    text = text.strip().lower()[:LONGEST]
    match = _HASH.fullmatch(text) or _DESCRIBED.fullmatch(text) or _HASH.fullmatch(text.rpartition("@")[2])
    return (match["hash"], bool(match["mark"])) if match else ("", False)


def is_hash(text: str) -> bool:
    """Return whether a text by itself is a hash: not a date, and not a number that counts builds.

    >>> is_hash("3f78685"), is_hash("20261123"), is_hash("1.4.2")
    (True, False, False)
    """
    found, _ = revision(text)
    return bool(found) and (not found.isdecimal() or len(found) >= 40)


def version(text: str) -> str:
    """Return the app's version without its v, "" for a text that names none.

    >>> version("v1.4.2"), version(" 2026.11 "), version("shop@1.4.2"), version("latest"), version("release-7")
    ('1.4.2', '2026.11', '1.4.2', '', 'release-7')
    """
    text = text.strip()[:LONGEST]
    if text.lower() in _PLACEHOLDERS or is_hash(text):
        return ""
    match = _VERSION.fullmatch(text) or _VERSION.fullmatch(text.rpartition("@")[2])
    return match[1] if match else text if _NAME.fullmatch(text) else ""


def is_version(text: str) -> bool:
    """Return whether a text by itself is a version: digits and points.

    >>> is_version("v1.4.2"), is_version("OK"), is_version("12")
    (True, False, False)
    """
    return len(text) <= LONGEST and bool(_VERSION.fullmatch(text.strip()))


def moment(text: str) -> str:
    """Return a time in UTC, "" where the text is no time.

    >>> moment("2026-11-23T07:00:00+01:00"), moment("1795413600"), moment("20261123060000"), moment("yesterday")
    ('2026-11-23T06:00:00Z', '2026-11-23T06:00:00Z', '2026-11-23T06:00:00Z', '')
    >>> moment("1795413600000"), moment("2026-11-23 06:00:00 +0000"), moment("2026-11-23T06:00:00.123456789Z")
    ('2026-11-23T06:00:00Z', '2026-11-23T06:00:00Z', '2026-11-23T06:00:00Z')
    """
    text = text.strip()[:LONGEST]
    try:
        if _EPOCH.fullmatch(text):
            number = float(text)
            found = datetime.fromtimestamp(number / 1000 if number > 1e11 else number, UTC)
        elif _STAMP.fullmatch(text):
            found = datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        else:
            found = datetime.fromisoformat(_BLANK_BEFORE_ZONE.sub("", re.sub(r"(\.\d{6})\d+", r"\1", text)))
            found = found.replace(tzinfo=found.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return ""
    return found.strftime("%Y-%m-%dT%H:%M:%SZ") if 1980 < found.year < 9999 else ""


def repository(text: str) -> str:
    """Return host and path of a repository's URL, without login and query; "" for none.

    >>> repository("https://ann:fish@git.example/shop.git?a=b"), repository("git@git.example:shop.git"), repository("x")
    ('git.example/shop', 'git.example/shop', '')
    """
    text = text.strip()[:LONGEST]
    if match := re.fullmatch(r"(?:[\w.-]+@)?([\w.-]+):(?!//)([\w./-]+)", text):
        return f"{match[1]}/{match[2].lstrip('/').removesuffix('.git')}"
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
    except ValueError:
        return ""
    return f"{host}{parts.path.rstrip('/').removesuffix('.git')}" if host and parts.scheme else ""

"""A reply of an endpoint → the signs of a build: JSON, plain text, headers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import convert

from parity_tui.services.app.normalize import LONGEST, is_hash, is_version
from parity_tui.services.app.parse import Signs

_WRAPPERS = {
    "git",
    "commit",
    "id",
    "build",
    "app",
    "application",
    "info",
    "data",
    "version",
    "release",
    "vcs",
    "deploy",
}
"""objects in a document whose fields are about the app; others are about its parts, such as a database"""
_DEEPEST = 4
_KEYS = {
    "revision": (
        "commitidfull", "commitid", "commitsha", "commithash", "commitfull", "gitsha", "gitcommit", "gitcommitsha",
        "gitcommithash", "githash", "gitrevision", "gitrev", "gitcommitid", "commit", "sha", "sha1", "revision", "rev",
        "vcsrevision", "vcsref", "sourceversion", "buildcommit", "buildsha", "buildrevision", "buildhash", "commitref",
        "gitref", "commitidabbrev", "commitabbrev", "gitshortsha", "shortsha", "githead", "hash",
    ),
    "version": (
        "version", "appversion", "versionname", "versionnumber", "buildversion", "release", "releaseversion", "tag",
        "gittag", "gitdescribe", "commitiddescribe", "versionversion",
    ),
    "built": ("buildtime", "builttime", "buildat", "builtat", "builddate", "builton", "buildtimestamp", "built"),
    "committed": ("committime", "commitdate", "committimestamp", "committedat", "commitauthordate", "commitat"),
    "source": ("source", "repository", "repo", "repositoryurl", "gitrepo", "sourceurl", "remoteoriginurl"),
    "started": ("startedat", "starttime", "started", "runningsince", "startupdate", "boottime"),
    "deployed": ("deployedat", "deploytime", "deploydate", "deployedon", "deployat"),
    "deployed_by": ("deployedby", "deployer", "deployuser", "deployby"),
    "dirty": ("dirty", "gitdirty", "vcsmodified"),
}  # fmt: skip
"""field of Signs -> keys in lower case without - _ and blanks, the first one counts"""
_HEADERS = {
    "revision": (
        "x-gitsha", "x-git-sha", "x-git-commit", "x-git-revision", "x-commit", "x-commit-sha", "x-revision",
        "x-app-revision", "x-heroku-slug-commit",
    ),
    "version": ("x-app-version", "x-version", "x-release"),
}  # fmt: skip
_LINE = re.compile(r"\s*[\"']?([A-Za-z][\w .-]{0,40}?)[\"']?\s*[:=]\s*[\"']?([^\"'\r\n]{1,200}?)[\"']?\s*")
_MOST_LINES = 40

EXPECTED = "commit, sha, git_sha, revision, version, build_time"
"""keys, for the message of a document without any"""


def of_reply(body: bytes, headers: Mapping[str, str]) -> Signs:
    """Return the signs in the body of a reply, completed by those in its headers.

    >>> of_reply(b'{"git": {"commit": {"id": "3f78685"}}, "db": {"version": "16.4"}}', {}).revision
    '3f78685'
    >>> of_reply(b"v1.4.2 (3f78685)", {}).version, of_reply(b"<html>", {"x-gitsha": "3f78685"}).revision
    ('v1.4.2', '3f78685')
    >>> of_reply(b"OK", {}).known, of_reply(b'{"status": "UP", "database": {"version": "16.4"}}', {}).known
    (False, False)
    """
    found = _fields(headers, _HEADERS)
    text = body.decode("utf-8", "replace").lstrip("\ufeff").strip()
    if text and not is_page(body, headers):
        try:
            document = json.loads(text)
        except (ValueError, RecursionError):
            found |= _of_text(text)
        else:
            found |= _of_document(document)
    return convert({key: value[:LONGEST] for key, value in found.items()}, Signs)


def is_page(body: bytes, headers: Mapping[str, str]) -> bool:
    """Return whether a reply is a page for a browser.

    >>> is_page(b"  <!doctype html>", {}), is_page(b"{}", {"content-type": "application/json"})
    (True, False)
    """
    return body.lstrip()[:1] == b"<" or "html" in headers.get("content-type", "").lower()


def _fields(values: Mapping[str, str], keys: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """Return field of Signs -> the first value that one of its keys has."""
    found = {field: next((values[key] for key in names if values.get(key)), "") for field, names in keys.items()}
    return {field: text for field, text in found.items() if text}


def _of_document(document: Any) -> dict[str, str]:
    """Return the signs in a JSON value: in a text, or by the keys of an object."""
    if isinstance(document, str):
        return _of_text(document)
    values: dict[str, str] = {}
    for path, text in _leaves(document, ()):
        for start in range(len(path)):
            values.setdefault("".join(path[start:]), text)
    return _fields(values, _KEYS)


def _leaves(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield path and text of the fields that are about the app, those of outer objects first."""
    if not isinstance(value, dict) or len(path) >= _DEEPEST:
        return
    inner = []
    for name, field in value.items():
        key = re.sub(r"[-_ .]", "", name.lower())
        if isinstance(field, dict):
            inner.append((key, field))
        elif isinstance(field, str | int | float) and field != "":
            yield (*path, key), str(field).lower() if isinstance(field, bool) else str(field)
    for key, field in inner:
        if key in _WRAPPERS:
            yield from _leaves(field, (*path, key))


def _of_text(text: str) -> dict[str, str]:
    """Return the signs in plain text: a hash or a version by itself, or lines of keys and values."""
    lines = text.splitlines()[:_MOST_LINES]
    pairs = {re.sub(r"[-_ .]", "", match[1].lower()): match[2] for line in lines if (match := _LINE.fullmatch(line))}
    found = _fields(pairs, _KEYS)
    if found or len(lines) > 1:
        return found
    for word in re.split(r"[\s,()]+", text[:LONGEST]):
        if is_hash(word) and not is_version(word):
            found.setdefault("revision", word)
        elif is_version(word):
            found.setdefault("version", word)
    return found

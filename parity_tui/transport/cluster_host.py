"""Hosts that are Services and pods of Kubernetes, svc/NAME and pod/NAME, in URLs."""

from __future__ import annotations

import re
from urllib.parse import SplitResult

PREFIXES = ("svc/", "pod/")

_NAME = r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?"
_HOST = re.compile(rf"(?:svc|pod)/{_NAME}")
_IN_PATH = re.compile(rf"/({_NAME})(:[^/]*)?(?=/|$)")


def is_cluster_host(host: str) -> bool:
    """Return whether a host is a Service or a pod of Kubernetes.

    >>> [is_cluster_host(host) for host in ("svc/cache", "pod/db-0", "svc", "db.prod", "svc/a/b", "svc/Cache")]
    [True, True, False, False, False, False]
    """
    return bool(_HOST.fullmatch(host))


def with_cluster_host(parts: SplitResult) -> SplitResult:
    """Return the parts of a URL with svc/NAME:PORT, percent-encoded, in its authority, where the URL begins so.

    The authority of ``redis://svc/cache:6379`` would otherwise be `svc`.

    >>> from urllib.parse import urlsplit
    >>> with_cluster_host(urlsplit("redis://ann:x@svc/cache:6379/0"))[1:3]
    ('ann:x@svc%2Fcache:6379', '/0')
    >>> with_cluster_host(urlsplit("redis://svc:6379/0"))[1:3]
    ('svc:6379', '/0')
    """
    login, at, host = parts.netloc.rpartition("@")
    match = _IN_PATH.match(parts.path) if host in ("svc", "pod") else None
    if match is None:
        return parts
    netloc = f"{login}{at}{host}%2F{match[1]}{match[2] or ''}"
    return parts._replace(netloc=netloc, path=parts.path[match.end() :])

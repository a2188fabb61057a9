"""Refusals, and the failures that they mean."""

from __future__ import annotations

from typing import Any

from parity_tui.model import Reason, ServiceError, Target
from parity_tui.transport.errors import no_password
from parity_tui.transport.foreign import foreign
from parity_tui.transport.http import Reply

FORBIDDEN = "needs the cluster privilege monitor"
OPENSEARCH_FORBIDDEN = "needs the permission cluster_monitor"
SERVERLESS = "a serverless project shows no settings of its cluster"


def words_of(reply: Reply) -> str:
    """Return the reason in the body of an error, "" without one.

    >>> words_of(Reply(403, b'{"error": {"type": "security_exception", "reason": "action [x] is unauthorized"}}'))
    'action [x] is unauthorized'
    >>> words_of(Reply(401, b"Unauthorized")), words_of(Reply(500, b"[1]")), words_of(Reply(503, b'{"error": "busy"}'))
    ('', '', 'busy')
    """
    try:
        document: Any = reply.json()
    except ServiceError:
        return ""
    error = document.get("error") if isinstance(document, dict) else None
    reason = error.get("reason") if isinstance(error, dict) else error
    return foreign(" ".join(reason.split()), 200) if isinstance(reason, str) else ""


def refused(reply: Reply, target: Target) -> ServiceError:
    """Return the failure that the reply to the first question means, whose status is not 200."""
    address, words = target.address, words_of(reply)
    match reply.status:
        case 401 if target.password is None:
            return no_password(address, target.user)
        case 401:
            who = f"the password of the user {target.user}" if target.user else "the API key"
            return ServiceError(Reason.AUTH, f"{address} rejects {who}")
        case 403:
            name = target.user or "this login"
            privilege = "monitor, in OpenSearch cluster_monitor"
            return ServiceError(Reason.FORBIDDEN, f"{address} forbids {name} to read: needs the privilege {privilege}")
        case 301 | 302 | 307 | 308:
            return ServiceError(Reason.WRONG_SERVICE, f"{address} redirects: perhaps a proxy, or it requires TLS")
        case 503 | 429:
            return ServiceError(Reason.SERVER, f"{address} is not ready: {words or 'it answers ' + str(reply.status)}")
        case status:
            text = f": {words}" if words else ""
            return ServiceError(Reason.WRONG_SERVICE, f"{address} answers with HTTP status {status}{text}")


def why_hidden(reply: Reply, opensearch: bool) -> str:
    """Return the reason why a reply without settings shows none.

    >>> why_hidden(Reply(403, b""), True), why_hidden(Reply(500, b""), False)
    ('needs the permission cluster_monitor', 'it answers with 500')
    """
    if reply.status in (401, 403):
        return OPENSEARCH_FORBIDDEN if opensearch else FORBIDDEN
    if reply.status == 410:
        return SERVERLESS
    words = words_of(reply)
    return f"it answers with {reply.status}{f' ({foreign(words)})' if words else ''}"

"""An endpoint of the app: finds the path that names the build, and asks it with GET."""

from __future__ import annotations

import time
from collections import OrderedDict
from datetime import datetime
from email.utils import parsedate_to_datetime
from urllib.parse import quote, urlsplit

from msgspec import Struct, field
from msgspec.structs import replace

from parity_tui.model import Dialer, Reading, Reason, ServiceError, Target
from parity_tui.services.app.normalize import moment
from parity_tui.services.app.parse import Signs, parse
from parity_tui.services.app.parse.document import EXPECTED, is_page, of_reply
from parity_tui.services.app.queries import PATHS
from parity_tui.transport.foreign import foreign
from parity_tui.transport.http import Http, Reply
from parity_tui.transport.password import password_of

_MOST = 64 * 1024
"""bytes of a reply"""
_ACCEPT = "application/json, text/plain;q=0.9, */*;q=0.1"
_FRESH = 60.0
"""seconds before a reply: a build can hardly be deployed sooner after it was made"""
_MAX_REMEMBERED = 1000


class Memory(Struct):
    """The knowledge about one endpoint that outlives a connection: no path is tried twice in one run."""

    path: str = ""
    """that names the build, "" while it is not known"""
    built: dict[str, str] = field(default_factory=dict)
    """revision -> build time as first seen"""
    of_request: bool = False
    """whether the build time changes from request to request"""


_memories: OrderedDict[tuple[object, ...], Memory] = OrderedDict()


def memory(target: Target) -> Memory:
    """Return the memory of a target's endpoint."""
    route = target.ssh, target.kube, target.tunnel
    key = (target.environment, target.service, target.node, target.scheme, target.address, target.path, route)
    _memories.setdefault(key, Memory())
    _memories.move_to_end(key)
    while len(_memories) > _MAX_REMEMBERED:
        _memories.popitem(last=False)
    return _memories[key]


async def client(target: Target, dialer: Dialer) -> Http:
    """Return the HTTP client of an endpoint; nothing is connected yet."""
    password = await password_of(target)
    url = f"{target.scheme.removeprefix('app+')}://{target.address}"
    return Http(dialer, url, target.user, password, "tls", accept=_ACCEPT, most=_MOST)


async def read(http: Http, target: Target) -> Reading:
    """Return the reading of an endpoint. Raises ServiceError with the reason why it names no build."""
    remembered = memory(target)
    path = f"/{quote(target.path.lstrip('/'), safe='/:@!$&()*+,;=~%')}" if target.path.strip("/") else remembered.path
    reply, signs = await (_named(http, target, path) if path else _tried(http, target, remembered))
    if signs.built and not remembered.of_request:
        _check_built(remembered, signs, reply)
    return parse(signs, target, keep_built=not remembered.of_request)


async def _named(http: Http, target: Target, path: str) -> tuple[Reply, Signs]:
    (reply,) = await http.get(path)
    signs = _signs(reply, path)
    if signs.known and reply.status < 300:
        return reply, signs
    raise _unusable(http.address, path, reply, target)


async def _tried(http: Http, target: Target, remembered: Memory) -> tuple[Reply, Signs]:
    """Return the first reply that names a build; raise the most telling refusal where none does."""
    refusal: ServiceError | None = None
    for path in PATHS:
        (reply,) = await http.get(path)
        signs = _signs(reply, path)
        if signs.known and reply.status < 300:
            remembered.path = path
            return reply, signs
        if reply.status in (401, 403) and refusal is None:
            refusal = _unusable(http.address, path, reply, target)
    raise refusal or ServiceError(
        Reason.PROTOCOL, f"{http.address} names no build at {', '.join(PATHS)}: name the path in the URL"
    )


def _signs(reply: Reply, path: str) -> Signs:
    return replace(of_reply(reply.body, reply.headers), where=path)


def _check_built(remembered: Memory, signs: Signs, reply: Reply) -> None:
    """Find out whether the build time is that of the request: it changes under one revision, or is just now."""
    built, revision = moment(signs.built), signs.revision or signs.version
    if not built:
        return
    first = remembered.built.setdefault(revision, built)
    remembered.of_request = first != built or _seconds(built) > _answered(reply) - _FRESH


def _seconds(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def _answered(reply: Reply) -> float:
    """Return the server's own time of a reply, ours where it has none."""
    try:
        return parsedate_to_datetime(reply.headers.get("date", "")).timestamp()
    except (ValueError, TypeError, OverflowError):
        return time.time()


def _unusable(address: str, path: str, reply: Reply, target: Target) -> ServiceError:
    """Return the error for a reply that names no build."""
    where = f"{address}{foreign(path)}"
    match reply.status:
        case 401:
            reason = "does not take this user and password" if target.user else "wants a login: write a user in the URL"
            more = "" if target.user else ", and password_env names the variable with the password"
            return ServiceError(Reason.AUTH, f"{where} {reason}{more} (401)")
        case 403:
            return ServiceError(
                Reason.FORBIDDEN, f"{where} is forbidden (403): another path may be open to this client"
            )
        case status if 300 <= status < 400:
            return ServiceError(Reason.PROTOCOL, f"{where} {_redirect(reply)}")
        case status if status >= 400:
            return ServiceError(Reason.SERVER, f"{where} answers with the status {status}")
    if is_page(reply.body, reply.headers):
        return ServiceError(Reason.PROTOCOL, f"{where} answers with a page for browsers, which names no build")
    return ServiceError(Reason.PROTOCOL, f"{where} names no build: none of the keys {EXPECTED} and the like")


def _redirect(reply: Reply) -> str:
    """Return where a redirect leads, in words, without a query that may hold a token."""
    try:
        parts = urlsplit(reply.headers.get("location", ""))
        place = f"{parts.scheme}://{parts.hostname}{parts.path}" if parts.hostname else parts.path
    except ValueError:
        place = ""
    return f"redirects to {foreign(place)[:200] or 'nowhere'}, which is not followed: name that URL, if it is the app's"

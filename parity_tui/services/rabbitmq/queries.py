"""Requests to the broker's HTTP API: GET only, all in one write, and none again that was refused."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from msgspec import Struct

from parity_tui.model import Dialer, Reason, ServiceError
from parity_tui.secrets import Secret
from parity_tui.transport.foreign import foreign
from parity_tui.transport.threads import in_thread_if_large

if TYPE_CHECKING:
    from parity_tui.transport.http import Reply

_NODE = (
    "name,running,os_pid,mem_limit,disk_free_limit,fd_total,proc_total,net_ticktime,mem_calculation_strategy,"
    "enabled_plugins,auth_mechanisms.name,auth_mechanisms.enabled,applications.name,applications.version"
)
MAX_OBJECTS = 500
"""number of queues, and of exchanges, that are compared; a broker may have a hundred thousand"""

_PAGE = f"page=1&page_size={MAX_OBJECTS}&disable_stats=true&enable_queue_totals=false"
_OVERVIEW = (
    "node,default_queue_type,exchange_types.name,listeners.protocol,rates_mode,disable_stats,"
    "object_totals.queues,object_totals.exchanges"
)

PATHS = {
    "overview": f"/api/overview?columns={_OVERVIEW}",
    "nodes": f"/api/nodes?columns={_NODE}",
    "vhosts": "/api/vhosts?columns=name,default_queue_type,tracing",
    "vhost-limits": "/api/vhost-limits",
    "policies": "/api/policies",
    "operator-policies": "/api/operator-policies",
    "feature-flags": "/api/feature-flags?columns=name,state,desc",
    "deprecated-features": "/api/deprecated-features?columns=name,deprecation_phase,state,desc",
    "user-limits": "/api/user-limits",
    "queues": f"/api/queues?columns=name,vhost,type,durable,auto_delete,exclusive,arguments&{_PAGE}",
    "exchanges": f"/api/exchanges?columns=name,vhost,type,durable,auto_delete,internal,arguments&{_PAGE}",
    "bindings": "/api/bindings?columns=source,vhost,destination,destination_type,routing_key,arguments",
    "whoami": "/api/whoami",
}
"""requests by name; `columns` leaves out counters, which would be most of a cluster's answer"""

FREQUENT = ("overview", "nodes", "policies", "operator-policies")
"""requests of every reading: each is a login for the broker; the others are sent once a minute, or when the overview
shows another number of queues or exchanges"""

ADMINISTRATOR_PATHS = {
    "users": "/api/users?columns=name,tags",
    "permissions": "/api/permissions",
    "topic-permissions": "/api/topic-permissions",
}
"""requests that only an administrator may send; `columns` leaves out hashes of passwords"""

OPTIONAL = {
    "operator-policies": (3, 6),
    "vhost-limits": (3, 7),
    "feature-flags": (3, 8),
    "user-limits": (3, 8),
    "deprecated-features": (3, 12),
}
"""request that older brokers answer with 404 -> first version of RabbitMQ that has it"""

LASTING_REFUSALS = (401, 403, 404, 405, 406)
"""HTTP statuses after which a request is not repeated on this connection, because the broker logs each of them"""

MAX_VHOSTS = 50
"""number of virtual hosts whose policies are requested to learn whether we may see them"""


class Refused(Struct, frozen=True):
    """A request without a usable answer."""

    status: int
    """of HTTP; 0 where the request failed"""
    why: str
    """the broker's words, or the failure in words"""


Answers = Mapping[str, Any]
"""name in PATHS -> parsed JSON or Refused; "closed" -> tuple of the virtual hosts whose policies we may not see"""


class Management:
    """The HTTP API of one broker, on one kept connection."""

    def __init__(self, dialer: Dialer, url: str, user: str, password: Secret | None) -> None:
        from parity_tui.transport.http import Http  # imports h11, which few targets need

        self._http = Http(dialer, without_api(url), user, password, "management.tls")
        self.user = self._http.user
        self._refused: dict[str, Refused] = {}
        self._more: dict[str, str] = {}
        self._shown: dict[str, bool] = {}
        self._dialer = dialer
        self._answers: dict[str, Any] = {}
        self._latest: dict[str, tuple[bytes, Any]] = {}
        """name -> the latest body, and what it says"""
        self.size = 0
        """bytes of the latest answers"""

    async def ask(self) -> Answers:
        """Send all requests and return their answers."""
        self.size = 0
        try:
            answers = {**self._refused, **await self._ask_due()}
            if not self._more and "administrator" in tags(answers):
                self._more = ADMINISTRATOR_PATHS
                self._answers |= await self._get(self._more)
                answers |= self._answers
            await self._probe_vhosts(answers)
        except ServiceError as error:
            self._answers = {}
            # The list of bindings has no pages: it may be larger than the limit of one answer.
            if error.reason is Reason.PROTOCOL and "bindings" not in self._refused:
                self._refused["bindings"] = Refused(0, error.message)
                return await self.ask()
            # The facts of AMQP are shown without the API; those of the API are then hidden.
            return dict.fromkeys(PATHS, Refused(0, error.message)) | {"closed": ()}
        self._refused = {
            name: answer
            for name, answer in answers.items()
            if isinstance(answer, Refused) and (answer.status in LASTING_REFUSALS or name == "bindings")
        }
        return answers | {"closed": tuple(vhost for vhost, shown in self._shown.items() if not shown)}

    async def _ask_due(self) -> dict[str, Any]:
        """Return the answers to all requests, with the known ones to those that are not due."""
        every = PATHS | self._more
        if self._dialer.is_due("management") or not self._answers:
            self._answers = await self._get(every)
        else:
            found = await self._get({name: every[name] for name in FREQUENT})
            if found.get("overview") is not self._answers.get("overview"):
                found |= await self._get({name: path for name, path in every.items() if name not in FREQUENT})
            self._answers = self._answers | found
        return dict(self._answers)

    async def _get(self, paths: Mapping[str, str]) -> dict[str, Any]:
        """Return the answers to those requests that have not been refused."""
        names = [name for name in paths if name not in self._refused]
        replies = await self._http.get(*(paths[name] for name in names)) if names else []
        self.size += sum(len(reply.body) for reply in replies)
        return {name: await self._answer(name, reply) for name, reply in zip(names, replies, strict=True)}

    async def _answer(self, name: str, reply: Reply) -> Any:
        """Return what a reply says, the same object while its body stays the same."""
        latest = self._latest.get(name)
        if latest is not None and reply.status == 200 and reply.body == latest[0]:
            return latest[1]
        answer = await in_thread_if_large(len(reply.body), parse_reply, reply)
        self._latest.pop(name, None)
        if reply.status == 200:
            self._latest[name] = (bytes(reply.body), answer)
        return answer

    async def _probe_vhosts(self, answers: Answers) -> None:
        """Learn, once for each virtual host, whether we may see its policies: the list silently leaves others out."""
        if "administrator" in tags(answers):
            return
        new = [name for name in names_of(answers["vhosts"]) if name not in self._shown][:MAX_VHOSTS]
        paths = [f"/api/policies/{quote(name, safe='')}" for name in new]
        replies = await self._http.get(*paths) if paths else []
        self._shown |= {name: reply.status == 200 for name, reply in zip(new, replies, strict=True)}

    def end(self) -> None:
        """Close the connection."""
        self._http.end()


def without_api(url: str) -> str:
    """Return the address of the HTTP API without the `/api` that people copy with it.

    >>> without_api("http://mq:15672/api/"), without_api("https://mq/mq/api"), without_api("https://mq/api-x")
    ('http://mq:15672', 'https://mq/mq', 'https://mq/api-x')
    """
    return re.sub(r"(?<=[^/:])/api/?$", "", url.rstrip())


def parse_reply(reply: Reply) -> Any:
    """Return the parsed JSON of a reply, Refused where it has none.

    >>> from parity_tui.transport.http import Reply
    >>> parse_reply(Reply(200, b'[{"name": "q"}]')), parse_reply(Reply(200, b"[null]"))
    ([{'name': 'q'}], Refused(status=200, why='an unexpected answer'))
    """
    if reply.status == 200:
        try:
            document = reply.json()
        except ServiceError as error:
            return Refused(200, error.message)
        return document if _is_answer(document) else Refused(200, "an unexpected answer")
    try:
        answer = reply.json()
    except ServiceError:
        answer = None
    reason = answer.get("reason") if isinstance(answer, dict) else None
    return Refused(reply.status, foreign(" ".join(str(reason or f"answers with {reply.status}").split()), 100))


def _is_answer(document: Any) -> bool:
    """Return whether a document is an object, or a list of objects that have members."""
    listed = page(document)
    objects_only = not isinstance(listed, list) or all(isinstance(each, dict) and each for each in listed)
    return document is not None and objects_only


def tags(answers: Answers) -> tuple[str, ...]:
    """Return the tags of our user, which old versions send as comma-separated text.

    >>> tags({"whoami": {"tags": "monitoring,policymaker"}})
    ('monitoring', 'policymaker')
    """
    whoami = answers.get("whoami")
    value = whoami.get("tags") if isinstance(whoami, dict) else None
    listed = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else []
    return tuple(str(tag) for tag in listed)


def page(answer: Any) -> Any:
    """Return the objects of a paged answer, which old brokers send as a plain list."""
    return answer.get("items") if isinstance(answer, dict) else answer


def names_of(answer: Any) -> list[str]:
    """Return the names of the objects in a list, [] for anything else."""
    return [each["name"] for each in objects(answer) if isinstance(each.get("name"), str)]


def objects(answer: Any) -> list[dict[str, Any]]:
    """Return the objects in a list, [] for anything else."""
    return [each for each in answer if isinstance(each, dict)] if isinstance(answer, list) else []

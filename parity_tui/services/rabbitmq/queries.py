"""The broker's HTTP API, by GET only: all questions at once, and what was refused is not asked again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from msgspec import Struct

from parity_tui.model import Dialer, ServiceError
from parity_tui.secrets import Secret

if TYPE_CHECKING:
    from parity_tui.transport.http import Reply

_NODE = (
    "name,running,os_pid,mem_limit,disk_free_limit,fd_total,proc_total,net_ticktime,mem_calculation_strategy,"
    "enabled_plugins,auth_mechanisms.name,auth_mechanisms.enabled,applications.name,applications.version"
)
_OVERVIEW = "node,default_queue_type,exchange_types.name,listeners.protocol,rates_mode,disable_stats"

PATHS = {
    "overview": f"/api/overview?columns={_OVERVIEW}",
    "nodes": f"/api/nodes?columns={_NODE}",
    "vhosts": "/api/vhosts?columns=name,default_queue_type,tracing",
    "vhost-limits": "/api/vhost-limits",
    "policies": "/api/policies",
    "operator-policies": "/api/operator-policies",
    "feature-flags": "/api/feature-flags?columns=name,state,desc",
    "deprecated-features": "/api/deprecated-features?columns=name,deprecation_phase,desc",
    "whoami": "/api/whoami",
}
"""what is asked, by name; without the columns a cluster's counters would be most of the answer"""

REFUSALS = (401, 403, 404, 405, 406)
"""of HTTP: these are not asked again on this connection, as the broker writes each of them into its log"""

VHOSTS = 50
"""so many virtual hosts are tried for whether their policies are shown to us"""


class Refused(Struct, frozen=True):
    """No answer to one question."""

    status: int
    """of HTTP; 0 where there was no answer at all"""
    why: str
    """the broker's words, or ours"""


Answers = Mapping[str, Any]
"""by the names of PATHS: JSON as it came, or Refused; and "closed": the virtual hosts whose policies are not shown"""


class Management:
    """The HTTP API of one broker, on a connection that is kept."""

    def __init__(self, dialer: Dialer, url: str, user: str, password: Secret | None) -> None:
        from parity_tui.transport.http import Http  # with h11: for those only that have a management API

        self._http = Http(dialer, url, user, password, "management.tls")
        self.user = self._http.user
        self._refused: dict[str, Refused] = {}
        self._shown: dict[str, bool] = {}

    async def ask(self) -> Answers:
        """Return the answers to all questions."""
        names = [name for name in PATHS if name not in self._refused]
        try:
            replies = await self._http.get(*(PATHS[name] for name in names)) if names else []
            answers = {**self._refused, **{name: judged(reply) for name, reply in zip(names, replies, strict=True)}}
            await self._try_vhosts(answers)
        except ServiceError as error:
            # What AMQP shows is worth showing without this, and what this would show is then not known.
            return dict.fromkeys(PATHS, Refused(0, error.message)) | {"closed": ()}
        self._refused = {
            name: answer
            for name, answer in answers.items()
            if isinstance(answer, Refused) and answer.status in REFUSALS
        }
        return answers | {"closed": tuple(vhost for vhost, shown in self._shown.items() if not shown)}

    async def _try_vhosts(self, answers: Answers) -> None:
        """Find out, once each, of which virtual hosts we are shown no policies: the list leaves them out."""
        if "administrator" in tags(answers):
            return
        new = [name for name in names_of(answers["vhosts"]) if name not in self._shown][:VHOSTS]
        paths = [f"/api/policies/{quote(name, safe='')}" for name in new]
        replies = await self._http.get(*paths) if paths else []
        self._shown |= {name: reply.status == 200 for name, reply in zip(new, replies, strict=True)}

    def end(self) -> None:
        """End the connection."""
        self._http.end()


def judged(reply: Reply) -> Any:
    """Return what an answer holds, or why it holds nothing."""
    if reply.status == 200:
        try:
            return reply.json()
        except ServiceError as error:
            return Refused(200, error.message)
    try:
        answer = reply.json()
    except ServiceError:
        answer = None
    words = answer.get("reason") if isinstance(answer, dict) else None
    return Refused(reply.status, str(words or f"answers with {reply.status}")[:100])


def tags(answers: Answers) -> tuple[str, ...]:
    """Return our own tags: a list, or in old versions text.

    >>> tags({"whoami": {"tags": "monitoring,policymaker"}})
    ('monitoring', 'policymaker')
    """
    whoami = answers.get("whoami")
    own = whoami.get("tags") if isinstance(whoami, dict) else None
    listed = own.split(",") if isinstance(own, str) else own if isinstance(own, list) else []
    return tuple(str(tag) for tag in listed)


def names_of(answer: Any) -> list[str]:
    """Return the names of the objects in a list, nothing where it is none."""
    return [each["name"] for each in objects(answer) if isinstance(each.get("name"), str)]


def objects(answer: Any) -> list[dict[str, Any]]:
    """Return the objects in a list, nothing where it is none."""
    return [each for each in answer if isinstance(each, dict)] if isinstance(answer, list) else []

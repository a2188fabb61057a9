"""Refused requests, and the facts that they hide with the reason and the command that would show them."""

from __future__ import annotations

from collections.abc import Iterator
from shlex import quote
from typing import Any

from parity_tui.model import HiddenGroup
from parity_tui.services.rabbitmq.queries import Answers, Refused, names_of, objects, tags
from parity_tui.services.rabbitmq.rules import (
    ADMINISTRATOR,
    AMQP_FACTS,
    ANSWER_FACTS,
    MONITORING,
    NODE_FACTS,
    VHOST_FACTS,
    VHOST_PERMISSION,
)
from parity_tui.transport.foreign import foreign

ALL_VHOSTS_TAGS = {"monitoring", "administrator"}
"""tags whose users see all virtual hosts"""

BAD_LOGIN = ("login failed", "not_authorized")
"""the API's words for a wrong user or password; its other words are about rights"""

NO_MANAGEMENT = 'only the HTTP API shows it: set management = "http://HOST:15672"'
TOO_EARLY = "the broker has not gathered its figures: it has just started, or does not gather any"


def hidden_facts(answers: Answers | None, user: str) -> Iterator[tuple[str, str]]:
    """Yield (glob of facts, reason), "" as reason for facts that are not hidden; the first glob that matches counts."""
    if answers is None:
        yield from ((name, "") for name in AMQP_FACTS)
        yield "*", NO_MANAGEMENT
        return
    for vhost in answers.get("closed", ()):
        why = VHOST_PERMISSION.why.format(user=quote(user), path=quote(vhost))
        yield f"policy.{vhost}.*", why
        yield f"operator_policy.{vhost}.*", why
    for name, globs in ANSWER_FACTS.items():
        if why := _refusal_reason(name, answers.get(name), user):
            yield from ((glob, why) for glob in globs)
    yield from _hidden_on_nodes(objects(answers.get("nodes")), user)
    yield from _hidden_vhosts(answers, user)


def _refusal_reason(name: str, answer: Any, user: str) -> str:
    """Return the reason for which an answer is missing, "" where it is there or this version has no such answer."""
    match answer:
        case Refused(status=404 | 405 | 406):
            return ""
        case Refused(status=401 | 403, why=why) if why.lower() in BAD_LOGIN:
            return f"the HTTP API rejects user or password of {user}"
        case Refused(status=401 | 403, why=why):
            return f"{_needs(ADMINISTRATOR if name == 'feature-flags' else MONITORING, user)} ({foreign(why)})"
        case Refused(why=why):
            return f"the HTTP API could not be read: {foreign(why)}"
    return ""


def _needs(group: HiddenGroup, user: str) -> str:
    return group.why.format(user=quote(user))


def _hidden_on_nodes(nodes: list[dict[str, Any]], user: str) -> Iterator[tuple[str, str]]:
    """Yield the facts of nodes that show their names only."""
    if nodes and not any(map(has_figures, nodes)):
        # LavinMQ leaves the figures out for users that are no administrators, and shows the rest.
        why = _needs(ADMINISTRATOR, user) if "applications" in nodes[0] else TOO_EARLY
        yield from ((glob, why) for glob in ANSWER_FACTS["nodes"])


def has_figures(node: dict[str, Any]) -> bool:
    """Return whether a node runs and shows its figures: in its first seconds it has a name only."""
    return node.get("running") is not False and bool({"os_pid", "enabled_plugins", *NODE_FACTS} & node.keys())


def _hidden_vhosts(answers: Answers, user: str) -> Iterator[tuple[str, str]]:
    """Yield the facts of virtual hosts that the API leaves out of its lists for users without a monitoring tag."""
    if not isinstance(answers.get("whoami"), dict) or ALL_VHOSTS_TAGS & set(tags(answers)):
        return
    for vhost in set(names_of(answers.get("vhosts"))) - set(answers.get("closed", ())):
        yield from ((f"{kind}.{vhost}.*", "") for kind in VHOST_FACTS)
    yield from ((f"{kind}.*", _needs(MONITORING, user)) for kind in ("vhost", *VHOST_FACTS))
    yield "protocols", _needs(MONITORING, user)

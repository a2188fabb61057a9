"""Refused requests, and the facts that they hide with the reason and the command that would show them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from shlex import quote
from typing import Any

from parity_tui.model import HiddenGroup
from parity_tui.services.rabbitmq.normalize import mapping
from parity_tui.services.rabbitmq.queries import (
    ADMINISTRATOR_PATHS,
    MAX_OBJECTS,
    OPTIONAL,
    Answers,
    Refused,
    names_of,
    objects,
    page,
    tags,
)
from parity_tui.services.rabbitmq.rules import (
    AMQP_FACTS,
    ANSWER_FACTS,
    FLAGS,
    MONITORING,
    NODE_FACTS,
    USER_FACTS,
    USERS,
    VHOST_FACTS,
    VHOST_PERMISSION,
)
from parity_tui.transport.foreign import foreign

ALL_VHOSTS_TAGS = {"monitoring", "administrator"}
"""tags whose users see all virtual hosts"""

BAD_LOGIN = ("login failed", "not_authorized")
"""the API's words for a wrong user or password; its other words are about rights"""

NO_MANAGEMENT = 'only the HTTP API shows it: set management = "http://HOST:15672"'
NO_STATISTICS = "the broker collects no statistics: management.disable_stats = true"
LAVINMQ = "LavinMQ shows it to administrators only"
TOO_EARLY = "the broker has no statistics yet: it has just started, or collects none"


def hidden_facts(answers: Answers | None, user: str, version: str = "", vhost: str = "/") -> Iterator[tuple[str, str]]:
    """Yield (glob of facts, reason), "" as reason for facts that are not hidden; the first glob that matches counts.

    ``version`` is that of RabbitMQ, "" for other brokers: it decides which requests may be unknown to the broker;
    ``vhost`` is the target's virtual host.
    """
    if answers is None or (why := wrong_address(answers)):
        yield from ((name, "") for name in AMQP_FACTS)
        yield "*", NO_MANAGEMENT if answers is None else why
        return
    for closed in answers.get("closed", ()):
        why = VHOST_PERMISSION.why.format(user=quote(user), path=quote(closed))
        yield from ((f"{kind}.{closed}.*", why) for kind in ("policy", "operator_policy", "queue", "exchange"))
    for name, globs in ANSWER_FACTS.items():
        if why := _refusal_reason(name, answers.get(name), user, version):
            yield from ((glob, why) for glob in globs)
    yield from _hidden_on_nodes(answers, user)
    yield from _hidden_vhosts(answers, user)
    if not ADMINISTRATOR_PATHS.keys() & answers.keys():
        yield from ((glob, USERS.why.format(path=quote(vhost))) for glob in USER_FACTS)


def wrong_address(answers: Answers) -> str:
    """Return why the answers are not those of a broker's HTTP API, "" where they are.

    Every broker of every version answers /api/overview with an object.
    """
    match answers.get("overview"):
        case Refused(status=404 | 405 | 406 as status):
            return f"`management` is not the HTTP API: /api/overview answers with {status}"
        case None | Refused():
            return ""
        case dict() as overview if overview:
            return ""
    return "`management` is not the HTTP API: /api/overview sent an unexpected answer"


def _refusal_reason(name: str, answer: Any, user: str, version: str) -> str:
    """Return the reason for which an answer is missing, "" where it is there or this version has no such answer."""
    match answer:
        case Refused(status=404 | 405 | 406 as status):
            first = OPTIONAL.get(name)
            old = first is not None and (not version or _numbers(version) < first)
            return "" if old else f"the HTTP API answers /api/{name} with {status}: is a proxy in between?"
        case Refused(status=401 | 403, why=why) if why.lower() in BAD_LOGIN:
            return f"the HTTP API rejects user or password of {user}"
        case Refused(status=401 | 403, why=why):
            return FLAGS.why if name == "feature-flags" else f"{_needs(MONITORING, user)} ({foreign(why)})"
        case Refused(why=why):
            return f"the HTTP API could not be read: {foreign(why)}"
        case None:
            return ""
    if not isinstance(answer if name == "overview" else page(answer), dict if name == "overview" else list):
        return f"the HTTP API sent an unexpected answer for /api/{name}"
    if not answer and (name in ("nodes", "vhosts", "users") or (name == "feature-flags" and version)):
        return f"the HTTP API answers /api/{name} with an empty list, and a broker has at least one"
    total = answer.get("total_count") if name in ("queues", "exchanges") and isinstance(answer, dict) else 0
    too_many = isinstance(total, int) and total > MAX_OBJECTS
    return f"{total} {name} are too many to compare: only {MAX_OBJECTS} are read" if too_many else ""


def _numbers(version: str) -> tuple[int, ...]:
    """Return the first two numbers of a version."""
    return tuple(int(number[:9]) for number in re.findall(r"\d+", version)[:2])


def _needs(group: HiddenGroup, user: str) -> str:
    return group.why.format(user=quote(user))


def _hidden_on_nodes(answers: Answers, user: str) -> Iterator[tuple[str, str]]:
    """Yield the facts of nodes that show their names only."""
    overview, nodes = mapping(answers.get("overview")), objects(answers.get("nodes"))
    without = overview.get("disable_stats") is True
    if nodes and not any(map(has_figures, nodes)):
        # LavinMQ leaves the figures out for users that are no administrators, and shows the rest.
        why = NO_STATISTICS if without else LAVINMQ if "applications" in nodes[0] else TOO_EARLY
        yield from ((glob, why) for glob in ANSWER_FACTS["nodes"] if glob not in ("nodes", "stopped_nodes"))
    if without and "listeners" not in overview:
        yield "protocols", NO_STATISTICS


def has_figures(node: dict[str, Any]) -> bool:
    """Return whether a node runs and shows its figures: in its first seconds it has a name only."""
    return node.get("running") is not False and bool({"os_pid", "enabled_plugins", *NODE_FACTS} & node.keys())


def _hidden_vhosts(answers: Answers, user: str) -> Iterator[tuple[str, str]]:
    """Yield the facts of virtual hosts that the API leaves out of its lists for users without a monitoring tag."""
    if not isinstance(answers.get("whoami"), dict) or ALL_VHOSTS_TAGS & set(tags(answers)):
        return
    for vhost in set(names_of(answers.get("vhosts"))) - set(answers.get("closed", ())):
        yield from ((f"{kind}.{vhost}.*", "") for kind in VHOST_FACTS)
    yield from (
        (f"{kind}.*", _needs(MONITORING, user)) for kind in ("vhost", "vhost_queue_type", "vhost_tracing", *VHOST_FACTS)
    )
    yield "protocols", _needs(MONITORING, user)

"""Queues, exchanges with their bindings, users and their rights → facts.

Objects that come and go with clients stay out: exclusive and auto-delete ones, and those with a generated name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from parity_tui.model import Fact
from parity_tui.services.rabbitmq.normalize import limits_in, mapping, text
from parity_tui.services.rabbitmq.queries import MAX_OBJECTS, Answers, objects, page

_GENERATED = (
    r"^amq\.|\.gen-|(?:^|[._-])anonymous\.|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-|[0-9a-f]{16}"
    r"|(?<![\w-])(?=[\w-]*\d)(?=[\w-]*[a-z])(?=[\w-]*[A-Z])[\w-]{22}(?![\w-])"
)
"""names made by the broker or a client library (reserved, UUIDs, digests, 16 random bytes in base64); compiled when
first used"""

STANDARD = frozenset({"amq.direct", "amq.fanout", "amq.headers", "amq.match", "amq.topic"})
"""exchanges of every virtual host; an app may bind them to its own ones"""

LONGEST = 300
"""characters of the bindings that are shown; longer lists are compared by a digest"""

Key = tuple[str, str, str]
"""virtual host, "queue" or "exchange", name"""


def object_facts(answers: Answers) -> Iterator[tuple[str, Fact]]:
    """Yield queues and exchanges, each with its arguments and with the bindings that lead to it."""
    if not isinstance(listed := answers.get("bindings", []), list):
        return
    bindings = _bindings(objects(listed))
    for kind, answer in (("queue", answers.get("queues")), ("exchange", answers.get("exchanges"))):
        if isinstance(answer, dict) and isinstance(count := answer.get("total_count"), int) and count > MAX_OBJECTS:
            continue
        for each in objects(page(answer)):
            vhost, name = text(each.get("vhost")), text(each.get("name"))
            standard = kind == "exchange" and name in STANDARD
            if name and (standard or not _comes_and_goes(each, name)):
                bound = bindings.get((vhost, kind, name), [])
                yield f"{kind}.{vhost}.{name}", Fact(raw=text(each), canonical=_description(each, bound))


def _comes_and_goes(each: Mapping[str, Any], name: str) -> bool:
    temporary = each.get("exclusive") is True or each.get("auto_delete") is True
    return temporary or re.search(_GENERATED, name[:1000], re.ASCII) is not None


def _bindings(bindings: list[dict[str, Any]]) -> dict[Key, list[str]]:
    """Return the bindings by their destination; the default exchange binds each queue by itself."""
    found: dict[Key, list[str]] = {}
    for each in bindings:
        source, key = text(each.get("source")), text(each.get("routing_key"))
        if source:
            arguments = _arguments(each)
            words = " ".join(filter(None, (source, key and f"by {key}", arguments and f"with {arguments}")))
            target = (text(each.get("vhost")), text(each.get("destination_type")), text(each.get("destination")))
            found.setdefault(target, []).append(words)
    return found


def _description(each: Mapping[str, Any], bound: list[str]) -> str:
    """Return type, durability, arguments and bindings in words."""
    words = [
        text(each.get("type")) or "classic",
        "durable" if each.get("durable") is not False else "transient",
        "internal" if each.get("internal") is True else "",
        _arguments(each),
        _shortened(f"bound to {', '.join(sorted(bound))}", len(bound)) if bound else "",
    ]
    return "; ".join(filter(None, words))


def _arguments(each: Mapping[str, Any]) -> str:
    """Return the arguments; the type of a queue is a field of its own."""
    arguments = mapping(each.get("arguments"))
    return ", ".join(f"{name}={text(arguments[name])}" for name in sorted(arguments) if name != "x-queue-type")


def _shortened(words: str, count: int) -> str:
    if len(words) <= LONGEST:
        return words
    from hashlib import sha256  # here: few exchanges have so many bindings

    digest = sha256(words.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return f"{count} bindings, digest {digest}"


def user_facts(answers: Answers) -> Iterator[tuple[str, Fact]]:
    """Yield limits of users, and tags and permissions of those that are no administrators and have any."""
    for each in objects(answers.get("user-limits")):
        for name, limit in limits_in(each):
            yield f"user_limit.{text(each.get('user'))}.{name}", Fact(raw=limit)
    if not isinstance(answers.get("users"), list) or not isinstance(answers.get("permissions"), list):
        return
    tags = {text(each.get("name")): _tags(each) for each in objects(answers["users"])}
    permissions = [
        each
        for each in objects(answers["permissions"])
        if "administrator" not in tags.get(text(each.get("user")), ()) and _allows(each)
    ]
    names = sorted({text(each.get("user")) for each in permissions})
    yield "users", Fact(raw=", ".join(names))
    for name in names:
        yield f"user_tags.{name}", Fact(raw=", ".join(tags.get(name, ())))
    for each in permissions:
        yield f"permission.{text(each.get('vhost'))}.{text(each.get('user'))}", Fact(raw=_permission(each))
    for each in objects(answers.get("topic-permissions")):
        if text(each.get("user")) in names:
            key = ".".join(text(each.get(part)) for part in ("vhost", "user", "exchange"))
            yield f"topic_permission.{key}", Fact(raw=_permission(each))


def _tags(user: Mapping[str, Any]) -> list[str]:
    """Return the tags of a user, which old brokers send as comma-separated text."""
    tags = user.get("tags")
    listed = tags.split(",") if isinstance(tags, str) else tags if isinstance(tags, list) else []
    return sorted(filter(None, map(text, listed)))


def _allows(permission: Mapping[str, Any]) -> bool:
    """Return whether a permission allows anything: a user who only looks on is no user of the app."""
    return any(text(permission.get(right)) not in ("", "^$") for right in ("configure", "write", "read"))


def _permission(each: Mapping[str, Any]) -> str:
    rights = ("configure", "write", "read")
    return ", ".join(f"{right} {text(each[right]) or 'nothing'}" for right in rights if right in each)

"""Queues, exchanges, bindings, users and their rights: on real brokers, and in parsed answers."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

import pytest

from parity_tui.demo.rabbitmq import RabbitMQ
from parity_tui.model import Severity, State
from parity_tui.services.rabbitmq.queries import ADMINISTRATOR_PATHS, Refused
from tests.services.rabbitmq.builders import PASSWORD, changed, drift, full_reading, no_permission, parsed, rows

QUEUE = {"name": "jobs", "vhost": "/", "type": "classic", "durable": True, "auto_delete": False, "arguments": {}}
EXCHANGE = {"name": "events", "vhost": "/", "type": "topic", "durable": True, "arguments": {}}
BINDING = {"source": "events", "vhost": "/", "destination": "jobs", "destination_type": "queue", "routing_key": "a.*"}


def objects(*queues: dict[str, Any], exchanges: list[dict[str, Any]] | None = None, **answers: Any) -> Any:
    """Return the reading of these queues and exchanges."""
    return parsed(queues={"total_count": len(queues), "items": list(queues)}, exchanges=exchanges or [], **answers)


async def test_declared_objects_are_rows(broker: RabbitMQ) -> None:
    """K6: with the tag monitoring; a second reading gives the same facts."""
    before = await full_reading(broker)
    arguments = {"x-max-length": 5, "x-message-ttl": 60000}
    with ExitStack() as stack:
        stack.enter_context(changed(broker, "/api/queues/%2F/jobs", {"durable": True, "arguments": arguments}))
        stack.enter_context(changed(broker, "/api/queues/%2F/gone", {"durable": True, "auto_delete": True}))
        stack.enter_context(changed(broker, "/api/exchanges/%2F/events", {"type": "topic", "durable": True}))
        broker.api("POST", "/api/bindings/%2F/e/events/q/jobs", {"routing_key": "a.*"})
        after = await full_reading(broker)
        assert drift(after, await full_reading(broker)) == set()
    assert drift(before, after) == {"queue./.jobs", "exchange./.events"}
    compared = rows(before, after)
    assert compared["queue./.jobs"].text(1) == (
        "classic; durable; x-max-length=5, x-message-ttl=60000; bound to events by a.*"
    )
    assert compared["exchange./.events"].text(1) == "topic; durable"
    assert compared["queue./.jobs"].severity is Severity.WARNING  # the app may declare it when it starts


async def test_binding_of_standard_exchange_is_row(broker: RabbitMQ) -> None:
    """The exchange is in every virtual host, and what leads to it is the app's."""
    with changed(broker, "/api/exchanges/%2F/events", {"type": "topic", "durable": True}):
        before = await full_reading(broker)
        broker.api("POST", "/api/bindings/%2F/e/events/e/amq.topic", {"routing_key": "a.#"})
        after = await full_reading(broker)
    assert drift(before, after) == {"exchange./.amq.topic"}
    row = rows(before, after)["exchange./.amq.topic"]
    assert (row.text(1), row.severity) == ("topic; durable; bound to events by a.#", Severity.CRITICAL)


async def test_negative_limit_is_none(broker: RabbitMQ) -> None:
    before = await full_reading(broker)
    with ExitStack() as stack:
        stack.enter_context(changed(broker, "/api/vhost-limits/%2F/max-connections", {"value": -1}))
        stack.enter_context(changed(broker, "/api/user-limits/parity/max-channels", {"value": -1}))
        after = await full_reading(broker)
    assert drift(before, after) == set()


@pytest.mark.parametrize(
    "changes",
    [{"type": "quorum"}, {"arguments": {"x-max-length": 5}}, {"arguments": {"x-message-ttl": 9}}, {"durable": False}],
)
def test_changed_queue_drifts(changes: dict[str, Any]) -> None:
    assert drift(objects(QUEUE), objects({**QUEUE, **changes})) == {"queue./.jobs"}
    assert rows(objects(QUEUE), objects({**QUEUE, **changes}))["queue./.jobs"].severity is Severity.CRITICAL


def test_exchange_type_and_bindings_drift() -> None:
    """A missing binding is a change of its destination."""
    plain, other = objects(exchanges=[EXCHANGE]), objects(exchanges=[{**EXCHANGE, "type": "fanout"}])
    assert drift(plain, other) == {"exchange./.events"}
    assert drift(objects(QUEUE), objects(QUEUE, bindings=[BINDING])) == {"queue./.jobs"}
    many = [{**BINDING, "routing_key": f"key.{number}"} for number in range(99)]
    assert "99 bindings, digest" in objects(QUEUE, bindings=many).facts["queue./.jobs"].canonical


@pytest.mark.parametrize(
    "changes",
    [
        {"exclusive": True},
        {"auto_delete": True},
        {"name": "amq.gen-JzTY20BRgKO-HjmUJj0wLg"},
        {"name": "stream.anonymous.Xa"},
        {"name": "reply.5f1c2a3b-1234-4abc-9def-0123456789ab"},
        {"name": "input.9f86d081884c7d65"},
        {"name": "reply.JzTY20BRgKO-HjmUJj0wLg"},
    ],
)
def test_temporary_queue_is_quiet(changes: dict[str, Any]) -> None:
    """Clients make them, and end them."""
    assert drift(objects(), objects({**QUEUE, **changes})) == set()


@pytest.mark.parametrize("name", ["jobs", "order-processing-queue", "invoices.2024", "Order_Processing_Queue"])
def test_named_queue_is_compared(name: str) -> None:
    assert drift(objects(), objects({**QUEUE, "name": name})) == {f"queue./.{name}"}


@pytest.mark.parametrize(
    "answers",
    [
        {"queues": {"total_count": 501, "items": [QUEUE]}},
        {"bindings": Refused(0, "sends more than 4,194,304 bytes")},
        {"queues": Refused(404, "")},
    ],
)
def test_unread_objects_are_hidden(answers: dict[str, Any]) -> None:
    """Never silently fewer; the reason names the limit."""
    row = rows(parsed(**answers), objects(QUEUE))["queue./.jobs"]
    assert row.cells[0].state is State.HIDDEN
    assert row.cells[0].note


async def test_rights_of_users_are_rows_for_administrators(broker: RabbitMQ) -> None:
    """K7: permissions, tags and limits; other users of one side alone are one row, of no weight."""
    user = {"password": PASSWORD, "tags": ""}
    rights = {**no_permission("app"), "configure": ".*"}
    with changed(broker, "/api/users/app", user):
        broker.api("PUT", "/api/permissions/%2F/app", rights)
        before, hidden = await full_reading(broker, "boss"), await full_reading(broker)
        broker.api("PUT", "/api/permissions/%2F/app", {**rights, "read": "^jobs"})
        broker.api("PUT", "/api/user-limits/app/max-channels", {"value": 3})
        after = await full_reading(broker, "boss")
    assert drift(before, after) == {"permission./.app", "user_limit.app.max-channels"}
    cell = rows(hidden, after)["permission./.app"].cells[0]
    assert (cell.state, "only administrators" in cell.note) == (State.HIDDEN, True)
    without = await full_reading(broker, "boss")
    assert drift(without, after) == {"users"}
    assert rows(without, after)["users"].severity is Severity.INFO


async def test_missing_virtual_host_is_one_row(broker: RabbitMQ) -> None:
    """K16: its queues, exchanges, policies and limits are folded under it; a dot in names changes nothing."""
    policy = {"pattern": "^jobs", "definition": {"max-length": 5}, "apply-to": "queues"}
    declared = {"durable": True, "arguments": {}}
    before = await full_reading(broker, "boss")
    with (
        changed(broker, "/api/vhosts/shop.eu", {}),
        changed(broker, "/api/queues/shop.eu/jobs.a", declared),
        changed(broker, "/api/exchanges/shop.eu/events", {"type": "topic", **declared}),
        changed(broker, "/api/policies/shop.eu/ttl", policy),
        changed(broker, "/api/operator-policies/shop.eu/cap", policy),
        changed(broker, "/api/vhost-limits/shop.eu/max-queues", {"value": 7}),
    ):
        after = await full_reading(broker, "boss")
        broker.api("DELETE", "/api/queues/shop.eu/jobs.a")
        without_queue = await full_reading(broker, "boss")
        broker.api("PUT", "/api/queues/shop.eu/jobs.a", declared)
    assert drift(before, after) == {"vhost.shop.eu"}
    compared = rows(before, after)
    folded = {name for name, row in compared.items() if row.explained_by == "vhost.shop.eu"}
    assert folded >= {
        "queue.shop.eu.jobs.a", "exchange.shop.eu.events", "policy.shop.eu.ttl", "operator_policy.shop.eu.cap",
        "vhost_limit.shop.eu.max-queues",
    }  # fmt: skip
    assert compared["vhost.shop.eu"].severity is Severity.CRITICAL
    assert drift(without_queue, after) == {"queue.shop.eu.jobs.a"}


def test_hashes_of_passwords_are_not_requested() -> None:
    assert ADMINISTRATOR_PATHS["users"] == "/api/users?columns=name,tags"

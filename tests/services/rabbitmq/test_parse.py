"""Parsing answers of the HTTP API."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from parity_tui.model import State
from parity_tui.services.rabbitmq.parse import parse
from parity_tui.services.rabbitmq.queries import PATHS, Refused
from tests.services.rabbitmq.builders import PROPERTIES, drift, parsed, rows

NODE = {
    "name": "rabbit@a",
    "running": True,
    "os_pid": "17",
    "mem_limit": 1000,
    "enabled_plugins": ["rabbitmq_management", "rabbitmq_delayed_message_exchange"],
    "applications": [
        {"name": "rabbitmq_management", "version": "4.0.5"},
        {"name": "rabbitmq_delayed_message_exchange", "version": "4.0.2"},
    ],
}


def test_bundled_plugins_follow_the_broker_version() -> None:
    """A newer broker does not make a row of each of its plug-ins; others have their own version."""
    facts = parsed(NODE).facts
    assert facts["plugin.rabbitmq_management"].canonical == "on"
    assert facts["plugin.rabbitmq_delayed_message_exchange"].raw == "4.0.2"
    older = {**NODE, "applications": [{"name": "rabbitmq_delayed_message_exchange", "version": "3.12.0"}]}
    assert drift(parsed(NODE), parsed(older)) == {"plugin.rabbitmq_delayed_message_exchange"}
    assert drift(parsed(NODE), parsed({**NODE, "enabled_plugins": ["rabbitmq_management"]})) == {
        "plugin.rabbitmq_delayed_message_exchange"
    }


def test_values_of_nodes_are_merged() -> None:
    """Differing values are counted, in any order of the nodes; stopped nodes are left out."""
    second = {**NODE, "name": "rabbit@b", "os_pid": "18"}
    third = {**second, "name": "rabbit@c", "mem_limit": 2000, "enabled_plugins": ["rabbitmq_management"]}
    stopped = {"name": "rabbit@d", "running": False}
    assert parsed(NODE, second).facts["mem_limit"].raw == "1000"
    facts = parsed(third, NODE, second, stopped).facts
    assert facts["mem_limit"].canonical == "1000 on 2 of 3 nodes, 2000 on 1 of 3 nodes"
    assert facts["plugin.rabbitmq_delayed_message_exchange"].canonical == "4.0.2 on 2 of 3 nodes, off on 1 of 3 nodes"
    assert facts["plugin.rabbitmq_management"].canonical == "on"
    assert facts["nodes"].raw == "4"
    assert parsed(third, NODE, second) == parsed(NODE, second, third)


def test_figures_of_a_starting_broker_are_hidden() -> None:
    """In its first seconds a node has a name only: plug-ins and limits are not absent."""
    starting = parsed({"name": "rabbit@a", "running": True})
    assert drift(starting, parsed(NODE)) == set()
    cell = rows(starting, parsed(NODE))["plugin.rabbitmq_management"].cells[0]
    assert (cell.state, "just started" in cell.note) == (State.HIDDEN, True)


def test_lavinmq_hides_figures_from_other_users() -> None:
    """It shows them to administrators only, and the note names that tag."""
    less = parsed({"name": "host", "running": True, "applications": [{"name": "lavinmq", "version": "2.4.1"}]})
    more = parsed({"name": "host", "running": True, "os_pid": "7", "fd_total": 1024, "mem_limit": 5000})
    assert more.facts["fd_total"].raw == "1024"
    assert drift(less, more) == set()
    assert "set_user_tags parity administrator" in rows(less, more)["fd_total"].cells[0].note


def test_order_of_a_policy_definition_is_ignored() -> None:
    """A priority of 0 is the default and is not shown."""
    first = {
        "vhost": "/",
        "name": "a",
        "pattern": "x",
        "apply-to": "all",
        "definition": {"b": 1, "c": [2]},
        "priority": 0,
    }
    second = {**first, "definition": {"c": [2], "b": 1}}
    assert drift(parsed(policies=[first]), parsed(policies=[second])) == set()
    assert drift(parsed(policies=[first]), parsed(policies=[{**first, "definition": {"b": 2}}])) == {"policy./.a"}


def test_virtual_host_inherits_the_queue_type() -> None:
    """From the node's default, and without one it is classic; old names of a type equal the new ones."""
    undefined = [{"name": "/", "default_queue_type": "undefined"}]
    old = parsed(vhosts=[{"name": "/", "default_queue_type": "rabbit_classic_queue"}])
    assert drift(parsed(vhosts=undefined), old) == set()
    quorum = parsed(vhosts=undefined, overview={"default_queue_type": "quorum"})
    assert rows(old, quorum)["vhost./"].text(1) == "quorum queues by default"


def test_missing_endpoint_hides_nothing() -> None:
    """Status 404 means that this version has no such facts; every other refusal hides them."""
    absent, refused = ({"deprecated-features": Refused(status, "")} for status in (404, 500))
    assert not any(glob == "deprecated_feature.*" for glob, _ in parsed(**absent).hidden)
    assert any(glob == "deprecated_feature.*" for glob, _ in parsed(**refused).hidden)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["name", "value", "vhost", "listeners", "definition", "x"]), inner)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([*PATHS]), JSON), st.dictionaries(st.sampled_from([*PROPERTIES]), JSON))
def test_any_answer_gives_a_reading(answers: dict[str, Any], properties: dict[str, Any]) -> None:
    """Faults 27, 28, 31: no JSON raises an exception."""
    seen = parse(properties, {}, answers, "parity")
    assert all(isinstance(fact.raw, str) for fact in seen.facts.values())

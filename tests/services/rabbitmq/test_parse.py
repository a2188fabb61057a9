"""Parsing answers of the HTTP API."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parity_tui.drift.rules import RuleTable
from parity_tui.model import Reading, Severity, State, Verdict
from parity_tui.services.rabbitmq import SERVICE
from parity_tui.services.rabbitmq.parse import parse
from parity_tui.services.rabbitmq.queries import OPTIONAL, PATHS, Refused, parse_reply
from parity_tui.services.rabbitmq.rules import ANSWER_FACTS
from parity_tui.transport.http import Reply
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
    """Differing values are counted, in any order of the nodes; a stopped node may have another value."""
    second = {**NODE, "name": "rabbit@b", "os_pid": "18"}
    third = {**second, "name": "rabbit@c", "mem_limit": 2000, "enabled_plugins": ["rabbitmq_management"]}
    stopped = {"name": "rabbit@d", "running": False}
    assert parsed(NODE, second).facts["mem_limit"].raw == "1000"
    facts = parsed(third, NODE, second, stopped).facts
    assert facts["mem_limit"].canonical == "1000 on 2 of 3 nodes, 2000 on 1 of 3 nodes"
    assert facts["plugin.rabbitmq_delayed_message_exchange"].canonical == "4.0.2 on 2 of 3 nodes, off on 1 of 3 nodes"
    management = facts["plugin.rabbitmq_management"]
    assert (management.state, management.note) == (State.HIDDEN, "not running: rabbit@d")
    assert (facts["nodes"].raw, facts["stopped_nodes"].raw) == ("4", "rabbit@d")
    assert parsed(third, NODE, second) == parsed(NODE, second, third)


def test_figures_of_a_starting_broker_are_hidden() -> None:
    """In its first seconds a node has a name only: plug-ins and limits are not absent."""
    starting = parsed({"name": "rabbit@a", "running": True})
    assert drift(starting, parsed(NODE)) == set()
    cell = rows(starting, parsed(NODE))["plugin.rabbitmq_management"].cells[0]
    assert (cell.state, "just started" in cell.note) == (State.HIDDEN, True)


def test_lavinmq_hides_figures_from_other_users() -> None:
    """It shows them to administrators only; no advice asks for that tag."""
    less = parsed({"name": "host", "running": True, "applications": [{"name": "lavinmq", "version": "2.4.1"}]})
    more = parsed({"name": "host", "running": True, "os_pid": "7", "fd_total": 1024, "mem_limit": 5000})
    assert more.facts["fd_total"].raw == "1024"
    assert drift(less, more) == set()
    assert rows(less, more)["fd_total"].cells[0].note == "LavinMQ shows it to administrators only"


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


def test_queue_type_of_the_broker_is_one_row() -> None:
    """K16: virtual hosts that follow the broker's default have no row of their own, whatever their spelling."""
    overview = {"node": "a", "default_queue_type": "classic"}
    follows = [{"name": name, "default_queue_type": "rabbit_classic_queue"} for name in ("a", "b")]
    classic = parsed(vhosts=follows, overview=overview)
    undefined = parsed(vhosts=[{"name": name, "default_queue_type": "undefined"} for name in ("a", "b")])
    assert drift(classic, undefined) == {"default_queue_type"}
    quorum_vhosts = [{**each, "default_queue_type": "quorum"} for each in follows]
    quorum = parsed(vhosts=quorum_vhosts, overview={**overview, "default_queue_type": "quorum"})
    assert drift(classic, quorum) == {"default_queue_type"}
    explicit = parsed(vhosts=quorum_vhosts, overview=overview)
    assert drift(classic, explicit) == {"vhost_queue_type.a", "vhost_queue_type.b"}
    assert drift(quorum, explicit) == {"default_queue_type"}


def test_tracing_of_a_virtual_host_is_a_warning() -> None:
    quiet, traced = (parsed(vhosts=[{"name": "a", "tracing": on}]) for on in (False, True))
    assert drift(quiet, traced) == {"vhost_tracing.a"}
    assert rows(quiet, traced)["vhost_tracing.a"].severity is Severity.WARNING


@pytest.mark.parametrize(
    ("status", "version", "hidden"), [(404, "3.10.8", False), (404, "4.0.5", True), (500, "3.10.8", True)]
)
def test_missing_endpoint_hides_what_this_version_has(status: int, version: str, hidden: bool) -> None:
    """Status 404 of an old version means that there are no such facts; else a proxy lets only some paths through."""
    answers = {"overview": {"node": "a"}, "deprecated-features": Refused(status, "")}
    seen = parse({"product": "RabbitMQ", "version": version}, {}, answers, "parity")
    assert any(glob == "deprecated_feature.*" and why for glob, why in seen.hidden) is hidden


@pytest.mark.parametrize("name", sorted(PATHS.keys() - {"whoami", *OPTIONAL}))
def test_missing_core_endpoint_is_hidden(name: str) -> None:
    """Every version of every broker has it; the reason names the path."""
    seen = parsed(NODE, **{name: Refused(404, "")})
    assert any(why for _, why in seen.hidden)
    assert drift(seen, parsed(NODE)) == set()


@pytest.mark.parametrize("answer", [Refused(404, ""), Refused(405, ""), [], {}, "<html>"])
def test_wrong_address_hides_everything(answer: Any) -> None:
    """A4: other answers are not believed either, and there is one reason."""
    seen = parsed(NODE, overview=answer, vhosts=[{"name": "/"}], policies=Refused(404, ""))
    reasons = {why for _, why in seen.hidden if why}
    assert len(reasons) == 1
    assert "`management` is not the HTTP API" in reasons.pop()
    assert "vhost./" not in seen.facts


@pytest.mark.parametrize(
    ("name", "answer"), [("nodes", []), ("vhosts", []), ("nodes", "x"), ("policies", {}), ("queues", {"items": None})]
)
def test_answer_without_substance_is_hidden(name: str, answer: Any) -> None:
    """J14: a broker has at least one node and one virtual host."""
    reasons = [why for _, why in parse_with({name: answer}).hidden]
    words = "answers /api/{} with an empty list" if answer == [] else "sent an unexpected answer for /api/{}"
    assert any(words.format(name) in why for why in reasons)


def parse_with(answers: dict[str, Any]) -> Reading:
    """Return the reading of these answers beside an overview."""
    return parse({"product": "RabbitMQ", "version": "4.0.5"}, {}, {"overview": {"node": "a"}, **answers}, "parity")


def test_state_of_a_deprecated_feature_is_critical() -> None:
    """A7: RabbitMQ 4.3 shows the state; before, only the phase tells whether it may be used."""
    feature = {"name": "transient_nonexcl_queues", "deprecation_phase": "permitted_by_default"}
    allowed, denied = ({**feature, "state": state} for state in ("permitted", "denied"))
    row = rows(parsed(**{"deprecated-features": [allowed]}), parsed(**{"deprecated-features": [denied]}))
    compared = row["deprecated_feature.transient_nonexcl_queues"]
    assert (compared.verdict, compared.severity) == (Verdict.DRIFT, Severity.CRITICAL)
    assert [compared.text(index) for index in (0, 1)] == ["permitted", "denied"]
    assert drift(parsed(**{"deprecated-features": [allowed]}), parsed(**{"deprecated-features": [feature]})) == set()


def test_plugin_is_one_row_with_what_it_brings() -> None:
    """K16, K17: its types of exchange and its listener follow; a listener that is missing is a row."""
    overview = {"node": "a", "exchange_types": [{"name": "direct"}], "listeners": [{"protocol": "amqp"}]}
    brought = {
        "exchange_types": [{"name": "direct"}, {"name": "x-consistent-hash"}],
        "listeners": [{"protocol": "amqp"}, {"protocol": "mqtt"}],
    }
    plugins = ["rabbitmq_mqtt", "rabbitmq_consistent_hash_exchange"]
    without = parsed({**NODE, "enabled_plugins": []}, overview=overview)
    with_both = parsed({**NODE, "enabled_plugins": plugins}, overview={**overview, **brought})
    assert drift(without, with_both) == {f"plugin.{name}" for name in plugins}
    closed = parsed(
        {**NODE, "enabled_plugins": plugins}, overview={**overview, **brought, "listeners": overview["listeners"]}
    )
    assert drift(closed, with_both) == {"protocols"}


@pytest.mark.parametrize(
    ("plugin", "severity"),
    [
        ("rabbitmq_mqtt", Severity.CRITICAL),
        ("rabbitmq_consistent_hash_exchange", Severity.CRITICAL),
        ("rabbitmq_auth_backend_ldap", Severity.CRITICAL),
        ("rabbitmq_shovel", Severity.WARNING),
        ("rabbitmq_federation", Severity.WARNING),
        ("rabbitmq_tracing", Severity.WARNING),
        ("rabbitmq_shovel_management", Severity.INFO),
        ("rabbitmq_management", Severity.INFO),
        ("rabbitmq_prometheus", Severity.INFO),
        ("rabbitmq_web_dispatch", Severity.INFO),
        ("some_other", Severity.WARNING),
    ],
)
def test_severity_of_a_plugin_follows_its_effect(plugin: str, severity: Severity) -> None:
    assert RuleTable(SERVICE, "rabbitmq").rule(f"plugin.{plugin}").severity is severity


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


def test_broker_without_a_name_is_unknown() -> None:
    """Equal limits are no parity of products that nobody has named."""
    nameless = parse({}, {"frame_max": 131072}, None, "parity")
    compared = rows(nameless, nameless)
    assert {compared[name].verdict for name in ("product", "version")} == {Verdict.UNKNOWN}


@pytest.mark.parametrize("body", [b"null", b"", b"[null]", b"[{}]", b"[[]]"])
@pytest.mark.parametrize("name", ["nodes", "vhosts", "policies", "feature-flags", "queues", "exchanges", "users"])
def test_answer_without_objects_is_no_empty_list(name: str, body: bytes) -> None:
    """Not even where both brokers, or a proxy in front of them, send it."""
    answer = parse_reply(Reply(200, body))
    assert isinstance(answer, Refused)
    reading = parsed(**{"nodes": [NODE], name: answer})
    assert {glob for glob, why in reading.hidden if why} >= {*ANSWER_FACTS[name]}


@pytest.mark.parametrize("name", ["nodes", "vhosts", "feature-flags", "users"])
def test_list_that_no_broker_leaves_empty_is_hidden(name: str) -> None:
    reading = parsed(**{"nodes": [NODE], name: []})
    assert {glob for glob, why in reading.hidden if "empty list" in why} >= {*ANSWER_FACTS[name]}


def test_unknown_plugins_make_no_drift_of_what_they_bring() -> None:
    """Where one side shows its nodes and the other does not."""
    types = [{"name": name} for name in ("direct", "x-delayed-message")]
    overview = {"node": "rabbit@a", "exchange_types": types, "listeners": [{"protocol": "amqp"}, {"protocol": "http"}]}
    refused = parsed(overview=overview, nodes=Refused(403, "Forbidden"))
    assert drift(parsed(NODE, overview=overview), refused) == set()


@pytest.mark.parametrize("name", ["users", "permissions"])
def test_users_are_hidden_where_a_part_of_them_is_refused(name: str) -> None:
    users, permissions = [{"name": "app", "tags": []}], [{"user": "app", "vhost": "/", "read": ".*"}]
    whole = parsed(NODE, users=users, permissions=permissions)
    part = parsed(NODE, **{"users": users, "permissions": permissions, name: Refused(500, "internal")})
    assert whole.facts["users"].raw == "app"
    assert drift(whole, part) == set()
    assert rows(whole, part)["users"].verdict is Verdict.UNKNOWN


@pytest.mark.parametrize("bindings", [{}, "", 0, True])
def test_queue_without_known_bindings_is_not_described(bindings: object) -> None:
    queues = [{"name": "q", "vhost": "/", "type": "classic", "arguments": {}}]
    part = parsed(NODE, queues=queues, bindings=bindings)
    assert "queue./.q" not in part.facts
    assert any(glob == "queue.*" and why for glob, why in part.hidden)

"""Logins and rights on real brokers: the least privilege suffices, and a refusal names the missing right."""

from __future__ import annotations

import re
import ssl
from urllib.parse import quote

import pytest
from msgspec.structs import replace

from parity_tui.demo.rabbitmq import RabbitMQ
from parity_tui.model import State, TlsMode, Verdict
from parity_tui.services.rabbitmq import SERVICE
from tests.proxy import listening, proxy, says
from tests.services.rabbitmq.builders import (
    PASSWORD,
    SPECIAL_VHOST,
    changed,
    drift,
    failure,
    full_reading,
    no_permission,
    reading,
    rows,
    target,
)


async def test_documented_privilege_suffices(broker: RabbitMQ) -> None:
    """Only administrators see users, and before 4.0 feature flags; no advice is to become one."""
    limited, full = await full_reading(broker), await full_reading(broker, "boss")
    missing = {name.split(".")[0] for name in full.facts if name not in limited.facts}
    assert missing == {"users"} | ({"feature_flag"} if broker.version.startswith("3.") else set())
    compared = rows(limited, full)
    notes = {compared[name].cells[0].note for name in full.facts if name not in limited.facts}
    assert all("only administrators may list them" in note for note in notes)
    assert not any("set_user_tags" in note for note in notes)


async def test_policies_are_hidden_without_a_permission(broker: RabbitMQ) -> None:
    """The API silently leaves them out: they are hidden, not absent, until the permission is granted."""
    vhost = quote(SPECIAL_VHOST, safe="")
    policy = {"pattern": "x", "definition": {"max-length": 5}, "apply-to": "all"}
    with changed(broker, f"/api/vhosts/{vhost}", {}), changed(broker, f"/api/policies/{vhost}/ttl", policy):
        limited, full = await full_reading(broker), await full_reading(broker, "boss")
        with changed(broker, f"/api/permissions/{vhost}/parity", no_permission("parity", SPECIAL_VHOST)):
            granted = await full_reading(broker)
    row = rows(limited, full)[f"policy.{SPECIAL_VHOST}.ttl"]
    assert row.cells[0].state is State.HIDDEN
    assert f"set_permissions -p '{SPECIAL_VHOST}' parity" in row.cells[0].note
    assert drift(granted, full) == set()


@pytest.mark.parametrize(("user", "reply"), [("clerk", "Not monitor user"), ("nobody", "Not management user")])
async def test_missing_rights_are_named(broker: RabbitMQ, user: str, reply: str) -> None:
    """Fault 23: a part is shown, the rest is hidden with the command that would show it."""
    limited, full = await full_reading(broker, user), await full_reading(broker, "boss")
    compared = rows(limited, full)
    assert compared["mem_limit"].cells[0].state is State.HIDDEN
    assert f"rabbitmqctl set_user_tags {user} monitoring" in compared["mem_limit"].cells[0].note
    assert reply in compared["mem_limit"].cells[0].note
    assert compared["frame_max"].verdict is Verdict.SAME
    assert drift(limited, full) == set()


@pytest.mark.parametrize("user", ["parity", "clerk", "nobody"])
async def test_every_hidden_reason_belongs_to_a_group(broker: RabbitMQ, user: str) -> None:
    """Apart from the broker's own words in parentheses at its end."""
    with changed(broker, "/api/vhosts/theirs", {}):
        limited = await full_reading(broker, user)
    reasons = {re.sub(r" \([^()]*\)$", "", why) for _, why in limited.hidden} - {""}
    vhosts = ("/", "theirs")
    assert reasons <= {group.why.format(user=user, path=vhost) for group in SERVICE.hidden for vhost in vhosts}
    assert all(group.why.endswith(f": {group.remedy}") for group in SERVICE.hidden)


@pytest.mark.parametrize(
    ("user", "password", "vhost", "reason", "words"),
    [
        ("parity", "wrong/password", "/", "auth", "rejects user or password of parity"),
        ("stranger", PASSWORD, "/", "auth", "rejects user or password of stranger"),
        ("parity", "", "/", "auth", "requires a password for parity, and none is configured"),
        ("parity", None, "/", "auth", "requires a password for parity, and none is configured"),
        ("parity", PASSWORD, "nowhere", "forbidden", "vhost nowhere not found"),
    ],
)
async def test_rejected_login_quotes_the_broker(
    broker: RabbitMQ, user: str, password: str | None, vhost: str, reason: str, words: str
) -> None:
    """Fault 21: without the password."""
    described, message = await failure(target(broker.port, user, password, vhost))
    assert described == reason
    assert words in message
    assert "wrong/password" not in message


async def test_refused_virtual_host_differs_from_a_missing_one(broker: RabbitMQ) -> None:
    with changed(broker, "/api/vhosts/theirs", {}):
        reason, message = await failure(target(broker.port, vhost="theirs"))
    assert reason == "forbidden"
    assert "access to vhost 'theirs' refused for user 'parity'" in message


async def test_default_login_is_guest_and_noted(each_rabbitmq: RabbitMQ) -> None:
    """Every client library of RabbitMQ has this default."""
    seen = await reading(target(each_rabbitmq.port, "", None))
    assert "logged in as guest: no user is configured" in seen.notes


async def test_user_of_the_api_may_differ(broker: RabbitMQ) -> None:
    """A user in the API's URL overrides that of AMQP, and the missing rights are that user's."""
    management = f"http://clerk:{quote(PASSWORD, safe='')}@127.0.0.1:{broker.management_port}"
    seen = await reading(target(broker.port, management=management))
    assert any("set_user_tags clerk monitoring" in why for _, why in seen.hidden)


async def test_unreadable_api_hides_only_its_facts(broker: RabbitMQ) -> None:
    """Fault 23: the facts of AMQP are shown, and the others give the reason."""
    full = await full_reading(broker)
    async with listening(says()) as port:
        pass
    reasons = {
        f"http://127.0.0.1:{port}": f"127.0.0.1:{port} refused the connection",
        f"http://127.0.0.1:{broker.port}": "does not speak HTTP",
        f"http://parity:wrong@127.0.0.1:{broker.management_port}": "rejects user or password of parity",
        f"http://127.0.0.1:{broker.management_port}/elsewhere": "is not the HTTP API",
    }
    for management, words in reasons.items():
        seen = await reading(target(broker.port, management=management))
        assert seen.version == broker.version
        assert words in rows(seen, full)["mem_limit"].cells[0].note
        assert drift(seen, full) == set()


@pytest.mark.parametrize("end", ["/api", "/api/", "/"])
async def test_address_may_end_in_api(broker: RabbitMQ, end: str) -> None:
    """A4: the documentation of many tools shows it so."""
    seen = await reading(target(broker.port, management=broker.management + end))
    assert seen.facts == (await full_reading(broker)).facts


async def test_tls_is_verified_for_amqp_and_api(broker: RabbitMQ, certificate: tuple[str, str]) -> None:
    """Both trust the target's authority; without verification the reading has a note."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(*certificate)
    async with (
        proxy(broker.host, broker.port, tls) as over_amqp,
        proxy(broker.host, broker.management_port, tls) as over_http,
    ):
        where = target(over_amqp.port, management=f"https://127.0.0.1:{over_http.port}")
        trusting = replace(where, scheme="amqps", tls=TlsMode.VERIFY_FULL, ca=certificate[0])
        seen = await reading(trusting)
        assert (seen.facts["nodes"].raw, any("TLS" in note for note in seen.notes)) == ("1", False)
        assert "TLS, not verified" in (await reading(replace(trusting, tls=TlsMode.REQUIRE))).notes
        reason, message = await failure(replace(trusting, ca=""))
        assert (reason, "self-signed certificate" in message) == ("tls", True)
        plain_amqp = replace(target(broker.port, management=where.options["management"]), ca="")
        hidden = rows(await reading(plain_amqp), seen)["nodes"].cells[0].note
        assert f"certificate of 127.0.0.1:{over_http.port} is not accepted" in hidden

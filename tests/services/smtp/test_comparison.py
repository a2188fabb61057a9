"""Readings of real servers, compared."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from parity_tui.demo.servers import Servers
from parity_tui.drift.rules import RuleTable
from parity_tui.model import State, Verdict
from parity_tui.services.smtp import SERVICE
from tests.authority import Authority
from tests.planting.builders import assert_found, compared
from tests.services.smtp.builders import drift, reading, rows, target
from tests.services.smtp.servers import MailServer, exim, postfix

DISCARDED = ("PIPELINING", "8BITMIME", "DSN", "CHUNKING", "ENHANCEDSTATUSCODES", "ETRN")
POSTFIX = {
    "message_size_limit": "20480000",
    "disable_vrfy_command": "yes",
    "smtputf8_enable": "no",
    "smtpd_discard_ehlo_keywords": ", ".join(DISCARDED).lower(),
    "smtpd_banner": "$myhostname ESMTP $mail_name $mail_version",
    "smtpd_authorized_xforward_hosts": "127.0.0.1",
    "smtpd_authorized_xclient_hosts": "127.0.0.1",
}
EXIM = {
    "message_size_limit": "20M",
    "pipelining_advertise_hosts": "",
    "pipelining_connect_advertise_hosts": "",
    "chunking_advertise_hosts": "",
    "smtputf8_advertise_hosts": "",
    "accept_8bitmime": "false",
    "dsn_advertise_hosts": "*",
    "prdr_enable": "true",
    "auth_advertise_hosts": "",
    "smtp_banner": "$smtp_active_hostname ESMTP Exim",
}


@pytest.fixture(scope="module")
def pem(authority: Authority) -> str:
    return authority.text("valid")


@pytest.fixture(scope="module")
def plain_postfix(servers: Servers, pem: str) -> MailServer:
    return postfix(servers, None, pem)


@pytest.mark.parametrize("product", ["Postfix", "Exim"])
async def test_equal_servers_do_not_drift(
    servers: Servers, product: str, pem: str, request: pytest.FixtureRequest
) -> None:
    start: Callable[..., MailServer] = postfix if product == "Postfix" else exim
    plain = request.getfixturevalue("plain_postfix") if product == "Postfix" else exim(servers, None, pem)
    both = [await reading(each) for each in (plain, start(servers, None, pem))]
    assert drift(*both) == set()
    assert both[0].product == product
    assert both[0].facts["tls.version"].raw == "TLSv1.3"
    listed = {row.setting for row in rows(*both).values() if row.listed}
    assert listed <= {"version", "tls.certificate"}  # it is hidden by Postfix, and the test's is not verified


async def test_planted_settings_of_postfix_are_found(servers: Servers, plain_postfix: MailServer) -> None:
    plain = await reading(plain_postfix)
    other = await reading(postfix(servers, POSTFIX))
    changed = {
        *DISCARDED,
        "SIZE",
        "VRFY",
        "SMTPUTF8",
        "STARTTLS",
        "version shown",
        "XFORWARD",
        "XCLIENT",
        "tls.version",
    }
    found = compared(SERVICE, "smtp", plain, other)
    del found["version"], found["tls.certificate"]
    assert_found(SERVICE, found, changed, 14)


async def test_planted_settings_of_exim_are_found(servers: Servers) -> None:
    plain, other = await reading(exim(servers)), await reading(exim(servers, EXIM))
    changed = {
        "SIZE", "PIPELINING", "PIPECONNECT", "CHUNKING", "SMTPUTF8", "8BITMIME", "DSN", "PRDR", "logins",
        "logins without TLS", "version shown",
    }  # fmt: skip
    found = compared(SERVICE, "smtp", plain, other)
    del found["version"]
    assert_found(SERVICE, found, changed, 11)


async def test_logins_without_tls_are_a_difference(servers: Servers, pem: str) -> None:
    both = [
        await reading(exim(servers, {"auth_advertise_hosts": hosts}, pem))
        for hosts in ("*", "${if eq{$tls_in_cipher}{}{}{*}}")
    ]
    assert drift(*both) == {"logins without TLS"}
    assert [seen.facts["logins"].raw for seen in both] == ["LOGIN PLAIN"] * 2


async def test_logins_within_tls_are_hidden_where_tls_is_off(servers: Servers, pem: str) -> None:
    """Also on both sides: one of these servers has none."""
    both = [
        await reading(target(exim(servers, {"auth_advertise_hosts": hosts}, pem).port, tls="off"))
        for hosts in ("${if eq{$tls_in_cipher}{}{}{*}}", "")
    ]
    found = rows(*both)
    assert drift(*both) == set()
    assert found["logins without TLS"].verdict is Verdict.SAME
    assert any(row.listed and row.verdict is Verdict.UNKNOWN for row in found.values() if "logins" in row.setting)


async def test_settings_have_a_reason(servers: Servers, pem: str) -> None:
    table = RuleTable(SERVICE, "smtp")
    facts = (await reading(exim(servers, {"auth_advertise_hosts": "*"}, pem))).facts
    assert {fact.state for fact in facts.values()} <= {State.VALUE, State.ABSENT}  # a way to log in is no secret
    assert len(facts) > 15
    assert [name for name in facts if not table.rule(name).why] == []

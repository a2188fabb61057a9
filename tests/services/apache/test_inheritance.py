"""The same directives written in other places, and sections that only one side has."""

from __future__ import annotations

import pytest

from parity_tui.model import Severity
from tests.services import web
from tests.services.apache.builders import drift, made

HOSTS = (
    "<VirtualHost *:80>\nServerName a.x\n{0}\n</VirtualHost>\n<VirtualHost *:80>\nServerName b.x\n{1}\n</VirtualHost>"
)


@pytest.mark.parametrize(
    "text",
    [
        "Header set A 1",
        'Header always set A "1 2"',
        "RequestHeader unset A",
        "ErrorDocument 404 /x",
        "SSLProtocol TLSv1.2",
        "ProxyTimeout 5",
        "SetEnv A 1",
        "AddType a/b .x",
        "AddOutputFilterByType DEFLATE text/css",
        "BrowserMatch a b",
        "RemoteIPHeader X-F",
    ],
)
def test_directives_of_all_hosts_equal_those_of_the_server(text: str) -> None:
    inside = made(HOSTS.format(text, text))
    assert drift(made(f"{text}\n{HOSTS.format('', '')}"), inside) == set()
    assert drift(inside, made(HOSTS.format(text, "")))


def test_header_that_hosts_add_to_is_not_that_of_the_server() -> None:
    texts = "Header append A 2", "Header set A 1"
    both = made(f"{texts[1]}\n{HOSTS.format(texts[0], texts[0])}"), made(f"{texts[0]}\n{HOSTS.format('', '')}")
    assert drift(*both) == {"Header[A]", "VirtualHost[a]/Header[A]", "VirtualHost[b]/Header[A]"}


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        ("Require all denied\nHeader set A 1", Severity.CRITICAL),
        ("Header set A 1\nExpiresDefault A5", Severity.WARNING),
        ("IndexOptions FancyIndexing\nHeaderName A", Severity.INFO),
    ],
)
def test_section_of_one_side_is_one_row(text: str, severity: Severity) -> None:
    """It is as severe as the gravest of its directives."""
    both = made("Timeout 5"), made(f"Timeout 5\n<Location /a>\n{text}\n</Location>")
    assert drift(*both) == {"Location[/a]/present"}
    assert web.rows(*both, kind="apache")["Location[/a]/present"].severity is severity


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("RewriteCond %{B} b\nRewriteCond %{A} a\nRewriteRule ^ /x", "RewriteCond %{A} a\nRewriteCond %{B} b\nRewriteRule ^ /x"),  # noqa: E501
        ("Header set A 1\nHeader set A 2", "Header set A 2"),
        ("RequestHeader append A 1\nRequestHeader unset A", "RequestHeader unset A"),
        ("Require ip 10.0.0.1 10.0.0.2", "Require ip 10.0.0.2/32\nRequire ip 10.0.0.1"),
        ("Require method GET POST", "Require method POST GET"),
        ("ErrorDocument 404 /a\nErrorDocument 404 /b", "ErrorDocument 404 /b"),
        ("RemoteIPTrustedProxy 10.0.0.1 10.0.0.2", "RemoteIPTrustedProxy 10.0.0.2\nRemoteIPTrustedProxy 10.0.0.1"),
        ("AuthName Staging", "AuthName Production"),
        ("SetOutputFilter DEFLATE", "SetOutputFilter deflate"),
        ("MaxRanges 200", ""),
    ],
)  # fmt: skip
def test_other_spelling_is_no_row(one: str, other: str) -> None:
    assert drift(made(f"KeepAlive Off\n{one}"), made(f"KeepAlive Off\n{other}")) == set()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("RewriteCond %{A} a [OR]\nRewriteCond %{B} b\nRewriteRule ^ /x", "RewriteCond %{B} b [OR]\nRewriteCond %{A} a\nRewriteRule ^ /x"),  # noqa: E501
        ("RewriteCond %{A} (a)\nRewriteCond %{B} (b)\nRewriteRule ^ /%1", "RewriteCond %{B} (b)\nRewriteCond %{A} (a)\nRewriteRule ^ /%1"),  # noqa: E501
        ("Header set A 1\nHeader append A 2", "Header append A 2\nHeader set A 1"),
        ("Header set A 1\nHeader set A 2 env=x", "Header set A 2 env=x"),
        ("<RequireAll>\nRequire ip 10.0.0.1 10.0.0.2\n</RequireAll>", "<RequireAll>\nRequire ip 10.0.0.1\nRequire ip 10.0.0.2\n</RequireAll>"),  # noqa: E501
    ],
)  # fmt: skip
def test_what_decides_is_a_row(one: str, other: str) -> None:
    assert drift(made(one), made(other))

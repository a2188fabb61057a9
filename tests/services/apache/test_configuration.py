"""Configurations without a server: canonical forms, hosts, orders, secrets."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parity_tui.model import ServiceError, State
from parity_tui.services.apache.parse import parse
from parity_tui.services.apache.parse.output import split_output
from tests.services import web
from tests.services.apache.builders import drift, made


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Timeout 60", ""),
        ("<VirtualHost *:80>\nTimeout 90\n</VirtualHost>", "Timeout 90\n<VirtualHost *:81>\n</VirtualHost>"),
        ("KeepAlive on", "KeepAlive ON"),
        ("Options +A -B", "Options -B +A"),
        ("<Directory /srv/a>\nOptions A\n</Directory>\nDocumentRoot /srv/a",
         "DocumentRoot /srv/b\n<Directory /srv/b>\nOptions A\n</Directory>"),
        ("Redirect / https://a.example/", "Redirect / https://b.example/"),
        ("Header set A 1\nHeader set B 2", "Header set B 2\nHeader set A 1"),
    ],
)  # fmt: skip
def test_equivalent_configurations_do_not_drift(one: str, other: str) -> None:
    """They differ in explicit defaults, letter case, irrelevant order, folders or host names."""
    assert drift(made(one), made(other)) == set()


def test_order_of_rewrite_rules_matters() -> None:
    """Conditions apply to the rule that follows them."""
    one = "RewriteCond %{HTTPS} off\nRewriteRule ^/a /b\nRewriteRule ^/c /d"
    other = "RewriteRule ^/a /b\nRewriteCond %{HTTPS} off\nRewriteRule ^/c /d"
    assert drift(made(one), made(other)) == {"rewrites"}


def test_default_depends_on_the_version() -> None:
    """LimitRequestBody has a default since 2.4.54."""
    row = web.rows(made("", "2.4.53"), made(""), kind="apache")["LimitRequestBody"]
    assert [row.text(0), row.text(1)] == ["no limit", "1 GB"]
    assert "default changed" in row.note


def test_hosts_with_other_names_are_matched() -> None:
    """Production has a further host that only redirects."""
    dev = made("<VirtualHost *:80>\nServerName localhost\nProxyPass / http://a/\n</VirtualHost>")
    production = made(
        "<VirtualHost *:80>\nServerName a.example\nRedirect permanent / https://a.example/\n</VirtualHost>\n"
        "<VirtualHost *:443>\nServerName a.example\nSSLEngine on\nProxyPass / http://b/\n</VirtualHost>"
    )
    assert drift(dev, production) == {"SSLEngine", "VirtualHost[redirect]/present"}


def test_secrets_are_compared_by_fingerprint_only() -> None:
    text = 'RequestHeader set Authorization "Basic {0}"\nSetEnv DB_PASSWORD {0}'
    one, other = made(text.format("hunter2")), made(text.format("swordfish"))
    assert "hunter2" not in repr(one)
    assert one.facts["SetEnv[DB_PASSWORD]"].state is State.SECRET
    assert drift(one, other) == {"RequestHeader[Authorization]", "SetEnv[DB_PASSWORD]"}


@given(st.text(alphabet="ab<>/\" '#:\n\\\x1bé", max_size=80), st.text(max_size=40))
def test_arbitrary_output_gives_reading_or_error(config: str, version: str) -> None:
    for text in (config, f"# In file: {config}\n<VirtualHost\n<a {config}>\nHeader\nSetEnv\nServerName\n{config}"):
        with suppress(ServiceError):
            assert parse({"version": "Server version: Apache/2", "result 0": "", "config": text, "end": ""}, "").version
    with suppress(ServiceError):
        assert parse(split_output(f"@ version\n{version}\n@ end", "@"), "").version


def test_deeply_nested_sections_are_an_error() -> None:
    with pytest.raises(ServiceError, match="nested too deeply"):
        made("<a b>\n" * 100)

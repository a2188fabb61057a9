"""The same directives written in other blocks, and blocks that only one side has."""

from __future__ import annotations

import pytest

from parity_tui.model import Severity
from tests.services import web
from tests.services.nginx.builders import drift, http

ARRAYS = (
    "add_header X-A 1;",
    "add_header X-A 1; add_header X-B 2 always;",
    "proxy_set_header Host $host; proxy_set_header X-B 2;",
    "error_page 404 /404; error_page 500 502 /50x;",
    "allow 10.0.0.0/8; deny all;",
    "proxy_hide_header X;",
    "proxy_cache_valid 200 1m;",
    "fastcgi_param A b;",
    "sub_filter a b;",
    "types { text/html html; text/css css; }",
    "resolver 10.0.0.2 valid=5s;",
    "ssl_conf_command MinProtocol TLSv1.2;",
)


@pytest.mark.parametrize("text", ARRAYS)
def test_directives_of_all_servers_equal_those_around_them(text: str) -> None:
    servers = "server { server_name a.x; %s } server { server_name b.x; %s }"
    around, inside = http(text + servers % ("", "")), http(servers % (text, text))
    assert drift(around, inside) == set()
    assert drift(around, http(text + servers % (text, ""))) == set()
    assert drift(around, http(servers % (text, "")))


def test_one_header_of_a_server_replaces_all_around_it() -> None:
    servers = "add_header A 1; server { server_name a.x; %s } server { server_name b.x; }"
    one, other = http(servers % "add_header A 1; add_header B 2;"), http(servers % "add_header B 2;")
    assert drift(one, other) == {"http/server[a]/add_header[A]"}


def test_upstream_does_not_inherit_from_the_block_around_it() -> None:
    """Its kept connections have directives of the same names as those of clients."""
    text = "keepalive_timeout 5s; upstream app { server a:1; keepalive 8; %s } server { }"
    assert drift(http(text % "keepalive_timeout 5s;"), http(text % "")) == {"http/upstream[app]/keepalive_timeout"}
    assert drift(http(text % "keepalive_timeout 1m;"), http(text % "")) == set()


@pytest.mark.parametrize(
    ("text", "setting", "severity"),
    [
        ("location /a { return 204; gzip on; client_max_body_size 4m; }", "location[/a]", Severity.CRITICAL),
        ("location /a { gzip on; expires 1h; }", "location[/a]", Severity.WARNING),
        ("location /a { log_not_found off; log_subrequest on; }", "location[/a]", Severity.INFO),
        ("location /a { }", "location[/a]", Severity.INFO),
        ("location /a { etag on; }", "location[/a]", Severity.INFO),
        ("location ^~ /static { root /srv; }", "location[^~ /static]", Severity.WARNING),
    ],
)
def test_block_of_one_side_is_one_row(text: str, setting: str, severity: Severity) -> None:
    """It is as severe as the gravest of its directives."""
    both = http("server { }"), http(f"server {{ {text} }}")
    assert drift(*both) == {f"http/server/{setting}/present"}
    assert web.rows(*both, kind="nginx")[f"http/server/{setting}/present"].severity is severity


def test_block_that_only_repeats_what_it_inherits_is_a_row() -> None:
    """Its requests are no longer those of another location."""
    text = "server { expires 1h; %s }"
    assert drift(http(text % ""), http(text % "location /a { expires 1h; }")) == {"http/server/location[/a]/present"}


@pytest.mark.parametrize(
    ("text", "directive"),
    [
        ("location /a { deny all; }", "location[/a]/access"),
        ("location /a { if ($uri) { return 404; } }", "location[/a]/if[$uri]/return"),
    ],
)
def test_only_directive_of_a_block_speaks_for_it(text: str, directive: str) -> None:
    """Its value and its reason say more than that a block exists."""
    none, one, several = (http(f"server {{ {each} }}") for each in ("", text, text.replace("{ ", "{ gzip on; ", 1)))
    assert drift(none, one) == {f"http/server/{directive}"}
    assert drift(one, several) == {"http/server/location[/a]/gzip"}
    assert drift(none, several) == {"http/server/location[/a]/present"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("allow 10.0.0.2; allow 10.0.0.1/32; deny all;", "allow 10.0.0.1; allow 10.0.0.2; deny all; allow 10.0.0.3;"),
        ("keepalive_timeout 1h30m;", "keepalive_timeout 90m;"),
        ("auth_basic Staging;", "auth_basic Production;"),
        ("proxy_no_cache $a $b;", "proxy_no_cache $b; proxy_no_cache $a;"),
        ("fastcgi_hide_header A; fastcgi_hide_header B;", "fastcgi_hide_header b; fastcgi_hide_header a;"),
        ("proxy_cache_methods POST;", "proxy_cache_methods GET HEAD POST;"),
        ("ssl_session_cache shared:a:1m;", "ssl_session_cache shared:b:1024k;"),
        ("map $host $m { A 1; default ''; }", "map $host $m { a 1; }"),
        ("proxy_cache_path /a keys_zone=z:1m inactive=10m;", "proxy_cache_path /b keys_zone=z:1m;"),
        ("add_header Permissions-Policy 'a=(), b=()';", "add_header Permissions-Policy 'b=(),a=()';"),
        ("proxy_cookie_domain a.x shop.x;", "proxy_cookie_domain a.y shop.y;"),
        ("charset UTF-8;", "charset utf-8;"),
    ],
)
def test_other_spelling_is_no_row(one: str, other: str) -> None:
    assert drift(http(f"{one} server {{ }}"), http(f"{other} server {{ }}")) == set()


def test_address_before_or_after_a_denial_is_a_row() -> None:
    texts = "allow 10.0.0.1; deny all;", "deny all; allow 10.0.0.1;"
    assert drift(*(http(f"{text} server {{ }}") for text in texts)) == {"http/access"}

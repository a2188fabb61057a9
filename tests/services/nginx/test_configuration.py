"""Configurations without a server: directives in canonical form, hosts, modules, types, secrets."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from parity_tui.model import ServiceError, Severity, State
from tests.services import web
from tests.services.nginx.builders import drift, http, made


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("client_max_body_size 1m;", ""),
        ("client_max_body_size 1024k;", "client_max_body_size 1M;"),
        ("proxy_read_timeout 1m 30s;".replace("1m 30s", "'1m 30s'"), "proxy_read_timeout 90;"),
        ("server { proxy_read_timeout 90s; }", "proxy_read_timeout 90s; server { }"),
        ("gzip on; server { gzip ON; location / { gzip on; } }", "gzip on; server { location / { } }"),
        ("ssl_protocols TLSv1.2 TLSv1.3;", "ssl_protocols TLSv1.3 TLSv1.2;"),
        ("server { listen 80 http2; }", "server { listen 81; http2 on; }"),
        ("server { location / { proxy_pass http://a:1/x/; } }", "server { location / { proxy_pass http://b:2/x/; } }"),
        ("server { return 301 https://a.example$uri; }", "server { return 301 https://b.example$uri; }"),
        ("upstream app { server a:1; server a:2; }", "upstream app { server b:2; server b:3; }"),
        ("server { root /srv/a; access_log /a; }", "server { root /srv/b; access_log /b; }"),
        ("map $a $b { x 1; y 2; }", "map $a $b { y 2; x 1; }"),
        ("add_header A 1; add_header B 2;", "add_header B 2; add_header A 1;"),
        ("server { listen 80 default_server; server_name a.x; } server { server_name b.x; etag off; }",
         "server { server_name b.y; etag off; } server { listen *:80 default_server; server_name a.y; }"),
    ],
)  # fmt: skip
def test_equivalent_configurations_do_not_drift(one: str, other: str) -> None:
    """They differ in units, irrelevant order, explicit defaults, or the block that sets an inherited value."""
    assert drift(http(one), http(other)) == set()


@pytest.mark.parametrize(
    ("one", "other", "setting"),
    [
        (
            "location / { proxy_pass http://a; }",
            "location / { proxy_pass http://a/; }",
            "location[/]/proxy_pass target",
        ),
        ("rewrite ^/a /b; rewrite ^/b /c;", "rewrite ^/b /c; rewrite ^/a /b;", "rewrite"),
        ("location ~ a {} location ~ b {}", "location ~ b {} location ~ a {}", "order of regular locations"),
        ("if ($a) {} if ($b) {}", "if ($b) {} if ($a) {}", "order of conditions"),
        ("allow 10.0.0.0/8; deny all;", "deny all; allow 10.0.0.0/8;", "access"),
        ("client_max_body_size 0;", "", "client_max_body_size"),
        ("location / { client_max_body_size 2m; }", "location / { }", "location[/]/client_max_body_size"),
    ],
)
def test_similar_but_different_configurations_drift(one: str, other: str, setting: str) -> None:
    """They differ in the slash after an upstream, relevant order, or a limit that is not the default."""
    drifting = drift(http(f"server {{ {one} }}"), http(f"server {{ {other} }}"))
    assert drifting in ({f"http/server/{setting}"}, {f"http/{setting}"})


def test_default_depends_on_the_version() -> None:
    """Since 1.29.7 nginx uses HTTP/1.1 to its upstreams by default."""
    new = made("events {} http {}", "nginx version: nginx/1.30.0")
    old = made("events {} http { proxy_http_version 1.1; }")
    assert "http/proxy_http_version" not in drift(old, new)
    assert "http/proxy_http_version" in drift(http(""), new)


def test_hosts_with_other_names_are_matched() -> None:
    """Production has a further host that only redirects to TLS."""
    dev = http("server { listen 8080; server_name localhost; location /a { } }")
    production = http(
        "server { listen 80; server_name shop.example.com; location /.well-known/acme { root /x; }"
        " location / { return 301 https://$host$request_uri; } }"
        "server { listen 443 ssl; server_name shop.example.com; ssl_certificate /c.pem; location /a { } }"
    )
    drifting = drift(dev, production)
    assert "http/ssl" in drifting
    assert all("redirect" in name for name in drifting - {"http/ssl"})


def test_loaded_and_missing_modules_drift() -> None:
    """The version does not explain them, because configurations depend on modules."""
    one = made("load_module modules/ngx_stream_module.so; events {}")
    other = made("events {}", "nginx version: nginx/1.31.3\nconfigure arguments: --add-module=/build/ngx_brotli")
    assert one.facts["module.stream"].raw == "dynamic, loaded"
    assert {"module.stream", "module.http_v2", "module.brotli"} <= drift(one, other)


def test_types_are_compared_by_file_extension() -> None:
    one = http("types { text/html html htm; text/javascript js; }")
    other = http("types { text/html htm html; application/javascript js; }")
    assert drift(one, other) == {"http/type[js]"}
    compared = web.rows(one, http(""), kind="nginx")
    assert compared["http/types"].severity is Severity.WARNING
    assert compared["http/type[js]"].explained_by == "http/types"


def test_secrets_are_compared_by_fingerprint_only() -> None:
    """Values that are variables are shown."""
    text = """
    map $http_x_api_key $known {{ {0} 1; }}
    server {{
        set $api_key {0};
        proxy_set_header Authorization "Basic {0}";
        proxy_set_header X-Token $http_x_token;
        proxy_pass http://user:{0}@app;
        if ($http_x_origin_secret != {0}) {{ return 403; }}
        fastcgi_param DB_PASSWORD {0};
    }}"""
    one, other = http(text.format("hunter2")), http(text.format("swordfish"))
    assert "hunter2" not in repr(one)
    assert one.facts["http/proxy_set_header[X-Token]"].raw == "$http_x_token"
    assert one.facts["http/fastcgi_param[DB_PASSWORD]"].state is State.SECRET
    assert {"http/server/set[$api_key]", "http/proxy_set_header[Authorization]"} <= drift(one, other)
    assert drift(one, http(text.format("hunter2"))) == set()


@pytest.mark.parametrize("text", ["events {", "events {}\n}", "http { server", "a 'b", "{" * 3000])
def test_syntax_error_is_reported_with_its_position(text: str) -> None:
    with pytest.raises(ServiceError, match=r"cannot be parsed at /etc/nginx/nginx\.conf") as caught:
        made(text)
    assert "/tmp" not in caught.value.message


@given(st.text(alphabet="ab;{}#'\"\\ \n$\x1b[]é", max_size=60))
@example("load_module ;")
@example("http { server { listen; server_name; return; } map { } if { } location { } }")
@example("env; set; proxy_pass; upstream { server; } stream { server { proxy_pass; } }")
def test_arbitrary_configuration_gives_reading_or_error(text: str) -> None:
    for around in ("{}", "http {{ {} }}", "http {{ server {{ {} }} }}"):
        with suppress(ServiceError):
            assert made(around.format(text)).product == "nginx"

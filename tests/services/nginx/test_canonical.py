"""Directives that are written differently and mean the same, and orders that decide."""

from __future__ import annotations

import pytest

from parity_tui.model import Severity
from tests.services import web
from tests.services.nginx.builders import drift, http

_PROXY = "location / { proxy_pass http://a; %s }"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("server { return 301 https://$host$uri; }", "server { return 301 https://${host}$uri; }"),
        ("server { if ($a) { set $b 1; } }", "server { if (${a}) { set $b 1; } }"),
        ("proxy_set_header x-real-ip $remote_addr;", "proxy_set_header X-Real-IP $remote_addr;"),
        ("add_header x-frame-options DENY;", "add_header X-Frame-Options DENY;"),
        ("add_header Cache-Control 'public, max-age=60';", "add_header cache-control 'max-age=60,Public';"),
        ("add_header Content-Security-Policy \"img-src *; default-src 'self'\" always;",
         "add_header Content-Security-Policy \"default-src 'self'; img-src *;\" always;"),
        ("proxy_hide_header x-powered-by;", "proxy_hide_header X-Powered-By;"),
        ("server { location =/x { etag off; } }", "server { location = /x { etag off; } }"),
        ("server { location ~\\.php$ { etag off; } }", "server { location ~ \\.php$ { etag off; } }"),
        ("server { location ^~/a { etag off; } }", "server { location ^~ /a { etag off; } }"),
        ("large_client_header_buffers 4 16k;", "large_client_header_buffers 4 16384;"),
        ("proxy_buffers 8 8k;", "proxy_buffers 8 8192;"),
        ("ssl_session_cache shared:SSL:10m;", "ssl_session_cache shared:SSL:10240k;"),
        ("limit_req_zone $binary_remote_addr zone=a:10m rate=60r/m;",
         "limit_req_zone ${binary_remote_addr} rate=1r/s zone=a:10240k;"),
        ("limit_conn_zone $host zone=a:10m;", "limit_conn_zone $host zone=a:10240k;"),
        ("limit_req zone=a burst=5 nodelay;", "limit_req nodelay burst=5 zone=a;"),
        ("error_page 404 /4.html; error_page 500 502 /5.html;", "error_page 502 500 /5.html; error_page 404 /4.html;"),
        ("error_page 500 502 /50x.html;", "error_page 500 /50x.html; error_page 502 /50x.html;"),
        ("gzip_types text/css;", "gzip_types text/html text/css;"),
        ("gzip_types text/css text/xml;", "gzip_types text/xml TEXT/CSS;"),
        ("log_format a '$remote_addr ' '$request';", "log_format a '${remote_addr} $request';"),
        ("proxy_cache_path /a levels=1:2 keys_zone=c:10m inactive=60m;",
         "proxy_cache_path /b keys_zone=c:10240k inactive=1h levels=1:2;"),
        ("proxy_cache_valid 200 302 10m;", "proxy_cache_valid 302 200 600s;"),
        ("proxy_cache_valid 1m;", "proxy_cache_valid 200 301 302 60s;"),
        ("open_file_cache max=10 inactive=60;", "open_file_cache inactive=1m max=10;"),
        ("upstream a { server b:1 weight=3 fail_timeout=60s; server b:2; }",
         "upstream a { server c:2; server c:1 fail_timeout=1m weight=3; }"),
        ("server { set $A_b 1; }", "server { set $a_B 1; }"),
        ("server { return https://a.example/; }", "server { return 302 https://b.example/; }"),
        ("server { set $a 1; if ($b) { return 403; } }", "server { set $a 1; if ($b) { return 403; } }"),
    ],
)  # fmt: skip
def test_same_meaning_gives_no_row(one: str, other: str) -> None:
    assert drift(http(one), http(other)) == set()


@pytest.mark.parametrize(
    ("one", "other", "settings"),
    [
        ("server { set $a 1; if ($b) { return 403; } }", "server { if ($b) { return 403; } set $a 1; }",
         {"http/server/order of rewrite directives"}),
        ("server { location /a/ { root /x; } }", "server { location /a/ { alias /x; } }",
         {"http/server/location[/a/]/files by"}),
        ("upstream a { server b:1 weight=3; server b:2; }", "upstream a { server b:1; server b:2; }",
         {"http/upstream[a]/weights"}),
        ("upstream a { server b:1; server b:2; }", "upstream a { server b:1; }", {"http/upstream[a]/servers"}),
        ("server { listen 80 default_server; server_name a.x; } server { listen 80; server_name b.x; }",
         "server { listen 80; server_name a.x; } server { listen 80 default_server; server_name b.x; }",
         {"http/default server"}),
        ("server { listen 80; server_name a.x; } server { listen 80; server_name b.x; }",
         "server { listen 80; server_name b.x; } server { listen 80; server_name a.x; }", {"http/default server"}),
        ("map $uri $b { ~^/a 1; ~^/ab 2; }", "map $uri $b { ~^/ab 2; ~^/a 1; }",
         {"http/map[$uri $b]/order of regular expressions"}),
        ("limit_req_zone $a zone=a:10m rate=1r/s;", "limit_req_zone $a zone=a:10m rate=1r/m;",
         {"http/limit_req_zone[$a]"}),
        ("proxy_cache_path /a keys_zone=c:10m inactive=60m;", "proxy_cache_path /a keys_zone=c:10m inactive=5m;",
         {"http/proxy_cache_zone[c]"}),
        ("error_page 404 /a;", "error_page 404 =200 /a;", {"http/error_page"}),
        ("server { return 301 /a; }", "server { return 302 /a; }",
         {"http/server[redirect]/return", "http/server/return"}),
    ],
)  # fmt: skip
def test_order_and_shape_give_one_row(one: str, other: str, settings: set[str]) -> None:
    drifting = drift(http(one), http(other))
    assert drifting
    assert drifting <= settings


def test_default_server_of_equal_hosts_is_no_row() -> None:
    """The explicit one is the first one anyway; the ports belong to the environment."""
    one = "server { listen 80 default_server; server_name a.x; } server { listen 80; server_name b.x; }"
    other = "server { listen 8080; server_name a.y; } server { listen 8080; server_name b.y; }"
    assert drift(http(one), http(other)) == set()


def test_order_of_rewrite_directives_is_critical() -> None:
    one, other = http("server { set $a 1; if ($b) { } }"), http("server { if ($b) { } set $a 1; }")
    row = web.rows(one, other, kind="nginx")["http/server/order of rewrite directives"]
    assert row.severity is Severity.CRITICAL
    assert row.text(1) == "if → set"

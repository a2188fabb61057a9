"""Directives that are written differently and mean the same, and orders that decide."""

from __future__ import annotations

import pytest

from parity_tui.model import Severity
from tests.services import web
from tests.services.nginx.builders import drift, http, made

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
        ("upstream a { server b:1 max_fails=1 fail_timeout=10s; }", "upstream a { server b:1; }"),
        ("upstream a { server b:1 weight=4; server b:2 weight=2; }",
         "upstream a { server b:1 weight=2; server b:2; server b:3 down; }"),
        ("server { limit_rate 0; auth_basic off; expires off; log_not_found on; index index.html; }", "server { }"),
        ("proxy_socket_keepalive off; proxy_next_upstream_tries 0; open_file_cache_valid 1m;", ""),
        ("server { location / { proxy_cache_methods HEAD GET; lingering_timeout 5; } }", "server { location / { } }"),
        ("index a.php; server { }", "server { index a.php; }"),
        ("auth_basic Staff; server { location / { } }", "server { auth_basic Staff; location / { } }"),
        ("server { set $A_b 1; }", "server { set $a_B 1; }"),
        ("server { return https://a.example/; }", "server { return 302 https://b.example/; }"),
        ("server { set $a 1; if ($b) { return 403; } }", "server { set $a 1; if ($b) { return 403; } }"),
        ("server { set $a 1; set $b 2; }", "server { set $b 2; set $a 1; }"),
        ("index a.html; index b.html;", "index a.html b.html;"),
        ("gzip_types text/css; gzip_types text/xml;", "gzip_types text/xml text/css;"),
        ("set_real_ip_from 10.0.0.1; set_real_ip_from 10.0.0.2;",
         "set_real_ip_from 10.0.0.2; set_real_ip_from 10.0.0.1;"),
        ("split_clients $uri $v { 20% a; * b; }", "split_clients $uri $v { 20.00% a; * b; }"),
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
        ("upstream a { server b:1; server b:2 max_fails=0; }",
         "upstream a { server b:1 max_fails=0; server b:2 max_fails=0; }",
         {"http/upstream[a]/server parameters"}),
        ("upstream a { server b:1; server b:2; server b:3 backup; }",
         "upstream a { server b:1; server b:2; server b:3 backup; server b:4 backup; }",
         {"http/upstream[a]/backup servers"}),
        ("upstream a { server b:1; server b:2; }", "upstream a { server b:1; server b:2 down; }",
         {"http/upstream[a]/servers"}),
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


@pytest.mark.parametrize(
    ("one", "other", "setting"),
    [
        ("set $a 1; set $a 2;", "set $a 2; set $a 1;", "set[$a]"),
        ("set $a x; set $b $a;", "set $b $a; set $a x;", "order of rewrite directives"),
        ("set $a 1; if ($a) { } set $b 2;", "set $b 2; if ($a) { } set $a 1;", "order of rewrite directives"),
        ("rewrite ^/a /b; rewrite ^/c /d; set $u $uri; rewrite ^/x /y;",
         "rewrite ^/a /b; set $u $uri; rewrite ^/c /d; rewrite ^/x /y;", "order of rewrite directives"),
        ("index a.html; index b.html;", "index b.html; index a.html;", "index"),
        ("proxy_redirect http://a/ /; proxy_redirect http://a/b/ /x/;",
         "proxy_redirect http://a/b/ /x/; proxy_redirect http://a/ /;", "proxy_redirect"),
        ("proxy_cookie_path / /x; proxy_cookie_path /a /y;", "proxy_cookie_path /a /y; proxy_cookie_path / /x;",
         "proxy_cookie_path"),
        ("fastcgi_param HTTPS off; fastcgi_param HTTPS on;", "fastcgi_param HTTPS on; fastcgi_param HTTPS off;",
         "fastcgi_param[HTTPS]"),
        ("sub_filter a b; sub_filter ab c;", "sub_filter ab c; sub_filter a b;", "sub_filter"),
    ],
)  # fmt: skip
def test_swapped_lines_of_which_one_wins_are_a_row(one: str, other: str, setting: str) -> None:
    drifting = drift(http(f"server {{ {one} }}"), http(f"server {{ {other} }}"))
    assert drifting in ({f"http/server/{setting}"}, {f"http/{setting}"})


@pytest.mark.parametrize(
    "other",
    ["50% a; 50% x;", "50% x; 50% b;", "50% b; 50% a;"],
)
def test_shares_of_clients_are_compared_in_order(other: str) -> None:
    """Two shares of one size are two; their order decides which clients get which."""
    one, two = (http(f"split_clients $uri $v {{ {shares} }}") for shares in ("50% a; 50% b;", other))
    assert drift(one, two) == {"http/split_clients[$uri $v]/shares"}


def test_default_server_of_equal_hosts_is_no_row() -> None:
    """The explicit one is the first one anyway; the ports belong to the environment."""
    one = "server { listen 80 default_server; server_name a.x; } server { listen 80; server_name b.x; }"
    other = "server { listen 8080; server_name a.y; } server { listen 8080; server_name b.y; }"
    assert drift(http(one), http(other)) == set()


@pytest.mark.parametrize(
    ("one", "other", "setting"),
    [
        ("resolver 10.0.0.2 valid=5s;", "resolver 10.1.0.2 valid=1h;", "http/resolver options"),
        ("resolver 10.0.0.2;", "resolver 10.1.0.2 ipv6=off;", "http/resolver options"),
        ("error_log /a debug;", "error_log /b crit;", "http/error_log level"),
        ("error_log /a;", "error_log /b crit;", "http/error_log level"),
        ("access_log /a;", "access_log off;", "http/access_log format"),
        ("access_log /a;", "access_log /b if=$loggable;", "http/access_log format"),
        ("set_real_ip_from 10.0.0.0/8;", "", "http/trusted proxies"),
        ("listen 80 backlog=1;", "listen 81 backlog=1024;", "http/server/listen options"),
        ("listen 80; listen 443 ssl;", "listen 443 ssl;", "http/server/listen without TLS"),
    ],
)
def test_options_beside_addresses_and_paths_are_compared(one: str, other: str, setting: str) -> None:
    assert drift(http(f"server {{ {one} }}"), http(f"server {{ {other} }}")) == {setting}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("error_log /a warn; http { server { } }", "http { error_log /b warn; server { } }"),
        ("error_log /a error; http { server { } }", "http { server { error_log /b; } }"),
        ("http { resolver 10.0.0.2 valid=60; }", "http { resolver 10.1.0.2 10.1.0.3 valid=1m ipv6=on; }"),
        ("http { server { listen 80; listen 443 ssl; } }", "http { server { listen 8080; listen 8443 ssl; } }"),
    ],
)
def test_other_addresses_and_paths_with_equal_options_give_no_row(one: str, other: str) -> None:
    assert drift(made(one), made(other)) == set()


@pytest.mark.parametrize("text", ["proxy_timeout 600s; ssl_preread off;", "proxy_connect_timeout 60; tcp_nodelay on;"])
def test_written_defaults_of_stream_servers_give_no_row(text: str) -> None:
    one, other = (made(f"stream {{ server {{ listen 1; proxy_pass a:1; {each} }} }}") for each in (text, ""))
    assert drift(one, other) == set()


def test_inherited_directives_of_stream_servers_give_no_row() -> None:
    one = made("stream { proxy_timeout 9m; server { listen 1; proxy_pass a:1; } }")
    other = made("stream { server { listen 1; proxy_pass a:1; proxy_timeout 9m; } }")
    assert drift(one, other) == set()
    assert one.facts["stream/proxy_timeout"].canonical == "9 min"


def test_a_default_that_overrides_another_value_is_a_row() -> None:
    """It is left out only where nothing else would be inherited."""
    one = http("auth_basic Staff; server { location /a { auth_basic off; } }")
    other = http("auth_basic Staff; server { location /a { } }")
    assert drift(one, other) == {"http/server/location[/a]/auth_basic"}


def test_hosts_whose_names_begin_alike_are_told_apart_by_name() -> None:
    """Without `default_server` the first host answers unknown names: that it is another one is the only difference."""
    shop = "server { listen 80; server_name www.shop.example; gzip on; }"
    blog = "server { listen 80; server_name www.blog.example; }"
    assert drift(http(shop + blog), http(blog + shop)) == {"http/default server"}


def test_order_of_rewrite_directives_is_critical() -> None:
    one, other = http("server { set $a 1; if ($b) { } }"), http("server { if ($b) { } set $a 1; }")
    row = web.rows(one, other, kind="nginx")["http/server/order of rewrite directives"]
    assert row.severity is Severity.CRITICAL
    assert row.text(1) == "if → set"

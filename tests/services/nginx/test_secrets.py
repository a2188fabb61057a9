"""Secrets in configurations: never in a value, nor in the name of a row, and still compared."""

from __future__ import annotations

import pytest

from tests.services.nginx.builders import drift, http


@pytest.mark.parametrize(
    "text",
    [
        'server {{ access_by_lua_block {{ local k = "{0}" }} }}',
        "server {{ access_by_lua 'local k = \"{0}\"'; }}",
        'server {{ set_by_lua_block $a {{ return "{0}" }} }}',
        "server {{ location / {{ fastcgi_param SMTP_PASS {0}; }} }}",
        "server {{ location / {{ uwsgi_param DB_PWD {0}; }} }}",
        "server {{ location / {{ fastcgi_param X_DSN https://{0}@host/1; }} }}",
        "server {{ location / {{ fastcgi_param STRIPE {0}; }} }}",
        "server {{ location / {{ proxy_set_header X-Api-Key {0}; }} }}",
        'server {{ location / {{ proxy_set_header Authorization "Bearer {0}"; }} }}',
        "server {{ location / {{ proxy_set_header x-origin-verify {0}; }} }}",
        'server {{ location / {{ secure_link_md5 "$uri {0}"; }} }}',
        "server {{ location / {{ secure_link_secret {0}; }} }}",
        "server {{ return 302 https://a.example/in?token={0}; }}",
        "server {{ rewrite ^/x https://a.example/in?api_key={0}&x=1 redirect; }}",
        "server {{ location / {{ proxy_pass http://a.example/hook?secret={0}; }} }}",
        "server {{ location / {{ proxy_pass http://app:{0}@a.example; }} }}",
        "server {{ location ~ token={0} {{ etag off; }} }}",
        'server {{ if ($arg_token = "{0}") {{ return 200; }} }}',
        'server {{ if ($http_x_api_key != "{0}") {{ return 403; }} }}',
        'map $http_authorization $ok {{ default 0; "Bearer {0}" 1; }}',
        "map $arg_token $ok {{ {0} 1; }}",
        'map $uri $auth {{ default "Basic {0}"; }}',
        "server {{ set $auth_token {0}; }}",
        "server {{ more_set_headers 'X-Api-Key: {0}'; }}",
        "server {{ add_header Set-Cookie 'session={0}'; }}",
        "server {{ encrypted_session_key {0}; }}",
        "server {{ auth_http_header X-Auth-Key {0}; }}",
        "otel_exporter {{ header X-API-Token {0}; }}",
        'server {{ location / {{ proxy_set_body \'{{"password":"x"}}&token={0}\'; }} }}',
        "init_by_lua_block {{ k = '{0}' }}",
        "upstream db {{ postgres_server a dbname=x user=y password={0}; }}",
        "server {{ location / {{ redis2_query auth {0}; }} }}",
        "server {{ no_such_directive {0}; }}",
        "server {{ location / {{ js_var $key {0}; }} }}",
        "server {{ location / {{ proxy_pass https://b.example/k?X-Amz-Signature={0}; }} }}",
        "server {{ location / {{ proxy_pass https://b.example/k?sv=1&sig={0}; }} }}",
        "server {{ error_page 403 https://a.example/?access_token={0}; }}",
        'server {{ location / {{ grpc_set_header Authorization "Bearer {0}"; }} }}',
        "oidc_provider idp {{ client_secret {0}; }}",
    ],
)
def test_secret_is_compared_and_never_shown(text: str) -> None:
    one, same, other = http(text.format("s3crA")), http(text.format("s3crA")), http(text.format("s3crB"))
    assert "s3cr" not in repr(one)
    assert drift(one, same) == set()
    assert len(drift(one, other)) == 1


@pytest.mark.parametrize(
    ("text", "setting", "shown"),
    [
        ("fastcgi_param APP_ENV production;", "fastcgi_param[APP_ENV]", "production"),
        ("fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;", "fastcgi_param[SCRIPT_FILENAME]",
         "$document_root$fastcgi_script_name"),
        ("proxy_set_header Authorization $http_authorization;", "proxy_set_header[Authorization]",
         "$http_authorization"),
        ('proxy_set_header Connection "";', "proxy_set_header[Connection]", '""'),
        ("proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;", "proxy_set_header[X-Forwarded-For]",
         "$proxy_add_x_forwarded_for"),
        ('auth_basic "Staff only";', "auth_basic", '"Staff only"'),
        ("proxy_cache_key $scheme$host$request_uri;", "proxy_cache_key", "$scheme$host$request_uri"),
        ("ssl_ciphers ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-CHACHA20-POLY1305;", "ssl_ciphers",
         "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-CHACHA20-POLY1305"),
        ("add_header Strict-Transport-Security 'max-age=63072000; includeSubDomains' always;",
         "add_header[Strict-Transport-Security]", '"max-age=63072000; includeSubDomains" always'),
        ("add_header Access-Control-Allow-Headers 'Authorization, X-Token';",
         "add_header[Access-Control-Allow-Headers]", '"Authorization, X-Token"'),
        ("add_header Access-Control-Allow-Credentials true;", "add_header[Access-Control-Allow-Credentials]", "true"),
        ("proxy_cookie_path / /app;", "proxy_cookie_path", "/ /app"),
        ("limit_req_zone $http_authorization zone=auth:10m rate=5r/s;", "limit_req_zone[$http_authorization]",
         "zone=auth:10m rate=5r/s"),
    ],
)  # fmt: skip
def test_harmless_text_is_shown(text: str, setting: str, shown: str) -> None:
    assert http(text).facts[f"http/{setting}"].raw == shown


@pytest.mark.parametrize(
    "uri",
    ["engine:pkcs11:token=web;pin-value={0}", "store:pkcs11:pin-value={0}?module-name=x", "pkcs11:pin-value={0};id=1"],
)
def test_pin_of_a_token_is_not_shown(uri: str) -> None:
    """Keys belong to the host, so they are not compared; RFC 7512 allows a PIN in their URI."""
    for pin in ("1234", "s3cr", "longer-and-random-9Fq2"):
        reading = http(f'server {{ ssl_certificate_key "{uri.format(pin)}"; }}')
        assert pin not in str(reading)

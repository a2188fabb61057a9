"""Secrets in free text: by name, by shape, and in time that grows with the text."""

from __future__ import annotations

import re
import time

import pytest

from parity_tui.secrets import patterns, web
from parity_tui.secrets.detect import is_secret
from parity_tui.secrets.spans import is_unusual, redact_literals, redact_quotes
from parity_tui.secrets.web import is_secret_directive


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("SMTP_PASS", "x"),
        ("userpwd", "x"),
        ("filekey", "sekretkey99"),
        ("app.jwt", "abc"),
        ("app.pepper", "abc"),
        ("anon.salt", "abc"),
        ("SAS", "abc"),
        ("X-Auth", "abc"),
        ("dsn", "https://s3cr@host/1"),
        ("hook", "https://a.example/?token=s3cr"),
        ("x", "host=a password=s3cr"),
        ("x", "host=a password=123456 user=b"),
        ("x", "-Dpassword=1234 -Da=b"),
        ("x", "pkcs11:token=web;pin-value=1234"),
        ("x", "Bearer abcdef"),
        ("x", "eyJhbGciOi.eyJzdWIi.abc"),
        ("x", "AKIAABCDEFGHIJKLMNOP"),
        ("x", "9f86d081884c7d659a2feaa0c55ad015"),
        ("x", "https://hooks.example/services/T024BE7LD/B024BE7LH/aBcD1eFgHiJkLm2NoPqRsTuV"),
    ],
)
def test_secret_is_recognized(name: str, text: str) -> None:
    assert is_secret(f"http/server/set[{name}]", text)
    assert is_secret_directive("SetEnv", name, text)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("APP_ENV", "production"),
        ("X-Frame-Options", "SAMEORIGIN"),
        ("Cookie", '""'.strip('"')),
        ("Authorization", "$http_authorization"),
        ("X-Token", "%{HTTP_X_TOKEN}e"),
        ("proxy_cache_bypass", "1"),
        ("ssl_ciphers", "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-CHACHA20-POLY1305"),
        ("Content-Type", "application/vnd.openxmlformats-officedocument"),
        ("url", "https://a.example/path?page=2"),
        ("author", "somebody"),
        ("limits", "min_password=12 password_timeout=3600"),
        ("SetHandler", "org.example.AbstractSingletonFactory"),
    ],
)
def test_harmless_text_is_not(name: str, text: str) -> None:
    assert not is_secret_directive("set", name, text)
    assert redact_literals(text) == text
    assert not is_unusual("i18n k8s v1beta1 2xx eu-west-1")


@pytest.mark.parametrize(
    "letters", ["a", "$a", "${a}", "a1", "://a", "token=", "%{a:b}c", " ", "-", "bearer ", "eyJ", "@"]
)
def test_time_grows_with_the_text(letters: str) -> None:
    """Each expression on long text of its worst letters; quadratic ones would take minutes."""
    anchored = {patterns.GLUED, patterns.ONE_WORD, patterns.WEB_NAME}
    expressions = [value for value in vars(patterns).values() if isinstance(value, re.Pattern)]
    assert len(expressions) > 20
    begin = time.perf_counter()
    for expression in expressions:
        (expression.match if expression in anchored else expression.search)((letters * 20_000)[:8192] + "!")
        expression.fullmatch((letters * 20_000)[:8192] + "!")
    for expression in (value for value in vars(web).values() if isinstance(value, re.Pattern)):
        expression.fullmatch((letters * 20_000)[:8192] + "!")
    for text in (letters * 300_000, (letters * 20_000)[:8191] + "!"):
        redact_literals(text)
        redact_quotes(text)
        is_unusual(text)
        is_secret("http/set[x]", text)
    assert time.perf_counter() - begin < 20

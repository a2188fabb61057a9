"""Response headers: one spelling for what means the same, a row for what does not."""

from __future__ import annotations

import ssl
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from parity_tui.demo.nginx import Nginx
from parity_tui.demo.process import free_port
from parity_tui.demo.servers import Servers
from parity_tui.model import Reading, State, Target, TlsMode
from parity_tui.services.http.connection import Handshake, Page, _refusal
from parity_tui.services.http.normalize import COMPARED, NOT_SENT, header_values
from parity_tui.services.http.parse import parse
from parity_tui.services.http.rules import RULES
from tests.services import web
from tests.services.test_http import at, drift, reading, tls_port

HERE = Target("dev", "web", "http", "http", "dev.example.com", 80)


def parsed(status: int = 200, host: str = "dev.example.com", **headers: Any) -> Reading:
    """Return the reading of a page; underscores in names stand for dashes."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return parse(Page(status, "1.1", named), Handshake(), replace(HERE, host=host))


def one(header: str, text: str) -> dict[str, Any]:
    """Return one header as a keyword of :func:`parsed`."""
    return {header: text}


@pytest.fixture
def old_cipher(servers: Servers, tmp_path: Path) -> Nginx:
    """Return an nginx whose TLS 1.2 takes one old cipher only."""
    words = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=here", "-days", "20"]
    paths = [tmp_path / name for name in ("cert", "key")]
    subprocess.run([*words, "-out", str(paths[0]), "-keyout", str(paths[1])], check=True, capture_output=True)
    cert, key = (servers.file(f"old-{path.name}", path.read_text()) for path in paths)
    secured = f"ssl_certificate {cert}; ssl_certificate_key {key}; ssl_protocols TLSv1.2 TLSv1.3;"
    secured += " ssl_ciphers ECDHE-RSA-AES128-SHA;"
    return servers.nginx("1.22", sites=f"server {{ listen 127.0.0.1:{free_port()} ssl; {secured} }}")


@pytest.mark.parametrize(
    ("header", "first", "second"),
    [
        ("content_type", "text/html; charset=utf-8", "text/html;charset=UTF-8"),
        ("content_type", "multipart/mixed; boundary=a1", "multipart/mixed; boundary=b2"),
        ("cache_control", "public, max-age=600", "Max-Age=600,PUBLIC"),
        ("strict_transport_security", "max-age=9; includeSubDomains", "includesubdomains;max-age=9"),
        ("x_frame_options", "deny", "DENY"),
        ("timing_allow_origin", "https://a.x, https://b.x", "https://b.x,https://a.x"),
        ("feature_policy", "camera 'none'; usb 'none'", "usb 'none';camera 'none'"),
        ("cdn_cache_control", "public, max-age=9", "max-age=9,public"),
        ("x_content_type_options", "nosniff", "NoSniff"),
        ("vary", "Accept-Encoding, Cookie", "cookie,accept-encoding"),
        ("x_robots_tag", "noindex, nofollow", "none"),
        ("content_security_policy", "default-src 'self'; img-src b a", "img-src a b;default-src 'SELF'"),
        ("content_security_policy", "script-src 'nonce-abc'", "script-src 'nonce-xyz'"),
        ("content_security_policy_report_only", "script-src 'nonce-abc'", "script-src 'nonce-xyz'"),
        ("permissions_policy", "camera=(), geolocation=(self)", "geolocation=(self),camera=()"),
        ("referrer_policy", "no-referrer, same-origin", "Same-Origin"),
        ("cross_origin_opener_policy", "same-origin", "Same-Origin; report-to=x"),
        ("access_control_allow_methods", "GET, POST", "POST,GET"),
        ("set_cookie", "sid=1; Path=/; HttpOnly", "sid=2; httponly; path=/"),
        ("set_cookie", "a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT", "a=1; expires=Thu, 22 Oct 2026 07:28:00 GMT"),
        ("set_cookie", "a=1\nb=2", "b=2\na=1"),
        ("set_cookie", "sid_1234567890=1", "sid_9876543210=1"),
        ("etag", '"1"', 'W/"2"'),
        ("location", "/login?state=hJ7fK2mQ9xPz", "/login?state=aB3dE5gH7jKl"),
        ("x_request_id", "1", "2"),
        ("x_unknown", "1", "2"),
    ],
)
def test_same_meaning_is_no_row(header: str, first: str, second: str) -> None:
    """K1, K2."""
    assert drift(parsed(**one(header, first)), parsed(**one(header, second))) == set()


@pytest.mark.parametrize(
    ("header", "text"),
    [
        ("content_security_policy", "img-src https://{0} https://cdn.{0}:8443; connect-src wss://{0}"),
        ("access_control_allow_origin", "https://{0}"),
        ("content_security_policy", "img-src https://cdn.{0}; font-src other.net"),
        ("set_cookie", "sid=1; Domain=.{0}"),
        ("permissions_policy", 'camera=("https://{0}")'),
        ("location", "https://{0}/start"),
    ],
)
def test_own_host_is_no_row(header: str, text: str) -> None:
    """K2: every environment has its own; that of another one is a row."""
    hosts = ("dev.example.com", "www.example.org")
    first, second = (parsed(host=host, **one(header, text.format(host.removeprefix("www.")))) for host in hosts)
    assert drift(first, second) == set()


def test_sibling_of_the_own_host_is_no_row() -> None:
    """The page of one host lets that of another of its domain in."""
    hosts = ("api.dev.example.com", "api.example.org")
    origins = ("https://app.dev.example.com", "https://app.example.org")
    first, second = (
        parsed(host=host, access_control_allow_origin=origin) for host, origin in zip(hosts, origins, strict=True)
    )
    assert drift(first, second) == set()
    assert drift(first, parsed(host=hosts[1], access_control_allow_origin="https://app.other.net")) == {
        "allowed origin"
    }


@pytest.mark.parametrize(
    ("header", "first", "second", "name"),
    [
        ("set_cookie", "sid=1; Secure; HttpOnly", "sid=1; HttpOnly", "cookie sid"),
        ("set_cookie", "sid=1; SameSite=None", "sid=1; SameSite=Lax", "cookie sid"),
        ("set_cookie", "sid=1", "sid=1\nother=1", "cookie other"),
        ("x_robots_tag", "noindex", "all", "robots"),
        ("vary", "cookie", "origin", "vary"),
        ("access_control_allow_credentials", "true", "false", "allowed credentials"),
        ("content_security_policy_report_only", "img-src a", "img-src b", "content security policy, report only"),
        ("cross_origin_opener_policy", "same-origin", "unsafe-none", "opener policy"),
        ("cross_origin_resource_policy", "same-site", "cross-origin", "resource policy"),
        ("accept_ranges", "bytes", "none", "accept ranges"),
        ("content_security_policy", "img-src a.example", "img-src b.example", "content security policy"),
        ("access_control_allow_origin", "https://other.com", "*", "allowed origin"),
        ("cache_control", "max-age=600", "max-age=60", "cache control"),
        ("timing_allow_origin", "*", "https://a.x", "timing origins"),
        ("accept_ch", "DPR", "Width", "client hints"),
        ("feature_policy", "camera 'none'", "camera *", "feature policy"),
        ("service_worker_allowed", "/", "/app", "service worker scope"),
        ("pragma", "no-cache", "x", "pragma"),
        ("cdn_cache_control", "max-age=9", "max-age=90", "cdn cache control"),
        ("surrogate_control", "max-age=9", "no-store", "surrogate control"),
    ],
)
def test_another_meaning_is_a_row(header: str, first: str, second: str, name: str) -> None:
    """K3."""
    assert drift(parsed(**one(header, first)), parsed(**one(header, second))) == {name}


@pytest.mark.parametrize(("header", "name"), [("etag", "etag"), ("x_new_thing", "header x-new-thing")])
def test_presence_of_other_headers_is_a_row(header: str, name: str) -> None:
    assert drift(parsed(), parsed(**one(header, "1"))) == {name}


def test_values_of_cookies_and_tokens_are_never_read() -> None:
    seen = parsed(set_cookie="sid=s3cr; Path=/", location="/x?token=s3crS3CR123456789", x_api_key="s3cr")
    assert "s3cr" not in repr(seen)


@pytest.mark.parametrize("status", [402, 403, 404, 500, 503])
def test_error_page_hides_the_headers(status: int) -> None:
    """The page of an error on both sides would be parity of error pages."""
    seen = parsed(status, cache_control="no-store")
    assert "cache control" not in seen.facts
    assert dict(seen.hidden)["*"].endswith(f"use a path that returns 200 ({status})")
    assert drift(seen, parsed(cache_control="public")) == {"status"}


async def test_nonce_of_each_request_is_no_row(servers: Servers) -> None:
    """K1: on two equal servers, and read twice."""
    header = (
        "add_header Content-Security-Policy \"script-src 'nonce-$request_id'\"; add_header Set-Cookie sid=$request_id;"
    )
    one, other = (servers.nginx("1.22", server=header) for _ in range(2))
    readings = [await reading(at(port)) for port in (one.port, one.port, other.port)]
    assert readings[0].facts == readings[1].facts
    assert drift(*readings) == set()


async def test_each_cookie_is_read(servers: Servers) -> None:
    """A server sends a header for each."""
    server = servers.nginx("1.22", server="add_header Set-Cookie 'a=1; Secure'; add_header Set-Cookie 'b=2; HttpOnly';")
    facts = (await reading(at(server.port))).facts
    assert (facts["cookie a"].raw, facts["cookie b"].raw) == ("Secure", "HttpOnly")


@pytest.mark.parametrize(
    "header", ["x_request_id", "x_cache", "cf_ray", "traceparent", "x_amz_cf_id", "age", "x_served_by"]
)
def test_header_of_one_answer_is_no_row(header: str) -> None:
    """Nor is it one that it is sent: a cache in between sends it now and then."""
    assert drift(parsed(), parsed(**one(header, "1"))) == set()


async def test_own_address_is_no_row(servers: Servers) -> None:
    text = "add_header Access-Control-Allow-Origin http://$http_host;"
    one, other = (servers.nginx("1.22", server=text) for _ in range(2))
    assert drift(await reading(at(one.port)), await reading(at(other.port))) == set()


async def test_refused_ciphers_are_unknown(old_cipher: Nginx) -> None:
    """K4: an old cipher of TLS 1.2 that we do not offer is no refusal of TLS 1.2."""
    fact = (await reading(at(tls_port(old_cipher), scheme="https", tls=TlsMode.REQUIRE))).facts["tls.1.2"]
    assert (fact.state, fact.note) == (State.UNKNOWN, "refused with the ciphers that we offer")


@pytest.mark.parametrize(
    ("error", "result"),
    [
        (ssl.SSLError(1, "[SSL: TLSV1_ALERT_PROTOCOL_VERSION] tlsv1 alert protocol version"), ("refused", "")),
        (ssl.SSLError(1, "[SSL: UNSUPPORTED_PROTOCOL] unsupported protocol"), ("refused", "")),
        (ConnectionResetError(), ("", "a second connection failed")),
        (TimeoutError(), ("", "a second connection failed")),
    ],
)
def test_only_a_protocol_alert_is_a_refusal(error: Exception, result: tuple[str, str]) -> None:
    assert _refusal(error) == result


def test_every_fact_has_a_rule_with_a_reason() -> None:
    table = {rule.name: rule.why for rule in RULES}
    names = {name for name, _ in COMPARED.values()} | parsed().facts.keys()
    assert [name for name in names if not table.get(name)] == []


@given(st.dictionaries(st.sampled_from([*COMPARED, "set-cookie", "location"]), st.text(max_size=60)))
def test_any_header_has_one_spelling(headers: dict[str, str]) -> None:
    """What is written out once more stays as it is, and nothing raises."""
    first = dict(header_values(headers, "a.example"))
    assert all(first.values())
    assert first["robots"] == NOT_SENT or "x-robots-tag" in headers
    named: dict[str, Any] = dict(headers)
    assert web.drift(parsed(**named), parsed(**named), kind="http") == set()

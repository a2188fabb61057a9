"""Logins, rights, peers that are something else, and what is sent."""

from __future__ import annotations

import asyncio
import json
import ssl
from base64 import b64encode
from pathlib import Path

import pytest

from parity_tui import services
from parity_tui.config import target as configured
from parity_tui.model import ServiceError, State, TlsMode, Verdict
from parity_tui.services.elasticsearch import SERVICE
from parity_tui.services.elasticsearch.queries import INFO, NODES, PATHS, SETTINGS
from parity_tui.transport.dialer import NetworkDialer
from tests import client_requests
from tests.authority import Authority
from tests.doctor.builders import diagnose_one
from tests.proxy import floods, listening, says
from tests.services.elasticsearch.builders import failure, read, reading, rows, target
from tests.services.elasticsearch.stand_in import StandIn, running

USER, PASSWORD = "parity", "sw0rd/%@fish:x"
BASIC = f"Basic {b64encode(f'{USER}:{PASSWORD}'.encode()).decode()}"


async def test_reading_costs_one_round_trip_of_allowed_requests() -> None:
    """One kept connection, GET only, and no header but those listed."""
    async with running(login=BASIC) as (cluster, port):
        where = target(port, USER, PASSWORD)
        async with SERVICE.connect(where, NetworkDialer(where, 10)) as read_once:
            readings = [await read_once() for _ in range(3)]
    assert readings[0] == readings[1] == readings[2]
    assert [line for line in cluster.asked if line.startswith("GET")] == [f"GET {path} HTTP/1.1" for path in PATHS] * 3
    assert {*cluster.asked} <= client_requests.allowed("elasticsearch")


@pytest.mark.parametrize("authorization", [BASIC, f"ApiKey {PASSWORD}"])
async def test_login_is_by_password_or_api_key(authorization: str) -> None:
    user = USER if authorization == BASIC else ""
    async with running(login=authorization) as (_, port):
        assert (await read(target(port, user, PASSWORD))).hidden == ()


@pytest.mark.parametrize(
    ("user", "password", "words"),
    [
        (USER, None, "requires a password for parity, and none is configured"),
        ("", None, "requires a password, and none is configured"),
        (USER, "wrong/pass", "rejects the password of the user parity"),
        ("", "wrong/pass", "rejects the API key"),
    ],
)
async def test_missing_or_wrong_login_is_described(user: str, password: str | None, words: str) -> None:
    """Fault 21."""
    error = await failure(StandIn(login=BASIC), user, password)
    assert (error.reason, words in error.message) == ("auth", True)
    assert "wrong/pass" not in error.message


@pytest.mark.parametrize(("product", "right"), [("es", "monitor"), ("os", "cluster_monitor")])
async def test_login_without_rights_hides_the_settings(product: str, right: str) -> None:
    """Doctor names the privilege, in the words of the product."""
    async with running(product=product, rights=False) as (_, port):
        diagnosis, steps = await diagnose_one(target(port))
    assert (diagnosis.state, steps["rights"].state) == ("partly", "partly")
    assert right in diagnosis.hidden[0].why
    assert right in diagnosis.hidden[0].remedy
    whole, part = await reading(product=product), await reading(product=product, rights=False)
    compared = rows(whole, part)
    names = ("search.max_buckets", "roles", "plugin.opensearch-sql" if product == "os" else "jvm.heap")
    assert {compared[name].cells[1].state for name in names} == {State.HIDDEN}
    assert {row.verdict for row in compared.values()} <= {"same", "unknown", "ignored"}


async def test_forbidden_root_names_the_privilege() -> None:
    error = await failure(StandIn(replies={INFO: (403, b'{"error": {"reason": "no permissions"}, "status": 403}')}))
    assert (error.reason, "privilege monitor" in error.message) == ("forbidden", True)


async def test_silent_node_hides_what_all_nodes_agree_on() -> None:
    seen = await reading(replies={NODES: (200, b'{"_nodes": {"total": 3, "failed": 2}, "nodes": {"a": {}}}')})
    assert {why for _, why in seen.hidden} == {"1 of 3 nodes answered"}
    assert "search.max_buckets" in seen.facts


async def test_serverless_project_hides_the_settings() -> None:
    gone = (410, b'{"error": {"type": "api_not_available_exception", "reason": "not available"}, "status": 410}')
    seen = await reading(replies={SETTINGS: gone, NODES: gone})
    assert {why for _, why in seen.hidden} == {"a serverless project shows no settings of its cluster"}


@pytest.mark.parametrize(
    ("path", "status", "body", "words"),
    [
        (INFO, 200, b"<html>", "not JSON"),
        (INFO, 200, b"[]", "no JSON object"),
        (INFO, 200, b'{"status": "ok"}', "answers like a web server"),
        (INFO, 404, b"nothing here", "HTTP status 404"),
        (INFO, 302, b"", "redirects"),
        (INFO, 503, b'{"error": {"reason": "starting"}}', "is not ready: starting"),
        (SETTINGS, 200, b'{"persistent": {}, "transient": {}}', "a group of settings is missing"),
        (SETTINGS, 200, b'{"persistent": {}, "transient": {}, "defaults": {"a": "b"}}', "no flat settings"),
        (SETTINGS, 200, b'{"persistent": {}', "not JSON"),
        (NODES, 200, b'{"nodes": {}}', "shows no nodes"),
        (
            NODES,
            200,
            json.dumps({"_nodes": {"total": 1}, "nodes": {"a": {"plugins": [{}] * 501}}}).encode(),
            "more nodes",
        ),
    ],
)
async def test_damaged_reply_is_a_failure(path: str, status: int, body: bytes, words: str) -> None:
    error = await failure(StandIn(replies={path: (status, body)}))
    assert words in error.message
    assert "127.0.0.1" in error.message


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (says(b"+OK\r\n"), "wrong-service"),
        (says(b"SSH-2.0-OpenSSH_9.2\r\n"), "wrong-service"),
        (says(), "closed"),
        (floods(b"HTTP/1.1 200 OK\r\ncontent-length: 99999999\r\n\r\n" + b"x" * 65536), "protocol"),
    ],
)
async def test_other_peers_are_failures_in_words(script: object, reason: str) -> None:
    """Faults 4, 8, 9."""
    async with listening(script) as port:  # type: ignore[arg-type]
        with pytest.raises(ServiceError) as caught:
            await read(target(port))
    assert caught.value.reason == reason


async def test_tls_is_verified(authority: Authority) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority.path("valid"))
    async with listening(StandIn().serve, context) as port:
        assert (await read(target(port, tls=TlsMode.VERIFY_FULL, ca=authority.path("ca")))).product == "Elasticsearch"
        with pytest.raises(ServiceError, match="certificate"):
            await read(target(port, tls=TlsMode.VERIFY_FULL))


@pytest.mark.parametrize(
    ("url", "scheme", "port", "tls"),
    [
        ("elasticsearch://es1", "elasticsearch", 9200, "off"),
        ("es://es1:9201", "elasticsearch", 9201, "off"),
        ("opensearchs://search.example", "opensearchs", 443, "verify-full"),
        ("es+https://search.example:9243/prefix", "elasticsearchs", 9243, "verify-full"),
        ("https://search.example", "elasticsearchs", 443, "verify-full"),
        ("http://es1:9200", "elasticsearch", 9200, "off"),
    ],
)
def test_url_gives_scheme_port_and_tls(url: str, scheme: str, port: int, tls: str) -> None:
    where = configured("dev", "elasticsearch", url, Path("/"), {})
    assert (where.kind, where.scheme, where.port, where.tls) == ("elasticsearch", scheme, port, tls)


def test_other_http_addresses_are_not_claimed() -> None:
    assert services.claimed_scheme("http", "web", "/") == "http"


async def test_path_of_a_proxy_is_kept() -> None:
    body = json.dumps(StandIn().info()).encode()
    async with running(replies={f"/es{path}": (200, body) for path in PATHS}) as (cluster, port):
        with pytest.raises(ServiceError):  # the stand-in answers all three alike
            await read(target(port, path="es"))
    assert cluster.asked[0] == "GET /es/ HTTP/1.1"


async def test_slow_cluster_ends_with_the_deadline() -> None:
    """Fault 3."""

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with listening(silent) as port:
        where = target(port)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3), SERVICE.connect(where, NetworkDialer(where, 0.3)) as read_once:
                await read_once()


@pytest.mark.parametrize("lacking", ["version", "jvm"])
async def test_node_that_shows_a_part_hides_the_facts_of_nodes(lacking: str) -> None:
    """Also where both clusters do: nothing says then that their heaps agree."""
    nodes = StandIn().nodes()
    for node in nodes["nodes"].values():
        del node[lacking]
    part = await reading(StandIn(replies={NODES: (200, json.dumps(nodes).encode())}))
    assert dict(part.hidden)["jvm.*"] == "the nodes do not show their version or their JVM"
    assert {"nodes", "node versions", "roles", "jvm.heap", "jvm.version"}.isdisjoint(part.facts)
    assert any(row.listed and row.verdict is Verdict.UNKNOWN for row in rows(part, part).values())

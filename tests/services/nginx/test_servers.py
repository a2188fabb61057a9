"""Real nginx servers of two versions."""

from __future__ import annotations

import os
import subprocess

import pytest

from parity_tui.demo.servers import Servers
from parity_tui.drift.row import CHANGED_DEFAULT
from parity_tui.model import Severity, Verdict
from parity_tui.services.nginx import SERVICE
from parity_tui.services.nginx.parse import parse
from parity_tui.services.nginx.parse.output import split_output
from parity_tui.services.nginx.queries import script
from parity_tui.services.nginx.remediation import remediate
from parity_tui.transport.dialer import NetworkDialer
from tests.services import web
from tests.services.nginx.builders import drift

VERSIONS = ("1.22", "1.31")
"""of Debian 12 and of the wheel"""


@pytest.fixture(params=VERSIONS)
def version(request: pytest.FixtureRequest) -> str:
    """Every version in turn."""
    return str(request.param)


async def test_product_version_and_modules_are_reported(servers: Servers, version: str) -> None:
    server = servers.nginx(version)
    reading = await web.read(server)
    assert (reading.product, reading.version) == ("nginx", server.version)
    assert reading.facts["module.http_ssl"].raw == "static"
    assert (reading.facts["openssl.running"].raw or "").startswith("OpenSSL 3.")
    assert reading.address == f"{server.folder}/conf/nginx.conf"


async def test_equal_servers_give_no_drift(servers: Servers, version: str) -> None:
    """Ports, folders and names differ; one server sets a default explicitly."""
    text = "location /api { proxy_pass http://127.0.0.1:9; proxy_set_header Host $host; } ssl_session_timeout 5m;"
    one = servers.nginx(version, server=text)
    other = servers.nginx(version, server=text.replace("5m", "300s").replace(":9", ":10"))
    readings = await web.read(one), await web.read(other)
    assert one.port != other.port
    assert drift(*readings) == set()
    assert len(readings[0].facts) > 100


@pytest.mark.parametrize(
    ("block", "text", "setting", "severity"),
    [
        ("http", "client_max_body_size 8m;", "http/client_max_body_size", Severity.CRITICAL),
        ("server", "proxy_read_timeout 5m;", "http/proxy_read_timeout", Severity.CRITICAL),
        (
            "server",
            "location /a { fastcgi_read_timeout 9s; }",
            "http/server/location[/a]/fastcgi_read_timeout",
            "critical",
        ),
        ("http", "underscores_in_headers on;", "http/underscores_in_headers", Severity.CRITICAL),
        ("http", "merge_slashes off;", "http/merge_slashes", Severity.CRITICAL),
        ("server", "proxy_set_header Host $host;", "http/proxy_set_header[Host]", Severity.CRITICAL),
        ("http", "ssl_protocols TLSv1.3;", "http/ssl_protocols", Severity.WARNING),
        ("http", "gzip on;", "http/gzip", Severity.WARNING),
        ("events", "worker_connections 1024;", "events/worker_connections", Severity.INFO),
        ("http", "server_tokens off;", "http/server_tokens", Severity.INFO),
        ("main", "worker_processes 2;", "worker_processes", Severity.INFO),
    ],
)
async def test_planted_directive_is_the_only_drift(
    servers: Servers, block: str, text: str, setting: str, severity: str
) -> None:
    """It has its context, its severity and its line."""
    plain, planted = await web.read(servers.nginx("1.22")), await web.read(servers.nginx("1.22", **{block: text}))
    assert drift(plain, planted) == {setting}
    row = web.rows(plain, planted, kind="nginx")[setting]
    assert row.severity == severity
    assert "conf/nginx.conf:" in row.cells[1].source


async def test_version_explains_changed_defaults(servers: Servers) -> None:
    """Besides defaults, only modules and the TLS library differ."""
    both = await web.read(servers.nginx("1.22")), await web.read(servers.nginx("1.31"))
    compared = web.rows(*both, kind="nginx")
    assert compared["version"].severity is Severity.CRITICAL
    assert CHANGED_DEFAULT in compared["http/proxy_http_version"].note
    rest = {name for name in drift(*both) if not name.startswith(("module.", "openssl.", "build."))}
    assert rest == {"version", "http/proxy_http_version", "http/ssl_protocols"}
    assert compared["module.http_sub"].verdict is Verdict.DRIFT


async def test_reading_changes_no_file(servers: Servers) -> None:
    server = servers.nginx("1.22")

    def state() -> dict[str, int]:
        return {path: os.stat(path).st_mtime_ns for path in map(str, server.folder.rglob("*")) if os.path.exists(path)}

    server.kill()  # a running server writes its log
    before = state()
    await web.read(server)
    assert state() == before


async def test_output_is_parsed_only_if_it_changed(servers: Servers) -> None:
    """Equal output gives the same Reading object."""
    server = servers.nginx("1.22")
    target = web.target(server.url())
    async with SERVICE.connect(target, NetworkDialer(target, 20)) as read:
        first = await read()
        assert await read() is first
        server.text["http"] = "gzip on;"
        server.configure()
        assert (await read()).facts["http/gzip"].raw == "on"


def test_documented_privilege_suffices(servers: Servers) -> None:
    """The script runs as the server's own user."""
    server = servers.nginx("1.22", http="gzip on;")
    user = server.home.user.pw_uid if server.home.user else None
    text = script("@x", str(server.folder))
    out = subprocess.run(["sh", "-s"], input=text, text=True, capture_output=True, check=True, user=user).stdout
    assert parse(split_output(out, "@x"), "").facts["http/gzip"].raw == "on"


async def test_nginx_and_apache_drift_by_product_only(servers: Servers) -> None:
    """Their settings are not compared with each other."""
    compared = web.rows(
        await web.read(servers.nginx("1.22")), await web.read(servers.apache()), kind="nginx", others="apache"
    )
    assert {name for name, row in compared.items() if row.verdict is Verdict.DRIFT} == {"product"}
    assert compared["product"].severity is Severity.CRITICAL


async def test_remediation_is_a_valid_directive(servers: Servers) -> None:
    """Added in its context, the line makes the servers equal."""
    wanted = await web.read(servers.nginx("1.22", http="client_max_body_size 8m;"))
    odd = await web.read(servers.nginx("1.22"))
    name = "http/client_max_body_size"
    line = remediate(name, wanted.facts[name].raw or "", odd.facts[name])
    assert "# in http" in line
    aligned = await web.read(servers.nginx("1.22", http=f"{line}\n"))
    assert drift(wanted, aligned) == set()

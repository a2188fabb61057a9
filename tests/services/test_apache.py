"""Apache httpd: a real server, and configurations without a server."""

from __future__ import annotations

import os
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parity_tui.demo.apache import MODULES
from parity_tui.demo.servers import Servers
from parity_tui.model import Reading, Reason, ServiceError, Severity, State, Verdict
from parity_tui.services import redact_reading
from parity_tui.services.apache import SERVICE
from parity_tui.services.apache.parse import parse
from parity_tui.services.apache.parse.output import split_output
from parity_tui.services.apache.queries import script
from parity_tui.transport.dialer import NetworkDialer
from tests.services import web

PROXY = (*MODULES, "proxy", "proxy_http")


def drift(*readings: Reading) -> set[str]:
    """Return the names of drifting settings."""
    return web.drift(*readings, kind="apache")


def made(config: str, version: str = "2.4.71") -> Reading:
    """Return the reading of a configuration without a server, as printed by DUMP_CONFIG."""
    lines = [f"#  {number}:\n{line}" for number, line in enumerate(config.split("\n"), 1)]
    output = {
        "version": f"Server version: Apache/{version} (Debian)\nServer MPM:     event",
        "run": " core_module (static)",
        "result 0": "",
        "config": "\n".join(["# In file: /etc/apache2/apache2.conf", *lines]),
        "end": "",
    }
    return redact_reading(parse(output, "web1"), SERVICE)


async def test_product_version_build_and_modules_are_reported(servers: Servers) -> None:
    """mod_info, loaded only to print the configuration, is not one of them."""
    server = servers.apache()
    reading = await web.read(server)
    assert (reading.product, reading.version) == ("Apache httpd", server.version)
    assert reading.facts["mpm"].raw == "event"
    assert reading.facts["module.rewrite"].raw == "shared"
    assert "module.info" not in reading.facts
    assert reading.address == f"{server.folder}/httpd.conf"
    assert reading.hidden == ()


async def test_equal_servers_give_no_drift(servers: Servers) -> None:
    """Their ports, folders and names differ."""
    text = "ProxyPass /api http://127.0.0.1:9/\nTimeout 60"
    one = await web.read(servers.apache(main=text, modules=PROXY))
    other = await web.read(servers.apache(main=text.replace(":9", ":10"), modules=PROXY))
    assert one.facts["Listen"] != other.facts["Listen"]
    assert drift(one, other) == set()
    assert len(one.facts) > 40


@pytest.mark.parametrize(
    ("section", "text", "setting", "severity"),
    [
        ("directory", "AllowOverride All", "Directory[DocumentRoot]/AllowOverride", Severity.CRITICAL),
        ("main", "LimitRequestBody 1000000", "LimitRequestBody", Severity.WARNING),
        ("main", "Timeout 300", "Timeout", Severity.WARNING),
        ("main", "KeepAliveTimeout 75", "KeepAliveTimeout", Severity.WARNING),
        ("main", "AllowEncodedSlashes On", "AllowEncodedSlashes", Severity.CRITICAL),
        ("main", "RewriteRule ^/a$ /b [L]", "rewrites", Severity.CRITICAL),
        ("main", "MaxRequestWorkers 800", "MaxRequestWorkers", Severity.WARNING),
        ("main", "ServerTokens Prod", "ServerTokens", Severity.INFO),
    ],
)
async def test_planted_directive_is_the_only_drift(
    servers: Servers, section: str, text: str, setting: str, severity: str
) -> None:
    """It has its context, its severity and its line."""
    texts = {"main": "", "directory": "", section: text}
    plain, planted = await web.read(servers.apache()), await web.read(servers.apache(**texts))
    assert drift(plain, planted) == {setting}
    row = web.rows(plain, planted, kind="apache")[setting]
    assert row.severity == severity
    assert "httpd.conf:" in row.cells[1].source


async def test_other_mpm_and_missing_module_are_critical(servers: Servers) -> None:
    one = await web.read(servers.apache())
    modules = ("mpm_prefork", *(name for name in MODULES if name not in ("mpm_event", "rewrite")))
    compared = web.rows(one, await web.read(servers.apache(modules=modules)), kind="apache")
    odd = {name: row.severity for name, row in compared.items() if row.verdict is Verdict.DRIFT}
    assert odd["mpm"] is odd["module.rewrite"] is Severity.CRITICAL
    assert set(odd) == {"mpm", "module.rewrite", "module.mpm_event", "module.mpm_prefork"}


async def test_reading_writes_no_file_and_starts_nothing(servers: Servers, tmp_path: Path) -> None:
    """Not even the program of a piped log."""
    server = servers.apache()
    server.text["main"] = f'CustomLog "|/usr/bin/touch {tmp_path}/started" common'
    server.configure()

    def state() -> dict[str, int]:
        return {path: os.stat(path).st_mtime_ns for path in map(str, server.folder.rglob("*"))}

    server.kill()  # a running server writes its log
    before = state()
    reading = await web.read(server)
    assert "CustomLog" in reading.facts
    assert state() == before
    assert os.listdir(tmp_path) == []


async def test_invalid_or_missing_configuration_is_a_failure(servers: Servers, tmp_path: Path) -> None:
    """In Apache's own words, once: nothing that depends on it can be compared."""
    server = servers.apache()
    server.text["main"] = "NoSuchDirective on"
    server.configure()
    with pytest.raises(ServiceError, match=r"check of the configuration fails.*NoSuchDirective") as caught:
        await web.read(server)
    assert caught.value.reason is Reason.SERVER
    with pytest.raises(ServiceError, match=r"Could not open configuration file .*/none\.conf"):
        await web.read(web.target(f"apache+local://{tmp_path}/none.conf"))


async def test_output_is_parsed_only_if_it_changed(servers: Servers) -> None:
    """Equal output gives the same Reading object."""
    server = servers.apache()
    target = web.target(server.url())
    async with SERVICE.connect(target, NetworkDialer(target, 20)) as read:
        first = await read()
        assert await read() is first
        server.text["main"] = "Timeout 90"
        server.configure()
        assert (await read()).facts["Timeout"].raw == "90"


def test_documented_privilege_suffices(servers: Servers) -> None:
    """The script runs as the server's own user."""
    server = servers.apache(main="Timeout 90")
    user = server.home.user.pw_uid if server.home.user else None
    text = script("@x", f"{server.folder}/httpd.conf")
    out = subprocess.run(["sh", "-s"], input=text, text=True, capture_output=True, check=True, user=user).stdout
    reading = parse(split_output(out, "@x"), "")
    assert (reading.facts["Timeout"].raw, reading.facts["module.rewrite"].raw) == ("90", "shared")


def test_order_of_the_dump_does_not_matter() -> None:
    """Mutexes are printed in another order by every process."""
    text = "@ run\n{}\n{}\n@ result {}\n"
    assert split_output(text.format("a", "b", 0), "@") == split_output(text.format("b", "a", 0), "@")
    assert split_output(text.format("b", "a", 1), "@")["run"] == "b\na"  # error messages keep their order


def test_missing_program_and_other_httpd_are_reported() -> None:
    target = web.target("apache+local://")
    busybox = "BusyBox v1.36 httpd: applet not found"
    with pytest.raises(ServiceError, match="what no Apache does: BusyBox") as caught:
        parse({"version": busybox, "end": ""}, "web1")
    assert caught.value.reason is Reason.WRONG_SERVICE
    with pytest.raises(ServiceError, match="no apache2 or httpd"):
        parse(split_output("@ missing\n", "@"), target.host)


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
    assert drift(dev, production) == {"SSLEngine", "VirtualHost[redirect]/Redirect"}


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
    with pytest.raises(ServiceError, match="sections within sections"):
        made("<a b>\n" * 100)

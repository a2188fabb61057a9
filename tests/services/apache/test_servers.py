"""Apache httpd: a real server, and configurations without a server."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from parity_tui.demo.apache import MODULES
from parity_tui.demo.servers import Servers
from parity_tui.model import Reason, ServiceError, Severity, Verdict
from parity_tui.services.apache import SERVICE
from parity_tui.services.apache.parse import parse
from parity_tui.services.apache.parse.output import split_output
from parity_tui.services.apache.queries import script
from parity_tui.transport.dialer import NetworkDialer
from tests.services import web
from tests.services.apache.builders import drift
from tests.services.roots import executable

PROXY = (*MODULES, "proxy", "proxy_http")


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
    with pytest.raises(ServiceError, match=r"its configuration check fails.*NoSuchDirective") as caught:
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
    with pytest.raises(ServiceError, match="unexpected output of Apache: BusyBox") as caught:
        parse({"version": busybox, "end": ""}, "web1")
    assert caught.value.reason is Reason.WRONG_SERVICE
    with pytest.raises(ServiceError, match="no apache2 or httpd"):
        parse(split_output("@ missing\n", "@"), target.host)


async def test_apache_that_is_killed_is_not_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "echo 'Server version: Apache/2.4.71 (Debian)'; case $* in *-V) kill -9 $$ ;; esac"
    executable(tmp_path, "apache2", text)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(ServiceError, match="ends with code 137"):
        await web.read(web.target("apache+local://"))
